"""No widget takes words of people and devices for markup."""

from __future__ import annotations

import ast

from tests.security.product import calls, dotted, keyword, modules, nodes

TAKES_MARKUP = {"Static", "Label", "OptionList", "SelectionList", "Button", "Digits"}


def _of_textual(tree: ast.Module) -> set[str]:
    """Which of them the module has from Textual; ours of the same names are other things."""
    return {
        name.name
        for node in nodes(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual")
        for name in node.names
    } & TAKES_MARKUP


def _says_no(call: ast.Call) -> bool:
    given = keyword(call, "markup")
    return isinstance(given, ast.Constant) and given.value is False


def _fixed(call: ast.Call) -> bool:
    """Only words that are written in the source: they hold no markup that somebody else could have meant."""
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and bool(first.value)


def test_every_widget_whose_words_are_not_fixed_is_told_that_they_are_no_markup() -> None:
    wrong: list[str] = []
    for path, tree in modules():
        if not path.startswith("tui/") or not (theirs := _of_textual(tree)):
            continue
        wrong += [
            f"{path}:{call.lineno} {name}"
            for name, call in calls(tree)
            if name in theirs and not _says_no(call) and not _fixed(call)
        ]
        for node in nodes(tree):
            if not isinstance(node, ast.ClassDef) or not {dotted(base) for base in node.bases} & theirs:
                continue
            begun = [call for name, call in calls(node) if name == ".__init__"]
            if not begun or not all(_says_no(call) for call in begun):
                wrong.append(f"{path}:{node.lineno} class {node.name}")
    assert not wrong, "\n".join(wrong)
