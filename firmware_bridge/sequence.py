"""Losses, counted from the numbers the device gives its samples: never guessed from times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SEQ_MODULUS = 1 << 16
"""The native formats number samples with 16 bits."""
REBOOT_SEQ_MAX = 4096
"""A number at most this large, with a device clock that ran backwards, is a device that began again."""

_HALF_CLOCK = 1 << 31
_CLOCK_MASK = (1 << 32) - 1


class SequenceCounter:
    """Counts lost samples over one connection.

    A gap is the difference of neighbouring numbers modulo 2^16, less one; 65536 samples lost in a row would go
    unseen (13 minutes at 80 a second, when the connection is long known to be dead).
    """

    def __init__(self) -> None:
        self._last_seq = -1
        self._last_t_us = -1

    def reset(self) -> None:
        """Forget the last number: after reconnecting, what lies between is not a loss that could be counted."""
        self._last_seq = self._last_t_us = -1

    def lost_before(
        self, seq: NDArray[np.int32], t_us: NDArray[np.int64] | None = None, restarted_at: int = -1
    ) -> NDArray[np.int64]:
        """Samples known to be lost immediately before each sample.

        Args:
            seq: (n,) as in `Readings.seq`; negative numbers mean that the dialect has none, and count nothing.
            t_us: (n,) as in `Readings.t_us`. With it a device that began again (its clock ran backwards by the
                signed 32-bit difference, and its number is small) is not taken for a loss of 60,000 samples.
            restarted_at: index of a sample known to be the first after a restart (`Stamps.restarted_at`), or -1.

        Returns:
            int64 (n,), >= 0. After a device began again the samples it had numbered before are unknown: 0.
        """
        n = len(seq)
        lost = np.zeros(n, np.int64)
        if n == 0:
            return lost
        before = np.empty(n, np.int64)
        before[0] = self._last_seq
        before[1:] = seq[:-1]
        known = (seq >= 0) & (before >= 0)
        lost[known] = (seq[known] - before[known] - 1) % SEQ_MODULUS
        begun = np.zeros(n, np.bool_)
        if t_us is not None:
            earlier = np.empty(n, np.int64)
            earlier[0] = self._last_t_us
            earlier[1:] = t_us[:-1]
            backwards = ((t_us - earlier) & _CLOCK_MASK) >= _HALF_CLOCK
            begun = backwards & (t_us >= 0) & (earlier >= 0)
            self._last_t_us = int(t_us[-1])
        if 0 <= restarted_at < n:
            begun[restarted_at] = True
        lost[begun & (seq <= REBOOT_SEQ_MAX)] = 0
        self._last_seq = int(seq[-1])
        return lost
