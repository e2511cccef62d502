"""The plan of a training: its steps, their sizes and their dates.

Practice with the screen looks good and fades: after three sessions with feedback errors were back at baseline within
three months (Snodgrass and Odelli 2012, Physiotherapy 98:47), and feedback that the learner asks for keeps better than
constant feedback (JOSPT 2012;42:114: 9.5 against 21.0 N after 5-7 days). So the screen is the learner's choice, every
stage ends blind, and what was learnt is asked for again when it may have faded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from feedback.drills.records import Purpose


class StepKind(StrEnum):
    """What a trainee does next."""

    BASELINE = "baseline"
    PRACTICE = "practice"
    TEST = "test"
    RETEST_DAYS = "retest after days"
    RETEST_MONTHS = "retest after months"
    REST = "rest"
    """Nothing is due; the next date is in the step."""
    DONE = "done"
    """Every drill of the plan has been through its last retest."""

    @property
    def purpose(self) -> Purpose | None:
        """What an attempt of this step is for; None for rest and done."""
        return None if self in (StepKind.REST, StepKind.DONE) else Purpose(self.value)


@dataclass(frozen=True, slots=True)
class Plan:
    """A curriculum; every number can be set.

    Attributes:
        drills: names, in the order in which they are begun; at least one.
        baseline: blind attempts before anything is shown.
        practice: attempts with feedback of the trainee's choice (12 in JOSPT 2012;42:114).
        test: blind attempts, in every test and retest (4 of 5 is the criterion: Funabashi et al., PMC13011724).
        days: earliest and latest day of the first retest, counted from the test.
        months: earliest and latest day of the last retest ("about three months"), counted from the test.
        new_a_day: drills that may be begun on one day.
    """

    drills: tuple[str, ...] = ("find-pressure", "steady-hold", "ramp-5-n", "reproduce", "steps-up-down")
    baseline: int = 5
    practice: int = 12
    test: int = 5
    days: tuple[int, int] = (2, 7)
    months: tuple[int, int] = (80, 100)
    new_a_day: int = 1

    def __post_init__(self) -> None:
        if not self.drills or len(set(self.drills)) < len(self.drills):
            raise ValueError("a plan needs at least one drill, and each only once")
        if min(self.baseline, self.practice, self.test, self.new_a_day) < 1:
            raise ValueError("a plan needs at least one attempt in each step, and one new drill a day")
        if not 0 < self.days[0] <= self.days[1] < self.months[0] <= self.months[1]:
            raise ValueError("the first retest comes after at least a day, the last one later")


DEFAULT_PLAN = Plan()
