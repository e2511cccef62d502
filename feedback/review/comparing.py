"""Which figures of a point are compared, and when they cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feedback.care import CareRules, HandsRule, Plan, ResponseRule
from feedback.review.change import Change, Figure, Measure, judge
from feedback.review.detectable import mdc_of
from feedback.review.point_course import DOUBTFUL, NOT_WELL, PointCourse, series_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from feedback.points import Point
    from feedback.review.point_course import PointVisit, RatingTold, ThresholdTaken


def usual_rules() -> CareRules:
    """The rules where the user's own are not at hand."""
    return CareRules(Plan(), ResponseRule(), HandsRule())


def point_course(
    point: Point, visits: Sequence[PointVisit], rules: CareRules | None = None, point_id: UUID | None = None
) -> PointCourse:
    """Put the visits of a point in order and compare the first with the last.

    Args:
        point: which.
        visits: in any order; give those of one course to look at that course alone.
        rules: what counts as a change.
        point_id: in the record.
    """
    rules = rules or usual_rules()
    ordered = tuple(sorted(visits, key=lambda visit: (visit.at, visit.tip.applicator, visit.tip.area_cm2)))
    return PointCourse(point, ordered, tuple(changes_of(ordered, rules)), point_id)


def changes_of(visits: Sequence[PointVisit], rules: CareRules) -> Iterator[Change]:
    """From the first to the last visit of each series, for each measure that both have."""
    for tip, visited in series_of(visits):
        for measure in _COMPARED:
            known = [
                (visit, figure) for visit in visited if (figure := figure_of(measure, visit)) is not None
            ]
            if len(known) < 2:
                continue
            (first, before), (last, after) = known[0], known[-1]
            if measure is Measure.RATING:
                before, after = _alike(before, first.ratings[0], after, last.ratings[0], rules)
            mdc = mdc_of(measure, rules, tip.applicator)
            yield judge(before, after, mdc, before_at=first.at, after_at=last.at, tip=tip)


def visit_changes(visit: PointVisit, rules: CareRules | None = None) -> tuple[Change, ...]:
    """What changed from the beginning to the end of one visit: the rating under a like pressure, the threshold."""
    rules = rules or usual_rules()
    found: list[Change] = []
    if len(visit.ratings) > 1:
        first, last = visit.ratings[0], visit.ratings[-1]
        before, after = _alike(Figure(first.rating), first, Figure(last.rating), last, rules)
        mdc = mdc_of(Measure.RATING, rules, visit.applicator)
        found.append(judge(before, after, mdc, before_at=first.at, after_at=last.at, tip=visit.tip))
    if len(visit.thresholds) > 1:
        first, last = visit.thresholds[0], visit.thresholds[-1]
        mdc = mdc_of(Measure.THRESHOLD, rules, visit.applicator)
        found.append(
            judge(
                _threshold_figure(first),
                _threshold_figure(last),
                mdc,
                before_at=first.at,
                after_at=last.at,
                tip=visit.tip,
            )
        )
    return tuple(found)


def figure_of(measure: Measure, visit: PointVisit) -> Figure | None:
    """A measure of a visit with what is known against it; None when the visit has none."""
    match measure:
        case Measure.THRESHOLD:
            return _threshold_figure(visit.threshold) if visit.threshold else None
        case Measure.LOWER_EDGE | Measure.UPPER_EDGE:
            return _edge(measure, visit)
        case Measure.RATING:
            return Figure(float(visit.ratings[0].rating)) if visit.ratings else None
        case Measure.TIME_IN_BAND:
            share = visit.time_in_band_share
            return None if share is None else Figure(100 * share, doubt=_doubt(visit))
        case Measure.DOSE:
            return Figure(visit.dose_ns, doubt=_doubt(visit)) if visit.presses else None
        case Measure.SIDES:
            return None


_COMPARED = (
    Measure.THRESHOLD,
    Measure.LOWER_EDGE,
    Measure.UPPER_EDGE,
    Measure.RATING,
    Measure.TIME_IN_BAND,
    Measure.DOSE,
)


def _threshold_figure(taken: ThresholdTaken) -> Figure:
    return Figure(taken.mean_kpa, at_least=taken.at_least, doubt=taken.doubt)


def _edge(measure: Measure, visit: PointVisit) -> Figure | None:
    band = visit.band
    if band is None:
        return None
    doubt = "the band was set by hand, not learned" if band.source == "set" else _doubt(visit)
    if measure is Measure.LOWER_EDGE:
        return Figure(band.lower_kpa, visit.lower_interval, doubt=doubt)
    return Figure(band.upper_kpa, visit.upper_interval, doubt=doubt)


def _doubt(visit: PointVisit) -> str:
    return NOT_WELL if visit.quality & DOUBTFUL else ""


def _alike(
    before: Figure, first: RatingTold, after: Figure, last: RatingTold, rules: CareRules
) -> tuple[Figure, Figure]:
    """Ratings are compared under a like pressure; and less under more pressure, or more under less, says enough."""
    if first.pressure_kpa is None or last.pressure_kpa is None:
        return before, replace(after, doubt="the pressure at the time is not known")
    more = last.pressure_kpa - first.pressure_kpa
    alike = abs(more) <= rules.changes.alike_pct / 100 * max(first.pressure_kpa, last.pressure_kpa)
    if alike or (last.rating - first.rating) * more < 0:
        return before, after
    return before, replace(
        after, doubt=f"the pressure was {'higher' if more > 0 else 'lower'} the second time"
    )
