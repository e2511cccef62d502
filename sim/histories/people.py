"""Simulated clients for large histories: who they are, which points they have, how they change."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedback.band.prior import POPULATION
from feedback.points import MUSCLES, Point

if TYPE_CHECKING:
    import numpy as np

THERAPISTS = tuple(f"T{number}" for number in range(1, 9))
APPLICATORS = (("thumb", 2.0), ("knuckle", 1.5), ("elbow", 6.0))
RESPONDERS = 0.6
"""This share of the clients rises from visit to visit; the others stay where they are."""
RISE_LN = 0.05
MOST_RISE_LN = 0.4
VISIT_LN_SD = 0.08
"""How much a client's thresholds differ from one visit to the next by chance."""
_SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class SimulatedPoint:
    """A point with its thresholds at the first visit, in ln kPa."""

    point: Point
    lower_ln: float
    upper_ln: float


@dataclass(frozen=True, slots=True)
class Person:
    """A client.

    Attributes:
        code: `S0001` and so on.
        points: one to six, the other side of each among them more often than not.
        rise_ln: what a visit adds to the thresholds, in ln pressure.
        visits: when they come, oldest first.
        therapist: who gives, most often.
        applicator: name and contact area in cm².
        coached: whether the release technique is used.
    """

    code: str
    points: tuple[SimulatedPoint, ...]
    rise_ln: float
    therapist: str
    applicator: tuple[str, float]
    coached: bool
    visits: tuple[datetime, ...] = field(default=())

    def thresholds_kpa(self, point: SimulatedPoint, visit: int, chance_ln: float) -> tuple[float, float]:
        """T_lo and T_hi at a visit (from 0), kPa."""
        more = min(MOST_RISE_LN, self.rise_ln * visit) + chance_ln
        return math.exp(point.lower_ln + more), math.exp(point.upper_ln + more)


def draw_person(number: int, visits: int, until: datetime, rng: np.random.Generator) -> Person:
    """A client with so many visits, the last at most four weeks before `until`."""
    found: dict[Point, SimulatedPoint] = {}
    base_ln = math.log(POPULATION.threshold_kpa) + POPULATION.threshold_ln_sd * float(rng.standard_normal())
    for muscle in rng.choice(len(MUSCLES), size=int(rng.integers(1, 4)), replace=False):
        sides = _SIDES if rng.random() < 0.6 else (_SIDES[int(rng.integers(2))],)
        for side in sides:
            point = Point(MUSCLES[int(muscle)], side, "1")
            lower_ln = base_ln - POPULATION.ratio_ln + 0.15 * float(rng.standard_normal())
            ratio_ln = max(0.15, POPULATION.ratio_ln + 0.1 * float(rng.standard_normal()))
            found[point] = SimulatedPoint(point, lower_ln, lower_ln + ratio_ln)
    at = until - timedelta(days=float(rng.uniform(0, 28)))
    days = [at]
    for _ in range(visits - 1):
        at -= timedelta(days=float(rng.uniform(3, 14)))
        days.append(at)
    return Person(
        code=f"S{number:04d}",
        points=tuple(found.values()),
        rise_ln=RISE_LN if rng.random() < RESPONDERS else 0.0,
        therapist=THERAPISTS[int(rng.integers(len(THERAPISTS)))],
        applicator=APPLICATORS[min(2, int(rng.exponential(0.4)))],
        coached=bool(rng.random() < 0.6),
        visits=tuple(sorted(days)),
    )
