"""The journal of a running session: whoever calls it never waits, one thread writes.

Every call puts a note into a queue. The writer thread gathers what comes within a quarter of a second (a report ends
the wait at once) and commits it in one transaction, so that a program that dies loses less than half a second. While
the disk refuses, everything stays in memory, in order, and is tried again every second; `problem` says so.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from feedback.history.errors import HistoryError, UnwrittenError
from feedback.history.locks import unlock
from feedback.history.newest import insert
from feedback.history.records import Posterior
from feedback.history.rescue import exists, write_rescue, write_row
from feedback.history.rows import Row, Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import sqlalchemy as sa
    from filelock import BaseFileLock

    from feedback.band import Band
    from feedback.coach.phases import PhaseRecord, ThresholdResult
    from feedback.comfort import Report
    from feedback.history.database import Database
    from feedback.history.records import SessionStart
    from feedback.press import Press
    from feedback.signal import Calibration, ForceBlock

BAND_MODEL = "GoodPainBand"
"""Version of stored band models: their bytes carry their own."""
COMMIT_S = 0.25
RETRY_S = 1.0
CLOSE_S = 5.0
_ROWS_PER_COMMIT = 500


class SessionJournal:
    """What a `Session` writes to (a `feedback.journal.Journal`); made by `History.begin_session`.

    Times are on the clock of the samples, whose value at the start is `SessionStart.t0_s`. Calls keep their order.
    `calibration` must be told before the first samples that it is in force for: the record keeps raw counts.

    Attributes:
        id: of the session.
        problem: a sentence for people while something cannot be written; empty when all is well. Nothing is dropped.
    """

    def __init__(
        self,
        database: Database,
        session_id: UUID,
        start: SessionStart,
        lock: BaseFileLock,
        now: Callable[[], datetime],
    ) -> None:
        self.id = session_id
        self.problem = ""
        self._database = database
        self._lock = lock
        self._now = now
        self._rows = Rows(session_id, start)
        self._queue: queue.SimpleQueue[tuple[Callable[[Rows], None] | None, bool]] = queue.SimpleQueue()
        self._closed = False
        self._close_lock = threading.Lock()
        self._give_up_s = float("inf")
        self._pending: deque[Row] = deque()
        self._in_doubt = 0
        self._refused: list[Row] = []
        self._lost_entries = 0
        self._lost_why = ""
        self._written_us = 0
        self._failure: UnwrittenError | None = None
        self._thread = threading.Thread(target=self._run, name="goodpain-journal", daemon=True)
        self._thread.start()

    def calibration(self, calibration: Calibration | None, time_s: float) -> None:
        """From now on counts become newtons this way (None: they do not)."""
        self._put(lambda rows: rows.calibration(calibration, time_s))

    def samples(self, block: ForceBlock) -> None:
        """Keep a block."""
        self._put(lambda rows: rows.samples(block))

    def point(self, point_id: UUID, time_s: float) -> None:
        """From now on presses and reports belong to this point."""
        self._put(lambda rows: rows.point(point_id, time_s))

    def band(self, band: Band | None, ceiling_kpa: float, time_s: float) -> None:
        """The band and ceiling in force from now on."""
        at = self._now()
        self._put(lambda rows: rows.band(band, ceiling_kpa, time_s, at))

    def learned(self, data: bytes, time_s: float) -> None:
        """Keep what the band model has learned at this point, for the next visit."""
        at = self._now()
        self._put(lambda rows: rows.learned(Posterior(data, BAND_MODEL), time_s, at))

    def sensor(self, *, serial: str, device: str, dialect: str, clock: str) -> None:
        """Fill in what the sensor has told of itself since the session began."""
        values = {"sensor_serial": serial, "sensor_device": device, "dialect": dialect, "clock": clock}
        self._put(lambda rows: rows.sensor(values))

    def report(self, report: Report, pressure_kpa: float | None, press_id: UUID | None, quality: int) -> UUID:
        """Keep a report, at once; returns its id."""
        report_id = uuid4()
        self._put(lambda rows: rows.report(report_id, report, pressure_kpa, press_id, quality), at_once=True)
        return report_id

    def correct(self, report_id: UUID, time_s: float) -> None:
        """Take a report back by a correcting row."""
        self._put(lambda rows: rows.correct(report_id, time_s), at_once=True)

    def press(self, press_id: UUID, press: Press) -> None:
        """Keep a press that ended, with the point, band and ceiling in force."""
        self._put(lambda rows: rows.press(press_id, press))

    def phase(self, record: PhaseRecord) -> None:
        """Keep a phase of a technique that ended, with the point in force."""
        self._put(lambda rows: rows.phase(record))

    def threshold(self, result: ThresholdResult) -> None:
        """Keep a threshold that was measured, at once, with the point in force."""
        self._put(lambda rows: rows.threshold(result), at_once=True)

    def note(self, text: str, time_s: float) -> None:
        """Keep a note."""
        self._put(lambda rows: rows.event("note", time_s, text))

    def event(self, kind: str, time_s: float, text: str) -> None:
        """Keep something that happened."""
        self._put(lambda rows: rows.event(kind, time_s, text))

    def end(self, time_s: float, health: Mapping[str, float | int | None]) -> None:
        """Fill in the end and close.

        Of `health` these are kept: `checksum_errors`, `reconnects`, `rate_hz`, `clock_skew_ppm`. Samples and losses
        are counted here, over this session alone.

        Raises:
            UnwrittenError: see `close`.
        """
        self._put(lambda rows: rows.end(time_s, health), at_once=True)
        self.close()

    def close(self, timeout: float = CLOSE_S) -> None:
        """Write all that is left, waiting at most about `timeout` seconds, and let go of the session.

        Without `end` before it the session counts as cut off, and `History.recover` will close it.

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
                "the disk has not answered for a long time, so the end of this session may be missing: leave the "
                "program open for a while, then open the record again",
                self._unwritten_s(),
                None,
            )

    def _put(self, entry: Callable[[Rows], None], *, at_once: bool = False) -> None:
        with self._close_lock:
            if self._closed:
                raise HistoryError("this session has been closed: begin another one")
            self._queue.put((entry, at_once))

    # All below runs in the writer thread.

    def _run(self) -> None:
        retry_s = 0.0
        closing = False
        while not closing or self._pending:
            if not closing:
                closing = self._gather(retry_s if self._pending else None)
            elif time.monotonic() >= self._give_up_s:
                break
            else:
                time.sleep(min(0.1, max(0.0, retry_s - time.monotonic())))
            if self._pending and (closing or time.monotonic() >= retry_s) and not self._write():
                retry_s = time.monotonic() + (0.2 if closing else RETRY_S)
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
                self._take(Rows.flush)
                return True
            self._take(entry)
            if at_once:
                break
            if first:
                first, deadline_s = False, time.monotonic() + COMMIT_S
        self._take(Rows.flush)
        return False

    def _take(self, entry: Callable[[Rows], None]) -> None:
        try:
            entry(self._rows)
        except Exception as error:
            # The thread must live on, whatever it was handed.
            self._lost_entries += 1
            self._lost_why = f"{error}"
            self.problem = f"an entry of this session makes no sense and is not in the record: {error}"
        self._pending.extend(self._rows.out)
        self._rows.out.clear()

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
        if not self._refused and not self._lost_entries:
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
        self.problem = f"{error} (the last {self._unwritten_s():.0f} s of this session wait in memory)"

    def _finish(self) -> None:
        left = [*self._refused, *self._pending]
        try:
            if left:
                self._failure = self._rescue(left)
            elif self._lost_entries:
                self._failure = self._senseless()
        finally:
            unlock(self._lock)

    def _rescue(self, left: list[Row]) -> UnwrittenError:
        path = write_rescue(self._database, self.id, left)
        place = (
            f"they are in {path}, and opening the record again takes them in"
            if path
            else "no other place could be written either, so they are lost"
        )
        unwritten_s = self._unwritten_s()
        reason = self.problem.split(" (the last ")[0]
        if self._lost_entries:
            reason = f"{reason}; {self._senseless()}"
        return UnwrittenError(
            f"{unwritten_s:.1f} s ({len(left)} entries) of this session are not in the record, {place}; {reason}",
            unwritten_s,
            path,
        )

    def _senseless(self) -> UnwrittenError:
        count = self._lost_entries
        entries, are = ("1 entry", "is") if count == 1 else (f"{count} entries", "are")
        return UnwrittenError(
            f"{entries} of this session made no sense and {are} not in the record: look at the session with "
            f"`goodpain history`, all the rest is there ({self._lost_why})",
            0.0,
            None,
        )
