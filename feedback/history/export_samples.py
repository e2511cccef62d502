"""Tables of an export: the samples of sessions and of attempts, straight from the stored chunks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.codec import Samples, decode, joined
from feedback.history.export_facts import Gap
from feedback.history.export_spec import Cell, Spec, client_cell, kept, told
from feedback.history.export_types import Batch, Kind, Same
from feedback.history.samples import knots_of
from feedback.signal import NO_DEVICE_CLOCK, Calibration, Quality
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from numpy.typing import NDArray

    from feedback.history.export_facts import Facts, SessionFacts
    from feedback.history.export_types import Query

GAP_PERIODS = 3.0
"""A step of more than this many sample periods is a gap in the signal."""
ROWS = 8192
"""Samples in a batch, at most."""
_CHUNKS = 64
_SESSIONS = 400


def samples_table() -> Spec:
    """The samples of sessions."""
    c = t.sample_chunk.c
    return Spec(
        "samples",
        "A sample of a session, in the order in which they came.",
        t.sample_chunk,
        (
            kept("session_id", c.session_id, "The session."),
            client_cell(),
            *_sample_cells(),
            _worked_out("gap_before_s", Kind.SECONDS, "Length of a silence just before it."),
            _worked_out("point_id", Kind.ID, "The trigger point that was worked on."),
            _cell(
                "calibration", Kind.WHOLE, "Its calibration, by its number in the session; empty for none."
            ),
        ),
        t.sample_chunk.join(t.session).join(t.client),
        (),
        t.session.c.client_id,
        refers={"session_id": ("sessions", "session_id")},
        rows_of=_session_samples,
        weight=c.n,
    )


def attempt_samples_table() -> Spec:
    """The samples of attempts at a drill."""
    c = t.attempt_chunk.c
    return Spec(
        "drill_samples",
        "A sample of an attempt at a drill.",
        t.attempt_chunk,
        (
            kept("attempt_id", c.attempt_id, "The attempt."),
            told("trainee", Kind.TEXT, t.trainee.c.code, "The trainee's code."),
            *_sample_cells(),
        ),
        t.attempt_chunk.join(t.attempt).join(t.trainee),
        (),
        trainee_id=t.attempt.c.trainee_id,
        refers={"attempt_id": ("drills", "attempt_id")},
        rows_of=_attempt_samples,
        weight=c.n,
    )


def _sample_cells() -> tuple[Cell, ...]:
    return (
        _cell("time_s", Kind.SECONDS, "When it was measured, from the start.", needed=True),
        _cell("device_t_us", Kind.WHOLE, "The sensor's own clock; empty when it has none."),
        _cell("counts", Kind.WHOLE, "Raw, as the converter gave them.", needed=True),
        _worked_out("force_n", Kind.NUMBER, "Force; empty where there was no calibration.", 4),
        _worked_out("pressure_kpa", Kind.NUMBER, "Force over contact area.", 3),
        _cell("quality", Kind.FLAGS, "What is known against it; empty for a good one.", needed=True),
        _cell("lost_before", Kind.WHOLE, "Samples known to be lost just before it.", needed=True),
    )


def _cell(name: str, kind: Kind, says: str, *, needed: bool = False) -> Cell:
    """What a chunk holds; its place in the record is within the payload."""
    made = _worked_out(name, kind, says)
    return replace(made, column=replace(made.column, needed=needed, kept="payload"))


def _worked_out(name: str, kind: Kind, says: str, decimals: int | None = None) -> Cell:
    return told(name, kind, sa.null(), says, decimals)


@dataclass(slots=True)
class _Context:
    """What changes during a session: the calibrations, the points, and where the last sample was."""

    calibrations: dict[UUID, Calibration] = field(default_factory=dict["UUID", Calibration])
    changes_us: list[int] = field(default_factory=list[int])
    points: list[UUID | None] = field(default_factory=lambda: [None])
    last_us: int | None = None
    newest_us: int = -(1 << 63)


def _session_samples(_spec: Spec, facts: Facts) -> Iterator[Batch]:
    sessions = facts.sessions
    for start in range(0, len(sessions), _SESSIONS):
        some = sessions[start : start + _SESSIONS]
        contexts = _contexts(facts, [session.id for session in some])
        for session in some:
            yield from _of_session(facts, session, contexts[session.id])


def find_gaps(facts: Facts, session: SessionFacts) -> list[Gap]:
    """The gaps in the signal of a session, oldest first; read from its samples unless that was done before."""
    if session.id not in facts.gaps:
        for _ in _of_session(facts, session, _contexts(facts, [session.id])[session.id]):
            pass
    return facts.gaps[session.id]


def _contexts(facts: Facts, ids: list[UUID]) -> dict[UUID, _Context]:
    contexts = {session_id: _Context() for session_id in ids}
    c = t.calibration.c
    for row in facts.connection.execute(sa.select(t.calibration).where(c.session_id.in_(ids))):
        contexts[row.session_id].calibrations[row.id] = Calibration(
            row.zero_counts, row.counts_per_n, row.source, row.tared_under_load, knots_of(row.curve)
        )
    c = t.point_change.c
    query = sa.select(c.session_id, c.t_us, c.point_id).where(c.session_id.in_(ids)).order_by(c.t_us, c.id)
    for session_id, t_us, point_id in facts.connection.execute(query):
        contexts[session_id].changes_us.append(t_us)
        contexts[session_id].points.append(point_id)
    return contexts


def _of_session(facts: Facts, session: SessionFacts, context: _Context) -> Iterator[Batch]:
    chunk = t.sample_chunk.c
    query = (
        sa.select(chunk.n, chunk.codec, chunk.payload, chunk.calibration_id)
        .where(chunk.session_id == session.id)
        .order_by(chunk.seq)
    )
    gaps = facts.gaps[session.id] = []
    kpa_per_n = pressure_kpa_of(1.0, session.tip_area_cm2)
    period_us = 1e6 / session.rate_hz if session.rate_hz and session.rate_hz > 0 else 0.0
    for calibration_id, samples in _runs(facts, query):
        if not period_us:
            period_us = _period_us(samples.t_us)
        number = facts.calibration_numbers[calibration_id] if calibration_id else None
        force_n = _force_n(samples, context.calibrations.get(calibration_id) if calibration_id else None)
        gap_us = _gaps(samples.t_us, period_us, context, gaps)
        where = _point_places(samples.t_us, context)
        for first, stop in _equal_runs(where):
            rows = slice(first, stop)
            yield Batch(
                stop - first,
                (
                    Same(session.id),
                    Same(session.client),
                    *_columns(samples.part(first, stop), force_n[rows], kpa_per_n),
                    gap_us[rows],
                    Same(context.points[int(where[first])]),
                    Same(number),
                ),
            )


def _attempt_samples(_spec: Spec, facts: Facts) -> Iterator[Batch]:
    if facts.client_id is not None:
        return
    a, chunk = t.attempt.c, t.attempt_chunk.c
    wanted = (
        sa.select(
            a.id, t.trainee.c.code, a.tip_area_cm2, a.zero_counts, a.counts_per_n, a.curve, a.sensor_url
        )
        .join(t.trainee)
        .order_by(a.at, a.id)
    )
    if facts.trainee_id is not None:
        wanted = wanted.where(a.trainee_id == facts.trainee_id)
    attempts = facts.connection.execute(wanted).fetchall()
    for row in attempts:
        calibration = None
        if row.zero_counts is not None and row.counts_per_n:
            calibration = Calibration(
                row.zero_counts, row.counts_per_n, row.sensor_url, False, knots_of(row.curve)
            )
        kpa_per_n = pressure_kpa_of(1.0, row.tip_area_cm2)
        query = sa.select(chunk.n, chunk.codec, chunk.payload, sa.null().label("calibration_id"))
        query = query.where(chunk.attempt_id == row.id).order_by(chunk.seq)
        for _, samples in _runs(facts, query):
            columns = _columns(samples, _force_n(samples, calibration), kpa_per_n)
            yield Batch(len(samples), (Same(row.id), Same(row.code), *columns))


def _runs(facts: Facts, query: Query) -> Iterator[tuple[UUID | None, Samples]]:
    """Stored chunks in runs of one calibration and at most `ROWS` samples."""
    waiting: list[Samples] = []
    count = 0
    of: UUID | None = None
    for rows in facts.partitions(query, _CHUNKS):
        for row in rows:
            samples = decode(row.codec, bytes(row.payload), row.n)
            if waiting and (row.calibration_id != of or count + len(samples) > ROWS):
                yield of, joined(waiting)
                waiting, count = [], 0
            of = row.calibration_id
            for first in range(0, len(samples), ROWS):
                part = samples.part(first, first + ROWS)
                if len(samples) - first >= ROWS:
                    yield of, part
                else:
                    waiting.append(part)
                    count += len(part)
    if waiting:
        yield of, joined(waiting)


def _columns(samples: Samples, force_n: NDArray[np.float64], kpa_per_n: float) -> tuple[Any, ...]:
    device = np.ma.masked_equal(samples.device_us, NO_DEVICE_CLOCK, copy=False)
    return (
        samples.t_us,
        device,
        samples.counts,
        force_n,
        force_n * kpa_per_n,
        samples.quality,
        samples.lost_before,
    )


def _force_n(samples: Samples, calibration: Calibration | None) -> NDArray[np.float64]:
    if calibration is None:
        return np.full(len(samples), np.nan)
    force_n = calibration.force_n(samples.counts).astype(np.float64)
    force_n[(samples.quality & Quality.UNCALIBRATED) != 0] = np.nan
    return force_n


def _period_us(t_us: NDArray[np.int64], enough: int = 200) -> float:
    """Median step of the first samples; 0 when nothing is known."""
    steps = np.diff(t_us[:enough])
    # Without a device clock several samples may share their time of arrival: then the mean step tells.
    return (float(np.median(steps)) or float(steps.mean())) if len(steps) else 0.0


def _gaps(t_us: NDArray[np.int64], period_us: float, context: _Context, found: list[Gap]) -> Any:
    """The silence before each sample, microseconds, masked where there is none."""
    before = np.empty_like(t_us)
    before[1:] = t_us[:-1]
    before[0] = t_us[0] if context.last_us is None else context.last_us
    context.last_us = int(t_us[-1])
    steps = t_us - before
    silent = steps > GAP_PERIODS * period_us if period_us > 0 else np.zeros(len(t_us), np.bool_)
    found += [Gap(int(before[i]), int(t_us[i])) for i in np.flatnonzero(silent)]
    return np.ma.array(steps, mask=~silent)


def _point_places(t_us: NDArray[np.int64], context: _Context) -> NDArray[np.intp]:
    """Which of the context's points each sample belongs to."""
    if not context.changes_us:
        return np.zeros(len(t_us), np.intp)
    reached = np.maximum.accumulate(np.maximum(t_us, context.newest_us))
    context.newest_us = int(reached[-1])
    return np.searchsorted(np.array(context.changes_us, np.int64), reached, side="right")


def _equal_runs(values: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    cuts = (np.flatnonzero(np.diff(values)) + 1).tolist()
    yield from zip([0, *cuts], [*cuts, len(values)], strict=True)
