"""Frames that came before: doubled or overtaken on the way, known by the numbers and the clock of the device."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from feedback.signal import Quality
from firmware_bridge.dialects.base import Readings
from firmware_bridge.sequence import SEQ_MODULUS

KEPT_SAMPLES = 256
"""So far back a frame is known again: three seconds at 80 a second, and several of the longest batches."""

_HALF_SEQ = SEQ_MODULUS // 2
_HALF_CLOCK = 1 << 31
_CLOCK_MASK = (1 << 32) - 1


class Repeats:
    """Leaves out samples that were delivered already, and those that arrive after younger ones.

    A sample counts as repeated when its number and its time are those of one of the last `KEPT_SAMPLES`, and as late
    when both lie between two of them: then it was counted as lost when the younger one came, and stays so. A device
    that began again has small numbers too, but says so or has other times. Dialects without numbers or without a clock
    pass as they are.
    """

    def __init__(self) -> None:
        self.count = 0
        """Samples left out so far."""
        self._recent: deque[tuple[int, int]] = deque(maxlen=KEPT_SAMPLES)

    def reset(self) -> None:
        """Another connection: nothing of the last one comes again."""
        self._recent.clear()

    def without(self, readings: Readings) -> Readings:
        """The readings without what came before; the same object when there is none, as nearly always."""
        n = len(readings)
        if n == 0 or int(readings.seq[0]) < 0 or int(readings.t_us[0]) < 0:
            return readings
        if self._in_order(readings.seq, readings.t_us):
            self._recent.extend(
                zip(
                    readings.seq[-KEPT_SAMPLES:].tolist(), readings.t_us[-KEPT_SAMPLES:].tolist(), strict=True
                )
            )
            return readings
        keep = np.ones(n, np.bool_)
        restarted = (readings.quality & np.uint8(Quality.CLOCK_RESTART)) != 0
        pairs = zip(readings.seq.tolist(), readings.t_us.tolist(), restarted.tolist(), strict=True)
        for i, (seq, at_us, began) in enumerate(pairs):
            again = bool(self._recent) and self._recent[-1] == (seq, at_us)
            if began and not again:
                self._recent.clear()
            if again or self._came_before(seq, at_us):
                keep[i] = False
            else:
                self._recent.append((seq, at_us))
        if keep.all():
            return readings
        self.count += int(n - keep.sum())
        before = np.concatenate(([0], np.cumsum(keep)))
        return Readings(
            t_us=readings.t_us[keep],
            seq=readings.seq[keep],
            counts=readings.counts[keep],
            extra=readings.extra[keep],
            quality=readings.quality[keep],
            messages=tuple(replace(said, before=int(before[said.before])) for said in readings.messages),
        )

    def _in_order(self, seq: NDArray[np.int32], t_us: NDArray[np.int64]) -> bool:
        first_seq, first_us = self._recent[-1] if self._recent else (int(seq[0]) - 1, int(t_us[0]) - 1)
        steps = np.diff(seq, prepend=np.int32(first_seq)) % SEQ_MODULUS
        later_us = np.diff(t_us, prepend=np.int64(first_us)) & _CLOCK_MASK
        return bool(np.all((steps > 0) & (steps < _HALF_SEQ) & (later_us < _HALF_CLOCK)))

    def _came_before(self, seq: int, t_us: int) -> bool:
        if not self._recent or 0 < (seq - self._recent[-1][0]) % SEQ_MODULUS < _HALF_SEQ:
            return False
        if (seq, t_us) in self._recent:
            return True
        below = above = False
        for other_seq, other_us in self._recent:
            behind = (seq - other_seq) % SEQ_MODULUS < _HALF_SEQ
            if seq == other_seq or behind != ((t_us - other_us) & _CLOCK_MASK < _HALF_CLOCK):
                return False
            below |= behind
            above |= not behind
        return below and above
