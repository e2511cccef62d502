"""Whole copies of a record's file, page by page or row by row, and whether a copy is what it should be."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from feedback.history import tables as t
from feedback.history.driver import Driver
from feedback.history.errors import (
    HistoryBusyError,
    HistoryDamagedError,
    HistoryError,
    HistoryFullError,
    LockedHistoryError,
    NewerHistoryError,
    NotAHistoryError,
    SessionRunsError,
)
from feedback.history.foreign import refuse_foreign
from feedback.history.locks import running_folder, try_lock_file
from feedback.history.schema import REVISIONS
from feedback.history.work import CancelledError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from feedback.history.work import Work

_PAGES_AT_ONCE = 256
_INSTRUCTIONS_A_STEP = 20_000
"""So many instructions of SQLite's machine between two looks whether the work is still wanted: a few milliseconds."""


class Stage:
    """One part of a longer piece of work, as a `Work` of its own.

    Args:
        work: the whole.
        start: where this part begins, as a share of the whole.
        share: how much of the whole it is.
    """

    def __init__(self, work: Work, start: float, share: float) -> None:
        self._work = work
        self._start = start
        self._share = share

    def step(self, done: float, total: float, what: str = "") -> None:
        """So much of this part is done."""
        self._work.step(self._start + self._share * min(1.0, done / total if total > 0 else 0.0), 1.0, what)


def copy_pages(source: Driver, target: Driver, work: Work) -> dict[str, int]:
    """Copy a whole file into another, which is empty; whoever writes to the source meanwhile does not disturb.

    The copy is one file without companions. Both are encrypted with the same passphrase, or neither.

    Returns:
        how many rows each table of the source held at the moment of the copy.

    Raises:
        CancelledError: it was given up.
        HistoryError: one of them cannot be read or written.
    """

    def told(_status: int, remaining: int, total: int) -> None:
        work.step(total - remaining, max(1, total), "copying")

    with (
        explained(source, target),
        contextlib.closing(source.reader()) as old,
        contextlib.closing(target.connect()) as new,
    ):
        # One snapshot for the whole copy: without it, each write of a session would begin the copy anew.
        old.execute("BEGIN")
        rows = count_rows(old)
        old.backup(new, pages=_PAGES_AT_ONCE, progress=told)
        old.execute("COMMIT")
        as_one_file(new)
    return rows


def as_one_file(connection: Any) -> None:
    """Fold the -wal file in and stop using one: the record is one file then. Nobody else may have it open.

    Raises:
        sqlite3.Error: somebody has, or the file cannot be written.
    """
    mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    if mode != "delete":
        raise sqlite3.OperationalError("database is locked")


