"""What goes wrong on the way to the laptop: lost frames, flipped bits, stalls, pulled plugs, odd clocks."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from sim.seeds import stream

BOOT_S = 0.5
"""Silence between power and the first frame: an HX711 needs about 500 ms (SparkFun OpenScale hookup guide)."""
BYTES_PER_S = 11520.0
"""115200 baud, ten bits to a byte."""
MEAN_DELAY_S = 0.3e-3
"""Mean of the random (exponential) part of the way to the program; near what an Arduino Nano's USB chip shows."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults of a sensor and its cable; the defaults are none. Times are seconds since the sensor was first opened.

    Attributes:
        drop: chance that a frame of samples is lost; `seq` still advances.
        flip: chance of one flipped bit, per byte.
        unplug_at: the plug is pulled.
        replug_at: and put in again: the device boots, its clock and `seq` start at 0.
        stall_at: nothing comes from here on …
        stall_for: … for so long, then it resumes.
        stall: what happens to the frames of a stall: `buffer` (they all come at its end) or `loss` (they never do).
        restart_at: the device reboots: half a second of silence, clock and `seq` from 0, META again.
        skew: parts per million by which a second of the device's clock lasts longer than a true one; None: the
            scenario's own.
        wrap_at: the device's clock starts so that its 32 bits wrap here.
        latency: milliseconds of a USB timer that delivers bytes in bunches (16 for an FTDI chip as it comes).
        garbage: at each boot a banner in text and so many random bytes.
    """

    drop: float = 0.0
    flip: float = 0.0
    unplug_at: float | None = None
    replug_at: float | None = None
    stall_at: float | None = None
    stall_for: float = 1.0
    stall: str = "buffer"
    restart_at: float | None = None
    skew: float | None = None
    wrap_at: float | None = None
    latency: float = 0.0
    garbage: int = 0

    def __post_init__(self) -> None:
        for name in ("drop", "flip"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is a chance: 0 or more and below 1")
        for name in (
            "unplug_at",
            "replug_at",
            "stall_at",
            "stall_for",
            "restart_at",
            "wrap_at",
            "latency",
            "garbage",
        ):
            value = getattr(self, name)
            if value is not None and not 0 <= value < math.inf:
                raise ValueError(f"{name} must be 0 or more")
        if self.replug_at is not None and (self.unplug_at is None or self.replug_at <= self.unplug_at):
            raise ValueError("replug_at needs an unplug_at before it")
        if self.stall not in ("buffer", "loss"):
            raise ValueError(f"stall is buffer or loss, not “{self.stall}”")
        if self.skew is not None and not abs(self.skew) < 100_000:
            raise ValueError("skew is in parts per million, below 100000 either way")

    def plugged(self, at_s: float) -> bool:
        """Whether the sensor is in its socket at that time."""
        if self.unplug_at is None or at_s < self.unplug_at:
            return True
        return self.replug_at is not None and at_s >= self.replug_at

    def outages(self) -> list[tuple[float, float]]:
        """(power goes, device runs again) in order; the second may be infinite."""
        found = []
        if self.unplug_at is not None:
            found.append((self.unplug_at, math.inf if self.replug_at is None else self.replug_at + BOOT_S))
        if self.restart_at is not None:
            found.append((self.restart_at, self.restart_at + BOOT_S))
        return sorted(found)

    def stalled(self, at_s: float) -> bool:
        """Whether nothing gets through at that time."""
        return self.stall_at is not None and self.stall_at <= at_s < self.stall_at + self.stall_for


@dataclass(slots=True)
class Tally:
    """What the faults have done so far, counted."""

    samples: int = 0
    """Samples the device has taken, sent or not."""
    dropped: int = 0
    """Samples whose frame was lost by `drop`."""
    stalled: int = 0
    """Samples whose frame was lost by a stall."""
    flipped: int = 0
    """Bits flipped on the way."""
    unplugged: int = 0
    """Bytes that were on the way when the plug was pulled."""
    boots: int = 1


class Line:
    """The wire, its USB chip and the faults on it: bytes go in with a time and come out with a later one."""

    def __init__(self, faults: Faults, tally: Tally, seed: int) -> None:
        self._faults = faults
        self._tally = tally
        self._drops = stream(seed, "line", "drop")
        self._flips = stream(seed, "line", "flip")
        self._delays = stream(seed, "line", "delay")
        self._to_drop = self._gap(self._drops, faults.drop)
        self._to_flip = self._gap(self._flips, faults.flip)
        self._delay = np.empty(0)
        self._delay_at = 0
        self._free_s = 0.0
        self._last_s = 0.0
        self._bytes: deque[tuple[float, bytes]] = deque()

    @staticmethod
    def _gap(chance: np.random.Generator, p: float) -> int:
        """Things that go well before the next that does not."""
        return int(chance.geometric(p)) - 1 if p > 0 else -1

    def loses(self, samples: int) -> bool:
        """Whether the next frame of samples is lost by `drop`; counts it."""
        if self._to_drop < 0:
            return False
        if self._to_drop > 0:
            self._to_drop -= 1
            return False
        self._to_drop = self._gap(self._drops, self._faults.drop)
        self._tally.dropped += samples
        return True

    def send(self, at_s: float, data: bytes) -> None:
        """Put bytes on the wire; they queue behind those before them."""
        self._free_s = max(self._free_s, at_s) + len(data) / BYTES_PER_S
        if self._delay_at == len(self._delay):
            self._delay, self._delay_at = self._delays.exponential(MEAN_DELAY_S, 256), 0
        arrival = self._free_s + float(self._delay[self._delay_at])
        self._delay_at += 1
        if self._faults.latency:
            tick_s = self._faults.latency / 1000
            arrival = math.ceil(arrival / tick_s) * tick_s
        if self._faults.stall_at is not None and self._faults.stalled(arrival):
            arrival = self._faults.stall_at + self._faults.stall_for
        self._last_s = max(self._last_s, arrival)
        self._bytes.append((self._last_s, self._flipped(data) if self._to_flip >= 0 else data))

    def _flipped(self, data: bytes) -> bytes:
        if self._to_flip >= len(data):
            self._to_flip -= len(data)
            return data
        spoilt = bytearray(data)
        at = self._to_flip
        while at < len(spoilt):
            spoilt[at] ^= 1 << int(self._flips.integers(8))
            self._tally.flipped += 1
            at += 1 + self._gap(self._flips, self._faults.flip)
        self._to_flip = at - len(spoilt)
        return bytes(spoilt)

    def cut(self, at_s: float) -> None:
        """Pull the plug: what has not arrived by then never will."""
        while self._bytes and self._bytes[-1][0] > at_s:
            self._tally.unplugged += len(self._bytes.pop()[1])
        self._free_s, self._last_s = at_s, at_s

    def take(self, to_s: float) -> bytes:
        """Everything that has arrived by then and was not taken before."""
        out: list[bytes] = []
        while self._bytes and self._bytes[0][0] <= to_s:
            out.append(self._bytes.popleft()[1])
        return b"".join(out)

    @property
    def next_s(self) -> float:
        """When the next byte arrives; infinite when none is on its way."""
        return self._bytes[0][0] if self._bytes else math.inf
