"""The product's own source, parsed: for rules that hold for every line of it."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("feedback", "firmware_bridge", "sim", "tui")


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """(path within the project, syntax tree) of every module."""
    paths = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    assert len(paths) > 300
    # Millions of nodes are made and kept: the collector would look at all of them again and again.
    gc.disable()
    try:
        return tuple((str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))) for path in paths)
    finally:
        gc.enable()


@cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Every node that a rule looks at."""
    looked_at = (ast.Call, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    return tuple(node for node in ast.walk(tree) if isinstance(node, looked_at))


def calls(within: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """(dotted name, call) of every call of a name or of an attribute of names."""
    for node in nodes(within) if isinstance(within, ast.Module) else ast.walk(within):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            yield name, node


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            # What an attribute is taken of may be anything: its name is what tells.
            return f"{dotted(value)}.{attr}"
        case _:
            return ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((given.value for given in call.keywords if given.arg == name), None)
