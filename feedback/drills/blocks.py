"""Scores of several attempts together: the errors of motor learning as they are defined, over trials."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from feedback.drills.drill import JUDGED, Judged
from feedback.drills.records import AttemptRecord
from feedback.drills.scores import Score, ScoreKey
from feedback.drills.stages import needed_of

_Figure = Callable[[Sequence[float]], float | None]


@dataclass(frozen=True, slots=True)
class BlockScores:
    """Several attempts at one drill.

    Attributes:
        attempts: that count.
        inside: how many were inside the drill's own tolerance.
        passed: at least 4 of 5 were; None for fewer than five attempts.
        constant: mean of the attempts' signed errors (constant error).
        absolute: mean of their sizes.
        variable: their standard deviation, n - 1 (variable error); without a value for fewer than two.
        total_pct: root of the squares of constant and variable error (Henry's E), in %; None where either is.
        means: of every other score over the attempts that have it.
    """

    attempts: int
    inside: int
    passed: bool | None
    constant: Score
    absolute: Score
    variable: Score
    total_pct: float | None
    means: tuple[Score, ...]

    def mean(self, key: ScoreKey) -> Score:
        """The mean of one of the other scores; without a value where no attempt has it."""
        return next((score for score in self.means if score.key is key), Score(key))


def block_of(attempts: Sequence[AttemptRecord]) -> BlockScores:
    """The scores of attempts at one drill; void ones are left out.

    Errors are those of the attempts as wholes: of the pressure, or of the rate where a rate was asked.
    """
    kept = [a for a in attempts if a.counts]
    rates = any(JUDGED[a.kind] is Judged.RATE for a in kept)
    key = ScoreKey.RATE if rates else ScoreKey.CONSTANT
    errors = [a.scores[key] for a in kept if a.scores]
    inside = sum(a.inside_as_asked is True for a in kept)
    constant = _over(errors, key, _mean)
    variable = _over(errors, ScoreKey.RATE if rates else ScoreKey.VARIABLE, _sd)
    total = None if constant.pct is None or variable.pct is None else math.hypot(constant.pct, variable.pct)
    others = [k for k in ScoreKey if k not in (key, ScoreKey.ABSOLUTE, ScoreKey.VARIABLE)]
    return BlockScores(
        attempts=len(kept),
        inside=inside,
        passed=inside >= needed_of(len(kept)) if len(kept) >= 5 else None,
        constant=constant,
        absolute=_over(errors, ScoreKey.RATE if rates else ScoreKey.ABSOLUTE, _mean_size),
        variable=variable,
        total_pct=total,
        means=tuple(_over([a.scores[k] for a in kept if a.scores], k, _mean) for k in others),
    )


def _over(scores: Sequence[Score], key: ScoreKey, figure: _Figure) -> Score:
    return Score(
        key,
        figure([s.value for s in scores if s.value is not None]),
        figure([s.newtons for s in scores if s.newtons is not None]),
        figure([s.pct for s in scores if s.pct is not None]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _mean_size(values: Sequence[float]) -> float | None:
    return float(np.mean(np.abs(values))) if values else None


def _sd(values: Sequence[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None
