"""How probable a report is, for every cell of the grid.

`x` is ln pressure relative to the grid's centre. Every answer may be a lapse: then it says nothing, whatever
the pressure.
"""

from __future__ import annotations

import math

import numpy as np

from feedback.band.grid import LOGISTIC, Array, Grid, logistic
from feedback.comfort import ReportKind

_MARGIN = 2.5
"""Pressures farther than this (ln) outside the lattice are treated as if they were there: no cell can tell
them apart."""
MOST_REACTION = 0.5
"""At most this share of a marked pressure is put down to the reaction delay, however steep the ramp."""


def onto(grid: Grid, x: float) -> float:
    """`x` where the formulas are safe."""
    return min(max(x, float(grid.x[0]) - _MARGIN), float(grid.x[-1]) + _MARGIN)


def felt_at_kpa(pressure_kpa: float, ramp_kpa_per_s: float, reaction_s: float) -> float:
    """Pressure at the moment of feeling, when the mark came `reaction_s` later on a rising ramp."""
    return max(pressure_kpa - max(ramp_kpa_per_s, 0.0) * reaction_s, pressure_kpa * (1.0 - MOST_REACTION))


def verdict(grid: Grid, kind: ReportKind, x: float) -> Array:
    """Probability of a verdict at a held pressure: ordinal logistic with the cut points a and a + w."""
    x = onto(grid, x)
    lapse = grid.priors.lapse
    share: Array
    if kind is ReportKind.TOO_LITTLE:
        share = 1.0 - logistic((x - grid.a) / grid.s[:, None])[:, None, :]
    else:
        share = grid.on_cells(logistic((x - grid.b) / grid.s[:, None]))
        if kind is ReportKind.GOOD:
            share = logistic((x - grid.a) / grid.s[:, None])[:, None, :] - share
    return (1.0 - lapse) * share + lapse / 3.0


def rating(grid: Grid, value: int, x: float) -> Array:
    """Probability of a rating 0-10 at a held pressure: eleven ordered categories, Stevens-spaced."""
    fade = np.exp(-LOGISTIC * onto(grid, x) / grid.s)[:, None, None]

    def at_least(r: int) -> Array:
        return 1.0 / (1.0 + grid.cut_exp[r - 1] * fade)

    share = 1.0 - at_least(1) if value == 0 else at_least(value)
    if 0 < value < 10:
        share -= at_least(value + 1)
    lapse = grid.priors.lapse
    share *= 1.0 - lapse
    share += lapse / 11.0
    return share


def mark(grid: Grid, kind: ReportKind, x: float) -> Array:
    """Density of a mark ("there", "enough") at the pressure felt: logistic around its threshold."""
    x = onto(grid, x)
    edge = grid.a if kind is ReportKind.THERE else grid.b
    below = logistic((x - edge) / grid.s[:, None])
    lapse = grid.priors.lapse
    width = float(grid.a[-1] - grid.a[0])
    density = (1.0 - lapse) * LOGISTIC / grid.s[:, None] * below * (1.0 - below) + lapse / width
    return density[:, None, :] if kind is ReportKind.THERE else grid.on_cells(density)


def edge_quantile(alpha: float) -> float:
    """How many s below T_hi the pressure lies at which a client says "too much" with probability `alpha`."""
    return math.log((1.0 - alpha) / alpha) / LOGISTIC
