"""The course of a client: visits against the plan, the response, soreness against dose, and every point."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from feedback.care.plan import visits_of_course, where_in_plan
from feedback.review.sides import sides_of

if TYPE_CHECKING:
    from collections.abc import Sequence
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
        over: the next visit begins another course; figures are as of the last visit of this one.
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
    over: bool = False


def client_course(
    opening: VisitOpening, points: Sequence[PointCourse], now: datetime, rules: CareRules
) -> ClientCourse:
    """Put a course together from what the record knows of it.

    Args:
        opening: plan, visits, response and soreness as of `now`.
        points: over time, last pressed first; their changes are handed on as they are.
        now: the time of day, aware.
        rules: what counts as a change.
    """
    given = visits_of_course(opening.plan, [visit.at for visit in opening.visits if visit.pressed], now)
    return ClientCourse(
        opening.client_code,
        now,
        opening.plan,
        opening.plan_set,
        opening.plan_now,
        planned_visits(opening.plan, given),
        opening.visits,
        given[0] if given else None,
        opening.response,
        opening.soreness,
        tuple(points),
        sides_of(points, rules),
        opening,
    )


def planned_visits(plan: Plan, given: Sequence[datetime]) -> tuple[PlannedVisit, ...]:
    """The visits of a plan beside those that were given, oldest first.

    Visits are thought of as evenly spread from the first one on; before the first there are no dates.
    """
    found: list[PlannedVisit] = []
    for number in range(1, max(plan.visits, len(given)) + 1):
        at = given[number - 1] if number <= len(given) else None
        earliest = latest = None
        if given and number <= plan.visits:
            share = (number - 1) / (plan.visits - 1) if plan.visits > 1 else 0.0
            earliest = given[0] + share * timedelta(weeks=plan.weeks_min)
            latest = given[0] + share * timedelta(weeks=plan.weeks_max)
        timing = (
            None if at is None else where_in_plan(replace(plan, begun=given[0]), given[:number], at).timing
        )
        found.append(PlannedVisit(number, earliest, latest, at, timing))
    return tuple(found)
