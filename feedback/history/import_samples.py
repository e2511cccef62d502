"""Samples of an export as chunks of the record.

Most of an export is samples, so their file is read in blocks of a megabyte whose numbers numpy finds by itself. Where
a block is not as we write it (quotes, a number written another way, an error), the rest is read cell by cell, which
takes longer and can say what is wrong.
"""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

import numpy as np

from feedback.history import tables as t
from feedback.history.cells import CellError, reader_of
from feedback.history.codec import Samples, encode_tightly, joined
from feedback.history.digits import from_digits
from feedback.history.errors import BadImportError
from feedback.history.import_rows import LINE_MAX, Lines, header_places
from feedback.signal import NO_DEVICE_CLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from feedback.history.export_spec import Spec
    from feedback.history.import_rows import Known

_BLOCK = 1 << 20
_CHUNK_US = 60_000_000
_CHUNK_SAMPLES = 60_000
_ROWS = 5_000
_ID = 36

Piece = tuple[int, UUID, "NDArray[np.int64]", Samples]
"""The line of the first sample, its session (or attempt), the number of each sample's calibration (0 for none), and
the samples."""


def read_chunks(spec: Spec, stream: BinaryIO, known: Known) -> Iterator[list[dict[str, Any]]]:
    """Rows of `sample_chunk` or `attempt_chunk`; a chunk is up to a minute long.

    Raises:
        BadImportError: something makes no sense; the message names file, line and column.
    """
    table = spec.table
    owner = "session_id" if table is t.sample_chunk else "attempt_id"
    reader = _Reader(spec, owner, stream)
    done: set[UUID] = set()
    of: UUID | None = None
    chunks: _Chunks | None = None
    for line, owner_id, calibrations, samples in reader.pieces():
        if owner_id != of:
            if chunks is not None:
                yield from chunks.end()
            if owner_id in done:
                raise reader.bad(line, f"samples of {owner_id} stand in two places", owner)
            if not known.has(owner.removesuffix("_id"), owner_id):
                raise reader.bad(line, f"{owner_id} is not in this export", owner)
            done.add(owner_id)
            of, chunks = owner_id, _Chunks(owner, owner_id, known, calibrated=owner == "session_id")
        assert chunks is not None
        unknown = chunks.unknown(calibrations)
        if unknown is not None:
            reason = f"there is no calibration {calibrations[unknown]} of this session"
            raise reader.bad(line + unknown, reason, "calibration")
        yield from chunks.add(calibrations, samples)
    if chunks is not None:
        yield from chunks.end()


class _Chunks:
    """Gathers the samples of one session and cuts them into chunks."""

    def __init__(self, owner: str, owner_id: UUID, known: Known, *, calibrated: bool) -> None:
        self._owner, self._owner_id = owner, owner_id
        self._numbers = known.calibrations.get(owner_id, {})
        self._calibrated = calibrated
        self._seq = 0
        self._number = 0
        self._waiting: list[Samples] = []

    def unknown(self, calibrations: NDArray[np.int64]) -> int | None:
        """Place of the first that the session does not have."""
        wrong = ~np.isin(calibrations, [0, *self._numbers])
        return int(np.argmax(wrong)) if wrong.any() else None

    def add(self, calibrations: NDArray[np.int64], samples: Samples) -> Iterator[list[dict[str, Any]]]:
        cuts = (np.flatnonzero(np.diff(calibrations)) + 1).tolist()
        for first, stop in pairwise([0, *cuts, len(samples)]):
            number = int(calibrations[first])
            if self._waiting and number != self._number:
                yield from self.end()
            self._number = number
            self._waiting.append(samples.part(first, stop))
            if sum(map(len, self._waiting)) >= _CHUNK_SAMPLES or self._span() >= 2 * _CHUNK_US:
                yield from self.end()

    def end(self) -> Iterator[list[dict[str, Any]]]:
        if not self._waiting:
            return
        samples, self._waiting = joined(self._waiting), []
        rows: list[dict[str, Any]] = []
        start = 0
        reached = np.maximum.accumulate(samples.t_us)
        while start < len(samples):
            stop = int(np.searchsorted(reached, int(reached[start]) + _CHUNK_US))
            stop = max(start + 1, min(stop, start + _CHUNK_SAMPLES))
            rows.append(self._row(samples.part(start, stop)))
            start = stop
        yield rows

    def _span(self) -> int:
        return int(self._waiting[-1].t_us[-1]) - int(self._waiting[0].t_us[0])

    def _row(self, samples: Samples) -> dict[str, Any]:
        codec, payload = encode_tightly(samples)
        row: dict[str, Any] = {
            self._owner: self._owner_id,
            "seq": self._seq,
            "t0_us": int(samples.t_us.min()),
            "t1_us": int(samples.t_us.max()),
            "n": len(samples),
            "lost": int(samples.lost_before.sum()),
            "codec": codec,
            "payload": payload,
        }
        if self._calibrated:
            row["calibration_id"] = self._numbers[self._number] if self._number else None
        self._seq += 1
        return row


