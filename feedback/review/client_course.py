"""The course of a client: visits against the plan, the response, soreness against dose, and every point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from feedback.care import CareRules, Plan, PlanNow, SorenessAfterDose, Timing, VisitFigures, VisitOpening
    from feedback.care.response import Response
    from feedback.review.point_course import PointCourse
    from feedback.review.sides import SideDifference


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit of the plan, and the one that was given for it.

    Attributes:
        number: from 1; more than planned when more were given.
        earliest: from when it was planned, aware; None for one beyond the plan.
        latest: until when; None for one beyond the plan.
        given: when it was given; None when it has not been yet.
        timing: early, late or as planned; None when it has not been given.
    """

    number: int
    earliest: datetime | None
    latest: datetime | None
    given: datetime | None = None
    timing: Timing | None = None


@dataclass(frozen=True, slots=True)
class ClientCourse:
    """A client's course as a whole.

    Attributes:
        client_code: whose.
        at: as of when, aware.
        plan: in force.
        plan_set: it is the client's own, not the usual one.
        plan_now: where they are in it.
        planned: the visits of the plan, given or not, and those beyond it.
        visits: all of the record, oldest first, those without pressure as well; void presses are left out.
        since: when this course began; None when no visit has been given in it.
        response: of this course.
        soreness: each visit with its dose and the soreness told after it, oldest first; nothing is concluded from it.
        points: every point over time, last pressed first; changes are those of this course.
        sides: left against right.
        opening: what the opening card of a visit shows: last assessment, last check.
    """

    client_code: str
    at: datetime
    plan: Plan
    plan_set: bool
    plan_now: PlanNow
    planned: tuple[PlannedVisit, ...]
    visits: tuple[VisitFigures, ...]
    since: datetime | None
    response: Response
    soreness: tuple[SorenessAfterDose, ...]
    points: tuple[PointCourse, ...]
    sides: tuple[SideDifference, ...]
    opening: VisitOpening


def client_course(
    opening: VisitOpening, points: tuple[PointCourse, ...], now: datetime, rules: CareRules
) -> ClientCourse:
    """Put a course together from what the record knows of it."""
    raise NotImplementedError
