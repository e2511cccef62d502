"""The samples of a session of simulated presses, fast: hundreds of hours in minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.history.codec import Samples
from sim.electronics import ADC_MAX, ADC_MIN, ElectronicsSettings
from sim.hand import SAG_DEPTH, SAG_S
from sim.trials.force_hand import RATE_HZ, tremor, wander

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BANK = 1 << 16
RATE_SPREAD = 0.01
"""Converters differ in their rate by this share (standard deviation, assumed)."""
SKEW = 2e-5
"""Clocks differ by 20 millionths (a crystal)."""


@dataclass(frozen=True, slots=True)
class PlannedForce:
    """One press as the hand means it.

    Attributes:
        start_s: first contact, from the start of the session.
        ramp_s: how long it loads.
        hold_s: how long it holds.
        release_s: how long it lets go.
        level_n: force at the start of the hold, N.
    """

    start_s: float
    ramp_s: float
    hold_s: float
    release_s: float
    level_n: float

    @property
    def end_s(self) -> float:
        """Last contact."""
        return self.start_s + self.ramp_s + self.hold_s + self.release_s


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """A session as the sensor gave it, with the force that its calibration makes of it, (n,) float32."""

    samples: Samples
    time_s: NDArray[np.float64]
    force_n: NDArray[np.float32]


class Signals:
    """Makes samples; holds minutes of unsteadiness of a hand to cut pieces from."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.electronics = ElectronicsSettings()
        self._unsteady = 1.0 + wander(_BANK, rng) + tremor(np.arange(_BANK) / RATE_HZ, rng)

    def record(self, lasts_s: float, presses: Sequence[PlannedForce]) -> Recorded:
        """The samples of a session of so many seconds; forces in N on one calibrated channel."""
        rng, electronics = self._rng, self.electronics
        rate_hz = RATE_HZ * (1.0 + RATE_SPREAD * float(rng.standard_normal()))
        n = max(1, int(lasts_s * rate_hz))
        steps = np.arange(n)
        device_us = np.floor(steps * (1e6 / rate_hz)).astype(np.int64)
        t_us = np.rint(device_us * (1.0 + SKEW * float(rng.standard_normal()))).astype(np.int64)
        force_n = np.zeros(n)
        for press in presses:
            first, stop = (int(edge * rate_hz) for edge in (press.start_s, press.end_s))
            stop = min(stop, n)
            force_n[first:stop] = self._press(press, (steps[first:stop] - first) / rate_hz)
        noise = electronics.noise_counts * rng.standard_normal(n)
        counts = np.rint(electronics.zero_counts + electronics.counts_per_n * force_n + noise)
        counts = np.clip(counts, ADC_MIN, ADC_MAX).astype(np.int32)
        samples = Samples(t_us, device_us + 3_000_000, counts, np.zeros(n, np.uint8), np.zeros(n, np.int64))
        seen_n = ((counts - electronics.zero_counts) / electronics.counts_per_n).astype(np.float32)
        return Recorded(samples, t_us / 1e6, seen_n)

    def _press(self, press: PlannedForce, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        held_s = np.clip(time_s - press.ramp_s, 0.0, press.hold_s)
        let_go_s = np.maximum(0.0, time_s - press.ramp_s - press.hold_s)
        up = np.minimum(1.0, time_s / press.ramp_s)
        down = np.maximum(0.0, 1.0 - let_go_s / press.release_s)
        sag = 1.0 + SAG_DEPTH * np.expm1(-held_s / SAG_S)
        # Counted from an end of the bank and around: any piece of any length.
        at = (int(self._rng.integers(_BANK)) + np.arange(len(time_s))) % _BANK
        return press.level_n * up * down * sag * self._unsteady[at]
