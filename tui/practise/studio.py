"""Practice brought together: record, drills, sensor and curriculum."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from feedback.drills import (
    AS_WRITTEN,
    DEFAULT_PLAN,
    Attempt,
    Difficulty,
    FeedbackMode,
    Purpose,
    Skip,
    TaskError,
    difficulty_of,
    next_step,
    refusal_of,
    reminders,
    task_of,
)
from feedback.history.training_records import AttemptStart
from feedback.units import pressure_kpa_of
from firmware_bridge.errors import CalibrationError
from tui.practise.clients import DrillClient
from tui.practise.run import PractiseRun
from tui.practise.shelf import DrillShelf, load_shelf
from tui.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from feedback.drills import AttemptRecord, Drill, Plan, Refusal, Reminder, Step, Task, TrainingHistory
    from feedback.history import History
    from feedback.history.training_records import AttemptTrace, TraineeSummary
    from feedback.signal import ForceBlock
    from firmware_bridge import Sensor, SensorInfo
    from tui.practise.run import Watcher
    from tui.settings import Settings

READY_WITHIN_S = 4.0
"""A sensor must say something within this time."""
CALIBRATED_WITHIN_S = 2.0
LIMIT_SHARE = 0.9
"""A simulated client says “stop” below this share of what may be pressed."""
BLIND = frozenset({Purpose.BASELINE, Purpose.TEST, Purpose.RETEST_DAYS, Purpose.RETEST_MONTHS})


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
        ceiling_kpa: float | None = None,
        plan: Plan = DEFAULT_PLAN,
    ) -> None:
        """Bring together what was opened.

        Args:
            settings: in force.
            history: the open record.
            folder: of own drills.
            open_sensor: opens the sensor when it is first wanted, and again when it has ended.
            sensor_url: its address.
            tip_area_cm2: of the tip, above 0.
            now: the time of day on the trainee's clock, aware.
            ceiling_kpa: never above it; None for that of the settings.
            plan: the curriculum.
        """
        self.settings = settings
        self.history = history
        self.folder = folder
        self.plan = plan
        self.tip_area_cm2 = tip_area_cm2
        self.ceiling_kpa = settings.practise_ceiling_kpa if ceiling_kpa is None else ceiling_kpa
        self.sensor_url = sensor_url
        self._open_sensor = open_sensor
        self._now = now
        self._sensor: Sensor | None = None
        self._shelf: DrillShelf | None = None
        self._left: tuple[ForceBlock, ...] = ()
        self.faults: list[str] = [str(fault) for fault in self.shelf.faults]

    # -- drills ------------------------------------------------------------------------------------------------

    @property
    def shelf(self) -> DrillShelf:
        """The drills with their files."""
        if self._shelf is None:
            self._shelf = load_shelf(self.folder)
        return self._shelf

    @property
    def drills(self) -> dict[str, Drill]:
        """All drills by name: own ones before shipped ones of the same name."""
        return self.shelf.drills

    # -- the sensor --------------------------------------------------------------------------------------------

    @property
    def simulated(self) -> bool:
        """The sensor is simulated."""
        return self.sensor_url.lower().startswith("sim:")

    @property
    def recording(self) -> bool:
        """The sensor is a recording: it does not wait, and it comes only once."""
        return self.sensor_url.lower().startswith("replay:")

    @property
    def steered(self) -> bool:
        """The sensor is simulated and its hand is moved by keys (`sim.steering.Steering(sensor_url)`)."""
        from sim.address import Address

        return self.simulated and Address.parse(self.sensor_url).is_steered

    @property
    def sensor(self) -> Sensor:
        """The sensor, opened when first wanted, and again when it has ended; a recording that is over stays over.

        Raises:
            BridgeError: it cannot be; one sentence.
        """
        if self._sensor is None or (self._sensor.health.state == "ended" and not self.recording):
            self._sensor = self._open_sensor()
        return self._sensor

    # -- trainees ----------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The time of day on the trainee's clock, aware."""
        return self._now()

    def trainees(self) -> list[TraineeSummary]:
        """All trainees by code."""
        return self.history.training.trainees()

    def training(self, code: str) -> TrainingHistory:
        """All that is kept of a trainee; empty for a new one."""
        return self.history.training.training(code)

    def next_step(self, code: str) -> Step:
        """What this trainee does next."""
        return next_step(self.training(code), self.now(), self.plan)

    def step_of(self, code: str, drill: str) -> Step:
        """What is next at one drill, whatever else is due."""
        return next_step(self.training(code), self.now(), replace(self.plan, drills=(drill,)))

    def reminders(self, code: str | None = None) -> tuple[Reminder, ...]:
        """The retests that are ahead, soonest first, of one trainee or of all."""
        codes = [one.code for one in self.trainees()] if code is None else [code]
        return reminders([self.training(one) for one in codes], self.now(), self.plan)

    def skip(self, code: str, drill: str, purpose: Purpose) -> Skip:
        """Keep that a step is left out, knowingly."""
        skip = Skip(self.history.training.trainee(code).code, drill, purpose, self.now())
        self.history.training.skip(skip)
        return skip

    def trace(self, record: AttemptRecord) -> AttemptTrace | None:
        """An attempt as it was pressed."""
        return self.history.training.trace(record.attempt_id)

    # -- attempts ----------------------------------------------------------------------------------------------

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
        if drill not in self.drills:
            raise TaskError(f"there is no drill “{drill}”: there are {', '.join(self.drills)}")
        found, history = self.drills[drill], self.training(code)
        blind = purpose in BLIND
        if number is None:
            step = self.step_of(code, drill)
            same = step.kind.purpose is purpose
            number = step.done if same else len(history.of(drill))
        mode = FeedbackMode.NONE if blind else feedback or FeedbackMode.ON_DEMAND
        difficulty = AS_WRITTEN if blind else difficulty_of(found, history.attempts)
        task = self._task(found, number, difficulty, mode, reveal=not blind)
        top_kpa, limit_kpa = task.trajectory.top_kpa, self._limit_kpa()
        if top_kpa >= limit_kpa and difficulty.ease > 1 and task.trajectory.highest_kpa < limit_kpa:
            # What is made easier must not be refused for its width.
            share = max(found.tolerance_share, 0.99 * limit_kpa / task.trajectory.highest_kpa - 1)
            ease = share / found.tolerance_share
            difficulty = replace(difficulty, ease=ease, tolerance_share=share)
            task = self._task(found, number, difficulty, mode, reveal=True)
        if refusal := self.refusal(task):
            raise TaskError(self.refused(task, refusal))
        return task

    def refusal(self, task: Task) -> Refusal | None:
        """Why a task cannot be begun under the ceiling and on the sensor, as far as that is open; None if it can."""
        range_kpa = None if self._sensor is None else sensor_range_kpa(self._sensor.info, self.tip_area_cm2)
        return refusal_of(task, ceiling_kpa=self.ceiling_kpa, sensor_range_kpa=range_kpa)

    def refused(self, task: Task, refusal: Refusal) -> str:
        """The refusal as a sentence, with its figures in the user's unit."""
        unit = self.settings.unit
        return (
            f"{task.drill.name} cannot be done: {refusal.sentence} (it asks for {unit.text(refusal.asked_kpa)}, "
            f"the limit is {unit.text(refusal.limit_kpa)})"
        )

    def make_ready(self) -> SensorInfo:
        """Open the sensor and wait until it measures: seconds, so not on a thread that draws.

        Raises:
            BridgeError: it cannot be opened, says nothing, or is not calibrated.
        """
        sensor = self.sensor
        sensor.wait_ready(READY_WITHIN_S)
        return _calibrated(sensor)

    def begin(
        self, task: Task, *, trainee: str, purpose: Purpose, watchers: Sequence[Watcher] = ()
    ) -> PractiseRun:
        """Get ready for an attempt; `start` it when the trainee is. It waits only where `make_ready` was not called.

        Raises:
            TaskError: refused.
            BridgeError: the sensor cannot be opened, says nothing, or is not calibrated.
            HistoryError: the record cannot be written.
        """
        info = self.make_ready()
        sensor = self.sensor
        range_kpa = sensor_range_kpa(info, self.tip_area_cm2)
        if refusal := refusal_of(task, ceiling_kpa=self.ceiling_kpa, sensor_range_kpa=range_kpa):
            raise TaskError(self.refused(task, refusal))
        attempt = Attempt(task, ceiling_kpa=self.ceiling_kpa, sensor_range_kpa=range_kpa)
        code = self.history.training.trainee(trainee).code
        journal = self.history.training.begin(code)
        limit_kpa = LIMIT_SHARE * min(self.ceiling_kpa, range_kpa or math.inf)
        last_at = max((a.at for a in self.training(code).attempts), default=None)

        def begun_at() -> datetime:
            # Never before the one before, also when the clock of this computer was set back.
            at = self.now()
            return at if last_at is None or at > last_at else (last_at + timedelta(microseconds=1))

        def start_of(info: SensorInfo) -> AttemptStart:
            return AttemptStart.of(
                task,
                trainee=code,
                purpose=purpose,
                ceiling_kpa=self.ceiling_kpa if math.isfinite(self.ceiling_kpa) else None,
                drill_text=self.shelf.texts.get(task.drill.name, ""),
                sensor_url=info.url,
                sensor_serial=info.serial,
                sensor_device=info.device,
                dialect=info.dialect or "",
                app_version=VERSION,
                simulated=self.simulated,
            )

        return PractiseRun(
            sensor,
            attempt,
            journal,
            start_of,
            trainee=code,
            purpose=purpose,
            now=begun_at,
            client=DrillClient(journal.id, task, limit_kpa) if task.drill.client else None,
            watchers=watchers,
            simulated=self.simulated,
            left=self._left,
        )

    def keep(self, run: PractiseRun) -> AttemptRecord | None:
        """Close an attempt and wait until all of it is on disk; None for one that was given up before any contact.

        Raises:
            HistoryError: part of it could not be written; the sentence says where it is now.
        """
        try:
            return run.finish()
        finally:
            self._left = run.left

    # -- inside ------------------------------------------------------------------------------------------------

    def _task(
        self, drill: Drill, number: int, difficulty: Difficulty, mode: FeedbackMode, *, reveal: bool
    ) -> Task:
        return task_of(
            drill,
            tip_area_cm2=self.tip_area_cm2,
            number=number,
            difficulty=difficulty,
            feedback=mode,
            reveal=reveal,
        )

    def _limit_kpa(self) -> float:
        range_kpa = None if self._sensor is None else sensor_range_kpa(self._sensor.info, self.tip_area_cm2)
        return min(self.ceiling_kpa, range_kpa or math.inf)


