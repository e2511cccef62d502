r"""The 16-byte stream of Lutron instruments, met on force gauges of several names (RS Pro 111-3689 among them).

    STX 4 1 uu s p dddddddd CR      uu: 55 kg, 56 lb, 57 g, 58 oz, 59 N; s: 1 negative; p: decimals

`\x0241590200001234\r` is 12.34 N. There is no checksum, but every byte has its place.
"""

from __future__ import annotations

import re

from firmware_bridge.dialects.base import Dialect
from firmware_bridge.dialects.gauge_lines import GaugeDecoder, Remark, Value, likeness_of

DECIMALS_MAX = 5

_FRAME = re.compile(rf"\x0241(55|56|57|58|59)([01])([0-{DECIMALS_MAX}])(\d{{8}})")
_NO_NUMBER = re.compile(r"\x0241\d\d[01]\d[^\d]{8}")
_UNITS = {"55": "kg", "56": "lb", "57": "g", "58": "oz", "59": "n"}
_SILENT = Remark("the gauge gives no number: it is overloaded or shows a message", no_value=True)


def parse(frame: str) -> Value | Remark | None:
    """Read one frame without its CR."""
    match = _FRAME.fullmatch(frame)
    if match is None:
        return _SILENT if _NO_NUMBER.fullmatch(frame) else None
    unit, negative, decimals, digits = match.groups()
    number = int(digits) / 10 ** int(decimals)
    return Value(-number if negative == "1" else number, _UNITS[unit], decimals)


def _likeness(data: bytes) -> float:
    return likeness_of(parse, data, 0.97)


DIALECT = Dialect(
    name="lutron",
    label="Lutron 16-byte stream",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=lambda: GaugeDecoder(parse, "force gauge with the Lutron stream"),
    likeness=_likeness,
    evidence="driver source",
    bauds=(9600,),
    hint="Plus is taken as push: which sign push has is not in what this was written from. Switch peak hold off.",
)
