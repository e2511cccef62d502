"""Load cell and HX711: newtons to counts, with the faults such parts have.

Assumed cell (a common one; every figure is a parameter): 20 kg bar, 2 mV/V, fed with 5 V, so 10 mV at 196.1 N. The
HX711 at gain 128 spans ±20 mV over 24 bits, which makes about 21 400 counts per newton.
Noise: 50 nV at 10 samples/s, 90 nV at 80 (SparkFun OpenScale hookup guide); taken as rms referred to the input, so
21 and 38 counts, 1 and 1.8 mN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.schedule import PHYSICS_HZ
from sim.seeds import stream

ADC_MIN = -(2**23)
ADC_MAX = 2**23 - 1
SPAN_V = 0.020
"""Input at which the converter is at its limit, gain 128 and 5 V (HX711 datasheet)."""
NOISE_V = {10: 50e-9, 80: 90e-9}
RATES_HZ = (10, 80)


@dataclass(frozen=True, slots=True)
class ElectronicsSettings:
    """One load cell on one HX711.

    Attributes:
        counts_per_n: counts a newton adds.
        zero_counts: counts with nothing on the tip.
        rate_hz: nominal conversions per second, 10 or 80.
        rate_error: the converter's own oscillator, as a fraction: 0.16 for one that runs at 92.8 instead of 80.
        noise: factor on the converter's noise; 0 for none.
        creep: fraction of a steady load that the cell adds in the end. 4e-4 of 5 kg is 2 g.
        creep_s: time constant of it; 300 s brings 93 % within 13.5 minutes (reports speak of 2 g in 12-15 min).
        warm_up_n: shift of the zero while everything warms up, with `warm_up_s` as its time constant.
        warm_up_s: assumed; the sources say only "warm-up drift".
    """

    counts_per_n: float = 21400.0
    zero_counts: float = 50000.0
    rate_hz: int = 80
    rate_error: float = 0.0
    noise: float = 1.0
    creep: float = 4e-4
    creep_s: float = 300.0
    warm_up_n: float = 0.0
    warm_up_s: float = 600.0

    def __post_init__(self) -> None:
        if self.rate_hz not in RATES_HZ:
            raise ValueError(f"an HX711 gives 10 or 80 samples a second, not {self.rate_hz}")

    @property
    def true_rate_hz(self) -> float:
        """Conversions per second that really happen."""
        return self.rate_hz * (1 + self.rate_error)

    @property
    def noise_counts(self) -> float:
        """Standard deviation of a conversion, in counts."""
        return self.noise * NOISE_V[self.rate_hz] / SPAN_V * 2**23


@dataclass(frozen=True, slots=True)
class Conversions:
    """A run of conversions: world times (s), counts (int), and whether each was at the converter's limit."""

    time_s: NDArray[np.float64]
    counts: NDArray[np.int64]
    saturated: NDArray[np.bool_]


class Electronics:
    """Turns forces on the world's grid into conversions at the converter's own times.

    The converter settles within four conversions (datasheet: 400 ms at 10 samples/s, 50 ms at 80); taken as four
    moving averages in a row, each one conversion long.
    """

    def __init__(self, settings: ElectronicsSettings, seed: int) -> None:
        self.settings = settings
        self._noise = stream(seed, "electronics", "noise")
        box = np.full(PHYSICS_HZ // settings.rate_hz, settings.rate_hz / PHYSICS_HZ)
        kernel = np.ones(1)
        for _ in range(4):
            kernel = np.convolve(kernel, box)
        self._kernel = kernel
        self._past = np.zeros(len(kernel) - 1)
        self._last_time_s = -1.0 / PHYSICS_HZ
        self._last_n = 0.0
        self._crept_n = 0.0
        self._next = 0

    def convert(self, time_s: NDArray[np.float64], force_n: NDArray[np.float64]) -> Conversions:
        """The conversions that fall up to the last of these grid times.

        Args:
            time_s: the next consecutive grid points, (n,).
            force_n: the force at them, (n,).
        """
        s = self.settings
        span_s = len(time_s) / PHYSICS_HZ
        self._crept_n += (float(force_n.mean()) - self._crept_n) * -np.expm1(-span_s / s.creep_s)
        seen = np.concatenate((self._past, force_n))
        self._past = seen[len(force_n) :]
        smooth = np.convolve(seen, self._kernel, "valid")
        grid = np.concatenate(([self._last_time_s], time_s))
        values = np.concatenate(([self._last_n], smooth))
        self._last_time_s, self._last_n = float(time_s[-1]), float(smooth[-1])

        stop = int(np.floor(self._last_time_s * s.true_rate_hz + 1e-9)) + 1
        at = np.arange(self._next, stop) / s.true_rate_hz
        self._next = stop
        force = np.interp(at, grid, values) + s.creep * self._crept_n
        if s.warm_up_n:
            force -= s.warm_up_n * np.expm1(-at / s.warm_up_s)
        exact = s.zero_counts + s.counts_per_n * force + s.noise_counts * self._noise.standard_normal(len(at))
        counts = np.clip(np.rint(exact), ADC_MIN, ADC_MAX).astype(np.int64)
        return Conversions(at, counts, (counts == ADC_MIN) | (counts == ADC_MAX))
