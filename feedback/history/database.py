"""The database itself: connections, and everything that is particular to SQLite.

A SQLite record is one file, readable by its owner only, in WAL mode with synchronous=FULL (what is committed survives a
power cut), with deleted content overwritten (secure_delete). SQL that only SQLite knows is here and in the modules that
work on the file itself: `backup`, `encryption` and `salvage`.
"""

from __future__ import annotations

import contextlib
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    NoSuchModuleError,
    SQLAlchemyError,
)

from feedback.history.driver import BUSY_TIMEOUT_S, HEADER, Driver, looks_encrypted
from feedback.history.errors import (
    BadEntryError,
    HistoryBusyError,
    HistoryDamagedError,
    HistoryError,
    HistoryFullError,
    HistoryOpenError,
    LockedHistoryError,
    NoHistoryError,
)
from feedback.history.files import new_file, prepare_file
from feedback.history.keeper import ask_keeper
from feedback.history.refusals import explain
from feedback.history.removed import Identity, companions, identity, write_back
from feedback.refusal import Refusal, sentence

if TYPE_CHECKING:
    from collections.abc import Generator

_TRANSACTION = "goodpain_transaction"
"""Execution option: `write` takes the lock at the start, `none` runs outside of any transaction."""
_SENSELESS = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What comes of a value of another kind than its column's, which SQLite keeps without a word."""
_FILE = "goodpain_file"
"""Of a pooled connection: which file it was opened on."""


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

    def __init__(
        self,
        where: str | Path,
        *,
        create: bool = True,
        read_only: bool = False,
        passphrase: str | None = None,
    ) -> None:
        """Open or make the file and see that it answers.

        Args:
            where: a file or an SQLAlchemy URL.
            create: make the file and its folder when missing.
            read_only: open for reading alone, also where nothing may be written; never makes anything.
            passphrase: of an encrypted file; where None is given for one, the keeper in force is asked. A file that
                is made with one is encrypted.

        Raises:
            NoHistoryError: the file is missing and is not to be made.
            LockedHistoryError: it is encrypted and the passphrase is missing or another one.
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
        self.driver = Driver(self.path, passphrase_for(self.path, passphrase)) if self.path else None
        if self.path and not read_only:
            prepare_file(self.path)
        options: dict[str, Any] = {}
        if self.driver:
            options["module"] = self.driver.module
            options["creator"] = self.driver.reader if read_only else self.driver.connect
        try:
            # What clients said has no place in an error message.
            self.engine = sa.create_engine(url, hide_parameters=True, **options)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise HistoryOpenError(
                f"there is no driver for {url.drivername} ({error}): install it or use a file"
            ) from None
        self._put_back: set[Identity] = set()
        self._companions: frozenset[Identity] = frozenset()
        self._gone = ""
        if self.path:
            event.listen(self.engine, "connect", self._note_file)
            event.listen(self.engine, "connect", _set_up_reader if read_only else _set_up_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        elif read_only:
            event.listen(self.engine, "begin", _begin_reading)
        try:
            self._try_out()
        except BaseException:
            self.engine.dispose()
            raise

    @property
    def encrypted(self) -> bool:
        """Its file is encrypted."""
        return self.driver is not None and self.driver.passphrase is not None

    @contextmanager
    def reading(self) -> Generator[sa.Connection]:
        """A connection for reading.

        Raises:
            HistoryError: in place of whatever the driver raises.
            HistoryDamagedError: what was read makes no sense: somebody else wrote it, or a bit of it has changed.
        """
        try:
            with self._translated(), self.engine.connect() as connection:
                yield connection
        except Refusal:
            raise
        except _SENSELESS as error:
            raise HistoryDamagedError(
                f"the record {self.name} holds a row that makes no sense ({type(error).__name__}: {error}): save what "
                "can be saved of it with `goodpain recover`"
            ) from error

    @contextmanager
    def writing(self) -> Generator[sa.Connection]:
        """A connection in a transaction that is committed at the end; on SQLite it holds the write lock from the start.

        Raises:
            HistoryError: in place of whatever the driver raises.
        """
        with (
            self._translated(),
            self.engine.connect().execution_options(**{_TRANSACTION: "write"}) as connection,
        ):
            self._see_that_it_is_there(connection)
            with connection.begin():
                yield connection

    @contextmanager
    def erasing(self) -> Generator[sa.Connection]:
        """Like `writing`, for whoever erases rows with all that hang on them, children first.

        SQLite would look through whole tables for children of each row that goes; here it trusts that there are none.

        Raises:
            HistoryError: in place of whatever the driver raises.
        """
        with self._translated(), self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            if self.path and raw is not None:
                raw.execute("PRAGMA foreign_keys = OFF")
            try:
                connection = connection.execution_options(**{_TRANSACTION: "write"})
                with connection.begin():
                    yield connection
            finally:
                if self.path and raw is not None:
                    raw.execute("PRAGMA foreign_keys = ON")

    def free_bytes(self) -> int:
        """Room in the file that nothing uses; 0 on a server."""
        if not self.path:
            return 0
        with self.reading() as connection:
            pages, size = (
                int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
                for name in ("freelist_count", "page_size")
            )
        return pages * size

    def sweep(self) -> str:
        """Leave nothing of what was deleted in the file or its -wal; on a server, make its room free for others.

        The file is built anew: `secure_delete` overwrites what is deleted, but where a page was split before, a copy of
        what stood there may be left in a corner of it.

        Returns:
            why traces may be left, as a sentence; empty when all is clean.
        """
        try:
            with self._translated(), self.engine.connect() as connection:
                if not self.path:
                    connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")
                    return ""
                outside = connection.execution_options(**{_TRANSACTION: "none"})
                outside.exec_driver_sql("VACUUM")
                deadline = time.monotonic() + BUSY_TIMEOUT_S
                while outside.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one():
                    if time.monotonic() >= deadline:
                        return (
                            f"another program reads the record {self.name}, so that its -wal file cannot be emptied: "
                            "close it, then run `goodpain client sweep`"
                        )
                    time.sleep(0.05)
        except HistoryFullError:
            return f"building {self.name} anew needs as much space again: free some, then `goodpain client sweep`"
        except HistoryError as error:
            return f"the file could not be built anew ({error}): run `goodpain client sweep` later"
        return ""

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self.explain(error) from error
        except UnicodeDecodeError as error:
            raise self._undecodable(error) from None
        except UnicodeEncodeError:
            # Bytes from a command line that are no UTF-8 come as surrogates, which no driver takes.
            raise BadEntryError(
                f"the record {self.name} refuses a text with characters that are none: write it again in UTF-8"
            ) from None

    def _undecodable(self, error: UnicodeDecodeError) -> HistoryDamagedError:
        """SQLite quotes what it found in a damaged file, and the driver takes that for text."""
        return HistoryDamagedError(
            f"the record {self.name} is damaged ({error.reason}): save what can be saved with `goodpain recover`"
        )

    def explain(self, error: SQLAlchemyError) -> HistoryError:
        """The driver's error as one sentence of ours."""
        return explain(error, self.name, encrypted=self.encrypted)

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
        # SQLite gives several lines as one, below a headline.
        lines = [line for text in found for line in text.splitlines() if line and not line.startswith("***")]
        broken = [sentence(f"the file is damaged: {line}") for line in lines if line != "ok"]
        return broken + [f"a row of {row[0]} belongs to a missing row of {row[2]}" for row in orphans]

    def copy_to(self, path: Path) -> None:
        """Write the whole record to a new file, readable by its owner only.

        Raises:
            HistoryError: the file exists or cannot be written, or the record is on a server.
        """
        if not self.path:
            raise HistoryError("a record on a server is backed up with the server's own tools")
        new_file(path, "the backup")
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

    def _note_file(self, _connection: Any, record: Any) -> None:
        record.info[_FILE] = identity(self.path) if self.path else None

    def _see_that_it_is_there(self, connection: sa.Connection) -> None:
        """What is written to a file that has no name any more is lost.

        Raises:
            HistoryError: it was removed or replaced; what this connection saw of it has been written to a new file.
        """
        raw = connection.connection.dbapi_connection
        was: Identity | None = connection.connection.info.get(_FILE)
        if self._gone:
            raise HistoryError(self._gone)
        if self.path is None or was is None or raw is None:
            return
        if identity(self.path) == was:
            self._companions = companions(self.path)
            return
        if was in self._put_back:
            connection.invalidate()
            raise HistoryError(f"the record {self.path} was removed while it was open: try again")
        errors = (HistoryError, OSError, *(self.driver.errors if self.driver else ()))
        try:
            kept = write_back(raw, self.path, self._companions)
        except errors as error:
            # This connection, and what it sees, is kept: there may be a place for it the next time.
            raise HistoryError(
                f"the record {self.path} was removed while it was open and cannot be put back yet ({error}): leave "
                "the program open and see to that"
            ) from None
        self._put_back.add(was)
        connection.invalidate()
        self.engine.dispose()
        if kept != self.path:
            self._gone = (
                f"another file has taken the place of the record {self.path}: what was recorded before is in {kept}, "
                "close the program and put that back"
            )
            raise HistoryError(self._gone)
        raise HistoryError(
            f"the record {self.path} was removed while it was open: it has been put back, leave it where it is"
        )

    def _try_out(self) -> None:
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                with self.engine.connect() as connection:
                    connection.execute(sa.text("SELECT 1"))
            except UnicodeDecodeError as error:
                raise self._undecodable(error) from None
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


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # Transactions are begun by `_begin_sqlite`, not by the driver, so that table changes are part of them too.
    connection.isolation_level = None
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.close()


def _set_up_reader(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and then writes could not wait for a lock: it asks for it at the start.
    kind = connection.get_execution_options().get(_TRANSACTION, "read")
    if kind != "none":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if kind == "write" else "BEGIN")


def passphrase_for(path: Path, given: str | None) -> str | None:
    """The passphrase to open a file with; None where it is plain.

    Raises:
        LockedHistoryError: it is encrypted and there is none.
        HistoryOpenError: one was given for a file that is not encrypted.
    """
    if given is not None:
        with contextlib.suppress(OSError), path.open("rb") as file:
            if file.read(len(HEADER)) == HEADER:
                raise HistoryOpenError(
                    f"the record {path} is not encrypted: leave the passphrase out, or run `goodpain encrypt`"
                )
        return given
    if not looks_encrypted(path):
        return None
    told = ask_keeper(path)
    if told is None:
        raise LockedHistoryError(
            f"{path} is encrypted, or is no record at all: give its passphrase on a terminal, or name a file that "
            "holds it in GOODPAIN_PASSPHRASE_FILE"
        )
    return told
