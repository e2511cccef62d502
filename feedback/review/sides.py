"""The same point on the left and on the right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedback.care import CareRules
    from feedback.points import Point
    from feedback.review.change import Mdc, Measure, Tip
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
    raise NotImplementedError


def sides_of(courses: Sequence[PointCourse], rules: CareRules | None = None) -> tuple[SideDifference, ...]:
    """Every pair of points that differ in their side alone."""
    raise NotImplementedError
