"""What can be saved from a damaged record, row by row, into a new one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback.history import audit
from feedback.history.database import Database, passphrase_for
from feedback.history.driver import Driver
from feedback.history.errors import (
    HistoryError,
    HistoryOpenError,
    LockedHistoryError,
    NoHistoryError,
    NotAHistoryError,
)
from feedback.history.files import half_made
from feedback.history.forget import erase_forgotten, forgotten_tokens
from feedback.history.records import utc_now
from feedback.history.salvage.finding import Finder
from feedback.history.salvage.mending import (
    Keep,
    name_lost_clients,
    rebuild_points,
    take_off_orphans,
    tell_losses,
)
from feedback.history.salvage.pages import Pages
from feedback.history.schema import ensure_schema
from feedback.history.whole import Stage, as_one_file, explained, verify
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from feedback.history.work import Work

_ANYTHING = ("client", "session", "point", "press", "sample_chunk", "trainee", "attempt", "audit")
"""One row of these is reason enough for a new record."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What came out of a damaged file.

    Attributes:
        path: the new record.
        rows: how many rows each table of the new record holds.
        lost: sentences about what could not be saved; empty when nothing is missing.
        clients: codes of the clients in the new record.
        sessions: how many sessions it holds.
        samples: how many samples.
        hours: of samples.
    """

    path: Path
    rows: Mapping[str, int]
    lost: tuple[str, ...]
    clients: tuple[str, ...]
    sessions: int
    samples: int
    hours: float


def recover(
    damaged: Path,
    to: Path,
    *,
    passphrase: str | None = None,
    now: Callable[[], datetime] = utc_now,
    work: Work = SILENT,
) -> Saved:
    """Save what can be saved from a damaged record into a new file. The damaged one is only read.

    Every page is looked at by itself, whether or not anything still points to it. A row is kept when it can be one of
    its table and the bytes beside it are sound; a chunk of samples when it comes out as its row says. SQLite keeps no
    checksums: a digit changed inside of a row leaves no mark, except in an encrypted record, where each page has one.

    Args:
        damaged: the file; a -wal file beside it is read too.
        to: the new record, which must not exist yet.
        passphrase: of an encrypted record; where none is given for one, the keeper in force is asked. The new record
            is encrypted with it too.
        now: the time of day, aware.
        work: told how far it is; given up, no file is left.

    Raises:
        HistoryError: nothing of a record is in it, it cannot be read, `to` exists or cannot be written.
    """
    if not damaged.is_file():
        raise NoHistoryError(f"there is no file {damaged}: give the path of the damaged record")
    key = passphrase_for(damaged, passphrase)
    to = to.expanduser().absolute()
    try:
        pages = Pages(damaged, key)
    except OSError as error:
        raise HistoryOpenError(
            f"{damaged} cannot be read ({error.strerror or error}): copy what the disk still gives to another disk, "
            "then recover from the copy"
        ) from None
    with pages, half_made(to, "the new record") as partial:
        database = Database(partial, passphrase=key)
        try:
            ensure_schema(database)
        finally:
            database.close()
        made = Driver(partial, key, named=to)
        with explained(made), contextlib.closing(made.connect()) as connection:
            lost = _save(pages, connection, damaged, Stage(work, 0.0, 0.85))
        again = _finish(partial, key, damaged, now())
        if again:
            who = "1 person" if again == 1 else f"{again} people"
            lost.append(f"what was there of {who} who had been forgotten before")
        with explained(made), contextlib.closing(made.connect()) as connection:
            as_one_file(connection)
        rows = verify(made, Stage(work, 0.85, 0.15))
        with explained(made), contextlib.closing(made.reader()) as connection:
            saved = _summary(to, rows, lost, connection)
    return saved


def _save(pages: Pages, connection: Any, damaged: Path, work: Work) -> list[str]:
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    # What the new record holds of itself makes room for what was saved.
    connection.execute("DELETE FROM audit")
    found = Finder(pages, Keep(connection)).run(work)
    if not any(connection.execute(f'SELECT 1 FROM "{name}"').fetchone() for name in _ANYTHING):  # noqa: S608
        raise _nothing(pages, damaged)
    points = rebuild_points(connection, found)
    made = name_lost_clients(connection, found)
    lost = take_off_orphans(connection)
    known = [code for code in made if not code.startswith("lost-")]
    if made:
        lost.append(f"what was noted of {len(made)} clients themselves ({', '.join(made)})")
    if len(known) < len(made):
        lost.append(f"the codes of {len(made) - len(known)} of them, who have a made-up one now, lost-…")
    if points:
        lost.append(f"when {'a point was' if points == 1 else f'{points} points were'} first entered")
    lost += tell_losses(connection, found)
    connection.execute("COMMIT")
    return lost


def _nothing(pages: Pages, damaged: Path) -> HistoryError:
    if pages.unreadable:
        return LockedHistoryError(
            f"nothing of {damaged} can be opened with this passphrase: give the right one; if it is, the first bytes "
            "of the file are lost, and without them nobody can open it: `goodpain restore` puts back a backup"
        )
    return NotAHistoryError(
        f"nothing of a Goodpain record is left in {damaged}: `goodpain restore` puts back a backup"
    )


def _finish(path: Path, key: str | None, damaged: Path, at: datetime) -> int:
    database = Database(path, passphrase=key)
    try:
        with database.erasing() as connection:
            again = erase_forgotten(connection, forgotten_tokens(connection))
            audit.note(connection, at, "recovered", "record", "", f"from {damaged.name}")
        if again:
            database.sweep()
    finally:
        database.close()
    return again


def _summary(path: Path, rows: Mapping[str, int], lost: list[str], connection: Any) -> Saved:
    codes = tuple(str(row[0]) for row in connection.execute("SELECT code FROM client ORDER BY code"))
    samples, hours = connection.execute(
        "SELECT coalesce(sum(n), 0), coalesce(sum(t1_us - t0_us), 0) / 3.6e9 FROM sample_chunk"
    ).fetchone()
    return Saved(path, rows, tuple(lost), codes, rows["session"], int(samples), float(hours))
