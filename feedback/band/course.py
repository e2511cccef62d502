"""The course of a hold: does the pain ease, stay or build, once the change of pressure is taken out?

Hands lose about a tenth of their pressure in the first seconds of a hold (Pérez-Palomares 2021: -8.7 % after 15 s), and
a rating falls with the pressure. So every rating is first brought to the pressure of the first one: ratings grow as
pressure to a power n (Stevens), so a rating r at P would have been r * (P0 / P)^n at P0. Only what then remains is a
change in the client. One point is noise (Delgado 2018: 1.4 of 10 is the least that matters): a trend is two points, or
two steps one after the other in the same direction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from feedback.band.edges import BandError

POINTS = 2.0
"""This many points of change are a trend."""
STEP_POINTS = 0.75
"""A step: one point, less what rounding to whole ratings can take from it. Two steps in a row are a trend."""
LARGEST_CHANGE = 0.35
"""When pressure changed by more than this share, the link is stretched too far to take it out."""
EXPONENTS = (1.0, 1.9, 3.8)
"""Stevens' exponent when the client's own is not known: 5 %, 50 % and 95 % of the prior (0.762 / w)."""
WORD_POINTS = 1.0
"""What "easing" or "worsening" in words counts for: one step."""


class CourseKind(StrEnum):
    """How the pain goes during a hold."""

    EASING = "easing"
    STEADY = "steady"
    BUILDING = "building"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Felt:
    """What the client felt at one moment of a hold.

    Attributes:
        time_s: when.
        pressure_kpa: of the seconds before it.
        rating: 0 to 10; None for a trend in words.
        trend: -1 for "easing", +1 for "worsening", 0 for a rating.
    """

    time_s: float
    pressure_kpa: float
    rating: float | None = None
    trend: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.pressure_kpa < math.inf or not math.isfinite(self.time_s):
            raise BandError("what was felt in a hold needs a time, and a pressure above 0 kPa")
        if self.trend not in (-1, 0, 1) or (self.rating is None) == (self.trend == 0):
            raise BandError("what was felt in a hold is a rating, or a trend: easing (-1) or worsening (+1)")
        if self.rating is not None and not 0 <= self.rating <= 10:
            raise BandError(f"a rating is a number from 0 to 10, not {self.rating}")


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a hold.

    Attributes:
        kind: easing, steady, building or unknown.
        change: change of the rating at equal pressure from first to last, in points; None when unknown.
        by_pressure: the part of the change, as said, that the change of pressure explains, in points; None if unknown.
        pressure_change: of the last pressure against the first, as a share (-0.1 is 10 % less); None when unknown.
        sentence: for people.
    """

    kind: CourseKind
    sentence: str
    change: float | None = None
    by_pressure: float | None = None
    pressure_change: float | None = None


def course_of(felt: Sequence[Felt], exponents: tuple[float, float, float] = EXPONENTS) -> Course:
    """The course of one hold from what was felt in it, in any order of time.

    Args:
        felt: ratings and trends of this hold; marks and verdicts do not belong here.
        exponents: 5 %, 50 % and 95 % points of the client's Stevens exponent (`GoodPainBand.exponent_interval`).
            A trend is called only if it stands whichever of them is true.

    Raises:
        BandError: the exponents are not above 0.
    """
    if not all(0 < n < math.inf for n in exponents):
        raise BandError("the exponent of a rating's growth with pressure must be above 0")
    ordered = sorted(felt, key=lambda f: f.time_s)
    if len(ordered) < 2 and not any(f.trend for f in ordered):
        return Course(CourseKind.UNKNOWN, "too few ratings in this hold to tell its course")
    said = _as_ratings(ordered)
    pressures = [f.pressure_kpa for f in ordered]
    if len(ordered) < len(said):
        pressures = [pressures[0], *pressures]
    shift = max(abs(p / pressures[0] - 1.0) for p in pressures)
    if shift > LARGEST_CHANGE:
        return Course(CourseKind.UNKNOWN, "the pressure changed too much in this hold to tell its course")

    paths = [[r * (pressures[0] / p) ** n for r, p in zip(said, pressures, strict=True)] for n in exponents]
    directions = {_trend(path) for path in paths}
    direction = directions.pop() if len(directions) == 1 else 0
    change = paths[1][-1] - said[0]
    spoken = said[-1] - said[0]
    moved = pressures[-1] / pressures[0] - 1.0
    kind = {-1: CourseKind.EASING, 0: CourseKind.STEADY, 1: CourseKind.BUILDING}[direction]
    return Course(kind, _sentence(kind, spoken, moved), change, spoken - change, moved)


def _as_ratings(felt: Sequence[Felt]) -> list[float]:
    """Ratings; a trend in words is one step from the rating before it, or from 5 if it is the first."""
    said: list[float] = []
    for f in felt:
        if f.rating is not None:
            said.append(f.rating)
            continue
        if not said:
            said.append(5.0)
        said.append(min(max(said[-1] + f.trend * WORD_POINTS, 0.0), 10.0))
    return said


def _trend(path: Sequence[float]) -> int:
    """-1, 0 or +1: the direction of a whole change of two points, or of the last two steps."""
    whole = path[-1] - path[0]
    steps = [b - a for a, b in pairwise(path)]
    for sign in (-1, 1):
        if sign * whole >= POINTS:
            return sign
        # Two steps are no trend when the hold as a whole went the other way.
        if len(steps) >= 2 and sign * whole > 0 and all(sign * step >= STEP_POINTS for step in steps[-2:]):
            return sign
    return 0


def _sentence(kind: CourseKind, spoken: float, moved: float) -> str:
    much = abs(moved) >= 0.03
    pressure = f"pressure {'fell' if moved < 0 else 'rose'} {abs(moved):.0%}" if much else "pressure held"
    if kind is CourseKind.EASING:
        return f"easing: less pain than the pressure explains ({pressure})"
    if kind is CourseKind.BUILDING:
        return f"building: more pain than the pressure explains ({pressure})"
    if abs(spoken) >= 1.0 and much and (spoken < 0) == (moved < 0):
        word = "falling" if spoken < 0 else "rising"
        return f"steady: the {word} rating may only be the pressure ({pressure})"
    if abs(spoken) >= 1.0:
        return f"steady: the change is too small to call a trend ({pressure})"
    return f"steady ({pressure})"
