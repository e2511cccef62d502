"""Copies of a whole record: made while it is in use, verified, listed, and put back."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from feedback.history import audit
from feedback.history import tables as t
from feedback.history.copies import Backup, add_backup, known_backup
from feedback.history.database import Database, passphrase_for
from feedback.history.driver import Driver
from feedback.history.errors import HistoryDamagedError, HistoryError, NoHistoryError
from feedback.history.files import (
    aside_name,
    family,
    full_or_refused,
    half_made,
    new_file,
    put_in_place,
    sha256_of,
)
from feedback.history.forget import FORGOT, TOOK_BACK, erase_forgotten, forgotten_tokens
from feedback.history.records import utc_now
from feedback.history.schema import ensure_schema
from feedback.history.whole import Stage, as_one_file, copy_pages, count_rows, explained, held_alone, verify
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from feedback.history.store import History
    from feedback.history.work import Work

FOLDER = "backups"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place.

    Attributes:
        record: the file that is in force now.
        aside: where the record that was there before is now; None when there was none.
        rows: how many rows each table holds.
        forgotten: how many clients and trainees the copy still held who had been erased since, and were erased again.
        unread: the record before could not be read, so that nobody knows who had been erased.
    """

    record: Path
    aside: Path | None
    rows: Mapping[str, int]
    forgotten: int
    unread: bool


def backup(history: History, path: Path | None = None, work: Work = SILENT) -> Backup:
    """Write a verified copy of the whole record to a new file, readable by its owner only; sessions may run meanwhile.

    The copy of an encrypted record is encrypted with the same passphrase. It is put on the list of backups.

    Args:
        history: open.
        path: of the new file; None for one named after the moment in the folder `backups` beside the record.
        work: told how far it is; given up, no file is left.

    Raises:
        HistoryError: the file exists or cannot be written, the disk is full, the record is damaged or on a server.
    """
    driver, record = history.database.driver, history.database.path
    if driver is None or record is None:
        raise HistoryError("a record on a server is backed up with the server's own tools, such as pg_dump")
    at = history.now()
    target = path.expanduser().absolute() if path else _default(record, at)
    with half_made(target, "the backup") as partial:
        copy = Driver(partial, driver.passphrase, named=target)
        rows = copy_pages(driver, copy, Stage(work, 0.0, 0.5))
        try:
            verify(copy, Stage(work, 0.5, 0.4), rows)
        except HistoryDamagedError:
            raise HistoryDamagedError(
                f"the copy of {record} is not whole, so no backup was made: the record is damaged, or a disk is; "
                "`goodpain recover` saves what can be saved, `goodpain backup --list` names earlier backups"
            ) from None
        made = Backup(
            target, at, partial.stat().st_size, sha256_of(partial, Stage(work, 0.9, 0.1), "verifying"), rows
        )
    if not history.read_only:
        history.audit("backed up", "record", "", f"{made.size} bytes, sha256 {made.sha256}")
        with contextlib.suppress(OSError):
            add_backup(record, made)
    return made


def restore(
    copy: Path,
    record: Path,
    *,
    passphrase: str | None = None,
    who: str = "",
    now: Callable[[], datetime] = utc_now,
    work: Work = SILENT,
) -> Restored:
    """Put a copy in the place of the record. The copy is verified first, the present record is set aside.

    Clients and trainees who were forgotten after the copy was made, and not taken back by an import since, are erased
    from it again.

    Args:
        copy: a backup, or any other whole record; it is only read.
        record: where it is to go; nobody may have it open.
        passphrase: of both; where they are encrypted and none is given, the keeper in force is asked.
        who: who does it; empty for the user of this computer.
        now: the time of day, aware.
        work: told how far it is; given up, everything is as before.

    Raises:
        HistoryError: the copy is damaged or none of ours, a session runs, the record is open elsewhere, the disk is
            full. Everything is as before.
    """
    if not copy.is_file():
        raise NoHistoryError(
            f"there is no file {copy}: give the path of a backup, `goodpain backup --list` names them"
        )
    if record.exists() and copy.samefile(record):
        raise HistoryError(f"{copy} is the record itself: give the path of a backup")
    at = now()
    aside = aside_name(record, "aside", at)
    key = passphrase_for(copy, passphrase)
    _check_digest(copy, record, Stage(work, 0.0, 0.1))
    partial = record.with_name(f".{record.name}.restored.partial")
    _clear(partial)
    new_file(partial, "the restored record", record)
    try:
        made = Driver(partial, key, named=record)
        rows = copy_pages(Driver(copy, key, still=True), made, Stage(work, 0.1, 0.4))
        verify(made, Stage(work, 0.5, 0.4), rows)
        told = _forgotten(record, passphrase)
        forgotten = _bring_up_to_date(partial, key, told or (), copy.name, who, at)
        with explained(made), contextlib.closing(made.connect()) as connection:
            as_one_file(connection)
            rows = count_rows(connection)
        work.step(0.95, 1.0, "putting it in place")
        with held_alone(record, passphrase):
            had_one = put_in_place(partial, record, aside)
    except OSError as error:
        raise full_or_refused(error, "the restored record", record) from None
    finally:
        _clear(partial)
    return Restored(record, aside if had_one else None, rows, forgotten, told is None)


