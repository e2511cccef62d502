"""Clients, points and bands, read back from the record."""

from __future__ import annotations

import difflib
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.band import Band
from feedback.history import tables as t
from feedback.history.corrections import void_presses
from feedback.history.records import (
    BandInForce,
    ClientRecord,
    ClientSummary,
    PointRecord,
    PointSummary,
    Posterior,
)
from feedback.points import Point

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

_AREA_TOLERANCE_CM2 = 1e-6


def find_client(connection: sa.Connection, code: str) -> ClientRecord | None:
    """The client with this code."""
    row = connection.execute(sa.select(t.client).where(t.client.c.code == code)).first()
    return ClientRecord(row.id, row.code, row.created_at, row.note) if row else None


def unknown_client(code: str, known: Sequence[str], who: str = "client") -> str:
    """What to say of a code that no client (or `who` else it is) has, with those that look like it."""
    if not known:
        return f"there is no {who} “{code}” in the record: it holds no {who} yet"
    folded = {other.casefold(): other for other in known}
    near = difflib.get_close_matches(code.casefold(), folded, n=3, cutoff=0.5)
    if near:
        return (
            f"there is no {who} “{code}” in the record: did you mean {' or '.join(folded[n] for n in near)}?"
        )
    some = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    return f"there is no {who} “{code}” in the record: it knows {some}"


def find_point(connection: sa.Connection, client_id: UUID, point: Point) -> PointRecord | None:
    """This point of this client."""
    row = connection.execute(
        sa.select(t.point).where(
            t.point.c.client_id == client_id,
            t.point.c.muscle == point.muscle,
            t.point.c.side == point.side,
            t.point.c.label == point.label,
        )
    ).first()
    return PointRecord(row.id, row.client_id, point, row.created_at) if row else None


def client_summaries(connection: sa.Connection) -> list[ClientSummary]:
    """All clients by code."""
    points = (
        sa.select(sa.func.count())
        .select_from(t.point)
        .where(t.point.c.client_id == t.client.c.id)
        .scalar_subquery()
    )
    sessions = (
        sa.select(
            t.session.c.client_id,
            sa.func.count().label("n"),
            sa.func.max(t.session.c.started_at).label("last"),
        )
        .group_by(t.session.c.client_id)
        .subquery()
    )
    rows = connection.execute(
        sa.select(t.client, points.label("points"), sessions.c.n, sessions.c.last)
        .outerjoin(sessions, sessions.c.client_id == t.client.c.id)
        .order_by(t.client.c.code)
    )
    return [
        ClientSummary(row.id, row.code, row.created_at, row.note, row.points, row.n or 0, row.last)
        for row in rows
    ]


def point_summaries(connection: sa.Connection, client_id: UUID) -> list[PointSummary]:
    """All points of a client, last pressed first, then those never pressed by name; void presses do not count."""
    void = void_presses(connection, client_id)
    presses: dict[UUID, int] = defaultdict(int)
    sessions: dict[UUID, set[UUID]] = defaultdict(set)
    last: dict[UUID, datetime] = {}
    for row in connection.execute(
        sa.select(
            t.press.c.id, t.press.c.point_id, t.press.c.session_id, t.press.c.end_us, t.session.c.started_at
        )
        .join(t.point, t.point.c.id == t.press.c.point_id)
        .join(t.session, t.session.c.id == t.press.c.session_id)
        .where(t.point.c.client_id == client_id)
    ):
        if row.id in void:
            continue
        presses[row.point_id] += 1
        sessions[row.point_id].add(row.session_id)
        moment = row.started_at + timedelta(microseconds=row.end_us)
        last[row.point_id] = max(last.get(row.point_id, moment), moment)
    bands = newest_bands(connection, client_id)
    found: list[PointSummary] = []
    for row in connection.execute(sa.select(t.point).where(t.point.c.client_id == client_id)):
        band = bands.get(row.id)
        found.append(
            PointSummary(
                id=row.id,
                point=Point(row.muscle, row.side, row.label),
                created_at=row.created_at,
                presses=presses[row.id],
                sessions=len(sessions[row.id]),
                last_pressed=last.get(row.id),
                band=band_of(band) if band else None,
                ceiling_kpa=band.ceiling_kpa if band else None,
                applicator=band.applicator if band else None,
                tip_area_cm2=band.tip_area_cm2 if band else None,
            )
        )
    found.sort(key=lambda s: (-s.last_pressed.timestamp() if s.last_pressed else 0.0, s.point))
    return found


def newest_bands(connection: sa.Connection, client_id: UUID) -> dict[UUID, Any]:
    """The newest row of the band table, with whatever applicator, of each point of a client that has one."""
    newest = (
        sa.select(t.band.c.point_id, sa.func.max(t.band.c.at).label("at"))
        .join(t.point, t.point.c.id == t.band.c.point_id)
        .where(t.point.c.client_id == client_id)
        .group_by(t.band.c.point_id)
        .subquery()
    )
    columns = [column for column in t.band.c if not isinstance(column.type, sa.LargeBinary)]
    rows = connection.execute(
        sa.select(*columns).join(
            newest, (newest.c.point_id == t.band.c.point_id) & (newest.c.at == t.band.c.at)
        )
    )
    return {row.point_id: row for row in rows}


def newest_band_row(
    connection: sa.Connection,
    point_id: UUID,
    applicator: str,
    tip_area_cm2: float,
    *,
    with_posterior: bool = False,
) -> Any:
    """The newest row of the band table for a point with this applicator and area, or None."""
    query = sa.select(t.band).where(
        t.band.c.point_id == point_id,
        t.band.c.applicator == applicator,
        t.band.c.tip_area_cm2.between(tip_area_cm2 - _AREA_TOLERANCE_CM2, tip_area_cm2 + _AREA_TOLERANCE_CM2),
    )
    if with_posterior:
        query = query.where(t.band.c.posterior.is_not(None))
    return connection.execute(query.order_by(t.band.c.at.desc()).limit(1)).first()


def newest_band(
    connection: sa.Connection, point_id: UUID, applicator: str, tip_area_cm2: float
) -> BandInForce:
    """The newest band and ceiling."""
    row = newest_band_row(connection, point_id, applicator, tip_area_cm2)
    return BandInForce(band_of(row), row.ceiling_kpa) if row else BandInForce(None, None)


def newest_posterior(
    connection: sa.Connection, point_id: UUID, applicator: str, tip_area_cm2: float
) -> Posterior | None:
    """The newest posterior."""
    row = newest_band_row(connection, point_id, applicator, tip_area_cm2, with_posterior=True)
    return Posterior(bytes(row.posterior), row.posterior_version) if row else None


def band_of(row: Any) -> Band | None:
    """The band in a row of the band table; None where it says that there was none."""
    if row.lower_kpa is None or row.upper_kpa is None:
        return None

    def interval(low: float | None, high: float | None) -> tuple[float, float] | None:
        return None if low is None or high is None else (low, high)

    return Band(
        row.lower_kpa,
        row.upper_kpa,
        interval(row.lower_low_kpa, row.lower_high_kpa),
        interval(row.upper_low_kpa, row.upper_high_kpa),
        row.source,
        row.because,
    )
