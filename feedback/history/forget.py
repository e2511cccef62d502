"""A client erased for good: every row, every sample, and what lies about in files beside the record."""

from __future__ import annotations

import contextlib
import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from feedback.history import audit
from feedback.history import tables as t
from feedback.history.copies import copies_of, strike_out, who_is_in
from feedback.history.errors import HistoryReadOnlyError, SessionRunsError
from feedback.history.files import erase_file
from feedback.history.locks import lock_folder, try_lock, unlock
from feedback.history.rescue import rescues_of
from feedback.history.table_words import words
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
        sessions: how many sessions went.
        presses: how many presses.
        samples: how many samples.
        rows: how many rows went in all, over all tables.
        session_ids: of these sessions, for whoever keeps files named after them.
        removed: files beside the record that held something of this client and are gone.
        copies: files that were made before and hold this client, or cannot be looked into: backups, what a restore set
            aside, what an upgrade left. They are as they were.
        unclean: why traces may be left in the record's files, as a sentence that says what to do; empty when none are.
    """

    sessions: int
    presses: int
    samples: int
    rows: int
    session_ids: tuple[UUID, ...]
    removed: tuple[Path, ...]
    copies: tuple[Path, ...]
    unclean: str


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
    database = history.database
    if history.read_only:
        raise HistoryReadOnlyError(
            f"the record {history.name} may only be read: nobody can be erased from it"
        )
    client = history.known_client(client_code)
    removed: list[Path] = []
    with ExitStack() as locks:
        with database.erasing() as connection:
            # On a server a session that begins meanwhile waits here, and then finds no client.
            if connection.execute(_one(client.id).with_for_update()).first() is None:
                raise SessionRunsError(f"{client.code} is being erased by somebody else already")
            sessions = connection.execute(
                sa.select(t.session.c.id, t.session.c.ended_at, t.session.c.station).where(
                    t.session.c.client_id == client.id
                )
            ).fetchall()
            for row in sessions:
                if row.ended_at is None:
                    _hold(database, locks, row.id, client.code, row.station)
            ids, counts, samples = _erase(connection, client.id, work)
            audit.erase_about(connection, client.code, ids)
            detail = words("session", len(sessions))
            audit.note(connection, history.now(), FORGOT, "client", token_of(client.id), detail, who)
            work.step(1, 1, "the file")
        session_ids = tuple(row.id for row in sessions)
        for path in rescues_of(database, session_ids):
            with contextlib.suppress(OSError):
                erase_file(path)
                removed.append(path)
    for session_id in session_ids:
        with contextlib.suppress(OSError):
            (lock_folder(database) / f"{session_id.hex}.lock").unlink(missing_ok=True)
    unclean = database.sweep()
    copies: tuple[Path, ...] = ()
    if database.path and database.driver:
        passphrase = database.driver.passphrase
        copies = tuple(
            path
            for path in copies_of(database.path)
            if who_is_in(path, [client.id], passphrase) != frozenset()
        )
        strike_out(database.path, client.code)
    return Forgotten(
        len(sessions),
        counts["press"],
        samples,
        sum(counts.values()),
        session_ids,
        tuple(removed),
        copies,
        unclean,
    )


def rows_of(history: History, client_code: str) -> dict[str, int]:
    """How many rows of each table belong to a client, by the table's name.

    Raises:
        BadEntryError: not a code.
        UnknownClientError: nobody has it.
    """
    client = history.known_client(client_code)
    found: dict[str, int] = {}
    with history.database.reading() as connection:
        for table in t.metadata.sorted_tables:
            where = _owned(table, client.id)
            if where is not None:
                count = sa.select(sa.func.count()).select_from(table).where(where)
                found[table.name] = connection.execute(count).scalar_one()
    return found


def token_of(client_id: UUID) -> str:
    """The number that stands for a forgotten client: a digest of the client's random id.

    Whoever has a copy that still holds the client can tell that it is the one; nobody can tell from it who it was.
    """
    return hashlib.sha256(b"goodpain forgot " + client_id.bytes).hexdigest()[:32]


def forgotten_tokens(connection: sa.Connection) -> frozenset[str]:
    """The numbers of all who were forgotten, and were not taken back since."""
    entry = t.audit.c
    query = sa.select(entry.at, entry.what, entry.entity_id).where(
        entry.what.in_((FORGOT, TOOK_BACK)), entry.entity == "client"
    )
    rows = sorted(connection.execute(query), key=lambda row: (row.at, row.what == FORGOT))
    last = {row.entity_id: row.what for row in rows}
    return frozenset(token for token, what in last.items() if what == FORGOT)


def erase_forgotten(connection: sa.Connection, tokens: Iterable[str]) -> int:
    """Erase clients again who came back with an old copy; returns how many."""
    wanted = frozenset(tokens)
    found = [
        row
        for row in connection.execute(sa.select(t.client.c.id, t.client.c.code))
        if token_of(row.id) in wanted
    ]
    for row in found:
        ids, _, _ = _erase(connection, row.id, SILENT)
        audit.erase_about(connection, row.code, ids)
    return len(found)


def _one(client_id: UUID) -> sa.Select[Any]:
    return sa.select(t.client.c.id).where(t.client.c.id == client_id)


def _hold(database: Database, locks: ExitStack, session_id: UUID, code: str, station: str) -> None:
    """Keep a session that was cut off from being taken up by somebody else meanwhile; refuse when it runs."""
    import platform

    lock = try_lock(lock_folder(database), session_id)
    if lock is None:
        raise SessionRunsError(f"a session of {code} is running: end it first")
    locks.callback(unlock, lock)
    if not database.path and station != platform.node():
        raise SessionRunsError(
            f"a session of {code} has not ended at the station {station}: end it there, or open Goodpain there"
        )


def _erase(connection: sa.Connection, client_id: UUID, work: Work) -> tuple[set[UUID], dict[str, int], int]:
    """Delete a client with all that hangs on them; returns the ids that went, rows by table, and samples."""
    owned = [
        (table, where)
        for table in t.metadata.sorted_tables
        if (where := _owned(table, client_id)) is not None
    ]
    ids: set[UUID] = set()
    for table, where in owned:
        if isinstance(table.c.id.type, sa.Uuid):
            ids.update(connection.execute(sa.select(table.c.id).where(where)).scalars())
    chunk = t.sample_chunk
    samples = connection.execute(
        sa.select(sa.func.sum(chunk.c.n)).where(_owned(chunk, client_id))  # type: ignore[arg-type]
    ).scalar()
    counts: dict[str, int] = {}
    for number, (table, where) in enumerate(reversed(owned)):
        work.step(number, len(owned) + 1, table.name.replace("_", " "))
        counts[table.name] = connection.execute(table.delete().where(where)).rowcount
    return ids, counts, int(samples or 0)


def _owned(table: sa.Table, client_id: UUID) -> sa.ColumnElement[bool] | None:
    """Which rows of a table belong to a client, by way of those they hang on; None for a table that has none such."""
    if table is t.client:
        return table.c.id == client_id
    ways: list[sa.ColumnElement[bool]] = []
    for key in sorted(table.foreign_keys, key=lambda key: (key.parent.nullable or False, key.parent.name)):
        parent = key.column.table
        if parent is table or (ways and key.parent.nullable and not _all_nullable(table)):
            continue
        above = _owned(parent, client_id)
        if above is not None:
            ways.append(key.parent.in_(sa.select(parent.c.id).where(above)))
    return sa.or_(*ways) if ways else None


def _all_nullable(table: sa.Table) -> bool:
    return all(key.parent.nullable for key in table.foreign_keys)
