"""A device whose every sample is known beforehand: what it sends, when it really took it, and what must be recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_bridge import wire

COUNTS_PER_N = 20_000
PRESS_EVERY_S = 20.0
"""A press of eight seconds begins so often."""
PEAK_N = 22.0
_DAY_S = 86_400.0
_NOISE_STEP, _NOISE_SPAN = 7_919, 4_093
"""Primes: neighbouring samples differ, and the same counts come again after 4093 samples at the earliest at rest."""


def counts_of(index: NDArray[np.int64], rate_hz: float) -> NDArray[np.int32]:
    """Raw counts of samples by their number: a press every twenty seconds, and noise that tells numbers apart."""
    phase_s = index / rate_hz % PRESS_EVERY_S - 4.0
    force_n = PEAK_N * np.clip(np.minimum(phase_s / 2.0, (8.0 - phase_s) / 1.0), 0.0, 1.0)
    noise = index * _NOISE_STEP % _NOISE_SPAN - _NOISE_SPAN // 2
    return (np.round(force_n * COUNTS_PER_N).astype(np.int64) + noise).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Oscillator:
    """The device's clock beside true time: wrong by a constant, and by the warmth of the day.

    Attributes:
        ppm: by how much its second lasts longer than a true one, parts per million.
        swing_ppm: amplitude of the daily change.
    """

    ppm: float = 80.0
    swing_ppm: float = 20.0

    def true_s(self, device_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """True seconds since the device's clock showed 0."""
        turns = 2 * math.pi / _DAY_S
        swing = self.swing_ppm * 1e-6 * (1 - np.cos(turns * device_s)) / turns
        return device_s * (1 + self.ppm * 1e-6) + swing


def meta_frame(serial: str, rate_hz: float, t_us: int = 0) -> bytes:
    """What the device says of itself."""
    return wire.encode_meta(
        t_us,
        {
            "proto": "1",
            "fw": "soak",
            "device": "soak",
            "serial": serial,
            "rate_hz": f"{rate_hz:g}",
            "channels": "1",
            "counts_per_n": str(COUNTS_PER_N),
            "zero_counts": "0",
            "adc_min": str(-(1 << 23)),
            "adc_max": str((1 << 23) - 1),
        },
    )


def frames(first: int, count: int, rate_hz: float, *, boot: int = 0) -> list[bytes]:
    """SAMPLE frames of `count` samples from number `first` on.

    Args:
        first: number of the first sample, counted since the device was built.
        count: how many.
        rate_hz: by the device's clock.
        boot: number of the sample with which its clock and its numbering began.
    """
    index = np.arange(first, first + count)
    since_boot = index - boot
    t_us = np.rint(since_boot / rate_hz * 1e6).astype(np.int64).tolist()
    rows = zip(since_boot.tolist(), t_us, counts_of(index, rate_hz).tolist(), strict=True)
    restarted = int(wire.FrameFlag.CLOCK_RESTARTED)
    return [wire.encode_sample(n, at_us, (counts,), 0 if n else restarted) for n, at_us, counts in rows]
