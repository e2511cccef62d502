"""What is next for a trainee: blind baseline, practice, blind test, and retests after days and months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from feedback.drills.plan import DEFAULT_PLAN, Plan, StepKind
from feedback.drills.records import TrainingHistory
from feedback.drills.stages import BLIND, Due, Stage, stage_of
from feedback.drills.task import FeedbackMode


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

    Retests that are due come first, then a drill that was begun, then the next drill of the plan. A trainee who has no
    baseline is sent to it, unless it was skipped knowingly (`Skip`). Void attempts count nowhere.

    Args:
        history: of one trainee.
        now: aware, on the trainee's clock.
        plan: the curriculum.

    Raises:
        ValueError: `now` has no time zone.
    """
    today = _day(now)
    stages = [stage_of(history, drill, today, plan) for drill in plan.drills]
    due = [stage for stage in stages if stage.due and stage.due.due_from <= today]
    begun = [
        stage for stage in stages if stage.begun_on and not stage.due and stage.step is not StepKind.DONE
    ]
    fresh = [stage for stage in stages if not stage.begun_on]
    if due:
        return _step(min(due, key=_due_from), today)
    if begun:
        return _step(begun[0], today)
    if fresh and sum(stage.begun_on == today for stage in stages) < plan.new_a_day:
        return _step(fresh[0], today)
    return _rest(stages, fresh, today)


def reminders(
    histories: Iterable[TrainingHistory], now: datetime, plan: Plan = DEFAULT_PLAN
) -> tuple[Reminder, ...]:
    """The retests that are ahead, of one or many trainees, soonest first.

    Raises:
        ValueError: `now` has no time zone.
    """
    today = _day(now)
    found = [
        _reminder(history.trainee, drill, due, today)
        for history in histories
        for drill in dict.fromkeys((*plan.drills, *history.drills()))
        if (due := stage_of(history, drill, today, plan).due)
    ]
    return tuple(sorted(found, key=lambda r: (r.due_from, r.trainee, r.drill)))


def _day(now: datetime) -> date:
    if now.tzinfo is None:
        raise ValueError("the time now needs a time zone")
    return now.date()


def _due_from(stage: Stage) -> date:
    return stage.due.due_from if stage.due else date.max


def _step(stage: Stage, today: date) -> Step:
    blind = stage.step in BLIND
    due = stage.due
    return Step(
        kind=stage.step,
        drill=stage.drill,
        done=stage.done,
        of=stage.of,
        feedback=FeedbackMode.NONE if blind else None,
        reveal=not blind,
        as_written=blind,
        due_from=due.due_from if due else None,
        due_to=due.due_to if due else None,
        late=bool(due and due.due_to < today),
        sentence=_sentence(stage, today),
    )


def _sentence(stage: Stage, today: date) -> str:
    left = stage.of - stage.done
    attempts = f"{left} attempt{'' if left == 1 else 's'}"
    late = "It is late, and still worth doing. " if stage.due and stage.due.due_to < today else ""
    match stage.step:
        case StepKind.BASELINE:
            return f"First, where you start: {attempts} blind, before anything is shown."
        case StepKind.PRACTICE if stage.again:
            return f"Some of it has faded, as it does: {attempts} of practice, with the screen as you choose."
        case StepKind.PRACTICE:
            return f"Practise: {attempts}, with the screen as you choose. Less of it keeps better."
        case StepKind.TEST:
            return f"Now without the screen: {attempts} blind."
        case StepKind.RETEST_DAYS:
            return f"{late}What has stayed after some days? {attempts.capitalize()} blind, without practice before."
        case _:
            return (
                f"{late}What has stayed after months? {attempts.capitalize()} blind, without practice before."
            )


def _rest(stages: list[Stage], fresh: list[Stage], today: date) -> Step:
    ahead = [stage for stage in stages if stage.due]
    first = min(ahead, key=_due_from, default=None)
    tomorrow = today + timedelta(days=1)
    if fresh and not (first and first.due and first.due.due_from <= tomorrow):
        return _nothing(tomorrow, None, f"Enough for today. From tomorrow: {fresh[0].drill}.")
    if first and first.due:
        when = _in_days((first.due.due_from - today).days)
        return _nothing(
            first.due.due_from, first.due.due_to, f"Nothing is due. The next retest is {when}: {first.drill}."
        )
    done = "Every drill of the plan is through its last retest. Practise what you like."
    return _nothing(None, None, done, StepKind.DONE)


def _nothing(
    due_from: date | None, due_to: date | None, sentence: str, kind: StepKind = StepKind.REST
) -> Step:
    return Step(
        kind=kind,
        drill="",
        done=0,
        of=0,
        feedback=None,
        reveal=True,
        as_written=False,
        due_from=due_from,
        due_to=due_to,
        late=False,
        sentence=sentence,
    )


def _reminder(trainee: str, drill: str, due: Due, today: date) -> Reminder:
    is_due, late = due.due_from <= today, due.due_to < today
    if late:
        sentence = f"{drill}: the {due.kind} is late, and still worth doing"
    elif is_due:
        sentence = f"{drill}: the {due.kind} is due, {_until((due.due_to - today).days)}"
    else:
        sentence = f"{drill}: the {due.kind} is due {_in_days((due.due_from - today).days)}"
    return Reminder(trainee, drill, due.kind, due.due_from, due.due_to, is_due, late, sentence)


def _in_days(days: int) -> str:
    return "tomorrow" if days == 1 else f"in {days} days"


def _until(days: int) -> str:
    return "today is its last day" if days == 0 else f"{days} more day{'s' * (days != 1)} left"
