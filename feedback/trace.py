"""The last minute or so of pressure, for charts that pull it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from feedback.signal import ForceBlock


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Samples that came after a position.

    Attributes:
        position: hand this to the next `Ring.since` to get what follows.
        time_s: float64 (n,).
        force_n: float32 (n,), NaN when uncalibrated.
        counts: int32 (n,).
        quality: uint8 (n,), `Quality` flags.
    """

    position: int
    time_s: NDArray[np.float64]
    force_n: NDArray[np.float32]
    counts: NDArray[np.int32]
    quality: NDArray[np.uint8]


class Ring:
    """Keeps the newest `size` samples; older ones are forgotten."""

    def __init__(self, size: int = 16384) -> None:
        self._size = size
        self._total = 0
        self._time_s = np.empty(size)
        self._force_n = np.empty(size, np.float32)
        self._counts = np.empty(size, np.int32)
        self._quality = np.empty(size, np.uint8)

    @property
    def position(self) -> int:
        """How many samples came so far."""
        return self._total

    def add(self, block: ForceBlock) -> None:
        """Append a block."""
        n = min(len(block), self._size)
        at = np.arange(self._total + len(block) - n, self._total + len(block)) % self._size
        self._time_s[at] = block.time_s[-n:] if n else block.time_s
        self._force_n[at] = block.force_n[-n:] if n else block.force_n
        self._counts[at] = block.counts[-n:] if n else block.counts
        self._quality[at] = block.quality[-n:] if n else block.quality
        self._total += len(block)

    def since(self, position: int) -> Trace:
        """What came after `position` and is still kept."""
        start = max(position, self._total - self._size, 0)
        at = np.arange(start, self._total) % self._size
        return Trace(self._total, self._time_s[at], self._force_n[at], self._counts[at], self._quality[at])

    def seconds_before(self, time_s: float, seconds: float, *, newest: int = 4096) -> Trace:
        """The samples of the `seconds` up to `time_s`, looking at no more than the `newest` ones."""
        found = self.since(self._total - newest)
        inside = (found.time_s > time_s - seconds) & (found.time_s <= time_s)
        return Trace(
            found.position,
            found.time_s[inside],
            found.force_n[inside],
            found.counts[inside],
            found.quality[inside],
        )
