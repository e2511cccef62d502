"""Samples gathered into time columns for a strip chart: each column keeps its lowest and highest value.

A column is anchored on absolute time (column `c` holds `c * column_s <= time < (c + 1) * column_s`), so
a finished column never changes again: it only moves left. A push costs O(new samples), whatever the window.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

VALUE_LIMIT = 1e12
"""Values are clipped to this, so that no sum or difference of two can overflow."""
TIME_LIMIT_S = 1e9
"""A sample whose time lies beyond (30 years of uptime) is dropped: its time is nonsense."""
RESTART_S = 1.0
"""A step back in time by more than this is a new recording; a smaller one drops the samples that lie in the past."""
HISTORY_SAMPLES = 200_000
"""No more raw samples than this are kept for a resize (30 s at more than 6 kHz)."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a row of neighbouring columns shows; every array is (n,), oldest first.

    Attributes:
        lo: lowest value, reaching to the last value of the column before where the two are joined; NaN without data.
        hi: highest value, likewise.
        peak: highest value of the column's own samples; NaN without data.
        data: there is something to draw.
        gap: the signal was away: nothing came, and something came before.
        suspect: some sample of the column is not to be trusted (saturated, tared under load, ...).
    """

    lo: Floats
    hi: Floats
    peak: Floats
    data: Flags
    gap: Flags
    suspect: Flags


class ColumnRing:
    """The newest `count` columns.

    Args:
        count: columns kept, >= 1.
        column_s: seconds a column holds, > 0.
        gap_s: samples further apart than this are not joined: the signal was away in between.
    """

    def __init__(self, count: int, column_s: float, gap_s: float) -> None:
        self.count = max(1, count)
        self.column_s = column_s
        self.gap_s = gap_s
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._index = np.full(self.count, np.iinfo(np.int64).min)
        self._lo = np.full(self.count, np.nan)
        self._hi = np.full(self.count, np.nan)
        self._peak = np.full(self.count, np.nan)
        self._suspect = np.zeros(self.count, bool)
        self._first: int | None = None
        self._last_time = -np.inf
        self._last_value = np.nan
        self.last_good_s = -np.inf
        self.version = 0

    def column_of(self, time_s: float) -> int:
        """The column an instant lies in."""
        return int(np.floor(np.clip(time_s, -TIME_LIMIT_S, TIME_LIMIT_S) / self.column_s))

    def push(self, time_s: ArrayLike, value: ArrayLike, suspect: ArrayLike | None = None) -> None:
        """Add samples, oldest first; all arrays (n,). A value that is not finite is "no data" and breaks the line."""
        times, values, flags = _clean(time_s, value, suspect, self._last_time)
        if not len(times):
            return
        if times[0] < self._last_time - RESTART_S:
            self.clear()
        self.version += 1
        # The sample before the first new one leads in, so that blocks join like one long block.
        led_times = np.concatenate(([self._last_time], times))
        led_values = np.concatenate(([self._last_value], values))
        self._last_time, self._last_value = float(times[-1]), float(values[-1])
        finite = np.isfinite(values)
        if not finite.any():
            return
        step = np.diff(led_times)
        joined = finite & np.isfinite(led_values[:-1]) & (step <= self.gap_s)
        column = np.floor(times / self.column_s).astype(np.int64)
        skipped = np.where(joined, np.diff(np.concatenate((column[:1], column))), 0)
        if joined[0]:
            skipped[0] = column[0] - self.column_of(led_times[0])
        entry = np.where(joined, led_values[:-1], values)
        peak = values
        bridges = np.flatnonzero(skipped > 1)
        if len(bridges):
            between, start, end, from_sample = self._bridge(
                led_times, led_values, column, skipped, bridges, entry
            )
            column = np.concatenate((column, between))
            entry = np.concatenate((entry, start))
            values = np.concatenate((values, end))
            peak = np.concatenate((peak, np.maximum(start, end)))
            flags = np.concatenate((flags, flags[from_sample]))
            finite = np.concatenate((finite, np.ones(len(between), bool)))
        low, high = np.fmin(entry, values), np.fmax(entry, values)
        self._merge(column[finite], low[finite], high[finite], peak[finite], flags[finite])
        self.last_good_s = float(times[np.isfinite(led_values[1:])][-1])

    def view(self, newest: int, n: int, now_s: float) -> Columns:
        """The `n` columns that end with column `newest`, as seen at `now_s`."""
        wanted = np.arange(newest - n + 1, newest + 1, dtype=np.int64)
        slot = wanted % self.count
        data = self._index[slot] == wanted
        if self._first is None:
            gap = np.zeros(n, bool)
        else:
            gap = ~data & (wanted > self._first)
            if now_s - self.last_good_s <= self.gap_s:
                gap &= wanted <= self.column_of(self.last_good_s)
        blank = np.where(data, 0.0, np.nan)
        return Columns(
            self._lo[slot] + blank,
            self._hi[slot] + blank,
            self._peak[slot] + blank,
            data,
            gap,
            data & self._suspect[slot],
        )

    def _bridge(
        self,
        led_times: Floats,
        led_values: Floats,
        column: NDArray[np.int64],
        skipped: NDArray[np.int64],
        bridges: NDArray[np.int64],
        entry: Floats,
    ) -> tuple[NDArray[np.int64], Floats, Floats, NDArray[np.int64]]:
        """Straight lines through columns that lie between two joined samples (a slow sensor, a wide chart).

        Sets `entry` of each sample at the end of a bridge to where the line enters its column.
        """
        lengths = np.minimum(skipped[bridges] - 1, self.count)
        sample = np.repeat(bridges, lengths)
        offset = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        between = column[sample] - np.repeat(lengths, lengths) + offset
        slope = (led_values[sample + 1] - led_values[sample]) / (led_times[sample + 1] - led_times[sample])
        end = led_values[sample] + slope * ((between + 1) * self.column_s - led_times[sample])
        first = offset == 0
        start = np.where(first, led_values[sample], np.roll(end, 1))
        entry[bridges] = end[np.cumsum(lengths) - 1]
        return between, start, end, sample

    def _merge(self, column: NDArray[np.int64], lo: Floats, hi: Floats, peak: Floats, flags: Flags) -> None:
        order = np.argsort(column, kind="stable")
        column = column[order]
        starts = np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1])))
        index = column[starts]
        lo = np.minimum.reduceat(lo[order], starts)
        hi = np.maximum.reduceat(hi[order], starts)
        peak = np.maximum.reduceat(peak[order], starts)
        flags = np.logical_or.reduceat(flags[order], starts)
        if self._first is None:
            self._first = int(index[0])
        # Columns are in order, so those that the ring still holds are the last ones.
        old = int(np.searchsorted(index, index[-1] - self.count, side="right"))
        index, lo, hi, peak, flags = index[old:], lo[old:], hi[old:], peak[old:], flags[old:]
        slot = index % self.count
        same = self._index[slot] == index
        self._lo[slot] = np.where(same, np.fmin(self._lo[slot], lo), lo)
        self._hi[slot] = np.where(same, np.fmax(self._hi[slot], hi), hi)
        self._peak[slot] = np.where(same, np.fmax(self._peak[slot], peak), peak)
        self._suspect[slot] = np.where(same, self._suspect[slot] | flags, flags)
        self._index[slot] = index


class SampleHistory:
    """The raw samples of the last `window_s`, so that a chart of another width can be built from them."""

    def __init__(self, window_s: float) -> None:
        self.window_s = window_s
        self._blocks: deque[tuple[Floats, Floats, Flags]] = deque()
        self._samples = 0

    def push(self, time_s: ArrayLike, value: ArrayLike, suspect: ArrayLike | None = None) -> None:
        """Add samples as `ColumnRing.push` takes them."""
        newest = self._blocks[-1][0][-1] if self._blocks else -np.inf
        block = _clean(time_s, value, suspect, newest)
        if not len(block[0]):
            return
        if block[0][0] < newest - RESTART_S:
            self._blocks.clear()
            self._samples = 0
        self._blocks.append(block)
        self._samples += len(block[0])
        oldest = block[0][-1] - self.window_s
        while self._blocks[0][0][-1] < oldest or (self._samples > HISTORY_SAMPLES and len(self._blocks) > 1):
            self._samples -= len(self._blocks.popleft()[0])

    def samples(self) -> tuple[Floats, Floats, Flags]:
        """All of them: times, values, suspect flags."""
        if not self._blocks:
            return np.empty(0), np.empty(0), np.empty(0, bool)
        times, values, flags = zip(*self._blocks, strict=True)
        return np.concatenate(times), np.concatenate(values), np.concatenate(flags)

    def copy(self) -> SampleHistory:
        """The same samples, unmoved by later pushes."""
        other = SampleHistory(self.window_s)
        other._blocks = self._blocks.copy()
        other._samples = self._samples
        return other


def _clean(
    time_s: ArrayLike, value: ArrayLike, suspect: ArrayLike | None, newest_s: float
) -> tuple[Floats, Floats, Flags]:
    times = np.atleast_1d(np.asarray(time_s, np.float64))
    values = np.atleast_1d(np.asarray(value, np.float64))
    flags = np.zeros(len(times), bool) if suspect is None else np.atleast_1d(np.asarray(suspect)).astype(bool)
    usable = np.isfinite(times) & (np.abs(times) <= TIME_LIMIT_S)
    times, values, flags = times[usable], values[usable], flags[usable]
    if len(times):
        past = newest_s if times[0] >= newest_s - RESTART_S else -np.inf
        forward = (times >= past) & (times >= np.maximum.accumulate(times))
        times, values, flags = times[forward], values[forward], flags[forward]
    values = np.where(np.isfinite(values), np.clip(values, -VALUE_LIMIT, VALUE_LIMIT), np.nan)
    return times, values, flags
