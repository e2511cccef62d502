"""A therapist's hand: it comes near, loads, holds as well as hands can, and lets go.

The hand steers force, not depth: it presses through its own springiness and corrects what it feels within half a
second. What makes it a hand:

- Sag: a held force falls to 80.7 % with a time constant of 12.6 s. These two figures reproduce all that Perez-Palomares
  et al. 2021 (PMC8623383) report for manual pressure: -5.2 % at 6-10 s and -8.7 % at 11-15 s against 1-5 s, and a
  mean over 80 s that is 12.4 % lower.
- Tremor: physiological, 8-12 Hz, growing with force. Its size is assumed: 0.02 mm and 0.6 µm more per newton.
- Wander: a slow wish for a little more or less, 1.5 % with a memory of 2 s (assumed).
- Aim: each press misses its target by 4 % (assumed).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from sim.schedule import PHYSICS_HZ
from sim.seeds import stream
from sim.tissue import Tissue

SAG_DEPTH = 0.193
SAG_S = 12.6
STEP_S = 1.0 / PHYSICS_HZ
PRELOAD_N = 0.8
"""The touch with which a hand settles before it loads."""
SETTLE_S = 0.2
CLEARANCE_MM = 15.0
"""How far above the skin the hand waits."""
REACH_MM_PER_S = 60.0
STEERED_N_PER_S = 25.0
"""How fast a steered hand follows `aim`."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Go to a force at a rate and hold it.

    Attributes:
        target_n: the force aimed at.
        ramp_n_per_s: how fast, above 0.
        hold_s: how long it is held once reached.
    """

    target_n: float
    ramp_n_per_s: float
    hold_s: float


@dataclass(frozen=True, slots=True)
class PlannedPress:
    """One press: a pause off the skin, then stages, then release.

    Attributes:
        stages: in order; a second one with a lower target is an easing off.
        pause_s: time off the skin before the hand comes near.
        release_n_per_s: how fast it lets go.
    """

    stages: tuple[Stage, ...]
    pause_s: float = 3.0
    release_n_per_s: float = 40.0


@dataclass(frozen=True, slots=True)
class HandSettings:
    """One therapist.

    Attributes:
        stiffness_n_per_mm: of the hand and arm in series with the tissue; 2 to 6 assumed.
        sag: factor on the sag; 0 holds perfectly.
        tremor_hz: where the tremor has its peak, 8 to 12.
        tremor_mm: rms of the tremor without load.
        tremor_mm_per_n: and what each newton adds.
        wander: standard deviation of the slow wander, as a fraction of the force.
        miss: standard deviation of the error of aim, as a fraction.
        correct_s: time in which an error felt is corrected.
    """

    stiffness_n_per_mm: float = 4.0
    sag: float = 1.0
    tremor_hz: float = 10.0
    tremor_mm: float = 0.02
    tremor_mm_per_n: float = 0.0006
    wander: float = 0.015
    miss: float = 0.04
    correct_s: float = 0.5


class Phase(Enum):
    """What the hand is doing."""

    AWAY = auto()
    REACH = auto()
    SETTLE = auto()
    RAMP = auto()
    HOLD = auto()
    RELEASE = auto()


class Hand:
    """A hand on a tissue, following a plan of presses, or steered with `aim`."""

    def __init__(
        self,
        settings: HandSettings,
        tissue: Tissue,
        plan: Iterator[PlannedPress],
        seed: int,
        *,
        steered: bool = False,
    ) -> None:
        self.settings = settings
        self.tissue = tissue
        self._plan = plan
        self._tremor_noise = stream(seed, "hand", "tremor")
        self._wander_noise = stream(seed, "hand", "wander")
        self._habits = stream(seed, "hand", "habits")
        # A resonance driven by white noise, scaled to a variance of 1: narrow-band tremor.
        radius = math.exp(-math.pi * 1.6 * STEP_S)
        self._tremor_c1 = 2 * radius * math.cos(2 * math.pi * settings.tremor_hz * STEP_S)
        self._tremor_c2 = -radius * radius
        c1, c2 = self._tremor_c1, self._tremor_c2
        variance = (1 - c2) / ((1 + c2) * ((1 - c2) ** 2 - c1**2))
        self._tremor_drive = 1 / math.sqrt(variance)
        self._tremor_1 = self._tremor_2 = 0.0
        self._wander_keep = math.exp(-STEP_S / 2.0)
        self._wander_drive = math.sqrt(1 - self._wander_keep**2) * settings.wander
        self._wander = 0.0

        self.phase = Phase.AWAY
        self._target_n: float | None = 0.0 if steered else None
        self._rate_n_per_s: float | None = None
        self._press: PlannedPress | None = None
        self._stage = 0
        self._in_phase_s = 0.0
        self._wish_n = 0.0
        self._goal_n = 0.0
        self._sag_of = 0.0
        self._drive_mm = -CLEARANCE_MM
        self._force_n = 0.0

    # -- steering ----------------------------------------------------------------------------------------------

    def aim(self, target_n: float | None, rate_n_per_s: float | None = None) -> None:
        """Steer the hand: press with this force from now on; 0 lets go; None goes back to the plan.

        Args:
            target_n: the force, 0 or more.
            rate_n_per_s: how fast it goes there, above 0; None: `STEERED_N_PER_S`, twice that to let go.

        Raises:
            ValueError: the force is negative, the rate not above 0, or one of them not a number.
        """
        if target_n is not None and not 0 <= target_n < math.inf:
            raise ValueError("a hand can only be asked for a force of 0 N or more")
        if rate_n_per_s is not None and not 0 < rate_n_per_s < math.inf:
            raise ValueError("a hand can only be asked for a rate above 0 N/s")
        if target_n is None and self._target_n is not None:
            self._to(Phase.RELEASE if self._force_n > 0 else Phase.AWAY)
            self._press = None
        self._target_n, self._rate_n_per_s = target_n, rate_n_per_s

    @property
    def aimed_n(self) -> float | None:
        """The force it is steered to; None while it follows its plan."""
        return self._target_n

    @property
    def made_n(self) -> float:
        """The force it makes now."""
        return self._force_n

    @property
    def arrived(self) -> bool:
        """It is steered, has reached the force it is steered to, and holds it as well as hands can."""
        if not self._target_n:
            return self._target_n is not None and self.phase is Phase.AWAY
        return self.phase is Phase.HOLD and self._goal_n == self._target_n

    # -- physics -----------------------------------------------------------------------------------------------

    def force_n(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Newtons at the next grid times."""
        n = len(time_s)
        tremor = (self._tremor_noise.standard_normal(n) * self._tremor_drive).tolist()
        wander = (self._wander_noise.standard_normal(n) * self._wander_drive).tolist()
        out = np.empty(n)
        for i in range(n):
            out[i] = self._step(tremor[i], wander[i])
        return out

    def _step(self, tremor_noise: float, wander_noise: float) -> float:
        s, tissue = self.settings, self.tissue
        before_n = self._wish_n
        if self._target_n is None:
            self._follow_plan()
        else:
            self._follow_aim(self._target_n)
        tremor = self._tremor_c1 * self._tremor_1 + self._tremor_c2 * self._tremor_2 + tremor_noise
        self._tremor_2, self._tremor_1 = self._tremor_1, tremor
        self._wander = self._wander_keep * self._wander + wander_noise
        if self.phase is Phase.AWAY or self.phase is Phase.REACH:
            self._force_n = tissue.press(self._drive_mm, s.stiffness_n_per_mm)
            return self._force_n
        # The hand knows how its push answers: it moves by the change it wants, and mends what it feels is wrong.
        yields = tissue.stiffness_n_per_mm()
        series = s.stiffness_n_per_mm * yields / (s.stiffness_n_per_mm + yields)
        wish_n = self._wish_n * (1 + self._wander)
        change_n = self._wish_n - before_n + (wish_n - self._force_n) * (STEP_S / s.correct_s)
        self._drive_mm += change_n / series
        shake_mm = tremor * (s.tremor_mm + s.tremor_mm_per_n * self._force_n)
        self._force_n = tissue.press(self._drive_mm + shake_mm, s.stiffness_n_per_mm)
        return self._force_n

    def _to(self, phase: Phase) -> None:
        self.phase = phase
        self._in_phase_s = 0.0

    def _sagged(self, held_s: float) -> float:
        return self._goal_n * (1 + self._sag_of * math.expm1(-held_s / SAG_S))

    def _towards(self, goal_n: float, rate_n_per_s: float) -> bool:
        """Move the wish towards a goal; True when it is there."""
        step = rate_n_per_s * STEP_S
        gap = goal_n - self._wish_n
        if abs(gap) <= step:
            self._wish_n = goal_n
            return True
        self._wish_n += math.copysign(step, gap)
        return False

    def _come_near(self) -> bool:
        """Reach for the skin; True on touching it."""
        self._drive_mm = max(self._drive_mm, -CLEARANCE_MM) + REACH_MM_PER_S * STEP_S
        if self._force_n < PRELOAD_N / 2:
            return False
        self._wish_n = PRELOAD_N
        return True

    def _lift(self) -> None:
        """Leave the skin; the drive goes back above it over the next steps."""
        self._wish_n = 0.0
        self._drive_mm = max(self._drive_mm - 4 * REACH_MM_PER_S * STEP_S, -CLEARANCE_MM)

    def _follow_plan(self) -> None:
        self._in_phase_s += STEP_S
        press = self._press
        if press is None:
            press = self._press = next(self._plan)
            self._stage = 0
            self._sag_of = (
                SAG_DEPTH * self.settings.sag * max(0.0, 1 + 0.2 * float(self._habits.standard_normal()))
            )
            self._miss = 1 + self.settings.miss * float(self._habits.standard_normal())
        phase = self.phase
        if phase is Phase.HOLD:
            self._wish_n = self._sagged(self._in_phase_s)
            if self._in_phase_s >= press.stages[self._stage].hold_s:
                self._stage += 1
                self._to(Phase.RAMP if self._stage < len(press.stages) else Phase.RELEASE)
        elif phase is Phase.RAMP:
            stage = press.stages[self._stage]
            self._goal_n = stage.target_n * self._miss
            if self._towards(self._goal_n, stage.ramp_n_per_s):
                self._to(Phase.HOLD)
        elif phase is Phase.AWAY:
            self._lift()
            if self._in_phase_s >= press.pause_s:
                self._to(Phase.REACH)
        elif phase is Phase.REACH:
            if self._come_near():
                self._to(Phase.SETTLE)
        elif phase is Phase.SETTLE:
            if self._in_phase_s >= SETTLE_S:
                self._to(Phase.RAMP)
        elif self._towards(0.0, press.release_n_per_s):
            self._press = None
            self._to(Phase.AWAY)

    def _follow_aim(self, target_n: float) -> None:
        self._in_phase_s += STEP_S
        phase = self.phase
        if target_n <= 0:
            if phase is Phase.AWAY:
                self._lift()
            elif self._towards(0.0, self._rate_n_per_s or 2 * STEERED_N_PER_S):
                self._to(Phase.AWAY)
            return
        if phase is Phase.AWAY:
            self._to(Phase.REACH)
        elif phase is Phase.REACH:
            if self._come_near():
                self._to(Phase.RAMP)
        elif phase is Phase.HOLD and self._goal_n == target_n:
            self._wish_n = self._sagged(self._in_phase_s)
        elif self._towards(target_n, self._rate_n_per_s or STEERED_N_PER_S):
            if self._goal_n != target_n or phase is not Phase.HOLD:
                self._goal_n = target_n
                self._sag_of = SAG_DEPTH * self.settings.sag
                self._to(Phase.HOLD)
        else:
            self.phase = Phase.RAMP
