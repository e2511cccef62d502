r"""IMADA DS2, DST and DSV force gauges: `D\r` is answered by ten bytes, `+123.4NTO\r`.

sign, five characters of number, unit (N, K: kgf, O: lbf), mode (T: track, P: peak), judgement (L, O, H; E: overload)
"""

from __future__ import annotations

import re

from firmware_bridge.dialects.base import Dialect
from firmware_bridge.dialects.gauge_lines import GaugeDecoder, Remark, Value, decimals_of, likeness_of

_ANSWER = re.compile(r"([+-])([\d.]{5})([NKO])([TP])([LOHE0])")
_NUMBER = re.compile(r"\d{1,4}\.\d{0,3}|\d{5}|\.\d{4}")
_UNITS = {"N": "n", "K": "kg", "O": "lb"}
_PEAK = Remark("the gauge shows its peak, not the force now: set it to track (T)", no_value=True)
_REFUSED = Remark("the gauge did not take the question (its answer E)", no_value=True)


def parse(line: str) -> Value | Remark | None:
    """Read one answer without its CR."""
    match = _ANSWER.fullmatch(line)
    if match is None:
        return {"R": Remark(), "E": _REFUSED}.get(line)
    sign, digits, unit, mode, judgement = match.groups()
    if _NUMBER.fullmatch(digits) is None:
        return None
    if mode == "P":
        return _PEAK
    number = -float(digits) if sign == "-" else float(digits)
    return Value(number, _UNITS[unit], str(decimals_of(digits)), saturated=judgement == "E")


def _likeness(data: bytes) -> float:
    return likeness_of(parse, data, 0.96)


DIALECT = Dialect(
    name="imada",
    label="IMADA force gauge",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=lambda: GaugeDecoder(parse, "IMADA force gauge"),
    likeness=_likeness,
    evidence="driver source",
    bauds=(19200, 256000),
    poll=b"D\r",
    poll_every_s=0.03,
    hint="Set it to track, not peak. Plus is taken as push: which sign push has is not in what this was written from.",
)
