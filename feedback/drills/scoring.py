"""Scores from what was pressed. Definitions: `feedback.drills.scores.MEANINGS`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from feedback.band.prior import POPULATION
from feedback.comfort import ReportKind
from feedback.drills.aimed import Aimed, aimed_at
from feedback.drills.drill import DrillKind, Judged, Threshold
from feedback.drills.figures import (
    missing_share,
    over_levels,
    overshoot,
    preload,
    rate_error,
    sag,
    stays,
    variation,
    windows_of,
)
from feedback.drills.scores import MEANINGS, AttemptScores, Dimension, Score, ScoreKey
from feedback.drills.weighted import mean_of, quantile_of, sd_of, share_of, smooth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedback.comfort import Report
    from feedback.drills.outcome import Pressed
    from feedback.drills.task import Task

    _Put = Callable[[ScoreKey, float | None, float | None], None]
    _Found = dict[ScoreKey, tuple[float | None, float | None]]

SMOOTHING_S = 0.25
"""Over which tremor (8-12 Hz) is averaged out, as in `feedback.measure`."""
MARK_SAMPLES = 5
"""A threshold is the median of this many samples before the client's word, as for a mark in a visit."""
LEVELS = frozenset({DrillKind.HOLD, DrillKind.FIND, DrillKind.STEPS})
"""Kinds that begin by reaching a level: overshoot and time to target mean something."""
LINED = frozenset(DrillKind) - {DrillKind.RAMP, DrillKind.THRESHOLD, DrillKind.RELEASE}
"""Kinds with a target at every scored moment. Of a ramp only the rate is asked, of a release only a range."""
HIGHEST = frozenset({DrillKind.RAMP, DrillKind.TRACE})
"""Kinds of which the trainee estimates the highest pressure; of the others, the mean of the last scored stretch."""


def scores_of(
    task: Task, pressed: Pressed, *, estimate_kpa: float | None = None, heard: Sequence[Report] = ()
) -> AttemptScores:
    """All scores of one attempt.

    Args:
        task: what was asked.
        pressed: the samples, times from the go; those that are no measured force are NaN.
        estimate_kpa: what the trainee said it was.
        heard: what a simulated client said, times from the go.
    """
    drill = task.drill
    there_s = _there(heard) if drill.kind is DrillKind.THRESHOLD else None
    aimed = aimed_at(task.trajectory, pressed)
    if drill.kind is DrillKind.THRESHOLD:
        # What counts is the way up to the client's word.
        way_up = aimed.time_s <= (math.inf if there_s is None else there_s)
        aimed = replace(aimed, scored=way_up)
    scored = aimed.only(aimed.scored & np.isfinite(aimed.target_kpa))
    smooth = smooth_of(aimed.time_s, aimed.pressure_kpa, aimed.weight_s, SMOOTHING_S)
    target = mean_of(scored.target_kpa, scored.weight_s)
    mean = mean_of(scored.pressure_kpa, scored.weight_s)
    found: _Found = {}

    def put(key: ScoreKey, value: float | None, of: float | None) -> None:
        found[key] = (value, None if value is None or not of else 100 * value / of)

    if drill.kind in LINED:
        put(ScoreKey.CONSTANT, mean_of(scored.error_kpa, scored.weight_s), target)
        put(ScoreKey.ABSOLUTE, mean_of(np.abs(scored.error_kpa), scored.weight_s), target)
        put(ScoreKey.VARIABLE, sd_of(scored.error_kpa, scored.weight_s), target)
        put(ScoreKey.CV, over_levels(task.trajectory, aimed, variation), 1.0)
        put(ScoreKey.SAG, over_levels(task.trajectory, aimed, sag), target)
    if drill.kind in LINED or drill.kind is DrillKind.RELEASE:
        inside = (scored.pressure_kpa >= scored.lower_kpa) & (scored.pressure_kpa <= scored.upper_kpa)
        put(ScoreKey.IN_TOLERANCE, share_of(inside, scored.weight_s), 1.0)
        put(ScoreKey.ABOVE, share_of(scored.pressure_kpa > scored.upper_kpa, scored.weight_s), 1.0)
    if (asked := task.rate_kpa_per_s) is not None:
        until_s = task.trajectory.end_s if there_s is None else there_s
        put(ScoreKey.RATE, rate_error(aimed, smooth, asked_kpa_per_s=asked, until_s=until_s), asked)
    level = _first_level(task)
    if level is not None:
        put(ScoreKey.OVERSHOOT, overshoot(aimed, smooth, level, task.tolerance_share), level)
        edges = (level * (1 - task.tolerance_share), level * (1 + task.tolerance_share))
        put(ScoreKey.TIME_TO_TARGET, stays(aimed.time_s, (smooth >= edges[0]) & (smooth <= edges[1])), None)
    elif drill.kind is DrillKind.RELEASE:
        good = (smooth >= aimed.lower_kpa) & (smooth <= aimed.upper_kpa)
        put(ScoreKey.TIME_TO_TARGET, stays(aimed.time_s, good), None)
    felt, meant = mean, target
    if drill.kind is DrillKind.THRESHOLD:
        felt, meant = _threshold(aimed, pressed, there_s, put)
    elif drill.kind in HIGHEST:
        felt, meant = (float(smooth.max()) if len(smooth) else None), task.trajectory.highest_kpa
    windows = windows_of(task.trajectory, aimed)
    if drill.kind is DrillKind.STEPS and windows:
        felt, meant = windows[-1].mean_kpa, windows[-1].target_kpa
    if estimate_kpa is not None and felt is not None:
        put(ScoreKey.ESTIMATE, estimate_kpa - felt, meant)
    put(ScoreKey.PRELOAD, preload(pressed, drill.set_s), level or task.target_kpa)

    needed = _needed(task, scored, found)
    return AttemptScores(
        scores=tuple(_score(key, *found.get(key, (None, None)), task.kpa_per_n) for key in MEANINGS),
        windows=windows,
        target_kpa=target,
        mean_kpa=mean,
        felt_kpa=felt,
        inside=_inside(task, needed, found, heard, aimed, there_s),
        needed_share=needed,
        missing_share=missing_share(task.trajectory, pressed, aimed, there_s),
    )


