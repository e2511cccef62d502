"""Records encrypted with a passphrase, by SQLCipher (extra `encrypted`): a plain one made encrypted, and back.

SQLCipher is SQLite with every page encrypted (AES-256-CBC with a MAC for each page; the key by PBKDF2 from the
passphrase). Whoever has not the passphrase has nothing: there is no other way in.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history import audit
from feedback.history.database import Database
from feedback.history.driver import Driver, check_passphrase, looks_encrypted
from feedback.history.errors import HistoryError, HistoryOpenError, NoHistoryError
from feedback.history.files import (
    aside_name,
    erase_file,
    family,
    full_or_refused,
    new_file,
    put_in_place,
)
from feedback.history.records import utc_now
from feedback.history.whole import Stage, as_one_file, count_rows, explained, held_alone, verify, watched
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from feedback.history.work import Work


@dataclass(frozen=True, slots=True)
class Converted:
    """A record that was encrypted or decrypted.

    Attributes:
        record: the file in force.
        aside: the one before; None when it was erased.
        rows: how many rows each table holds.
    """

    record: Path
    aside: Path | None
    rows: Mapping[str, int]


def encrypt(
    record: Path,
    passphrase: str,
    *,
    erase_old: bool = False,
    who: str = "",
    now: Callable[[], datetime] = utc_now,
    work: Work = SILENT,
) -> Converted:
    """Turn a plain record into an encrypted one, verified before it takes the place of the old.

    Args:
        record: of which no session runs, and which no program has open.
        passphrase: at least 8 characters.
        erase_old: overwrite and remove the plain file instead of setting it aside.
        who: who does it; empty for the user of this computer.
        now: the time of day, aware.
        work: told how far it is; given up, everything is as before.

    Raises:
        HistoryError: it is encrypted already, damaged, in use; the disk is full; SQLCipher is not installed.
            Everything is as before.
    """
    check_plain(record)
    return _convert(record, None, check_passphrase(passphrase), "plain", erase_old, who, now(), work)


def check_plain(record: Path) -> None:
    """See that there is a record, that it is plain, and that SQLCipher is installed.

    Raises:
        HistoryError: one of these is not so.
    """
    if not record.exists():
        raise NoHistoryError(
            f"there is no record {record} yet: record a session first, or give another place"
        )
    if looks_encrypted(record):
        raise HistoryOpenError(f"the record {record} is encrypted already, or is no record at all")
    Driver(record, cipher=True)


def decrypt(
    record: Path,
    passphrase: str,
    *,
    erase_old: bool = False,
    who: str = "",
    now: Callable[[], datetime] = utc_now,
    work: Work = SILENT,
) -> Converted:
    """Turn an encrypted record into a plain one, verified before it takes the place of the old; see `encrypt`."""
    if record.exists() and not looks_encrypted(record):
        raise HistoryOpenError(f"the record {record} is not encrypted")
    return _convert(record, passphrase, None, "encrypted", erase_old, who, now(), work)


def _convert(
    record: Path,
    old: str | None,
    new: str | None,
    why: str,
    erase_old: bool,
    who: str,
    at: datetime,
    work: Work,
) -> Converted:
    if not record.exists():
        raise NoHistoryError(
            f"there is no record {record} yet: record a session first, or give another place"
        )
    aside = aside_name(record, why, at)
    partial = record.with_name(f".{record.name}.converted.partial")
    _clear(partial)
    new_file(partial, "the converted record", record)
    try:
        with held_alone(record, old):
            made = Driver(partial, new, named=record)
            rows = _export(Driver(record, old), made, Stage(work, 0.0, 0.5))
            verify(made, Stage(work, 0.5, 0.45), rows)
            _note(partial, new, "encrypted" if old is None else "decrypted", who, at)
            with explained(made), contextlib.closing(made.connect()) as connection:
                as_one_file(connection)
                rows = count_rows(connection)
            work.step(0.96, 1.0, "putting it in place")
            put_in_place(partial, record, aside)
    except OSError as error:
        raise full_or_refused(error, "the converted record", record) from None
    finally:
        _clear(partial)
    if erase_old:
        try:
            erase_file(aside)
        except OSError as error:
            raise HistoryError(
                f"the record is converted, but the one before could not be erased ({error}): remove {aside} yourself"
            ) from None
    return Converted(record, None if erase_old else aside, rows)


def _export(source: Driver, target: Driver, work: Work) -> dict[str, int]:
    """All rows from a file into another with another key or none; returns how many each table has."""
    # SQLCipher reads plain files too, and only it can have both open at once.
    hub = Driver(source.path, source.passphrase, cipher=True)
    with explained(hub, target), contextlib.closing(hub.connect()) as connection:
        rows = count_rows(connection)
        with watched(connection, work, "converting"):
            connection.execute("ATTACH ? AS made KEY ?", (str(target.path), target.key_text()))
            connection.execute("SELECT sqlcipher_export('made')")
            connection.execute("DETACH made")
    return rows


def _note(path: Path, passphrase: str | None, what: str, who: str, at: datetime) -> None:
    database = Database(path, passphrase=passphrase)
    try:
        with database.writing() as connection:
            audit.note(connection, at, what, "record", "", "", who)
    finally:
        database.close()


def _clear(partial: Path) -> None:
    for path in family(partial):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
