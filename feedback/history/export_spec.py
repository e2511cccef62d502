"""How a table of an export is told: what its columns are and where in the record each comes from.

Exporting asks a `Spec` for rows; importing asks the same `Spec` which column of the record a cell goes to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.export_types import Batch, Column, Kind, TableOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from feedback.history.export_facts import Facts
    from feedback.history.export_types import Query

    From = Callable[[Any, Facts], object]

_ROWS = 4000
_UNITS = {
    "_counts_per_n": "1/N",
    "_kpa_per_s": "kPa/s",
    "_per_n": "1/N",
    "_n_s": "N.s",
    "_kpa": "kPa",
    "_n": "N",
    "_s": "s",
    "_h": "h",
    "_us": "us",
    "_offset_min": "min",
    "_cm2": "cm2",
    "_pct": "%",
    "_hz": "Hz",
    "_ppm": "[ppm]",
}
"""Endings of column names with their units as UCUM writes them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A column, and where its values come from: a column of the query (`queried`), or a function of its row."""

    column: Column
    queried: sa.ColumnElement[Any] | None = None
    made: From | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """A table of the export.

    Attributes:
        name: of the table.
        says: what one row is.
        table: the record's table that its rows are kept in; None for one that is worked out.
        cells: the columns.
        joined: the tables of the query.
        order: of the rows; total, and the same on every database.
        client_id: whose a row is, for the export of one client; None when it is no client's.
        where: which rows of the record's table; None for all.
        fixed: values of columns of the record that are not exported because they are always the same.
        extra: columns that the functions of cells need, by the names they use.
        refers: column to (table, column) whose values it takes.
        rows_of: makes the batches where a plain query does not.
        weight: how many rows of the export a row of the record comes to; None for one.
        trainee_id: whose a row is, for the export of one trainee; None when it is no trainee's.
    """

    name: str
    says: str
    table: sa.Table | None
    cells: tuple[Cell, ...]
    joined: sa.FromClause
    order: tuple[sa.ColumnElement[Any], ...]
    client_id: sa.ColumnElement[Any] | None = None
    where: sa.ColumnElement[bool] | None = None
    fixed: dict[str, object] = field(default_factory=dict[str, object])
    extra: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict[str, "sa.ColumnElement[Any]"])
    refers: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    rows_of: Callable[[Spec, Facts], Iterator[Batch]] | None = None
    weight: sa.ColumnElement[Any] | None = None
    trainee_id: sa.ColumnElement[Any] | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns alone."""
        return tuple(cell.column for cell in self.cells)

    @property
    def key(self) -> tuple[str, ...]:
        """The column that names a row: the one that holds the id of the record's row, if all rows have one."""
        return tuple(c.column.name for c in self.cells if c.column.kept == "id" and c.column.needed)

    def out(self, facts: Facts) -> TableOut:
        """The table, to be read from the record."""
        make = self.rows_of or queried
        counted = sa.func.count() if self.weight is None else sa.func.sum(self.weight)
        size = facts.count(self._filtered(sa.select(counted), facts))
        return TableOut(
            self.name, self.says, self.columns, self.key, self.refers, lambda: make(self, facts), size
        )

    def query(self, facts: Facts) -> Query:
        """All rows in order; every column under its exported name."""
        wanted = [cell.queried.label(cell.column.name) for cell in self.cells if cell.queried is not None]
        wanted += [source.label(name) for name, source in self.extra.items()]
        return self._filtered(sa.select(*wanted), facts).order_by(*self.order)

    def _filtered(self, query: Query, facts: Facts) -> Query:
        query = query.select_from(self.joined)
        if self.where is not None:
            query = query.where(self.where)
        for wanted, mine in ((facts.client_id, self.client_id), (facts.trainee_id, self.trainee_id)):
            if wanted is not None:
                query = query.where(sa.false() if mine is None else mine == wanted)
        return query


def queried(spec: Spec, facts: Facts) -> Iterator[Batch]:
    """The rows of the query, some thousand at a time."""
    for rows in facts.partitions(spec.query(facts), _ROWS):
        yield batch_of(spec, rows, facts)


