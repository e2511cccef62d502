"""How old a value may be before it is no longer shown: three sample periods."""

from __future__ import annotations

from collections import deque
from statistics import median

from feedback.signal import ForceBlock

MISSING_PERIODS = 3
"""A value older than this many sample periods is no signal."""
UNKNOWN_PERIOD_S = 1 / 3
"""Assumed until a few samples have come, so that a slow sensor is given one second."""
LONGEST_PERIOD_S = 2.0
"""Longer steps are silences, never the period of a sensor."""


class Freshness:
    """Learns the period at which values come and tells when they stopped.

    The period is the larger of the time between samples and the time between deliveries: a sensor that sends ten
    samples together every 125 ms is not silent after 38 ms.
    """

    def __init__(self) -> None:
        self._sample_steps_s: deque[float] = deque(maxlen=64)
        self._delivery_steps_s: deque[float] = deque(maxlen=32)
        self._period_s = UNKNOWN_PERIOD_S
        self.last_s: float | None = None
        """Time of the newest sample."""

    @property
    def period_s(self) -> float:
        """The period learnt so far, in seconds."""
        return self._period_s

    @property
    def limit_s(self) -> float:
        """A newest sample older than this is stale."""
        return MISSING_PERIODS * self._period_s

    def feed(self, block: ForceBlock) -> list[tuple[float, float]]:
        """Take a block; returns the silences it ends or holds as (start_s, end_s)."""
        if not len(block):
            return []
        times = block.time_s.tolist()
        limit_s = self.limit_s
        silences: list[tuple[float, float]] = []
        before = self.last_s
        for time_s in times:
            if before is not None:
                step_s = time_s - before
                if step_s > limit_s:
                    silences.append((before, time_s))
                if step_s <= LONGEST_PERIOD_S:
                    self._sample_steps_s.append(step_s)
            before = time_s
        if self.last_s is not None and times[-1] - self.last_s <= LONGEST_PERIOD_S:
            self._delivery_steps_s.append(times[-1] - self.last_s)
        self.last_s = times[-1]
        if len(self._sample_steps_s) >= 8 and len(self._delivery_steps_s) >= 4:
            self._period_s = max(median(self._sample_steps_s), median(self._delivery_steps_s))
        return silences

    def is_live(self, now_s: float) -> bool:
        """The newest sample is fresh enough to be shown at `now_s`."""
        return self.left_s(now_s) >= 0

    def left_s(self, now_s: float) -> float:
        """So long after `now_s` the newest sample is still fresh; below 0 when it is not, or none has come."""
        return -1.0 if self.last_s is None else self.limit_s - (now_s - self.last_s)
