"""Where a source file can be changed by one small error, found in its syntax tree.

What is left alone, because no test of behaviour could or should notice: docstrings, annotations, decorators, `__all__`,
sentences for people (any string with a space), what an error says, `strict=` of zip, `if TYPE_CHECKING`, and
`cast`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef

BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.MatMult: ast.Mult,
}
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
NAMES = {
    "min": "max",
    "max": "min",
    "all": "any",
    "any": "all",
    "minimum": "maximum",
    "maximum": "minimum",
    "argmax": "argmin",
    "argmin": "argmax",
    "floor": "ceil",
    "ceil": "floor",
    "popleft": "pop",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
    "isfinite": "isnan",
}
FLOAT_FACTOR = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One small error: `holder.field` (or its item `index`) becomes `new`.

    Attributes:
        kind: what sort of error.
        lines: first and last line of the statement it stands in; of a compound statement only the head.
        function: first line and qualified name of the outermost function around it; None for module and class level.
    """

    holder: ast.AST
    field: str
    index: int | None
    new: ast.AST | list[ast.keyword] | str | None
    kind: str
    statement: ast.AST
    lines: tuple[int, int]
    function: tuple[int, str] | None

    def _put(self, value: object) -> object:
        there = getattr(self.holder, self.field)
        if self.index is None:
            setattr(self.holder, self.field, value)
            return there
        old, there[self.index] = there[self.index], value
        return old

    def words(self) -> tuple[str, str]:
        """The statement before and after."""
        before = head_of(self.statement)
        old = self._put(self.new)
        after = head_of(self.new if isinstance(self.new, ast.stmt) else self.statement)
        self._put(old)
        return before, after

    def put_in(self) -> None:
        """Change the tree, for good."""
        self._put(self.new)


@dataclass(slots=True)
class Mutant:
    """One small error and what became of it: `killed`, `survived`, `timed out` or `not reached`."""

    file: str
    number: int
    line: int
    kind: str
    before: str
    after: str
    fate: str = ""
    by: str = ""

    @property
    def unnoticed(self) -> bool:
        """No test failed."""
        return self.fate in ("survived", "not reached")

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The same mutant in a file that has changed elsewhere."""
        return self.file, self.kind, self.before, self.after


def head_of(statement: ast.AST) -> str:
    """A statement as text; of a compound one only what stands before its body."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return f"def {statement.name}({ast.unparse(statement.args)}):"
        case ast.If() | ast.While():
            return f"{type(statement).__name__.lower()} {ast.unparse(statement.test)}:"
        case ast.For():
            return f"for {ast.unparse(statement.target)} in {ast.unparse(statement.iter)}:"
        case ast.With():
            return f"with {', '.join(map(ast.unparse, statement.items))}:"
        case ast.Match():
            return f"match {ast.unparse(statement.subject)}:"
        case ast.match_case():
            guard = f" if {ast.unparse(statement.guard)}" if statement.guard else ""
            return f"case {ast.unparse(statement.pattern)}{guard}:"
        case _:
            return ast.unparse(statement)


def sites_of(source: str) -> tuple[ast.Module, list[Site]]:
    """The tree of a source file and every site in it, always in the same order."""
    tree = ast.parse(source)
    return tree, list(_Finder().block(tree, "body"))


