"""Practice in the record: trainees, their attempts with the raw samples, and the steps they left out.

Reached as `History.training`. Trainees are apart from clients: nobody is both by accident of a code.
"""

from __future__ import annotations

import platform
from collections import defaultdict
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from weakref import WeakSet

import sqlalchemy as sa

from feedback.drills import TrainingHistory, Void
from feedback.history import tables as t
from feedback.history.errors import BadEntryError, HistoryError, UnknownTraineeError
from feedback.history.locks import lock_folder, try_lock, unlock
from feedback.history.newest import later_at
from feedback.history.queries import unknown_client
from feedback.history.records import check_code
from feedback.history.rescue import write_row
from feedback.history.training_journal import AttemptJournal
from feedback.history.training_records import RecoveredAttempt, TraineeRecord, TraineeSummary
from feedback.history.training_rows import (
    RECORD_COLUMNS,
    AttemptRows,
    local,
    offset_min,
    record_from,
    skip_from,
    trace_from,
)
from feedback.history.writer import close_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from feedback.drills import AttemptRecord, Skip
    from feedback.history.database import Database
    from feedback.history.training_records import AttemptKept, AttemptTrace

_AT_ONCE = 500


class TrainingStore:
    """What the record knows of practice. Every method may raise a `HistoryError`.

    Writing makes the trainee known when new; reading says nothing of one nobody knows.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._journals: WeakSet[AttemptJournal] = WeakSet()

    def trainee(self, code: str, note: str = "") -> TraineeRecord:
        """The trainee with this code, made when new. A code, never a name; `note` is kept only when new.

        Raises:
            BadEntryError: not a code of 1 to 40 characters.
        """
        code = check_code(code)
        if found := self._find(code):
            return found
        made = TraineeRecord(uuid4(), code, self._now(), note)
        try:
            with self._database.writing() as connection:
                connection.execute(
                    t.trainee.insert(),
                    [{"id": made.id, "code": code, "created_at": made.created_at, "note": note}],
                )
        except BadEntryError:
            # Somebody else may have made the same trainee meanwhile.
            if found := self._find(code):
                return found
            raise
        return made

    def known(self, code: str) -> TraineeRecord:
        """The trainee with this code, who must be in the record.

        Raises:
            BadEntryError: not a code of 1 to 40 characters.
            UnknownTraineeError: nobody has it; the message names codes that look like it.
        """
        code = check_code(code)
        if found := self._find(code):
            return found
        with self._database.reading() as connection:
            codes = connection.execute(sa.select(t.trainee.c.code).order_by(t.trainee.c.code)).scalars().all()
        raise UnknownTraineeError(unknown_client(code, codes, "trainee"))

    def codes(self) -> dict[UUID, str]:
        """Codes of all trainees by their ids."""
        with self._database.reading() as connection:
            return {
                row.id: row.code for row in connection.execute(sa.select(t.trainee.c.id, t.trainee.c.code))
            }

    def trainees(self) -> list[TraineeSummary]:
        """All trainees by code."""
        a = t.attempt.c
        ended = a.ended_at.is_not(None)
        with self._database.reading() as connection:
            known = connection.execute(sa.select(t.trainee).order_by(t.trainee.c.code)).fetchall()
            counted = connection.execute(
                sa.select(
                    a.trainee_id, a.drill, sa.func.count().label("n"), sa.func.count(a.void).label("void")
                )
                .add_columns(sa.func.min(a.at).label("first"), sa.func.max(a.at).label("last"))
                .where(ended)
                .group_by(a.trainee_id, a.drill)
                .order_by(sa.func.min(a.at))
            ).fetchall()
            newest = {row.trainee_id: row for row in connection.execute(_newest())}
        of: defaultdict[UUID, list[Any]] = defaultdict(list)
        for row in counted:
            of[row.trainee_id].append(row)
        return [
            TraineeSummary(
                row.code,
                sum(one.n for one in of[row.id]),
                sum(one.void for one in of[row.id]),
                local(newest[row.id].at, newest[row.id].utc_offset_min) if row.id in newest else None,
                tuple(one.drill for one in of[row.id]),
            )
            for row in known
        ]

    def training(self, code: str) -> TrainingHistory:
        """All that is kept of a trainee; empty for one nobody knows. Times are on the trainee's own clock."""
        code = check_code(code)
        s = t.training_skip.c
        with self._database.reading() as connection:
            attempts = connection.execute(_records().where(t.trainee.c.code == code)).fetchall()
            skips = connection.execute(
                sa.select(t.training_skip)
                .join(t.trainee)
                .where(t.trainee.c.code == code)
                .order_by(s.at, s.id)
            ).fetchall()
        return TrainingHistory(
            code, tuple(map(record_from, attempts)), tuple(skip_from(row, code) for row in skips)
        )

    def attempts(self, code: str | None = None) -> Iterator[AttemptRecord]:
        """Attempts that ended, oldest first, of one trainee or of all; a page at a time."""
        a = t.attempt.c
        query = _records().limit(_AT_ONCE)
        if code is not None:
            query = query.where(t.trainee.c.code == check_code(code))
        after: tuple[datetime, UUID] | None = None
        while True:
            page = query
            if after is not None:
                later = sa.or_(a.at > after[0], sa.and_(a.at == after[0], a.id > after[1]))
                page = query.where(later)
            with self._database.reading() as connection:
                rows = connection.execute(page).fetchall()
            yield from map(record_from, rows)
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1].at, rows[-1].id

    def begin(self, code: str) -> AttemptJournal:
        """Get ready to write an attempt of this trainee: its journal writes by itself until `close`.

        Raises:
            BadEntryError: no code.
            HistoryError: the record cannot be written.
        """
        trainee = self.trainee(code)
        attempt_id = uuid4()
        # Locked before the row exists: nobody can take it for an attempt that was cut off.
        lock = try_lock(lock_folder(self._database), attempt_id)
        if lock is None:
            raise HistoryError("an attempt with this id runs already: try again")
        journal = AttemptJournal(self._database, attempt_id, trainee.id, lock)
        self._journals.add(journal)
        return journal

    def add(self, record: AttemptRecord, kept: AttemptKept) -> None:
        """Keep a whole attempt at once, as a generator or an import has it: all of it or nothing.

        Raises:
            BadEntryError: it is in the record already.
        """
        trainee = self.trainee(record.trainee)
        rows = AttemptRows(record.attempt_id, trainee.id)
        rows.begin(kept.start, record.at, kept.t0_s, kept.calibration)
        for block in kept.samples:
            rows.samples(block)
        rows.end(record, kept.end)
        with self._database.writing() as connection:
            for row in rows.out:
                write_row(connection, row)

    def skip(self, skip: Skip) -> UUID:
        """Keep that a step was left out, knowingly; returns the entry's id."""
        trainee = self.trainee(skip.trainee)
        entry_id = uuid4()
        with self._database.writing() as connection:
            at = later_at(connection, t.training_skip, "trainee_id", trainee.id, skip.at.astimezone(UTC))
            connection.execute(
                t.training_skip.insert(),
                [
                    {
                        "id": entry_id,
                        "trainee_id": trainee.id,
                        "at": at,
                        "utc_offset_min": offset_min(skip.at),
                        "drill": skip.drill,
                        "purpose": skip.purpose.value,
                    }
                ],
            )
        return entry_id

    def trace(self, attempt_id: UUID) -> AttemptTrace | None:
        """An attempt as it was pressed; None when there is none with this id.

        Raises:
            HistoryDamagedError: its samples cannot be read back.
        """
        c = t.attempt_chunk.c
        with self._database.reading() as connection:
            row = connection.execute(sa.select(t.attempt).where(t.attempt.c.id == attempt_id)).first()
            chunks = connection.execute(
                sa.select(c.n, c.codec, c.payload).where(c.attempt_id == attempt_id).order_by(c.seq)
            ).fetchall()
        return trace_from(row, list(chunks)) if row else None

    def recover(self) -> list[RecoveredAttempt]:
        """Close attempts that were cut off and that no process holds any more, as void; oldest first.

        Does nothing to a record that may only be read.
        """
        if self._database.read_only:
            return []
        a = t.attempt.c
        query = sa.select(a.id).where(a.ended_at.is_(None)).order_by(a.at)
        if not self._database.path:
            # Locks are held on one computer: on a server nobody can tell whether another one's attempt runs.
            query = query.where(a.station == platform.node())
        with self._database.reading() as connection:
            open_ids = list(connection.execute(query).scalars())
        found: list[RecoveredAttempt] = []
        for attempt_id in open_ids:
            lock = try_lock(lock_folder(self._database), attempt_id)
            if lock is None:
                continue
            try:
                recovered = self._cut_off(attempt_id)
            finally:
                unlock(lock)
            if recovered:
                found.append(recovered)
        return found

    def close(self) -> None:
        """Close the journals that still run, as `History.close` does; what was not ended counts as cut off.

        Raises:
            UnwrittenError: what one of them had left could not be written.
        """
        close_all([journal.close for journal in self._journals])

    def _find(self, code: str) -> TraineeRecord | None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(t.trainee).where(t.trainee.c.code == code)).first()
        return TraineeRecord(row.id, row.code, row.created_at, row.note) if row else None

    def _cut_off(self, attempt_id: UUID) -> RecoveredAttempt | None:
        a, c = t.attempt.c, t.attempt_chunk.c
        with self._database.writing() as connection:
            row = connection.execute(
                sa.select(a.at, a.utc_offset_min, a.drill, t.trainee.c.code)
                .join(t.trainee)
                .where(a.id == attempt_id, a.ended_at.is_(None))
            ).first()
            if row is None:
                return None
            last_us = connection.execute(
                sa.select(sa.func.max(c.t1_us)).where(c.attempt_id == attempt_id)
            ).scalar()
            lasted = timedelta(microseconds=max(0, last_us or 0))
            connection.execute(
                t.attempt.update()
                .where(a.id == attempt_id)
                .values(
                    ended_at=row.at + lasted,
                    end_us=max(0, last_us or 0),
                    looks=0,
                    void=Void.CUT_OFF.value,
                )
            )
            connection.execute(
                t.audit.insert(),
                [
                    {
                        "id": uuid4(),
                        "at": self._now(),
                        "what": "recovered",
                        "entity": "attempt",
                        "entity_id": str(attempt_id),
                        "detail": f"void: cut off after {lasted.total_seconds():.1f} s",
                    }
                ],
            )
        at = local(row.at, row.utc_offset_min)
        return RecoveredAttempt(attempt_id, row.code, row.drill, at, lasted.total_seconds())


def _records() -> sa.Select[*tuple[Any, ...]]:
    a = t.attempt.c
    query = sa.select(*RECORD_COLUMNS).select_from(t.attempt).join(t.trainee)
    return query.where(a.ended_at.is_not(None)).order_by(a.at, a.id)


def _newest() -> sa.Select[*tuple[Any, ...]]:
    """Of each trainee the beginning of the newest attempt, with its clock's zone."""
    a, b = t.attempt.c, t.attempt.alias("b").c
    newest = sa.select(sa.func.max(b.at)).where(b.trainee_id == a.trainee_id, b.ended_at.is_not(None))
    return sa.select(a.trainee_id, a.at, a.utc_offset_min).where(a.at == newest.scalar_subquery())
