"""Force as a signal: runs of consecutive samples with their times and their quality."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

NO_DEVICE_CLOCK = -1
"""`ForceBlock.t_us` of a sample whose sensor has no clock."""


class Quality(IntFlag):
    """What is known against a sample; 0 is a good one. Fits in uint8."""

    SATURATED = 1
    """The converter was at its limit: the true force is at least this large."""
    LATE = 2
    """The device itself read the converter late: the time is uncertain."""
    UNCALIBRATED = 4
    """No calibration: `force_n` is NaN, only `counts` means something."""
    UNCHECKED = 8
    """The line carried no checksum: a wrong digit would not have been noticed."""
    TARED_UNDER_LOAD = 16
    """The zero was set while something pressed: the force reads too low."""
    CLOCK_RESTART = 32
    """First sample after the device clock (re)started: the step in time before it is not measured."""


NOT_A_FORCE = Quality.SATURATED | Quality.UNCALIBRATED
"""With any of these a sample's `force_n` must not be used as a measured force."""


@dataclass(frozen=True, slots=True, eq=False)
class ForceBlock:
    """A run of consecutive samples of channel 0, oldest first.

    Attributes:
        time_s: float64 (n,), host monotonic seconds of each conversion, non-decreasing.
        force_n: float32 (n,), tared, calibrated newtons, positive when pressing; NaN when uncalibrated.
        counts: int32 (n,), raw converter counts (the record keeps these).
        quality: uint8 (n,), `Quality` flags.
        t_us: int64 (n,), the device's own clock in microseconds, unwrapped; `NO_DEVICE_CLOCK` where it has none.
        lost: samples known to be lost immediately before the block, from sequence numbers; >= 0.
    """

    time_s: NDArray[np.float64]
    force_n: NDArray[np.float32]
    counts: NDArray[np.int32]
    quality: NDArray[np.uint8]
    t_us: NDArray[np.int64]
    lost: int = 0

    def __len__(self) -> int:
        return len(self.time_s)

    @classmethod
    def of(
        cls,
        time_s: ArrayLike,
        force_n: ArrayLike,
        counts: ArrayLike | None = None,
        quality: ArrayLike | int = 0,
        t_us: ArrayLike | None = None,
        lost: int = 0,
    ) -> ForceBlock:
        """Build a block from anything array-like, with the right types.

        Raises:
            ValueError: the arrays differ in length, are not one-dimensional, or `lost` is negative.
        """
        times = np.asarray(time_s, dtype=np.float64)
        n = len(times) if times.ndim == 1 else -1
        arrays = (
            np.asarray(force_n, dtype=np.float32),
            np.zeros(max(n, 0), np.int32) if counts is None else np.asarray(counts, dtype=np.int32),
            np.full(max(n, 0), quality, np.uint8)
            if isinstance(quality, int)
            else np.asarray(quality, dtype=np.uint8),
            np.full(max(n, 0), NO_DEVICE_CLOCK, np.int64)
            if t_us is None
            else np.asarray(t_us, dtype=np.int64),
        )
        if n < 0 or any(a.shape != (n,) for a in arrays):
            raise ValueError("a ForceBlock needs one-dimensional arrays of one length")
        if lost < 0:
            raise ValueError("lost samples cannot be negative")
        force, raw, flags, device_us = arrays
        return cls(times, force, raw, flags, device_us, lost)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How counts become newtons: `force_n = (counts - zero_counts) / counts_per_n`, or a curve.

    Attributes:
        zero_counts: counts with nothing on the tip; may have a fraction.
        counts_per_n: counts a newton adds; negative for a cell wired the other way round; never 0. Of a sensor with a
            curve: over the whole curve.
        source: where it comes from, for people: `sensor` (its META), a file's name, `unit kg on the line`.
        tared_under_load: the zero was set while something pressed; every force reads too low.
        curve: knots (counts risen above the zero, newtons) of a sensor that is no line, as an FSR is: from (0, 0),
            both rising; straight lines between them. "Risen" is in the direction of `counts_per_n`. Empty for a line.
            Below the first knot the force is 0; beyond the last it is that of the last, and at least that.
        zero_load_n: what the zero itself feels, from the reference zero that the calibration came with. A ceiling holds
            for force plus this, so that no zero can lift it.
    """

    zero_counts: float
    counts_per_n: float
    source: str
    tared_under_load: bool = False
    curve: tuple[tuple[float, float], ...] = ()
    zero_load_n: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.zero_counts) and np.isfinite(self.counts_per_n)) or self.counts_per_n == 0:
            raise ValueError(
                "a calibration needs a finite zero and a finite, non-zero number of counts per newton"
            )
        if self.curve:
            knots = np.array(self.curve, np.float64)
            rising = knots.shape == (len(self.curve), 2) and len(knots) > 1 and bool(np.isfinite(knots).all())
            if not rising or tuple(self.curve[0]) != (0, 0) or not np.all(np.diff(knots, axis=0) > 0):
                raise ValueError("a curve needs knots (counts, newtons) from (0, 0) on, both rising")

    def force_n(self, counts: NDArray[np.int32]) -> NDArray[np.float32]:
        """Newtons of raw counts, same shape."""
        if not self.curve:
            return ((counts - self.zero_counts) / self.counts_per_n).astype(np.float32)
        knots = np.array(self.curve, np.float64)
        return np.interp(self._risen(counts), knots[:, 0], knots[:, 1]).astype(np.float32)

    def beyond(self, counts: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which raw counts lie beyond the end of the curve, same shape: the force is at least the curve's last."""
        if not self.curve:
            return np.zeros(np.shape(counts), np.bool_)
        return self._risen(counts) > self.curve[-1][0]

    def _risen(self, counts: NDArray[np.int32]) -> NDArray[np.float64]:
        return (counts - self.zero_counts) * np.sign(self.counts_per_n)


class NoticeKind(StrEnum):
    """What a sensor may have to say besides force."""

    CALIBRATED = "calibrated"
    """`Notice.calibration` is in force from here on (None: there is none)."""
    SIGNAL_LOST = "signal lost"
    SIGNAL_BACK = "signal back"
    CLOCK_RESTARTED = "clock restarted"
    BUTTON_PRESSED = "button pressed"
    BUTTON_RELEASED = "button released"
    TARED = "tared"
    MESSAGE = "message"
    ENDED = "ended"
    """No more samples will come: the end of a replay, or the sensor was closed."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a sensor said besides force; it stands in order between the blocks.

    Attributes:
        kind: what it is.
        time_s: when, on the clock of the samples.
        text: for people; may be empty.
        value: the number an EVENT carried, else 0.
        calibration: with `NoticeKind.CALIBRATED`.
    """

    kind: NoticeKind
    time_s: float
    text: str = ""
    value: int = 0
    calibration: Calibration | None = None
