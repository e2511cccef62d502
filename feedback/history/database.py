"""The database itself: connections, and everything that is particular to SQLite.

No other module holds SQL that only SQLite knows. A SQLite record is one file, readable by its owner only, in WAL mode
with synchronous=FULL (what is committed survives a power cut), with deleted content overwritten (secure_delete).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
    SQLAlchemyError,
)

from feedback.history.errors import (
    BadEntryError,
    HistoryBusyError,
    HistoryDamagedError,
    HistoryError,
    HistoryFullError,
    HistoryOpenError,
    HistoryReadOnlyError,
    NoHistoryError,
    NotAHistoryError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

BUSY_TIMEOUT_S = 5.0
"""How long a statement waits for another program's lock."""

_TRANSACTION = "goodpain_transaction"
"""Execution option: `write` takes the lock at the start, `none` runs outside of any transaction."""


def parse_where(where: str | Path) -> URL:
    """A file name or URL as a URL.

    Raises:
        HistoryOpenError: it is no URL, or a SQLite URL without a file.
    """
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(Path(where).expanduser().absolute()))
    try:
        url = make_url(where)
    except ArgumentError:
        raise HistoryOpenError(
            f"“{where}” is not the address of a database: give a file, or something like "
            "postgresql+psycopg://user@server/goodpain"
        ) from None
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise HistoryOpenError("the record needs a file of its own: give its path, for example record.db")
    return url.set(database=str(Path(url.database).expanduser().absolute()), query={})


