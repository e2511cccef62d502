"""Sessions that were cut off: closed at their last sample, with the presses that had not been stored yet.

Safe to run at any time and in several processes at once: a session whose lock is held is running, and whoever
recovers one holds its lock meanwhile.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import numpy as np
import sqlalchemy as sa

from feedback.history import audit
from feedback.history import tables as t
from feedback.history.errors import BadEntryError, HistoryDamagedError
from feedback.history.locks import lock_folder, try_lock, unlock
from feedback.history.records import RecoveredSession
from feedback.history.rescue import find_rescues, take_in
from feedback.history.rows import UNDO, press_values
from feedback.history.samples import read_samples, sample_totals
from feedback.history.summaries import session_summaries
from feedback.press import Press, PressDetector
from feedback.signal import ForceBlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from feedback.band import Band
    from feedback.history.database import Database
    from feedback.history.records import SessionSummary, StoredBand

AFTERTHOUGHT_S = 10.0
"""A report this soon after a press may belong to it."""


def recover(database: Database, station: str, now: Callable[[], datetime]) -> list[RecoveredSession]:
    """Take in rescue files and close all sessions that were cut off; returns those that changed, oldest first."""
    rescues = {session_id: path for path, session_id in find_rescues(database)}
    open_ids = _open_sessions(database, station)
    found: list[RecoveredSession] = []
    for session_id in dict.fromkeys([*open_ids, *rescues]):
        lock = try_lock(lock_folder(database), session_id)
        if lock is None:
            continue
        try:
            rescued = (
                _take_in(database, session_id, rescues[session_id], now()) if session_id in rescues else 0
            )
            recovered = _recover_one(database, session_id, now, rescued)
        finally:
            unlock(lock)
        if recovered:
            found.append(recovered)
    return sorted(found, key=lambda session: session.started_at)


def _take_in(database: Database, session_id: UUID, path: Path, at: datetime) -> int:
    """Rows that came back; a file that cannot be taken in is put aside, and must not keep the record from opening."""
    try:
        with database.writing() as connection:
            passphrase = database.driver.passphrase if database.driver else None
            rescued = take_in(connection, path, passphrase)
            _audit(connection, at, "rescued", session_id, f"{rescued} rows from {path.name}")
    except (BadEntryError, HistoryDamagedError) as error:
        refused = path.with_name(f"{path.name}.refused")
        with contextlib.suppress(OSError):
            path.replace(refused)
        with database.writing() as connection:
            _audit(connection, at, "rescue refused", session_id, f"{refused}: {error}")
        return 0
    with contextlib.suppress(OSError):
        path.unlink()
    return rescued


def _open_sessions(database: Database, station: str) -> list[UUID]:
    query = sa.select(t.session.c.id).where(t.session.c.ended_at.is_(None))
    if not database.path:
        # Locks are held on one computer: on a server nobody can tell whether another one's session runs.
        query = query.where(t.session.c.station == station)
    with database.reading() as connection:
        return list(connection.execute(query.order_by(t.session.c.started_at)).scalars())


def _recover_one(
    database: Database, session_id: UUID, now: Callable[[], datetime], rescued: int
) -> RecoveredSession | None:
    with database.reading() as connection:
        summaries = session_summaries(connection, session_id=session_id)
        last_us = sample_totals(connection, session_id)[2]
        last_us = max(last_us, _last_entry_us(connection, session_id))
    if not summaries:
        return None
    session = summaries[0]
    if session.ended_at is not None:
        if not rescued:
            return None
        return RecoveredSession(
            session.id, session.client_code, session.started_at, session.duration_s, 0, rescued
        )

    text = "the program was cut off; closed at the last sample"
    try:
        presses = _missing_presses(database, session)
    except HistoryDamagedError as error:
        presses, text = [], f"{text}; its presses could not be found: {error}"
    with database.writing() as connection:
        closed = connection.execute(
            t.session.update()
            .where(t.session.c.id == session_id, t.session.c.ended_at.is_(None))
            .values(
                ended_at=_end(session, last_us),
                ended_how="recovered",
                samples=session.samples,
                lost=session.lost,
            )
        )
        if closed.rowcount != 1:
            return None
        for values in presses:
            connection.execute(t.press.insert(), [{"session_id": session_id, **values}])
        connection.execute(
            t.event.insert(),
            [{"id": uuid4(), "session_id": session_id, "t_us": last_us, "kind": "recovered", "text": text}],
        )
        _audit(connection, now(), "recovered", session_id, f"{len(presses)} presses")
    return RecoveredSession(
        session.id, session.client_code, session.started_at, max(0, last_us) / 1e6, len(presses), rescued
    )


def _end(session: SessionSummary, last_us: int) -> datetime:
    """When it ended; an entry from beyond the calendar, as damage makes it, tells nothing of that."""
    try:
        return session.started_at + timedelta(microseconds=max(0, last_us))
    except OverflowError:
        return session.started_at


def _last_entry_us(connection: sa.Connection, session_id: UUID) -> int:
    times = [
        connection.execute(
            sa.select(sa.func.max(column)).where(column.table.c.session_id == session_id)
        ).scalar()
        for column in (
            t.press.c.end_us,
            t.report.c.t_us,
            t.event.c.t_us,
            t.phase.c.end_us,
            t.threshold.c.end_us,
        )
    ]
    return max((time for time in times if time is not None), default=0)


def _missing_presses(database: Database, session: SessionSummary) -> list[dict[str, Any]]:
    """Rows of the presses after the last stored one, found again in the stored samples."""
    last = max((stored.press for stored in session.presses), key=lambda press: press.end_s, default=None)
    rows: list[dict[str, Any]] = []
    changes = [(change.time_s, change.point_id) for change in session.point_changes]
    promised = _promised_ids(database, session)

    def keep(press: Press | None) -> None:
        if press is None:
            return
        point_id = next((p for time_s, p in reversed(changes) if time_s <= press.start_s), None)
        stored = _band_at(session.bands, press.end_s)
        band = stored.band if stored else None
        rows.append(
            {
                "id": _promised_id(promised, press) or uuid4(),
                "point_id": point_id,
                **press_values(press, 0.0),
                "lower_kpa": band.lower_kpa if band else None,
                "upper_kpa": band.upper_kpa if band else None,
                "ceiling_kpa": stored.ceiling_kpa if stored else None,
            }
        )

    def new_detector(*, barred: bool) -> PressDetector:
        detector = PressDetector(session.tip_area_cm2)
        if barred:
            # Contact that goes on from a press that is already told is not another press.
            detector.finish("point changed")
        return detector

    detector = new_detector(barred=last is not None and last.ended in ("stop", "point changed"))
    after_s = last.end_s if last else None
    arrivals = [time_s for time_s, _ in changes]
    turns_s = np.array(sorted({*arrivals, *(b.time_s for b in session.bands if b.time_s is not None)}))
    before_s: float | None = None
    for block in _cut(read_samples(database, session.id, after_s), turns_s):
        at_s = float(block.time_s[0])
        if before_s is not None and any(before_s < time_s <= at_s for time_s in arrivals):
            touching = detector.pressing or detector.barred
            keep(detector.finish("point changed"))
            detector = new_detector(barred=touching)
        stored = _band_at(session.bands, at_s)
        band: Band | None = stored.band if stored else None
        for press in detector.feed(block, band):
            keep(press)
        before_s = float(block.time_s[-1])
    keep(detector.finish("cut off"))
    return rows


def _cut(blocks: Iterable[ForceBlock], turns_s: NDArray[np.float64]) -> Iterator[ForceBlock]:
    """The same samples in blocks that a turn (another point, another band) can only precede."""
    for block in blocks:
        edges = [0, *np.searchsorted(block.time_s, turns_s).tolist(), len(block)]
        for first, stop in pairwise(edges):
            if first < stop:
                rows = slice(first, stop)
                yield ForceBlock(
                    block.time_s[rows],
                    block.force_n[rows],
                    block.counts[rows],
                    block.quality[rows],
                    block.t_us[rows],
                    block.lost if first == 0 else 0,
                )


def _band_at(bands: list[StoredBand], time_s: float) -> StoredBand | None:
    return next((b for b in reversed(bands) if b.time_s is not None and b.time_s <= time_s), None)


def _promised_ids(database: Database, session: SessionSummary) -> list[tuple[float, UUID]]:
    """Times of reports and phases that name a press which was never stored: its id was promised to them."""
    known = {stored.id for stored in session.presses}
    with database.reading() as connection:
        rows = connection.execute(
            sa.select(t.report.c.t_us, t.report.c.press_id).where(
                t.report.c.session_id == session.id, t.report.c.press_id.is_not(None), t.report.c.kind != UNDO
            )
        ).fetchall()
    named = [(row.t_us / 1e6, row.press_id) for row in rows]
    for stored in session.phases:
        phase = stored.phase
        if phase.press_id is not None:
            named.append(((phase.start_s + phase.end_s) / 2, phase.press_id))
    return sorted(
        ((time_s, press_id) for time_s, press_id in named if press_id not in known), key=lambda n: n[0]
    )


def _promised_id(promised: list[tuple[float, UUID]], press: Press) -> UUID | None:
    for time_s, press_id in promised:
        if press.start_s <= time_s <= press.end_s + AFTERTHOUGHT_S:
            promised[:] = [entry for entry in promised if entry[1] != press_id]
            return press_id
    return None


def _audit(connection: sa.Connection, at: datetime, what: str, session_id: UUID, detail: str) -> None:
    audit.note(connection, at, what, "session", str(session_id), detail)
