"""Which pressure to try next, and what an answer would teach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from feedback.band.estimate import Advice, Manner
from feedback.band.guard import STEP
from feedback.band.quantiles import crossing, quantiles

if TYPE_CHECKING:
    from feedback.band.model import GoodPainBand

UP_THE_BAND = 0.6
"""Where to treat: this far up the band, in ln pressure. Hou treats between threshold and the mean of both edges."""
LEARN_RISK = 0.25
"""While learning no pressure is asked whose P(too much) is larger."""
FIRST_PRESS = 0.05
"""The first press while learning is where only this share of the people already feels good pain."""


def next_pressure(model: GoodPainBand, manner: Manner) -> Advice:
    """The next pressure in this manner; see `GoodPainBand.next_pressure`."""
    if model.guard.stopped:
        return Advice(None, "the client said stop: release, and talk before pressing again", manner)
    band = model.band().band
    if manner is Manner.TREAT and band is not None:
        pressure = band.lower_kpa ** (1.0 - UP_THE_BAND) * band.upper_kpa**UP_THE_BAND
        return Advice(pressure, "a little above the middle of the band", manner)
    return _learn(model)


def worth_asking(model: GoodPainBand, pressure_kpa: float) -> float:
    """Expected information of a verdict at this pressure, in bits."""
    grid = model.grid
    at = round((math.log(pressure_kpa) - model.centre_ln - float(grid.x[0])) / grid.lattice.step)
    at = min(max(at, 0), len(grid.x) - 1)
    good = grid.at_least_good[at] @ grid.by_lower(model.mass).ravel()
    much = grid.too_much[at] @ grid.by_upper(model.mass).ravel()
    return _information(model, at, float(good), float(much)) / math.log(2.0)


def _information(model: GoodPainBand, at: int, good: float, much: float) -> float:
    """Mutual information (nats) of a verdict at `grid.x[at]` and the thresholds."""
    lapse = model.grid.priors.lapse
    predicted = (1.0 - lapse) * np.array([1.0 - good, good - much, much]) + lapse / 3.0
    entropy = -float(predicted @ np.log(predicted))
    return max(entropy - model.grid.expected_entropy(model.mass, at), 0.0)


def _learn(model: GoodPainBand) -> Advice:
    grid, guard = model.grid, model.guard
    of_lower, of_upper = grid.by_lower(model.mass), grid.by_upper(model.mass)
    good = grid.at_least_good @ of_lower.ravel()
    much = grid.too_much @ of_upper.ravel()
    start_ln = model.centre_ln + float(quantiles(grid.a, of_lower.sum(axis=0), (FIRST_PRESS,))[0])
    known = math.isfinite(guard.tolerated_ln)
    careful_ln = guard.tolerated_ln + STEP if known else start_ln
    hard_ln = min(guard.hard_ln, math.log(model.ceiling_kpa))
    risk_ln = model.centre_ln + crossing(grid.x, much, LEARN_RISK)
    top_ln = min(careful_ln, hard_ln, risk_ln)
    # Nothing far below the first press is worth asking.
    bottom_ln = min(start_ln, top_ln) - STEP
    x_ln = grid.x + model.centre_ln
    allowed = np.flatnonzero((x_ln <= top_ln) & (x_ln >= bottom_ln))
    best_ln, best = top_ln, -1.0
    for at in allowed:
        worth = _information(model, int(at), float(good[at]), float(much[at]))
        if worth >= best:
            best_ln, best = float(x_ln[at]), worth
    if top_ln - best_ln < grid.lattice.step:
        best_ln = top_ln
    if best_ln < top_ln:
        why = "learning: the answer here tells most"
    elif top_ln == hard_ln:
        why = "learning: no higher, held by the ceiling or by what the client said"
    elif top_ln == risk_ln:
        why = "learning: no higher, more could be too much"
    elif known:
        why = "learning: one step above what the client has tolerated"
    else:
        why = "learning: begin low"
    return Advice(math.exp(best_ln), why, Manner.LEARN)
