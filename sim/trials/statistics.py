"""The few statistics that the trials need."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from feedback.band import GoodPainBand
from sim.trials.clients import TrialClient


def ks_p(ranks: Sequence[float]) -> float:
    """P-value of Kolmogorov and Smirnov's test that these are even on 0..1, with Stephens' correction for n."""
    n = len(ranks)
    ordered = np.sort(np.asarray(ranks))
    steps = np.arange(n + 1) / n
    d = max(float(np.max(steps[1:] - ordered)), float(np.max(ordered - steps[:-1])))
    scaled = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * d
    p = 2.0 * sum((-1) ** (k - 1) * math.exp(-2.0 * (k * scaled) ** 2) for k in range(1, 101))
    return min(max(p, 0.0), 1.0)


def ranks_of_truth(model: GoodPainBand, client: TrialClient) -> tuple[float, float, float]:
    """Posterior probability below the true ln T_lo, width and ln s: even on 0..1 if the model is right."""
    grid = model.grid
    axes = (grid.a, grid.w, np.log(grid.s))
    masses = (model.mass.sum(axis=(0, 1)), model.mass.sum(axis=(0, 2)), model.mass.sum(axis=(1, 2)))
    truths = (client.lower_ln - model.centre_ln, client.upper_ln - client.lower_ln, math.log(client.noise))
    ranks: list[float] = []
    for axis, mass, truth in zip(axes, masses, truths, strict=True):
        half = 0.5 * (axis[1] - axis[0])
        ends = np.append(axis - half, axis[-1] + half)
        ranks.append(float(np.interp(truth, ends, np.append(0.0, np.cumsum(mass)))))
    return ranks[0], ranks[1], ranks[2]


def errors(model: GoodPainBand, client: TrialClient) -> tuple[float, float]:
    """Relative error of the estimates of T_lo and T_hi."""
    estimate = model.band()
    return (
        abs(estimate.lower_kpa / math.exp(client.lower_ln) - 1.0),
        abs(estimate.threshold_kpa / math.exp(client.upper_ln) - 1.0),
    )


def within(interval: tuple[float, float], truth_ln: float) -> bool:
    """Whether the interval (kPa) holds the truth (ln kPa)."""
    return interval[0] <= math.exp(truth_ln) <= interval[1]
