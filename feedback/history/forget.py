"""A client or a trainee erased for good: every row, every sample, and what lies about in files beside the record."""

from __future__ import annotations

import contextlib
import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from feedback.history import audit
from feedback.history import tables as t
from feedback.history.copies import copies_of, is_as_made, strike_out, who_is_in
from feedback.history.errors import HistoryReadOnlyError, SessionRunsError
from feedback.history.files import erase_file
from feedback.history.locks import lock_folder, try_lock, unlock
from feedback.history.rescue import rescues_of
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedback.history.database import Database
    from feedback.history.store import History
    from feedback.history.work import Work

FORGOT = "forgot"
"""What the audit calls it."""
TOOK_BACK = "took back"
"""What it calls the import of somebody who had been forgotten: from then on the record holds them on purpose."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased, and which copies may still hold it.

    Attributes:
        sessions: how many sessions went; of a trainee none.
        attempts: how many attempts at drills; of a client none.
        presses: how many presses.
        samples: how many samples.
        rows: how many rows went in all, over all tables.
        session_ids: of these sessions, for whoever keeps files named after them.
        removed: files beside the record that held something of this person and are gone.
        copies: files that were made before and hold this person, or cannot be looked into: backups, what a restore set
            aside, what an upgrade left. They are as they were.
        doubtful: files that the list of backups names and that are no such copies, or not as they were made.
        unclean: why traces may be left in the record's files, as a sentence that says what to do; empty when none are.
    """

    sessions: int
    attempts: int
    presses: int
    samples: int
    rows: int
    session_ids: tuple[UUID, ...]
    removed: tuple[Path, ...]
    copies: tuple[Path, ...]
    doubtful: tuple[Path, ...]
    unclean: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """Whom a record knows, and what it keeps of them: `runs` are what goes on for a while and is locked meanwhile."""

    name: str
    person: sa.Table
    run: str
    runs: sa.Table
    chunks: sa.Table


_CLIENT = _Kind("client", t.client, "session", t.session, t.sample_chunk)
_TRAINEE = _Kind("trainee", t.trainee, "attempt", t.attempt, t.attempt_chunk)
_KINDS = (_CLIENT, _TRAINEE)


def forget(history: History, client_code: str, who: str = "", work: Work = SILENT) -> Forgotten:
    """Erase a client for good. One row of the audit remains: when, who, and a number that names nobody.

    Args:
        history: open for writing.
        client_code: of a client in the record.
        who: who erases; empty for the user of this computer.
        work: told how far it is; given up, the client is as before.

    Raises:
        BadEntryError: not a code.
        UnknownClientError: nobody has it.
        SessionRunsError: a session of this client is running.
        HistoryError: the record cannot be written; the client is as before.
    """
    _refuse_reader(history)
    client = history.known_client(client_code)
    return _forget(history, _CLIENT, client.id, client.code, who, work)


def forget_trainee(history: History, trainee_code: str, who: str = "", work: Work = SILENT) -> Forgotten:
    """Erase a trainee for good, as `forget` does a client: attempts, their samples, and the steps that were left out.

    Visits that were given under the same code belong to the clients, and stay.

    Args:
        history: open for writing.
        trainee_code: of a trainee in the record.
        who: who erases; empty for the user of this computer.
        work: told how far it is; given up, the trainee is as before.

    Raises:
        BadEntryError: not a code.
        UnknownTraineeError: nobody has it.
        SessionRunsError: an attempt of this trainee is running.
        HistoryError: the record cannot be written; the trainee is as before.
    """
    _refuse_reader(history)
    trainee = history.training.known(trainee_code)
    return _forget(history, _TRAINEE, trainee.id, trainee.code, who, work)


def _refuse_reader(history: History) -> None:
    if history.read_only:
        raise HistoryReadOnlyError(
            f"the record {history.name} may only be read: nobody can be erased from it"
        )


def _forget(history: History, kind: _Kind, person_id: UUID, code: str, who: str, work: Work) -> Forgotten:
    database = history.database
    removed: list[Path] = []
    with ExitStack() as locks:
        with database.erasing() as connection:
            # On a server what begins meanwhile waits here, and then finds nobody.
            mine = sa.select(kind.person.c.id).where(kind.person.c.id == person_id)
            if connection.execute(mine.with_for_update()).first() is None:
                raise SessionRunsError(f"{code} is being erased by somebody else already")
            run = kind.runs.c
            runs = connection.execute(
                sa.select(run.id, run.ended_at, run.station).where(run[f"{kind.person.name}_id"] == person_id)
            ).fetchall()
            for row in runs:
                if row.ended_at is None:
                    _hold(database, locks, row.id, f"{_a(kind.run)} of {code}", row.station)
            ids, counts, samples = _erase(connection, kind, person_id, work)
            audit.erase_about(connection, code, ids)
            detail = f"{len(runs):,} {kind.run}{'' if len(runs) == 1 else 's'}"
            audit.note(connection, history.now(), FORGOT, kind.name, token_of(person_id), detail, who)
            work.step(1, 1, "the file")
        run_ids = tuple(row.id for row in runs)
        for path in rescues_of(database, run_ids):
            with contextlib.suppress(OSError):
                erase_file(path)
                removed.append(path)
    for run_id in run_ids:
        with contextlib.suppress(OSError):
            (lock_folder(database) / f"{run_id.hex}.lock").unlink(missing_ok=True)
    unclean = database.sweep()
    copies: list[Path] = []
    doubtful: list[Path] = []
    if database.path and database.driver:
        passphrase = database.driver.passphrase
        for path in copies_of(database.path):
            found = who_is_in(path, kind.person, [person_id], passphrase)
            if found is None and not is_as_made(database.path, path):
                doubtful.append(path)
            elif found != frozenset():
                copies.append(path)
        strike_out(database.path, code)
    return Forgotten(
        counts.get("session", 0),
        counts.get("attempt", 0),
        counts.get("press", 0),
        samples,
        sum(counts.values()),
        run_ids if kind is _CLIENT else (),
        tuple(removed),
        tuple(copies),
        tuple(doubtful),
        unclean,
    )


