"""One record that is overwritten again and again by one process and read by any number of others.

Layout, little-endian: magic 8 bytes, sequence u64, length u32, CRC-32 u32 of sequence, length and payload, the payload,
sequence u64 again. A reader that comes while it is written finds two different sequences or a wrong checksum, and looks
again. A record without a payload says that the session has ended.

Plain reads and writes at the start of a file, which the system keeps in memory. A mapping would be no faster for a
page of bytes, and where the disk is full or the file cut short it ends the process with a signal; here that is an error
that can be caught, and a full disk must never end a session.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"GPMIRR1\n"
PAYLOAD_MAX = 16384
TRIES = 4
"""Looks at a record that is being written; a write takes microseconds."""

_HEAD = struct.Struct("<8sQII")
_BODY = struct.Struct("<QI")
_TAIL = struct.Struct("<Q")
RECORD_MAX = _HEAD.size + PAYLOAD_MAX + _TAIL.size


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in a slot: a number that grows with each write, and the payload (empty: the session has ended)."""

    sequence: int
    payload: bytes


def pack(record: Record) -> bytes:
    """A record as it is written.

    Raises:
        ValueError: the payload is too long.
    """
    if len(record.payload) > PAYLOAD_MAX:
        raise ValueError(f"a record holds at most {PAYLOAD_MAX} bytes")
    sequence, payload = record.sequence, record.payload
    crc = crc32(payload, crc32(_BODY.pack(sequence, len(payload))))
    return _HEAD.pack(MAGIC, sequence, len(payload), crc) + payload + _TAIL.pack(sequence)


def unpack(data: bytes) -> Record | None:
    """The record at the start of `data`; None when it is not whole, damaged or something else."""
    if len(data) < _HEAD.size + _TAIL.size:
        return None
    magic, sequence, length, crc = _HEAD.unpack_from(data)
    end = _HEAD.size + length
    if magic != MAGIC or length > PAYLOAD_MAX or len(data) < end + _TAIL.size:
        return None
    payload = data[_HEAD.size : end]
    if _TAIL.unpack_from(data, end)[0] != sequence:
        return None
    if crc32(payload, crc32(_BODY.pack(sequence, length))) != crc:
        return None
    return Record(sequence, payload)


class SlotWriter:
    """Writes a slot; the file is new and only the user can read it.

    Raises:
        OSError: from every method, when the system refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
        self._sequence = 0

    def write(self, payload: bytes) -> None:
        """Put a payload in the place of the one before."""
        self._sequence += 1
        self._file.seek(0)
        self._file.write(pack(Record(self._sequence, payload)))

    def end(self) -> None:
        """Say that the session has ended, and remove the file where the system lets us."""
        try:
            self.write(b"")
        finally:
            self._file.close()
        self.path.unlink(missing_ok=True)


class SlotReader:
    """Reads a slot that another process writes.

    Raises:
        OSError: when opened, if the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb", buffering=0)

    def read(self) -> Record | None:
        """The record as it stands; None when there is none, or it cannot be read or is being written too often."""
        for _ in range(TRIES):
            try:
                self._file.seek(0)
                record = unpack(self._file.read(RECORD_MAX))
            except OSError:
                return None
            if record is not None:
                return record
        return None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
