"""Lines of a device whose format is known: what the dialects of gauges and of well-known sketches share.

A dialect gives a function that reads one line. What is common is here, and it is the careful part, as none of these
lines carries a checksum:

- The bytes before the first line end are left out: they may be the rest of a number.
- Lines of one layout (unit, number of fields, decimals) are believed when the layout came twice in a row, and another
  one only when it came three times: a lost `k` must not turn kilograms into grams, nor a lost digit shift a field.
- Counts are `COUNTS_PER_N` of a newton, whatever the unit; each change of unit is announced by a `Meta` in its place.
- A line on which the device says that it has no value (overload, peak mode, an error) is counted and told once.

Every sample is UNCHECKED.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from feedback.signal import NO_DEVICE_CLOCK, Quality
from feedback.units import POUND_KG, STANDARD_GRAVITY
from firmware_bridge.dialects.base import NO_SEQ, Log, Meta, Readings
from firmware_bridge.dialects.gather import Gathered
from firmware_bridge.dialects.lines import LineCutter

NEWTONS = {
    "n": 1.0,
    "mn": 0.001,
    "kn": 1000.0,
    "g": STANDARD_GRAVITY / 1000,
    "kg": STANDARD_GRAVITY,
    "lb": POUND_KG * STANDARD_GRAVITY,
    "oz": POUND_KG * STANDARD_GRAVITY / 16,
}
"""Newtons in one of each unit."""
COUNTS_PER_N = 10_000
"""Counts in a newton, whatever the unit on the line: a calibration made here outlives a change of unit at the gauge."""
REPEATS_FIRST = 2
REPEATS_LATER = 3

_INT32_MAX = (1 << 31) - 1
_SPELLINGS = {"lbf": "lb", "lbs": "lb", "ozf": "oz", "kgf": "kg", "gf": "g"}
_LINES_JUDGED = 24
_READINGS_JUDGED = 2


@dataclass(frozen=True, slots=True)
class Value:
    """One reading.

    Attributes:
        number: in `unit`, positive for push.
        unit: a key of `NEWTONS`; empty for raw counts.
        layout: what lines of this kind have in common, besides the unit.
        resolution: counts in one, of a number without a unit.
        extra: the further channels, in counts.
        saturated: the device says that it is overloaded: the force is at least this large.
    """

    number: float
    unit: str = ""
    layout: str = ""
    resolution: int = 1
    extra: tuple[int, ...] = ()
    saturated: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A line without a value that the device is known to send.

    Attributes:
        text: for people, told when it is new; empty for what nobody needs to know (an echo).
        values: what it says about the device, to be announced.
        no_value: it stands in the place of a reading.
    """

    text: str = ""
    values: tuple[tuple[str, str], ...] = ()
    no_value: bool = False


Parse: TypeAlias = Callable[[str], Value | Remark | None]
"""Reads one line; None when it is not of this device."""


def unit_of(spelling: str) -> str:
    """The key of a unit in any spelling of it (`lbF`, `kgf`, `N`).

    Raises:
        KeyError: it is no unit of force or mass.
    """
    key = spelling.strip().lower()
    key = _SPELLINGS.get(key, key)
    if key not in NEWTONS:
        raise KeyError(spelling)
    return key


class GaugeDecoder:
    """Lines to readings; `without_value` counts the lines on which the device said that it has none."""

    def __init__(self, parse: Parse, device: str = "") -> None:
        """Begin a connection.

        Args:
            parse: reads one line.
            device: what the device is, for people; goes into the `Meta`.
        """
        self.without_value = 0
        self.values = 0
        self._parse = parse
        self._device = device
        self._lines = LineCutter(whole=True)
        self._layout: tuple[str, str] | None = None
        self._other: tuple[str, str] | None = None
        self._repeats = 0
        self._announced: tuple[str, float] | None = None
        self._told = ""

    @property
    def checksum_errors(self) -> int:
        """Always 0: there is no checksum."""
        return 0

    @property
    def garbage_bytes(self) -> int:
        """Bytes so far that became neither reading nor message."""
        return self._lines.garbage_bytes

    def feed(self, data: bytes) -> Readings:
        """Take the next bytes; return what has become complete."""
        gathered = Gathered()
        for line in self._lines.cut(data):
            self.take(line, gathered)
        return gathered.readings()

    def take(self, line: bytes, gathered: Gathered) -> bool:
        """Take one whole line, without its end; False, and its bytes are garbage, when it is of no use."""
        good = self._take(line, gathered)
        if not good:
            self._lines.refuse(line)
        return good

    def _take(self, line: bytes, gathered: Gathered) -> bool:
        try:
            found = self._parse(line.decode())
        except UnicodeDecodeError:
            return False
        if found is None:
            return False
        if isinstance(found, Remark):
            return self._remark(found, gathered)
        self.values += 1
        counts_in_one = NEWTONS[found.unit] * COUNTS_PER_N if found.unit else found.resolution
        counts = round(found.number * counts_in_one)
        if abs(counts) > _INT32_MAX or not self._believe((found.unit, found.layout)):
            return False
        if self._announced != (found.unit, counts_in_one):
            self._announce(found.unit, counts_in_one, gathered)
        if found.extra:
            gathered.extras.append((len(gathered), found.extra))
        gathered.t_us.append(NO_DEVICE_CLOCK)
        gathered.seq.append(NO_SEQ)
        gathered.counts.append(counts)
        gathered.quality.append(Quality.UNCHECKED | (Quality.SATURATED if found.saturated else 0))
        self._told = ""
        return True

    def _remark(self, remark: Remark, gathered: Gathered) -> bool:
        self.without_value += remark.no_value
        if remark.values:
            gathered.say(Meta(dict(remark.values)))
        if remark.text and remark.text != self._told:
            self._told = remark.text
            gathered.say(Log(remark.text))
        return not remark.no_value

    def _believe(self, layout: tuple[str, str]) -> bool:
        if layout == self._layout:
            self._other = None
            return True
        self._repeats = self._repeats + 1 if layout == self._other else 1
        self._other = layout
        if self._repeats < (REPEATS_FIRST if self._layout is None else REPEATS_LATER):
            return False
        self._layout = layout
        self._other = None
        return True

    def _announce(self, unit: str, counts_in_one: float, gathered: Gathered) -> None:
        self._announced = (unit, counts_in_one)
        values = {"device": self._device, "unit": unit, "zero_counts": "0"}
        if unit:
            values["counts_per_n"] = str(COUNTS_PER_N)
        else:
            # A calibration that a unit brought must not outlive it.
            values |= {"counts_per_n": "0", "resolution": str(counts_in_one)}
        gathered.say(Meta(values))


def likeness_of(parse: Parse, data: bytes, level: float, *, distinct: bool = True) -> float:
    """How much whole lines look like those of a device.

    Args:
        parse: reads one line.
        data: what was heard.
        level: the most it can be.
        distinct: nothing else sends such readings: two are enough, whatever stands between them (a menu). Else it is
            the share of the lines that counts.
    """
    lines = [line for line in data.replace(b"\r", b"\n").split(b"\n")[1:-1] if line][-_LINES_JUDGED:]
    readings = good = 0
    for line in lines:
        try:
            found = parse(line.decode())
        except UnicodeDecodeError:
            continue
        good += found is not None
        readings += isinstance(found, Value) or (isinstance(found, Remark) and found.no_value)
    if readings < _READINGS_JUDGED:
        return 0.0
    return level if distinct else level * good / len(lines)


def decimals_of(number: str) -> int:
    """Digits behind the point."""
    return len(number.partition(".")[2])
