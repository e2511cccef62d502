"""One trigger point over time: its visits in figures, and what changed between the first and the last.

Figures taken with another applicator or contact area, or with a simulated sensor, are never compared as if they were
the same: each such *series* is looked at by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback.review.change import Tip
from feedback.signal import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.band import Band
    from feedback.points import Point
    from feedback.review.change import Change

DOUBTFUL = Quality.SATURATED | Quality.UNCALIBRATED | Quality.TARED_UNDER_LOAD
"""With any of these a pressure is not the one that was given."""
NOT_WELL = "the sensor was not measuring well"
_AREA_TOLERANCE_CM2 = 1e-3


@dataclass(frozen=True, slots=True)
class ThresholdTaken:
    """A threshold as it was measured.

    Attributes:
        at: when, aware.
        mean_kpa: of the repeats that were used.
        repeats: how many were used.
        cv_pct: their spread; None for a single one.
        at_least: a repeat ended at the ceiling: the threshold lies higher.
        quality: `Quality` flags of the presses during it.
        technique: by which it was measured.
        values_kpa: each repeat, in order, those not used as well.
    """

    at: datetime
    mean_kpa: float
    repeats: int
    cv_pct: float | None = None
    at_least: bool = False
    quality: int = 0
    technique: str = ""
    values_kpa: tuple[float, ...] = ()

    @property
    def doubt(self) -> str:
        """Why it cannot be compared; empty when it can. A single value errs more than a mean (Mailloux 2021)."""
        if self.quality & DOUBTFUL:
            return NOT_WELL
        return "" if self.repeats >= 2 else "there was one repeat only, and a single one errs more"


@dataclass(frozen=True, slots=True)
class RatingTold:
    """A rating from 0 to 10 and the pressure under which it was given; None when that is not known."""

    at: datetime
    rating: int
    pressure_kpa: float | None = None


@dataclass(frozen=True, slots=True)
class PointVisit:
    """What one visit comes to at one point with one applicator; void presses are left out.

    Attributes:
        at: when the first session of the visit began, aware.
        session_id: of that session.
        tip: what pressed.
        visit: number of the visit, from 1, as `goodpain care` counts them; 0 when it is not known.
        session_ids: all sessions of the visit.
        band: in force at its end; None for none yet.
        ceiling_kpa: in force at its end.
        thresholds: measured at this visit, in order; of two visits the first ones are compared, because a later one
            comes after treatment.
        ratings: told at this point, in order.
        press_s: time under pressure.
        band_press_s: the part of it during which there was a band.
        time_in_band_s: inside the band that was in force; None when there was none.
        dose_ns: integral of force over time, N·s.
        presses: how many.
        quality: `Quality` flags of all of them together.
        therapist: code; may be empty.
    """

    at: datetime
    session_id: UUID
    tip: Tip
    visit: int = 0
    session_ids: tuple[UUID, ...] = ()
    band: Band | None = None
    ceiling_kpa: float | None = None
    thresholds: tuple[ThresholdTaken, ...] = ()
    ratings: tuple[RatingTold, ...] = ()
    press_s: float = 0.0
    band_press_s: float = 0.0
    time_in_band_s: float | None = None
    dose_ns: float = 0.0
    presses: int = 0
    quality: int = 0
    therapist: str = ""

    @property
    def applicator(self) -> str:
        """What pressed."""
        return self.tip.applicator

    @property
    def tip_area_cm2(self) -> float:
        """Its contact area."""
        return self.tip.area_cm2

    @property
    def simulated(self) -> bool:
        """The sensor was simulated."""
        return self.tip.simulated

    @property
    def lower_kpa(self) -> float | None:
        """Lower edge of the band."""
        return self.band.lower_kpa if self.band else None

    @property
    def upper_kpa(self) -> float | None:
        """Upper edge of the band."""
        return self.band.upper_kpa if self.band else None

    @property
    def lower_interval(self) -> tuple[float, float] | None:
        """90 % interval of the lower edge, kPa; None for a band that was set by hand."""
        return self.band.lower_interval_kpa if self.band and self.band.source != "set" else None

    @property
    def upper_interval(self) -> tuple[float, float] | None:
        """90 % interval of the upper edge, kPa; None for a band that was set by hand."""
        return self.band.upper_interval_kpa if self.band and self.band.source != "set" else None

    @property
    def threshold(self) -> ThresholdTaken | None:
        """The first that was measured."""
        return self.thresholds[0] if self.thresholds else None

    @property
    def threshold_mean_kpa(self) -> float | None:
        """Mean of the first threshold."""
        return self.thresholds[0].mean_kpa if self.thresholds else None

    @property
    def threshold_cv_pct(self) -> float | None:
        """Spread of its repeats."""
        return self.thresholds[0].cv_pct if self.thresholds else None

    @property
    def threshold_repeats(self) -> int:
        """How many repeats are in the mean."""
        return self.thresholds[0].repeats if self.thresholds else 0

    @property
    def rating_before(self) -> int | None:
        """The first rating of the visit."""
        return self.ratings[0].rating if self.ratings else None

    @property
    def rating_after(self) -> int | None:
        """The last one; None when there was only one."""
        return self.ratings[-1].rating if len(self.ratings) > 1 else None

    @property
    def time_in_band_share(self) -> float | None:
        """Of the time under pressure while there was a band, 0 to 1."""
        if self.time_in_band_s is None or not self.band_press_s > 0:
            return None
        return min(1.0, self.time_in_band_s / self.band_press_s)


@dataclass(frozen=True, slots=True)
class PointCourse:
    """A point over time.

    Attributes:
        point: which.
        visits: oldest first; a visit with two applicators is there twice.
        changes: from the first to the last visit of each series, one for each measure that both have.
        point_id: in the record.
    """

    point: Point
    visits: tuple[PointVisit, ...] = ()
    changes: tuple[Change, ...] = ()
    point_id: UUID | None = None

    @property
    def series(self) -> tuple[tuple[Tip, tuple[PointVisit, ...]], ...]:
        """Visits that may be compared with each other, the series with the newest visit last."""
        return tuple(series_of(self.visits))

    @property
    def last(self) -> PointVisit | None:
        """The newest visit."""
        return self.visits[-1] if self.visits else None


def series_of(visits: Sequence[PointVisit]) -> Iterator[tuple[Tip, tuple[PointVisit, ...]]]:
    """Visits with the same tip together, in their order; the series with the newest visit last."""
    groups: list[tuple[Tip, list[PointVisit]]] = []
    for visit in visits:
        group = next((group for tip, group in groups if same_tip(tip, visit.tip)), None)
        if group is None:
            group = list[PointVisit]()
            groups.append((visit.tip, group))
        group.append(visit)
    for tip, group in sorted(groups, key=lambda one: one[1][-1].at):
        yield tip, tuple(group)


def same_tip(one: Tip, other: Tip) -> bool:
    """The same applicator with the same contact area, and both measured or both simulated."""
    return (
        one.applicator == other.applicator
        and one.simulated == other.simulated
        and math.isclose(one.area_cm2, other.area_cm2, abs_tol=_AREA_TOLERANCE_CM2)
    )