def verify(copy: Driver, work: Work, expected: Mapping[str, int] | None = None) -> dict[str, int]:
    """See that a copy is a whole record that SQLite finds nothing wrong with; only reads it.

    Args:
        copy: which.
        work: told now and then.
        expected: how many rows each table must have.

    Returns:
        how many rows each table has.

    Raises:
        HistoryDamagedError: it is damaged, or has other rows than expected.
        NotAHistoryError, NewerHistoryError, LockedHistoryError: it is no record of this Goodpain, or cannot be read.
        CancelledError: it was given up.
    """
    work.step(0.0, 1.0, "verifying")
    with (
        explained(copy),
        contextlib.closing(copy.reader()) as connection,
        watched(connection, work, "verifying"),
    ):
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if t.version.name not in names or t.client.name not in names:
            raise NotAHistoryError(
                f"{copy.named} is a database of another program: give the path of a Goodpain record"
            )
        revision = connection.execute(f"SELECT version_num FROM {t.version.name}").fetchone()  # noqa: S608
        if revision is None or revision[0] not in REVISIONS:
            raise NewerHistoryError(
                f"{copy.named} was written by a newer Goodpain: update Goodpain to use it"
            )
        refuse_foreign(connection.execute, str(copy.path))
        wrong = [row[0] for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
        if copy.passphrase is not None:
            wrong += [row[0] for row in connection.execute("PRAGMA cipher_integrity_check")]
        wrong += [
            f"a row of {row[0]} belongs to a missing row of {row[2]}"
            for row in connection.execute("PRAGMA foreign_key_check").fetchmany(3)
        ]
        rows = count_rows(connection)
    work.step(1.0, 1.0, "verifying")
    if wrong:
        found = "; ".join(" ".join(one.split()) for one in wrong[:3])
        raise HistoryDamagedError(
            f"{copy.named} is damaged ({found}): `goodpain recover` saves what can be saved from it"
        )
    if expected is not None and dict(expected) != rows:
        other = [name for name in sorted({*expected, *rows}) if expected.get(name) != rows.get(name)]
        raise HistoryDamagedError(
            f"{copy.named} does not hold what it should (other rows in {', '.join(other)})"
        )
    return rows


def count_rows(connection: Any) -> dict[str, int]:
    """How many rows each table has, by name."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {
        table.name: connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]  # noqa: S608
        for table in t.metadata.sorted_tables
        if table.name in names
    }


@contextlib.contextmanager
def held_alone(record: Path, passphrase: str | None) -> Generator[None]:
    """While the block runs no session runs in a record and no program has it open; it is one file then.

    A damaged record, or one that cannot be read with this passphrase, is held as well as its sessions' locks can.

    Raises:
        SessionRunsError: a session is running.
        HistoryBusyError: a program has it open.
    """
    with contextlib.ExitStack() as locks:
        for path in sorted(running_folder(record).glob("*.lock")):
            lock = try_lock_file(path)
            if lock is None:
                raise SessionRunsError(f"a session is running in the record {record}: end it first")
            locks.callback(lock.release)
        if record.exists():
            _fold(Driver(record, passphrase), record)
        yield


def _fold(driver: Driver, record: Path) -> None:
    try:
        with contextlib.closing(driver.connect()) as connection:
            connection.execute("PRAGMA busy_timeout = 1000")
            as_one_file(connection)
    except driver.errors as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_BUSY) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise HistoryBusyError(
                f"another program has the record {record} open: close every window of Goodpain first"
            ) from None


@contextlib.contextmanager
def watched(connection: Any, work: Work, what: str) -> Generator[None]:
    """SQLite asks now and then whether a long statement is still wanted."""
    given_up: list[CancelledError] = []
    steps = 0

    def look() -> int:
        nonlocal steps
        steps += 1
        try:
            # How far SQLite is it does not tell.
            work.step(steps, 2 * steps + 50, what)
        except CancelledError as error:
            given_up.append(error)
            return 1
        return 0

    connection.set_progress_handler(look, _INSTRUCTIONS_A_STEP)
    try:
        yield
    except Exception:
        if given_up:
            raise given_up[0] from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


@contextlib.contextmanager
def explained(*drivers: Driver) -> Generator[None]:
    """What SQLite raises, as one sentence.

    Raises:
        HistoryError: in the place of it.
    """
    errors = tuple(error for driver in drivers for error in driver.errors)
    try:
        yield
    except errors as error:
        read, written = drivers[0].named, drivers[-1].named
        raise explain(error, read, written, locked=drivers[0].passphrase is not None) from None


def explain(error: Exception, path: Path, written: Path, *, locked: bool) -> HistoryError:
    """An error of SQLite about a whole file, as one sentence.

    Args:
        error: what was raised.
        path: of the file that is read.
        written: of the one that is written, or the same.
        locked: a passphrase was given.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    # What SQLCipher's own functions fail with has the words, but not the number.
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) or str(error).startswith(
        ("disk I/O", "database or disk")
    ):
        return HistoryFullError(
            f"no space is left for {written}, or its disk is broken: free some or choose another disk; the record is "
            "as before"
        )
    if code == sqlite3.SQLITE_NOTADB and locked:
        return LockedHistoryError(
            f"this passphrase does not open {path}, or the file is damaged: give the right one"
        )
    if code == sqlite3.SQLITE_NOTADB:
        return NotAHistoryError(f"{path} is not a database: give the path of a Goodpain record")
    if code == sqlite3.SQLITE_CORRUPT:
        return HistoryDamagedError(f"{path} is damaged: `goodpain recover` saves what can be saved from it")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return HistoryBusyError(f"another program keeps {path} locked: close it first")
    return HistoryError(f"{path} answered with an error: {' '.join(str(error).split())}")
