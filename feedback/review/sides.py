"""The same point on the left and on the right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from feedback.care.plan import SAME_VISIT
from feedback.review.change import Measure, Verdict, judge
from feedback.review.comparing import figure_of, usual_rules
from feedback.review.detectable import mdc_of
from feedback.review.point_course import same_tip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedback.care import CareRules
    from feedback.points import Point
    from feedback.review.change import Mdc, Tip
    from feedback.review.point_course import PointCourse


class SideVerdict(StrEnum):
    """What may be said of the difference."""

    LEFT_HIGHER = "real: left higher"
    RIGHT_HIGHER = "real: right higher"
    WITHIN_ERROR = "within error"
    TOO_LITTLE_KNOWN = "too little known"


@dataclass(frozen=True, slots=True)
class SideDifference:
    """One measure on both sides, taken at one visit with the same tip.

    Attributes:
        measure: threshold, or an edge of the band.
        point: the left one.
        left: kPa.
        right: kPa.
        difference: `right - left`.
        mdc: what would be more than error.
        verdict: what may be said.
        sentence: the same for people, without figures.
        at: when the visit began, aware.
        tip: with what.
    """

    measure: Measure
    point: Point
    left: float
    right: float
    difference: float
    mdc: Mdc
    verdict: SideVerdict
    sentence: str
    at: datetime
    tip: Tip


def left_right(
    left: PointCourse, right: PointCourse, rules: CareRules | None = None
) -> tuple[SideDifference, ...]:
    """Compare both sides at the last visit at which both were measured with the same tip; empty when there is none."""
    rules = rules or usual_rules()
    found: list[SideDifference] = []
    for measure in (Measure.THRESHOLD, Measure.LOWER_EDGE, Measure.UPPER_EDGE):
        pairs = [
            (one, other)
            for one in left.visits
            for other in right.visits
            if same_tip(one.tip, other.tip)
            and abs(one.at - other.at) < SAME_VISIT
            and figure_of(measure, one) is not None
            and figure_of(measure, other) is not None
        ]
        if not pairs:
            continue
        one, other = max(pairs, key=lambda pair: max(pair[0].at, pair[1].at))
        figures = figure_of(measure, one), figure_of(measure, other)
        if figures[0] is None or figures[1] is None:
            continue
        sides = mdc_of(Measure.SIDES, rules, one.applicator)
        if measure is not Measure.THRESHOLD:
            sides = replace(sides, source=f"{sides.source}; taken over from thresholds", verified=False)
        judged = judge(figures[0], figures[1], replace(sides, measure=measure))
        verdict = _VERDICTS[judged.verdict]
        found.append(
            SideDifference(
                measure,
                left.point,
                judged.before,
                judged.after,
                judged.difference,
                replace(sides, measure=Measure.SIDES),
                verdict,
                _sentence(measure, verdict, figures[0].doubt or figures[1].doubt),
                max(one.at, other.at),
                one.tip,
            )
        )
    return tuple(found)


def sides_of(courses: Sequence[PointCourse], rules: CareRules | None = None) -> tuple[SideDifference, ...]:
    """Every pair of points that differ in their side alone."""
    by_place = {(c.point.muscle, c.point.label, c.point.side): c for c in courses}
    found: list[SideDifference] = []
    for course in courses:
        other = by_place.get((course.point.muscle, course.point.label, "right"))
        if course.point.side == "left" and other is not None:
            found += left_right(course, other, rules)
    return tuple(found)


_VERDICTS = {
    Verdict.FELL: SideVerdict.LEFT_HIGHER,
    Verdict.ROSE: SideVerdict.RIGHT_HIGHER,
    Verdict.WITHIN_ERROR: SideVerdict.WITHIN_ERROR,
    Verdict.TOO_LITTLE_KNOWN: SideVerdict.TOO_LITTLE_KNOWN,
}
_SUBJECTS = {
    Measure.THRESHOLD: "it begins to hurt",
    Measure.LOWER_EDGE: "the good pain begins",
    Measure.UPPER_EDGE: "it becomes too much",
}


def _sentence(measure: Measure, verdict: SideVerdict, doubt: str) -> str:
    where = _SUBJECTS[measure]
    match verdict:
        case SideVerdict.LEFT_HIGHER:
            return f"The left side bears more pressure before {where}, by more than the error of measuring."
        case SideVerdict.RIGHT_HIGHER:
            return f"The right side bears more pressure before {where}, by more than the error of measuring."
        case SideVerdict.WITHIN_ERROR:
            return f"Left and right differ by no more than the error of measuring in the pressure at which {where}."
        case SideVerdict.TOO_LITTLE_KNOWN:
            reason = doubt or "one of them ended at the ceiling"
            return f"Left and right cannot be compared in the pressure at which {where}: {reason}."
