"""Stored samples, read back as force."""

from __future__ import annotations

import json
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.codec import Samples, decode, joined
from feedback.history.errors import HistoryError
from feedback.signal import Calibration, ForceBlock, Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from feedback.history.database import Database

_CHUNKS_AT_ONCE = 500
_SAMPLES_AT_ONCE = 1 << 17
"""Decoded together at most: a chunk may hold half a second or a minute."""


def sample_totals(connection: sa.Connection, session_id: UUID) -> tuple[int, int, int]:
    """Samples, losses, and the time of the last sample in microseconds, from the stored chunks."""
    chunk = t.sample_chunk.c
    row = connection.execute(
        sa.select(sa.func.sum(chunk.n), sa.func.sum(chunk.lost), sa.func.max(chunk.t1_us)).where(
            chunk.session_id == session_id
        )
    ).one()
    return int(row[0] or 0), int(row[1] or 0), int(row[2] or 0)


def read_samples(
    database: Database, session_id: UUID, start_s: float | None = None, end_s: float | None = None
) -> Iterator[ForceBlock]:
    """Stored samples in order, in blocks of any length. One begins at each loss and where the calibration changes.

    Raises:
        HistoryDamagedError: a chunk cannot be read.
        HistoryError: no such session.
    """
    low_us = None if start_s is None else round(start_s * 1e6)
    high_us = None if end_s is None else round(end_s * 1e6)
    calibrations: dict[UUID | None, Calibration] = {}
    seq, before = -1, 0
    told = passed = 0
    while True:
        # A page at a time, so that no transaction stays open while the caller works.
        with database.reading() as connection:
            if _chunks_until(connection, session_id, seq) != before:
                # They were merged meanwhile. The samples are the same: begin again and pass over those that were told.
                seq, before, passed = -1, 0, 0
            rows = connection.execute(_chunks_after(session_id, seq, low_us, high_us)).fetchall()
            if not rows and seq < 0:
                _check_session(connection, session_id)
            more = len(rows) == _CHUNKS_AT_ONCE
            if more:
                seq = rows[-1].seq
                before = _chunks_until(connection, session_id, seq)
            if any(row.calibration_id not in calibrations for row in rows):
                calibrations = _calibrations(connection, session_id)
        for calibration_id, chunks in _runs(rows):
            samples = joined([decode(row.codec, bytes(row.payload), row.n) for row in chunks])
            samples = _between(samples, low_us, high_us)
            fresh = samples.part(min(max(0, told - passed), len(samples)), len(samples))
            passed += len(samples)
            told = max(told, passed)
            yield from force_blocks(fresh, calibrations.get(calibration_id))
        if not more:
            return


def _check_session(connection: sa.Connection, session_id: UUID) -> None:
    if connection.execute(sa.select(t.session.c.id).where(t.session.c.id == session_id)).first() is None:
        raise HistoryError(f"there is no session {session_id} in the record: list them with `sessions`")


def _runs(rows: Sequence[Any]) -> Iterator[tuple[UUID | None, list[Any]]]:
    """Chunks that follow each other under one calibration, a bounded number of samples at a time."""
    for calibration_id, chunks in groupby(rows, key=lambda row: row.calibration_id):
        run: list[Any] = []
        n = 0
        for chunk in chunks:
            if run and n + chunk.n > _SAMPLES_AT_ONCE:
                yield calibration_id, run
                run, n = [], 0
            run.append(chunk)
            n += chunk.n
        yield calibration_id, run


def _chunks_until(connection: sa.Connection, session_id: UUID, seq: int) -> int:
    if seq < 0:
        return 0
    chunk = t.sample_chunk.c
    query = sa.select(sa.func.count()).where(chunk.session_id == session_id, chunk.seq <= seq)
    return int(connection.execute(query).scalar_one())


def _between(samples: Samples, low_us: int | None, high_us: int | None) -> Samples:
    keep = np.ones(len(samples), np.bool_)
    if low_us is not None:
        keep &= samples.t_us >= low_us
    if high_us is not None:
        keep &= samples.t_us <= high_us
    if keep.all():
        return samples
    first = int(np.argmax(keep))
    return samples.part(first, first + int(keep.sum()))


def _chunks_after(
    session_id: UUID, seq: int, low_us: int | None, high_us: int | None
) -> sa.Select[*tuple[Any, ...]]:
    chunk = t.sample_chunk.c
    query = sa.select(chunk.seq, chunk.n, chunk.codec, chunk.payload, chunk.calibration_id)
    query = query.where(chunk.session_id == session_id, chunk.seq > seq)
    if low_us is not None:
        query = query.where(chunk.t1_us >= low_us)
    if high_us is not None:
        query = query.where(chunk.t0_us <= high_us)
    return query.order_by(chunk.seq).limit(_CHUNKS_AT_ONCE)


def _calibrations(connection: sa.Connection, session_id: UUID) -> dict[UUID | None, Calibration]:
    rows = connection.execute(sa.select(t.calibration).where(t.calibration.c.session_id == session_id))
    return {
        row.id: Calibration(
            row.zero_counts, row.counts_per_n, row.source, row.tared_under_load, knots_of(row.curve)
        )
        for row in rows
    }


def knots_of(text: str | None) -> tuple[tuple[float, float], ...]:
    """The knots of a stored curve; none for a line."""
    return tuple((float(c), float(n)) for c, n in json.loads(text)) if text else ()


def force_blocks(samples: Samples, calibration: Calibration | None) -> Iterator[ForceBlock]:
    """Decoded samples as blocks of force; times in seconds from the beginning. One begins at each loss."""
    if not len(samples):
        return
    quality = samples.quality
    if calibration is None:
        force_n = np.full(len(samples), np.nan, np.float32)
        quality = quality | np.uint8(Quality.UNCALIBRATED)
    else:
        force_n = calibration.force_n(samples.counts)
        force_n[(quality & Quality.UNCALIBRATED) != 0] = np.nan
    cuts = np.flatnonzero(samples.lost_before)
    edges = np.unique(np.concatenate([[0], cuts, [len(samples)]])).tolist()
    for first, stop in pairwise(edges):
        rows = slice(first, stop)
        yield ForceBlock(
            samples.t_us[rows] / 1e6,
            force_n[rows],
            samples.counts[rows],
            quality[rows],
            samples.device_us[rows],
            int(samples.lost_before[first]),
        )
