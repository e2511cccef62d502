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


WORDS = {"Text", "Text.assemble", "Content", "level_text", "_stage_cells"}
"""What is made by these is no markup: the last two say so in their signatures, to which pyright sees."""


def _no_markup(node: ast.expr | None) -> bool:
    """Words of the source, or made by something that takes words for words."""
    match node:
        case None | ast.Constant():
            return True
        case ast.Call(func=func):
            return dotted(func) in WORDS
        case ast.Starred(value=ast.GeneratorExp(elt=made) | ast.ListComp(elt=made)):
            return _no_markup(made)
        case ast.IfExp(body=one, orelse=other):
            return _no_markup(one) and _no_markup(other)
        case ast.JoinedStr(values=parts):
            return all(isinstance(part, ast.Constant) for part in parts)
        case _:
            return False


def _functions(tree: ast.Module) -> list[tuple[ast.AST, set[str]]]:
    """Every function with the names of those of its variables that hold `Text`, or lists and tuples of it."""
    found: list[tuple[ast.AST, set[str]]] = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        texts: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                of_texts = dotted(node.value.func) in WORDS
                texts |= {t.id for t in node.targets if isinstance(t, ast.Name) and of_texts}
        found.append((function, texts))
    return found


def test_cells_of_tables_that_rich_draws_are_words() -> None:
    wrong: list[str] = []
    for path, tree in modules():
        if not path.startswith("tui/") or "rich.table" not in _imported(tree):
            continue
        for function, texts in _functions(tree):
            for name, call in calls(function):
                if not name.endswith((".add_row", ".add_column")):
                    continue
                cells = call.args + [one.value for one in call.keywords if one.arg == "header"]
                for cell in cells:
                    inner = cell.value if isinstance(cell, ast.Starred) else cell
                    known = isinstance(inner, ast.Name) and inner.id in texts
                    if not (known or _no_markup(inner) or _no_markup(cell)):
                        wrong.append(f"{path}:{call.lineno} {ast.unparse(cell)}")
    assert not wrong, "\n".join(wrong)


def test_tables_to_walk_in_take_words_for_words() -> None:
    """`DataTable` takes every text for markup, so that only ours, which does not, is used."""
    wrong = [
        f"{path}:{call.lineno}"
        for path, tree in modules()
        for name, call in calls(tree)
        if name.split("[")[0] == "DataTable"
    ]
    wrong += [
        f"{path}:{node.lineno} class {node.name}"
        for path, tree in modules()
        for node in nodes(tree)
        if isinstance(node, ast.ClassDef)
        and path != "tui/screens/practise/lines.py"
        and any("DataTable" in ast.unparse(base) for base in node.bases)
    ]
    assert not wrong, "\n".join(wrong)


def test_titles_of_frames_hints_and_choices_are_words_of_ours() -> None:
    """Textual takes every text that becomes one of them for markup."""
    wrong: list[str] = []
    for path, tree in modules():
        if not path.startswith("tui/"):
            continue
        for node in nodes(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {dotted(target).split(".")[-1] for target in targets}
                framed = names & {
                    "border_title",
                    "border_subtitle",
                    "tooltip",
                    "BORDER_TITLE",
                    "BORDER_SUBTITLE",
                }
                if framed and not _no_markup(node.value):
                    wrong.append(f"{path}:{node.lineno} {ast.unparse(node)}")
        for name, call in calls(tree):
            if name == "Select":
                rows = call.args[0] if call.args else keyword(call, "options")
                if not _rows_of_words(rows):
                    wrong.append(f"{path}:{call.lineno} {ast.unparse(call)[:100]}")
    assert not wrong, "\n".join(wrong)


def _rows_of_words(rows: ast.expr | None) -> bool:
    """A list of (words, value); what is put together before is looked at where that happens."""
    match rows:
        case ast.ListComp(elt=ast.Tuple(elts=[first, *_])):
            return _no_markup(first)
        case ast.List(elts=entries):
            return all(
                (isinstance(one, ast.Tuple) and _no_markup(one.elts[0]))
                or (isinstance(one, ast.Starred) and isinstance(one.value, ast.Name))
                for one in entries
            )
        case _:
            return False


def _imported(tree: ast.Module) -> set[str]:
    return {node.module or "" for node in nodes(tree) if isinstance(node, ast.ImportFrom)}
