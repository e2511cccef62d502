"""Lines for the Arduino Serial Plotter: `label:value` parts, between commas, tabs or blanks.

The force is found as in `numbers`: the part whose label has a unit or says force, weight, load, pressure or reading;
else the first that is no time and no temperature. All other parts are further channels.
"""

from __future__ import annotations

import re

from firmware_bridge.dialects.base import Dialect
from firmware_bridge.dialects.gauge_lines import GaugeDecoder, Remark, Value, likeness_of
from firmware_bridge.dialects.number_lines import NUMBER, plan_of

UNITLESS_COUNTS = 1000
"""Counts in one of the numbers without a unit, and of every further channel."""
CHANNELS_MAX = 16

_PART = r"[A-Za-z_][\w()./%°-]{0,31}:[ ]?-?\d{1,10}(?:\.\d{1,10})?"
_LINE = re.compile(rf"{_PART}(?:[ ]?[,\t ][ ]?{_PART}){{0,{CHANNELS_MAX - 1}}}[,\t ]?")
_NO_NUMBER = re.compile(r"[A-Za-z_][\w()./%°-]{0,31}:[ ]?(?:nan|-?inf|ovf)(?:[,\t ].*)?")
_INT32_MAX = (1 << 31) - 1
_SILENT = Remark("the sketch sends no number (nan, inf or ovf): look at its calibration", no_value=True)


def parse(line: str) -> Value | Remark | None:
    """Read one line."""
    if _LINE.fullmatch(line) is None:
        return _SILENT if _NO_NUMBER.fullmatch(line) else None
    parts = NUMBER.split(line)
    plan = plan_of(parts[::2], ())
    if plan.take < 0:
        return None
    numbers = [float(number) for number in parts[1::2]]
    further = tuple(round(n * UNITLESS_COUNTS) for i, n in enumerate(numbers) if i != plan.take)
    if any(abs(count) > _INT32_MAX for count in further):
        further = ()
    return Value(numbers[plan.take], plan.unit, plan.shape, UNITLESS_COUNTS, further)


def _likeness(data: bytes) -> float:
    return likeness_of(parse, data, 0.88, distinct=False)


DIALECT = Dialect(
    name="serial-plotter",
    label="Arduino Serial Plotter lines",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=lambda: GaugeDecoder(parse, "Arduino sketch"),
    likeness=_likeness,
    evidence="manual only",
    bauds=(9600, 115200),
    hint="Name a part force_N or weight_kg and its unit is its calibration.",
)
