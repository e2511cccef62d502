"""The figures that scores are made of. Definitions: `feedback.drills.scores.MEANINGS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from feedback.drills.aimed import Aimed
from feedback.drills.scores import WindowScores
from feedback.drills.weighted import mean_of, sd_of, slope_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from feedback.drills.outcome import Pressed
    from feedback.drills.trajectory import Trajectory

STAYS_S = 0.5
SETTLES_S = 3.0
SAG_OVER_S = 8.0
"""Shorter holds say little about sag: tremor and wander are of the same size."""
RISE = (0.1, 0.9)


def over_levels(line: Trajectory, aimed: Aimed, figure: Callable[[Aimed], float | None]) -> float | None:
    """The mean of a figure of each scored stretch with one target, weighted by the time measured of it."""
    values: list[float] = []
    weights: list[float] = []
    for i, piece in enumerate(line.pieces):
        if not piece.scored or piece.from_kpa != piece.to_kpa or piece.swing_kpa:
            continue
        level = aimed.only((aimed.piece == i) & aimed.scored)
        value = figure(level)
        if value is not None:
            values.append(value)
            weights.append(float(level.weight_s.sum()))
    return mean_of(np.array(values), np.array(weights))


def variation(level: Aimed) -> float | None:
    """Standard deviation through mean."""
    mean, sd = mean_of(level.pressure_kpa, level.weight_s), sd_of(level.pressure_kpa, level.weight_s)
    return sd / mean if mean and sd is not None and mean > 0 else None


def sag(level: Aimed) -> float | None:
    """Pressure lost in a minute, kPa; None for less than about 8 s."""
    if not len(level.time_s) or level.time_s[-1] - level.time_s[0] < 0.9 * SAG_OVER_S:
        return None
    slope = slope_of(level.time_s, level.pressure_kpa, level.weight_s)
    return None if slope is None else -60.0 * slope


def stays(time_s: NDArray[np.float64], good: NDArray[np.bool_]) -> float | None:
    """The first time from which on it is good for `STAYS_S`."""
    since: float | None = None
    for at_s, is_good in zip(time_s.tolist(), good.tolist(), strict=True):
        if not is_good:
            since = None
        elif since is None:
            since = at_s
        if since is not None and at_s - since >= STAYS_S:
            return since
    return None


def overshoot(
    aimed: Aimed, smooth: NDArray[np.float64], level: float, tolerance_share: float
) -> float | None:
    """How far the smoothed pressure passes a level before it settles, kPa; None when it never came inside."""
    reached = np.flatnonzero(smooth >= level * (1 - tolerance_share))
    if not len(reached):
        return None
    until = aimed.time_s <= aimed.time_s[reached[0]] + SETTLES_S
    return max(float(smooth[until].max()) - level, 0.0)


def rate_error(
    aimed: Aimed, smooth: NDArray[np.float64], *, asked_kpa_per_s: float, until_s: float
) -> float | None:
    """The rate of rise up to a time minus the rate asked, kPa/s; None for fewer than three samples."""
    way = aimed.time_s <= until_s
    if way.sum() < 3:
        return None
    at_s, kpa, calm, weight = aimed.time_s[way], aimed.pressure_kpa[way], smooth[way], aimed.weight_s[way]
    foot, top = float(calm[0]), float(calm.max())
    low, high = (foot + share * (top - foot) for share in RISE)
    last = int(np.argmax(calm >= high))
    below = np.flatnonzero(calm[:last] < low)
    rise = slice(int(below[-1]) + 1 if len(below) else 0, last + 1)
    slope = slope_of(at_s[rise], kpa[rise], weight[rise])
    return None if slope is None else slope - asked_kpa_per_s


def preload(pressed: Pressed, set_s: float) -> float | None:
    """Mean pressure of the last half of the light contact before the go, kPa."""
    calm = (pressed.time_s >= -set_s / 2) & (pressed.time_s < 0) & np.isfinite(pressed.pressure_kpa)
    kept = pressed.pressure_kpa[calm]
    return float(kept.mean()) if len(kept) else None


def windows_of(line: Trajectory, aimed: Aimed) -> tuple[WindowScores, ...]:
    """The scores of each scored stretch, in order; those with nothing to aim at are left out."""
    found: list[WindowScores] = []
    for i, piece in enumerate(line.pieces):
        if not piece.scored:
            continue
        here = aimed.only((aimed.piece == i) & aimed.scored & np.isfinite(aimed.target_kpa))
        target, mean = (
            mean_of(here.target_kpa, here.weight_s),
            mean_of(here.pressure_kpa, here.weight_s),
        )
        if target is None:
            continue
        off = mean_of(np.abs(here.error_kpa), here.weight_s)
        pct = 100 / target if target > 0 else None
        found.append(
            WindowScores(
                part=piece.part,
                target_kpa=target,
                mean_kpa=mean,
                constant_pct=None if mean is None or pct is None else (mean - target) * pct,
                absolute_pct=None if off is None or pct is None else off * pct,
                measured_s=float(here.weight_s.sum()),
            )
        )
    return tuple(found)


def missing_share(line: Trajectory, pressed: Pressed, aimed: Aimed, there_s: float | None) -> float:
    """Share of the scored time up to the end of the attempt (a client may end it) that was not measured.

    Args:
        line: what was asked.
        pressed: all samples.
        aimed: those that were measured.
        there_s: when a client's word ended what is scored; None when none did.
    """
    if there_s is not None:
        asked_s = there_s
    else:
        ended_s = float(pressed.time_s[-1]) if len(pressed.time_s) else 0.0
        asked_s = sum(
            max(min(piece.end_s, ended_s) - piece.start_s, 0.0) for piece in line.pieces if piece.scored
        )
    measured_s = float(aimed.weight_s[aimed.scored].sum())
    return min(max(1 - measured_s / asked_s, 0.0), 1.0) if asked_s > 0 else 0.0
