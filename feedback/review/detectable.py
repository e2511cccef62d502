"""The minimal detectable change of each measure, from the rules in force, with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.care.changes import DOSE_SOURCE, OWN_SOURCE, TIME_IN_BAND_SOURCE, ChangeRule
from feedback.care.response import ResponseRule
from feedback.review.change import Mdc, Measure

if TYPE_CHECKING:
    from feedback.care import CareRules

STUDIED_WITH = "probe"
"""The published figures were found with the tip of an algometer."""


def mdc_of(measure: Measure, rules: CareRules, applicator: str = STUDIED_WITH) -> Mdc:
    """What counts as a change of `measure` when pressed with `applicator`.

    The figures for pressures were found with algometers: for a thumb or an elbow they are taken over, and so not
    verified.
    """
    response, change = rules.response, rules.changes
    usual = ChangeRule()
    match measure:
        case Measure.THRESHOLD:
            known = {(figure.kpa, figure.source) for figure in rules.detectable}
            known.add((ResponseRule().threshold_kpa, ResponseRule().threshold_source))
            published = (response.threshold_kpa, response.threshold_source) in known
            return _found_with(
                applicator, measure, response.threshold_kpa, response.threshold_source, published
            )
        case Measure.SIDES:
            return _found_with(
                applicator, measure, change.sides_kpa, change.sides_source, change.sides_studied
            )
        case Measure.LOWER_EDGE | Measure.UPPER_EDGE:
            return Mdc(measure, change.edge_kpa, "kPa", change.edge_source, verified=False)
        case Measure.RATING:
            return Mdc(measure, response.rating_points, "points", response.rating_source, verified=False)
        case Measure.TIME_IN_BAND:
            own = change.time_in_band_points != usual.time_in_band_points
            source = OWN_SOURCE if own else TIME_IN_BAND_SOURCE
            return Mdc(measure, change.time_in_band_points, "points", source, verified=False)
        case Measure.DOSE:
            source = OWN_SOURCE if change.dose_pct != usual.dose_pct else DOSE_SOURCE
            return Mdc(measure, change.dose_pct, "%", source, verified=False)


def _found_with(applicator: str, measure: Measure, kpa: float, source: str, published: bool) -> Mdc:
    if published and applicator != STUDIED_WITH:
        return Mdc(
            measure, kpa, "kPa", f"{source}; found with an algometer, taken over for the {applicator}", False
        )
    return Mdc(measure, kpa, "kPa", source, published)
