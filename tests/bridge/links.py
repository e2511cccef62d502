"""A link with a known truth: device clock with skew and wander, a USB timer, stalls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIRE_S = 17 * 10 / 115_200
"""A 17-byte frame at 115200 baud: the constant latency, which one-way arrivals cannot show."""


@dataclass(frozen=True)
class Link:
    """Samples in order.

    taken_s: when each conversion was ready on the host's clock, plus the constant latency; t_us: as sent;
    arrival_s: when the host read it, equal for samples read together.
    """

    taken_s: NDArray[np.float64]
    t_us: NDArray[np.int64]
    arrival_s: NDArray[np.float64]

    def batches(self) -> Iterator[tuple[NDArray[np.int64], float, NDArray[np.float64]]]:
        """What arrived at one instant: device times, arrival, true times."""
        edges = np.flatnonzero(np.diff(self.arrival_s)) + 1
        for t_us, arrival, taken in zip(
            np.split(self.t_us, edges),
            np.split(self.arrival_s, edges),
            np.split(self.taken_s, edges),
            strict=True,
        ):
            yield t_us, float(arrival[0]), taken


def usb_link(
    *,
    duration_s: float,
    rate_hz: float = 80.0,
    skew_ppm: float = 3000.0,
    wander_ppm: float = 20.0,
    wander_period_s: float = 120.0,
    walk_ppm: float = 0.3,
    timer_s: float = 0.016,
    jitter_s: float = 0.0002,
    stalls: int = 12,
    stall_s: float = 0.3,
    start_us: int = 5_000_000,
    start_s: float = 1000.0,
    seed: int = 1,
) -> Link:
    """An 80 Hz sensor behind a USB serial adapter that hands over what it has every 16 ms.

    A second of the device lasts longer than one of the host by `skew_ppm`, plus a sine of `wander_ppm`, plus a
    random walk of `walk_ppm` a square root of a second. `jitter_s` is the mean of the exponential wait for the
    reading thread; `stalls` times the
    reader stands still for up to twice `stall_s`.
    """
    rng = np.random.default_rng(seed)
    n = int(duration_s * rate_hz)
    step_s = (1 + 2e-4 * rng.standard_normal(n)) / rate_hz
    taken = np.cumsum(step_s)
    phase = rng.uniform(0, 2 * np.pi)
    error = 1e-6 * (
        skew_ppm
        + wander_ppm * np.sin(2 * np.pi * taken / wander_period_s + phase)
        + walk_ppm * np.cumsum(rng.standard_normal(n)) / np.sqrt(rate_hz)
    )
    device_s = np.cumsum(step_s / (1 + error))
    t_us = (start_us + np.round(device_s * 1e6).astype(np.int64)) % (1 << 32)
    ready = taken + WIRE_S
    offset = rng.uniform(0, timer_s)
    tick = np.ceil((ready - offset) / timer_s)
    _, transfer = np.unique(tick, return_inverse=True)
    arrival = tick * timer_s + offset + rng.exponential(jitter_s, int(transfer[-1]) + 1)[transfer]
    for _ in range(stalls):
        begin = rng.uniform(0.02, 0.98) * duration_s
        end = begin + rng.uniform(0.2, 2) * stall_s
        arrival = np.where((arrival > begin) & (arrival < end), end, arrival)
    return Link(start_s + ready, t_us, start_s + np.maximum.accumulate(arrival))
