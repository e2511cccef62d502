"""What a database refuses, as one sentence that says what happened and what to do."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from feedback.history.errors import (
    BadEntryError,
    HistoryBusyError,
    HistoryDamagedError,
    HistoryError,
    HistoryFullError,
    HistoryOpenError,
    HistoryReadOnlyError,
    LockedHistoryError,
    NotAHistoryError,
)


def explain(error: SQLAlchemyError, name: str, *, encrypted: bool) -> HistoryError:
    """The driver's error as one sentence of ours.

    Args:
        error: what SQLAlchemy raised.
        name: of the record, for people.
        encrypted: it was opened with a passphrase.
    """
    refused = isinstance(error, IntegrityError | DataError | ProgrammingError)
    if refused or not isinstance(error, DBAPIError):
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        return BadEntryError(f"the record {name} refuses an entry: {reason}")
    original = error.orig
    code = getattr(original, "sqlite_errorcode", 0) & 0xFF
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
    if code == sqlite3.SQLITE_NOTADB and encrypted:
        return LockedHistoryError(
            f"this passphrase does not open {name}: give the right one; if it is, the file is damaged, and "
            f"`goodpain recover` saves what can be saved"
        )
    if code == sqlite3.SQLITE_NOTADB:
        return NotAHistoryError(
            f"{name} is not a database: give the path of a Goodpain record, or a new one; if it was one, "
            "`goodpain recover` saves what can be saved"
        )
    if code == sqlite3.SQLITE_CORRUPT:
        return HistoryDamagedError(
            f"the record {name} is damaged: `goodpain restore` puts back a backup, `goodpain recover` saves what "
            "can be saved"
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return HistoryOpenError(
            f"the record {name} cannot be opened: see that its folder exists and is yours"
        )
    text = " ".join(str(original).split())
    return HistoryError(f"the record {name} answered with an error: {text}")
