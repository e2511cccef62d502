"""Attempts one after the other without a screen, each with what the curriculum says by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback.drills import FeedbackMode, Purpose, StepKind
from feedback.drills.advice import advice_of, after_attempt
from feedback.history.records import plain
from tui.practise.plain import HELP, HELP_STEERED, PlainAttempt
from tui.practise.words import record_json, record_lines, step_line, task_line, truth_line
from tui.wanted import WantedError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from feedback.drills import AttemptRecord, Outcome
    from tui.practise.hands import HandWanted
    from tui.practise.plain import Estimate, Typed
    from tui.practise.studio import PractiseStudio


@dataclass(frozen=True, slots=True)
class SeriesWanted:
    """What a series shall be.

    Attributes:
        trainee: a code.
        drill: name of the only one; None for whatever is next.
        feedback: of practice; None for on demand.
        attempts: how many, void ones too.
        free: outside the curriculum.
        skip_baseline: a baseline that is next is left out, which is kept.
        answers: to “what do you think it was?”, one for each blind attempt; then it is asked.
        hand: what the simulated hand does; None: somebody presses, or types pressures.
        wait_s: for the first contact of each attempt.
    """

    trainee: str
    drill: str | None = None
    feedback: FeedbackMode | None = None
    attempts: int = 1
    free: bool = False
    skip_baseline: bool = False
    answers: tuple[Estimate, ...] = ()
    hand: HandWanted | None = None
    wait_s: float = 60.0


class Series:
    """Runs attempts and tells what comes of them.

    Args:
        studio: record, drills, sensor.
        wanted: what it shall be.
        say: takes one line for whoever practises.
        warn: takes one line for whoever started this.

    Attributes:
        kept: what came of it, oldest first, void ones too.
    """

    def __init__(
        self,
        studio: PractiseStudio,
        wanted: SeriesWanted,
        say: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self.kept: list[AttemptRecord] = []
        self._studio = studio
        self._wanted = wanted
        self._answers = list(wanted.answers)
        self._say = say
        self._warn = warn

    def go(self, stop: threading.Event, typed: Typed) -> None:
        """All of them, until one is stopped or nothing is left to do.

        Raises:
            WantedError: there is no such drill, or something was asked for that does not fit what is next.
            TaskError: the drill is refused.
            NoContactError: nothing was pressed.
            BridgeError, HistoryError: sensor or record refuse.
        """
        for number in range(self._wanted.attempts):
            found = self._next(first=number == 0)
            if found is None:
                return
            self._one(*found, stop, typed, fresh=number > 0 and not self._studio.recording)
            if stop.is_set():
                return

    def to_json(self) -> dict[str, Any]:
        """What came of it, as plain data."""
        code = self._wanted.trainee
        return {
            "trainee": code,
            "sensor": self._studio.sensor_url,
            "simulated": self._studio.simulated,
            "attempts": [record_json(record) for record in self.kept],
            "advice": advice_of(self._studio.training(code).attempts).sentence,
            "next": plain(self._studio.next_step(code)),
            "reminders": plain(self._studio.reminders(code)),
            "faults": self._studio.faults,
        }

    def _next(self, *, first: bool) -> tuple[str, Purpose] | None:
        """What is attempted now; None when nothing is left to do."""
        wanted, studio, code = self._wanted, self._studio, self._wanted.trainee
        drill = wanted.drill or studio.next_step(code).drill
        if not drill:
            self._say(studio.next_step(code).sentence)
            return None
        if drill not in studio.drills:
            faults = "; some own files cannot be read, see --list" if studio.shelf.faults else ""
            raise WantedError(f"there is no drill “{drill}”: there are {', '.join(studio.drills)}{faults}")
        if studio.step_of(code, drill).kind is StepKind.BASELINE:
            self._baseline(drill)
        step = studio.step_of(code, drill)
        if wanted.free or step.kind.purpose is None:
            if first and not wanted.free:
                self._say(f"{step.sentence} This is free practice.")
            return drill, Purpose.FREE
        if self._seen and step.feedback is FeedbackMode.NONE:
            if not first:
                self._say(f"Now the {step.kind.value}, which is blind.")
                return None
            raise WantedError(
                f"what is next at {drill} is the {step.kind.value}, which is blind: leave --feedback out, or practise "
                "outside the curriculum with --free"
            )
        if first or step.done == 0:
            self._say(step_line(step))
        return drill, step.kind.purpose

    @property
    def _seen(self) -> bool:
        """Feedback was asked for."""
        return self._wanted.feedback not in (None, FeedbackMode.NONE)

    def _baseline(self, drill: str) -> None:
        """A trainee without a baseline is sent to it, or goes on knowingly."""
        wanted, code = self._wanted, self._wanted.trainee
        if wanted.skip_baseline:
            # What cannot be done leaves nothing out.
            self._studio.task(code, drill, Purpose.FREE, wanted.feedback)
            self._studio.skip(code, drill, Purpose.BASELINE)
            self._say(f"The blind baseline of {drill} is left out. That is kept too.")
        elif self._seen or (wanted.free and wanted.feedback is None):
            raise WantedError(
                f"{code} has no baseline at {drill} yet, and it cannot be caught up once something was shown: leave "
                "--feedback (and --free) out to do it now, or go on knowingly with --skip-baseline, which is kept"
            )

    def _one(self, drill: str, purpose: Purpose, stop: threading.Event, typed: Typed, *, fresh: bool) -> None:
        studio, wanted, unit = self._studio, self._wanted, self._studio.settings.unit
        task = studio.task(wanted.trainee, drill, purpose, wanted.feedback)
        steering = None
        if studio.steered:
            from sim.steering import Steering

            steering = Steering(studio.sensor_url)
        watchers = [wanted.hand.hand(steering, task)] if wanted.hand and steering else []
        run = studio.begin(task, trainee=wanted.trainee, purpose=purpose, watchers=watchers)
        self._say(f"{task_line(task, unit)}{' (simulated sensor)' if studio.simulated else ''}")
        if not self.kept:
            self._say(HELP_STEERED.format(unit=unit.label) if steering and not watchers else HELP)
        attempt = PlainAttempt(
            run,
            unit,
            self._say,
            typed,
            estimate=self._answers.pop(0) if self._answers and task.blind else None,
            steering=steering,
        )
        try:
            attempt.go(stop, wanted.wait_s, fresh=fresh)
        finally:
            record = studio.keep(run)
            if steering is not None:
                steering.aim(0.0)
        if record is None:
            sentence = "It ended before anything was pressed: nothing was kept."
            self._say(sentence)
            self._warn(sentence)
            return
        self.kept.append(record)
        self._tell(record, run.outcome if task.reveal else None)

    def _tell(self, record: AttemptRecord, outcome: Outcome | None) -> None:
        """What came of it; without an outcome that may be told, that it is kept."""
        unit, code = self._studio.settings.unit, self._wanted.trainee
        if not record.counts:
            sentence = record.void.sentence if record.void else ""
            self._say(f"VOID: {sentence} It is kept.")
            self._warn(sentence)
            return
        history = self._studio.training(code)
        if outcome is not None:
            self._say(after_attempt(outcome))
            for line in record_lines(record, unit):
                self._say(line)
            self._say(advice_of(history.attempts).sentence)
            return
        step = self._studio.step_of(code, record.drill)
        if step.kind.purpose is record.purpose and step.done:
            self._say(f"Kept: {step.done} of {step.of}. What it was is shown after the last one.")
            return
        self._say(f"The {record.purpose.value} is complete:")
        plan = self._studio.plan
        of = plan.baseline if record.purpose is Purpose.BASELINE else plan.test
        block = [a for a in history.of(record.drill) if a.purpose is record.purpose and a.blind]
        for number, one in enumerate(block[-of:], 1):
            self._say(truth_line(number, one, unit))
        self._say(advice_of(history.attempts).sentence)
