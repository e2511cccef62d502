"""Native frames from docs/wire-protocol.md by other means than ours: the cobs package and a checksum bit by bit."""

from __future__ import annotations

import struct

from cobs import cobs


def crc16_ibm_3740(data: bytes) -> int:
    """Poly 0x1021, initial value 0xFFFF, no reflection, no final XOR."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
    return crc


def frame(kind: int, flags: int, seq: int, t_us: int, payload: bytes) -> bytes:
    body = struct.pack("<BBHI", kind, flags, seq % 2**16, t_us % 2**32) + payload
    return b"\0" + cobs.encode(body + struct.pack("<H", crc16_ibm_3740(body))) + b"\0"


def sample(seq: int, t_us: int, counts: int, flags: int = 0) -> bytes:
    return frame(0x10, flags, seq, t_us, struct.pack("<i", counts))


def meta(**values: object) -> bytes:
    return frame(0x01, 0, 0, 0, "\n".join(f"{key}={value}" for key, value in values.items()).encode())
