"""Which of two entries is the newer: the one that was made later, also when the clock of the computer was set back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.history import tables

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID


def later_at(
    connection: sa.Connection, table: sa.Table, owner: str, owner_id: UUID, at: datetime
) -> datetime:
    """`at`, or just after the newest entry of the owner when that claims to be from later.

    Args:
        connection: one that writes, so that nobody else adds an entry meanwhile.
        table: with a column `at`.
        owner: name of the column that says whose entry it is.
        owner_id: whose.
        at: the time of day, aware.
    """
    newest: datetime | None = connection.execute(
        sa.select(sa.func.max(table.c.at)).where(table.c[owner] == owner_id)
    ).scalar()
    return at if newest is None or at > newest else newest + timedelta(microseconds=1)


def insert(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    """Add rows in order; a band is always later than those its point has."""
    if table is not tables.band:
        connection.execute(table.insert(), list(rows))
        return
    for values in rows:
        point_id, at = values.get("point_id"), values["at"]
        if point_id is not None:
            at = later_at(connection, table, "point_id", point_id, at)
        connection.execute(table.insert(), [{**values, "at": at}])
