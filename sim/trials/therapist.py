"""A simulated therapist: the hand that makes the pressure, and the habits nobody tells it of.

The hand is reduced to pressures (`sim.trials.force_hand`); a step is 0.1 s, in which it gives eight samples. While it
holds, it sags without noticing: 19.3 % with a time constant of 12.6 s, times its habit (Perez-Palomares 2021). Each new
level that is aimed at is missed by 4 % and begins a new hold, as in `sim.hand`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.hand import SAG_DEPTH, SAG_S, HandSettings
from sim.trials.force_hand import RATE_HZ, TREMOR, WANDER_S

STEP_S = 0.1
SAMPLES = round(RATE_HZ * STEP_S)
LEAST_RATE_KPA_PER_S = 2.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What a therapist brings along; all but the sag are assumed.

    Attributes:
        guess_kpa: pressure that seems right before the client has said anything.
        speed: factor on the rate that the technique asks for.
        sag: factor on the published sag.
        wander: standard deviation of the slow wander, as a share.
        miss: standard deviation of the error of an aimed level, as a share.
        reaction_s: from a client's word to the hand.
        screen_s: from the screen to the hand, for who looks at it.
        remember: standard deviation of a level found again by feel, ln.
    """

    guess_kpa: float
    speed: float
    sag: float
    wander: float
    miss: float
    reaction_s: float
    screen_s: float
    remember: float


GUESS_KPA = 285.0
"""Three fifths up the band of the middle one of the simulated clients."""


def draw_habits(rng: np.random.Generator) -> Habits:
    """A therapist by chance: guesses within a quarter, rates within a factor of 1.5, a screen followed within 1-2 s."""
    z = np.clip(rng.standard_normal(4), -2.2, 2.2).tolist()
    return Habits(
        guess_kpa=GUESS_KPA * math.exp(0.25 * z[0]),
        speed=math.exp(0.4 * z[1]),
        sag=max(0.3, 1.0 + 0.25 * z[2]),
        wander=HandSettings().wander * math.exp(0.3 * z[3]),
        miss=HandSettings().miss,
        reaction_s=float(rng.uniform(0.4, 0.9)),
        screen_s=float(rng.uniform(1.0, 2.0)),
        remember=0.1,
    )


class StepHand:
    """Makes pressure, a step at a time."""

    def __init__(self, habits: Habits, rng: np.random.Generator) -> None:
        self._habits = habits
        self._rng = rng
        self._wish_kpa = 0.0
        self._goal_kpa = 0.0
        self._rate = 30.0
        self._held_s = 0.0
        self._wander = habits.wander * float(rng.standard_normal())
        self._phase = 0.0
        self._hz = float(rng.uniform(8.0, 12.0))
        self.arrived = True
        """The level aimed at was reached, and is held."""

    @property
    def lost(self) -> float:
        """Share of the level last reached that the hand has lost since, unnoticed: its sag, 0 to 1."""
        return SAG_DEPTH * self._habits.sag * -math.expm1(-self._held_s / SAG_S) if self.arrived else 0.0

    @property
    def kpa(self) -> float:
        """What the hand makes now, tremor and wander apart."""
        return self._wish_kpa * (1.0 - self.lost)

    def aim(self, goal_kpa: float, rate_kpa_per_s: float, *, exact: bool = False) -> None:
        """Go to a level at a rate, from where the hand is; missed by the habit unless `exact`."""
        self._wish_kpa = self.kpa
        missed = 1.0 if exact else 1.0 + self._habits.miss * float(self._rng.standard_normal())
        self._goal_kpa = max(0.0, goal_kpa * missed)
        self._rate = max(rate_kpa_per_s, LEAST_RATE_KPA_PER_S)
        self.arrived = False
        self._held_s = 0.0

    def set_rate(self, rate_kpa_per_s: float) -> None:
        """Go on towards the same level, faster or slower."""
        self._rate = max(rate_kpa_per_s, LEAST_RATE_KPA_PER_S)

    def step(self) -> NDArray[np.float64]:
        """The next 0.1 s: eight pressures, kPa."""
        before = self.kpa
        if self.arrived:
            self._held_s += STEP_S
        else:
            gap = self._goal_kpa - self._wish_kpa
            self._wish_kpa += math.copysign(min(abs(gap), self._rate * STEP_S), gap)
            self.arrived = self._wish_kpa == self._goal_kpa
        keep = math.exp(-STEP_S / WANDER_S)
        drift = math.sqrt(1.0 - keep**2) * self._habits.wander * float(self._rng.standard_normal())
        was, self._wander = self._wander, keep * self._wander + drift
        share = np.arange(1, SAMPLES + 1) / SAMPLES
        level = before + (self.kpa - before) * share
        wander = was + (self._wander - was) * share
        self._phase += 2.0 * math.pi * self._hz * STEP_S
        shake = TREMOR * math.sqrt(2.0) * np.sin(self._phase + 2.0 * math.pi * self._hz * STEP_S * share)
        return np.maximum(level * (1.0 + wander + shake), 0.0)
