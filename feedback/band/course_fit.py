"""How the pain of a hold goes at equal pressure: what the words of one hold make of it, as probabilities.

The pain felt t seconds into a hold at pressure P, on the 0-10 scale, is taken as

    pain = level * (P / P0)^n * exp(change * (1 - exp(-t / 15 s)))

so that ratings grow as a power n of pressure (Stevens), as the band assumes, and what remains is the client's own
course: `change` is its end, in ln. In healthy people most of it comes within 30 s (PMC2751583); its shape is not
published, so 15 s is a choice. A word is an interval of this scale: a rating of 5 lies between 4.5 and 5.5, "good" in
the good-pain range, "easing" below the word before it. It scatters by a noise that the hold itself shows.

Four unknowns (level, change, n, noise) on a grid: every word multiplies what is believed of each cell by how probable
the word was there. The exponent n comes from the client's band with its uncertainty, and the answer allows for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COURSE_S = 15.0
"""Time constant of the course of a hold. A choice: see above."""
CHANGE_SD = 0.8
"""Before the first word `change` is believed to lie around 0 with this standard deviation: the largest published change
is a fall from 4.0 to 1.8, ln(1.8 / 4.0) = -0.8 (PMC2751583)."""
NOISE = 0.13
NOISE_LN_SD = 0.6
"""Scatter of a word within one hold, in ln of the pain: half a point at a rating of 4, believed to a factor of 2.

An electronic and a paper scale for the same stimulus differ by a standard deviation of 0.49 (limits of agreement -0.79
to 1.14; Escalona-Marfil 2020, PMC7055746), so one rating scatters by 0.35; rounding to whole numbers is apart."""
SLIP = 0.03
"""Share of words that mean nothing (a wrong key, a slip), as in the band."""
_LOGISTIC = math.pi / math.sqrt(3)
_NOWHERE = 20.0
"""Beyond either end of the scale, in ln."""


@dataclass(frozen=True, slots=True)
class Between:
    """A word as an interval of the 0-10 scale, for a pain at a time and a pressure.

    Attributes:
        time_s: into the hold, 0 or more.
        pressure_ln: ln of the pressure against the hold's first, 0 when equal.
        low, high: the pain lies between them; 0 and infinity are open ends.
        slip: how probable the word is whatever the pain.
    """

    time_s: float
    pressure_ln: float
    low: float
    high: float
    slip: float


@dataclass(frozen=True, slots=True, eq=False)
class _Axes:
    level_ln: Array
    change: Array
    noise: Array
    log_prior: Array


@lru_cache(maxsize=1)
def _axes() -> _Axes:
    level_ln = np.linspace(math.log(0.5), math.log(14.0), 31)
    change = np.linspace(-2.1, 1.5, 49)
    z = np.linspace(-2.0, 2.0, 5)
    log_prior = -0.5 * (z[:, None, None] ** 2 + (change / CHANGE_SD) ** 2)
    return _Axes(
        level_ln,
        change,
        NOISE * np.exp(NOISE_LN_SD * z),
        np.broadcast_to(log_prior, (5, len(level_ln), len(change))),
    )


_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)


def _spread(exponents: tuple[float, float, float]) -> Array:
    """Five equally probable exponents from the 5 %, 50 % and 95 % points."""
    z = NormalDist().inv_cdf
    known = [z(0.05), 0.0, z(0.95)]
    return np.exp(np.interp([z(p) for p in _LEVELS], known, np.log(exponents)))


def settled(time_s: float) -> float:
    """Share of a hold's course that has come about after `time_s`, 0 to 1."""
    return -math.expm1(-time_s / COURSE_S)


class CourseFit:
    """What is believed of one hold's course; words are added as they come."""

    def __init__(self, exponents: tuple[float, float, float]) -> None:
        axes = _axes()
        self._n = _spread(exponents)
        self._axes = axes
        self._log = np.repeat(axes.log_prior[None], len(self._n), axis=0)
        self._mass: Array | None = None

    def add(self, word: Between) -> None:
        """Take a word in."""
        axes = self._axes
        pain_ln = (
            (word.pressure_ln * self._n)[:, None, None, None]
            + axes.level_ln[:, None]
            + settled(word.time_s) * axes.change
        )
        noise = axes.noise[:, None, None]
        share = np.tanh((0.5 * _LOGISTIC) * (_ln(word.high) - pain_ln) / noise)
        share -= np.tanh((0.5 * _LOGISTIC) * (_ln(word.low) - pain_ln) / noise)
        self._log += np.log((0.5 * (1.0 - SLIP)) * share + word.slip)
        self._mass = None

    def chance(self, low: float, high: float) -> float:
        """Probability that `change` lies between two values."""
        inside = (self._axes.change > low) & (self._axes.change < high)
        return float(self._changes()[inside].sum())

    def spread(self) -> float:
        """Standard deviation of `change`; 0.8 before the first word."""
        mass, change = self._changes(), self._axes.change
        mean = float(mass @ change)
        return math.sqrt(float(mass @ (change - mean) ** 2))

    def points(self, first_s: float, last_s: float) -> float:
        """Expected change of the rating at equal pressure between two times of the hold, in points."""
        mass = self._all().sum(axis=(0, 1))
        level, change = np.exp(self._axes.level_ln)[:, None], self._axes.change
        at = [np.minimum(level * np.exp(settled(s) * change), 10.0) for s in (first_s, last_s)]
        return float((mass * (at[1] - at[0])).sum())

    def _all(self) -> Array:
        if self._mass is None:
            mass: Array = np.exp(self._log - self._log.max())
            mass /= mass.sum()
            self._mass = mass
        return self._mass

    def _changes(self) -> Array:
        return self._all().sum(axis=(0, 1, 2))


def _ln(pain: float) -> float:
    if pain <= 0:
        return -_NOWHERE
    return math.log(pain) if pain < math.inf else _NOWHERE
