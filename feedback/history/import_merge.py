"""Rows from another record put to those that are there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.history import tables as t

if TYPE_CHECKING:
    from uuid import UUID

    Row = dict[str, Any]

_NAMES: dict[str, tuple[str, ...]] = {
    "client": ("code",),
    "trainee": ("code",),
    "point": ("client_id", "muscle", "side", "label"),
}
"""What else names a row, beside its id: two of the same name are one."""
_OWNERS = {"sample_chunk": "session_id", "attempt_chunk": "attempt_id"}
_FEW = 500


class Merge:
    """Adds rows, parents first, in a transaction of somebody else.

    Attributes:
        added: rows that are new, by table of the export.
        there: rows that were there.
        merged: codes that were there with another id.
        people: codes of the clients and trainees who are new, by the name of their table and their id.
        left_out: sentences.
    """

    def __init__(self, *, unended: bool) -> None:
        self.added: Counter[str] = Counter()
        self.there: Counter[str] = Counter()
        self.merged: set[str] = set()
        self.people: dict[tuple[str, UUID], str] = {}
        self.left_out: list[str] = []
        self._unended = unended
        self._other: dict[UUID, UUID] = {}
        """Ids that go by another one in this record."""
        self._gone: set[UUID] = set()
        """Ids of what is left out."""
        self._full: dict[UUID, bool] = {}
        """Sessions and attempts by whether the record had samples of them before."""

    def add(self, connection: sa.Connection, name: str, table: sa.Table, rows: list[Row]) -> None:
        """Add rows of a table."""
        rows = self._that_stay(table, rows)
        for row in rows:
            for column in _references(table):
                if row.get(column) in self._other:
                    row[column] = self._other[row[column]]
        if table.name in _OWNERS:
            self._add_chunks(connection, name, table, rows)
            return
        there = _ids_there(connection, table, [row["id"] for row in rows])
        new: dict[UUID, Row] = {}
        for row in rows:
            if row["id"] in there or row["id"] in new:
                self.there[name] += 1
            elif table.name in _NAMES and (other := _same_name(connection, table, row)):
                self._other[row["id"]] = other
                self.there[name] += 1
                if "code" in row:
                    self.merged.add(row["code"])
            else:
                new[row["id"]] = row
        if new:
            connection.execute(table.insert(), list(new.values()))
            self.added[name] += len(new)
            if table in (t.client, t.trainee):
                self.people.update(((table.name, one), row["code"]) for one, row in new.items())

    def _that_stay(self, table: sa.Table, rows: list[Row]) -> list[Row]:
        """Without what had not ended, and what belongs to that."""
        stay: list[Row] = []
        for row in rows:
            ended = self._unended or table.name not in ("session", "attempt") or row["ended_at"] is not None
            if not ended:
                what = "session" if table is t.session else "attempt"
                began = row["started_at"] if table is t.session else row["at"]
                self.left_out.append(
                    f"the {what} of {began:%Y-%m-%d %H:%M} UTC had not ended when it was exported, and is left out"
                )
            if not ended or any(row.get(column) in self._gone for column in _references(table)):
                if "id" in row:
                    self._gone.add(row["id"])
            else:
                stay.append(row)
        return stay

    def _add_chunks(self, connection: sa.Connection, name: str, table: sa.Table, rows: list[Row]) -> None:
        owner = _OWNERS[table.name]
        new: list[Row] = []
        for row in rows:
            owner_id = row[owner]
            if owner_id not in self._full:
                found = connection.execute(sa.select(table.c.n).where(table.c[owner] == owner_id).limit(1))
                self._full[owner_id] = found.first() is not None
            if self._full[owner_id]:
                self.there[name] += row["n"]
            else:
                new.append(row)
                self.added[name] += row["n"]
        if new:
            connection.execute(table.insert(), new)


def _references(table: sa.Table) -> list[str]:
    """Columns with the id of another row."""
    return [key.parent.name for key in table.foreign_keys]


def _ids_there(connection: sa.Connection, table: sa.Table, ids: list[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(ids), _FEW):
        query = sa.select(table.c.id).where(table.c.id.in_(ids[start : start + _FEW]))
        found.update(connection.execute(query).scalars())
    return found


def _same_name(connection: sa.Connection, table: sa.Table, row: Row) -> UUID | None:
    query = sa.select(table.c.id)
    for column in _NAMES[table.name]:
        query = query.where(table.c[column] == row[column])
    return connection.execute(query).scalar()
