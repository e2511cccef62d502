"""The plan of a course: how many visits over how many weeks, what to do at home, and where the client is in it.

Four visits over two to six weeks is how neuromuscular therapy describes itself; it is a default, not a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from feedback.care.errors import CareError

if TYPE_CHECKING:
    from collections.abc import Sequence

SAME_VISIT = timedelta(hours=4)
"""What happens within this time of a visit belongs to it: the screen may be opened more than once."""
MAX_VISITS = 100
MAX_WEEKS = 104
BREAK = 2
"""A pause of more than so many times the longest length of the plan begins another course: an assumption."""
_GRACE = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was agreed with the client.

    Attributes:
        visits: how many, 1 to 100.
        weeks_min: over at least so many weeks, 0 to 104.
        weeks_max: over at most so many weeks, `weeks_min` to 104, at least 1.
        homework: exercises, stretches, habits; a line each.
        goal: what the client wants to reach, in words.
        begun: when this course began, aware; None: with the first visit after the last pause of more than twice
            `weeks_max` weeks.
    """

    visits: int = 4
    weeks_min: int = 2
    weeks_max: int = 6
    homework: tuple[str, ...] = ()
    goal: str = ""
    begun: datetime | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.visits <= MAX_VISITS:
            raise CareError(f"a plan has 1 to {MAX_VISITS} visits, not {self.visits}")
        if not (0 <= self.weeks_min <= self.weeks_max <= MAX_WEEKS and self.weeks_max >= 1):
            raise CareError(
                f"a plan goes over 1 to {MAX_WEEKS} weeks, the smaller number first, not "
                f"{self.weeks_min} to {self.weeks_max}"
            )
        if self.begun is not None and self.begun.tzinfo is None:
            raise CareError("the beginning of a plan needs a time zone")


class Timing(StrEnum):
    """How a visit lies against the plan."""

    AS_PLANNED = "as planned"
    EARLY = "early"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class PlanNow:
    """Where the client is in the plan.

    Attributes:
        visit: number of the visit that is under way or comes now, from 1; larger than `visits` when more are given.
        visits: how many are planned.
        week: of the course, from 1.
        sentence: for people.
        finished: all planned visits have been given and this is another one.
        timing: early, late, or as planned.
        done: visits given so far in this course, the one under way included.
    """

    visit: int
    visits: int
    week: int
    sentence: str
    finished: bool
    timing: Timing = Timing.AS_PLANNED
    done: int = 0


def where_in_plan(plan: Plan, visit_times: Sequence[datetime], now: datetime) -> PlanNow:
    """Where a client with these visits is in the plan.

    Args:
        plan: what was agreed.
        visit_times: starts of all visits so far, in any order, aware; one under way is among them.
        now: the time of day, aware.
    """
    course = visits_of_course(plan, visit_times, now)
    under_way = bool(course) and now - course[-1] < SAME_VISIT
    visit = len(course) + (0 if under_way else 1)
    began = course[0] if course else now
    moment = course[-1] if under_way else now
    week = 1 + max(0, (moment - began) // _WEEK)
    finished = visit > plan.visits
    timing = Timing.AS_PLANNED if finished else _timing(plan, visit, moment - began)
    return PlanNow(
        visit, plan.visits, week, _sentence(plan, visit, week, timing), finished, timing, len(course)
    )


def visits_of_course(plan: Plan, visit_times: Sequence[datetime], now: datetime) -> list[datetime]:
    """Starts of the visits that count for this plan, oldest first; those after `now` do not."""
    times = sorted(time for time in visit_times if time <= now)
    if plan.begun is not None:
        begun = plan.begun - SAME_VISIT
        return [time for time in times if time >= begun]
    longest = BREAK * plan.weeks_max * _WEEK
    if times and now - times[-1] > longest:
        return []
    first = 0
    for number, (before, after) in enumerate(pairwise(times), 1):
        if after - before > longest:
            first = number
    return times[first:]


def _timing(plan: Plan, visit: int, since: timedelta) -> Timing:
    """Visits are thought of as evenly spread; a day more or less says nothing."""
    if visit == 1 or plan.visits == 1:
        return Timing.AS_PLANNED
    share = (visit - 1) / (plan.visits - 1)
    if since < share * plan.weeks_min * _WEEK - _GRACE:
        return Timing.EARLY
    return Timing.LATE if since > share * plan.weeks_max * _WEEK + _GRACE else Timing.AS_PLANNED


def _sentence(plan: Plan, visit: int, week: int, timing: Timing) -> str:
    if visit > plan.visits:
        had = "The planned visit has" if plan.visits == 1 else f"All {plan.visits} planned visits have"
        return f"{had} been given; this is visit {visit}. A good time to look back together."
    where = f"Visit {visit} of {plan.visits}, week {week}"
    if visit == 1:
        weeks = (
            f"{plan.weeks_max}"
            if plan.weeks_min == plan.weeks_max
            else f"{plan.weeks_min} to {plan.weeks_max}"
        )
        return f"{where}: the first, of {plan.visits} over {weeks} weeks." if plan.visits > 1 else f"{where}."
    if timing is Timing.EARLY:
        return f"{where}: a little sooner than planned, the tissue may still be settling."
    if timing is Timing.LATE:
        return f"{where}: a little later than planned, good to see you again."
    if visit == plan.visits:
        return f"{where}: the last one planned."
    return f"{where}, as planned."
