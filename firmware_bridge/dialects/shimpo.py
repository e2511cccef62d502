r"""Shimpo FGV-X (`BB`: ten readings a second) and DFS (`LIST`, then `D` for each reading) force gauges.

The manuals give the commands but no example of a reading, so this takes any line that is a number, with a sign and a
unit or without; commands that the gauge repeats, `OK` and `ERR0` to `ERR7` are passed over. A unit comes from the line,
or from `UNITS lb` in the list; without either the numbers are raw counts until the gauge is calibrated here.
"""

from __future__ import annotations

import re

from firmware_bridge.dialects.base import Dialect
from firmware_bridge.dialects.gauge_lines import GaugeDecoder, Remark, Value, decimals_of, unit_of

UNITLESS_COUNTS = 1000

_READING = re.compile(
    r"([+-]?)[ ]{0,3}(\d{1,5}(?:\.\d{0,4})?|\.\d{1,4})[ ]{0,2}(lbf?|kgf?|ozf?|gf?|kN|N)?", re.IGNORECASE
)
_UNITS = re.compile(r"UNITS[ ]+([A-Za-z]{1,3})")
_MODEL = re.compile(r"MDL[ ]+([\w-]{1,20})")
_PEAK_MODE = re.compile(r"DSP[TC]\b.{0,20}")
_ERROR = re.compile(r"ERR[ ]?([0-7])")
_WORD = re.compile(r"OK|[A-Z]{1,4}\d?(?:[ ].{0,40})?")
_OVERLOAD = Remark("the gauge is overloaded: take the load off", no_value=True)


class ShimpoLines:
    """Reads the lines of one connection: the unit may have been said before."""

    def __init__(self) -> None:
        self._unit = ""
        self._peak = False

    def __call__(self, line: str) -> Value | Remark | None:
        """Read one line."""
        text = line.strip()
        if match := _READING.fullmatch(text):
            if self._peak:
                return Remark("the gauge shows its peak, not the force now: set it to DSPN", no_value=True)
            sign, digits, unit = match.groups()
            key = unit_of(unit) if unit else self._unit
            number = -float(digits) if sign == "-" else float(digits)
            return Value(number, key, str(decimals_of(digits)), UNITLESS_COUNTS)
        if match := _UNITS.fullmatch(text):
            try:
                self._unit = unit_of(match[1])
            except KeyError:
                self._unit = ""
            return Remark()
        if match := _MODEL.fullmatch(text):
            return Remark(values=(("device", f"Shimpo {match[1]}"),))
        if match := _ERROR.fullmatch(text):
            return Remark(f"the gauge answers with its error {match[1]}", no_value=True)
        if text in ("OVER", "OL"):
            return _OVERLOAD
        if _PEAK_MODE.fullmatch(text):
            self._peak = True
            return Remark()
        if text == "DSPN" or text.startswith("DSPN "):
            self._peak = False
            return Remark()
        return Remark() if _WORD.fullmatch(text) else None


def _never(data: bytes) -> float:
    """Nothing in these lines is Shimpo's own: unasked they are read as `numbers`."""
    del data
    return 0.0


FGV = Dialect(
    name="shimpo-fgv",
    label="Shimpo FGV-X force gauge",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=lambda: GaugeDecoder(ShimpoLines(), "Shimpo FGV-X force gauge"),
    likeness=_never,
    evidence="manual only",
    bauds=(19200, 9600, 4800, 2400),
    start=b"BB\r",
    stop=b"AB\r",
    hint="Set it to average, not peak. Plus is taken as push.",
)
DFS = Dialect(
    name="shimpo-dfs",
    label="Shimpo DFS force gauge",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=lambda: GaugeDecoder(ShimpoLines(), "Shimpo DFS force gauge"),
    likeness=_never,
    evidence="manual only",
    bauds=(9600, 4800),
    start=b"LIST\r",
    poll=b"D\r",
    hint="Set it to average (DSPN), not peak. Plus is taken as push.",
)
