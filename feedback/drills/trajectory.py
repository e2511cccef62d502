"""The target over time: what should be pressed at each moment, and how far off still counts.

Time runs from the "go" of an attempt. A trajectory is made of pieces that follow one another without a hole. Pieces
that are not scored are the ways between (reaching a level, letting go and coming back).

How far off counts is a share of the target, but never less than that share of a quarter of the largest target: at the
foot of a ramp or of a wave a share of almost nothing would ask for more than hands can do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEAST_OF_PEAK = 0.25
"""The tolerance is never less than its share of this much of the largest target."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the target: a straight line, or with `swing_kpa` a wave around a level.

    Attributes:
        start_s: from the go.
        end_s: later than `start_s`.
        from_kpa: target at the start; of a wave, its middle.
        to_kpa: target at the end; of a wave, its middle again.
        scored: what is pressed in it counts.
        do: what the hand should do, in a word or three.
        swing_kpa: how far a wave goes up and down, it starts at the middle and goes up; 0 for a line.
        period_s: of a wave.
        part: 0, or which press of an attempt of several presses it belongs to.
        hidden: what is pressed is never shown in it, whatever the feedback: the drill would be none.
        free: the target is not told: any pressure of one's own choice may be pressed (see `Task`).
        off: the tip may be off.
        reference: its mean pressure is what later pieces with `times` are measured by.
        times: the target of this piece is that mean times this; None: the target stands.
    """

    start_s: float
    end_s: float
    from_kpa: float
    to_kpa: float
    scored: bool
    do: str
    swing_kpa: float = 0.0
    period_s: float = 1.0
    part: int = 0
    hidden: bool = False
    free: bool = False
    off: bool = False
    reference: bool = False
    times: float | None = None

    def value_kpa(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """The target at times within the piece."""
        if self.swing_kpa:
            turns = (t_s - self.start_s) / self.period_s
            return self.from_kpa + self.swing_kpa * np.sin(2 * math.pi * turns)
        share = (t_s - self.start_s) / (self.end_s - self.start_s)
        return self.from_kpa + (self.to_kpa - self.from_kpa) * share

    @property
    def highest_kpa(self) -> float:
        """An upper bound of the target in the piece."""
        return max(self.from_kpa, self.to_kpa) + self.swing_kpa

    @property
    def lowest_kpa(self) -> float:
        """A lower bound of the target in the piece."""
        return min(self.from_kpa, self.to_kpa) - self.swing_kpa


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Pieces in order, and the tolerance.

    Attributes:
        pieces: from 0 s on, each beginning where the one before ends; at least one.
        tolerance_share: what still counts, as a share of the target (0.10 is ±10 %), above 0.
    """

    pieces: tuple[Piece, ...]
    tolerance_share: float

    def __post_init__(self) -> None:
        if not self.pieces or self.pieces[0].start_s != 0 or not 0 < self.tolerance_share < math.inf:
            raise ValueError("a trajectory needs pieces from 0 s on and a tolerance above 0")
        ends = [0.0, *(piece.end_s for piece in self.pieces)]
        for before_s, piece in zip(ends, self.pieces, strict=False):
            if piece.start_s != before_s or not piece.start_s < piece.end_s < math.inf:
                raise ValueError("the pieces of a trajectory follow one another without a hole")
            if piece.lowest_kpa < 0 or not math.isfinite(piece.highest_kpa):
                raise ValueError("a target is never below 0")

    @property
    def end_s(self) -> float:
        """When the attempt is over, from the go."""
        return self.pieces[-1].end_s

    @property
    def highest_kpa(self) -> float:
        """The largest target."""
        return max(piece.highest_kpa for piece in self.pieces)

    @property
    def top_kpa(self) -> float:
        """The upper edge of the tolerance at the largest target."""
        return self.highest_kpa * (1 + self.tolerance_share)

    def index_at(self, t_s: ArrayLike) -> NDArray[np.intp]:
        """Which piece each time belongs to; before and after, the first and the last."""
        ends = np.array([piece.end_s for piece in self.pieces[:-1]])
        return np.searchsorted(ends, np.asarray(t_s, np.float64), side="right")

    def piece_at(self, t_s: float) -> Piece:
        """The piece at a time."""
        return self.pieces[int(self.index_at(t_s))]

    def value_kpa(self, t_s: ArrayLike) -> NDArray[np.float64]:
        """The target at each time; held at its ends before and after."""
        t = np.asarray(np.clip(np.asarray(t_s, np.float64), 0.0, self.end_s))
        at = self.index_at(t)
        value = np.zeros_like(t)
        for i in sorted({int(index) for index in at.ravel().tolist()}):
            here = at == i
            value[here] = self.pieces[i].value_kpa(t[here])
        return value

    def wanted_kpa(self, t_s: float) -> tuple[float, float]:
        """What to show as target, and its tolerance to either side: on a way between, where it leads."""
        piece = self.piece_at(t_s)
        target = float(self.value_kpa(t_s)) if piece.scored else piece.to_kpa
        return target, self.tolerance_share * max(target, LEAST_OF_PEAK * self.highest_kpa)

    def tolerance_kpa(self, t_s: ArrayLike) -> NDArray[np.float64]:
        """How far off still counts at each time, to either side."""
        return self.tolerance_share * self.scale_kpa(t_s)

    def scale_kpa(self, t_s: ArrayLike) -> NDArray[np.float64]:
        """What the tolerance is a share of: the target, or a quarter of the largest where that is more."""
        return np.maximum(self.value_kpa(t_s), LEAST_OF_PEAK * self.highest_kpa)

    def scored(self, t_s: ArrayLike) -> NDArray[np.bool_]:
        """Which times count."""
        t = np.asarray(t_s, np.float64)
        flags = np.array([piece.scored for piece in self.pieces])
        return flags[self.index_at(t)] & (t >= 0) & (t <= self.end_s)

    def within(self, tolerance_share: float) -> Trajectory:
        """The same target with another tolerance."""
        return replace(self, tolerance_share=tolerance_share)
