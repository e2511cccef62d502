"""Progress of one trainee, compared with the trainee's own earlier self: learning curves and where errors lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from feedback.drills.blocks import BlockScores, block_of
from feedback.drills.drill import DrillKind
from feedback.drills.ranks import p_smaller
from feedback.drills.records import AttemptRecord, Purpose, TrainingHistory
from feedback.drills.scores import ScoreKey
from feedback.drills.task import FeedbackMode

SURE = 0.05
"""“Better” is told of at most one of twenty who did not change, and “faded” of as many."""
RUN = 10
"""At most so many blind attempts are taken for "now"."""
OPENING = 5
FEWEST = 4
SAME_TARGET = 0.08
"""Targets this close together (a share) are one column of the map."""
BIASED_PCT = 3.0
"""Smaller errors are not called light or heavy: the sensor and the tip's area are not known better."""
TESTS = frozenset({Purpose.BASELINE, Purpose.TEST, Purpose.RETEST_DAYS, Purpose.RETEST_MONTHS})


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One attempt on a learning curve.

    Attributes:
        number: from 1, of those that count.
        at: when.
        purpose: what it was for.
        feedback: when the trainee saw the pressure.
        test: a blind baseline, test or retest: to be marked.
        error_pct: signed error in % of the target (of the rate asked, for ramps); None where there is none.
        size_pct: the tolerance with which it would have been inside; None for a release.
        inside_pct: share of the time inside, in %; None where there is none.
        tolerance_pct: in force.
        inside: within it.
        looks: how often the trainee asked to see.
    """

    number: int
    at: datetime
    purpose: Purpose
    feedback: FeedbackMode
    test: bool
    error_pct: float | None
    size_pct: float | None
    inside_pct: float | None
    tolerance_pct: float
    inside: bool | None
    looks: int


class Verdict(StrEnum):
    """How now compares with the beginning."""

    BETTER = "better"
    WORSE = "worse"
    NO_CLEAR_CHANGE = "no clear change"
    TOO_FEW = "too few blind attempts"


@dataclass(frozen=True, slots=True)
class Change:
    """The latest blind attempts against the first.

    Attributes:
        verdict: see there.
        first: the first blind attempts (the baseline); None when too few.
        now: the latest ones.
        first_pct, now_pct: median size of the error of each, in %.
        p: chance of such a difference or a larger one, in this direction, if nothing had changed (rank test).
        sentence: for people.
    """

    verdict: Verdict
    first: BlockScores | None
    now: BlockScores | None
    first_pct: float | None
    now_pct: float | None
    p: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The learning curve of one drill.

    Attributes:
        drill: its name.
        points: attempts that count, oldest first.
        change: blind now against blind at the beginning.
    """

    drill: str
    points: tuple[CurvePoint, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class MapCell:
    """What is known of one target.

    Attributes:
        target_kpa: mean of the targets taken together.
        presses: how many.
        constant_pct: mean error, + is heavy.
        variable_pct: standard deviation of the errors (n - 1); None for one.
        absolute_pct: mean size of the error.
        word: `light`, `heavy`, or empty: where the mean error is above 3 % and twice its own standard error.
    """

    target_kpa: float
    presses: int
    constant_pct: float
    variable_pct: float | None
    absolute_pct: float
    word: str


def curve_of(history: TrainingHistory, drill: str) -> Curve:
    """The learning curve of one drill of one trainee."""
    attempts = history.of(drill)
    points = [_point(number, attempt) for number, attempt in enumerate(attempts, start=1)]
    return Curve(drill, tuple(points), change_of(attempts))


def change_of(attempts: Sequence[AttemptRecord]) -> Change:
    """Whether blind attempts at one drill got better since the first.

    The baseline (without one, the first blind attempts of the first day, at most five) is compared by rank with the
    blind attempts of the latest day after it (at most the last ten; where it has too few, the last five of all).
    Attempts with the screen prove nothing of what the hand has learnt and are left out, as are easier ones.

    Args:
        attempts: of one trainee at one drill, oldest first.
    """
    blind = [a for a in attempts if a.counts and a.blind and a.ease <= 1 and _size(a) is not None]
    baseline = [a for a in blind if a.purpose is Purpose.BASELINE][:RUN]
    first = baseline or [a for a in blind if a.at.date() == blind[0].at.date()][:OPENING]
    now = _latest([a for a in blind if a.at > first[-1].at]) if first else ()
    if len(first) < FEWEST or len(now) < FEWEST:
        sentence = "Too few blind attempts yet to compare with the beginning."
        return Change(Verdict.TOO_FEW, None, None, None, None, None, sentence)
    before, after = [_size(a) or 0.0 for a in first], [_size(a) or 0.0 for a in now]
    better, worse = p_smaller(after, before), p_smaller(before, after)
    was, is_now = float(np.median(before)), float(np.median(after))
    p = min(better, worse)
    if p >= SURE:
        verdict, sentence = (
            Verdict.NO_CLEAR_CHANGE,
            f"No clear change: {was:.0f} % off at first, {is_now:.0f} % now.",
        )
    elif better < worse:
        verdict, sentence = Verdict.BETTER, f"Better: {is_now:.0f} % off when blind, {was:.0f} % at first."
    else:
        verdict, sentence = (
            Verdict.WORSE,
            f"It has faded: {is_now:.0f} % off when blind, {was:.0f} % at first.",
        )
    return Change(verdict, block_of(first), block_of(now), was, is_now, p, sentence)


def error_map(attempts: Sequence[AttemptRecord], *, blind: bool | None = None) -> tuple[MapCell, ...]:
    """Where a trainee is light and where heavy, by target, lightest target first.

    Args:
        attempts: at any drills; ramps, thresholds and releases ask for no pressure and are left out.
        blind: only blind attempts (True), only those with feedback (False), or all.
    """
    pairs: list[tuple[float, float]] = []
    for a in attempts:
        wanted = a.counts and (blind is None or a.blind is blind)
        if not wanted or a.scores is None or a.scores[ScoreKey.CONSTANT].value is None:
            continue
        moving = a.kind is DrillKind.TRACE
        pairs += [
            (w.target_kpa, w.constant_pct)
            for w in a.scores.windows
            if w.constant_pct is not None and w.target_kpa > 0 and not moving
        ]
    cells: list[MapCell] = []
    group: list[tuple[float, float]] = []
    for pair in sorted(pairs):
        if group and pair[0] > group[0][0] * (1 + SAME_TARGET):
            cells.append(_cell(group))
            group = []
        group.append(pair)
    return (*cells, _cell(group)) if group else ()


def _latest(later: Sequence[AttemptRecord]) -> Sequence[AttemptRecord]:
    today = [a for a in later if a.at.date() == later[-1].at.date()]
    return today[-RUN:] if len(today) >= FEWEST else later[-OPENING:]


def _cell(group: Sequence[tuple[float, float]]) -> MapCell:
    targets, errors = (np.array(column) for column in zip(*group, strict=True))
    mean = float(errors.mean())
    sd = float(errors.std(ddof=1)) if len(errors) > 1 else None
    sure = sd is not None and abs(mean) > max(BIASED_PCT, 2 * sd / math.sqrt(len(errors)))
    word = ("heavy" if mean > 0 else "light") if sure else ""
    return MapCell(float(targets.mean()), len(errors), mean, sd, float(np.abs(errors).mean()), word)


def _point(number: int, attempt: AttemptRecord) -> CurvePoint:
    scores = attempt.scores
    size = _size(attempt)
    inside = scores[ScoreKey.IN_TOLERANCE].pct if scores else None
    return CurvePoint(
        number=number,
        at=attempt.at,
        purpose=attempt.purpose,
        feedback=attempt.feedback,
        test=attempt.blind and attempt.purpose in TESTS,
        error_pct=scores.error_pct if scores else None,
        size_pct=None if attempt.kind is DrillKind.RELEASE else size,
        inside_pct=inside,
        tolerance_pct=100 * attempt.tolerance_share,
        inside=attempt.inside,
        looks=attempt.looks,
    )


def _size(attempt: AttemptRecord) -> float | None:
    """How far off an attempt was, in %: what it needed as tolerance; of a release the time outside."""
    if attempt.scores is None:
        return None
    if attempt.kind is DrillKind.RELEASE:
        share = attempt.scores[ScoreKey.IN_TOLERANCE].pct
        return None if share is None else 100 - share
    needed = attempt.scores.needed_share
    return None if needed is None else 100 * needed
