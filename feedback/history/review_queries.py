"""The lists of a review: a few queries each, over indexes, whatever the size of the record."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.comfort import ReportKind
from feedback.history import tables as t
from feedback.history.corrections import in_force, void_presses
from feedback.history.errors import HistoryError
from feedback.history.queries import newest_bands
from feedback.history.review_rows import ClientRow, PointRow, PressDetail, PressRow, VisitRow
from feedback.history.rows import flag_words
from feedback.history.samples import sample_totals
from feedback.history.summaries import press_of, reports_of, session_summaries
from feedback.points import Point

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.history.records import SessionSummary, StoredPress, StoredReport

SIMULATED = "sim://"
"""How the address of a simulated sensor begins."""
_MAX_QUERY_VALUES = 500


def client_rows(connection: sa.Connection, typed: str) -> list[ClientRow]:
    """See `ReviewStore.clients`."""
    sessions = {
        row.client_id: row
        for row in connection.execute(
            sa.select(
                t.session.c.client_id,
                sa.func.count().label("visits"),
                sa.func.max(t.session.c.started_at).label("last_at"),
            ).group_by(t.session.c.client_id)
        )
    }
    points = _counts(
        connection, sa.select(t.point.c.client_id, sa.func.count()).group_by(t.point.c.client_id)
    )
    in_session = (
        sa.select(t.press.c.session_id, sa.func.count().label("n")).group_by(t.press.c.session_id).subquery()
    )
    presses = _counts(
        connection,
        sa.select(t.session.c.client_id, sa.func.sum(in_session.c.n))
        .join(in_session, in_session.c.session_id == t.session.c.id)
        .group_by(t.session.c.client_id),
    )
    for client_id, n in _void_counts(connection).items():
        presses[client_id] -= n
    looked_for = typed.strip().casefold()
    found: list[ClientRow] = []
    for row in connection.execute(sa.select(t.client.c.id, t.client.c.code)):
        if looked_for in row.code.casefold():
            session = sessions.get(row.id)
            found.append(
                ClientRow(
                    row.id,
                    row.code,
                    session.visits if session else 0,
                    points.get(row.id, 0),
                    presses.get(row.id, 0),
                    session.last_at if session else None,
                )
            )
    # Databases differ in how they sort words.
    return sorted(found, key=lambda client: (client.code.casefold(), client.code))


def _counts(connection: sa.Connection, query: sa.Select[Any, Any]) -> dict[UUID, int]:
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def _void_counts(connection: sa.Connection) -> dict[UUID, int]:
    void = sorted(void_presses(connection))
    counts: dict[UUID, int] = defaultdict(int)
    for start in range(0, len(void), _MAX_QUERY_VALUES):
        query = (
            sa.select(t.session.c.client_id, sa.func.count())
            .join(t.press, t.press.c.session_id == t.session.c.id)
            .where(t.press.c.id.in_(void[start : start + _MAX_QUERY_VALUES]))
            .group_by(t.session.c.client_id)
        )
        for client_id, n in connection.execute(query):
            counts[client_id] += n
    return counts


def point_rows(connection: sa.Connection, client_id: UUID) -> list[PointRow]:
    """See `ReviewStore.points`."""
    void = void_presses(connection, client_id)
    presses: dict[UUID, int] = defaultdict(int)
    visits: dict[UUID, set[UUID]] = defaultdict(set)
    last: dict[UUID, datetime] = {}
    query = (
        sa.select(t.press.c.id, t.press.c.point_id, t.press.c.session_id, t.session.c.started_at)
        .join(t.session, t.session.c.id == t.press.c.session_id)
        .where(t.session.c.client_id == client_id, t.press.c.point_id.is_not(None))
    )
    for row in connection.execute(query):
        if row.id not in void:
            presses[row.point_id] += 1
            visits[row.point_id].add(row.session_id)
            last[row.point_id] = max(last.get(row.point_id, row.started_at), row.started_at)
    thresholds: dict[UUID, float] = {}
    query = (
        sa.select(t.threshold.c.point_id, t.threshold.c.mean_kpa)
        .join(t.session, t.session.c.id == t.threshold.c.session_id)
        .where(t.session.c.client_id == client_id, t.threshold.c.mean_kpa.is_not(None))
        .order_by(t.session.c.started_at, t.threshold.c.end_us)
    )
    for row in connection.execute(query):
        thresholds[row.point_id] = row.mean_kpa
    bands = newest_bands(connection, client_id)
    found: list[PointRow] = []
    for row in connection.execute(sa.select(t.point).where(t.point.c.client_id == client_id)):
        band = bands.get(row.id)
        found.append(
            PointRow(
                row.id,
                Point(row.muscle, row.side, row.label),
                presses[row.id],
                len(visits[row.id]),
                last.get(row.id),
                band.lower_kpa if band else None,
                band.upper_kpa if band else None,
                band.ceiling_kpa if band else None,
                thresholds.get(row.id),
                band.applicator if band else None,
                band.tip_area_cm2 if band else None,
            )
        )
    return sorted(found, key=lambda p: (-p.last_at.timestamp() if p.last_at else 0.0, p.point))


def visit_rows(connection: sa.Connection, client_id: UUID, point_id: UUID | None) -> list[VisitRow]:
    """See `ReviewStore.visits`."""
    sessions = connection.execute(
        sa.select(t.session, t.client.c.code)
        .join(t.client)
        .where(t.session.c.client_id == client_id)
        .order_by(t.session.c.started_at.desc(), t.session.c.id)
    ).fetchall()
    if point_id is not None:
        pressed = set(
            connection.execute(
                sa.select(t.press.c.session_id).where(t.press.c.point_id == point_id).distinct()
            ).scalars()
        )
        sessions = [row for row in sessions if row.id in pressed]
    return _visit_rows(connection, sessions, point_id)


def _visit_rows(connection: sa.Connection, sessions: Sequence[Any], point_id: UUID | None) -> list[VisitRow]:
    ids = [row.id for row in sessions]
    corrected = in_force(connection, ids)
    points = _points(connection, {row.client_id for row in sessions})
    presses: dict[UUID, list[StoredPress]] = defaultdict(list)
    reports: dict[UUID, list[Any]] = defaultdict(list)
    for start in range(0, len(ids), _MAX_QUERY_VALUES):
        some = ids[start : start + _MAX_QUERY_VALUES]
        for row in connection.execute(_of_sessions(t.press, some, point_id, "start_us")):
            presses[row.session_id].append(press_of(row, corrected.get(row.id)))
        for row in connection.execute(_of_sessions(t.report, some, point_id, "t_us")):
            reports[row.session_id].append(row)
    found: list[VisitRow] = []
    for row in sessions:
        counted = [stored for stored in presses[row.id] if not stored.void]
        ratings = [
            report.rating
            for report in reports_of(reports[row.id], corrected)
            if report.kind is ReportKind.RATING and not report.undone
        ]
        in_band = [s.press.time_in_band_s for s in counted if s.press.time_in_band_s is not None]
        found.append(
            VisitRow(
                session_id=row.id,
                started_at=row.started_at,
                duration_s=_duration_s(connection, row, presses[row.id]),
                therapist=row.therapist or "",
                applicator=row.applicator,
                tip_area_cm2=row.tip_area_cm2,
                points=tuple(dict.fromkeys(points[s.point_id] for s in counted if s.point_id in points)),
                presses=len(counted),
                time_in_band_s=math.fsum(in_band) if in_band else None,
                dose_ns=math.fsum(s.press.dose_ns for s in counted if math.isfinite(s.press.dose_ns)),
                rating_first=ratings[0] if ratings else None,
                rating_last=ratings[-1] if ratings else None,
                simulated=row.sensor_url.startswith(SIMULATED),
                void=len(presses[row.id]) - len(counted),
                running=row.ended_at is None,
                client_code=row.code,
            )
        )
    return found


def _of_sessions(
    table: sa.Table, session_ids: Sequence[UUID], point_id: UUID | None, order: str
) -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(table).where(table.c.session_id.in_(session_ids)).order_by(table.c[order])
    return query if point_id is None else query.where(table.c.point_id == point_id)


def _duration_s(connection: sa.Connection, session: Any, presses: Iterable[StoredPress]) -> float:
    if session.ended_at is not None:
        return (session.ended_at - session.started_at).total_seconds()
    last_s = max((stored.press.end_s for stored in presses), default=0.0)
    return max(last_s, sample_totals(connection, session.id)[2] / 1e6)


def press_rows(connection: sa.Connection, session_id: UUID | None, point_id: UUID | None) -> list[PressRow]:
    """See `ReviewStore.presses`."""
    query = (
        sa.select(t.press, t.session.c.started_at, t.session.c.sensor_url)
        .join(t.session, t.session.c.id == t.press.c.session_id)
        .order_by(t.session.c.started_at, t.press.c.start_us)
    )
    if session_id is not None:
        query = query.where(t.press.c.session_id == session_id)
    if point_id is not None:
        query = query.where(t.press.c.point_id == point_id)
    rows = connection.execute(query).fetchall()
    ids = list(dict.fromkeys(row.session_id for row in rows))
    points = {
        row.id: Point(row.muscle, row.side, row.label)
        for start in range(0, len(ids), _MAX_QUERY_VALUES)
        for row in connection.execute(
            sa.select(t.point)
            .join(t.press, t.press.c.point_id == t.point.c.id)
            .where(t.press.c.session_id.in_(ids[start : start + _MAX_QUERY_VALUES]))
            .distinct()
        )
    }
    corrected = in_force(connection, ids)
    said = _reports_by_press(connection, ids, corrected)
    found: list[PressRow] = []
    for row in rows:
        stored = press_of(row, corrected.get(row.id))
        found.append(
            PressRow(
                id=row.id,
                session_id=row.session_id,
                started_at=row.started_at + timedelta(microseconds=row.start_us),
                point_id=row.point_id,
                point=points.get(row.point_id),
                press=stored.press,
                lower_kpa=row.lower_kpa,
                upper_kpa=row.upper_kpa,
                ceiling_kpa=row.ceiling_kpa,
                reports=tuple(r for r in said[row.id] if not r.undone),
                void=stored.void,
                void_reason=stored.void_reason,
                simulated=row.sensor_url.startswith(SIMULATED),
            )
        )
    return found


def _reports_by_press(
    connection: sa.Connection, session_ids: Sequence[UUID], corrected: dict[UUID, Any]
) -> dict[UUID | None, list[StoredReport]]:
    found: dict[UUID | None, list[StoredReport]] = defaultdict(list)
    for start in range(0, len(session_ids), _MAX_QUERY_VALUES):
        some = session_ids[start : start + _MAX_QUERY_VALUES]
        rows = connection.execute(
            sa.select(t.report).where(t.report.c.session_id.in_(some)).order_by(t.report.c.t_us)
        ).fetchall()
        for report in reports_of(list(rows), corrected):
            found[report.press_id].append(report)
    return found


def press_detail(connection: sa.Connection, press_id: UUID) -> PressDetail:
    """See `ReviewStore.press`."""
    session_id = session_of_press(connection, press_id).session_id
    row = connection.execute(
        sa.select(t.session, t.client.c.code).join(t.client).where(t.session.c.id == session_id)
    ).one()
    [visit] = _visit_rows(connection, [row], None)
    [session] = session_summaries(connection, session_id=session_id)
    number = next(i for i, stored in enumerate(session.presses) if stored.id == press_id)
    stored = session.presses[number]
    after = session.presses[number + 1] if number + 1 < len(session.presses) else None
    start_s, end_s = stored.press.start_s, stored.press.end_s
    # What is noted after a press and before the next one is about it, most often.
    noted_until_s = after.press.start_s if after else math.inf
    at_point = [b for b in session.bands if b.time_s is not None and b.point_id == stored.point_id]
    before = [b for b in at_point if b.time_s is not None and b.time_s <= start_s]
    return PressDetail(
        press=stored,
        session=visit,
        client_id=row.client_id,
        client_code=row.code,
        point=session.points.get(stored.point_id) if stored.point_id else None,
        reports=tuple(report for report in session.reports if report.press_id == press_id),
        band=before[-1] if before else None,
        bands=tuple(b for b in at_point if b.time_s is not None and start_s < b.time_s <= end_s),
        phases=tuple(p for p in session.phases if p.phase.start_s <= end_s and p.phase.end_s >= start_s),
        thresholds=tuple(
            m for m in session.thresholds if m.threshold.start_s <= end_s and m.threshold.end_s >= start_s
        ),
        notes=tuple(note for note in session.notes if start_s <= note.time_s < noted_until_s),
        events=tuple(event for event in session.events if start_s <= event.time_s <= end_s),
        flags=_flags(session, stored),
        before_id=session.presses[number - 1].id if number else None,
        after_id=after.id if after else None,
    )


def _flags(session: SessionSummary, stored: StoredPress) -> tuple[str, ...]:
    press = stored.press
    flags = [word for word in flag_words(press.quality).split("+") if word]
    if press.lost:
        flags.append(f"{press.lost} {'sample' if press.lost == 1 else 'samples'} lost")
    if press.ended != "release":
        flags.append(f"ended by {press.ended}")
    if session.ended_how == "recovered":
        flags.append("session was cut off")
    return tuple(flags)


def session_of_press(connection: sa.Connection, press_id: UUID) -> Any:
    """The row of a press: its session and its times.

    Raises:
        HistoryError: there is no such press.
    """
    row = connection.execute(
        sa.select(t.press.c.session_id, t.press.c.start_us, t.press.c.end_us).where(t.press.c.id == press_id)
    ).first()
    if row is None:
        raise HistoryError(f"there is no press {press_id} in the record: look it up in its visit")
    return row


def _points(connection: sa.Connection, client_ids: set[UUID]) -> dict[UUID | None, Point]:
    rows = connection.execute(sa.select(t.point).where(t.point.c.client_id.in_(sorted(client_ids))))
    return {row.id: Point(row.muscle, row.side, row.label) for row in rows}
