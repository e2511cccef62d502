"""The way through a calibration, step by step, without a screen: samples and “ready” come in, points come out.

Only raw counts are looked at, so it does not matter what the sensor was calibrated with before. Time is that of the
samples. A screen and the plain mode drive the same `Procedure`; in automatic mode it takes each load by itself as soon
as the counts have moved to a new level and rest there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from feedback.signal import ForceBlock, Quality
from firmware_bridge.assessment import CREEP_S, CreepTrace
from firmware_bridge.diagnosis import DIAGNOSE_S, Diagnosis, diagnose, noise_of
from firmware_bridge.errors import CalibrationError
from firmware_bridge.fitting import LoadPoint
from firmware_bridge.loads import Load

HOLD_S = 3.0
SETTLE_S = 0.5
"""In automatic mode a level must have rested for so much longer than it is averaged."""
STILL = 0.01
"""At rest: what is left of movement is below this share of the range seen so far, or within the noise."""
NEW_LEVEL = 0.04
"""Another load: the counts moved by more than this share of the range seen so far."""
SAME_LEVEL = 0.1
"""The same load again is within this share of the range."""
AUTO_WAIT_S = 120.0
"""In automatic mode: how long a load may take to come and to rest."""
BEGINNINGS_MAX = 3
"""In automatic mode: the masses may be half-way through when it begins, and be begun with again so many times."""
SILENCE_S = 2.0
"""Between two samples: nobody knows what was on the tip meanwhile."""
KEPT_S = 30.0


class StepKind(StrEnum):
    """What a step is about."""

    DIAGNOSE = "diagnose"
    WARM_UP = "warm up"
    LOAD = "load"
    CREEP = "creep"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        kind: what it is about.
        title: a few words.
        text: what to do.
        load: with LOAD and CREEP.
    """

    kind: StepKind
    title: str
    text: str
    load: Load | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """Where the calibration stands.

    Attributes:
        index: of the step, from 0.
        step: itself.
        measuring: samples are being taken for it; otherwise it waits for `proceed`.
        progress: of the measurement, 0 to 1.
        counts: mean of the last quarter of a second; None before the first sample.
        problem: why the last measurement was not taken, and what to do; empty when nothing is wrong.
    """

    index: int
    step: Step
    measuring: bool
    progress: float
    counts: float | None
    problem: str


