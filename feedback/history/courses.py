"""Courses of points and clients, filled from the record in a few queries whatever its size.

Corrected reports count as corrected, void presses not at all, and neither do ratings that were given in them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from feedback.care.plan import visits_of_course
from feedback.history.course_rows import SIMULATED, light_summaries, read_rows, visits_by_point
from feedback.history.records import check_code
from feedback.history.visits import visits_of
from feedback.review import BodyFigure, BodyValues, ClientCourse, PointCourse, point_course
from feedback.review import body_values as on_the_body
from feedback.review import client_course as course_of
from feedback.review.comparing import usual_rules

if TYPE_CHECKING:
    from datetime import datetime

    from feedback.atlas import Atlas
    from feedback.care import CareRules
    from feedback.history.course_rows import CourseRows
    from feedback.history.store import History
    from feedback.points import Point

__all__ = ["SIMULATED", "body_values", "client_course", "figure_of_point", "latest_course", "point_courses"]


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
    rows = read_rows(history, client_code)
    return _courses(rows, rules or usual_rules(), since) if rows else []


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
    client_code = check_code(client_code)
    rows = read_rows(history, client_code)
    assessed = [(a.at, a.session_id, a.assessment.areas) for a in history.care.assessments(client_code)]
    visits = visits_of(light_summaries(rows, client_code) if rows else [], assessed, history.samples)
    opening = history.care.opening(client_code, now, rules, visits=visits)
    given = visits_of_course(opening.plan, [visit.at for visit in opening.visits if visit.pressed], now)
    points = _courses(rows, rules, given[0] if given else None) if rows else []
    return course_of(opening, points, now, rules)


def latest_course(
    history: History, client_code: str, now: datetime, rules: CareRules | None = None
) -> ClientCourse:
    """The course that is under way, or else the last one: what there is to look back on.

    Args:
        history: the record.
        client_code: whose.
        now: the time of day, aware.
        rules: as in `client_course`.
    """
    course = client_course(history, client_code, now, rules)
    pressed = [visit.ended_at for visit in course.visits if visit.pressed and visit.at <= now]
    if course.since is not None or not pressed:
        return course
    return replace(client_course(history, client_code, max(pressed), rules), over=True)


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


def _courses(rows: CourseRows, rules: CareRules, since: datetime | None) -> list[PointCourse]:
    visits = visits_by_point(rows)
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
