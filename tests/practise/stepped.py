"""A sensor that is replayed sample by sample on a clock turned by hand: two attempts can be compared exactly."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind
from firmware_bridge.health import SensorHealth, SensorInfo

RATE_HZ = 80.0
Floats = NDArray[np.float64]


class SteppedSensor:
    """Speaks what `firmware_bridge.Sensor` speaks: what `force_n` gives at each time, up to where it is advanced."""

    def __init__(self, force_n: Callable[[Floats], Floats]) -> None:
        self._force_n = force_n
        self._lock = threading.Condition()
        self._items: list[ForceBlock | Notice] = []
        self._heard_s = 0.0
        self._samples = 0
        self._deliveries = 0
        self._state = "live"
        self._calibration = Calibration(0.0, 1000.0, "replayed")

    def advance(self, until_s: float) -> None:
        """Deliver all samples up to a time, and let the clock stand there."""
        with self._lock:
            last = int(np.floor(until_s * RATE_HZ + 1e-9))
            time_s = np.arange(self._samples, last + 1) / RATE_HZ
            if len(time_s) and self._state == "live":
                force_n = self._force_n(time_s)
                counts = np.rint(force_n * self._calibration.counts_per_n)
                self._items.append(ForceBlock.of(time_s, force_n, counts))
                self._samples = last + 1
            self._heard_s = until_s
            self._deliveries += 1
            self._lock.notify_all()

    def unplug(self) -> None:
        """The cable comes off."""
        with self._lock:
            self._state = "lost"
            self._items.append(Notice(NoticeKind.SIGNAL_LOST, self._heard_s, "the port is gone"))
            self._deliveries += 1
            self._lock.notify_all()

    @property
    def heard_until_s(self) -> float:
        return self._heard_s

    def now_s(self) -> float:
        return self._heard_s

    def take(self) -> list[ForceBlock | Notice]:
        with self._lock:
            items, self._items = self._items, []
            return items

    def wait_for_more(self, seen: int, timeout_s: float) -> int:
        with self._lock:
            self._lock.wait_for(lambda: self._deliveries > seen, timeout_s)
            return self._deliveries

    def wait_ready(self, timeout_s: float) -> None:
        pass

    @property
    def health(self) -> SensorHealth:
        lost = self._state == "lost"
        problem = "The sensor is gone: see to its cable." if lost else ""
        return SensorHealth(
            "lost" if lost else "live", RATE_HZ, self._samples, 0, 0, 0, 0, 0, None, self._heard_s, problem
        )

    @property
    def info(self) -> SensorInfo:
        return SensorInfo(
            "replay://hand",
            "native-binary",
            "native",
            "replayed",
            "",
            "",
            RATE_HZ,
            "device",
            self._calibration,
            {},
        )
