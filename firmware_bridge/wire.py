"""The native binary wire format: COBS framing, checksum and frame encoding, as in docs/wire-protocol.md.

The decoder is the dialect `firmware_bridge.dialects.native_binary`; this module is what both ends share.
"""

from __future__ import annotations

import struct
from binascii import crc_hqx
from collections.abc import Sequence
from enum import IntEnum, IntFlag


class FrameType(IntEnum):
    """First byte of a frame."""

    META = 0x01
    SAMPLE = 0x10
    BATCH = 0x11
    EVENT = 0x20
    STATUS = 0x30
    PONG = 0x31
    LOG = 0x7F


class FrameFlag(IntFlag):
    """Second byte of a frame."""

    SATURATED = 1
    LATE = 2
    TX_OVERFLOW = 4
    TARED = 8
    CLOCK_RESTARTED = 16


class EventCode(IntEnum):
    """First payload byte of an EVENT frame."""

    BUTTON_PRESSED = 1
    BUTTON_RELEASED = 2
    TARE = 3


COMMAND_META = b"?"
COMMAND_BINARY = b"B"
COMMAND_TEXT = b"T"
COMMAND_TARE = b"Z"
COMMAND_PING = b"P"

HEADER = struct.Struct("<BBHI")
CRC = struct.Struct("<H")


def crc16(data: bytes) -> int:
    """CRC-16/IBM-3740 (poly 0x1021, init 0xFFFF): `crc16(b"123456789") == 0x29B1`."""
    return crc_hqx(data, 0xFFFF)


def cobs_encode(data: bytes) -> bytes:
    """Consistent Overhead Byte Stuffing (Cheshire & Baker 1999): the same bytes without a zero.

    A trailing group of exactly 254 non-zero bytes needs no further code byte.
    """
    out = bytearray()
    for i, group in enumerate(groups := data.split(b"\0")):
        while len(group) >= 0xFF - 1:
            out.append(0xFF)
            out += group[:254]
            group = group[254:]
            if not group and i == len(groups) - 1:
                return bytes(out)
        out.append(len(group) + 1)
        out += group
    return bytes(out)


def cobs_decode(data: bytes) -> bytes | None:
    """Undo `cobs_encode`; None when `data` is no COBS encoding (it holds a zero, or a group is cut short)."""
    if 0 in data:
        return None
    out = bytearray()
    position, end = 0, len(data)
    while position < end:
        code = data[position]
        following = position + code
        if following > end:
            return None
        out += data[position + 1 : following]
        if code < 0xFF and following < end:
            out.append(0)
        position = following
    return bytes(out)


def encode_frame(frame_type: int, flags: int, seq: int, t_us: int, payload: bytes = b"") -> bytes:
    """One whole frame with its delimiters; `seq` is taken modulo 2^16 and `t_us` modulo 2^32."""
    body = HEADER.pack(frame_type, flags, seq & 0xFFFF, t_us & 0xFFFFFFFF) + payload
    return b"\0" + cobs_encode(body + CRC.pack(crc16(body))) + b"\0"


def encode_sample(seq: int, t_us: int, counts: Sequence[int], flags: int = 0) -> bytes:
    """A SAMPLE frame: one int32 per channel."""
    return encode_frame(FrameType.SAMPLE, flags, seq, t_us, struct.pack(f"<{len(counts)}i", *counts))


def encode_batch(seq: int, t_us: int, dt_us: int, rows: Sequence[Sequence[int]], flags: int = 0) -> bytes:
    """A BATCH frame: rows of one int32 per channel, `dt_us` apart."""
    channels = len(rows[0])
    values = [value for row in rows for value in row]
    head = struct.pack("<HBB", dt_us, channels, len(rows))
    return encode_frame(FrameType.BATCH, flags, seq, t_us, head + struct.pack(f"<{len(values)}i", *values))


def encode_meta(t_us: int, meta: dict[str, str], flags: int = 0) -> bytes:
    """A META frame: UTF-8 lines `key=value`."""
    text = "\n".join(f"{key}={value}" for key, value in meta.items())
    return encode_frame(FrameType.META, flags, 0, t_us, text.encode())


def encode_event(t_us: int, code: int, value: int = 0) -> bytes:
    """An EVENT frame."""
    return encode_frame(FrameType.EVENT, 0, 0, t_us, struct.pack("<Bi", code, value))


def encode_status(t_us: int, overruns: int, tx_drops: int, vcc_mv: int, temp_centi_c: int) -> bytes:
    """A STATUS frame."""
    payload = struct.pack("<HHHh", overruns, tx_drops, vcc_mv, temp_centi_c)
    return encode_frame(FrameType.STATUS, 0, 0, t_us, payload)


def encode_pong(t_us: int, nonce: int) -> bytes:
    """A PONG frame, answering `P` and a nonce u32."""
    return encode_frame(FrameType.PONG, 0, 0, t_us, struct.pack("<I", nonce))


def encode_log(t_us: int, text: str) -> bytes:
    """A LOG frame."""
    return encode_frame(FrameType.LOG, 0, 0, t_us, text.encode())


def encode_text_sample(seq: int, t_us: int, counts: Sequence[int], flags: int = 0) -> bytes:
    """One line of the native text dialect, with its checksum and line end."""
    fields = ",".join(str(value) for value in counts)
    line = f"D,{seq & 0xFFFF},{t_us & 0xFFFFFFFF},{fields},{flags}".encode()
    return line + b"*%04X\r\n" % crc16(line)


def encode_text_meta(meta: dict[str, str]) -> bytes:
    """The `M,key=value,…` line of the native text dialect."""
    return ("M," + ",".join(f"{key}={value}" for key, value in meta.items()) + "\r\n").encode()
