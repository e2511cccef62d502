"""The record, open: the way to all that is kept."""

from __future__ import annotations

import platform
import threading
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from weakref import WeakSet

import sqlalchemy as sa

from feedback.history import audit, queries, recovery, tables
from feedback.history.care import CareStore
from feedback.history.database import Database
from feedback.history.errors import (
    BadEntryError,
    HistoryDamagedError,
    HistoryError,
    HistoryOpenError,
    UnknownClientError,
)
from feedback.history.journal import SessionJournal
from feedback.history.locks import lock_folder, try_lock, unlock
from feedback.history.newest import insert
from feedback.history.records import (
    BandInForce,
    ClientRecord,
    ClientSummary,
    PointRecord,
    PointSummary,
    Posterior,
    RecoveredSession,
    SessionStart,
    SessionSummary,
    check_code,
)
from feedback.history.review import ReviewStore
from feedback.history.rows import band_values
from feedback.history.samples import read_samples
from feedback.history.schema import ensure_schema
from feedback.history.summaries import session_summaries
from feedback.history.training import TrainingStore
from feedback.history.work import SILENT
from feedback.history.writer import close_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from feedback.band import Band
    from feedback.history.audit import AuditEntry
    from feedback.history.copies import Backup
    from feedback.history.work import Work
    from feedback.points import Point
    from feedback.signal import ForceBlock