class Database:
    """An engine with its place; the way to every connection.

    Attributes:
        engine: SQLAlchemy's.
        path: the SQLite file, or None on a server.
        read_only: nothing is ever written, not even where one might.
    """

    def __init__(self, where: str | Path, *, create: bool = True, read_only: bool = False) -> None:
        """Open or make the file and see that it answers.

        Args:
            where: a file or an SQLAlchemy URL.
            create: make the file and its folder when missing.
            read_only: open for reading alone, also where nothing may be written; never makes anything.

        Raises:
            NoHistoryError: the file is missing and is not to be made.
            HistoryOpenError: and its kinds; one sentence each.
        """
        url = parse_where(where)
        self.path = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
        self.name = str(self.path) if self.path else url.render_as_string(hide_password=True)
        self.read_only = read_only
        if self.path and (read_only or not create) and not self.path.exists():
            raise NoHistoryError(
                f"there is no record {self.path} yet: record a session first, or give another place"
            )
        if self.path and not read_only:
            _prepare_file(self.path)
        options: dict[str, Any] = {}
        if self.path:
            options["connect_args"] = {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
        if self.path and read_only:
            options["creator"] = _Reader(self.path)
        try:
            # What clients said has no place in an error message.
            self.engine = sa.create_engine(url, hide_parameters=True, **options)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise HistoryOpenError(
                f"there is no driver for {url.drivername} ({error}): install it or use a file"
            ) from None
        if self.path:
            event.listen(self.engine, "connect", _set_up_reader if read_only else _set_up_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        elif read_only:
            event.listen(self.engine, "begin", _begin_reading)
        try:
            self._try_out()
        except BaseException:
            self.engine.dispose()
            raise

    @contextmanager
    def reading(self) -> Generator[sa.Connection]:
        """A connection for reading.

        Raises:
            HistoryError: in place of whatever the driver raises.
        """
        with self._translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[sa.Connection]:
        """A connection in a transaction that is committed at the end; on SQLite it holds the write lock from the start.

        Raises:
            HistoryError: in place of whatever the driver raises.
        """
        with (
            self._translated(),
            self.engine.connect().execution_options(**{_TRANSACTION: "write"}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self.explain(error) from error

    def explain(self, error: SQLAlchemyError) -> HistoryError:
        """The driver's error as one sentence of ours."""
        refused = isinstance(error, IntegrityError | DataError | ProgrammingError)
        if refused or not isinstance(error, DBAPIError):
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            return BadEntryError(f"the record {self.name} refuses an entry: {reason}")
        original = error.orig
        code = getattr(original, "sqlite_errorcode", 0) & 0xFF
        name = self.name
        if code == sqlite3.SQLITE_FULL:
            return HistoryFullError(f"no space is left for the record {name}: free some on that disk")
        if code == sqlite3.SQLITE_IOERR:
            return HistoryFullError(
                f"the disk refuses to write or read the record {name}: see whether it is full, unplugged or broken"
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return HistoryBusyError(
                f"another program keeps the record {name} locked: close the program that has it open"
            )
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
            return HistoryReadOnlyError(
                f"the record {name} cannot be written: give yourself write access to it and its folder"
            )
        if code == sqlite3.SQLITE_NOTADB:
            return NotAHistoryError(
                f"{name} is not a database: give the path of a Goodpain record, or a new one"
            )
        if code == sqlite3.SQLITE_CORRUPT:
            return HistoryDamagedError(f"the record {name} is damaged: put back the last backup")
        if code == sqlite3.SQLITE_CANTOPEN:
            return HistoryOpenError(
                f"the record {name} cannot be opened: see that its folder exists and is yours"
            )
        text = " ".join(str(original).split())
        return HistoryError(f"the record {name} answered with an error: {text}")

    def problems(self) -> list[str]:
        """What SQLite itself finds wrong with the file; empty when all is well or on a server."""
        if not self.path:
            return []
        try:
            with self.reading() as connection:
                found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
                orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        except HistoryError as error:
            return [str(error)]
        broken = [f"the file is damaged: {text}" for text in found if text != "ok"]
        return broken + [f"a row of {row[0]} belongs to a missing row of {row[2]}" for row in orphans]

    def copy_to(self, path: Path) -> None:
        """Write the whole record to a new file, readable by its owner only.

        Raises:
            HistoryError: the file exists or cannot be written, or the record is on a server.
        """
        if not self.path:
            raise HistoryError("a record on a server is backed up with the server's own tools")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise HistoryError(
                f"the backup {path} cannot be made ({error.strerror}): choose another name or folder"
            ) from None
        try:
            with self._translated(), self.engine.connect() as connection:
                outside = connection.execution_options(**{_TRANSACTION: "none"})
                outside.exec_driver_sql("VACUUM INTO ?", (str(path),))
        except HistoryError:
            path.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        """Close all connections; SQLite then folds its -wal file into the record."""
        self.engine.dispose()

    def _try_out(self) -> None:
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                with self.engine.connect() as connection:
                    connection.execute(sa.text("SELECT 1"))
            except SQLAlchemyError as error:
                explained = self.explain(error)
                # Switching a new file to WAL does not wait for another process that does the same.
                if isinstance(explained, HistoryBusyError) and time.monotonic() < deadline:
                    time.sleep(0.05)
                    continue
                if isinstance(explained, HistoryOpenError | HistoryBusyError | HistoryDamagedError):
                    raise explained from None
                raise HistoryOpenError(f"the record cannot be opened: {explained}") from None
            return


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Transactions are begun by `_begin_sqlite`, not by the driver, so that table changes are part of them too.
    connection.isolation_level = None
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _set_up_reader(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")


class _Reader:
    """Opens connections to a file that may only be read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> sqlite3.Connection:
        connection = self._connect("mode=ro")
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            connection.close()
            # Where not even the -shm file can be made, SQLite reads a file in WAL mode only as one that nobody changes.
            # Without a -wal file nobody does.
            wal = self._path.with_name(f"{self._path.name}-wal")
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or (
                wal.exists() and wal.stat().st_size
            ):
                raise
            return self._connect("immutable=1")
        return connection

    def _connect(self, how: str) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?{how}"
        return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False)


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and then writes could not wait for a lock: it asks for it at the start.
    kind = connection.get_execution_options().get(_TRANSACTION, "read")
    if kind != "none":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if kind == "write" else "BEGIN")


def _prepare_file(path: Path) -> None:
    """Make folder (0700) and file (0600); SQLite gives its -wal and -shm files the rights of the file."""
    try:
        taken = path.is_dir()
        missing = [folder for folder in path.parents if not folder.exists()]
        for folder in reversed(missing):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
        descriptor = -1 if taken else os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        place = error.filename or path
        raise HistoryOpenError(
            f"the record {path} cannot be made or written ({place}: {error.strerror}): choose another place for it"
        ) from None
    if taken:
        raise HistoryOpenError(
            f"{path} is a folder: give the path of a file in it, such as {path / 'history.db'}"
        )
    try:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077 and hasattr(os, "fchmod"):
            with contextlib.suppress(OSError):
                os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    if not os.access(path.parent, os.W_OK):
        raise HistoryOpenError(
            f"the folder {path.parent} cannot be written: give yourself write access or choose another place"
        )
