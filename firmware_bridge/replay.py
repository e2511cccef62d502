r"""Raw recordings: every byte a sensor sent with the time it arrived, and a port that plays them again.

Format (integers and floats little-endian):

    GOODPAIN-RAW 1\n                          the version is the digit
    {"baud": …, "started": …, "url": …}\n     one line of JSON; `started` is the wall clock, ISO 8601 with its offset
    records, to the end of the file:
        kind       u8      0x44 "D" bytes from the port, 0x4C "L" the port was lost, 0x52 "R" it came back
        arrival_s  f64     on the port's clock, non-decreasing
        length     u32     of data, <= 2^20; 0 for kinds L and R
        crc        u32     CRC-32 (zlib) of kind, arrival_s, length and data
        data       length bytes

Each record is handed to the system at once, so a crash of the program loses nothing. Reading stops without an
error at a record that is cut off or damaged: what stands before it is whole. Records of other kinds are skipped; one
whose time goes back is taken as of the time before.
"""

from __future__ import annotations

import json
import math
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO, Self, cast
from zlib import crc32

from firmware_bridge.errors import PortError, PortNotFoundError
from firmware_bridge.ports import READ_WAIT_S, Chunk

MAGIC = b"GOODPAIN-RAW "
VERSION = 1
MAX_RECORD = 1 << 20

_HEAD = struct.Struct("<BdI")
_CRC = struct.Struct("<I")
_LONGEST_HEADER = 65536


def _private(path: Path) -> int:
    """A new file that only its owner may read: what a hand and a client do is in it."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)


class RecordKind(IntEnum):
    """First byte of a record."""

    DATA = 0x44
    LOST = 0x4C
    BACK = 0x52


_KINDS = frozenset(RecordKind)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a recording."""

    kind: RecordKind
    arrival_s: float
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """The header of a recording.

    Attributes:
        url: the port that was recorded.
        baud: bits per second it was opened with.
        started: wall clock when the recording began, ISO 8601 with its offset from UTC.
    """

    url: str
    baud: int
    started: str