class _Reader:
    """The file as pieces of one session each."""

    def __init__(self, spec: Spec, owner: str, stream: BinaryIO) -> None:
        self._spec, self._owner = spec, owner
        self._stream = stream
        self._file = f"{spec.name}.csv"
        self._line = 1
        self._flags: dict[bytes, int] = {b"": 0}
        self._columns = {column.name: column for column in spec.columns if column.kept is not None}

    def bad(self, line: int, reason: str, column: str) -> BadImportError:
        """What is wrong with a line."""
        return BadImportError(f"{self._file}, line {line}, column {column}: {reason}")

    def pieces(self) -> Iterator[Piece]:
        head = self._stream.readline(LINE_MAX)
        header = next(iter(Lines(self._file, io.BytesIO(head))), list[str]())
        self._places = header_places(self._spec, header, self._file)
        self._width = len(header)
        self._line = 2
        rest = b""
        while block := self._stream.read(_BLOCK):
            block = rest + block
            end = block.rfind(b"\n") + 1
            block, rest = block[:end], block[end:]
            if not block:
                if len(rest) > LINE_MAX:
                    break
                continue
            try:
                pieces = list(self._fast(block))
            except ValueError:
                yield from self._slowly(block + rest)
                return
            yield from pieces
            self._line += block.count(b"\n")
        if rest:
            yield from self._slowly(rest)

    def _fast(self, block: bytes) -> Iterator[Piece]:
        """The pieces of some whole lines, if they are written as we write them.

        Raises:
            ValueError: they are not.
        """
        if b'"' in block:
            raise ValueError("quotes")
        data = np.frombuffer(block, np.uint8)
        line_ends = np.flatnonzero(data == ord("\n"))
        commas = np.flatnonzero(data == ord(","))
        n = len(line_ends)
        if len(commas) != n * (self._width - 1) or (data[line_ends - 1] != ord("\r")).any():
            raise ValueError("not as many cells as in the header")
        commas = commas.reshape(n, self._width - 1)
        first = np.concatenate([[0], line_ends[:-1] + 1])
        if (commas[:, 0] < first).any() or (commas[:, -1] >= line_ends).any():
            raise ValueError("not as many cells as in the header")

        def cells(name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            place = self._places[name]
            starts = first if place == 0 else commas[:, place - 1] + 1
            ends = commas[:, place] if place < self._width - 1 else line_ends - 1
            return starts, ends

        def numbers(name: str, decimals: int = 0, empty: int | None = None) -> NDArray[np.int64]:
            values, missing = from_digits(data, *cells(name), decimals)
            if missing.any():
                if empty is None:
                    raise ValueError("an empty cell")
                values[missing] = empty
            return values

        starts, ends = cells(self._owner)
        if (ends - starts != _ID).any():
            raise ValueError("not an id")
        ids = data[starts[:, None] + np.arange(_ID)]
        counts = numbers("counts")
        lost = numbers("lost_before")
        if (np.abs(counts) >= 1 << 31).any() or (lost < 0).any():
            raise ValueError("too large")
        samples = Samples(
            numbers("time_s", 6),
            numbers("device_t_us", empty=NO_DEVICE_CLOCK),
            counts.astype(np.int32),
            self._quality(block, *cells("quality")),
            lost,
        )
        has = "calibration" in self._places
        calibrations = numbers("calibration", empty=0) if has else np.zeros(n, np.int64)
        cuts = (np.flatnonzero((ids[1:] != ids[:-1]).any(axis=1)) + 1).tolist()
        for start, stop in pairwise([0, *cuts, n]):
            yield (
                self._line + start,
                UUID(ids[start].tobytes().decode()),
                calibrations[start:stop],
                samples.part(start, stop),
            )

    def _quality(self, block: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint8]:
        flags = np.zeros(len(starts), np.uint8)
        told = np.flatnonzero(ends > starts)
        known = self._flags
        values: list[int] = []
        for start, end in zip(starts[told].tolist(), ends[told].tolist(), strict=True):
            word = block[start:end]
            if word not in known:
                known[word] = self._small(reader_of(self._columns["quality"])(word.decode()))
            values.append(known[word])
        flags[told] = values
        return flags

    def _small(self, flags: int) -> int:
        if flags > 255:
            raise CellError("a sample has no such flag")
        return flags

    def _slowly(self, begun: bytes) -> Iterator[Piece]:
        """All that is left, cell by cell."""
        stream = io.BufferedReader(_Joined(begun, self._stream), _BLOCK)  # pyright: ignore[reportArgumentType]
        lines = Lines(self._file, stream, line=self._line)
        owner = self._columns[self._owner]
        names = ("time_s", "device_t_us", "counts", "quality", "lost_before", "calibration")
        readers = [
            (name, self._places[name], reader_of(self._columns[name]))
            for name in names
            if name in self._places
        ]
        place, read_owner = self._places[self._owner], reader_of(owner)
        of: UUID | None = None
        begun_at = self._line
        rows: list[list[Any]] = []
        for cells in lines:
            if not cells:
                continue
            if len(cells) != self._width:
                raise lines.bad(f"there are {len(cells)} cells where the header has {self._width}")
            name = owner.name
            try:
                owner_id = read_owner(cells[place])
                row: list[Any] = []
                for name, at, read in readers:
                    row.append(read(cells[at]))
                    _check(name, row[-1])
            except CellError as error:
                raise lines.bad(str(error), name) from None
            if rows and (owner_id != of or len(rows) >= _ROWS):
                yield _piece(begun_at, of, rows)
                rows = []
            if not rows:
                of, begun_at = owner_id, lines.line
            rows.append(row)
        if rows:
            yield _piece(begun_at, of, rows)


def _check(name: str, value: int | None) -> None:
    limits = {"counts": (-(1 << 31), 1 << 31), "quality": (0, 256), "lost_before": (0, 1 << 63)}
    low, high = limits.get(name, (-(1 << 63), 1 << 63))
    if value is not None and not low <= value < high:
        raise CellError(f"{value} cannot be")


def _piece(line: int, owner_id: UUID | None, rows: list[list[Any]]) -> Piece:
    assert owner_id is not None
    columns = list(zip(*rows, strict=True))
    calibrations = [value or 0 for value in columns[5]] if len(columns) > 5 else [0] * len(rows)
    samples = Samples(
        np.array(columns[0], np.int64),
        np.array([NO_DEVICE_CLOCK if value is None else value for value in columns[1]], np.int64),
        np.array(columns[2], np.int64).astype(np.int32),
        np.array(columns[3], np.int64).astype(np.uint8),
        np.array(columns[4], np.int64),
    )
    return line, owner_id, np.array(calibrations, np.int64), samples


class _Joined(io.RawIOBase):
    """Some bytes, then the rest of a stream."""

    def __init__(self, begun: bytes, stream: BinaryIO) -> None:
        self._begun, self._stream = memoryview(begun), stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self._begun:
            data: bytes | memoryview = self._begun[: len(buffer)]
            self._begun = self._begun[len(data) :]
        else:
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
