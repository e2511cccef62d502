"""Every sample of a soak, held against the record: where it is, and how well it is placed in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from feedback.history import History
from feedback.signal import Quality
from tests.soak.device import counts_of
from tests.soak.fast_port import LEAST_LATENCY_S, OSCILLATOR, Plan, Told

SETTLED_S = 20.0
"""The clock is given so long after each boot before its errors count."""


@dataclass(slots=True)
class Account:
    """Where the samples are.

    Attributes:
        sent: samples that the device took.
        recorded: in the record, once, in order, with their own counts.
        known: missing, and the record says so just there.
        silent: missing, and nothing says so.
        wrong: in the record, but never sent so.
        problems: of the database, by its own account.
    """

    sent: int = 0
    recorded: int = 0
    known: int = 0
    silent: int = 0
    wrong: int = 0
    problems: list[str] = field(default_factory=list[str])

    @property
    def well(self) -> bool:
        """Nothing is unaccounted for."""
        return not (self.silent or self.wrong or self.problems) and self.recorded + self.known == self.sent


@dataclass(slots=True)
class TimeErrors:
    """Time given to a sample less the time at which it was taken and could have arrived at the earliest.

    Per minute of device time: its mean, so that a day's worth is small.
    """

    at_s: list[float] = field(default_factory=list[float])
    mean_s: list[float] = field(default_factory=list[float])
    worst_s: float = 0.0

    def add(self, true_s: NDArray[np.float64], error_s: NDArray[np.float64]) -> None:
        """Errors of samples in order."""
        if len(error_s):
            self.at_s.append(float(true_s.mean()))
            self.mean_s.append(float(error_s.mean()))
            self.worst_s = max(self.worst_s, float(np.abs(error_s).max()))

    @property
    def mean_ms(self) -> float:
        """Of all."""
        return float(np.mean(self.mean_s)) * 1e3 if self.mean_s else 0.0

    @property
    def drift_ms_per_day(self) -> float:
        """Slope of the error over the run."""
        if len(self.at_s) < 3:
            return 0.0
        return float(np.polyfit(self.at_s, self.mean_s, 1)[0]) * 86_400 * 1e3

    @property
    def hourly_ms(self) -> tuple[float, float]:
        """Least and greatest mean error of an hour."""
        hours = (np.array(self.at_s) // 3600).astype(int)
        means = [float(np.mean(np.array(self.mean_s)[hours == hour])) * 1e3 for hour in np.unique(hours)]
        return min(means, default=0.0), max(means, default=0.0)


def settle(
    history: History,
    session_id: UUID,
    plan: Plan,
    told: Told,
    account: Account,
    errors: TimeErrors,
    *,
    began_s: float,
) -> None:
    """Add one session to the account.

    Args:
        history: the record.
        session_id: of the session, which has ended.
        plan: of the device.
        told: what the port did to the samples.
        account: is added to.
        errors: likewise.
        began_s: true time of the session's beginning since the beginning of the soak, for `errors`.
    """
    account.sent += told.sent
    ends = [number for number, _ in told.boots[1:]] + [told.sent]
    missing = np.array(told.missing, np.int64)
    boot = -1
    expected = 0
    for block in history.samples(session_id):
        if not len(block):
            continue
        for part, lost in _connections(block.counts, block.t_us, block.time_s, block.quality, block.lost):
            counts, t_us, time_s, begins = part
            if begins or boot < 0:
                if boot >= 0:
                    account.silent += ends[boot] - expected
                boot += 1
                if boot >= len(ends):
                    account.wrong += len(counts)
                    boot -= 1
                    continue
                expected = told.boots[boot][0]
            # What is said to be lost must have been, and just there.
            gone = int(((missing >= expected) & (missing < expected + lost)).sum())
            account.known += gone
            account.wrong += lost - gone
            expected += lost
            number = np.arange(expected, expected + len(counts))
            expected += len(counts)
            first, on_s = told.boots[boot]
            device_s = (number - first) / plan.rate_hz
            right = (counts == counts_of(number, plan.rate_hz)) & (
                t_us == np.rint(device_s * 1e6).astype(np.int64)
            )
            account.recorded += int(right.sum())
            account.wrong += int((~right).sum())
            true_s = on_s + OSCILLATOR.true_s(device_s)
            settled = device_s > SETTLED_S
            errors.add((began_s + true_s)[settled], (time_s - true_s - LEAST_LATENCY_S)[settled])
    account.silent += told.sent - expected


Part = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64], bool]


def _connections(
    counts: NDArray[np.int32],
    t_us: NDArray[np.int64],
    time_s: NDArray[np.float64],
    quality: NDArray[np.uint8],
    lost: int,
) -> Iterator[tuple[Part, int]]:
    """A block, split where the device began anew: (samples and whether they begin a connection, lost before them)."""
    cuts = np.flatnonzero(quality & np.uint8(Quality.CLOCK_RESTART)).tolist()
    bounds = sorted({0, len(counts), *cuts})
    for start, stop in pairwise(bounds):
        part = (counts[start:stop], t_us[start:stop], time_s[start:stop], start in cuts)
        yield part, lost if start == 0 else 0
