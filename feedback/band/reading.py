"""From the posterior to edges, with what is missing when there is no band yet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from feedback.band import likelihood
from feedback.band.edges import Band
from feedback.band.estimate import BandEstimate
from feedback.band.quantiles import crossing, quantiles, scattered_quantiles

if TYPE_CHECKING:
    from feedback.band.model import GoodPainBand

NARROWEST = math.log(1.04)
"""A band narrower than this (ln) is none: a hand holds a pressure to about 8 %."""
WIDEST_INTERVAL = math.log(2.5)
"""With a 90 % interval of the lower edge wider than this (ln) there is no band yet. The population's is ln 4.4."""


def estimate(model: GoodPainBand, alpha: float, *, own: bool) -> BandEstimate:
    """What the posterior says of the edges, held back by the guard.

    Args:
        model: whose.
        alpha: accepted probability of "too much".
        own: alpha is the model's own, for which the edge shown before counts.
    """
    grid, centre = model.grid, model.centre_ln
    of_lower, of_upper = grid.by_lower(model.mass), grid.by_upper(model.mass)
    lower_ln = centre + crossing(grid.x, grid.at_least_good @ of_lower.ravel(), 0.5)
    upper_ln = centre + crossing(grid.x, grid.too_much @ of_upper.ravel(), alpha)
    lower_ends = centre + quantiles(grid.a, of_lower.sum(axis=0), (0.05, 0.95))
    high = centre + quantiles(grid.b, of_upper.sum(axis=0), (0.05, 0.5, 0.95))
    edge = grid.b - likelihood.edge_quantile(alpha) * grid.s[:, None]
    edge_ends = centre + scattered_quantiles(edge.ravel(), of_upper.ravel(), (0.05, 0.95))

    hard_ln = min(model.guard.hard_ln, math.log(model.ceiling_kpa))
    shown_ln = min(upper_ln, hard_ln, model.guard.shown_ln if own else math.inf)
    reason, settle = _missing(model, lower_ln, upper_ln, shown_ln, float(lower_ends[1] - lower_ends[0]))
    band = None
    if not reason:
        # What a hard rule holds is not soft: the interval ends where the rule does.
        top_ln = max(shown_ln, min(float(edge_ends[1]), hard_ln))
        band = Band(
            lower_kpa=math.exp(lower_ln),
            upper_kpa=math.exp(shown_ln),
            lower_interval_kpa=_kpa(min(float(lower_ends[0]), lower_ln), max(float(lower_ends[1]), lower_ln)),
            upper_interval_kpa=_kpa(min(float(edge_ends[0]), shown_ln), top_ln),
            source="learned",
            because=model.told.because,
        )
    return BandEstimate(
        band=band,
        stay_below_kpa=math.exp(shown_ln),
        lower_kpa=math.exp(lower_ln),
        lower_interval_kpa=_kpa(*lower_ends),
        upper_kpa=math.exp(upper_ln),
        upper_interval_kpa=_kpa(*edge_ends),
        threshold_kpa=math.exp(float(high[1])),
        threshold_interval_kpa=_kpa(float(high[0]), float(high[2])),
        alpha=alpha,
        held_back=_held_back(model, upper_ln, shown_ln),
        reason=reason,
        settle=settle,
        because=model.told.because,
    )


def _missing(
    model: GoodPainBand, lower_ln: float, upper_ln: float, shown_ln: float, width_ln: float
) -> tuple[str, str]:
    """Why there is no band and what would settle it; two empty strings when there is one."""
    if not model.told.today and not model.told.visits:
        return (
            "nothing is known of this point yet",
            "press slowly and ask the client to say “there” when the good pain begins",
        )
    if width_ln > WIDEST_INTERVAL:
        return (
            "the answers so far leave the lower edge too wide open",
            "press slowly and ask for a “there”, or hold and ask: too little, good, too much?",
        )
    if shown_ln - lower_ln >= NARROWEST:
        return "", ""
    if math.log(model.ceiling_kpa) - lower_ln < NARROWEST:
        return (
            "good pain seems to begin at the ceiling or above it",
            "stay below the ceiling; try another tip or angle",
        )
    if upper_ln - lower_ln >= NARROWEST:
        return (
            "the client found it too much: the limit is down, and rises a tenth at most with each answer",
            "stay below it, hold and ask again",
        )
    return (
        "good pain and too much lie too close together to tell them apart yet",
        "stay below the limit, hold and ask: too little, good, too much?",
    )


def _held_back(model: GoodPainBand, upper_ln: float, shown_ln: float) -> str:
    if shown_ln >= upper_ln:
        return ""
    if shown_ln >= math.log(model.ceiling_kpa):
        return "the ceiling"
    if shown_ln >= model.guard.stop_ln:
        return "the client said stop"
    if shown_ln >= model.guard.cap_ln:
        return "the client found it too much"
    return "it rises by at most a tenth with each answer"


def _kpa(low_ln: float, high_ln: float) -> tuple[float, float]:
    return math.exp(low_ln), math.exp(high_ln)
