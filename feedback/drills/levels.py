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
    Level.PASSED: "blind, 4 of 5 inside the drill's tolerance, on the last day tested",
    Level.COMPETENT: "blind, 4 of 5 inside the drill's tolerance, on two days: the last two tested",
    Level.KEPT: "competent, and the last of the two was the retest after about three months",
}
ORDER = tuple(Level)


@dataclass(frozen=True, slots=True)
class LevelNow:
    """The level of one trainee in one drill.

    Attributes:
        level: now; a test that is not passed takes a level back until it is passed again.
        days_passed: how many of the days tested ended with 4 of 5.
        days_tested: how many there were.
        last_inside: of the last block judged; None when there was none.
        next: what the next level takes; empty at the last.
    """

    level: Level
    days_passed: int
    days_tested: int
    last_inside: int | None
    next: str


def level_of(history: TrainingHistory, drill: str) -> LevelNow:
    """The level in a drill.

    Judged are blind attempts that count, at the drill's own difficulty or harder, always by the drill's own tolerance:
    the attempts of a day in fives from the first, and of a day the last five. Only the last two days tested count.
    So nobody passes by trying until four good ones happen to come together, and what has faded is seen.
    """
    attempts = history.of(drill)
    days = {block[0].at.date(): block for block in blocks_of(attempts)}
    blocks = [days[day] for day in sorted(days)]
    passed = [_inside(block) >= needed_of(OF) for block in blocks]
    if passed[-DAYS:] == [True] * DAYS:
        months = blocks[-1][0].purpose is Purpose.RETEST_MONTHS
        level = Level.KEPT if months else Level.COMPETENT
    elif passed and passed[-1]:
        level = Level.PASSED
    else:
        level = Level.BEGUN if attempts else Level.NEW
    place = ORDER.index(level)
    following = ORDER[place + 1].criterion if place + 1 < len(ORDER) else ""
    last = _inside(blocks[-1]) if blocks else None
    return LevelNow(level, sum(passed), len(passed), last, following)


def blocks_of(attempts: Sequence[AttemptRecord]) -> Iterator[tuple[AttemptRecord, ...]]:
    """Whole blocks of five judged attempts, each within one day and one purpose, oldest first."""
    judged = [a for a in attempts if a.counts and a.blind and a.ease <= 1.0]
    for _, group in groupby(judged, key=lambda a: (a.at.date(), a.purpose)):
        block = list(group)
        for start in range(0, len(block) - OF + 1, OF):
            yield tuple(block[start : start + OF])


def _inside(block: Sequence[AttemptRecord]) -> int:
    return sum(a.inside_as_asked is True for a in block)
