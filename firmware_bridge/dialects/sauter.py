"""Sauter FH and FL force gauges: `9` is answered by seven characters with nothing behind them, `0011.70`.

The first is the direction (0: push, 1: pull), the rest the number. So nothing in the bytes says where an answer begins:
the host tells the decoder when it asks (`asked`). In a recording, where nobody asks, an answer counts only when a
second one of the same layout follows it without a gap; the first layout is kept, as a lost character shifts the rest,
and the first answer behind damage is left out, as its direction may be a digit of the one before.

The gauge does not say its unit. Two decimals (`0011.70`) are newtons in the manuals. With three (`100.005`) it may be
kilonewtons: then nothing is said about the unit, and the force stays unknown until the gauge is calibrated here.
"""

from __future__ import annotations

import re

from firmware_bridge.dialects.base import Dialect, Readings
from firmware_bridge.dialects.gather import Gathered
from firmware_bridge.dialects.gauge_lines import GaugeDecoder, Remark, Value

ANSWER = 7
UNITLESS_COUNTS = 1000

_ANSWER = re.compile(rb"[01](?:\d\.\d{4}|\d\d\.\d{3}|\d{3}\.\d\d|\d{4}\.\d|\d{5}\.)")
_NEWTON_DECIMALS = (1, 2)


def parse(answer: str) -> Value | Remark | None:
    """Read one answer."""
    if _ANSWER.fullmatch(answer.encode()) is None:
        return None
    number = float(answer[1:]) if answer[0] == "0" else -float(answer[1:])
    decimals = ANSWER - 1 - answer.index(".")
    if decimals in _NEWTON_DECIMALS:
        return Value(number, "n", str(decimals))
    return Value(number, "", str(decimals), UNITLESS_COUNTS)


class SauterDecoder:
    """Answers to readings."""

    def __init__(self) -> None:
        self._gauge = GaugeDecoder(parse, "Sauter force gauge")
        self._pending = b""
        self._skipped_bytes = 0
        self._is_asked = False
        self._answered = False
        self._recorded_dot = -1
        self._in_damage = False

    @property
    def checksum_errors(self) -> int:
        """Always 0: there is no checksum."""
        return 0

    @property
    def garbage_bytes(self) -> int:
        """Bytes so far that became no reading."""
        return self._skipped_bytes + self._gauge.garbage_bytes

    def asked(self) -> None:
        """The next byte begins an answer."""
        self._skipped_bytes += len(self._pending)
        self._pending = b""
        self._is_asked = True
        self._answered = False

    def feed(self, data: bytes) -> Readings:
        """Take the next bytes; return what has become complete."""
        gathered = Gathered()
        self._pending += data
        if self._is_asked:
            self._take_answer(gathered)
        else:
            self._take_recorded(gathered)
        return gathered.readings()

    def _take_answer(self, gathered: Gathered) -> None:
        if len(self._pending) < ANSWER and not self._answered:
            return
        if not self._answered:
            self._gauge.take(self._pending[:ANSWER], gathered)
            self._pending = self._pending[ANSWER:]
            self._answered = True
        # One question, one answer: what comes behind it belongs to nothing.
        self._skipped_bytes += len(self._pending)
        self._pending = b""

    def _take_recorded(self, gathered: Gathered) -> None:
        buffer, at = self._pending, 0
        while len(buffer) - at >= 2 * ANSWER:
            one, other = buffer[at : at + ANSWER], buffer[at + ANSWER : at + 2 * ANSWER]
            dot = one.find(b".")
            fits = dot == other.find(b".") and self._recorded_dot in (-1, dot)
            if fits and _ANSWER.fullmatch(one) and _ANSWER.fullmatch(other):
                self._recorded_dot = dot
                if self._in_damage:
                    self._skipped_bytes += ANSWER
                    self._in_damage = False
                else:
                    self._gauge.take(one, gathered)
                at += ANSWER
            else:
                self._in_damage = True
                self._skipped_bytes += 1
                at += 1
        self._pending = buffer[at:]


def _never(data: bytes) -> float:
    """It speaks only when asked, and its answers could be any digits."""
    del data
    return 0.0


DIALECT = Dialect(
    name="sauter-fh",
    label="Sauter FH or FL force gauge",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=SauterDecoder,
    likeness=_never,
    evidence="manual only",
    bauds=(9600,),
    poll=b"9",
    poll_every_s=0.05,
    hint="Set it to newtons and to track, not peak: it does not send its unit.",
)
