"""What every twin does: presses of a known force, readings at its rate, answers to commands, mishaps on time."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass

import numpy as np

from feedback.units import POUND_KG, STANDARD_GRAVITY
from sim.schedule import ForceSchedule
from sim.seeds import stream

ANSWER_S = 0.006
"""From a command to the first byte of its answer."""
NEWTONS = {
    "N": 1.0,
    "kN": 1000.0,
    "kg": STANDARD_GRAVITY,
    "g": STANDARD_GRAVITY / 1000,
    "lb": POUND_KG * STANDARD_GRAVITY,
    "oz": POUND_KG * STANDARD_GRAVITY / 16,
}
GARBAGE_BYTES = 24


@dataclass(frozen=True, slots=True)
class TwinOptions:
    """What happens to a twin; times are seconds since it was switched on.

    Attributes:
        force: newtons at the top of each press, positive for push.
        unit: the unit it shows (one of `NEWTONS`); empty for its usual one.
        then_unit: the unit it is switched to …
        unit_at: … from here on.
        overload_at: from here on it is overloaded …
        overload_for: … for so long.
        menu_at: somebody opens its menu, where it has one; it is left after two seconds.
        garbage_at: random bytes between two readings.
        streaming: 1 to speak by itself, 0 to wait for questions; -1 for what the device does as it comes.
    """

    force: float = 20.0
    unit: str = ""
    then_unit: str = ""
    unit_at: float | None = None
    overload_at: float | None = None
    overload_for: float = 1.0
    menu_at: float | None = None
    garbage_at: float | None = None
    streaming: int = -1

    def __post_init__(self) -> None:
        for unit in (self.unit, self.then_unit):
            if unit and unit not in NEWTONS:
                raise ValueError(f"unit is one of {', '.join(NEWTONS)}, not “{unit}”")
        if not 0 <= self.force <= 1000:
            raise ValueError("force is 0 to 1000 N")


def presses(force_n: float) -> ForceSchedule:
    """Every six seconds: two of nothing, one up, two held, one down."""
    return ForceSchedule(((0.0, 0.0), (2.0, 0.0), (3.0, force_n), (5.0, force_n), (6.0, 0.0)))


class Twin(ABC):
    """One device, from the moment it is switched on (time 0)."""

    unit = "N"
    """The unit it shows, a key of `NEWTONS`."""
    rate_hz = 10.0
    streaming = True
    banner = b""

    def __init__(self, options: TwinOptions, seed: int = 1) -> None:
        self.options = options
        self.pressing = presses(options.force)
        self.unit = options.unit or self.unit
        if options.streaming >= 0:
            self.streaming = bool(options.streaming)
        self.in_menu = False
        self._noise = stream(seed, "twin", type(self).__name__)
        self._step = 1
        self._due: deque[tuple[float, bytes]] = deque([(0.05, self.banner)] if self.banner else [])
        self._mishaps = sorted(
            (at_s, kind)
            for at_s, kind in (
                (options.unit_at, "unit"),
                (options.garbage_at, "garbage"),
                (options.menu_at, "menu"),
                (options.menu_at and options.menu_at + 2.0, "menu"),
            )
            if at_s is not None
        )

    # -- for the host ----------------------------------------------------------------------------------------

    def advance(self, to_s: float) -> bytes:
        """Every byte that has arrived by `to_s` and was not given before."""
        self._run(to_s)
        out = b""
        while self._due and self._due[0][0] <= to_s:
            out += self._due.popleft()[1]
        return out

    def write(self, data: bytes, at_s: float) -> None:
        """Commands from the host, reaching the device at `at_s`."""
        self._run(at_s)
        if answer := self.obey(data, at_s):
            self._due.append((at_s + ANSWER_S, answer))

    @property
    def next_s(self) -> float:
        """A time before which no further byte arrives."""
        events = [self._step / self.rate_hz if self.streaming else math.inf]
        if self._due:
            events.append(self._due[0][0])
        if self._mishaps:
            events.append(self._mishaps[0][0])
        return min(events)

    # -- the device ------------------------------------------------------------------------------------------

    def _run(self, to_s: float) -> None:
        while True:
            reading_s = self._step / self.rate_hz
            if self._mishaps and self._mishaps[0][0] <= min(reading_s, to_s):
                at_s, kind = self._mishaps.pop(0)
                self._happen(kind, at_s)
            elif reading_s <= to_s:
                self._step += 1
                if self.streaming and not self.in_menu:
                    self._due.append((reading_s, self.reading(reading_s)))
            else:
                return

    def _happen(self, kind: str, at_s: float) -> None:
        if kind == "unit":
            self.unit = self.options.then_unit or self.unit
        elif kind == "garbage":
            self._due.append((at_s, self._noise.integers(0, 256, GARBAGE_BYTES, dtype=np.uint8).tobytes()))
        elif menu := self.obey(b"x", at_s):
            self._due.append((at_s, menu))

    def force_n(self, at_s: float) -> float:
        """Newtons on the tip."""
        return float(self.pressing.force_n(np.array([at_s]))[0])

    def shown(self, at_s: float) -> float:
        """The force in the unit it shows."""
        return self.force_n(at_s) / NEWTONS[self.unit]

    def overloaded(self, at_s: float) -> bool:
        """Whether it is overloaded now."""
        start_s = self.options.overload_at
        return start_s is not None and start_s <= at_s < start_s + self.options.overload_for

    @abstractmethod
    def reading(self, at_s: float) -> bytes:
        """What it sends for one reading."""

    def obey(self, data: bytes, at_s: float) -> bytes:
        """Take commands; returns the answer. Most sketches take none."""
        del data, at_s
        return b""


class LineTwin(Twin):
    """A device whose commands are lines ended by CR."""

    def __init__(self, options: TwinOptions, seed: int = 1) -> None:
        super().__init__(options, seed)
        self._typed = b""

    def obey(self, data: bytes, at_s: float) -> bytes:
        """Take whole lines."""
        *lines, self._typed = (self._typed + data.replace(b"\n", b"")).split(b"\r")
        return b"".join(self.command(line.decode("ascii", "replace").strip(), at_s) for line in lines)

    @abstractmethod
    def command(self, name: str, at_s: float) -> bytes:
        """The answer to one command."""
