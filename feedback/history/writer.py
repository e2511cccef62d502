"""The thread that writes rows to the record while something goes on: whoever hands it entries never waits.

Every entry goes into a queue. The thread gathers what comes within a quarter of a second (an entry of weight ends the
wait at once) and commits it in one transaction, so that a program that dies loses less than half a second. While the
disk refuses, everything stays in memory, in order, and is tried again every second; `problem` says so.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from feedback.history.errors import HistoryError, UnwrittenError
from feedback.history.locks import unlock
from feedback.history.newest import insert
from feedback.history.rescue import exists, write_rescue, write_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    import sqlalchemy as sa
    from filelock import BaseFileLock

    from feedback.history.database import Database
    from feedback.history.rows import Row

COMMIT_S = 0.25
RETRY_S = 1.0
CLOSE_S = 5.0
_ROWS_PER_COMMIT = 500
_WAITS = " (the last "
_NO_MEMORY = "no memory is left to write the record: end other programs; the newest samples wait"


def close_all(closings: Iterable[Callable[[], None]]) -> None:
    """Close each, also when one before it had something left that could not be written.

    Raises:
        UnwrittenError: of the last that had.
    """
    failure: UnwrittenError | None = None
    for close in closings:
        try:
            close()
        except UnwrittenError as error:
            failure = error
    if failure:
        raise failure


class RowSource(Protocol):
    """Collects rows in `out`; used by the writer's thread alone.

    Attributes:
        out: rows in order; whoever writes them takes them out.
        newest_us: time of the newest sample in them, microseconds from the beginning; None before the first.
    """

    out: list[Row]
    newest_us: int | None

    def flush(self) -> None:
        """Turn what is buffered into rows."""
        ...


R = TypeVar("R", bound=RowSource)


class RowWriter(Generic[R]):
    """Writes the rows of one thing that goes on (a session, an attempt) in a thread of its own.

    Attributes:
        id: of that thing.
        problem: a sentence for people while something cannot be written; empty when all is well. Nothing is dropped.
    """

    def __init__(
        self, database: Database, entity_id: UUID, rows: R, lock: BaseFileLock, *, what: str, look: str
    ) -> None:
        """Start the thread.

        Args:
            database: where to.
            entity_id: of the thing.
            rows: makes rows of entries.
            lock: held while the thing goes on, see `feedback.history.locks`.
            what: the thing in a word, for sentences: `session`.
            look: how to look at it afterwards, for sentences.
        """
        self.id = entity_id
        self.problem = ""
        self._database = database
        self._lock = lock
        self._what, self._look = what, look
        self._rows = rows
        self._queue: queue.SimpleQueue[tuple[Callable[[R], None] | None, bool]] = queue.SimpleQueue()
        self._closed = False
        self._close_lock = threading.Lock()
        self._give_up_s = float("inf")
        self._pending: deque[Row] = deque()
        self._in_doubt = 0
        self._refused: list[Row] = []
        self._short = False
        self._lost_entries = 0
        self._lost_why = ""
        self._written_us = 0
        self._failure: UnwrittenError | None = None
        self._thread = threading.Thread(target=self._run, name="goodpain-journal", daemon=True)
        self._thread.start()

    @property
    def reason(self) -> str:
        """`problem` without how much waits in memory, which changes from second to second."""
        return self.problem.partition(_WAITS)[0]

    def close(self, timeout: float = CLOSE_S) -> None:
        """Write all that is left, waiting at most about `timeout` seconds, and let go.

        What was not ended before counts as cut off, and is closed when the record is opened again.

        Raises:
            UnwrittenError: part of it could not be written to the record; the message says how much and where it is.
        """
        with self._close_lock:
            if not self._closed:
                self._closed = True
                self._give_up_s = time.monotonic() + timeout
                self._queue.put((None, True))
        # A statement that waits for another program's lock may be under way.
        self._thread.join(timeout + 2 * CLOSE_S)
        failure, self._failure = self._failure, None
        if failure:
            raise failure
        if self._thread.is_alive():
            raise UnwrittenError(
                f"the disk has not answered for a long time, so the end of this {self._what} may be missing: leave the "
                "program open for a while, then open the record again",
                self._unwritten_s(),
                None,
            )

    def _put(self, entry: Callable[[R], None], *, at_once: bool = False) -> None:
        with self._close_lock:
            if self._closed:
                raise HistoryError(f"this {self._what} has been closed: begin another one")
            self._queue.put((entry, at_once))

    # All below runs in the writer thread.

    def _run(self) -> None:
        retry_s = 0.0
        closing = False
        while not closing or self._pending or self._short:
            if closing and time.monotonic() >= self._give_up_s:
                break
            try:
                if not closing:
                    closing = self._gather(retry_s if self._pending else None)
                else:
                    time.sleep(0.1 if self._short else min(0.1, max(0.0, retry_s - time.monotonic())))
                    self._flush()
                if self._pending and (closing or time.monotonic() >= retry_s) and not self._write():
                    retry_s = time.monotonic() + (0.2 if closing else RETRY_S)
            except MemoryError:
                # The thread must live on: it is the only one that writes.
                self._short, self.problem = True, _NO_MEMORY
                time.sleep(0.1)
        self._finish()

    def _gather(self, until_s: float | None) -> bool:
        """Take entries for a quarter of a second from the first on, or until one is to be written at once.

        Waits for a first one, at most until `until_s`. Returns whether the journal is being closed.
        """
        deadline_s = until_s
        first = True
        while True:
            try:
                wait_s = None if deadline_s is None else max(0.0, deadline_s - time.monotonic())
                entry, at_once = self._queue.get(timeout=wait_s)
            except queue.Empty:
                break
            if entry is None:
                self._flush()
                return True
            if at_once:
                self._flush_at_last()
            self._take(entry)
            if at_once:
                break
            if first:
                first, deadline_s = False, time.monotonic() + COMMIT_S
        self._flush()
        return False

    def _take(self, entry: Callable[[R], None]) -> None:
        try:
            entry(self._rows)
        except Exception as error:
            # The thread must live on, whatever it was handed.
            self._lost_entries += 1
            self._lost_why = f"{error}"
            self.problem = f"an entry of this {self._what} makes no sense and is not in the record: {error}"
        self._pending.extend(self._rows.out)
        self._rows.out.clear()

    def _flush(self) -> None:
        self._short = False
        self._take(self._flush_rows)

    def _flush_at_last(self) -> None:
        """Before an entry that turns what is buffered into rows itself: it could not be tried twice."""
        self._flush()
        while self._short and time.monotonic() < self._give_up_s:
            if self._pending:
                self._write()
            time.sleep(0.1)
            self._flush()

    def _flush_rows(self, rows: R) -> None:
        try:
            rows.flush()
        except MemoryError:
            # What is buffered waits there (`Chunks.take`) until it can be turned into rows.
            self._short, self.problem = True, _NO_MEMORY

    def _write(self) -> bool:
        """Write what is pending, oldest first; returns whether all of it is in the record."""
        while self._pending:
            # What was under way when the disk refused may have been written after all: it is asked for as one.
            count = self._in_doubt or min(len(self._pending), _ROWS_PER_COMMIT)
            batch = [self._pending[i] for i in range(count)]
            try:
                self._commit(batch)
            except (ValueError, TypeError, OverflowError):
                if not self._commit_one_by_one(batch):
                    return False
            except Exception as error:
                # Whatever it is, the thread lives on and tries again.
                self._in_doubt = count
                self._complain(error)
                return False
            self._in_doubt = 0
            for _ in batch:
                self._pending.popleft()
            self._note_written(batch)
        if not self._refused and not self._lost_entries and not self._short:
            self.problem = ""
        return True

    def _commit(self, batch: list[Row]) -> None:
        with self._database.writing() as connection:
            if self._in_doubt:
                first = next((row for row in batch if not row.update), None)
                if first and exists(connection, first):
                    return
            for (table, update), group in groupby(batch, key=lambda row: (row.table, row.update)):
                self._insert(connection, table, update, list(group))

    def _insert(self, connection: sa.Connection, table: sa.Table, update: bool, rows: list[Row]) -> None:
        if update:
            for row in rows:
                write_row(connection, row)
        else:
            insert(connection, table, [row.values for row in rows])

    def _commit_one_by_one(self, batch: list[Row]) -> bool:
        """Find the entry that the record refuses and set it aside; the others go in."""
        for row in batch:
            try:
                with self._database.writing() as connection:
                    if row.update or not exists(connection, row):
                        self._insert(connection, row.table, row.update, [row])
            except (ValueError, TypeError, OverflowError) as error:
                if row not in self._refused:
                    self._refused.append(row)
                self.problem = str(error)
            except Exception as error:
                self._complain(error)
                return False
        return True

    def _note_written(self, batch: list[Row]) -> None:
        for row in batch:
            self._written_us = max(self._written_us, row.values.get("t1_us", 0))

    def _unwritten_s(self) -> float:
        newest_us = self._rows.newest_us
        return 0.0 if newest_us is None else max(0.0, (newest_us - self._written_us) / 1e6)

    def _complain(self, error: Exception) -> None:
        self.problem = f"{error}{_WAITS}{self._unwritten_s():.0f} s of this {self._what} wait in memory)"

    def _finish(self) -> None:
        if self._short:
            self._lost_entries, self._lost_why = self._lost_entries + 1, "no memory was left for it"
        left = [*self._refused, *self._pending]
        try:
            if left:
                self._failure = self._rescue(left)
            elif self._lost_entries:
                self._failure = self._senseless()
            else:
                self._tidy()
        finally:
            unlock(self._lock)

    def _tidy(self) -> None:
        """All is written, and the lock is held still: what else is to be done."""

    def _rescue(self, left: list[Row]) -> UnwrittenError:
        path = write_rescue(self._database, self.id, left)
        place = (
            f"they are in {path}, and opening the record again takes them in"
            if path
            else "no other place could be written either, so they are lost"
        )
        unwritten_s = self._unwritten_s()
        reason = self.reason
        if self._lost_entries:
            reason = f"{reason}; {self._senseless()}"
        return UnwrittenError(
            f"{unwritten_s:.1f} s ({len(left)} entries) of this {self._what} are not in the record, {place}; {reason}",
            unwritten_s,
            path,
        )

    def _senseless(self) -> UnwrittenError:
        count = self._lost_entries
        entries, are = ("1 entry", "is") if count == 1 else (f"{count} entries", "are")
        return UnwrittenError(
            f"{entries} of this {self._what} made no sense and {are} not in the record: {self._look}, all the rest is "
            f"there ({self._lost_why})",
            0.0,
            None,
        )
