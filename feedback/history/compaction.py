"""Samples of sessions that have ended, packed tighter: half-second chunks become chunks of about a minute.

The samples stay the same to the bit, and each merged chunk is read back and compared before anything is written. Until
the new chunks stand in a temporary file all is only read, so that whoever cancels leaves the record as it was. Then
they take the place of the old ones, each minute whole or not at all, whatever happens to the program meanwhile.
Sessions that run are left alone and may go on; so are minutes that cannot be read.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.codec import PLANES, Samples, decode, encode_tightly, joined
from feedback.history.errors import HistoryDamagedError, HistoryFullError, HistoryReadOnlyError
from feedback.history.locks import lock_folder, try_lock, unlock
from feedback.history.rescue import find_rescues
from feedback.history.work import SILENT, CancelledError, Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from feedback.history.database import Database
    from feedback.history.store import History

MINUTE_US = 60_000_000
MAX_CHUNKS = 500
MAX_SAMPLES = 1 << 17
"""A merged chunk spans a minute at most, and comes from so many chunks and holds so many samples at most."""
WORTH_BYTES = 1 << 20
"""Less free room than this in the file is not given back to the disk: it is used again soon."""
_BATCH_BYTES = 2 << 20
_HEADS_AT_ONCE = 1000
_WRITING = 0.3
"""Taking the place of the old chunks takes about so long beside making the new ones."""


@dataclass(frozen=True, slots=True)
class CompactionResult:
    """What packing came to.

    Attributes:
        sessions: that were packed now.
        chunks_before: chunks of theirs that were merged.
        chunks_after: and what they became.
        samples: in them.
        bytes_before: size of the record's file before, with its -wal; 0 on a server.
        bytes_after: and after.
        damaged: minutes that could not be read and were left as they are.
        room: why the room was not given back to the disk, as a sentence; empty when it was.
    """

    sessions: int
    chunks_before: int
    chunks_after: int
    samples: int
    bytes_before: int
    bytes_after: int
    damaged: int = 0
    room: str = ""


@dataclass(frozen=True, slots=True)
class _Merged:
    """A chunk in place of others, whose ids it names; the payload is in memory or stands in a file."""

    ids: tuple[int, ...]
    row: dict[str, Any]
    payload: bytes | None = None
    at: int = 0
    length: int = 0


def compact(history: History, session_id: UUID | None = None, work: Work = SILENT) -> CompactionResult:
    """Pack the samples of one ended session, or of all of them, and give the room back to the disk.

    The room is given back only while no session runs: it takes the whole file.

    Raises:
        CancelledError: it was given up; everything is as before.
        HistoryError: the record cannot be written, or no room is left for the temporary file.
    """
    database = history.database
    if database.read_only:
        raise HistoryReadOnlyError(
            f"the record {database.name} may only be read: pack it where it may be written"
        )
    bytes_before = _size(database)
    sessions = _ended(database, session_id)
    total = max(1.0, sum(samples for _, samples in sessions) * (1 + _WRITING))
    merged: list[_Merged] = []
    damaged, done = 0, 0.0
    try:
        with _away(database) as file:
            for one, samples in sessions:
                work.step(done, total, "packing")
                for chunk in _merge_session(database, one):
                    if chunk is None:
                        damaged += 1
                        continue
                    merged.append(_put_away(file, chunk))
                    work.step(done, total, "packing")
                done += samples
            work.step(done, total, "writing")
            _take_their_place(database, merged, file, _Unstoppable(work, done, total))
    except OSError as error:
        raise HistoryFullError(
            f"packing needs a temporary file beside the record ({error.strerror}): free some room on that disk"
        ) from None
    room = _give_back(database) if database.free_bytes() >= WORTH_BYTES else ""
    return CompactionResult(
        sessions=len({chunk.row["session_id"] for chunk in merged}),
        chunks_before=sum(len(chunk.ids) for chunk in merged),
        chunks_after=len(merged),
        samples=sum(chunk.row["n"] for chunk in merged),
        bytes_before=bytes_before,
        bytes_after=_size(database),
        damaged=damaged,
        room=room,
    )


def pack_ended(database: Database, session_id: UUID, within_s: float) -> int:
    """Pack as much of a session that has ended as is done within a moment; returns how many chunks went.

    For whoever ends a session: nobody waits for more than the moment, and `compact` does the rest one day.

    Raises:
        HistoryError: the record cannot be written; everything is as before.
    """
    if within_s <= 0 or not _ended(database, session_id):
        return 0
    until_s = time.monotonic() + within_s
    merged: list[_Merged] = []
    for chunk in _merge_session(database, session_id):
        if chunk is not None:
            merged.append(chunk)
        if time.monotonic() >= until_s:
            break
    if merged:
        with database.writing() as connection:
            for chunk in merged:
                _replace(connection, chunk, chunk.payload or b"")
    return sum(len(chunk.ids) for chunk in merged)


def _ended(database: Database, session_id: UUID | None) -> list[tuple[UUID, int]]:
    """Sessions that may be packed, oldest first, with how many samples they say they have."""
    # What was rescued may hold chunks that the record has already: they are told apart by their numbers.
    rescued = {session for _, session in find_rescues(database)}
    query = sa.select(t.session.c.id, t.session.c.samples).where(t.session.c.ended_at.is_not(None))
    if session_id is not None:
        query = query.where(t.session.c.id == session_id)
    with database.reading() as connection:
        rows = connection.execute(query.order_by(t.session.c.started_at)).fetchall()
    return [(row.id, row.samples or 0) for row in rows if row.id not in rescued]


def _merge_session(database: Database, session_id: UUID) -> Iterator[_Merged | None]:
    """The merged chunks of a session that can be smaller than they are; None for those that cannot be read."""
    chunk = t.sample_chunk.c
    for group in _groups(_heads(database, session_id)):
        with database.reading() as connection:
            query = sa.select(chunk.id, chunk.payload).where(chunk.id.in_([row.id for row in group]))
            payloads = {row.id: bytes(row.payload) for row in connection.execute(query)}
        if len(payloads) == len(group):
            yield _merge(group, [payloads[row.id] for row in group])


def _heads(database: Database, session_id: UUID) -> Iterator[Any]:
    """The chunks of a session without their samples, in order; a page at a time, as a long session has many."""
    chunk = t.sample_chunk.c
    heads = [column for column in chunk if column.name != chunk.payload.name]
    page = sa.select(*heads).where(chunk.session_id == session_id).order_by(chunk.seq).limit(_HEADS_AT_ONCE)
    seq = -1
    while True:
        with database.reading() as connection:
            rows = connection.execute(page.where(chunk.seq > seq)).fetchall()
        yield from rows
        if len(rows) < _HEADS_AT_ONCE:
            return
        seq = rows[-1].seq


def _groups(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Chunks to be merged: they follow each other, under one calibration, within a minute."""
    group: list[Any] = []
    for row in rows:
        if group and not _fits(group, row):
            if _worth_it(group):
                yield group
            group = []
        group.append(row)
    if group and _worth_it(group):
        yield group


