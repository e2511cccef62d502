"""What a report is made of, gathered from the record once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from feedback.history import HistoryError
from feedback.history.courses import SIMULATED, figure_of_point, latest_course
from feedback.review import BodyFigure, body_values, point_course
from tui.report.trace import Trace, margin_s

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.atlas import Atlas
    from feedback.care import CareRules, VisitFigures
    from feedback.history import History, SessionSummary, StoredPress
    from feedback.history.care_records import StoredAssessment
    from feedback.points import Point
    from feedback.review import BodyValues, ClientCourse, PointCourse


@dataclass(frozen=True, slots=True, eq=False)
class PressFacts:
    """One press of a visit.

    Attributes:
        number: within the visit, from 1.
        at: when it began, aware.
        point: what was pressed; None when none was chosen.
        trace: what its chart shows.
        session: in which it was.
    """

    number: int
    at: datetime
    point: Point | None
    trace: Trace
    session: SessionSummary

    @property
    def stored(self) -> StoredPress:
        """The press itself."""
        return self.trace.press


@dataclass(frozen=True, slots=True, eq=False)
class VisitFacts:
    """One visit in detail.

    Attributes:
        number: as `goodpain care` counts them.
        figures: what it comes to.
        sessions: of it.
        presses: that count, in order.
        void: those that were marked void, with the reason.
    """

    number: int
    figures: VisitFigures
    sessions: tuple[SessionSummary, ...]
    presses: tuple[PressFacts, ...]
    void: tuple[StoredPress, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Everything a report may say.

    Attributes:
        code: the client's.
        now: when the report is made, aware.
        rules: what counts as a change.
        course: the client's course; for a report of one visit, points up to that visit.
        sessions: all of the client's, oldest first.
        assessments: oldest first.
        visit: in detail: the one asked for, else the last one; None when nothing was ever pressed.
        one_visit: the report is about that visit alone.
        body: presses on the areas of the body: of the visit, or of all.
        atlas: names of muscles and areas.
        app_version: of Goodpain.
    """

    code: str
    now: datetime
    rules: CareRules
    course: ClientCourse
    sessions: tuple[SessionSummary, ...]
    assessments: tuple[StoredAssessment, ...]
    visit: VisitFacts | None
    one_visit: bool
    body: BodyValues
    atlas: Atlas
    app_version: str

    @property
    def pressed(self) -> tuple[VisitFigures, ...]:
        """Visits with pressure, oldest first; their places are the numbers of `goodpain care`."""
        return tuple(visit for visit in self.course.visits if visit.pressed)

    @property
    def worked(self) -> tuple[SessionSummary, ...]:
        """Sessions in which something was pressed or measured: of the visit, or of all."""
        if self.one_visit and self.visit:
            return self.visit.sessions
        return tuple(session for session in self.sessions if session.presses or session.thresholds)

    @property
    def simulated(self) -> str:
        """`all`, `some` or nothing of it comes from a simulated sensor."""
        kinds = {session.sensor_url.startswith(SIMULATED) for session in self.worked}
        return "" if True not in kinds else "some" if False in kinds else "all"


def gather(
    history: History,
    client_code: str,
    session_id: UUID | None,
    now: datetime,
    rules: CareRules,
    atlas: Atlas,
    app_version: str,
) -> Facts:
    """Read what a report needs.

    Raises:
        HistoryError: the session is not one of this client, or nothing was pressed in it.
    """
    course = latest_course(history, client_code, now, rules)
    sessions = tuple(history.sessions(client_code))
    pressed = [visit for visit in course.visits if visit.pressed]
    if session_id is None:
        figures = pressed[-1] if pressed else None
    else:
        figures = next((visit for visit in pressed if session_id in visit.session_ids), None)
        if figures is None:
            raise HistoryError(
                f"nothing was pressed in that session of {client_code}, or it is somebody else's: "
                f"see `goodpain care --client {client_code}`"
            )
    one_visit = session_id is not None
    if one_visit and figures:
        course = replace(course, points=_until(course.points, figures, rules))
    counted = {
        c.point: value for c in course.points if (value := _presses(c, figures if one_visit else None))
    }
    return Facts(
        code=client_code,
        now=now,
        rules=rules,
        course=course,
        sessions=sessions,
        assessments=tuple(history.care.assessments(client_code)),
        visit=_visit(history, sessions, figures, pressed.index(figures) + 1) if figures else None,
        one_visit=one_visit,
        body=body_values(counted, atlas, BodyFigure.PRESSES),
        atlas=atlas,
        app_version=app_version,
    )


def _until(points: Sequence[PointCourse], figures: VisitFigures, rules: CareRules) -> tuple[PointCourse, ...]:
    """The points of a visit as they were known at its end."""
    found: list[PointCourse] = []
    for course in points:
        known = [visit for visit in course.visits if visit.at <= figures.ended_at]
        if any(visit.session_id in figures.session_ids for visit in known):
            found.append(point_course(course.point, known, rules, course.point_id))
    return tuple(found)


def _presses(course: PointCourse, figures: VisitFigures | None) -> float | None:
    if figures is None:
        return figure_of_point(course, BodyFigure.PRESSES)
    here = [visit for visit in course.visits if visit.session_id in figures.session_ids]
    return float(sum(visit.presses for visit in here)) or None


def _visit(
    history: History, sessions: Sequence[SessionSummary], figures: VisitFigures, number: int
) -> VisitFacts:
    mine = tuple(session for session in sessions if session.id in figures.session_ids)
    counted = [(session, stored) for session in mine for stored in session.counted]
    presses = [
        _press(history, session, stored, number) for number, (session, stored) in enumerate(counted, 1)
    ]
    void = tuple(stored for session in mine for stored in session.presses if stored.void)
    return VisitFacts(number, figures, mine, tuple(presses), void)


def _press(history: History, session: SessionSummary, stored: StoredPress, number: int) -> PressFacts:
    press = stored.press
    blocks = list(history.samples(session.id, press.start_s - margin_s(press), press.end_s + margin_s(press)))
    here = [band for band in session.bands if band.point_id == stored.point_id and band.time_s is not None]
    before = [band for band in here if (band.time_s or 0.0) <= press.start_s]
    within = [band for band in here if press.start_s < (band.time_s or 0.0) < press.end_s]
    reports = [one for one in session.reports if one.press_id == stored.id and not one.undone]
    trace = Trace(stored, blocks, [*before[-1:], *within], reports, session.tip_area_cm2)
    point = session.points.get(stored.point_id) if stored.point_id else None
    return PressFacts(number, session.started_at + timedelta(seconds=press.start_s), point, trace, session)