def sensor_range_kpa(info: SensorInfo, tip_area_cm2: float) -> float | None:
    """The largest pressure that a sensor says it can measure under this tip; None when it does not say.

    The end of its curve, or else what its converter's last count stands for (META `adc_max`, `adc_min` of a cell that
    is wired the other way round).
    """
    calibration = info.calibration
    if calibration is None:
        return None
    if calibration.curve:
        return pressure_kpa_of(calibration.curve[-1][1], tip_area_cm2)
    try:
        last = int(info.meta["adc_max" if calibration.counts_per_n > 0 else "adc_min"])
    except (KeyError, ValueError):
        return None
    if not -(2**31) <= last < 2**31:
        return None
    most_n = float(calibration.force_n(np.array([last], np.int32))[0])
    return pressure_kpa_of(most_n, tip_area_cm2) if most_n > 0 else None


def _calibrated(sensor: Sensor) -> SensorInfo:
    """What the sensor is, once it has said how it is calibrated."""
    end_s = time.monotonic() + CALIBRATED_WITHIN_S
    while (info := sensor.info).calibration is None and time.monotonic() < end_s:
        time.sleep(0.02)
    if info.calibration is None:
        raise CalibrationError(
            "the sensor is not calibrated, so no pressure can be told: calibrate it first (`goodpain calibrate`)"
        )
    return info
