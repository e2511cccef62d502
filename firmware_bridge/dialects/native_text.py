"""The native text dialect, as in docs/wire-protocol.md: `D,<seq>,<t_us>,<raw0>[,<raw1>…],<flags>*<CRC>`.

The checksum may be missing; then there is no flags field either and the sample is UNCHECKED. A sensor that has
sent one line with a good checksum is held to it: from then on a sample without one is a damaged line.
"""

from __future__ import annotations

import re
from binascii import crc_hqx

from feedback.signal import Quality
from firmware_bridge.dialects.base import Dialect, Log, Meta, Readings
from firmware_bridge.dialects.gather import QUALITY, Gathered
from firmware_bridge.dialects.lines import LineCutter

# Real firmware writes decimals in the raw field (a `float` printed by Arduino), and counts beyond 16 bits.
_SAMPLE = re.compile(rb"D,(\d{1,10}),(\d{1,20}),([+-]?\d{1,10}(?:\.\d*)?(?:,[+-]?\d{1,10}(?:\.\d*)?)*)")
# What a sensor of one channel sends all day; anything else takes the longer way.
_USUAL = re.compile(rb"(D,(\d{1,5}),(\d{1,10}),(-?\d{1,9}),(\d{1,2}))\*([0-9A-Fa-f]{4})")
_CHECKSUM = re.compile(rb"[0-9A-Fa-f]{4}")
_PRINTABLE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_INT32_MAX = (1 << 31) - 1
_FLAGS_MAX = 255


class TextDecoder:
    """Lines to readings.

    `checksum_errors` counts lines whose checksum is wrong, and samples that should have one and have none;
    `garbage_bytes` the bytes of every line that became neither reading nor message.
    """

    def __init__(self) -> None:
        self.checksum_errors = 0
        self._lines = LineCutter()
        self._checked = False
        self._begun = False

    @property
    def garbage_bytes(self) -> int:
        """Bytes so far that became neither reading nor message."""
        return self._lines.garbage_bytes

    def feed(self, data: bytes) -> Readings:
        """Take the next bytes; return what has become complete."""
        gathered = Gathered()
        for line in self._lines.cut(data):
            usual = _USUAL.fullmatch(line)
            if usual is not None:
                text, seq, t_us, counts, flags, checksum = usual.groups()
                if crc_hqx(text, 0xFFFF) == int(checksum, 16):
                    gathered.seq.append(int(seq) & 0xFFFF)
                    gathered.t_us.append(int(t_us) & 0xFFFFFFFF)
                    gathered.counts.append(int(counts))
                    gathered.quality.append(QUALITY[int(flags)])
                    self._begun = self._checked = True
                    continue
            if not self._take(line, gathered):
                self._lines.refuse(line)
            self._begun = True
        return gathered.readings()

    def _take(self, line: bytes, gathered: Gathered) -> bool:
        first = line[0]
        if first == ord("#"):
            gathered.say(Log(line[1:].decode(errors="replace").strip()))
            return True
        text, star, checksum = line.rpartition(b"*")
        has_checksum = bool(star) and _CHECKSUM.fullmatch(checksum) is not None
        if has_checksum and crc_hqx(text, 0xFFFF) != int(checksum, 16):
            # The first line may have begun before we listened; then it is a rest, not a damaged line.
            if self._begun or first == ord("D"):
                self.checksum_errors += 1
            return False
        if line.startswith(b"M,"):
            return self._meta(text if has_checksum else line, gathered)
        if not line.startswith(b"D,"):
            return False
        if has_checksum:
            self._checked = True
            return _take_sample(text, True, gathered)
        if self._checked or not _take_sample(line, False, gathered):
            self.checksum_errors += 1
            return False
        return True

    def _meta(self, text: bytes, gathered: Gathered) -> bool:
        if _PRINTABLE.fullmatch(text) is None:
            return False
        parts = (field.partition("=") for field in text[2:].decode(errors="replace").split(","))
        values = {key.strip(): value.strip() for key, equals, value in parts if equals}
        if values:
            gathered.say(Meta(values))
        return bool(values)


def _take_sample(text: bytes, checked: bool, gathered: Gathered) -> bool:
    match = _SAMPLE.fullmatch(text)
    if match is None:
        return False
    seq, t_us, fields = match.groups()
    values = [int(field) if field.isdigit() else round(float(field)) for field in fields.split(b",")]
    quality = int(Quality.UNCHECKED)
    if checked:
        flags = values.pop()
        if not values or not 0 <= flags <= _FLAGS_MAX:
            return False
        quality = QUALITY[flags]
    if any(not -_INT32_MAX - 1 <= value <= _INT32_MAX for value in values):
        return False
    if len(values) > 1:
        gathered.extras.append((len(gathered), values[1:]))
    gathered.seq.append(int(seq) & 0xFFFF)
    gathered.t_us.append(int(t_us) & 0xFFFFFFFF)
    gathered.counts.append(values[0])
    gathered.quality.append(quality)
    return True


def _likeness(data: bytes) -> float:
    """One good checksum is as good as proof (1 in 65,536 otherwise); without, most lines have to be samples."""
    decoder = TextDecoder()
    samples = decoder.feed(data)
    if len(samples) == 0:
        return 0.0
    if not (samples.quality & Quality.UNCHECKED).all():
        return 0.95
    return 0.9 if len(samples) > 1 and len(data) > 2 * decoder.garbage_bytes else 0.0


DIALECT = Dialect(
    name="native-text",
    label="Goodpain text lines",
    has_clock=True,
    has_seq=True,
    speaks_commands=True,
    new_decoder=TextDecoder,
    likeness=_likeness,
    evidence="own format",
)