def _score(key: ScoreKey, value: float | None, pct: float | None, kpa_per_n: float) -> Score:
    force = MEANINGS[key].dimension in (Dimension.PRESSURE, Dimension.RATE)
    return Score(key, value, value / kpa_per_n if force and value is not None else None, pct)


def _first_level(task: Task) -> float | None:
    if task.drill.kind not in LEVELS:
        return None
    return next(piece.to_kpa for piece in task.trajectory.pieces if piece.scored)


def _there(heard: Sequence[Report]) -> float | None:
    """When the client first said that good pain begins (or more than that)."""
    words = (ReportKind.THERE, ReportKind.ENOUGH, ReportKind.TOO_MUCH, ReportKind.STOP)
    return next((report.time_s for report in heard if report.kind in words), None)


def _threshold(
    aimed: Aimed, pressed: Pressed, there_s: float | None, put: _Put
) -> tuple[float | None, float | None]:
    """The pressure at the client's word and the client's own threshold then."""
    if there_s is None:
        return None, None
    before = np.flatnonzero(aimed.time_s <= there_s)[-MARK_SAMPLES:]
    if not len(before):
        return None, None
    read = float(np.median(aimed.pressure_kpa[before]))
    # People speak a moment after they feel it, and pressure has risen by then.
    felt_s = max(there_s - POPULATION.reaction_s, float(aimed.time_s[0]))
    felt = float(np.interp(felt_s, aimed.time_s, aimed.pressure_kpa))
    after = aimed.pressure_kpa[aimed.time_s > there_s]
    put(ScoreKey.OVERSHOOT, max(float(after.max()) - read, 0.0) if len(after) else 0.0, read)
    if pressed.low_kpa is None:
        return read, read
    own = float(aimed.lower_kpa[before[-1]])
    put(ScoreKey.CLIENT, felt - own, own)
    return read, own


def _needed(task: Task, scored: Aimed, found: _Found) -> float | None:
    """The smallest tolerance with which the attempt would have been inside."""
    if task.drill.kind is DrillKind.RELEASE:
        return None
    if task.drill.judged is Judged.RATE:
        error = found[ScoreKey.RATE][0]
        return abs(error) / task.rate_kpa_per_s if error is not None and task.rate_kpa_per_s else None
    if task.drill.judged is Judged.MEAN:
        error, scale = found[ScoreKey.CONSTANT][0], mean_of(scored.scale_kpa, scored.weight_s)
        return abs(error) / scale if error is not None and scale else None
    return quantile_of(np.abs(scored.error_kpa) / scored.scale_kpa, scored.weight_s, task.drill.time_share)


def _inside(
    task: Task,
    needed: float | None,
    found: _Found,
    heard: Sequence[Report],
    aimed: Aimed,
    there_s: float | None,
) -> bool | None:
    settings = task.drill.settings
    if task.drill.kind is DrillKind.RELEASE:
        share = found[ScoreKey.IN_TOLERANCE][0]
        stopped = any(report.kind is ReportKind.STOP for report in heard)
        return None if share is None else share >= task.drill.time_share and not stopped
    if isinstance(settings, Threshold):
        if there_s is None:
            return False
        # Contact after the time to let go, to a tenth of a second.
        late = aimed.time_s > there_s + settings.let_go_s + 0.1
        still = aimed.pressure_kpa > 0.25 * task.trajectory.highest_kpa
        if bool((late & still).any()):
            return False
    return None if needed is None else needed <= task.tolerance_share
