"""What is next for a trainee: blind baseline, practice, blind test, and retests after days and months.

Practice with the screen looks good and fades: after three sessions with feedback errors were back at baseline within
three months (Snodgrass and Odelli 2012, Physiotherapy 98:47), and feedback that the learner asks for keeps better than
constant feedback (JOSPT 2012;42:114: 9.5 against 21.0 N after 5-7 days). So the screen is the learner's choice, every
stage ends blind, and what was learnt is asked for again when it may have faded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from feedback.drills.records import AttemptRecord, Purpose, TrainingHistory
from feedback.drills.task import FeedbackMode


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


@dataclass(frozen=True, slots=True)
class Step:
    """What is next.

    Attributes:
        kind: what to do.
        drill: with which drill; empty for rest and done.
        done: attempts of it that count so far.
        of: how many it has.
        feedback: `NONE` for baseline, test and retest; None where the trainee chooses, and for rest and done.
        reveal: whether each attempt shows the truth at its end; not within a test (show all at the end of the block).
        as_written: the drill's own difficulty; without it `feedback.drills.adapt.difficulty_of` says how hard.
        due_from, due_to: of a retest, and of what a rest waits for; None otherwise.
        late: `due_to` has passed. It is still worth doing.
        sentence: for people.
    """

    kind: StepKind
    drill: str
    done: int
    of: int
    feedback: FeedbackMode | None
    reveal: bool
    as_written: bool
    due_from: date | None
    due_to: date | None
    late: bool
    sentence: str

    @property
    def left(self) -> int:
        """Attempts that remain."""
        return max(self.of - self.done, 0)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A retest that is due or will be.

    Attributes:
        trainee: a code.
        drill: its name.
        kind: which retest.
        due_from, due_to: its days.
        due: today is at or after `due_from`.
        late: today is after `due_to`.
        sentence: for people.
    """

    trainee: str
    drill: str
    kind: StepKind
    due_from: date
    due_to: date
    due: bool
    late: bool
    sentence: str


def next_step(history: TrainingHistory, now: datetime, plan: Plan = DEFAULT_PLAN) -> Step:
    """What this trainee does next.

    Retests that are due come first, then the drill that was begun, then the next drill of the plan. A trainee who has
    no baseline is sent to it, unless it was skipped knowingly (`Skip`). Void attempts count nowhere.

    Args:
        history: of one trainee.
        now: aware, on the trainee's clock.
        plan: the curriculum.

    Raises:
        ValueError: `now` has no time zone.
    """
    today = _day(now)
    states = [_State.of(history, drill, plan) for drill in plan.drills]
    for state in states:
        if (due := state.retest) and due.due_from <= today:
            return _retest(state, due, today)
    begun_today = 0
    for state in states:
        if state.open is not None and (state.begun or begun_today < plan.new_a_day):
            return _work(state, plan)
        begun_today += state.begun_on == today
    waiting = [due for state in states if (due := state.retest)]
    fresh = [state for state in states if not state.begun and state.open is not None]
    if fresh and not waiting:
        return _rest(
            today + timedelta(days=1), None, f"Enough for today. Next: {fresh[0].drill}, from tomorrow."
        )
    if waiting:
        first = min(waiting, key=lambda due: due.due_from)
        if fresh and first.due_from > today + timedelta(days=1):
            tomorrow = today + timedelta(days=1)
            return _rest(tomorrow, None, f"Enough for today. Next: {fresh[0].drill}, from tomorrow.")
        days = (first.due_from - today).days
        when = "tomorrow" if days == 1 else f"in {days} days"
        return _rest(
            first.due_from, first.due_to, f"Nothing is due. The next retest is {when}: {first.drill}."
        )
    return Step(
        StepKind.DONE, "", 0, 0, None, reveal=True, as_written=True, due_from=None, due_to=None, late=False,
        sentence="Every drill of the plan is through its last retest. Practise what you like.",
    )  # fmt: skip


def reminders(
    histories: Iterable[TrainingHistory], now: datetime, plan: Plan = DEFAULT_PLAN
) -> tuple[Reminder, ...]:
    """The retests that are ahead, of one or many trainees, soonest first."""
    today = _day(now)
    found: list[Reminder] = []
    for history in histories:
        for drill in dict.fromkeys((*plan.drills, *history.drills())):
            if due := _State.of(history, drill, plan).retest:
                is_due, late = due.due_from <= today, due.due_to < today
                found.append(
                    Reminder(
                        history.trainee,
                        drill,
                        due.kind,
                        due.due_from,
                        due.due_to,
                        is_due,
                        late,
                        _reminding(due, today),
                    )
                )
    return tuple(sorted(found, key=lambda r: (r.due_from, r.trainee, r.drill)))


# -- one drill of one trainee ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Due:
    kind: StepKind
    drill: str
    due_from: date
    due_to: date
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class _State:
    """How far one drill is.

    Attributes:
        open: the step that can be done at once; None when only a retest is ahead, or nothing.
        retest: the retest that is ahead.
    """

    drill: str
    open: StepKind | None
    done: int
    of: int
    retest: _Due | None
    begun_on: date | None

    @property
    def begun(self) -> bool:
        return self.begun_on is not None

    @classmethod
    def of(cls, history: TrainingHistory, drill: str, plan: Plan) -> _State:  # pyright: ignore[reportIncompatibleVariableOverride]
        raise NotImplementedError


def _day(now: datetime) -> date:
    if now.tzinfo is None:
        raise ValueError("the time now needs a time zone")
    return now.date()


def _retest(state: _State, due: _Due, today: date) -> Step:
    raise NotImplementedError


def _work(state: _State, plan: Plan) -> Step:
    raise NotImplementedError


def _rest(due_from: date, due_to: date | None, sentence: str) -> Step:
    raise NotImplementedError


def _reminding(due: _Due, today: date) -> str:
    raise NotImplementedError
