"""Numbers on lines: what most sketches and many gauges send, `0.01`, `reading: 8412`, `316,2.56,lbs,-0.06,`.

`number_lines` says which number is the force. This module is careful about when to believe it, because a wrong
newton is worse than none:

- The bytes before the first line end are left out: they may be the rest of a number.
- A line that is only numbers, separators and units is believed at once; any other shape, labelled ones and menus
  alike, when it came twice in a row. Once a shape is believed, another has to come three times in a row, and one
  without a unit can never follow one with a unit.
- `inf`, `nan`, `HELP`, `ERR` and the like are no numbers; the whole line is left out.
- Where a number is taken for its place only, leading whole numbers that rise evenly from line to line are a count
  or a time and are passed over. Lines are held back (at most `HELD_MAX`) while it looks like that.

Nothing here is checked: every sample is UNCHECKED. The calibration is that of the unit: with each `Meta` the number of
counts in one unit of the line (`resolution`) is announced, and with a unit of force or mass `counts_per_n`.
"""

from __future__ import annotations

from itertools import pairwise

from feedback.signal import NO_DEVICE_CLOCK, Quality
from firmware_bridge.dialects.base import NO_SEQ, Dialect, Meta, Readings
from firmware_bridge.dialects.gather import Gathered
from firmware_bridge.dialects.lines import LineCutter
from firmware_bridge.dialects.number_lines import NUMBER, Plan, header_of, newtons, plan_of

HELD_MAX = 8
"""Lines held back to see whether their first column is a time."""
RESOLUTION_MAX = 1_000_000
"""Counts in one unit of the line: 1 until decimals are seen, then 1000; more for a unit with more decimals."""

_INT32_MAX = (1 << 31) - 1
_PLANS_MAX = 256
_REPEATS_FIRST = 2
_REPEATS_LATER = 3
_STEP_RATIO = 3


