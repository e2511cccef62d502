"""Levels of a drill, each with its criterion stated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from feedback.drills.records import AttemptRecord, Purpose, TrainingHistory
from feedback.drills.stages import needed_of

OF = 5
"""Attempts in a block that is judged."""
DAYS = 2


class Level(StrEnum):
    """How far the skill is, from nothing known to kept."""

    NEW = "new"
    BEGUN = "begun"
    PASSED = "passed once"
    COMPETENT = "competent"
    KEPT = "kept"

    @property
    def criterion(self) -> str:
        """What it takes, for people."""
        return _CRITERIA[self]


_CRITERIA = {
    Level.NEW: "not attempted yet",
    Level.BEGUN: "attempted",
    Level.PASSED: "blind, 4 of 5 inside the drill's tolerance, on one day",
    Level.COMPETENT: "blind, 4 of 5 inside the drill's tolerance, on two days",
    Level.KEPT: "competent, and 4 of 5 inside again in the retest after about three months",
}
ORDER = tuple(Level)


@dataclass(frozen=True, slots=True)
class LevelNow:
    """The level of one trainee in one drill.

    Attributes:
        level: reached.
        days_passed: days with a block of 4 of 5.
        last_inside: of the last block judged; None when there was none.
        next: what the next level takes; empty at the last.
    """

    level: Level
    days_passed: int
    last_inside: int | None
    next: str


def level_of(history: TrainingHistory, drill: str) -> LevelNow:
    """The level in a drill.

    Judged are blind attempts that count, at the drill's own difficulty or harder, always by the drill's own tolerance:
    the attempts of a day in fives from the first (so that nobody passes by trying until four good ones come together).
    """
    attempts = history.of(drill)
    blocks = list(blocks_of(attempts))
    passed = [block for block in blocks if _inside(block) >= needed_of(OF)]
    days = len({block[0].at.date() for block in passed})
    kept = any(block[0].purpose is Purpose.RETEST_MONTHS for block in passed)
    if days >= DAYS:
        level = Level.KEPT if kept else Level.COMPETENT
    elif days:
        level = Level.PASSED
    else:
        level = Level.BEGUN if attempts else Level.NEW
    place = ORDER.index(level)
    following = ORDER[place + 1].criterion if place + 1 < len(ORDER) else ""
    return LevelNow(level, days, _inside(blocks[-1]) if blocks else None, following)


def blocks_of(attempts: Sequence[AttemptRecord]) -> Iterator[tuple[AttemptRecord, ...]]:
    """Whole blocks of five judged attempts, each within one day and one purpose, oldest first."""
    judged = [a for a in attempts if a.counts and a.blind and a.ease <= 1.0]
    for _, group in groupby(judged, key=lambda a: (a.at.date(), a.purpose)):
        block = list(group)
        for start in range(0, len(block) - OF + 1, OF):
            yield tuple(block[start : start + OF])


def _inside(block: Sequence[AttemptRecord]) -> int:
    return sum(a.inside_as_asked is True for a in block)
