"""The simulator's USB bus: what is plugged in, and since when."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from sim.address import Address
from sim.device import VirtualSensor
from sim.scenarios import DEFAULT_SCENARIO
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
        plugged_in: it has been put into its socket; before that its hand can be steered, but no time passes for it.
    """

    address: Address
    sensor: VirtualSensor | Twin
    epoch_s: float
    lock: Lock = field(default_factory=Lock)
    openings: int = 0
    plugged_in: bool = False

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

    Those that get unplugged or steered are remembered: they must still be there, and the same ones, when a program
    opens the address again, or when another part of it steers what the first one reads. Every other opening plugs in a
    new device. Addresses that mean the same are the same.
    """

    def __init__(self) -> None:
        self._slots: dict[Address, Slot] = {}
        self._lock = Lock()

    def plug_in(self, url: str) -> Slot:
        """The slot of an address: a remembered one, else a new device at time 0.

        Raises:
            ValueError: the address names no scenario or has an option that cannot be.
        """
        address = Address.parse(url)
        with self._lock:
            slot = self._slot(address)
            if not slot.plugged_in:
                slot.epoch_s, slot.plugged_in = time.monotonic(), True
            return slot

    def steered(self, url: str) -> Slot:
        """The slot of an address with a steered hand, which may be plugged in later.

        Raises:
            ValueError: the address cannot be, or its hand is not steered.
        """
        address = Address.parse(url)
        if not address.is_steered:
            raise ValueError(
                f"“{url}” has no hand that can be steered: take a place on the body and add the option hand=steered, "
                f"for example sim://{DEFAULT_SCENARIO}?hand=steered"
            )
        with self._lock:
            return self._slot(address)

    def forget(self, url: str | None = None) -> None:
        """Take a remembered sensor off the bus (all of them by default), so that the next opening is a new one."""
        with self._lock:
            if url is None:
                self._slots.clear()
            else:
                self._slots.pop(Address.parse(url), None)

    def _slot(self, address: Address) -> Slot:
        if address in self._slots:
            return self._slots[address]
        slot = Slot(address, address.sensor(), time.monotonic())
        if address.faults.unplug_at is not None or address.is_steered:
            self._slots[address] = slot
        return slot


BUS = Bus()
"""The bus of this process; like a real one there is one."""