class NumbersDecoder:
    """Lines to readings; `not_numbers` counts the lines on which the sensor said that it has no value."""

    def __init__(self) -> None:
        self.not_numbers = 0
        self._lines = LineCutter(whole=True)
        self._header: tuple[str, ...] = ()
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._believed: Plan | None = None
        self._candidate = ""
        self._repeats = 0
        self._held: list[list[str]] | None = None
        self._skip_columns = 0
        self._resolution: int = 1
        self._resolution_max: int = RESOLUTION_MAX
        self._announced: tuple[str, int] | None = None

    @property
    def checksum_errors(self) -> int:
        """Always 0: there is no checksum."""
        return 0

    @property
    def garbage_bytes(self) -> int:
        """Bytes so far that became neither reading nor message."""
        return self._lines.garbage_bytes

    @property
    def held_lines(self) -> int:
        """Lines that wait for the decision whether they begin with a time."""
        return len(self._held) if self._held else 0

    def feed(self, data: bytes) -> Readings:
        """Take the next bytes; return what has become complete."""
        gathered = Gathered()
        for line in self._lines.cut(data):
            if not self._take(line, gathered):
                self._lines.refuse(line)
        return gathered.readings()

    def _take(self, line: bytes, gathered: Gathered) -> bool:
        try:
            parts = NUMBER.split(line.decode())
        except UnicodeDecodeError:
            return False
        key = tuple(parts[::2])
        plan = self._plans.get(key)
        if plan is None:
            plan = self._new_plan(key)
        if plan.not_a_number:
            self.not_numbers += 1
            return False
        if plan.take < 0:
            self._candidate = ""
            return False
        if self._believed is None or plan.shape != self._believed.shape:
            if not self._believe(plan):
                return False
        else:
            self._candidate = ""
        if self._held is not None:
            return self._hold(parts[1::2], plan, gathered)
        return self._sample(parts[1 + 2 * (plan.take + self._skip_columns)], plan, gathered)

    def _new_plan(self, key: tuple[str, ...]) -> Plan:
        if len(key) == 1:
            header = header_of(key[0])
            if header and header != self._header:
                self._header = header
                self._plans.clear()
                self._believed = None
            return plan_of(list(key), ())
        if len(self._plans) >= _PLANS_MAX:
            self._plans.clear()
        plan = self._plans[key] = plan_of(list(key), self._header)
        return plan

    def _believe(self, plan: Plan) -> bool:
        """Whether lines of a new shape are to be believed from this one on."""
        if self._announced is not None and self._announced[0] and not plan.unit:
            return False
        if self._believed is not None or not plan.believable:
            self._repeats = self._repeats + 1 if self._candidate == plan.shape else 1
            self._candidate = plan.shape
            if self._repeats < (_REPEATS_FIRST if self._believed is None else _REPEATS_LATER):
                return False
        self._believed = plan
        self._candidate = ""
        self._skip_columns = 0
        self._held = [] if plan.positional and plan.shape.count("#") > plan.take + 1 else None
        return True

    def _hold(self, numbers: list[str], plan: Plan, gathered: Gathered) -> bool:
        """Hold lines back while their first column could be a time; let them go when that is decided."""
        held = self._held
        assert held is not None
        held.append(numbers)
        columns = [[row[i] for row in held] for i in range(plan.take, len(numbers))]
        if len(held) < HELD_MAX and _rises(columns[0]):
            return True
        if len(held) >= HELD_MAX:
            while self._skip_columns < len(columns) - 1 and _rises_evenly(columns[self._skip_columns]):
                self._skip_columns += 1
        self._held = None
        taken = [self._sample(row[plan.take + self._skip_columns], plan, gathered) for row in held]
        return taken[-1]

    def _sample(self, number: str, plan: Plan, gathered: Gathered) -> bool:
        digits = number.replace(" ", "").replace("\t", "")
        value = float(digits)
        if abs(value) > _INT32_MAX:
            return False
        if not digits.isdigit() and not digits[1:].isdigit():
            self._resolution = min(
                max(self._resolution, _resolution_of(digits, plan.unit)), self._resolution_max
            )
        while abs(value) * self._resolution > _INT32_MAX:
            # Large numbers with decimals: counts are 32 bits, so that some decimals have to go.
            self._resolution //= 10
            self._resolution_max = self._resolution
        if self._announced != (plan.unit, self._resolution):
            self._announce(plan.unit, gathered)
        gathered.t_us.append(NO_DEVICE_CLOCK)
        gathered.seq.append(NO_SEQ)
        gathered.counts.append(round(value * self._resolution))
        gathered.quality.append(Quality.UNCHECKED)
        return True

    def _announce(self, unit: str, gathered: Gathered) -> None:
        self._announced = (unit, self._resolution)
        values = {"unit": unit, "resolution": str(self._resolution)}
        if unit:
            values |= {"counts_per_n": repr(self._resolution / newtons(unit)), "zero_counts": "0"}
        gathered.say(Meta(values))


def _resolution_of(digits: str, unit: str) -> int:
    """Counts in a unit that keep the decimals; always the same without a unit, where a stored zero is in counts."""
    decimals = len(digits.partition(".")[2]) if unit and "e" not in digits.lower() else 0
    return (1_000, 10_000, 100_000, 1_000_000)[min(max(decimals - 3, 0), 3)]


def _rises(column: list[str]) -> bool:
    if not all(number.isdigit() for number in column[-2:]):
        return False
    return len(column) < 2 or int(column[-1]) > int(column[-2])


def _rises_evenly(column: list[str]) -> bool:
    if not all(number.isdigit() for number in column):
        return False
    steps = [int(b) - int(a) for a, b in pairwise(column)]
    return min(steps) > 0 and max(steps) <= _STEP_RATIO * min(steps)


def _likeness(data: bytes) -> float:
    """How many of the last lines are readings; a boot banner before them does not matter."""
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" or byte >= 0xC2 for byte in data)
    lines = [line for line in data.replace(b"\r", b"\n").split(b"\n")[1:-1] if line]
    if len(lines) < 2 or printable < 0.97 * len(data):
        return 0.0
    decoder = NumbersDecoder()
    tail = lines[-8:]
    decoder.feed(b"\n" + b"".join(line + b"\n" for line in lines[: -len(tail)]))
    without_value = decoder.not_numbers
    samples = len(decoder.feed(b"".join(line + b"\n" for line in tail)))
    good = samples + decoder.held_lines + decoder.not_numbers - without_value
    return 0.85 * min(good, len(tail)) / len(tail) if good >= 2 else 0.0


DIALECT = Dialect(
    name="numbers",
    label="numbers on lines",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=NumbersDecoder,
    likeness=_likeness,
    evidence="hardware",
)
