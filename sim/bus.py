"""The simulator's USB bus: what is plugged in, and since when."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from sim.address import Address
from sim.device import VirtualSensor
from sim.twins.base import Twin


@dataclass(slots=True)
class Slot:
    """A sensor in a socket: the device, and the clock it and its host live by.

    Attributes:
        address: what was asked for.
        sensor: the device; use it with `lock` held.
        epoch_s: `time.monotonic()` when it was plugged in.
        lock: guards `sensor`.
        openings: how often a program has opened it.
    """

    address: Address
    sensor: VirtualSensor | Twin
    epoch_s: float
    lock: Lock = field(default_factory=Lock)
    openings: int = 0

    def now_s(self) -> float:
        """The host's virtual clock: monotonic seconds, running `speed` times as fast since the epoch."""
        return self.epoch_s + self.elapsed_s()

    def elapsed_s(self) -> float:
        """Simulated seconds since the device was plugged in."""
        return (time.monotonic() - self.epoch_s) * self.address.options.speed

    def plugged(self) -> bool:
        """Whether it is in its socket now."""
        return self.address.faults.plugged(self.elapsed_s())


class Bus:
    """Sensors by address.

    Only those that get unplugged are remembered: they must still be there, and the same ones, when a program opens
    the address again. Every other opening plugs in a new device.
    """

    def __init__(self) -> None:
        self._slots: dict[str, Slot] = {}
        self._lock = Lock()

    def plug_in(self, url: str) -> Slot:
        """The slot of an address: a remembered one, else a new device at time 0.

        Raises:
            ValueError: the address names no scenario or has an option that cannot be.
        """
        address = Address.parse(url)
        with self._lock:
            if url in self._slots:
                return self._slots[url]
            slot = Slot(address, address.sensor(), time.monotonic())
            if address.faults.unplug_at is not None:
                self._slots[url] = slot
            return slot

    def forget(self, url: str | None = None) -> None:
        """Take a remembered sensor off the bus (all of them by default), so that the next opening is a new one."""
        with self._lock:
            if url is None:
                self._slots.clear()
            else:
                self._slots.pop(url, None)


BUS = Bus()
"""The bus of this process; like a real one there is one."""
