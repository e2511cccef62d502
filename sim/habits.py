"""The habits of a simulated therapist that nobody tells her of, apart from those of her hand (`sim.hand`)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.hand import HandSettings

GUESS_KPA = 285.0
"""What seems right before anything is known: three fifths up the band of the middle one of the simulated clients."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What she brings along; all assumed.

    Attributes:
        guess_kpa: pressure that seems right before anything is known.
        speed: factor on the rate that the technique asks for.
        miss: standard deviation of the error of an aimed level, as a share.
        reaction_s: from what she hears to the hand.
        screen_s: from what she sees to the hand.
    """

    guess_kpa: float
    speed: float
    miss: float
    reaction_s: float
    screen_s: float


def draw_habits(rng: np.random.Generator) -> Habits:
    """A therapist by chance: guesses within a quarter, rates within a factor of 1.5, a screen followed in 1 to 2 s."""
    z = np.clip(rng.standard_normal(4), -2.2, 2.2).tolist()
    return Habits(
        guess_kpa=GUESS_KPA * math.exp(0.25 * z[0]),
        speed=math.exp(0.4 * z[1]),
        miss=HandSettings().miss,
        reaction_s=float(rng.uniform(0.4, 0.9)),
        screen_s=float(rng.uniform(1.0, 2.0)),
    )
