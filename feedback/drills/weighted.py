"""Means, slopes and quantiles weighted by time, for samples that come irregularly or not at all.

A sample stands for half the time to each of its neighbours. Across a silence (more than
`feedback.measure.MISSING_PERIODS` median periods) it stands for half a period only: nothing is assumed of the time
between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from feedback.measure import MISSING_PERIODS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def seconds_each(time_s: Floats) -> Floats:
    """How much time each sample stands for, (n,) like `time_s`, which does not fall."""
    if len(time_s) < 2:
        return np.zeros(len(time_s))
    steps = np.diff(time_s)
    rising = steps[steps > 0]
    period_s = float(np.median(rising)) if len(rising) else 0.0
    steps = np.where(steps > MISSING_PERIODS * period_s, period_s, steps)
    before = np.concatenate([steps[:1], steps])
    after = np.concatenate([steps, steps[-1:]])
    return (before + after) / 2


def mean_of(values: Floats, weights: Floats) -> float | None:
    """Weighted mean; None without weight."""
    total = float(weights.sum())
    return float((values * weights).sum()) / total if total > 0 else None


def sd_of(values: Floats, weights: Floats) -> float | None:
    """Weighted standard deviation around the weighted mean; None without weight."""
    mean = mean_of(values, weights)
    if mean is None:
        return None
    return float(np.sqrt((weights * (values - mean) ** 2).sum() / weights.sum()))


def slope_of(time_s: Floats, values: Floats, weights: Floats) -> float | None:
    """Weighted least-squares slope per second; None for fewer than three samples or no spread in time."""
    middle = mean_of(time_s, weights)
    if middle is None or len(time_s) < 3:
        return None
    x = time_s - middle
    spread = float((weights * x * x).sum())
    return float((weights * x * values).sum()) / spread if spread > 0 else None


def share_of(flags: Flags, weights: Floats) -> float | None:
    """Share of the weight where the flag is set; None without weight."""
    total = float(weights.sum())
    return float(weights[flags].sum()) / total if total > 0 else None


def quantile_of(values: Floats, weights: Floats, share: float) -> float | None:
    """The smallest value at or below which at least this share of the weight lies; None without weight."""
    total = float(weights.sum())
    if total <= 0:
        return None
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) >= share * total * (1 - 1e-12)
    return float(values[order][int(np.argmax(reached))])


def smooth_of(time_s: Floats, values: Floats, weights: Floats, over_s: float) -> Floats:
    """Centred moving mean over `over_s` of time, (n,); at the ends over what there is."""
    area = np.concatenate([[0.0], np.cumsum(values * weights)])
    mass = np.concatenate([[0.0], np.cumsum(weights)])
    first = np.searchsorted(time_s, time_s - over_s / 2, side="left")
    last = np.searchsorted(time_s, time_s + over_s / 2, side="right")
    width = mass[last] - mass[first]
    return np.where(width > 0, (area[last] - area[first]) / np.where(width > 0, width, 1.0), values)
