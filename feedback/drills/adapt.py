"""How hard the next attempt should be: so that about three of four succeed.

A weighted up-down staircase (Kaernbach 1991, Perception & Psychophysics 49:227): a success makes the next attempt a
little harder, a miss makes it three times that step easier; the two balance where 75 % succeed, whatever the spread of
the trainee's errors looks like. Until the first turn, and again after a pause of days, the steps are larger, so that a
beginner and an expert both arrive soon. The same history always gives the same difficulty.

What changes is `ease`, a factor on the drill's tolerance; from it follow how long is held and which targets are asked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from feedback.drills.drill import Drill, DrillKind, Judged
from feedback.drills.records import AttemptRecord, Purpose
from feedback.drills.task import Difficulty

SUCCESS = 0.75
"""Aimed at, within 70-80 %."""


@dataclass(frozen=True, slots=True)
class Staircase:
    """The rule; every number can be set.

    Attributes:
        success: share of attempts that shall succeed, between 0 and 1.
        step: ln of the tolerance from a miss to a success in a row, shared out by `success`.
        fast: factor on the step until the first turn.
        pause_days: after a pause of so many days the steps are fast again.
        ease: least and most.
        tolerance: least and most, as shares of the target; below 3 % tremor and the sensor decide, not the hand.
    """

    success: float = SUCCESS
    step: float = 0.24
    fast: float = 2.5
    pause_days: float = 2.0
    ease: tuple[float, float] = (0.2, 5.0)
    tolerance: tuple[float, float] = (0.03, 0.60)

    def __post_init__(self) -> None:
        if not 0 < self.success < 1 or self.step <= 0 or self.fast < 1:
            raise ValueError(
                "a staircase needs a success between 0 and 1, a step above 0 and a fast factor of 1 or more"
            )


DEFAULT_RULE = Staircase()


def difficulty_of(
    drill: Drill, attempts: Sequence[AttemptRecord], rule: Staircase = DEFAULT_RULE
) -> Difficulty:
    """The difficulty of the next practice attempt.

    Args:
        drill: what will be practised.
        attempts: of one trainee, any drill, any order; those at this drill that were practice (or free) and count are
            used.
        rule: the staircase.
    """
    low, high = _ease_range(drill, rule)
    ln_ease, step_factor = 0.0, rule.fast
    before: AttemptRecord | None = None
    for attempt in _practice(drill, attempts):
        if before is not None:
            if (attempt.at - before.at).days >= rule.pause_days:
                step_factor = rule.fast
            elif attempt.inside != before.inside:
                step_factor = 1.0
        move = rule.success - 1 if attempt.inside else rule.success
        # From the difficulty that was really in force: a trainee may have chosen another.
        ln_ease = math.log(attempt.ease) + step_factor * rule.step * move
        ln_ease = min(max(ln_ease, math.log(low)), math.log(high))
        before = attempt
    return difficulty_at(drill, math.exp(ln_ease), rule)


def difficulty_at(drill: Drill, ease: float, rule: Staircase = DEFAULT_RULE) -> Difficulty:
    """The difficulty that an ease stands for.

    The tolerance is the drill's times the ease. What is held gets shorter when it is easy and longer when it is hard
    (from half to twice as long, with the square root). From an ease of 1.5 on only middle targets are asked.

    Raises:
        ValueError: the ease is not above 0.
    """
    if not 0 < ease < math.inf:
        raise ValueError("ease is a factor above 0")
    low, high = _ease_range(drill, rule)
    kept = min(max(ease, low), high)
    timed = drill.judged is Judged.TIME and drill.kind is not DrillKind.TRACE
    return Difficulty(
        ease=kept,
        tolerance_share=drill.tolerance_share * kept,
        duration=min(max(kept**-0.5, 0.5), 2.0) if timed else 1.0,
        middle_only=kept >= 1.5,
    )


def _ease_range(drill: Drill, rule: Staircase) -> tuple[float, float]:
    low = max(rule.ease[0], rule.tolerance[0] / drill.tolerance_share)
    high = min(rule.ease[1], rule.tolerance[1] / drill.tolerance_share)
    return min(low, 1.0), max(high, 1.0)


def _practice(drill: Drill, attempts: Sequence[AttemptRecord]) -> list[AttemptRecord]:
    kept = [
        a
        for a in attempts
        if a.drill == drill.name
        and a.counts
        and a.inside is not None
        and a.purpose in (Purpose.PRACTICE, Purpose.FREE)
    ]
    return sorted(kept, key=lambda a: a.at)