class _Finder:
    def __init__(self) -> None:
        self._statement: ast.AST = ast.Pass()
        self._lines = (0, 0)
        self._function: tuple[int, str] | None = None
        self._classes: list[str] = []

    def _site(self, holder: ast.AST, field: str, new: object, kind: str, index: int | None = None) -> Site:
        assert new is None or isinstance(new, ast.AST | list | str)
        return Site(holder, field, index, new, kind, self._statement, self._lines, self._function)

    def block(self, holder: ast.AST, field: str) -> Iterator[Site]:
        """Statements in their order."""
        body: list[ast.stmt] = getattr(holder, field)
        for index, statement in enumerate(body):
            if isinstance(statement, ast.Import | ast.ImportFrom) or _is_docstring(statement):
                continue
            yield from self._one(holder, field, index, statement)

    def _one(self, holder: ast.AST, field: str, index: int, statement: ast.stmt) -> Iterator[Site]:
        outer = self._statement, self._lines
        self._statement = statement
        inner = [getattr(statement, name, None) for name in ("body", "cases")]
        first_inner = min(
            (getattr(s, "lineno", None) or s.pattern.lineno for block in inner if block for s in block),
            default=None,
        )
        last = statement.end_lineno or statement.lineno
        self._lines = (statement.lineno, max(statement.lineno, first_inner - 1) if first_inner else last)
        yield from self._statement_sites(holder, field, index, statement)
        self._statement, self._lines = outer

    def _statement_sites(self, holder: ast.AST, field: str, index: int, s: ast.stmt) -> Iterator[Site]:
        match s:
            case ast.ClassDef():
                self._classes.append(s.name)
                yield from self.block(s, "body")
                self._classes.pop()
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self._function_sites(s)
            case ast.If() | ast.While():
                if isinstance(s.test, ast.Name) and s.test.id == "TYPE_CHECKING":
                    return
                yield from self._condition(s, "test")
                yield from self.block(s, "body")
                yield from self.block(s, "orelse")
            case ast.For():
                yield from self._expression(s, "iter")
                yield from self.block(s, "body")
                yield from self.block(s, "orelse")
            case ast.With():
                for item in s.items:
                    yield from self._expression(item, "context_expr")
                yield from self.block(s, "body")
            case ast.Try():
                for name in ("body", "orelse", "finalbody"):
                    yield from self.block(s, name)
                for handler in s.handlers:
                    yield from self.block(handler, "body")
            case ast.Match():
                yield from self._expression(s, "subject")
                for case in s.cases:
                    if case.guard:
                        yield from self._condition(case, "guard")
                    yield from self.block(case, "body")
            case ast.Return():
                if s.value is not None:
                    if not _is_falsy(s.value):
                        yield self._site(s, "value", ast.Constant(None), "return None")
                    yield from self._expression(s, "value")
            case ast.Raise():
                yield self._site(holder, field, ast.copy_location(ast.Pass(), s), "statement left out", index)
            case ast.Break() | ast.Continue():
                other = ast.Continue() if isinstance(s, ast.Break) else ast.Break()
                yield self._site(holder, field, ast.copy_location(other, s), "break and continue", index)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                yield from self._assignment(holder, field, index, s)
            case ast.Expr() | ast.Delete() | ast.Assert():
                if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant):
                    return
                yield self._site(holder, field, ast.copy_location(ast.Pass(), s), "statement left out", index)
                if isinstance(s, ast.Expr):
                    yield from self._expression(s, "value")
            case _:
                return

    def _function_sites(self, s: Function) -> Iterator[Site]:
        for name in ("defaults", "kw_defaults"):
            for i, default in enumerate(getattr(s.args, name)):
                if default is not None:
                    yield from self._expression(s.args, name, i)
        outer = self._function
        # What is cached runs in the first test that asks for it, and is of use to all: as if it ran at import.
        cached = any("cache" in ast.unparse(decorator) for decorator in s.decorator_list)
        if self._function is None and not cached:
            first = s.decorator_list[0].lineno if s.decorator_list else s.lineno
            self._function = (first, ".".join([*self._classes, s.name]))
        yield from self.block(s, "body")
        self._function = outer

    def _assignment(
        self, holder: ast.AST, field: str, index: int, s: ast.Assign | ast.AnnAssign | ast.AugAssign
    ) -> Iterator[Site]:
        if s.value is None:
            return
        targets = s.targets if isinstance(s, ast.Assign) else [s.target]
        named = isinstance(targets[0], ast.Name)
        if self._function is None and named and (_is_alias(s.value) or targets[0].id == "__all__"):
            return
        if isinstance(s, ast.AugAssign):
            if type(s.op) in BINARY:
                yield self._site(s, "op", BINARY[type(s.op)](), "arithmetic")
            if not named:
                plain = ast.copy_location(ast.Assign([s.target], s.value), s)
                yield self._site(holder, field, ast.fix_missing_locations(plain), "= for +=", index)
        if not named or isinstance(s, ast.AugAssign):
            yield self._site(holder, field, ast.copy_location(ast.Pass(), s), "statement left out", index)
        yield from self._expression(s, "value")

    def _condition(self, holder: ast.AST, field: str) -> Iterator[Site]:
        test: ast.expr = getattr(holder, field)
        if not isinstance(test, ast.UnaryOp):
            yield self._site(holder, field, _at(ast.UnaryOp(ast.Not(), test), test), "condition turned round")
        yield from self._expression(holder, field)

    def _expression(self, holder: ast.AST, field: str, index: int | None = None) -> Iterator[Site]:
        there = getattr(holder, field)
        node: ast.AST | None = there if index is None else there[index]
        if node is None:
            return

        def becomes(new: ast.AST, kind: str) -> Site:
            return self._site(holder, field, _at(new, node), kind, index)

        match node:
            case ast.Constant(value=value):
                new = _other_constant(value)
                if new is not None:
                    yield becomes(ast.Constant(new), "constant")
                return
            case ast.JoinedStr():
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        yield from self._expression(part, "value")
                return
            case ast.Compare():
                for i, op in enumerate(node.ops):
                    yield self._site(node, "ops", COMPARED[type(op)](), "comparison", i)
            case ast.BoolOp():
                other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
                yield self._site(node, "op", other, "and, or")
            case ast.BinOp():
                if type(node.op) in BINARY:
                    yield self._site(node, "op", BINARY[type(node.op)](), "arithmetic")
            case ast.UnaryOp():
                yield becomes(node.operand, "sign or not left out")
            case ast.IfExp():
                yield from self._condition(node, "test")
                yield from self._expression(node, "body")
                yield from self._expression(node, "orelse")
                return
            case ast.Name(id=name) if name in NAMES:
                yield self._site(node, "id", NAMES[name], "another function")
            case ast.Attribute(attr=name) if name in NAMES:
                yield self._site(node, "attr", NAMES[name], "another function")
            case ast.Slice():
                for end in ("lower", "upper", "step"):
                    if getattr(node, end) is not None:
                        yield self._site(node, end, None, "slice left open")
            case ast.Call():
                if _name(node.func) == "cast":
                    yield from self._expression(node, "args", 1)
                    return
                if _name(node.func).endswith("Error"):
                    return
                for keyword in node.keywords:
                    if keyword.arg not in (None, "strict"):
                        others = [other for other in node.keywords if other is not keyword]
                        yield self._site(node, "keywords", others, "argument left out")
            case ast.Lambda():
                yield from self._expression(node, "body")
                return
            case ast.comprehension():
                yield from self._expression(node, "iter")
                for i, test in enumerate(node.ifs):
                    yield self._site(
                        node, "ifs", _at(ast.UnaryOp(ast.Not(), test), test), "condition turned round", i
                    )
                    yield from self._expression(node, "ifs", i)
                return
            case _:
                pass
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                for i, item in enumerate(value):
                    if isinstance(item, ast.keyword):
                        if item.arg != "strict":
                            yield from self._expression(item, "value")
                    elif isinstance(item, ast.expr | ast.comprehension):
                        yield from self._expression(node, name, i)
            elif isinstance(value, ast.expr):
                yield from self._expression(node, name)


def _at(new: ast.AST, old: ast.AST) -> ast.AST:
    return ast.fix_missing_locations(ast.copy_location(new, old))


def _other_constant(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value * FLOAT_FACTOR if value else 1.0
        case str():
            return None if " " in value else f"{value}~"
        case bytes():
            return value + b"~"
        case _:
            return None


def _is_falsy(node: ast.expr) -> bool:
    """As good as None to who asks whether it is anything."""
    return isinstance(node, ast.Constant) and not node.value


def _is_docstring(s: ast.stmt) -> bool:
    return isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)


def _is_alias(value: ast.expr) -> bool:
    """`Array = NDArray[...]`."""
    return (
        isinstance(value, ast.Subscript)
        and isinstance(value.value, ast.Name)
        and value.value.id[:1].isupper()
    )


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
