"""SparkFun OpenScale: `12276,2.56,lbs,-0.06,`, fields that can be switched on and off, each with a comma behind it.

    [milliseconds,]value,kg|lbs,[raw counts,][temperature on the board,][temperature outside,]

Its boot banner and its menu (key `x`) stand between the lines. `inf` means that it was never calibrated.
"""

from __future__ import annotations

import re

from firmware_bridge.dialects.base import Dialect
from firmware_bridge.dialects.gauge_lines import (
    GaugeDecoder,
    Remark,
    Value,
    decimals_of,
    likeness_of,
    unit_of,
)

RAW_MAX = (1 << 23) - 1
"""The converter (HX711) has 24 bits: at this count, either way, it is at its limit."""

_LINE = re.compile(
    r"(\d{1,10},)?(-?(?:\d{1,7}(?:\.\d{1,6})?|inf|nan|ovf)),(lbs|kg),((?:-?\d{1,9}(?:\.\d{1,4})?,){0,3})"
)
_VERSION = re.compile(r"Serial Load Cell Converter version ([\w.]{1,16})")
_BANNER = re.compile(r"By SparkFun Electronics|No remote sensor found|Remote temperature sensor .{0,40}")
_NO_VALUE = Remark(
    "the OpenScale gives no number: calibrate it in its own menu (key x in a serial monitor, then 2)",
    no_value=True,
)


def parse(line: str) -> Value | Remark | None:
    """Read one line."""
    match = _LINE.fullmatch(line)
    if match is None:
        if version := _VERSION.fullmatch(line.strip()):
            return Remark(values=(("fw", version[1]),))
        return Remark() if _BANNER.fullmatch(line.strip()) else None
    time, number, unit, rest = match.groups()
    if not number[-1].isdigit():
        return _NO_VALUE
    fields = rest.split(",")[:-1]
    layout = (
        f"{time is not None} {decimals_of(number)} {' '.join(str(decimals_of(field)) for field in fields)}"
    )
    raw = [int(field) for field in fields if "." not in field]
    return Value(
        float(number),
        unit_of(unit),
        layout,
        extra=tuple(raw),
        saturated=any(abs(count) >= RAW_MAX for count in raw),
    )


def _likeness(data: bytes) -> float:
    return likeness_of(parse, data, 0.93)


DIALECT = Dialect(
    name="openscale",
    label="SparkFun OpenScale",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=lambda: GaugeDecoder(parse, "SparkFun OpenScale"),
    likeness=_likeness,
    evidence="firmware in simulation",
    bauds=(9600, 115200),
    hint="Calibrate it in its own menu first; positive is what its menu calls positive.",
)