def check_copy(
    copy: Path, record: Path, *, passphrase: str | None = None, work: Work = SILENT
) -> tuple[dict[str, int], bool]:
    """See whether a copy is whole; it is only read.

    Returns:
        how many rows each table has, and whether the copy is on the record's list of backups and every byte as it was.

    Raises:
        HistoryError: it is damaged, changed since it was made, or none of ours.
    """
    if not copy.is_file():
        raise NoHistoryError(f"there is no file {copy}: `goodpain backup --list` names the backups")
    _check_digest(copy, record.absolute(), Stage(work, 0.0, 0.3))
    rows = verify(Driver(copy, passphrase_for(copy, passphrase), still=True), Stage(work, 0.3, 0.7))
    return rows, known_backup(record.absolute(), copy) is not None


def _default(record: Path, at: datetime) -> Path:
    name = f"goodpain-{at.astimezone(UTC):%Y%m%d-%H%M%S}"
    folder = record.parent / FOLDER
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next(path for one in names if not (path := folder / f"{one}.db").exists())


def _check_digest(copy: Path, record: Path, work: Work) -> None:
    known = known_backup(record, copy)
    if known and sha256_of(copy, work, "verifying") != known.sha256:
        raise HistoryDamagedError(
            f"the backup {copy} is not as it was made (another SHA-256): take another one, `goodpain backup --list` "
            "names them, or save what can be saved with `goodpain recover`"
        )


def _forgotten(record: Path, passphrase: str | None) -> Sequence[dict[str, Any]] | None:
    """The entries of the audit about whoever was forgotten or taken back; None when the record cannot be read."""
    if not record.exists() or not record.stat().st_size:
        return ()
    try:
        database = Database(record, read_only=True, passphrase=passphrase_for(record, passphrase))
    except HistoryError:
        return None
    try:
        with database.reading() as connection:
            if "who" not in {column["name"] for column in sa.inspect(connection).get_columns("audit")}:
                return ()
            found = connection.execute(sa.select(t.audit).where(t.audit.c.what.in_((FORGOT, TOOK_BACK))))
            return [dict(row) for row in found.mappings()]
    except (HistoryError, ValueError):
        return None
    finally:
        database.close()


def _bring_up_to_date(
    path: Path, key: str | None, told: Sequence[dict[str, Any]], name: str, who: str, at: datetime
) -> int:
    """The tables of today, without whom had been forgotten; returns how many those were."""
    database = Database(path, passphrase=key)
    try:
        ensure_schema(database)
        with database.erasing() as connection:
            known = set(connection.execute(sa.select(t.audit.c.id)).scalars())
            for entry in told:
                if entry["id"] not in known:
                    connection.execute(t.audit.insert(), [entry])
            forgotten = erase_forgotten(connection, forgotten_tokens(connection))
            audit.note(connection, at, "restored", "record", "", f"from {name}", who)
        if forgotten:
            database.sweep()
    finally:
        database.close()
    return forgotten


def _clear(partial: Path) -> None:
    for path in (*family(partial), *partial.parent.glob(f"{partial.name}.before-*")):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
