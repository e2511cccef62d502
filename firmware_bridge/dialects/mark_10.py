r"""Mark-10 force gauges (Series 3 to 7; Omega DFG55 and Checkline Series 5 document the same language).

`?` and a CR ask for the displayed reading: `-18.78 lbF\r\n`, `4.285 N\r\n`, compression positive. Gauges that are set
to output by themselves send the same lines. Errors are `*10` (unknown command), `*11`, `*12`, `*22`.
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

UNITLESS_COUNTS = 1000

_READING = re.compile(r"([+-]?)[ ]?(\d{1,6}(?:\.\d{0,5})?|\.\d{1,5})(?:[ ](lbF|ozF|kgF|gF|kN|mN|N))?[ ]?")
_OWN_SPELLING = re.compile(r".*[ ](?:lbF|ozF|kgF|gF)[ ]?|\*(?:10|11|12|22)")
_ERRORS = {
    "*10": Remark("the gauge does not know the question: it may be in a menu, or no Mark-10", no_value=True),
    "*11": Remark("the gauge cannot answer now (its error *11)", no_value=True),
    "*12": Remark("the gauge did not take a command (its error *12)", no_value=True),
    "*22": Remark("the gauge did not take a number (its error *22)", no_value=True),
}
_OVERLOAD = Remark("the gauge is overloaded: take the load off", no_value=True)


def parse(line: str) -> Value | Remark | None:
    """Read one line."""
    match = _READING.fullmatch(line)
    if match is None:
        if line.strip().upper() in ("OVER", "OVERLOAD", "OL"):
            return _OVERLOAD
        return _ERRORS.get(line.strip())
    sign, digits, unit = match.groups()
    number = -float(digits) if sign == "-" else float(digits)
    layout = str(decimals_of(digits))
    if unit is None:
        return Value(number, "", layout, UNITLESS_COUNTS)
    return Value(number, unit_of(unit), layout)


def _parse_own(line: str) -> Value | Remark | None:
    return parse(line) if _OWN_SPELLING.fullmatch(line) else None


def _likeness(data: bytes) -> float:
    return likeness_of(_parse_own, data, 0.92)


DIALECT = Dialect(
    name="mark-10",
    label="Mark-10 force gauge",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=lambda: GaugeDecoder(parse, "Mark-10 force gauge"),
    likeness=_likeness,
    evidence="driver source",
    bauds=(115200, 9600),
    poll=b"?\r",
    poll_every_s=0.04,
    hint="Set it to current (real time) readings, numeric + units, polarity not inverted and not omitted.",
)
