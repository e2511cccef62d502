"""Rows of a client's sessions, read in a few queries, and the visits that they make at each point."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.care.plan import SAME_VISIT
from feedback.coach.phases import PhaseKind, PhaseRecord
from feedback.comfort import ReportKind
from feedback.history import queries
from feedback.history import tables as t
from feedback.history.records import SessionSummary, StoredPhase, check_code
from feedback.history.rows import UNDO
from feedback.history.summaries import press_of, thresholds_of
from feedback.points import Point
from feedback.review import PointVisit, RatingTold, ThresholdTaken, Tip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.band import Band
    from feedback.history.store import History

SIMULATED = "sim:"
"""Addresses of simulated sensors begin with this."""


@dataclass(frozen=True, slots=True)
class CourseRows:
    """Everything that the course of one client is made of, by session or point; corrections by what they correct."""

    points: dict[UUID, Point]
    sessions: Sequence[Any]
    presses: dict[UUID, list[Any]]
    reports: dict[UUID, list[Any]]
    thresholds: dict[UUID, list[Any]]
    bands: dict[UUID, list[Any]]
    corrections: dict[UUID, Any]
    techniques: dict[UUID, list[StoredPhase]]


def read_rows(history: History, client_code: str) -> CourseRows | None:
    """All rows of a client; None for one nobody knows."""
    with history.reading() as connection:
        client = queries.find_client(connection, check_code(client_code))
        return _rows_of(connection, client.id) if client else None


def light_summaries(rows: CourseRows, client_code: str) -> Iterator[SessionSummary]:
    """The sessions with as much of them as a visit's figures are made of."""
    for row in rows.sessions:
        presses = [press_of(press) for press in rows.presses[row.id] if not _void(rows, press.id)]
        thresholds = thresholds_of(rows.thresholds[row.id])
        used = {one.point_id for one in (*presses, *thresholds)}
        last_s = max((stored.press.end_s for stored in presses), default=0.0)
        yield SessionSummary(
            id=row.id,
            client_code=client_code,
            started_at=row.started_at,
            ended_at=row.ended_at,
            ended_how=row.ended_how,
            duration_s=(row.ended_at - row.started_at).total_seconds() if row.ended_at else last_s,
            applicator=row.applicator,
            tip_area_cm2=row.tip_area_cm2,
            sensor_url=row.sensor_url,
            sensor_serial=row.sensor_serial,
            sensor_device=row.sensor_device,
            dialect=row.dialect,
            clock=row.clock,
            app_version=row.app_version,
            samples=row.samples or 0,
            lost=row.lost or 0,
            checksum_errors=row.checksum_errors,
            reconnects=row.reconnects,
            rate_hz=row.rate_hz,
            clock_skew_ppm=row.clock_skew_ppm,
            points={point_id: rows.points[point_id] for point_id in used if point_id},
            presses=presses,
            therapist=row.therapist or "",
            phases=rows.techniques[row.id],
            thresholds=thresholds,
        )


def _rows_of(connection: sa.Connection, client_id: UUID) -> CourseRows:
    mine = t.session.c.client_id == client_id

    def by_session(table: sa.Table, order: str) -> dict[UUID, list[Any]]:
        grouped: dict[UUID, list[Any]] = defaultdict(list)
        query = sa.select(table).join(t.session, t.session.c.id == table.c.session_id)
        for row in connection.execute(query.where(mine).order_by(table.c[order])):
            grouped[row.session_id].append(row)
        return grouped

    bands: dict[UUID, list[Any]] = defaultdict(list)
    # All but what the model has learned: that is large, and nobody looks at it here.
    columns = [column for column in t.band.c if column.name not in ("posterior", "posterior_version")]
    query = sa.select(*columns).join(t.point, t.point.c.id == t.band.c.point_id)
    for row in connection.execute(query.where(t.point.c.client_id == client_id).order_by(t.band.c.at)):
        bands[row.point_id].append(row)
    return CourseRows(
        points={
            row.id: Point(row.muscle, row.side, row.label)
            for row in connection.execute(sa.select(t.point).where(t.point.c.client_id == client_id))
        },
        sessions=connection.execute(
            sa.select(t.session).where(mine).order_by(t.session.c.started_at)
        ).fetchall(),
        presses=by_session(t.press, order="start_us"),
        reports=by_session(t.report, order="t_us"),
        thresholds=by_session(t.threshold, order="end_us"),
        bands=bands,
        corrections={
            row.entity_id: row
            for row in connection.execute(
                sa.select(t.correction)
                .join(t.session, t.session.c.id == t.correction.c.session_id)
                .where(mine)
                .order_by(t.correction.c.at)
            )
        },
        techniques=_techniques(connection, client_id),
    )


