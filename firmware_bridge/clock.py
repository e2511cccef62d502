"""Device microseconds to host seconds, through the lower convex hull of the arrivals.

Every arrival is late by an unknown amount (USB polling, buffers, a busy host), never early. So the line from
device time to host time runs along the lower edge of the points (device time, arrival): the edge of their lower
convex hull that spans their middle (Zhang, Liu and Xia, INFOCOM 2002). A device clock wanders with temperature, so
the hull must forget: two hulls are kept, and the younger takes over every `SWITCH_S` (as in ethz-asl's
cuckoo_time_translator). What a hull cannot see is the constant part of the latency, about 2 ms at 115200 baud;
half the round trip of a ping bounds it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from feedback.signal import NO_DEVICE_CLOCK

SWITCH_S = 10.0
"""A hull leads from its age of this many seconds until twice that (the first one leads from the start)."""
SLOPE_SPAN_S = 1.0
"""A hull shorter than this says nothing about the rate of the device's clock."""
SKEW_MAX = 0.01
"""Largest believable error of a device clock: ceramic resonators are specified to 0.5 %."""
EARLY_S = 0.1
"""A sample that maps this long after its own arrival contradicts the line: the clock began again."""
BACKLOG_S = 5.0
"""So much may lie in buffers when a port is opened: the first arrivals can be that late."""
BEHIND_S = 1.0
"""Samples that map this long before their arrival, by the same for `STEADILY_S`, contradict it too."""
LATE_S = 0.1
"""An arrival this long after the time to which its sample maps was held up: it teaches nothing. When all have been, by
the same for `STEADILY_S`, the way has become longer, and they teach again."""
STEADILY_S = 3.0
STEADY_S = 0.1
"""By the same: of the most prompt arrivals of two seconds, one after the other, neither is later by more than this. A
clock that stood still, and a longer way, are late by the same from then on; a busy way is late now more, now less."""
GAP_S = 10.0
"""With no line yet, a step of the device's clock longer than this inside one arrival is no measurement."""
SKEW_SPAN_S = 5.0
"""The rate is told from this many seconds on."""
SKEW_BASE_S = 600.0
"""The rate is measured over at most about this long."""

PERIOD_STRETCH = 3.0
"""Samples of a sensor without a clock are spread at most this many usual periods apart."""
PERIOD_GAIN = 0.1
"""Share of each new period in the usual one."""

_MODULUS = 1 << 32


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """When the samples of one arrival were taken.

    Attributes:
        time_s: float64 (n,), host monotonic seconds; never decreasing, never later than the arrival.
        t_us: int64 (n,), device microseconds unwrapped over 2^32 since the clock's (re)start; -1 without a clock.
        restarted_at: index of the first sample after the device's clock began again, the last such when there
            are several; -1 when it did not.
    """

    time_s: NDArray[np.float64]
    t_us: NDArray[np.int64]
    restarted_at: int = -1


class _Hull:
    """Lower convex hull of points that come with growing x; O(1) a point on average."""

    __slots__ = ("x", "y")

    def __init__(self) -> None:
        self.x: list[float] = []
        self.y: list[float] = []

    def add(self, x: float, y: float) -> None:
        xs, ys = self.x, self.y
        while len(xs) > 1 and (ys[-1] - ys[-2]) * (x - xs[-1]) >= (y - ys[-1]) * (xs[-1] - xs[-2]):
            xs.pop()
            ys.pop()
        xs.append(x)
        ys.append(y)

    @property
    def span_s(self) -> float:
        return self.x[-1] - self.x[0] if self.x else 0.0

    def slope(self) -> float:
        """Of the edge that spans the middle."""
        i = bisect_left(self.x, (self.x[0] + self.x[-1]) / 2, 1, len(self.x) - 1)
        return (self.y[i] - self.y[i - 1]) / (self.x[i] - self.x[i - 1])

    def intercept(self, slope: float) -> float:
        """Of the highest line of that slope which lies above no point."""
        return min(y - slope * x for x, y in zip(self.x, self.y, strict=True))


class _Late:
    """Whether all arrivals have been later than `limit_s` for `STEADILY_S`, and by the same."""

    __slots__ = ("_before_s", "_least_s", "_limit_s", "_second_s", "_since_s")

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._since_s: float | None = None
        self._second_s = 0.0
        self._least_s = 0.0
        self._before_s: float | None = None

    @property
    def at_all(self) -> bool:
        """The last arrival was."""
        return self._since_s is not None

    def steadily(self, late_s: float, arrival_s: float) -> bool:
        """Take one more arrival; of each second the most prompt one counts."""
        if late_s <= self._limit_s:
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = self._second_s = arrival_s
            self._least_s, self._before_s = late_s, None
        elif arrival_s - self._second_s < 1.0:
            self._least_s = min(self._least_s, late_s)
        else:
            if self._before_s is not None and abs(self._least_s - self._before_s) > STEADY_S:
                self._since_s = arrival_s
            self._second_s, self._least_s, self._before_s = arrival_s, late_s, self._least_s
        return arrival_s - self._since_s > STEADILY_S


