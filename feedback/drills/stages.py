"""How far a trainee is with one drill, read from the attempts and skips in the order in which they were."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from feedback.drills.plan import Plan, StepKind
from feedback.drills.records import AttemptRecord, Skip, TrainingHistory

PASS_SHARE = 0.8
"""4 of 5 inside the tolerance: the pass mark of Funabashi et al., PMC13011724."""
RETESTS = (StepKind.RETEST_DAYS, StepKind.RETEST_MONTHS)
BLIND = (StepKind.BASELINE, StepKind.TEST, *RETESTS)


def needed_of(attempts: int) -> int:
    """How many of a block of attempts must be inside for a pass: 4 of 5."""
    return math.ceil(PASS_SHARE * attempts - 1e-9)


@dataclass(frozen=True, slots=True)
class Due:
    """A retest that is ahead, with its days."""

    kind: StepKind
    due_from: date
    due_to: date


@dataclass(frozen=True, slots=True)
class Stage:
    """How far one drill is.

    Attributes:
        drill: its name.
        step: what is to be done with it next; `DONE` after the last retest.
        done: attempts of the step that count so far.
        of: how many it has; 0 when done.
        due: with a retest, its days.
        begun_on: day of the first attempt or skip; None when there was none.
        again: practice was begun anew because a retest was not passed.
    """

    drill: str
    step: StepKind
    done: int
    of: int
    due: Due | None
    begun_on: date | None
    again: bool


def stage_of(history: TrainingHistory, drill: str, today: date, plan: Plan) -> Stage:
    """How far a trainee is with a drill.

    A retest that is passed leads on; one that is not leads back to practice and a new test. A retest after days that
    was never done is left out once the one after months may begin. A retest that is skipped is taken as passed.
    """
    walk = _Walk(drill, plan)
    events = [*history.of(drill), *(skip for skip in history.skips if skip.drill == drill)]
    for event in sorted(events, key=_when):
        walk.take(event)
    walk.come_to(today)
    return walk.stage()


def _when(event: AttemptRecord | Skip) -> datetime:
    return event.at


class _Walk:
    def __init__(self, drill: str, plan: Plan) -> None:
        self._drill, self._plan = drill, plan
        self._step = StepKind.BASELINE
        self._done = self._inside = 0
        self._tested_on: date | None = None
        self._begun_on: date | None = None
        self._again = False

    def take(self, event: AttemptRecord | Skip) -> None:
        today = event.at.date()
        self._begun_on = self._begun_on or today
        self.come_to(today)
        if event.purpose is not self._step.purpose:
            return
        if isinstance(event, Skip):
            self._go_on(today, passed=True)
            return
        if self._step in BLIND and not event.blind:
            return
        self._done += 1
        self._inside += event.inside_as_asked is True
        if self._done >= self._of():
            self._go_on(today, passed=self._inside >= needed_of(self._done))

    def come_to(self, today: date) -> None:
        """A retest after days that was not even begun is left out when the next one may begin."""
        due = self._due()
        months = timedelta(days=self._plan.months[0])
        if due and due.kind is StepKind.RETEST_DAYS and self._tested_on and today >= self._tested_on + months:
            self._to(StepKind.RETEST_MONTHS)

    def stage(self) -> Stage:
        return Stage(
            self._drill, self._step, self._done, self._of(), self._due(), self._begun_on, self._again
        )

    def _go_on(self, today: date, *, passed: bool) -> None:
        match self._step:
            case StepKind.BASELINE:
                self._to(StepKind.PRACTICE)
            case StepKind.PRACTICE:
                self._to(StepKind.TEST)
            case StepKind.TEST:
                self._tested_on = today
                self._to(StepKind.RETEST_DAYS)
            case _ if not passed:
                self._again = True
                self._to(StepKind.PRACTICE)
            case StepKind.RETEST_DAYS:
                self._to(StepKind.RETEST_MONTHS)
            case _:
                self._to(StepKind.DONE)

    def _to(self, step: StepKind) -> None:
        self._step, self._done, self._inside = step, 0, 0

    def _of(self) -> int:
        plan = self._plan
        sizes = {StepKind.BASELINE: plan.baseline, StepKind.PRACTICE: plan.practice, StepKind.DONE: 0}
        return sizes.get(self._step, plan.test)

    def _due(self) -> Due | None:
        if self._step not in RETESTS or self._tested_on is None:
            return None
        first, last = self._plan.days if self._step is StepKind.RETEST_DAYS else self._plan.months
        return Due(
            self._step, self._tested_on + timedelta(days=first), self._tested_on + timedelta(days=last)
        )