class History:
    """The record of all clients; safe to use from several threads and beside other processes.

    Made by `feedback.history.open_history`. Every method may raise a `HistoryError` when the disk or server refuses.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._tell_time = now
        self._last_at: datetime | None = None
        self._time_lock = threading.Lock()
        self._opened: set[UUID] = set()
        self._journals: WeakSet[SessionJournal] = WeakSet()
        self.care = CareStore(database, self._now, self.client)
        """The course of care: checks, assessments, plans, soreness, and what visits come to."""
        self.review = ReviewStore(database, self._now)
        """Looking back at clients, points, visits and presses, and correcting them."""
        self.training = TrainingStore(database, self._now)
        """Practice: trainees, their attempts, and the steps they left out."""

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        now: Callable[[], datetime],
        create: bool = True,
        read_only: bool = False,
        passphrase: str | None = None,
    ) -> History:
        """Open; see `open_history`."""
        database = Database(where, create=create, read_only=read_only, passphrase=passphrase)
        try:
            upgraded = ensure_schema(database, create=create and not read_only)
        except (HistoryOpenError, HistoryDamagedError):
            database.close()
            raise
        except HistoryError as error:
            database.close()
            raise HistoryOpenError(f"the record cannot be opened: {error}") from error
        history = cls(database, now)
        if upgraded:
            history.audit("upgraded", "record", upgraded[1], f"from {upgraded[0]}")
        return history

    @property
    def database(self) -> Database:
        """The way to the tables, for the other modules of this package."""
        return self._database

    @property
    def now(self) -> Callable[[], datetime]:
        """The time of day, aware; later at every call."""
        return self._now

    @property
    def name(self) -> str:
        """Where the record is, for people: the file's path or the server's address without its password."""
        return self._database.name

    @property
    def read_only(self) -> bool:
        """Nothing is written to this record; whoever tries gets a HistoryReadOnlyError."""
        return self._database.read_only

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A connection to read with, for figures that are worked out elsewhere; nothing is written through it."""
        return self._database.reading()

    def client(self, code: str, note: str = "") -> ClientRecord:
        """The client with this code, made when new.

        A code, never a name: nothing in the record should say who it is. `note` is kept only when the client is new.

        Raises:
            BadEntryError: not a code of 1 to 40 characters.
        """
        code = check_code(code)
        with self._database.reading() as connection:
            if found := queries.find_client(connection, code):
                return found
        try:
            with self._database.writing() as connection:
                return queries.find_client(connection, code) or self._new_client(connection, code, note)
        except BadEntryError:
            # On a server somebody else may have made the same client meanwhile.
            with self._database.reading() as connection:
                if found := queries.find_client(connection, code):
                    return found
            raise

    def known_client(self, code: str) -> ClientRecord:
        """The client with this code, who must be in the record.

        Raises:
            BadEntryError: not a code of 1 to 40 characters.
            UnknownClientError: nobody has it; the message names codes that look like it.
        """
        code = check_code(code)
        with self._database.reading() as connection:
            if found := queries.find_client(connection, code):
                return found
            known = [client.code for client in queries.client_summaries(connection)]
        raise UnknownClientError(queries.unknown_client(code, known), code)

    def clients(self) -> list[ClientSummary]:
        """All clients by code."""
        with self._database.reading() as connection:
            return queries.client_summaries(connection)

    def point(self, client_code: str, point: Point) -> PointRecord:
        """This point of this client, both made when new."""
        client = self.client(client_code)
        with self._database.reading() as connection:
            if found := queries.find_point(connection, client.id, point):
                return found
        with self._database.writing() as connection:
            if found := queries.find_point(connection, client.id, point):
                return found
            record = PointRecord(uuid4(), client.id, point, self._now())
            connection.execute(
                tables.point.insert().values(
                    id=record.id,
                    client_id=client.id,
                    muscle=point.muscle,
                    side=point.side,
                    label=point.label,
                    created_at=record.created_at,
                )
            )
            return record

    def points(self, client_code: str) -> list[PointSummary]:
        """All points of a client, last pressed first; none for an unknown client."""
        with self._database.reading() as connection:
            client = queries.find_client(connection, check_code(client_code))
            return queries.point_summaries(connection, client.id) if client else []

    def band(self, point_id: UUID, applicator: str, tip_area_cm2: float) -> BandInForce:
        """The newest band and ceiling of a point with this applicator and contact area.

        The newest entry counts, also when it says "no band"; where there is none, both are None.
        """
        with self._database.reading() as connection:
            return queries.newest_band(connection, point_id, applicator, tip_area_cm2)

    def set_band(
        self,
        point_id: UUID,
        applicator: str,
        tip_area_cm2: float,
        band: Band | None,
        ceiling_kpa: float | None,
        posterior: Posterior | None = None,
    ) -> UUID:
        """Put a new band in force, outside a session or with what its model has learned; returns the entry's id.

        Older bands stay in the record. A running session tells its journal of new bands by itself.
        """
        with self._database.writing() as connection:
            return self._add_band(
                connection, point_id, applicator, tip_area_cm2, band_values(band, ceiling_kpa, posterior)
            )

    def save_posterior(
        self, point_id: UUID, applicator: str, tip_area_cm2: float, posterior: Posterior
    ) -> UUID:
        """Keep what the band model has learned, beside the band and ceiling in force; returns the entry's id."""
        with self._database.writing() as connection:
            band, ceiling_kpa = queries.newest_band(connection, point_id, applicator, tip_area_cm2)
            values = band_values(band, ceiling_kpa, posterior)
            return self._add_band(connection, point_id, applicator, tip_area_cm2, values)

    def load_posterior(self, point_id: UUID, applicator: str, tip_area_cm2: float) -> Posterior | None:
        """The newest that was saved, whatever its version; None when there is none."""
        with self._database.reading() as connection:
            return queries.newest_posterior(connection, point_id, applicator, tip_area_cm2)

    def begin_session(self, start: SessionStart) -> SessionJournal:
        """Begin a session; its journal writes by itself until `end` or `close`.

        Raises:
            BadEntryError: the client code is none.
            HistoryError: the record cannot be written; no session has begun then.
        """
        client = self.client(start.client_code)
        session_id = uuid4()
        # Locked before the row exists: nobody can take it for a session that was cut off.
        lock = try_lock(lock_folder(self._database), session_id)
        if lock is None:
            raise HistoryError("a session with this id runs already: try again")
        try:
            with self._database.writing() as connection:
                connection.execute(
                    tables.session.insert().values(
                        id=session_id,
                        client_id=client.id,
                        station=platform.node(),
                        started_at=start.started_at.astimezone(UTC),
                        applicator=start.applicator,
                        tip_area_cm2=start.tip_area_cm2,
                        sensor_url=start.sensor_url,
                        sensor_serial=start.sensor_serial,
                        sensor_device=start.sensor_device,
                        dialect=start.dialect,
                        clock=start.clock,
                        app_version=start.app_version,
                        t0_s=start.t0_s,
                        therapist=start.therapist or None,
                    )
                )
        except BaseException:
            unlock(lock)
            raise
        journal = SessionJournal(self._database, session_id, start, lock, self._now)
        self._journals.add(journal)
        return journal

    def recover(self) -> list[RecoveredSession]:
        """Close sessions that were cut off and that no process holds any more; take in what was rescued.

        Does nothing to a record that may only be read.
        """
        if self.read_only:
            return []
        return recovery.recover(self._database, platform.node(), self._now)

    def sessions(self, client_code: str | None = None) -> list[SessionSummary]:
        """Sessions with presses, reports, notes and events, oldest first."""
        code = None if client_code is None else check_code(client_code)
        with self._database.reading() as connection:
            return session_summaries(connection, code)

    def given_by(self, therapist: str) -> list[UUID]:
        """Ids of the sessions that a therapist's code gave, newest first; quick also in a large record."""
        session = tables.session.c
        query = sa.select(session.id).where(session.therapist == therapist)
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(session.started_at.desc(), session.id)).scalars())

    def session(self, session_id: UUID) -> SessionSummary:
        """One session.

        Raises:
            HistoryError: there is none with this id.
        """
        with self._database.reading() as connection:
            found = session_summaries(connection, session_id=session_id)
        if not found:
            raise HistoryError(f"there is no session {session_id} in the record: list them with `sessions`")
        return found[0]

    def samples(
        self, session_id: UUID, start_s: float | None = None, end_s: float | None = None
    ) -> Iterator[ForceBlock]:
        """Stored samples in order; `time_s` counts from the start of the session.

        Forces come from the calibration that was in force, NaN where there was none. A block begins wherever samples
        were lost. `start_s` and `end_s` (both included) narrow it down.

        Raises:
            HistoryDamagedError: a chunk cannot be read back.
        """
        return read_samples(self._database, session_id, start_s, end_s)

    def audit(self, what: str, entity: str, entity_id: str, detail: str = "", who: str = "") -> None:
        """Note what was done to the record itself: exported, upgraded, recovered.

        A client is named by id, never by code: see `opened` and `forget`. A record that may only be read keeps no note.

        Args:
            what: was done, in a word or two.
            entity: what it was done to: record, client, session, …
            entity_id: which one.
            detail: more, for people.
            who: a code; empty for the user of this computer.
        """
        if self.read_only:
            return
        with self._database.writing() as connection:
            audit.note(connection, self._now(), what, entity, entity_id, detail, who)

    def opened(self, client_code: str, who: str = "") -> None:
        """Note that somebody looks at a client's history: once for each client while the record is open.

        Nothing is noted of a client who is not in the record, or in a record that may only be read.
        """
        with self._database.reading() as connection:
            client = queries.find_client(connection, check_code(client_code))
        if client is None or client.id in self._opened:
            return
        self._opened.add(client.id)
        self.audit("opened", "client", str(client.id), who=who)

    def audit_entries(
        self, since: datetime | None = None, what: str = "", about: UUID | None = None
    ) -> list[AuditEntry]:
        """What was done to the record, oldest first; all of it, or since a time, of one kind, about one thing."""
        with self._database.reading() as connection:
            return audit.entries(connection, since, what, about)

    def check(self) -> list[str]:
        """What is wrong with the database file, as sentences; empty when all is well."""
        return self._database.problems()

    def backup(self, path: Path | None = None, work: Work = SILENT) -> Backup:
        """Write a verified copy of the whole record to a new file; sessions may run meanwhile; see `backup`."""
        from feedback.history.backup import backup

        return backup(self, path, work)

    def close(self) -> None:
        """Close; running sessions are drained first.

        Raises:
            UnwrittenError: what one of them had left could not be written.
        """
        try:
            close_all([*(journal.close for journal in self._journals), self.training.close])
        finally:
            self._database.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _now(self) -> datetime:
        """The time of day; later at every call, so that the newest of two entries is never in doubt."""
        with self._time_lock:
            at = self._tell_time()
            if at.tzinfo is None:
                raise BadEntryError("the record needs times of day with a time zone")
            if self._last_at is not None and at <= self._last_at:
                at = self._last_at + timedelta(microseconds=1)
            self._last_at = at
            return at

    def _new_client(self, connection: sa.Connection, code: str, note: str) -> ClientRecord:
        record = ClientRecord(uuid4(), code, self._now(), note)
        connection.execute(
            tables.client.insert().values(id=record.id, code=code, created_at=record.created_at, note=note)
        )
        return record

    def _add_band(
        self,
        connection: sa.Connection,
        point_id: UUID,
        applicator: str,
        tip_area_cm2: float,
        values: dict[str, object],
    ) -> UUID:
        band_id = uuid4()
        row = {
            "id": band_id,
            "point_id": point_id,
            "applicator": applicator,
            "tip_area_cm2": tip_area_cm2,
            "at": self._now(),
            **values,
        }
        insert(connection, tables.band, [row])
        return band_id