class _Closing:
    """A context manager that is closed at its end."""

    def close(self) -> None:
        """Let go of the file."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RawWriter(_Closing):
    """Writes a recording; a context manager."""

    def __init__(self, path: Path, *, url: str, baud: int, started: datetime | None = None) -> None:
        """Begin a new file.

        Args:
            path: must not exist yet: a recording is never overwritten.
            url: the port recorded.
            baud: its bits per second.
            started: wall clock now; by default the system's.

        Raises:
            PortError: the file is there already, or cannot be written.
        """
        self.path = path
        moment = started or datetime.now().astimezone()
        header = {"baud": baud, "started": moment.isoformat(timespec="milliseconds"), "url": url}
        try:
            # Unbuffered: a record is with the system as soon as it is written.
            self._file = os.fdopen(_private(path), "wb", buffering=0)
        except FileExistsError:
            raise PortError(f"{path} exists already: give the raw recording another name") from None
        except OSError as error:
            raise PortError(f"The raw recording {path} cannot be written ({error.strerror})") from error
        self._file.write(MAGIC + b"%d\n" % VERSION + json.dumps(header).encode() + b"\n")

    def write(self, arrival_s: float, data: bytes) -> None:
        """Append bytes that arrived; empty data writes nothing.

        Raises:
            OSError: the disk is full or gone.
        """
        for start in range(0, len(data), MAX_RECORD):
            self._append(RecordKind.DATA, arrival_s, data[start : start + MAX_RECORD])

    def lost(self, at_s: float) -> None:
        """Append that the port was lost."""
        self._append(RecordKind.LOST, at_s)

    def back(self, at_s: float) -> None:
        """Append that the port came back."""
        self._append(RecordKind.BACK, at_s)

    def _append(self, kind: RecordKind, arrival_s: float, data: bytes = b"") -> None:
        body = _HEAD.pack(kind, arrival_s, len(data))
        self._file.write(body + _CRC.pack(crc32(data, crc32(body))) + data)

    def close(self) -> None:
        """End the recording; a second call does nothing."""
        self._file.close()


class Recording(_Closing):
    """A recording opened for reading; iterates its records once. A context manager."""

    def __init__(self, path: Path) -> None:
        """Open and read the header.

        Raises:
            PortNotFoundError: no such file.
            PortError: it cannot be read, is not a recording, or of a version not known here.
        """
        try:
            self._file = path.open("rb")
        except FileNotFoundError:
            raise PortNotFoundError(f"There is no recording {path}: check the path after replay://") from None
        except (OSError, ValueError) as error:
            # A name that no file can have is a ValueError.
            reason = getattr(error, "strerror", None) or error
            raise PortError(f"The recording {path} cannot be read ({reason})") from error
        try:
            self.info = _read_header(self._file, path)
        except BaseException:
            self._file.close()
            raise

    def __iter__(self) -> Iterator[Record]:
        head_size = _HEAD.size + _CRC.size
        latest_s = -math.inf
        while len(head := self._file.read(head_size)) == head_size:
            body = head[: _HEAD.size]
            kind, arrival_s, length = cast("tuple[int, float, int]", _HEAD.unpack(body))
            if length > MAX_RECORD:
                return
            data = self._file.read(length)
            if _CRC.unpack(head[_HEAD.size :])[0] != crc32(data, crc32(body)):
                return
            if not math.isfinite(arrival_s):
                return
            # A clock that plays these times cannot go back.
            latest_s = max(latest_s, arrival_s)
            if kind in _KINDS:
                yield Record(RecordKind(kind), latest_s, data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _read_header(file: BinaryIO, path: Path) -> RecordingInfo:
    first = file.readline(64)
    if not first.startswith(MAGIC) or not first.endswith(b"\n"):
        raise PortError(f"{path} is not a raw recording of Goodpain: record one with --raw FILE")
    if first[len(MAGIC) :].strip() != b"%d" % VERSION:
        version = first[len(MAGIC) :].strip().decode("ascii", "replace")
        raise PortError(
            f"{path} is a raw recording of version {version}, this Goodpain reads version {VERSION}"
        )
    try:
        fields: Any = json.loads(file.readline(_LONGEST_HEADER))
        return RecordingInfo(str(fields["url"]), int(fields["baud"]), str(fields["started"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise PortError(
            f"The header of the raw recording {path} is damaged: nothing of it can be played"
        ) from None


class ReplayPort:
    """Plays a recording as the port that was recorded, losses of the port included.

    Its clock shows the recorded times: it starts at the first record and runs `speed` times as fast as the wall.
    """

    def __init__(self, path: Path, speed: float = 1.0, *, url: str = "") -> None:
        """Open a recording; the clock starts at once.

        Raises:
            PortError: the file cannot be played, or `speed` is not a positive number.
        """
        if not (math.isfinite(speed) and speed > 0):
            raise PortError(
                f"A recording cannot be played at speed {speed}: give a number above 0, as ?speed=4"
            )
        self._url = url or f"replay://{path}?speed={speed:g}"
        self._speed = speed
        self._recording = Recording(path)
        self._records = iter(self._recording)
        self._next = next(self._records, None)
        self._start_s = self._next.arrival_s if self._next else 0.0
        self._wall_start_s = time.monotonic()

    @classmethod
    def from_url(cls, url: str) -> ReplayPort:
        """Open `replay://FILE` or `replay://FILE?speed=NUMBER`.

        Raises:
            PortError: no file is named, the speed is no number, or the file cannot be played.
        """
        name, _, query = url.partition("://")[2].partition("?")
        key, _, value = query.partition("=")
        if not name:
            raise PortError("No recording was named: write replay://FILE, as replay://visit.raw?speed=4")
        if query and key != "speed":
            raise PortError(
                f"“{query}” means nothing to a replay: only ?speed=NUMBER is known, as {name}?speed=4"
            )
        try:
            speed = float(value) if query else 1.0
        except ValueError:
            raise PortError(
                f"“{value}” is not a speed: give a number above 0, as replay://{name}?speed=4"
            ) from None
        try:
            path = Path(name).expanduser()
        except RuntimeError:
            # “~name” of nobody: then it is a name like any other.
            path = Path(name)
        return cls(path, speed, url=url)

    @property
    def url(self) -> str:
        """The address it was opened with."""
        return self._url

    @property
    def info(self) -> RecordingInfo:
        """The header of the recording."""
        return self._recording.info

    def now_s(self) -> float:
        """Seconds on the clock of the recording."""
        return self._start_s + (time.monotonic() - self._wall_start_s) * self._speed

    def read(self) -> Chunk | None:
        """The next bytes when their time has come; None at the end of the recording.

        Raises:
            ConnectionResetError: the port was lost here when it was recorded.
        """
        due = self._next
        if due is None:
            return None
        if not self._wait_for(due):
            now_s = self.now_s()
            return Chunk(b"", now_s, min(now_s, due.arrival_s))
        self._next = next(self._records, None)
        if due.kind is RecordKind.LOST:
            raise ConnectionResetError("the port was lost here when it was recorded")
        now_s = self.now_s()
        until_s = now_s if self._next is None else min(now_s, self._next.arrival_s)
        return Chunk(due.data, due.arrival_s, until_s)

    def _wait_for(self, record: Record) -> bool:
        ahead_s = (record.arrival_s - self.now_s()) / self._speed
        if ahead_s > 0:
            time.sleep(min(ahead_s, READ_WAIT_S))
        return self.now_s() >= record.arrival_s

    def write(self, data: bytes) -> None:
        """Nobody listens: commands go nowhere."""

    def reopen(self) -> None:
        """Go on after a recorded loss.

        Raises:
            PortNotFoundError: the recorded port was not back yet at this time.
        """
        if self._next is not None and not self._wait_for(self._next):
            raise PortNotFoundError("The recorded port was not back yet")

    def close(self) -> None:
        """Close the file."""
        self._recording.close()
        self._next = None