class DeviceClock:
    """Maps a device's clock onto the host's.

    A batch that arrives at one instant costs one hull point, its last sample: the others are later still. Arrivals
    that are late lie above the hull and bend nothing; those of a stall (`LATE_S`) are left out, since a hull may not
    begin or end with one: its edge there would be the stall. The clock is taken to have begun again
    when the device's time contradicts the arrivals (`EARLY_S`, `BEHIND_S`): a reboot looks like that, and so does
    a host that slept, but not a way on which everything is late, now more and now less.
    """

    def __init__(self) -> None:
        self._last_time_s = -np.inf
        self._rate = 1.0
        self.reset()

    def reset(self) -> None:
        """Begin again: after a reconnection, or when the device says that its clock restarted.

        Times still never decrease, and the rate found so far is the first guess.
        """
        self._hull = _Hull()
        self._young: _Hull | None = None
        self._switch_at_s = SWITCH_S
        self._middles: deque[tuple[float, float]] = deque()
        self._slope = self._rate
        self._intercept = 0.0
        self._origin_us = 0
        self._origin_s = 0.0
        self._last_us = -1
        self._last_arrival_s = 0.0
        self._behind = _Late(BEHIND_S)
        self._held = _Late(LATE_S)

    @property
    def skew_ppm(self) -> float | None:
        """How much longer a second of the device's clock lasts than one of the host's, in parts per million.

        It is the slope of the line from device to host time, less one: positive when the device's clock is slow.
        None until known.
        """
        if self._hull.span_s < SKEW_SPAN_S and not self._middles:
            return None
        return (self._long_slope() - 1.0) * 1e6

    def stamp(self, t_us: NDArray[np.int64], arrival_s: float) -> Stamps:
        """Stamp the samples (n,) that arrived at one instant.

        Args:
            t_us: as sent, 0..2^32-1.
            arrival_s: host monotonic seconds, not before the previous arrival.
        """
        if len(t_us) == 0:
            return Stamps(np.empty(0, np.float64), np.empty(0, np.int64))
        step_us = np.empty(len(t_us), np.int64)
        step_us[1:] = (t_us[1:] - t_us[:-1]) % _MODULUS
        began_at = 0
        known = self._last_us >= 0
        if known:
            step_us[0] = self._first_step_us(int(t_us[0]), arrival_s)
            unwrapped = self._last_us + np.cumsum(step_us)
            began_at = self._contradiction(unwrapped, arrival_s)
        else:
            unwrapped = np.empty(len(t_us), np.int64)
        if began_at < len(t_us):
            times, restarted_at = self._begin(t_us, step_us, unwrapped, began_at, arrival_s)
        else:
            if not self._held_up(int(unwrapped[-1]), arrival_s):
                self._learn(int(unwrapped[-1]), arrival_s)
            times, restarted_at = self._map(unwrapped), -1
        times = np.clip(np.maximum.accumulate(times), min(self._last_time_s, arrival_s), arrival_s)
        self._last_time_s = float(times[-1])
        self._last_us = int(unwrapped[-1])
        self._last_arrival_s = arrival_s
        return Stamps(times, unwrapped, restarted_at if known or restarted_at > 0 else -1)

    def _first_step_us(self, t_us: int, arrival_s: float) -> int:
        """From the last sample to the next one, with as many turns of the 32-bit clock as the arrivals allow."""
        step_us = (t_us - self._last_us) % _MODULUS
        elapsed_us = (arrival_s - self._last_arrival_s) * 1e6
        return step_us + max(0, round((elapsed_us - step_us) / _MODULUS)) * _MODULUS

    def _contradiction(self, unwrapped: NDArray[np.int64], arrival_s: float) -> int:
        """Index of the first sample whose device time cannot be of the clock so far; n when all can."""
        expected = self._map(unwrapped)
        elapsed_s = arrival_s - self._last_arrival_s
        # The slope itself may be wrong by SKEW_MAX on either side, which shows over a long silence.
        limit_s = arrival_s + EARLY_S + 2 * SKEW_MAX * elapsed_s
        if expected[-1] > limit_s:
            first = int(np.argmax(expected > limit_s))
            before_us = int(unwrapped[first - 1]) if first else self._last_us
            old_backlog = self._hull.span_s < SLOPE_SPAN_S and expected[-1] < limit_s + BACKLOG_S
            if old_backlog or int(unwrapped[first]) - before_us < EARLY_S * 1e6:
                # No clock began: what came before was late, and this is the first prompt arrival.
                self._hull = _Hull()
                return len(unwrapped)
            return first
        return 0 if self._behind.steadily(arrival_s - float(expected[-1]), arrival_s) else len(unwrapped)

    def _begin(
        self,
        t_us: NDArray[np.int64],
        step_us: NDArray[np.int64],
        unwrapped: NDArray[np.int64],
        at: int,
        arrival_s: float,
    ) -> tuple[NDArray[np.float64], int]:
        """Stamp a batch in which the clock begins at index `at`; fills `unwrapped` from there.

        Returns:
            The times, and the index where the last of the clocks in this batch begins.
        """
        # Without a line a jump inside the batch is the only sign that there is more than one clock in it.
        jumps = np.flatnonzero(step_us[at + 1 :] > GAP_S * 1e6) + at + 1
        bounds = [at, *jumps.tolist(), len(t_us)]
        times = np.empty(len(t_us), np.float64)
        end_s = arrival_s
        for start, stop in reversed(list(pairwise(bounds))):
            run = t_us[start] + np.cumsum(step_us[start:stop]) - step_us[start]
            unwrapped[start:stop] = run
            # Runs arrived together but were not taken together: each ended before the next began.
            times[start:stop] = end_s - (run[-1] - run) * 1e-6 * self._rate
            end_s = float(times[start])
        times[:at] = np.minimum(self._map(unwrapped[:at]), end_s)
        self.reset()
        self._learn(int(unwrapped[-1]), arrival_s)
        return times, bounds[-2]

    def _held_up(self, t_us: int, arrival_s: float) -> bool:
        """Whether this arrival came out of a stall."""
        if self._hull.span_s < SLOPE_SPAN_S:
            return False
        steadily = self._held.steadily(arrival_s - self._map_one(t_us), arrival_s)
        return self._held.at_all and not steadily

    def _learn(self, t_us: int, arrival_s: float) -> None:
        """Add one point and find the line anew."""
        if not self._hull.x:
            self._origin_us, self._origin_s = t_us, arrival_s
        x, y = (t_us - self._origin_us) * 1e-6, arrival_s - self._origin_s
        if self._hull.x and x <= self._hull.x[-1]:
            return
        if x >= self._switch_at_s:
            self._switch_at_s = x + SWITCH_S
            if self._young is not None:
                self._middles.append(self._middle())
                if len(self._middles) > SKEW_BASE_S / SWITCH_S:
                    self._middles.popleft()
                self._hull = self._young
            self._young = _Hull()
        self._hull.add(x, y)
        if self._young is not None:
            self._young.add(x, y)
        if self._hull.span_s >= SLOPE_SPAN_S:
            self._slope = min(max(self._hull.slope(), 1 - SKEW_MAX), 1 + SKEW_MAX)
            if self._hull.span_s >= SKEW_SPAN_S:
                self._rate = self._slope
        self._intercept = self._hull.intercept(self._slope)

    def _map(self, unwrapped: NDArray[np.int64]) -> NDArray[np.float64]:
        device_s = (unwrapped - self._origin_us).astype(np.float64) * 1e-6
        return device_s * self._slope + (self._origin_s + self._intercept)

    def _map_one(self, t_us: int) -> float:
        return (t_us - self._origin_us) * 1e-6 * self._slope + (self._origin_s + self._intercept)

    def _middle(self) -> tuple[float, float]:
        """The point of the line below the middle of its hull, where it is known best."""
        x = (self._hull.x[0] + self._hull.x[-1]) / 2
        return x, self._slope * x + self._intercept

    def _long_slope(self) -> float:
        if not self._middles:
            return self._slope
        (x0, y0), (x1, y1) = self._middles[0], self._middle()
        return (y1 - y0) / (x1 - x0) if x1 > x0 else self._slope


