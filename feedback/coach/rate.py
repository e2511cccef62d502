"""The rate of application: measured while pressure rises, and put into a cue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from feedback.coach.phases import RateCue, RateNow

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW_S = 0.5
"""Tremor of 2 % at 10 Hz moves a least-squares slope over half a second by about 3 kPa/s at 200 kPa: well within the
tolerances in use, and the cue follows the hand a quarter second later."""
LEAST_S = 0.3
"""With less than this in the window nothing is said yet."""
HYSTERESIS = 0.1
"""Share of the good range by which the rate must come back before "slower" or "faster" is taken back."""


class Slope:
    """Least-squares slope of all that it is fed, without keeping it."""

    def __init__(self, start_s: float) -> None:
        self._start_s = start_s
        self._n = 0
        self._x = self._y = self._xx = self._xy = 0.0

    def feed(self, time_s: NDArray[np.float64], pressure_kpa: NDArray[np.float64]) -> None:
        """Take samples, (n,) each."""
        x = time_s - self._start_s
        self._n += len(x)
        self._x += float(x.sum())
        self._y += float(pressure_kpa.sum())
        self._xx += float((x * x).sum())
        self._xy += float((x * pressure_kpa).sum())

    @property
    def kpa_per_s(self) -> float | None:
        """The slope; None with fewer than three samples or all at one time."""
        spread = self._xx - self._x * self._x / self._n if self._n >= 3 else 0.0
        if spread <= 1e-9:
            return None
        return (self._xy - self._x * self._y / self._n) / spread


class RateMeter:
    """The slope of the last half second, and the cue that follows from it."""

    def __init__(self) -> None:
        self._time_s = np.empty(0)
        self._kpa = np.empty(0)
        self._cue = RateCue.GOOD

    def clear(self) -> None:
        """A ramp begins: what came before does not count."""
        self._time_s, self._kpa = np.empty(0), np.empty(0)
        self._cue = RateCue.GOOD

    def feed(self, time_s: NDArray[np.float64], pressure_kpa: NDArray[np.float64]) -> None:
        """Take samples, (n,) each."""
        if not len(time_s):
            return
        times = np.concatenate([self._time_s, time_s])
        kept = times > times[-1] - WINDOW_S
        self._time_s = times[kept]
        self._kpa = np.concatenate([self._kpa, pressure_kpa])[kept]

    @property
    def kpa_per_s(self) -> float | None:
        """The slope now; None until enough has come."""
        if len(self._time_s) < 3 or self._time_s[-1] - self._time_s[0] < LEAST_S:
            return None
        x = self._time_s - self._time_s.mean()
        return float((x * self._kpa).sum() / (x * x).sum())

    def now(self, wanted_kpa_per_s: float, tolerance_share: float, *, slow_is_good: bool) -> RateNow | None:
        """The rate against what is wanted; None until it is known.

        Call once per block: the cue has a memory. `slow_is_good`: nothing is too slow, as when arriving.
        """
        slope = self.kpa_per_s
        if slope is None:
            return None
        low = 0.0 if slow_is_good else wanted_kpa_per_s * (1 - tolerance_share)
        high = wanted_kpa_per_s * (1 + tolerance_share)
        back = HYSTERESIS * wanted_kpa_per_s * tolerance_share * 2
        if slope > high - (back if self._cue is RateCue.SLOWER else 0.0):
            self._cue = RateCue.SLOWER
        elif not slow_is_good and slope < low + (back if self._cue is RateCue.FASTER else 0.0):
            self._cue = RateCue.FASTER
        else:
            self._cue = RateCue.GOOD
        return RateNow(wanted_kpa_per_s, low, high, slope, self._cue)
