"""Courses of points and clients, filled from the record in a few queries whatever its size.

Corrected reports count as corrected, void presses not at all, and neither do ratings that were given in them.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.care.plan import SAME_VISIT, visits_of_course
from feedback.comfort import ReportKind
from feedback.history import queries
from feedback.history import tables as t
from feedback.history.records import check_code
from feedback.history.rows import UNDO
from feedback.history.summaries import thresholds_of
from feedback.points import Point
from feedback.review import (
    BodyFigure,
    BodyValues,
    ClientCourse,
    PointCourse,
    PointVisit,
    RatingTold,
    ThresholdTaken,
    Tip,
    point_course,
)
from feedback.review import body_values as on_the_body
from feedback.review import client_course as course_of
from feedback.review.comparing import usual_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.atlas import Atlas
    from feedback.band import Band
    from feedback.care import CareRules
    from feedback.history.store import History

SIMULATED = "sim:"
"""Addresses of simulated sensors begin with this."""


def point_courses(
    history: History, client_code: str, rules: CareRules | None = None, since: datetime | None = None
) -> list[PointCourse]:
    """Every point of a client over time, last pressed first; none for an unknown client.

    Args:
        history: the record.
        client_code: whose.
        rules: what counts as a change.
        since: compare visits from then on alone; all visits are handed out all the same.
    """
    rules = rules or usual_rules()
    with history.reading() as connection:
        client = queries.find_client(connection, check_code(client_code))
        rows = _rows_of(connection, client.id) if client else None
    if rows is None:
        return []
    visits = _visits(rows)
    found: list[PointCourse] = []
    for point_id, point in rows.points.items():
        here = visits.get(point_id, [])
        course = point_course(point, here, rules, point_id)
        if since is not None:
            later = [visit for visit in here if visit.at >= since]
            course = replace(course, changes=point_course(point, later, rules).changes)
        found.append(course)
    found.sort(key=lambda one: (-one.last.at.timestamp() if one.last else 0.0, one.point))
    return found


def client_course(
    history: History, client_code: str, now: datetime, rules: CareRules | None = None
) -> ClientCourse:
    """The course of a client as a whole; for a client nobody knows, that of a new one.

    Changes of points are those of the course that is under way.

    Args:
        history: the record.
        client_code: whose.
        now: the time of day, aware.
        rules: the plan offered to a new client, what counts as a change.
    """
    rules = rules or usual_rules()
    opening = history.care.opening(client_code, now, rules)
    given = visits_of_course(opening.plan, [visit.at for visit in opening.visits if visit.pressed], now)
    points = point_courses(history, client_code, rules, given[0] if given else None)
    return course_of(opening, points, now, rules)


def body_values(history: History, client_code: str, what: BodyFigure | str, atlas: Atlas) -> BodyValues:
    """Presses, dose or the last threshold of a client for each area of the body, for a map of it."""
    what = BodyFigure(what)
    figures: dict[Point, float] = {}
    for course in point_courses(history, client_code):
        if (value := figure_of_point(course, what)) is not None:
            figures[course.point] = value
    return on_the_body(figures, atlas, what)


def figure_of_point(course: PointCourse, what: BodyFigure) -> float | None:
    """What the body map shows of a point; None when there is nothing to show."""
    if what is BodyFigure.THRESHOLD:
        measured = [visit.thresholds[-1].mean_kpa for visit in course.visits if visit.thresholds]
        return measured[-1] if measured else None
    if what is BodyFigure.DOSE:
        return math.fsum(visit.dose_ns for visit in course.visits) or None
    return float(sum(visit.presses for visit in course.visits)) or None


@dataclass(frozen=True, slots=True)
class _Rows:
    points: dict[UUID, Point]
    sessions: Sequence[Any]
    presses: dict[UUID, list[Any]]
    reports: dict[UUID, list[Any]]
    thresholds: dict[UUID, list[Any]]
    bands: dict[UUID, list[Any]]
    corrections: dict[UUID, Any]


def _rows_of(connection: sa.Connection, client_id: UUID) -> _Rows:
    mine = t.session.c.client_id == client_id

    def by_session(table: sa.Table, *columns: sa.ColumnElement[Any], order: str) -> dict[UUID, list[Any]]:
        grouped: dict[UUID, list[Any]] = defaultdict(list)
        query = sa.select(*columns or (table,)).join(t.session, t.session.c.id == table.c.session_id)
        for row in connection.execute(query.where(mine).order_by(table.c[order])):
            grouped[row.session_id].append(row)
        return grouped

    bands: dict[UUID, list[Any]] = defaultdict(list)
    # All but what the model has learned: that is large, and nobody looks at it here.
    columns = [column for column in t.band.c if column.name not in ("posterior", "posterior_version")]
    query = sa.select(*columns).join(t.point, t.point.c.id == t.band.c.point_id)
    for row in connection.execute(query.where(t.point.c.client_id == client_id).order_by(t.band.c.at)):
        bands[row.point_id].append(row)
    press = t.press.c
    return _Rows(
        points={
            row.id: Point(row.muscle, row.side, row.label)
            for row in connection.execute(sa.select(t.point).where(t.point.c.client_id == client_id))
        },
        sessions=connection.execute(
            sa.select(t.session).where(mine).order_by(t.session.c.started_at)
        ).fetchall(),
        presses=by_session(
            t.press,
            *(press.id, press.session_id, press.point_id, press.start_us, press.end_us),
            *(press.time_in_band_s, press.dose_ns, press.quality),
            order="start_us",
        ),
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
    )


@dataclass(frozen=True, slots=True)
class _Session:
    """A session with the rows of it that count."""

    row: Any
    presses: list[Any]
    ratings: list[Any]
    thresholds: list[Any]
    ended_at: datetime


def _visits(rows: _Rows) -> dict[UUID, list[PointVisit]]:
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


def _sessions(rows: _Rows) -> Iterator[_Session]:
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


def _void(rows: _Rows, press_id: UUID) -> bool:
    correction = rows.corrections.get(press_id)
    return correction is not None and correction.what == "void"


def _ratings(rows: _Rows, reports: Iterable[Any]) -> Iterator[tuple[Any, int]]:
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
    rows: _Rows, point_id: UUID, tip: Tip, sessions: list[_Session], number: int, ended_at: datetime
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
