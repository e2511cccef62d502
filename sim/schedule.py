"""Forces that are known exactly: masses put on and off, and steady ramps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

PHYSICS_HZ = 160
"""Rate at which the world is computed; twice the fastest converter, eight times the fastest tremor."""


class Pressing(Protocol):
    """Whatever presses on the tip."""

    def force_n(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Newtons at the next grid times.

        Args:
            time_s: consecutive points of the world's grid, `1 / PHYSICS_HZ` apart; each point is asked for once.
        """
        ...


@dataclass(frozen=True, slots=True)
class ForceSchedule:
    """A force that repeats: straight lines between corners.

    Attributes:
        corners: (time in s, force in N), times from 0 and rising; the last time is the period.
    """

    corners: tuple[tuple[float, float], ...]

    @property
    def period_s(self) -> float:
        """Seconds after which it starts again."""
        return self.corners[-1][0]

    def force_n(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Newtons at any times, in any order."""
        times, forces = np.array(self.corners).T
        return np.interp(np.mod(time_s, self.period_s), times, forces)


def steps(forces_n: tuple[float, ...], each_s: float, edge_s: float = 0.1) -> ForceSchedule:
    """Masses put on and off: each force lasts `each_s`, its last `edge_s` being the change to the next one."""
    corners: list[tuple[float, float]] = []
    for i, force in enumerate(forces_n):
        corners += [(i * each_s, force), ((i + 1) * each_s - edge_s, force)]
    return ForceSchedule((*corners, (len(forces_n) * each_s, forces_n[0])))


def ramps(rate_n_per_s: float, top_n: float, rest_s: float, hold_s: float) -> ForceSchedule:
    """Rest, up at a constant rate, hold, down at the same rate."""
    climb_s = top_n / rate_n_per_s
    at = rest_s + climb_s
    return ForceSchedule(((0, 0), (rest_s, 0), (at, top_n), (at + hold_s, top_n), (at + hold_s + climb_s, 0)))
