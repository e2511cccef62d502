"""Device microseconds to host seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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


class DeviceClock:
    """Maps a device's clock onto the host's."""

    @property
    def skew_ppm(self) -> float | None:
        """How much faster the device's clock runs than the host's, in parts per million; None until known."""
        raise NotImplementedError

    def reset(self) -> None:
        """Begin again: after a reconnection, or when the device says that its clock restarted."""
        raise NotImplementedError

    def stamp(self, t_us: NDArray[np.int64], arrival_s: float) -> Stamps:
        """Stamp the samples (n,) that arrived at one instant; `t_us` as sent, 0..2^32-1."""
        raise NotImplementedError


class ArrivalClock:
    """Times for the samples of a sensor without a clock; the methods of `DeviceClock`."""

    @property
    def skew_ppm(self) -> None:
        """Nothing to compare."""
        return

    def reset(self) -> None:
        """Begin again after a reconnection."""
        raise NotImplementedError

    def stamp(self, t_us: NDArray[np.int64], arrival_s: float) -> Stamps:
        """Stamp the samples (n,) that arrived at one instant; of `t_us` only the length counts."""
        raise NotImplementedError
