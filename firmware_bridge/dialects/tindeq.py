"""Tindeq Progressor and compatible dynamometers (Bluetooth LE): `tag length payload`.

Tag 1 is weight: for each sample kilograms as a float32 and microseconds as an unsigned 32-bit number, little-endian.
Tag 0 answers a command, 4 says that the battery is low. The clock is the device's own, so that times do not depend on
when the radio delivered.
"""

from __future__ import annotations

import math
import struct

from feedback.signal import Quality
from firmware_bridge.dialects.base import NO_SEQ, Dialect, Log, Readings, meta_of_kilograms
from firmware_bridge.dialects.gather import Gathered

COUNTS_PER_KG = 100_000
KG_MAX = 2_000.0
"""Beyond any such device: a larger number is damage."""
TAG_COMMAND, TAG_WEIGHT, TAG_RFD, TAG_RFD_SERIES, TAG_LOW_BATTERY = range(5)

_SAMPLE = struct.Struct("<fI")
_PAYLOAD_MAX = 244  # of a notification at the largest usual MTU, less tag and length


class TindeqDecoder:
    """Notifications to readings; they arrive whole and in order, but may be cut by whoever recorded them."""

    def __init__(self) -> None:
        self.garbage_bytes = 0
        self.packets = 0
        self._pending = b""
        self._announced = False
        self._told_battery = False

    @property
    def checksum_errors(self) -> int:
        """Always 0: the radio checks, and what is damaged does not arrive."""
        return 0

    def feed(self, data: bytes) -> Readings:
        """Take the next bytes; return what has become complete."""
        gathered = Gathered()
        buffer, at = self._pending + data, 0
        while len(buffer) - at >= 2:
            tag, length = buffer[at], buffer[at + 1]
            if not _plausible(tag, length):
                self.garbage_bytes += 1
                at += 1
                continue
            if len(buffer) - at < 2 + length:
                break
            payload = buffer[at + 2 : at + 2 + length]
            if self._packet(tag, payload, gathered):
                self.packets += 1
                at += 2 + length
            else:
                self.garbage_bytes += 1
                at += 1
        self._pending = buffer[at:]
        return gathered.readings()

    def _packet(self, tag: int, payload: bytes, gathered: Gathered) -> bool:
        if tag == TAG_LOW_BATTERY and not self._told_battery:
            self._told_battery = True
            gathered.say(Log("the battery of the sensor is low"))
        if tag != TAG_WEIGHT:
            return True
        samples = list(_SAMPLE.iter_unpack(payload))
        if not all(math.isfinite(kg) and abs(kg) <= KG_MAX for kg, _ in samples):
            return False
        if not self._announced:
            self._announced = True
            gathered.say(meta_of_kilograms("Tindeq Progressor", COUNTS_PER_KG))
        for kg, t_us in samples:
            gathered.t_us.append(t_us)
            gathered.seq.append(NO_SEQ)
            gathered.counts.append(round(kg * COUNTS_PER_KG))
            gathered.quality.append(Quality.UNCHECKED)
        return True


def _plausible(tag: int, length: int) -> bool:
    if tag == TAG_WEIGHT:
        return 0 < length <= _PAYLOAD_MAX and length % _SAMPLE.size == 0
    if tag == TAG_LOW_BATTERY:
        return length == 0
    return tag <= TAG_RFD_SERIES and length <= _PAYLOAD_MAX


def _likeness(data: bytes) -> float:
    """Over the air it is known by its service; in a recording by packets of weight that follow each other."""
    decoder = TindeqDecoder()
    readings = decoder.feed(data)
    return 0.8 if len(readings) >= 4 and decoder.garbage_bytes == 0 else 0.0


DIALECT = Dialect(
    name="tindeq",
    label="Tindeq Progressor (Bluetooth)",
    has_clock=True,
    has_seq=False,
    speaks_commands=False,
    new_decoder=TindeqDecoder,
    likeness=_likeness,
    evidence="driver source",
    hint="A dynamometer for pulling: what it calls positive is positive here.",
)
