"""Sessions with their presses, reports, notes and events, read back from the record."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.comfort import ReportKind
from feedback.history import tables as t
from feedback.history.queries import band_of
from feedback.history.records import (
    PointChange,
    SessionSummary,
    StoredBand,
    StoredCalibration,
    StoredEvent,
    StoredPhase,
    StoredPress,
    StoredReport,
    StoredThreshold,
)
from feedback.history.rows import UNDO
from feedback.history.samples import knots_of, sample_totals
from feedback.points import Point
from feedback.press import Press

if TYPE_CHECKING:
    from uuid import UUID

_MAX_QUERY_VALUES = 500


def session_summaries(
    connection: sa.Connection, client_code: str | None = None, session_id: UUID | None = None
) -> list[SessionSummary]:
    """Sessions with all that people read of them, oldest first."""
    query = (
        sa.select(t.session, t.client.c.code).join(t.client).order_by(t.session.c.started_at, t.session.c.id)
    )
    if client_code is not None:
        query = query.where(t.client.c.code == client_code)
    if session_id is not None:
        query = query.where(t.session.c.id == session_id)
    rows = connection.execute(query).fetchall()
    found: list[SessionSummary] = []
    for start in range(0, len(rows), _MAX_QUERY_VALUES):
        found += _summaries(connection, rows[start : start + _MAX_QUERY_VALUES])
    return found


def _summaries(connection: sa.Connection, rows: Any) -> list[SessionSummary]:
    ids = [row.id for row in rows]

    def by_session(table: sa.Table, time: str = "t_us") -> dict[UUID, list[Any]]:
        grouped: dict[UUID, list[Any]] = defaultdict(list)
        # Equal times keep the order in which they came, as far as the database tells.
        for row in connection.execute(
            sa.select(table).where(table.c.session_id.in_(ids)).order_by(table.c[time])
        ):
            grouped[row.session_id].append(row)
        return grouped

    changes, calibrations, bands = by_session(t.point_change), by_session(t.calibration), by_session(t.band)
    presses, reports, events = by_session(t.press, "start_us"), by_session(t.report), by_session(t.event)
    phases, thresholds = by_session(t.phase, "end_us"), by_session(t.threshold, "end_us")
    running = {row.id: sample_totals(connection, row.id) for row in rows if row.ended_at is None}
    pointed = (changes, presses, phases, thresholds)
    used = {row.point_id for group in pointed for found in group.values() for row in found}
    points = _points(connection, {point_id for point_id in used if point_id is not None})

    found: list[SessionSummary] = []
    for row in rows:
        samples, lost, last_us = running.get(row.id, (row.samples or 0, row.lost or 0, 0))
        ended = row.ended_at is not None
        here = [r.point_id for group in pointed for r in group[row.id] if r.point_id is not None]
        found.append(
            SessionSummary(
                id=row.id,
                client_code=row.code,
                started_at=row.started_at,
                ended_at=row.ended_at,
                ended_how=row.ended_how,
                duration_s=(row.ended_at - row.started_at).total_seconds()
                if ended
                else max(0, last_us) / 1e6,
                applicator=row.applicator,
                tip_area_cm2=row.tip_area_cm2,
                sensor_url=row.sensor_url,
                sensor_serial=row.sensor_serial,
                sensor_device=row.sensor_device,
                dialect=row.dialect,
                clock=row.clock,
                app_version=row.app_version,
                samples=samples,
                lost=lost,
                checksum_errors=row.checksum_errors,
                reconnects=row.reconnects,
                rate_hz=row.rate_hz,
                clock_skew_ppm=row.clock_skew_ppm,
                points={point_id: points[point_id] for point_id in dict.fromkeys(here)},
                point_changes=[PointChange(r.t_us / 1e6, r.point_id) for r in changes[row.id]],
                calibrations=[
                    StoredCalibration(
                        r.t_us / 1e6,
                        r.zero_counts,
                        r.counts_per_n,
                        r.source,
                        r.tared_under_load,
                        knots_of(r.curve),
                    )
                    for r in calibrations[row.id]
                ],
                presses=[press_of(r) for r in presses[row.id]],
                reports=reports_of(reports[row.id]),
                bands=[
                    StoredBand(
                        r.id,
                        r.point_id,
                        r.at,
                        None if r.t_us is None else r.t_us / 1e6,
                        band_of(r),
                        r.ceiling_kpa,
                    )
                    for r in bands[row.id]
                ],
                notes=[StoredEvent(r.kind, r.t_us / 1e6, r.text) for r in events[row.id] if r.kind == "note"],
                events=[
                    StoredEvent(r.kind, r.t_us / 1e6, r.text) for r in events[row.id] if r.kind != "note"
                ],
                therapist=row.therapist or "",
                phases=[phase_of(r) for r in phases[row.id]],
                thresholds=thresholds_of(thresholds[row.id]),
            )
        )
    return found


def _points(connection: sa.Connection, ids: set[UUID]) -> dict[UUID, Point]:
    found: dict[UUID, Point] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _MAX_QUERY_VALUES):
        query = sa.select(t.point).where(t.point.c.id.in_(wanted[start : start + _MAX_QUERY_VALUES]))
        found.update({row.id: Point(row.muscle, row.side, row.label) for row in connection.execute(query)})
    return found


def press_of(row: Any) -> StoredPress:
    """A row of the press table; times in seconds from the start of the session."""

    def seconds(t_us: int | None) -> float | None:
        return None if t_us is None else t_us / 1e6

    def number(value: float | None) -> float:
        return float("nan") if value is None else value

    press = Press(
        start_s=row.start_us / 1e6,
        end_s=row.end_us / 1e6,
        peak_n=number(row.peak_n),
        peak_kpa=number(row.peak_kpa),
        hold_start_s=seconds(row.hold_start_us),
        hold_end_s=seconds(row.hold_end_us),
        hold_mean_kpa=row.hold_mean_kpa,
        ramp_kpa_per_s=row.ramp_kpa_per_s,
        time_in_band_s=row.time_in_band_s,
        sag_pct=row.sag_pct,
        dose_ns=number(row.dose_ns),
        lost=row.lost,
        quality=row.quality,
        ended=row.ended,
    )
    return StoredPress(row.id, row.point_id, press, row.lower_kpa, row.upper_kpa, row.ceiling_kpa)


def phase_of(row: Any) -> StoredPhase:
    """A row of the phase table; times in seconds from the start of the session."""
    phase = PhaseRecord(
        technique=row.technique,
        kind=PhaseKind(row.kind),
        round=row.round,
        start_s=row.start_us / 1e6,
        end_s=row.end_us / 1e6,
        rule=row.rule,
        press_id=row.press_id,
        pressure_kpa=row.pressure_kpa,
        rate_kpa_per_s=row.rate_kpa_per_s,
    )
    return StoredPhase(row.id, row.point_id, phase)


def thresholds_of(rows: list[Any]) -> list[StoredThreshold]:
    """Rows of the threshold table, in order of their end, with those that were measured on marked."""
    newest = {(row.technique, row.start_us): row.id for row in rows}
    return [_threshold_of(row, newest[row.technique, row.start_us] != row.id) for row in rows]


def _threshold_of(row: Any, superseded: bool) -> StoredThreshold:
    repeats: list[dict[str, Any]] = json.loads(row.repeats)
    nan = float("nan")
    result = ThresholdResult(
        technique=row.technique,
        start_s=row.start_us / 1e6,
        end_s=row.end_us / 1e6,
        values_kpa=tuple(nan if r["kpa"] is None else float(r["kpa"]) for r in repeats),
        rates_kpa_per_s=tuple(r["rate_kpa_per_s"] for r in repeats),
        used=tuple(bool(r["used"]) for r in repeats),
        mean_kpa=nan if row.mean_kpa is None else row.mean_kpa,
        cv_pct=row.cv_pct,
        at_least=row.at_least,
    )
    return StoredThreshold(row.id, row.point_id, result, superseded)


def reports_of(rows: list[Any]) -> list[StoredReport]:
    """Rows of the report table as reports, with those taken back marked."""
    undone = {row.corrects_id: row.t_us / 1e6 for row in rows if row.kind == UNDO}
    return [
        StoredReport(
            id=row.id,
            point_id=row.point_id,
            press_id=row.press_id,
            time_s=row.t_us / 1e6,
            kind=ReportKind(row.kind),
            rating=row.rating,
            pressure_kpa=row.pressure_kpa,
            quality=row.quality,
            source=row.source,
            undone=row.id in undone,
            undone_time_s=undone.get(row.id),
        )
        for row in rows
        if row.kind != UNDO
    ]