def _techniques(connection: sa.Connection, client_id: UUID) -> dict[UUID, list[StoredPhase]]:
    """Of each session one phase of each technique, the first: it names what was used, and in which order."""
    phase = t.phase.c
    query = (
        sa.select(phase.session_id, phase.technique, sa.func.min(phase.start_us).label("start_us"))
        .join(t.session, t.session.c.id == phase.session_id)
        .where(t.session.c.client_id == client_id)
        .group_by(phase.session_id, phase.technique)
    )
    found: dict[UUID, list[StoredPhase]] = defaultdict(list)
    for row in connection.execute(query):
        start_s = row.start_us / 1e6
        record = PhaseRecord(row.technique, PhaseKind.RAMP, 1, start_s, start_s, "")
        found[row.session_id].append(StoredPhase(row.session_id, None, record))
    return found


@dataclass(frozen=True, slots=True)
class _Session:
    """A session with the rows of it that count."""

    row: Any
    presses: list[Any]
    ratings: list[Any]
    thresholds: list[Any]
    ended_at: datetime


def visits_by_point(rows: CourseRows) -> dict[UUID, list[PointVisit]]:
    """The visits of each point."""
    found: dict[UUID, list[PointVisit]] = defaultdict(list)
    number = 0
    for group in _grouped(_sessions(rows)):
        pressed = any(session.presses for session in group)
        number += pressed
        for point_id in _points_of(group):
            for tip, sessions in _by_tip(group, point_id):
                found[point_id].append(
                    _visit(rows, point_id, tip, sessions, number if pressed else 0, group[-1].ended_at)
                )
    return found


def _sessions(rows: CourseRows) -> Iterator[_Session]:
    for row in rows.sessions:
        presses = [press for press in rows.presses[row.id] if not _void(rows, press.id)]
        void = {press.id for press in rows.presses[row.id]} - {press.id for press in presses}
        thresholds = [stored for stored in thresholds_of(rows.thresholds[row.id]) if not stored.superseded]
        if not (presses or thresholds):
            continue
        last_us = max((press.end_us for press in presses), default=0)
        yield _Session(
            row,
            presses,
            [one for one in _ratings(rows, rows.reports[row.id]) if one[0].press_id not in void],
            thresholds,
            row.ended_at or row.started_at + timedelta(microseconds=last_us),
        )


def _void(rows: CourseRows, press_id: UUID) -> bool:
    correction = rows.corrections.get(press_id)
    return correction is not None and correction.what == "void"


def _ratings(rows: CourseRows, reports: Iterable[Any]) -> Iterator[tuple[Any, int]]:
    """Reports that are ratings, as corrected, without those taken back."""
    reports = list(reports)
    undone = {row.corrects_id for row in reports if row.kind == UNDO}
    for row in reports:
        if row.kind == UNDO or row.id in undone:
            continue
        kind, rating = row.kind, row.rating
        correction = rows.corrections.get(row.id)
        if correction is not None and correction.what == "changed":
            said = json.loads(correction.value)
            kind, rating = said.get("kind", kind), said.get("rating")
        if kind == ReportKind.RATING and rating is not None:
            yield row, int(rating)


def _grouped(sessions: Iterable[_Session]) -> Iterator[list[_Session]]:
    """Sessions of one visit together: the screen may be opened more than once while a client is there."""
    group: list[_Session] = []
    for session in sessions:
        if group and session.row.started_at - group[-1].ended_at >= SAME_VISIT:
            yield group
            group = []
        group.append(session)
    if group:
        yield group


