"""Everything that a card shows when a visit opens, in one piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from feedback.care.assessment import Assessment
    from feedback.care.check import CheckAnswer
    from feedback.care.plan import Plan, PlanNow
    from feedback.care.response import Response
    from feedback.care.soreness import SorenessAfterDose
    from feedback.care.visits import VisitFigures


@dataclass(frozen=True, slots=True)
class VisitOpening:
    """What is known of a client when a visit opens; a new client has none of it.

    Attributes:
        client_code: whose.
        plan: the plan in force: the client's own, else the default one.
        plan_set: it is the client's own.
        plan_now: where they are in it.
        last_visit: the last one at which something was pressed.
        soreness_due: the visit after which to ask how sore it was; None when there is nothing to ask.
        soreness: every visit of the record with the soreness told after it, oldest first.
        response: of this course.
        last_assessment: the newest, with its time in `last_assessment_at`.
        last_assessment_at: aware; None without one.
        last_check: answers of the newest check; empty without one.
        last_check_at: aware; None without one.
        visits: all visits of the record, oldest first.
    """

    client_code: str
    plan: Plan
    plan_set: bool
    plan_now: PlanNow
    last_visit: VisitFigures | None
    soreness_due: VisitFigures | None
    soreness: tuple[SorenessAfterDose, ...]
    response: Response
    last_assessment: Assessment | None
    last_assessment_at: datetime | None
    last_check: tuple[CheckAnswer, ...]
    last_check_at: datetime | None
    visits: tuple[VisitFigures, ...] = ()

    @property
    def new(self) -> bool:
        """Nothing was ever pressed."""
        return self.last_visit is None
