"""Where a distribution on the lattice reaches a level."""

from __future__ import annotations

import math

import numpy as np

from feedback.band.grid import Array


def crossing(x: Array, probability: Array, level: float) -> float:
    """Where a rising probability reaches `level`; the end of `x` when it does not."""
    i = int(np.searchsorted(probability, level))
    if i == 0 or i == len(x):
        return float(x[min(i, len(x) - 1)])
    # Straight in the logit, which is what one client's own curve is.
    least = 1e-12
    three = (float(probability[i - 1]), level, float(probability[i]))
    at = [math.log(p / (1.0 - p)) for p in (min(max(p, least), 1.0 - least) for p in three)]
    if at[2] <= at[0]:
        return float(x[i])
    return float(x[i - 1] + (x[i] - x[i - 1]) * (at[1] - at[0]) / (at[2] - at[0]))


def quantiles(axis: Array, mass: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles of mass on evenly spaced cells, spread evenly within each."""
    half = 0.5 * float(axis[1] - axis[0])
    ends = np.append(axis - half, float(axis[-1]) + half)
    below = np.append(0.0, np.cumsum(mass))
    found: Array = np.interp(np.asarray(levels) * float(below[-1]), below, ends)
    return found


def scattered_quantiles(values: Array, mass: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles of mass on scattered points, interpolated between neighbours."""
    order = np.argsort(values)
    sorted_mass = mass[order]
    below = np.cumsum(sorted_mass) - 0.5 * sorted_mass
    found: Array = np.interp(np.array(levels), below, values[order])
    return found
