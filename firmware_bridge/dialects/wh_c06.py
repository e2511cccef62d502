"""WH-C06 hanging scales (also sold as MAT Muscle Meter): a weight in each Bluetooth LE advertisement.

What `ble://WH-C06` hands over is `0xC6 length data`, data being the manufacturer data of company 0x0100 without the
company: kilograms times 100 as a big-endian 16-bit number at bytes 10 and 11.
"""

from __future__ import annotations

from feedback.signal import NO_DEVICE_CLOCK, Quality
from firmware_bridge.dialects.base import NO_SEQ, Dialect, Readings, meta_of_kilograms
from firmware_bridge.dialects.gather import Gathered

MARK = 0xC6
COMPANY = 0x0100
COUNTS_PER_KG = 100
DATA_MIN, DATA_MAX = 12, 29
"""Bytes of manufacturer data: up to the weight, and what an advertisement can hold."""
KG100_MAX = 35_000
"""The scale is made for 300 kg."""


def wrap(manufacturer_data: bytes) -> bytes:
    """One advertisement as the decoder takes it."""
    return bytes([MARK, len(manufacturer_data)]) + manufacturer_data


class WhC06Decoder:
    """Advertisements to readings."""

    def __init__(self) -> None:
        self.garbage_bytes = 0
        self._pending = b""
        self._announced = False

    @property
    def checksum_errors(self) -> int:
        """Always 0: the radio checks, and what is damaged does not arrive."""
        return 0

    def feed(self, data: bytes) -> Readings:
        """Take the next bytes; return what has become complete."""
        gathered = Gathered()
        buffer, at = self._pending + data, 0
        while len(buffer) - at >= 2:
            length = buffer[at + 1]
            if buffer[at] != MARK or not DATA_MIN <= length <= DATA_MAX:
                self.garbage_bytes += 1
                at += 1
                continue
            if len(buffer) - at < 2 + length:
                break
            kg100 = int.from_bytes(buffer[at + 12 : at + 14], "big")
            if kg100 > KG100_MAX:
                self.garbage_bytes += 1
                at += 1
                continue
            self._sample(kg100, gathered)
            at += 2 + length
        self._pending = buffer[at:]
        return gathered.readings()

    def _sample(self, kg100: int, gathered: Gathered) -> None:
        if not self._announced:
            self._announced = True
            gathered.say(meta_of_kilograms("WH-C06", COUNTS_PER_KG))
        gathered.t_us.append(NO_DEVICE_CLOCK)
        gathered.seq.append(NO_SEQ)
        gathered.counts.append(kg100)
        gathered.quality.append(Quality.UNCHECKED)


def _likeness(data: bytes) -> float:
    """Whole advertisements and nothing else, as `ble://WH-C06` hands them over."""
    decoder = WhC06Decoder()
    readings = decoder.feed(data)
    return 0.8 if len(readings) >= 2 and decoder.garbage_bytes == 0 else 0.0


DIALECT = Dialect(
    name="wh-c06",
    label="WH-C06 scale (Bluetooth advertising)",
    has_clock=False,
    has_seq=False,
    speaks_commands=False,
    new_decoder=WhC06Decoder,
    likeness=_likeness,
    evidence="driver source",
    hint="A scale for pulling, with a few readings a second of 0.1 N: good for a look, not for training.",
)
