"""What a row of each table can be: which columns it has, and which values make sense in them."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.codec import decode
from feedback.history.errors import HistoryDamagedError
from feedback.history.values import check_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedback.history.salvage.cells import Cell, Value

_UUID = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?")
_WORD = re.compile(r"[^\x00-\x1f\x7f]*")
_TEXT = re.compile(r"[^\x00-\x08\x0e-\x1f\x7f]*")
_JSON = frozenset({"curve", "repeats", "scores", "target"})
_HUGE = 1e12
"""No figure of a record is as large, in whatever unit, nor as close to zero as one over it without being zero."""
_FAR_US = 10**15
"""Thirty years in microseconds; a device's own clock is in the samples, not in a column."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How rows of one table are recognised.

    Attributes:
        table: which.
        names: of its columns, in the order in which they are stored.
        checks: one for each column: whether a value can stand there, strictly or not.
        parents: for each column with a foreign key: its place, the table it names, whether it may be null.
        key: place of the column that is SQLite's own row number; None where that is not kept.
    """

    table: sa.Table
    names: tuple[str, ...]
    checks: tuple[Callable[[Value, bool], bool], ...]
    parents: tuple[tuple[int, str, bool], ...]
    key: int | None

    def row(self, cell: Cell, *, strict: bool) -> tuple[Value, ...] | None:
        """The values of a row of this table, as they are to be stored; None when it cannot be one.

        Args:
            cell: as read from a page. It may have fewer columns: those that were added later are null then.
            strict: bytes beside it are damaged: what is odd is not believed.
        """
        values = cell.values
        if not 0 < len(values) <= len(self.names):
            return None
        if self.key is not None:
            if values[self.key] is not None or cell.rowid < 1:
                return None
            values = (*values[: self.key], cell.rowid, *values[self.key + 1 :])
        values = (*values, *(None for _ in range(len(self.names) - len(values))))
        if all(check(value, strict) for check, value in zip(self.checks, values, strict=True)):
            return values
        return None


def rules() -> tuple[Rule, ...]:
    """Rules for all tables, parents before children."""
    return tuple(_rule(table) for table in t.metadata.sorted_tables)


def chunk_problem(rule: Rule, values: tuple[Value, ...]) -> bool:
    """The samples of a chunk do not come out, or are not those that its row tells of."""
    told = dict(zip(rule.names, values, strict=True))
    try:
        samples = decode(str(told["codec"]), bytes(told["payload"]), int(told["n"]))  # type: ignore[arg-type]
    except (HistoryDamagedError, ValueError, OverflowError, MemoryError):
        return True
    if not len(samples):
        return True
    return (
        int(samples.t_us[0]) != told["t0_us"]
        or int(samples.t_us[-1]) != told["t1_us"]
        or int(samples.lost_before.sum()) != told["lost"]
    )


def _rule(table: sa.Table) -> Rule:
    columns = list(table.columns)
    parents = tuple(
        (place, key.column.table.name, bool(column.nullable))
        for place, column in enumerate(columns)
        for key in column.foreign_keys
    )
    first = columns[0]
    key = 0 if first.primary_key and not isinstance(first.type, sa.Uuid) else None
    return Rule(
        table,
        tuple(column.name for column in columns),
        tuple(_check(column) for column in columns),
        parents,
        key,
    )


def _check(column: sa.Column[object]) -> Callable[[Value, bool], bool]:
    by_kind = _by_kind(column)

    def check(value: Value, strict: bool) -> bool:
        if value is None:
            return bool(column.nullable)
        return by_kind(value, strict) and _makes_sense(column, value)

    return check


def _makes_sense(column: sa.Column[object], value: Value) -> bool:
    try:
        check_value(column.table.name, column.name, value)
    except ValueError:
        return False
    return True


def _by_kind(column: sa.Column[object]) -> Callable[[Value, bool], bool]:
    kind = column.type
    if isinstance(kind, sa.Uuid):
        return lambda value, strict: isinstance(value, str) and _UUID.fullmatch(value) is not None
    if isinstance(kind, t.UtcDateTime):
        return lambda value, strict: isinstance(value, str) and _is_time(value)
    if isinstance(kind, sa.Boolean):
        return lambda value, strict: isinstance(value, int) and value in (0, 1)
    if isinstance(kind, sa.Float):
        return lambda value, strict: (
            isinstance(value, int | float)
            and math.isfinite(value)
            and (not strict or value == 0 or 1 / _HUGE < abs(value) < _HUGE)
        )
    if isinstance(kind, sa.Integer):
        return lambda value, strict: isinstance(value, int) and (not strict or -_FAR_US < value < _FAR_US)
    if isinstance(kind, sa.LargeBinary):
        return lambda value, strict: isinstance(value, bytes)
    if column.name in _JSON:
        return lambda value, strict: isinstance(value, str) and _is_json(value)
    shape = _WORD if isinstance(kind, sa.String) and kind.length else _TEXT
    return lambda value, strict: (
        isinstance(value, str)
        and ("\x00" not in value and (not strict or shape.fullmatch(value) is not None))
    )


def _is_time(value: str) -> bool:
    if not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True
