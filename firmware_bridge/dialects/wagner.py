r"""Wagner FDIX, FDX and FDV, the algometers of pain clinics: `18.14 kgf`, `- 23.02 lbf` (mind the blank), `HELP`.

Compression is positive, or has a blank in the sign's place. `HELP` means overload. FDIX is asked by `F`, as it forgets
that it was told to go on by itself (`CB`) whenever it is switched off; FDX is asked by `?`.
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

_READING = re.compile(
    r"[ ]{0,4}([+-]?)[ ]{0,4}(\d{1,6}(?:\.\d{0,4})?|\.\d{1,4})"
    r"[ ](lbf|kgf|ozf|gf|lb|kg|oz|g|kN|N)[ ]{0,2}(Peak)?[ ]{0,2}",
    re.IGNORECASE,
)
# A blank after the sign, or for the sign of compression.
_OWN_WAYS = re.compile(r"[+-][ ]\d.*|[ ]{2}\d.*[ ](?:lbf|kgf)|.*[ ]Peak|HELP", re.IGNORECASE)
_OVERLOAD = Remark("the gauge is overloaded (HELP): take the load off", no_value=True)
_PEAK = Remark("the gauge shows its peak, not the force now: switch peak mode off", no_value=True)


def parse(line: str) -> Value | Remark | None:
    """Read one line."""
    match = _READING.fullmatch(line)
    if match is None:
        return _OVERLOAD if "HELP" in line.upper().split() else None
    sign, digits, unit, peak = match.groups()
    if peak:
        return _PEAK
    number = -float(digits) if sign == "-" else float(digits)
    return Value(number, unit_of(unit), str(decimals_of(digits)))


def _likeness(data: bytes) -> float:
    own = any(_OWN_WAYS.fullmatch(line) for line in data.decode("latin-1").splitlines())
    return likeness_of(parse, data, 0.9, distinct=False) if own else 0.0


def _gauge(name: str, label: str, poll: bytes, bauds: tuple[int, ...], likeness_share: float) -> Dialect:
    return Dialect(
        name=name,
        label=label,
        has_clock=False,
        has_seq=False,
        speaks_commands=False,
        new_decoder=lambda: GaugeDecoder(parse, label),
        likeness=lambda data: likeness_share * _likeness(data),
        evidence="manual only",
        bauds=bauds,
        poll=poll,
        poll_every_s=0.05,
        hint="Switch peak mode off.",
    )


FDX = _gauge("wagner-fdx", "Wagner FDX force gauge", b"?\r\n", (9600,), 1.0)
# Their lines are the same; what is recognised is called by the newer name.
FDIX = _gauge("wagner-fdix", "Wagner FDIX algometer", b"F\r", (9600,), 0.0)