def _points_of(group: Iterable[_Session]) -> list[UUID]:
    found: dict[UUID, None] = {}
    for session in group:
        for point_id in (
            *(press.point_id for press in session.presses),
            *(stored.point_id for stored in session.thresholds),
        ):
            if point_id is not None:
                found[point_id] = None
    return list(found)


def _by_tip(group: Iterable[_Session], point_id: UUID) -> Iterator[tuple[Tip, list[_Session]]]:
    found: dict[tuple[str, float, bool], list[_Session]] = {}
    for session in group:
        here = (*session.presses, *session.thresholds)
        if any(one.point_id == point_id for one in here):
            row = session.row
            key = (row.applicator, round(row.tip_area_cm2, 3), row.sensor_url.startswith(SIMULATED))
            found.setdefault(key, []).append(session)
    for sessions in found.values():
        row = sessions[0].row
        yield Tip(row.applicator, row.tip_area_cm2, row.sensor_url.startswith(SIMULATED)), sessions


def _visit(
    rows: CourseRows, point_id: UUID, tip: Tip, sessions: list[_Session], number: int, ended_at: datetime
) -> PointVisit:
    presses = [press for session in sessions for press in session.presses if press.point_id == point_id]
    banded = [press for press in presses if press.time_in_band_s is not None]
    quality = 0
    for press in presses:
        quality |= press.quality
    ids = tuple(session.row.id for session in sessions)
    began = {row.id: row.started_at for row in rows.sessions}
    band, ceiling_kpa = _band(rows.bands.get(point_id, []), tip, began, ended_at)
    return PointVisit(
        at=sessions[0].row.started_at,
        session_id=sessions[0].row.id,
        tip=tip,
        visit=number,
        session_ids=ids,
        band=band,
        ceiling_kpa=ceiling_kpa,
        thresholds=tuple(taken for session in sessions for taken in _taken(session, point_id)),
        ratings=tuple(
            RatingTold(_at(session, row.t_us / 1e6), rating, row.pressure_kpa)
            for session in sessions
            for row, rating in session.ratings
            if row.point_id == point_id
        ),
        press_s=math.fsum((press.end_us - press.start_us) / 1e6 for press in presses),
        band_press_s=math.fsum((press.end_us - press.start_us) / 1e6 for press in banded),
        time_in_band_s=math.fsum(press.time_in_band_s for press in banded) if banded else None,
        dose_ns=math.fsum(press.dose_ns for press in presses if press.dose_ns is not None),
        presses=len(presses),
        quality=quality,
        therapist=next((s.row.therapist for s in sessions if s.row.therapist), ""),
    )


def _taken(session: _Session, point_id: UUID) -> Iterator[ThresholdTaken]:
    for stored in session.thresholds:
        result = stored.threshold
        if stored.point_id != point_id or not math.isfinite(result.mean_kpa):
            continue
        quality = 0
        for press in session.presses:
            if press.start_us / 1e6 <= result.end_s and press.end_us / 1e6 >= result.start_s:
                quality |= press.quality
        yield ThresholdTaken(
            _at(session, result.start_s),
            result.mean_kpa,
            sum(result.used),
            result.cv_pct,
            result.at_least,
            quality,
            result.technique,
            result.values_kpa,
        )


def _at(session: _Session, time_s: float) -> datetime:
    return session.row.started_at + timedelta(seconds=time_s)


def _band(
    rows: Iterable[Any], tip: Tip, began: dict[UUID, datetime], until: datetime
) -> tuple[Band | None, float | None]:
    """The newest band and ceiling with this tip by the end of a visit."""
    newest, newest_at = None, None
    for row in rows:
        # The session's own time is surer than that of the entry: the computer's clock may have been set.
        start = began.get(row.session_id)
        at = row.at if start is None else start + timedelta(microseconds=row.t_us or 0)
        same = row.applicator == tip.applicator and abs(row.tip_area_cm2 - tip.area_cm2) < 1e-3
        if same and at <= until and (newest_at is None or at >= newest_at):
            newest, newest_at = row, at
    return (queries.band_of(newest), newest.ceiling_kpa) if newest else (None, None)
