"""Soreness after a visit, beside the dose that came before it.

About one client in ten feels some discomfort after a massage; most of it begins within 12 hours and lasts no longer
than 36 (Cambron 2007, PMID 17983334). So it is asked for from the next day on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from feedback.care.errors import CareError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.care.visits import VisitFigures

ASK_AFTER = timedelta(hours=12)
"""Earlier the soreness of a visit may not have come yet."""
ASK_UNTIL = timedelta(days=28)
"""Later nobody remembers."""
BELONGS_WITHIN = timedelta(hours=96)
"""Soreness that names no visit belongs to the last one within this time before it."""


@dataclass(frozen=True, slots=True)
class Soreness:
    """How sore the client was after a visit.

    Attributes:
        rating: 0 (not at all) to 10.
        at: when it was told, aware.
        session_id: after which session; None when no visit is known.
        hours_after: from the end of that visit to the telling; None when no visit is known.
        note: free text.
    """

    rating: int
    at: datetime
    session_id: UUID | None = None
    hours_after: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.rating <= 10:
            raise CareError(f"soreness is a whole number from 0 to 10, not {self.rating}")
        if self.at.tzinfo is None:
            raise CareError("soreness is told at a time with a time zone")


@dataclass(frozen=True, slots=True)
class SorenessAfterDose:
    """A visit's dose, and the soreness that was told after it.

    Attributes:
        visit: with its dose in N·s and time under pressure.
        told: what was told, oldest first; a later one corrects nothing, it is another moment.
        rating: the newest that was told, 0 to 10; None when nothing was.
    """

    visit: VisitFigures
    told: tuple[Soreness, ...] = ()

    @property
    def rating(self) -> int | None:
        """The newest that was told."""
        return self.told[-1].rating if self.told else None


def soreness_after_dose(
    visits: Sequence[VisitFigures], told: Sequence[Soreness]
) -> tuple[SorenessAfterDose, ...]:
    """Every visit at which something was pressed, oldest first, with the soreness told after it."""
    pressed = sorted((visit for visit in visits if visit.pressed), key=lambda visit: visit.at)
    found: list[list[Soreness]] = [[] for _ in pressed]
    for soreness in sorted(told, key=lambda soreness: soreness.at):
        number = _visit_of(pressed, soreness)
        if number is not None:
            found[number].append(soreness)
    return tuple(SorenessAfterDose(v, tuple(told)) for v, told in zip(pressed, found, strict=True))


def _visit_of(visits: Sequence[VisitFigures], soreness: Soreness) -> int | None:
    if soreness.session_id is not None:
        named = (i for i, visit in enumerate(visits) if soreness.session_id in visit.session_ids)
        return next(named, None)
    before = [i for i, v in enumerate(visits) if timedelta(0) <= soreness.at - v.ended_at <= BELONGS_WITHIN]
    return before[-1] if before else None


def soreness_due(
    visits: Sequence[VisitFigures], told: Sequence[Soreness], now: datetime
) -> VisitFigures | None:
    """The visit after which to ask how sore it was; None when there is nothing to ask.

    It is the last one that was long enough ago, if nothing was told after it: one that is under way is not asked about.
    """
    pairs = soreness_after_dose(visits, told)
    before = [pair for pair in pairs if now - pair.visit.ended_at >= ASK_AFTER]
    if not before or before[-1].told or now - before[-1].visit.ended_at > ASK_UNTIL:
        return None
    return before[-1].visit
