"""Samples on a regular grid, for formats that know no other time than a start and a rate.

A place of the grid takes the nearest sample, as it was measured; nothing is averaged and nothing is put between. Where
no sample is near, the place is empty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from feedback.signal import NOT_A_FORCE, Quality

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from feedback.signal import ForceBlock

NEAR = 0.75
"""A sample stands for a place that is at most so many periods away: early and late ones find theirs, and a single lost
sample, whose neighbours are a whole period away, leaves its place empty."""
NEW_RUN_S = 300.0
"""A silence longer than this is not filled: a new run begins after it."""
_ENOUGH = 200


@dataclass(frozen=True, slots=True, eq=False)
class GridBlock:
    """Places of the grid, one after the other.

    Attributes:
        run: from 1; another run begins after a long silence.
        start_s: time of the first place, from the start of the session.
        rate_hz: places a second.
        sample_s: float64 (n,), when the sample was measured that stands here; NaN where there is none.
        force_n: float64 (n,), NaN where there is none, or no calibration.
        quality: uint8 (n,), `Quality` flags; 0 where there is none.
    """

    run: int
    start_s: float
    rate_hz: int
    sample_s: NDArray[np.float64]
    force_n: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.sample_s)

    @property
    def end_s(self) -> float:
        """Time of the place after the last."""
        return self.start_s + len(self) / self.rate_hz

    @property
    def no_force(self) -> NDArray[np.bool_]:
        """Where nothing was measured or nothing could be made of it."""
        return ~np.isfinite(self.force_n)

    @property
    def saturated(self) -> NDArray[np.bool_]:
        """Where the true force is at least what stands there."""
        return (self.quality & int(NOT_A_FORCE) == int(Quality.SATURATED)) & ~self.no_force


def grid_rate(rate_hz: float | None, blocks: Iterable[ForceBlock] = ()) -> int:
    """Places a second for samples that come so often: a whole number, not below theirs (but for one in a thousand).

    Args:
        rate_hz: as measured; None when it is not known.
        blocks: the first samples, to find it from.
    """
    rate = rate_hz
    if rate is None or not 0 < rate < 1e6:
        times: list[float] = []
        for block in blocks:
            times += block.time_s.tolist()
            if len(times) > _ENOUGH:
                break
        steps = np.diff(times)
        step = float(np.median(steps[steps > 0])) if np.any(steps > 0) else 1.0
        rate = min(1 / step, 1e6)
    below = math.floor(rate)
    # A little fewer places than samples: one in a thousand is passed over at most.
    return max(1, below if rate - below <= 0.001 * rate else below + 1)


def gridded(blocks: Iterable[ForceBlock], rate_hz: int, most: int | None = None) -> Iterator[GridBlock]:
    """The samples on a grid that begins at the first of them.

    Samples whose time is not after the one before, and those that find no place beside a nearer one, are passed over.

    Args:
        blocks: as `History.samples` gives them.
        rate_hz: places a second, see `grid_rate`.
        most: places in a run; None for any number.
    """
    grid = _Grid(rate_hz, most)
    for block in blocks:
        yield from grid.feed(block)
    yield from grid.end()


class _Grid:
    def __init__(self, rate_hz: int, most: int | None) -> None:
        self._rate = rate_hz
        self._most = most
        self._run = 0
        self._origin_s = 0.0
        self._next = 0
        self._time_s = np.empty(0)
        self._force_n = np.empty(0)
        self._quality = np.empty(0, np.uint8)
        self._last_s = -math.inf

    def feed(self, block: ForceBlock) -> Iterator[GridBlock]:
        # Only times that are later than all before them.
        latest = np.maximum.accumulate(np.concatenate(([self._last_s], block.time_s)))
        later = block.time_s > latest[:-1]
        if not later.any():
            return
        times, before = block.time_s[later], latest[:-1][later]
        cuts = [0, *np.flatnonzero(times - before > NEW_RUN_S).tolist(), len(times)]
        for first, stop in pairwise(cuts):
            if stop == first:
                continue
            if not self._run or times[first] - self._last_s > NEW_RUN_S:
                yield from self.end()
                self._begin(float(times[first]))
            rows = slice(first, stop)
            self._time_s = np.concatenate((self._time_s, times[rows]))
            self._force_n = np.concatenate((self._force_n, block.force_n[later][rows]))
            self._quality = np.concatenate((self._quality, block.quality[later][rows]))
            self._last_s = float(times[stop - 1])
            # Those for which no nearer sample can come.
            yield from self._places(math.floor((self._last_s - self._origin_s) * self._rate - NEAR))

    def end(self) -> Iterator[GridBlock]:
        if len(self._time_s):
            yield from self._places(math.floor((self._last_s - self._origin_s) * self._rate + 0.5))

    def _begin(self, at_s: float) -> None:
        self._run += 1
        self._origin_s, self._next = at_s, 0
        self._time_s, self._force_n = np.empty(0), np.empty(0)
        self._quality = np.empty(0, np.uint8)

    def _places(self, last: int) -> Iterator[GridBlock]:
        """The places up to `last`, as far as they were not given yet."""
        while self._next <= last:
            stop = last + 1 if self._most is None else min(last + 1, self._most)
            if stop > self._next:
                yield self._block(stop)
            if self._most is not None and self._next >= self._most:
                self._run += 1
                self._origin_s += self._most / self._rate
                self._next, last = 0, last - self._most
        keep = int(np.searchsorted(self._time_s, self._origin_s + (self._next - 1) / self._rate))
        self._time_s, self._force_n = self._time_s[keep:], self._force_n[keep:]
        self._quality = self._quality[keep:]

    def _block(self, stop: int) -> GridBlock:
        at = self._origin_s + np.arange(self._next, stop) / self._rate
        after = np.searchsorted(self._time_s, at).clip(0, len(self._time_s) - 1)
        before = (after - 1).clip(0)
        nearer = np.abs(self._time_s[before] - at) <= np.abs(self._time_s[after] - at)
        chosen = np.where(nearer, before, after)
        empty = np.abs(self._time_s[chosen] - at) > NEAR / self._rate
        sample_s, force_n = self._time_s[chosen], self._force_n[chosen].astype(np.float64)
        quality = self._quality[chosen]
        force_n[(quality & int(Quality.UNCALIBRATED)) != 0] = np.nan
        sample_s[empty], force_n[empty], quality[empty] = np.nan, np.nan, 0
        block = GridBlock(self._run, float(at[0]), self._rate, sample_s, force_n, quality)
        self._next = stop
        return block


def stretches(where: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and stop of every unbroken stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], where, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
