"""A port that is as fast as whoever listens: hours of a device in minutes, on a clock of its own.

It hands over what a real one would: bytes of frames, some of them lost or spoilt on the way, late by what a USB link
and a busy host are late, and a plug that is pulled now and then. It waits while the listeners are more than a few
seconds behind, as no real port can; that is what makes the run as fast as they are, and their queues no longer than
at a real port.
"""

from __future__ import annotations

import errno
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from firmware_bridge import wire
from firmware_bridge.errors import PortNotFoundError
from firmware_bridge.ports import Chunk
from tests.soak.device import Oscillator, frames, meta_frame

LEAST_LATENCY_S = 0.002
"""Nothing arrives sooner after it was measured; no one-way method can know it."""
JITTER_S = 0.001
"""Mean of what comes on top (exponential)."""
STALL_EVERY_S, STALL_S = 600.0, 0.8
"""Ten minutes on average between moments at which the host does not look, of up to so long."""
UNPLUGGED_S = 2.0
META_EVERY_S, STATUS_EVERY_S, LOG_EVERY_S = 5.0, 10.0, 60.0
AHEAD_S = 20.0
"""So much of the device's time may be under way between the port and the record."""
OSCILLATOR = Oscillator()
_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """What comes from the device.

    Attributes:
        samples: until it falls silent for good.
        rate_hz: by the device's clock.
        together: samples that arrive at one instant.
        replug_every_s: the plug is pulled so often, device time; infinite for never.
        lose_one_in, spoil_one_in: frames that are swallowed, and that arrive with a wrong bit.
        seed: of all chance.
    """

    samples: int
    rate_hz: float = 80.0
    together: int = 4
    replug_every_s: float = float("inf")
    lose_one_in: int = 20_000
    spoil_one_in: int = 30_000
    seed: int = 1


@dataclass(slots=True)
class Told:
    """What the port did to the samples.

    Attributes:
        boots: number of the sample with which the device began (again), and when, in true seconds from the epoch.
        missing: numbers of samples that were lost or spoilt on the way.
        sent: samples so far, those included.
    """

    boots: list[tuple[int, float]] = field(default_factory=lambda: [(0, 0.0)])
    missing: list[int] = field(default_factory=list[int])
    sent: int = 0


class FastPort:
    """A `firmware_bridge.ports.Port`.

    Args:
        plan: what comes.
        epoch_s: the host's clock when the device was plugged in.
        may_go_on: whether the listeners have taken so many samples.
    """

    def __init__(self, plan: Plan, epoch_s: float, may_go_on: Callable[[int], bool]) -> None:
        self.plan = plan
        self.told = Told()
        self._epoch_s = epoch_s
        self._may_go_on = may_go_on
        self._chance = random.Random(plan.seed)
        self._now_s = epoch_s
        self._boot = 0
        self._on_s = 0.0
        """True seconds from the epoch to the boot."""
        self._unplug_at = self._next_unplug(0)
        self._gone = False
        self._ready: list[bytes] = []
        self._ready_at = 0
        self._stalled_until_s = 0.0
        self._begin_words()

    def _begin_words(self) -> None:
        self._meta_at = self._status_at = self._log_at = 0.0

    def _next_unplug(self, boot: int) -> int:
        every = self.plan.replug_every_s * self.plan.rate_hz
        return self.plan.samples if every == float("inf") else min(self.plan.samples, boot + int(every))

    @property
    def url(self) -> str:
        """A name for it."""
        return "soak://device"

    def now_s(self) -> float:
        """The clock of the port: that of the newest arrival."""
        return self._now_s

    def read(self) -> Chunk | None:
        """The next arrival; None when all was sent."""
        first, plan = self.told.sent, self.plan
        if first >= plan.samples:
            return None
        if first >= self._unplug_at:
            if not self._may_go_on(first - len(self.told.missing)):
                time.sleep(0.001)
                return Chunk(b"", self._now_s, self._now_s)
            self._gone = True
            raise OSError(errno.EIO, "Input/output error")
        if not self._may_go_on(first - len(self.told.missing) - int(AHEAD_S * plan.rate_hz)):
            time.sleep(0.001)
            return Chunk(b"", self._now_s, self._now_s)
        count = min(plan.together, self._unplug_at - first)
        if self._ready_at + count > len(self._ready):
            more = min(_BATCH, self._unplug_at - first)
            self._ready, self._ready_at = frames(first, more, plan.rate_hz, boot=self._boot), 0
        data = self._ready[self._ready_at : self._ready_at + count]
        self._ready_at += count
        self.told.sent = first + count
        for i in range(count):
            data[i] = self._on_the_way(first + i, data[i])
        device_s = (first + count - 1 - self._boot) / plan.rate_hz
        arrival_s = self._epoch_s + self._on_s + float(OSCILLATOR.true_s(np.array(device_s)))
        arrival_s += LEAST_LATENCY_S + self._chance.expovariate(1 / JITTER_S)
        if self._chance.random() < count / plan.rate_hz / STALL_EVERY_S:
            self._stalled_until_s = arrival_s + self._chance.uniform(0.1, STALL_S)
        self._now_s = max(self._now_s, arrival_s, self._stalled_until_s)
        return Chunk(self._words(device_s) + b"".join(data), self._now_s, self._now_s)

    def _on_the_way(self, number: int, frame: bytes) -> bytes:
        # The first of a connection and the last of all come through, so that every loss has an end that shows it.
        if number == self._boot or number + 1 >= self._unplug_at:
            return frame
        chance = self._chance.random()
        if chance < 1 / self.plan.lose_one_in:
            self.told.missing.append(number)
            return b""
        if chance > 1 - 1 / self.plan.spoil_one_in:
            self.told.missing.append(number)
            spoilt = bytearray(frame)
            spoilt[6] ^= 0x10 if spoilt[6] != 0x10 else 0x20
            return bytes(spoilt)
        return frame

    def _words(self, device_s: float) -> bytes:
        t_us = int(device_s * 1e6)
        out = b""
        if device_s >= self._meta_at:
            self._meta_at += META_EVERY_S
            out += meta_frame("SOAK1", self.plan.rate_hz, t_us)
        if device_s >= self._status_at:
            self._status_at += STATUS_EVERY_S
            out += wire.encode_status(t_us, 0, 0, 4980, 2450)
        if device_s >= self._log_at:
            self._log_at += LOG_EVERY_S
            out += wire.encode_log(t_us, f"alive for {device_s / 60:.0f} min")
        return out

    def write(self, data: bytes) -> None:
        """Commands are not obeyed: META comes by itself."""

    def reopen(self) -> None:
        """Plugged in again: the device begins anew, its clock and its numbers at 0.

        Raises:
            PortNotFoundError: it was not lost.
        """
        if not self._gone:
            raise PortNotFoundError("it was not lost")
        self._gone = False
        unplugged_s = self._now_s - self._epoch_s
        self._on_s = unplugged_s + UNPLUGGED_S
        self._now_s = self._epoch_s + self._on_s
        self._boot = self.told.sent
        self.told.boots.append((self._boot, self._on_s))
        self._unplug_at = self._next_unplug(self._boot)
        self._ready, self._ready_at = [], 0
        self._begin_words()

    def close(self) -> None:
        """Nothing to give back."""
