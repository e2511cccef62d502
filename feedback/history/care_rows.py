"""Rows of the course of care: read for a client, and turned into what they mean and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from feedback.care import Finding, FindingKind, PainArea
from feedback.points import Point

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAX_QUERY_VALUES = 500


def of_client(
    connection: sa.Connection, table: sa.Table, client_id: UUID, *order: sa.ColumnElement[Any]
) -> Sequence[Any]:
    """All rows of a client in this order."""
    return connection.execute(
        sa.select(table).where(table.c.client_id == client_id).order_by(*order)
    ).fetchall()


def parts_of(
    connection: sa.Connection, table: sa.Table, owner: sa.ColumnElement[Any], ids: Sequence[UUID]
) -> dict[UUID, list[Any]]:
    """Rows of a table of parts, such as the areas of an assessment, by the id of what they are parts of."""
    grouped: dict[UUID, list[Any]] = {}
    for start in range(0, len(ids), _MAX_QUERY_VALUES):
        query = sa.select(table, owner.label("owner")).where(
            owner.in_(ids[start : start + _MAX_QUERY_VALUES])
        )
        for row in connection.execute(query.order_by(table.c.seq)):
            grouped.setdefault(row.owner, []).append(row)
    return grouped


def insert_parts(
    connection: sa.Connection, table: sa.Table, owner: str, owner_id: UUID, rows: Iterable[dict[str, Any]]
) -> None:
    """Add the parts of something, in order."""
    values = [{"id": uuid4(), owner: owner_id, "seq": seq, **row} for seq, row in enumerate(rows)]
    if values:
        connection.execute(table.insert(), values)


def pain_values(area: PainArea) -> dict[str, Any]:
    """The columns of an area of pain."""
    return {
        "area": area.area,
        "side": area.side,
        "rating_now": area.now,
        "rating_usual": area.usual,
        "note": area.note,
    }


def finding_values(finding: Finding) -> dict[str, Any]:
    """The columns of a finding."""
    point = finding.point
    return {
        "kind": finding.kind.value,
        "area": finding.area,
        "side": finding.side,
        "text": finding.text,
        "referred": finding.referred,
        "point_muscle": point.muscle if point else None,
        "point_side": point.side if point else None,
        "point_label": point.label if point else None,
    }


def finding_of(row: Any) -> Finding:
    """A row of the finding table."""
    point = None
    if row.point_muscle is not None:
        point = Point(row.point_muscle, row.point_side or "", row.point_label or "")
    return Finding(FindingKind(row.kind), row.area, row.text, point, row.referred, row.side)