class ArrivalClock:
    """Times for the samples of a sensor without a clock; the methods of `DeviceClock`.

    The samples of one arrival are spread over the time since the previous arrival, but not thinner than the
    sensor's usual period: after a silence they are the newest.
    """

    def __init__(self) -> None:
        self._last_time_s = -np.inf
        self.reset()

    @property
    def skew_ppm(self) -> None:
        """Nothing to compare."""
        return

    def reset(self) -> None:
        """Begin again after a reconnection."""
        self._last_arrival_s: float | None = None
        self._period_s: float | None = None

    def stamp(self, t_us: NDArray[np.int64], arrival_s: float) -> Stamps:
        """Stamp the samples (n,) that arrived at one instant; of `t_us` only the length counts."""
        n = len(t_us)
        nothing = np.full(n, NO_DEVICE_CLOCK, np.int64)
        if n == 0:
            return Stamps(np.empty(0, np.float64), nothing)
        step_s = 0.0
        if self._last_arrival_s is not None:
            step_s = max(arrival_s - self._last_arrival_s, 0.0) / n
            if self._period_s is None:
                self._period_s = step_s
            else:
                # A silence is not a period; the usual one follows what is believable of this one.
                step_s = min(step_s, PERIOD_STRETCH * self._period_s)
                self._period_s += PERIOD_GAIN * (step_s - self._period_s)
        times = arrival_s - step_s * np.arange(n - 1, -1, -1, dtype=np.float64)
        np.maximum(times, min(self._last_time_s, arrival_s), out=times)
        self._last_time_s = float(times[-1])
        self._last_arrival_s = arrival_s
        return Stamps(times, nothing)
