"""Thresholds that move: the posterior of a shifted and widened, between reports and between visits."""

from __future__ import annotations

import math

import numpy as np

from feedback.band.grid import Array, Grid


def spread(grid: Grid, mass: Array, variance: float) -> Array:
    """Widen the posterior of a by this variance, without moving it."""
    if variance <= 0.0:
        return mass
    share = variance / (2.0 * grid.lattice.step**2)
    if share > 0.25:
        return moved(grid, mass, 0.0, math.sqrt(variance))
    # Three points have the exact variance where a sampled normal, narrower than a cell, would not.
    out = (1.0 - 2.0 * share) * mass
    out[:, :, 1:] += share * mass[:, :, :-1]
    out[:, :, :-1] += share * mass[:, :, 1:]
    out[:, :, 0] += share * mass[:, :, 0]
    out[:, :, -1] += share * mass[:, :, -1]
    return out


def moved(grid: Grid, mass: Array, by: float, sd: float) -> Array:
    """Shift the posterior of a by `by` and widen it by a normal with this standard deviation."""
    kernel: Array = np.exp(-0.5 * ((grid.a - grid.a[:, None] - by) / sd) ** 2) + 1e-300
    kernel /= kernel.sum(axis=1, keepdims=True)
    moved: Array = mass @ kernel
    return moved
