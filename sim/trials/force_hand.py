"""A hand reduced to the pressure it makes, for trials of thousands of minutes: the figures of `sim.hand`, no tissue.

`sim.hand.Hand` solves the mechanics of hand and tissue 160 times a second, which is too slow here; its figures are
taken over. A held force falls by 19.3 % with a time constant of 12.6 s (Perez-Palomares 2021), wanders by 1.5 % with a
memory of 2 s (assumed) and trembles at 8 to 12 Hz, which in those mechanics comes to 0.2 to 0.6 % of the force.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.hand import SAG_DEPTH, SAG_S, HandSettings

RATE_HZ = 80.0
WANDER = HandSettings().wander
WANDER_S = 2.0
TREMOR = 0.004
SAG_SPREAD = 0.2
"""Hands differ in their sag by this share (standard deviation), as in `sim.hand`."""


def wander(
    n: int, rng: np.random.Generator, sd: float = WANDER, step_s: float = 1.0 / RATE_HZ
) -> NDArray[np.float64]:
    """A slow wandering around 0 with this standard deviation, (n,)."""
    keep = math.exp(-step_s / WANDER_S)
    now = sd * float(rng.standard_normal())
    out = np.empty(n)
    for i, push in enumerate((rng.standard_normal(n) * sd * math.sqrt(1.0 - keep**2)).tolist()):
        now = keep * now + push
        out[i] = now
    return out


def tremor(time_s: NDArray[np.float64], rng: np.random.Generator, rms: float = TREMOR) -> NDArray[np.float64]:
    """Physiological tremor as a share of the force, 8 to 12 Hz, (n,)."""
    hz, phase = rng.uniform(8.0, 12.0, 5), rng.uniform(0.0, 2.0 * math.pi, 5)
    waves = np.sin(2.0 * math.pi * hz[:, None] * time_s + phase[:, None])
    return np.asarray(waves.sum(axis=0) * (rms * math.sqrt(2.0 / 5.0)))


def sag_of(rng: np.random.Generator, factor: float = 1.0) -> float:
    """Depth of the sag of one hold, as a share of the force, by chance."""
    return SAG_DEPTH * factor * max(0.0, 1.0 + SAG_SPREAD * float(rng.standard_normal()))


def held(level_kpa: float, hold_s: float, sag: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Pressure of a hold, 80 values a second, kPa: begun at a level, with a sag of this depth."""
    time_s = np.arange(round(hold_s * RATE_HZ)) / RATE_HZ
    kept = 1.0 + sag * np.expm1(-time_s / SAG_S)
    return level_kpa * kept * (1.0 + wander(len(time_s), rng) + tremor(time_s, rng))
