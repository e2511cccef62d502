"""Reads what the firmware sends by docs/wire-protocol.md and by other means than ours.

The cobs package, a checksum bit by bit, and nothing of firmware_bridge.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from cobs import cobs

from tests.cli.other_encoder import crc16_ibm_3740


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame whose checksum fits."""

    kind: int
    flags: int
    seq: int
    t_us: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A `D` line whose checksum fits."""

    seq: int
    t_us: int
    channels: list[int]
    flags: int


def frames(data: bytes) -> list[Frame]:
    """Every frame of a binary stream, each between two zeros of its own; anything else is an error."""
    assert data.startswith(b"\0")
    found: list[Frame] = []
    position = 0
    while position < len(data):
        end = data.find(b"\0", position + 1)
        if end < 0:
            break  # the run ended in the middle of a frame
        assert data[position] == 0, f"a frame at {position} has no zero in front"
        body = cobs.decode(data[position + 1 : end])
        assert crc16_ibm_3740(body[:-2]) == int.from_bytes(body[-2:], "little")
        found.append(Frame(*struct.unpack("<BBHI", body[:8]), body[8:-2]))
        position = end + 1
    return found


def of_kind(found: list[Frame], kind: int) -> list[Frame]:
    return [frame for frame in found if frame.kind == kind]


def samples(found: list[Frame]) -> list[tuple[int, int, int, int]]:
    """(seq, t_us, counts, flags) of the SAMPLE frames of one channel."""
    return [(f.seq, f.t_us, *struct.unpack("<i", f.payload), f.flags) for f in of_kind(found, 0x10)]


def events(found: list[Frame]) -> list[tuple[int, int, int]]:
    """(t_us, code, value) of the EVENT frames."""
    return [(f.t_us, *struct.unpack("<Bi", f.payload)) for f in of_kind(found, 0x20)]


def meta(found: list[Frame]) -> list[dict[str, str]]:
    """The META frames."""
    pairs = [f.payload.decode("utf-8").splitlines() for f in of_kind(found, 0x01)]
    return [dict(pair.split("=", 1) for pair in lines) for lines in pairs]


def logs(found: list[Frame]) -> list[str]:
    return [f.payload.decode("utf-8") for f in of_kind(found, 0x7F)]


def text_lines(data: bytes) -> list[str]:
    """The lines of a text stream, each ended by CR LF; one that was cut off at the end is left out."""
    assert b"\n" not in data.replace(b"\r\n", b"")
    return data.decode("ascii").split("\r\n")[:-1]


def text_samples(lines: list[str]) -> list[Line]:
    """The `D` lines; each must carry a checksum that fits."""
    found: list[Line] = []
    for line in lines:
        if not line.startswith("D,"):
            continue
        text, star, crc = line.partition("*")
        assert star, line
        assert re.fullmatch(r"[0-9A-F]{4}", crc), line
        assert crc16_ibm_3740(text.encode()) == int(crc, 16), line
        seq, t_us, *channels, flags = map(int, text[2:].split(","))
        found.append(Line(seq, t_us, channels, flags))
    return found


def text_meta(lines: list[str]) -> list[dict[str, str]]:
    """The `M` lines; each must carry a checksum that fits."""
    found: list[dict[str, str]] = []
    for line in lines:
        if line.startswith("M,"):
            text, star, crc = line.partition("*")
            assert star
            assert crc16_ibm_3740(text.encode()) == int(crc, 16), line
            found.append(dict(pair.split("=", 1) for pair in text[2:].split(",")))
    return found
