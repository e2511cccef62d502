"""The samples of an attempt that is going on."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

import numpy as np

from feedback.drills.outcome import Pressed
from feedback.drills.weighted import slope_of

SHOWN_OVER_S = 0.1
"""One period of hand tremor (8-12 Hz), as for the cue of a visit."""
RATE_OVER_S = 0.5
FRESH_PERIODS = 3
"""An older value is never shown, as everywhere."""


class AttemptSamples:
    """Keeps every sample for the record, and the newest for the screen."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, float, int, float, float]] = []
        self._newest: deque[tuple[float, float]] = deque()
        self.quality = 0
        """The flags of all samples together."""

    def clear(self) -> None:
        """Forget them: contact was lost before the go."""
        self._rows.clear()
        self.quality = 0

    @property
    def first_s(self) -> float | None:
        """Time of the first."""
        return self._rows[0][0] if self._rows else None

    def add(self, at_s: float, kpa: float, flags: int, client_kpa: tuple[float, float]) -> None:
        """Append one, with the client's range of good pain then (NaN without a client)."""
        self._rows.append((at_s, kpa, flags, *client_kpa))
        self.quality |= flags
        self._newest.append((at_s, kpa))
        while self._newest[0][0] < at_s - RATE_OVER_S:
            self._newest.popleft()

    def calm_kpa(self, now_s: float) -> float | None:
        """Mean of the last tenth of a second before now; None when what is known is older than that.

        Of a slow sensor the newest sample, while it is no older than three of its periods.
        """
        recent = [kpa for at_s, kpa in self._newest if at_s > now_s - SHOWN_OVER_S]
        if recent:
            return sum(recent) / len(recent)
        if len(self._newest) < 2:
            return None
        times = [at_s for at_s, _ in self._newest]
        period_s = median(after_s - before_s for before_s, after_s in pairwise(times))
        return self._newest[-1][1] if now_s - times[-1] <= FRESH_PERIODS * period_s else None

    def rate_kpa_per_s(self, now_s: float) -> float | None:
        """Slope of the last half second before now; None for fewer than three samples."""
        recent = np.array([(at_s, kpa) for at_s, kpa in self._newest if at_s > now_s - RATE_OVER_S])
        return slope_of(recent[:, 0], recent[:, 1], np.ones(len(recent))) if len(recent) >= 3 else None

    def pressed(self, start_s: float, *, client: bool) -> Pressed:
        """All of them, times from `start_s`."""
        columns = np.array(self._rows, np.float64).reshape(-1, 5)
        return Pressed(
            time_s=columns[:, 0] - start_s,
            pressure_kpa=columns[:, 1].copy(),
            quality=columns[:, 2].astype(np.uint8),
            low_kpa=columns[:, 3].copy() if client else None,
            high_kpa=columns[:, 4].copy() if client else None,
        )
