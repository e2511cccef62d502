"""Practice brought together: record, drills, sensor and curriculum."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from feedback.drills import (
        AttemptRecord,
        Drill,
        FeedbackMode,
        Plan,
        Purpose,
        Reminder,
        Skip,
        Step,
        Task,
        TrainingHistory,
    )
    from feedback.history import History
    from feedback.history.training_records import AttemptTrace, TraineeSummary
    from firmware_bridge import Sensor
    from tui.practise.run import PractiseRun, Watcher
    from tui.settings import Settings


class PractiseStudio:
    """What outlives an attempt. Made by `tui.practise.opening.practise_studio`, which closes it.

    Attributes:
        settings: in force.
        history: the open record.
        folder: of the trainee's own drills; need not exist.
        plan: the curriculum.
        tip_area_cm2: of the tip that presses.
        ceiling_kpa: never above it.
        sensor_url: the address of the sensor.
        faults: what is wrong with own drill files, and what was found cut off: one sentence each.
    """

    settings: Settings
    history: History
    folder: Path
    plan: Plan
    tip_area_cm2: float
    ceiling_kpa: float
    sensor_url: str
    faults: list[str]

    def __init__(
        self,
        settings: Settings,
        history: History,
        folder: Path,
        open_sensor: Callable[[], Sensor],
        *,
        sensor_url: str,
        tip_area_cm2: float,
        now: Callable[[], datetime],
        plan: Plan | None = None,
    ) -> None:
        raise NotImplementedError

    @property
    def drills(self) -> dict[str, Drill]:
        """All drills by name: own ones before shipped ones of the same name."""
        raise NotImplementedError

    @property
    def steered(self) -> bool:
        """The sensor is simulated and its hand is moved by keys (`sim.steering.Steering(sensor_url)`)."""
        raise NotImplementedError

    @property
    def simulated(self) -> bool:
        """The sensor is simulated."""
        raise NotImplementedError

    @property
    def sensor(self) -> Sensor:
        """The sensor, opened when first wanted.

        Raises:
            BridgeError: it cannot be; one sentence.
        """
        raise NotImplementedError

    def now(self) -> datetime:
        """The time of day on the trainee's clock, aware."""
        raise NotImplementedError

    def trainees(self) -> list[TraineeSummary]:
        """All trainees by code."""
        raise NotImplementedError

    def training(self, code: str) -> TrainingHistory:
        """All that is kept of a trainee; empty for a new one."""
        raise NotImplementedError

    def next_step(self, code: str) -> Step:
        """What this trainee does next."""
        raise NotImplementedError

    def step_of(self, code: str, drill: str) -> Step:
        """What is next at one drill, whatever else is due."""
        raise NotImplementedError

    def reminders(self, code: str | None = None) -> tuple[Reminder, ...]:
        """The retests that are ahead, soonest first, of one trainee or of all."""
        raise NotImplementedError

    def task(
        self,
        code: str,
        drill: str,
        purpose: Purpose,
        feedback: FeedbackMode | None = None,
        number: int | None = None,
    ) -> Task:
        """One attempt made concrete, at the difficulty that is due.

        Args:
            code: whose.
            drill: its name.
            purpose: baseline, test and retests are blind and as the drill is written; practice follows the trainee.
            feedback: of practice and free attempts; None for on demand.
            number: which target of the round; None for the next one.

        Raises:
            TaskError: no such drill, or refused: above the ceiling, beyond the sensor, too light.
        """
        raise NotImplementedError

    def begin(
        self, task: Task, *, trainee: str, purpose: Purpose, watchers: Sequence[Watcher] = ()
    ) -> PractiseRun:
        """Get ready for an attempt; `start` it when the trainee is.

        Raises:
            TaskError: refused.
            BridgeError: the sensor cannot be opened, or says nothing.
            HistoryError: the record cannot be written.
        """
        raise NotImplementedError

    def keep(self, run: PractiseRun) -> AttemptRecord | None:
        """Close an attempt and wait until all of it is on disk; None for one that was given up before any contact.

        Raises:
            HistoryError: part of it could not be written; the sentence says where it is now.
        """
        raise NotImplementedError

    def skip(self, code: str, drill: str, purpose: Purpose) -> Skip:
        """Keep that a step is left out, knowingly."""
        raise NotImplementedError

    def trace(self, record: AttemptRecord) -> AttemptTrace | None:
        """An attempt as it was pressed."""
        raise NotImplementedError