class Procedure:
    """One calibration in progress; not thread-safe.

    Attributes:
        steps: all of them, in order.
        diagnosis: what the first seconds showed; None until then.
        points: measured so far.
        trace: of the creep test; None when it was left out or is still to come.
        saturated: samples at the converter's limit among the points.
        failed: why an automatic calibration cannot go on; empty while it can.
    """

    def __init__(
        self,
        loads: Sequence[Load],
        *,
        hold_s: float = HOLD_S,
        diagnose_s: float = DIAGNOSE_S,
        creep_s: float = CREEP_S,
        auto: bool = False,
        brief: bool = False,
        wait_s: float = AUTO_WAIT_S,
    ) -> None:
        """Begin.

        Args:
            loads: in the order in which they are put on; the first is 0.
            hold_s: seconds that are averaged for a point.
            diagnose_s: seconds of the diagnosis.
            creep_s: seconds of the creep test; 0 leaves it out.
            auto: take each load without being told.
            brief: the loads alone, for a check: no diagnosis, no warm-up, no creep test.
            wait_s: in automatic mode, how long a load may take to come and to rest, > 0.

        Raises:
            CalibrationError: a time that cannot be.
        """
        if (
            not 0.2 <= hold_s <= 60
            or not 0 < diagnose_s <= 600
            or not (creep_s == 0 or 10 <= creep_s <= 3600)
        ):
            raise CalibrationError(
                "A point takes 0.2 to 60 s, the diagnosis up to 600 s, the creep test 10 to 3600 s or 0"
            )
        if not 0 < wait_s <= 3600:
            raise CalibrationError("A load may be waited for up to 3600 s")
        self.steps = _steps(loads, creep_s, diagnose_s)
        if brief:
            self.steps = tuple(step for step in self.steps if step.kind in (StepKind.LOAD, StepKind.DONE))
        self.diagnosis: Diagnosis | None = None
        self.points: list[LoadPoint] = []
        self.trace: CreepTrace | None = None
        self.saturated = 0
        self.failed = ""
        self._hold_s = hold_s
        self._diagnose_s = diagnose_s
        self._creep_s = creep_s
        self._auto = auto
        self._wait_s = wait_s
        self._beginnings = 0
        self._index = 0
        self._problem = ""
        self._from_s: float | None = None
        self._step_s: float | None = None
        self._time = np.empty(0)
        self._counts = np.empty(0)
        self._flags = np.empty(0, np.uint8)
        self._lost = 0
        self._low, self._high = math.inf, -math.inf
        self._first_s = 0.0

    @property
    def now(self) -> Now:
        """Where it stands."""
        recent = self._counts[self._time > self._time[-1] - 0.25] if len(self._time) else None
        wanted_s = self._wanted_s()
        gone_s = 0.0 if self._from_s is None or not len(self._time) else self._time[-1] - self._from_s
        return Now(
            self._index,
            self.steps[self._index],
            self._from_s is not None,
            min(1.0, float(gone_s) / wanted_s) if wanted_s > 0 else 0.0,
            None if recent is None else float(recent.mean()),
            self._problem,
        )

    @property
    def done(self) -> bool:
        """Every step is behind."""
        return self.steps[self._index].kind is StepKind.DONE

    @property
    def span_counts(self) -> float:
        """Range of the counts seen so far."""
        return max(0.0, self._high - self._low)

    def feed(self, block: ForceBlock) -> None:
        """Take the next samples."""
        if not len(block) or self.done:
            return
        if len(self._time) and float(block.time_s[0]) - float(self._time[-1]) > SILENCE_S:
            self._begin_anew()
        self._time = np.concatenate((self._time, block.time_s))
        self._counts = np.concatenate((self._counts, block.counts.astype(np.float64)))
        self._flags = np.concatenate((self._flags, block.quality))
        self._lost += block.lost
        self._low = min(self._low, float(block.counts.min()))
        self._high = max(self._high, float(block.counts.max()))
        kept = self._time >= self._time[-1] - max(KEPT_S, self._creep_s + 5.0, self._diagnose_s + 5.0)
        if not kept.all():
            self._time, self._counts, self._flags = self._time[kept], self._counts[kept], self._flags[kept]
        if self._step_s is None:
            self._step_s = float(block.time_s[0])
        kind = self.steps[self._index].kind
        if kind is StepKind.DIAGNOSE:
            self._diagnose()
        elif kind is StepKind.LOAD:
            self._load()
        elif kind is StepKind.CREEP:
            self._creep()

    def proceed(self) -> None:
        """The user is ready for what the step asks; during a measurement this does nothing."""
        kind = self.steps[self._index].kind
        if kind is StepKind.WARM_UP:
            self._next()
        elif kind is not StepKind.DONE and self._from_s is None and len(self._time):
            self._problem = ""
            self._from_s = float(self._time[-1])

    def skip(self) -> None:
        """Leave out the creep test."""
        if self.steps[self._index].kind is StepKind.CREEP:
            self._next()

    def back(self) -> None:
        """Measure the load before this one again."""
        if self.steps[self._index].kind in (StepKind.LOAD, StepKind.CREEP) and self.points:
            self.points.pop()
            self._index -= 1
            self._problem, self._from_s = "", None

    def _begin_anew(self) -> None:
        """After a silence: a measurement is of samples without a gap, or it is none."""
        self._time, self._counts, self._flags = self._time[:0], self._counts[:0], self._flags[:0]
        if self._from_s is None:
            return
        self._from_s = None
        if self.steps[self._index].kind is not StepKind.DIAGNOSE and not self._auto:
            self._problem = "The sensor was silent meanwhile: see to its cable, then measure this again"

    # -- steps -----------------------------------------------------------------------------------------------------

    def _next(self) -> None:
        self._index += 1
        self._problem, self._from_s = "", None
        self._step_s = float(self._time[-1]) if len(self._time) else None
        if self._auto and self.steps[self._index].kind is StepKind.WARM_UP:
            self._index += 1

    def _wanted_s(self) -> float:
        kind = self.steps[self._index].kind
        return {StepKind.DIAGNOSE: self._diagnose_s, StepKind.CREEP: self._creep_s}.get(kind, self._hold_s)

    def _diagnose(self) -> None:
        if self._from_s is None:
            if self._problem:
                return
            self._from_s = float(self._time[0])
        if self._time[-1] < self._from_s + self._diagnose_s:
            return
        inside = self._time >= self._from_s
        saturated = int(((self._flags[inside] & np.uint8(Quality.SATURATED)) != 0).sum())
        found = diagnose(self._time[inside], self._counts[inside], saturated, self._lost)
        self.diagnosis = found
        if found.problem:
            self._problem, self._from_s = found.problem, None
            self._low, self._high, self._lost = math.inf, -math.inf, 0
            if self._auto:
                self.failed = found.problem
            return
        self._next()

    def _load(self) -> None:
        if self._auto:
            self._load_by_itself()
            return
        if self._from_s is None or self._time[-1] < self._from_s + self._hold_s:
            return
        inside = self._time > self._from_s
        self._from_s = None
        self._problem = self._not_taken(self._counts[inside])
        if not self._problem:
            self._take(inside)

    def _load_by_itself(self) -> None:
        end_s = self._time[-1]
        wide = self._time > end_s - self._hold_s - SETTLE_S
        if end_s - self._time[0] < self._hold_s + SETTLE_S or not self._still(self._counts[wide]):
            if self._waited_too_long():
                self.failed = (
                    f"the load did not come to rest within {self._wait_s:.0f} s ({self._asked()} was asked for): stand "
                    "the sensor firmly and let nothing touch it, or allow more time"
                )
            return
        inside = self._time > end_s - self._hold_s
        counts = float(self._counts[inside].mean())
        if self.points:
            moved = counts - self.points[-1].counts
            if abs(moved) < max(NEW_LEVEL * self.span_counts, 20 * noise_of(self._counts[wide])):
                if self._waited_too_long():
                    self.failed = (
                        f"no further load came for {self._wait_s:.0f} s ({self._asked()} was asked for): put them on "
                        "in the order given"
                    )
                return
            if not self._fits(counts):
                self._beginnings += 1
                if self._beginnings > BEGINNINGS_MAX:
                    self.failed = (
                        "the loads came in another order than they were given: put them on in that order"
                    )
                    return
                # Somewhere in the middle of the masses: what rests on the tip now may be the beginning.
                self.points.clear()
                self.saturated = 0
                self._index = next(i for i, step in enumerate(self.steps) if step.kind is StepKind.LOAD)
        self._take(inside)

    def _waited_too_long(self) -> bool:
        return self._step_s is not None and float(self._time[-1]) - self._step_s > self._wait_s

    def _asked(self) -> str:
        load = self.steps[self._index].load
        return load.text if load is not None and load.force_n else "nothing on the tip"

    def _fits(self, counts: float) -> bool:
        """In automatic mode: up with load, and the same load at the same level."""
        load = self.steps[self._index].load
        assert load is not None
        before = self.points[-1]
        if (counts - before.counts) * (load.force_n - before.force_n) < 0:
            return False
        same = [point.counts for point in self.points if point.force_n == load.force_n]
        return not same or abs(counts - same[0]) < SAME_LEVEL * self.span_counts

    def _not_taken(self, counts: NDArray[np.float64]) -> str:
        """Why these samples are no point; empty when they are."""
        load = self.steps[self._index].load
        assert load is not None
        if len(counts) < 2:
            return "Too few samples came: check the sensor, then try again"
        if not self._still(counts):
            return "It still moves: wait until everything rests, then go on"
        if self.points:
            before = self.points[-1]
            moved = float(counts.mean()) - before.counts
            if abs(moved) < max(10 * noise_of(counts) / math.sqrt(len(counts)), 1e-9):
                return (
                    f"The counts did not change: is {load.text} on the tip?"
                    if load.force_n
                    else ("The counts did not change: take everything off the tip")
                )
            sign = self._sign()
            if sign and moved * sign * (load.force_n - before.force_n) < 0:
                return (
                    f"The counts went the wrong way: was this {load.text}? Put it on again, or go back a step"
                )
        return ""

    def _sign(self) -> float:
        """1 when counts rise with load, -1 when they fall, 0 when it is not known yet."""
        zero = self.points[0].counts
        loaded = [point for point in self.points if point.force_n > 0]
        return math.copysign(1.0, loaded[0].counts - zero) if loaded else 0.0

    def _still(self, counts: NDArray[np.float64]) -> bool:
        n = len(counts)
        if n < 2:
            return False
        noise = noise_of(counts)
        if self.diagnosis is not None:
            # A hand's tremor is as quick as noise, but there was none in the diagnosis.
            noise = min(noise, 2 * max(self.diagnosis.noise_counts, 0.5))
        halves = abs(float(counts[: n // 2].mean() - counts[n // 2 :].mean()))
        share = STILL * self.span_counts
        return halves <= max(share, 6 * noise * math.sqrt(4 / n)) and float(counts.std()) <= max(
            share, 4 * noise
        )

    def _take(self, inside: NDArray[np.bool_]) -> None:
        load = self.steps[self._index].load
        assert load is not None
        counts = self._counts[inside]
        if not self.points:
            self._first_s = float(self._time[inside][0])
        self.points.append(
            LoadPoint(
                force_n=load.force_n,
                counts=float(counts.mean()),
                sd_counts=float(counts.std(ddof=1)) if len(counts) > 1 else 0.0,
                samples=len(counts),
                time_s=float(self._time[inside][0]) - self._first_s,
                load=load.text,
            )
        )
        self.saturated += int(((self._flags[inside] & np.uint8(Quality.SATURATED)) != 0).sum())
        self._next()

    def _creep(self) -> None:
        largest = max(self.points, key=lambda point: point.force_n)
        end_s = float(self._time[-1])
        recent = self._counts[self._time > end_s - 1.0]
        reach = SAME_LEVEL * max(abs(largest.counts - self.points[0].counts), 1.0)
        there = abs(float(recent.mean()) - largest.counts) < reach
        if self._from_s is None:
            if self._auto and there and self._still(recent):
                self._from_s = end_s
            elif self._auto and self._waited_too_long():
                self._next()
            return
        if not there:
            if self._auto:
                self._next()
                return
            self._from_s = None
            self._problem = (
                f"That is not {largest.load}: put it on, wait until it rests, then go on, or skip the test"
            )
            return
        if end_s >= self._from_s + self._creep_s:
            inside = self._time > self._from_s
            self.trace = CreepTrace(largest.force_n, self._time[inside], self._counts[inside])
            self._next()


def _steps(loads: Sequence[Load], creep_s: float, diagnose_s: float) -> tuple[Step, ...]:
    steps = [
        Step(
            StepKind.DIAGNOSE,
            "Look at the sensor",
            f"{diagnose_s:.0f} seconds: press the tip once, as hard as it will ever be pressed, and let go.",
        ),
        Step(
            StepKind.WARM_UP,
            "Warm up",
            "Let the sensor run for ten minutes, stand it up so that masses can rest on the tip, press it three times "
            "as hard as the largest mass, and take everything off.",
        ),
    ]
    for i, load in enumerate(loads):
        if load.force_n == 0:
            words = "Nothing on the tip" if i == 0 else "Take everything off"
            steps.append(Step(StepKind.LOAD, "0", f"{words}. Wait until it rests.", load))
        else:
            on = "Leave only" if load.force_n < loads[i - 1].force_n else "Put"
            words = f"{on} {load.text} on the tip, in its middle. Wait until it rests."
            steps.append(Step(StepKind.LOAD, load.text, words, load))
    if creep_s > 0:
        largest = max(loads, key=lambda load: load.force_n)
        steps.append(
            Step(
                StepKind.CREEP,
                "Creep",
                f"Put {largest.text} on the tip again and leave it alone for {creep_s:.0f} seconds.",
                largest,
            )
        )
    return (*steps, Step(StepKind.DONE, "Result", "Every load is measured."))