def _fits(group: Sequence[Any], row: Any) -> bool:
    first = group[0]
    return (
        row.calibration_id == first.calibration_id
        and max(row.t1_us, group[-1].t1_us) - min(row.t0_us, first.t0_us) <= MINUTE_US
        and len(group) < MAX_CHUNKS
        and sum(other.n for other in group) + row.n <= MAX_SAMPLES
    )


def _worth_it(group: Sequence[Any]) -> bool:
    return len(group) > 1 or group[0].codec != PLANES


def _merge(group: Sequence[Any], payloads: Sequence[bytes]) -> _Merged | None:
    first = group[0]
    try:
        samples = joined([decode(row.codec, data, row.n) for row, data in zip(group, payloads, strict=True)])
    except HistoryDamagedError:
        return None
    codec, payload = encode_tightly(samples)
    if not _same(decode(codec, payload, len(samples)), samples):
        return None
    row = {
        "session_id": first.session_id,
        "seq": first.seq,
        "t0_us": min(row.t0_us for row in group),
        "t1_us": max(row.t1_us for row in group),
        "n": len(samples),
        "lost": sum(row.lost for row in group),
        "calibration_id": first.calibration_id,
        "codec": codec,
    }
    return _Merged(tuple(row.id for row in group), row, payload)


def _same(one: Samples, other: Samples) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Samples.__slots__)


def _away(database: Database) -> IO[bytes]:
    """A place for what is packed. Where the system can it has no name: nothing is left of it, even by kill -9."""
    if database.encrypted:
        # What the database keeps secret goes to no other file.
        return io.BytesIO()
    return tempfile.TemporaryFile(dir=database.path.parent if database.path else None)


def _put_away(file: IO[bytes], chunk: _Merged) -> _Merged:
    payload = chunk.payload or b""
    at = file.tell()
    file.write(payload)
    return _Merged(chunk.ids, chunk.row, None, at, len(payload))


def _take_their_place(
    database: Database, merged: Sequence[_Merged], file: IO[bytes], work: _Unstoppable
) -> None:
    """Write the merged chunks, some megabytes a transaction, so that a running session never waits for long."""
    start = 0
    while start < len(merged):
        stop, size = start, 0
        while stop < len(merged) and (stop == start or size + merged[stop].length <= _BATCH_BYTES):
            size += merged[stop].length
            stop += 1
        with database.writing() as connection:
            for chunk in merged[start:stop]:
                file.seek(chunk.at)
                _replace(connection, chunk, file.read(chunk.length))
        start = stop
        work.step(start / len(merged), "writing")


def _replace(connection: sa.Connection, chunk: _Merged, payload: bytes) -> None:
    """Put a merged chunk in place of its parts, if they are all there still."""
    # A server has no lock on the whole: of two who pack, the second waits here and finds them gone.
    there = (
        connection.execute(
            sa.select(t.sample_chunk.c.id).where(t.sample_chunk.c.id.in_(chunk.ids)).with_for_update()
        )
        .scalars()
        .all()
    )
    if len(there) != len(chunk.ids):
        return
    connection.execute(t.sample_chunk.delete().where(t.sample_chunk.c.id.in_(chunk.ids)))
    connection.execute(t.sample_chunk.insert(), [{**chunk.row, "payload": payload}])


def _give_back(database: Database) -> str:
    """Give free room back to the disk; returns why not, as a sentence."""
    if _runs(database):
        return "a session is running: pack again when it has ended"
    return database.sweep()


def _runs(database: Database) -> bool:
    with database.reading() as connection:
        open_ids = connection.execute(
            sa.select(t.session.c.id).where(t.session.c.ended_at.is_(None))
        ).scalars()
        for session_id in open_ids.all():
            lock = try_lock(lock_folder(database), session_id)
            if lock is None:
                return True
            unlock(lock)
    return False


def _size(database: Database) -> int:
    if not database.path:
        return 0
    files = (database.path, database.path.with_name(f"{database.path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


class _Unstoppable:
    """The last part of the work, which is not given up half way."""

    def __init__(self, work: Work, done: float, total: float) -> None:
        self._work = work
        self._done = done
        self._total = total

    def step(self, share: float, what: str) -> None:
        """So much of this part is done, 0 to 1."""
        with contextlib.suppress(CancelledError):
            self._work.step(self._done + share * (self._total - self._done), self._total, what)
