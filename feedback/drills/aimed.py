"""The measured samples of an attempt beside what was aimed at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.drills.weighted import mean_of, seconds_each

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from feedback.drills.outcome import Pressed
    from feedback.drills.trajectory import Piece, Trajectory

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Aimed:
    """Samples that are measured forces, from the go on; all arrays (n,).

    Attributes:
        time_s: from the go.
        pressure_kpa: measured.
        weight_s: time that each sample stands for.
        target_kpa: what was asked; NaN where nothing can be.
        lower_kpa, upper_kpa: edges of what counts as inside.
        scale_kpa: what a tolerance is a share of.
        scored: which count.
        piece: index into the trajectory's pieces.
    """

    time_s: Floats
    pressure_kpa: Floats
    weight_s: Floats
    target_kpa: Floats
    lower_kpa: Floats
    upper_kpa: Floats
    scale_kpa: Floats
    scored: NDArray[np.bool_]
    piece: NDArray[np.intp]

    def only(self, flags: NDArray[np.bool_]) -> Aimed:
        """The samples that are flagged."""
        return Aimed(
            self.time_s[flags],
            self.pressure_kpa[flags],
            self.weight_s[flags],
            self.target_kpa[flags],
            self.lower_kpa[flags],
            self.upper_kpa[flags],
            self.scale_kpa[flags],
            self.scored[flags],
            self.piece[flags],
        )

    @property
    def error_kpa(self) -> Floats:
        """Pressure minus target."""
        return self.pressure_kpa - self.target_kpa


def aimed_at(line: Trajectory, pressed: Pressed) -> Aimed:
    """Put the samples beside the target.

    Pieces that are measured by an earlier press of the attempt (`Piece.times`) get their target from its mean. Where a
    client's hidden range was fed along, that is what is aimed at: its edges, and their geometric middle.
    """
    kept = np.isfinite(pressed.pressure_kpa) & (pressed.time_s >= 0) & (pressed.time_s <= line.end_s)
    time_s, pressure_kpa = pressed.time_s[kept], pressed.pressure_kpa[kept]
    weight_s = seconds_each(time_s)
    piece = line.index_at(time_s)
    scored = line.scored(time_s)
    if pressed.low_kpa is not None and pressed.high_kpa is not None:
        lower, upper = pressed.low_kpa[kept], pressed.high_kpa[kept]
        middle = np.sqrt(lower * upper)
        return Aimed(time_s, pressure_kpa, weight_s, middle, lower, upper, middle, scored, piece)
    target, scale = line.value_kpa(time_s), line.scale_kpa(time_s)
    reference = mean_of(*_reference(line.pieces, piece, pressure_kpa, weight_s))
    for i, one in enumerate(line.pieces):
        if one.times is not None:
            target[piece == i] = scale[piece == i] = np.nan if reference is None else reference * one.times
    tolerance = line.tolerance_share * scale
    return Aimed(
        time_s, pressure_kpa, weight_s, target, target - tolerance, target + tolerance, scale, scored, piece
    )


def _reference(
    pieces: tuple[Piece, ...], piece: NDArray[np.intp], pressure_kpa: Floats, weight_s: Floats
) -> tuple[Floats, Floats]:
    here = np.isin(piece, [i for i, one in enumerate(pieces) if one.reference])
    return pressure_kpa[here], weight_s[here]