def batch_of(spec: Spec, rows: list[Any], facts: Facts) -> Batch:
    """Rows of the query as a batch."""
    place = {name: i for i, name in enumerate(rows[0]._fields)} if rows else {}
    columns: list[list[Any]] = []
    for cell in spec.cells:
        if cell.made is not None:
            make = cell.made
            columns.append([make(row, facts) for row in rows])
        else:
            i = place[cell.column.name]
            columns.append([row[i] for row in rows])
    return Batch(len(rows), tuple(columns))


def kept(name: str, source: sa.Column[Any], says: str, *, kind: Kind | None = None) -> Cell:
    """A column of the record, exactly as it stands there."""
    column = Column(
        name, kind or _kind(name, source), says, _unit(name), needed=not source.nullable, kept=source.name
    )
    return Cell(column, source)


def told(
    name: str,
    kind: Kind,
    source: sa.ColumnElement[Any] | From,
    says: str,
    decimals: int | None = None,
) -> Cell:
    """A column that is worked out, for whoever reads."""
    column = Column(name, kind, says, _unit(name), decimals=decimals)
    return Cell(column, made=source) if callable(source) else Cell(column, source)


def client_cell(source: sa.ColumnElement[Any] | None = None) -> Cell:
    """The client's code."""
    return told("client", Kind.TEXT, t.client.c.code if source is None else source, "The client's code.")


def point_cells(point_id: sa.Column[Any] | None = None) -> tuple[Cell, ...]:
    """Muscle, side and label of the point that is joined; and its id, when the column that holds it is given."""
    words = (
        told("muscle", Kind.TEXT, t.point.c.muscle, "Muscle of the trigger point."),
        told("side", Kind.TEXT, t.point.c.side, "Its side."),
        told("label", Kind.TEXT, t.point.c.label, "What tells it from others in the muscle."),
    )
    return words if point_id is None else (*words, kept("point_id", point_id, "The trigger point."))


def moment_cell(time: str = "time_s") -> Cell:
    """The time of day of a moment of the session, whose time since the start is in the column `time`."""

    def moment(row: Any, _facts: Facts) -> datetime | None:
        return moment_of(row.x_started_at, getattr(row, time))

    return told("at_utc", Kind.TIME, moment, "Time of day, from the start of the session.")


def moment_of(started_at: datetime, t_us: int | None) -> datetime | None:
    """So many microseconds later; None where no calendar has that day."""
    try:
        return None if t_us is None else started_at + timedelta(microseconds=t_us)
    except OverflowError:
        return None


STARTED = {"x_started_at": t.session.c.started_at}
"""`Spec.extra` of tables with a `moment_cell`."""


def of_session(table: sa.Table) -> sa.FromClause:
    """A table with its sessions and clients."""
    return table.join(t.session, table.c.session_id == t.session.c.id).join(
        t.client, t.session.c.client_id == t.client.c.id
    )


def with_point(joined: sa.FromClause, table: sa.Table) -> sa.FromClause:
    """And with the points, where there is one."""
    return joined.join(t.point, table.c.point_id == t.point.c.id, isouter=True)


def session_order(*then: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[Any], ...]:
    """By session, oldest first, and within it so."""
    return (t.session.c.started_at, t.session.c.id, *then)


def _kind(name: str, source: sa.Column[Any]) -> Kind:
    kinds: list[tuple[type, Kind]] = [
        (sa.Uuid, Kind.ID),
        (t.UtcDateTime, Kind.TIME),
        (sa.LargeBinary, Kind.BYTES),
        (sa.Boolean, Kind.TRUTH),
        (sa.String, Kind.TEXT),
        (sa.Float, Kind.NUMBER),
    ]
    for type_, kind in kinds:
        if isinstance(source.type, type_):
            return kind
    if source.name == "quality":
        return Kind.FLAGS
    return Kind.SECONDS if source.name.endswith("_us") and name.endswith("_s") else Kind.WHOLE


def _unit(name: str) -> str:
    return next((unit for ending, unit in _UNITS.items() if f"_{name}".endswith(ending)), "")