def rows_of(history: History, client_code: str) -> dict[str, int]:
    """How many rows of each table belong to a client, by the table's name.

    Raises:
        BadEntryError: not a code.
        UnknownClientError: nobody has it.
    """
    return _rows_of(history, _CLIENT, history.known_client(client_code).id)


def rows_of_trainee(history: History, trainee_code: str) -> dict[str, int]:
    """How many rows of each table belong to a trainee, by the table's name.

    Raises:
        BadEntryError: not a code.
        UnknownTraineeError: nobody has it.
    """
    return _rows_of(history, _TRAINEE, history.training.known(trainee_code).id)


def _rows_of(history: History, kind: _Kind, person_id: UUID) -> dict[str, int]:
    with history.database.reading() as connection:
        return {
            table.name: connection.execute(
                sa.select(sa.func.count()).select_from(table).where(where)
            ).scalar_one()
            for table, where in _all_owned(kind, person_id)
        }


def token_of(person_id: UUID) -> str:
    """The number that stands for a forgotten client or trainee: a digest of their random id.

    Whoever has a copy that still holds them can tell that they are the one; nobody can tell from it who it was.
    """
    return hashlib.sha256(b"goodpain forgot " + person_id.bytes).hexdigest()[:32]


def forgotten_tokens(connection: sa.Connection) -> frozenset[str]:
    """The numbers of all who were forgotten, and were not taken back since."""
    entry = t.audit.c
    query = sa.select(entry.at, entry.what, entry.entity_id).where(
        entry.what.in_((FORGOT, TOOK_BACK)), entry.entity.in_([kind.name for kind in _KINDS])
    )
    rows = sorted(connection.execute(query), key=lambda row: (row.at, row.what == FORGOT))
    last = {row.entity_id: row.what for row in rows}
    return frozenset(token for token, what in last.items() if what == FORGOT)


def erase_forgotten(connection: sa.Connection, tokens: Iterable[str]) -> int:
    """Erase clients and trainees again who came back with an old copy; returns how many."""
    wanted = frozenset(tokens)
    count = 0
    for kind in _KINDS:
        people = connection.execute(sa.select(kind.person.c.id, kind.person.c.code)).fetchall()
        for row in people:
            if token_of(row.id) in wanted:
                ids, _, _ = _erase(connection, kind, row.id, SILENT)
                audit.erase_about(connection, row.code, ids)
                count += 1
    return count


def _a(thing: str) -> str:
    return f"an {thing}" if thing[0] in "aeiou" else f"a {thing}"


def _hold(database: Database, locks: ExitStack, run_id: UUID, what: str, station: str) -> None:
    """Keep what was cut off from being taken up by somebody else meanwhile; refuse when it runs."""
    import platform

    lock = try_lock(lock_folder(database), run_id)
    if lock is None:
        raise SessionRunsError(f"{what} is running: end it first")
    locks.callback(unlock, lock)
    if not database.path and station != platform.node():
        raise SessionRunsError(
            f"{what} has not ended at the station {station}: end it there, or open Goodpain there"
        )


def _erase(
    connection: sa.Connection, kind: _Kind, person_id: UUID, work: Work
) -> tuple[set[UUID], dict[str, int], int]:
    """Delete somebody with all that hangs on them; returns the ids that went, rows by table, and samples."""
    owned = _all_owned(kind, person_id)
    ids: set[UUID] = set()
    for table, where in owned:
        if isinstance(table.c.id.type, sa.Uuid):
            ids.update(connection.execute(sa.select(table.c.id).where(where)).scalars())
    chunks = next(where for table, where in owned if table is kind.chunks)
    samples = connection.execute(sa.select(sa.func.sum(kind.chunks.c.n)).where(chunks)).scalar()
    counts: dict[str, int] = {}
    for number, (table, where) in enumerate(reversed(owned)):
        work.step(number, len(owned) + 1, table.name.replace("_", " "))
        counts[table.name] = connection.execute(table.delete().where(where)).rowcount
    return ids, counts, int(samples or 0)


def _all_owned(kind: _Kind, person_id: UUID) -> list[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """The tables with rows that belong to somebody, those first on which others hang; and which rows they are."""
    return [
        (table, where)
        for table in t.metadata.sorted_tables
        if (where := _owned(table, kind, person_id)) is not None
    ]


def _owned(table: sa.Table, kind: _Kind, person_id: UUID) -> sa.ColumnElement[bool] | None:
    """Which rows of a table belong to somebody, by way of those they hang on; None for a table that has none such."""
    if table is kind.person:
        return table.c.id == person_id
    ways: list[sa.ColumnElement[bool]] = []
    for key in sorted(table.foreign_keys, key=lambda key: (key.parent.nullable or False, key.parent.name)):
        parent = key.column.table
        if parent is table or (ways and key.parent.nullable and not _all_nullable(table)):
            continue
        above = _owned(parent, kind, person_id)
        if above is not None:
            ways.append(key.parent.in_(sa.select(parent.c.id).where(above)))
    return sa.or_(*ways) if ways else None


def _all_nullable(table: sa.Table) -> bool:
    return all(key.parent.nullable for key in table.foreign_keys)
