"""What one visit comes to, for looking at a course as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from feedback.care.assessment import PainArea
    from feedback.care.hands import HandsNow
    from feedback.points import Point


@dataclass(frozen=True, slots=True)
class ThresholdFigure:
    """A pressure threshold that was measured; comparable only with one at the same point with the same tip.

    Attributes:
        point: where.
        applicator: with what.
        tip_area_cm2: its contact area, > 0.
        mean_kpa: of the repeats that were used.
        at_least: a repeat ended at the ceiling, so that the threshold lies higher.
        cv_pct: spread of the repeats; None for a single one.
    """

    point: Point
    applicator: str
    tip_area_cm2: float
    mean_kpa: float
    at_least: bool = False
    cv_pct: float | None = None


@dataclass(frozen=True, slots=True)
class VisitFigures:
    """One visit in figures.

    Attributes:
        at: when it began, aware.
        session_id: of its first session; None when nothing was pressed and only an assessment was made.
        ended_at: when it ended, aware.
        dose_ns: integral of force over time of all presses, N·s.
        press_s: time under pressure.
        presses: how many.
        thresholds: measured at this visit, in order.
        pain: areas of pain as they were told at this visit.
        techniques: names of those that were used, in order of first use.
        points: that were pressed, in order.
        session_ids: all sessions of the visit.
        therapist: code of whoever gave it; may be empty.
        hands: what the giving hand did; None where it was not looked at.
        running: one of its sessions has not ended yet.
    """

    at: datetime
    session_id: UUID | None
    ended_at: datetime
    dose_ns: float = 0.0
    press_s: float = 0.0
    presses: int = 0
    thresholds: tuple[ThresholdFigure, ...] = ()
    pain: tuple[PainArea, ...] = ()
    techniques: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    session_ids: tuple[UUID, ...] = ()
    therapist: str = ""
    hands: HandsNow | None = None
    running: bool = False

    @property
    def pressed(self) -> bool:
        """Pressure was given."""
        return self.presses > 0

    @property
    def pain_now(self) -> int | None:
        """The worst area now, 0 to 10."""
        return max((area.now for area in self.pain if area.now is not None), default=None)

    @property
    def pain_usual(self) -> int | None:
        """The worst area as it usually is, 0 to 10."""
        return max((area.usual for area in self.pain if area.usual is not None), default=None)

    @property
    def thresholds_kpa(self) -> dict[Point, float]:
        """The last threshold of each point, whatever the tip."""
        return {figure.point: figure.mean_kpa for figure in self.thresholds}
