"""The target of an attempt as a line to draw and to keep."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from feedback.drills import Outcome, Piece

Drawn = tuple[tuple[float, float | None], ...]
WAVE_STEP_S = 0.1


def drawn_target(outcome: Outcome) -> Drawn | None:
    """(seconds from the go, kPa) with straight lines between; None for the pressure where nothing is aimed at.

    A second press that is measured from the first has the target that came of it. None altogether where the target
    goes by a client.
    """
    task = outcome.task
    if task.drill.client is not None and task.rate_kpa_per_s is None:
        return None
    found = {w.part: w.target_kpa for w in outcome.scores.windows} if outcome.scores else {}
    points: list[tuple[float, float | None]] = []
    for piece in task.trajectory.pieces:
        points += _piece(piece, found.get(piece.part))
    return tuple(points)


def _piece(piece: Piece, measured_kpa: float | None) -> list[tuple[float, float | None]]:
    if piece.off or not (piece.scored or piece.reference):
        return [(piece.start_s, None), (piece.end_s, None)]
    if piece.times is not None or piece.free:
        kpa = measured_kpa if piece.times is not None else None
        return [(piece.start_s, kpa), (piece.end_s, kpa)]
    if not piece.swing_kpa:
        return [(piece.start_s, piece.from_kpa), (piece.end_s, piece.to_kpa)]
    n = max(2, math.ceil((piece.end_s - piece.start_s) / WAVE_STEP_S) + 1)
    times = np.linspace(piece.start_s, piece.end_s, n)
    return [
        (round(t, 4), round(v, 3))
        for t, v in zip(times.tolist(), piece.value_kpa(times).tolist(), strict=True)
    ]
