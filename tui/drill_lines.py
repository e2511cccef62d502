"""The lines of an attempt as they are drawn: the target over time and how far off still counts. No screen here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.drills.aimed import aimed_at
from feedback.drills.drill import DrillKind, Judged
from feedback.drills.trajectory import LEAST_OF_PEAK
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from feedback.drills.outcome import Outcome
    from feedback.drills.task import Task
    from feedback.drills.trajectory import Piece
    from feedback.history.training_records import AttemptTrace

    Floats = NDArray[np.float64]

STEP_S = 0.05
"""The lines are kept at this spacing: finer than any column of a chart."""


@dataclass(frozen=True, slots=True, eq=False)
class DrillLines:
    """What an attempt asks over time; arrays of one length, times rising from the go.

    Attributes:
        time_s: float64 (n,), at least two.
        target_kpa: float64 (n,); NaN where none is told, or the tip may be off.
        lower_kpa, upper_kpa: float64 (n,), edges of what counts as inside; NaN on the ways between.
        top_kpa: what the picture must have room for at least.
        level_kpa: the one target asked, to be written beside the axis; None where there are several or none.
    """

    time_s: Floats
    target_kpa: Floats
    lower_kpa: Floats
    upper_kpa: Floats
    top_kpa: float
    level_kpa: float | None = None

    @property
    def end_s(self) -> float:
        """When the attempt is over."""
        return float(self.time_s[-1])

    def at(self, time_s: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Target, lower and upper edge at times; NaN outside."""
        times = np.asarray(time_s, np.float64)
        index = np.clip(np.searchsorted(self.time_s, times), 0, len(self.time_s) - 1)
        outside = (times < self.time_s[0] - STEP_S) | (times > self.time_s[-1] + STEP_S)
        target, lower, upper = (
            np.where(outside, np.nan, line[index])
            for line in (self.target_kpa, self.lower_kpa, self.upper_kpa)
        )
        return target, lower, upper


def lines_of_task(task: Task) -> DrillLines:
    """What the trainee may know of a task beforehand.

    A target that is not told is left out, and so is one that an earlier press of the same attempt will set.
    """
    line = task.trajectory
    time_s = _times(line.end_s)
    piece = line.index_at(time_s)
    target = line.value_kpa(time_s)
    spread = line.tolerance_share * (
        # A rate is held against a rate: the lines of the slowest and the fastest ramp part as they rise.
        target if task.drill.judged is Judged.RATE else line.scale_kpa(time_s)
    )
    lower, upper = np.maximum(target - spread, 0.0), target + spread
    for i, one in enumerate(line.pieces):
        here = piece == i
        # Where a ramp has ended without a word of the client there is no level to stay at.
        beyond = task.drill.judged is Judged.RATE and not one.scored
        if task.target_kpa is None or one.off or one.times is not None or beyond:
            target[here] = np.nan
        if task.target_kpa is None or not _counts(one):
            lower[here] = upper[here] = np.nan
    top = line.top_kpa if task.target_kpa is not None else 0.0
    return DrillLines(time_s, target, lower, upper, top, _level_of(task))


def lines_of_outcome(outcome: Outcome) -> DrillLines:
    """The same after the attempt: with the client's hidden range, or the target that the first press has set."""
    task, pressed = outcome.task, outcome.pressed
    aimed = aimed_at(task.trajectory, pressed)
    if pressed.low_kpa is not None and task.drill.kind is DrillKind.RELEASE:
        if len(aimed.time_s) < 2:
            return lines_of_task(task)
        top = float(np.nanmax(aimed.upper_kpa)) if np.isfinite(aimed.upper_kpa).any() else 0.0
        return DrillLines(
            np.append(aimed.time_s, task.trajectory.end_s),
            *(np.append(edge, edge[-1]) for edge in (aimed.target_kpa, aimed.lower_kpa, aimed.upper_kpa)),
            top_kpa=top,
        )
    lines = lines_of_task(task)
    target, lower, upper = lines.target_kpa.copy(), lines.lower_kpa.copy(), lines.upper_kpa.copy()
    piece = task.trajectory.index_at(lines.time_s)
    for i, one in enumerate(task.trajectory.pieces):
        set_by = aimed.target_kpa[aimed.piece == i]
        if one.times is not None and len(set_by) and np.isfinite(set_by[0]):
            here, spread = piece == i, task.tolerance_share * set_by[0]
            target[here], lower[here], upper[here] = set_by[0], set_by[0] - spread, set_by[0] + spread
    top = float(np.nanmax(upper)) if np.isfinite(upper).any() else lines.top_kpa
    return DrillLines(lines.time_s, target, lower, upper, max(top, lines.top_kpa), lines.level_kpa)


def lines_of_trace(trace: AttemptTrace) -> DrillLines | None:
    """The target of an attempt from the record; None where it went by a client or never came to a go."""
    if trace.go_s is None or len(trace.target_time_s) < 2:
        return None
    known_s = trace.target_time_s - trace.go_s
    time_s = _times(float(known_s[-1]))
    target = np.interp(time_s, known_s, trace.target_kpa)
    if not np.isfinite(target).any():
        return None
    highest = float(np.nanmax(target))
    spread = trace.tolerance_share * np.maximum(target, LEAST_OF_PEAK * highest)
    lower, upper = np.maximum(target - spread, 0.0), target + spread
    return DrillLines(time_s, target, lower, upper, float(np.nanmax(upper)))


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """An attempt that is over, as it is drawn.

    Attributes:
        lines: what was asked; None where nothing can be drawn of it.
        time_s: float64 (n,), of the samples, from the go.
        pressure_kpa: float64 (n,), NaN where nothing was measured.
    """

    lines: DrillLines | None
    time_s: Floats
    pressure_kpa: Floats


def drawn_outcome(outcome: Outcome) -> Drawn:
    """An attempt that has just ended."""
    after = outcome.pressed.time_s >= 0
    return Drawn(
        lines_of_outcome(outcome), outcome.pressed.time_s[after], outcome.pressed.pressure_kpa[after]
    )


def drawn_trace(trace: AttemptTrace) -> Drawn:
    """An attempt from the record."""
    go_s = trace.go_s or 0.0
    per_n = pressure_kpa_of(1.0, trace.tip_area_cm2)
    times = [block.time_s - go_s for block in trace.blocks]
    values = [block.force_n.astype(np.float64) * per_n for block in trace.blocks]
    time_s, pressure = np.concatenate([np.empty(0), *times]), np.concatenate([np.empty(0), *values])
    return Drawn(lines_of_trace(trace), time_s[time_s >= 0], pressure[time_s >= 0])


def _times(end_s: float) -> Floats:
    return np.linspace(0.0, end_s, max(int(end_s / STEP_S) + 1, 2))


def _counts(piece: Piece) -> bool:
    """Its tolerance is shown: it is scored by a target of its own, or what is pressed in it is repeated later."""
    return (piece.scored or piece.reference) and piece.times is None and not piece.off


def _level_of(task: Task) -> float | None:
    if task.target_kpa is None:
        return None
    levels = {piece.from_kpa for piece in task.trajectory.pieces if _counts(piece)}
    flat = all(p.from_kpa == p.to_kpa and not p.swing_kpa for p in task.trajectory.pieces if _counts(p))
    return task.target_kpa if flat and len(levels) == 1 else None
