"""Sessions with their presses, reports, notes and events, read back from the record."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.comfort import ReportKind
from feedback.history import tables as t
from feedback.history.corrections import VOID, in_force
from feedback.history.queries import band_of
from feedback.history.records import (
    FirstSaid,
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
    from collections.abc import Mapping
    from uuid import UUID

    from feedback.history.review_rows import Correction

_MAX_QUERY_VALUES = 500


def session_summaries(
    connection: sa.Connection, client_code: str | None = None, session_id: UUID | None = None
) -> list[SessionSummary]:
    """Sessions with all that people read of them, as corrected, oldest first."""
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

    def by_session(table: sa.Table, *order: str) -> dict[UUID, list[Any]]:
        grouped: dict[UUID, list[Any]] = defaultdict(list)
        # Equal times keep the order in which they came, as far as the database tells.
        columns = [column for column in table.c if not isinstance(column.type, sa.LargeBinary)]
        query = sa.select(*columns).where(table.c.session_id.in_(ids))
        for row in connection.execute(query.order_by(*(table.c[name] for name in order or ("t_us",)))):
            grouped[row.session_id].append(row)
        return grouped

    changes, calibrations, bands = (
        by_session(t.point_change),
        by_session(t.calibration),
        by_session(t.band, "t_us", "at"),
    )
    presses, reports, events = by_session(t.press, "start_us"), by_session(t.report), by_session(t.event)
    phases, thresholds = by_session(t.phase, "end_us"), by_session(t.threshold, "end_us")
    corrected = in_force(connection, ids)
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
                presses=[press_of(r, corrected.get(r.id)) for r in presses[row.id]],
                reports=reports_of(reports[row.id], corrected),
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
                notes=[event_of(r, corrected.get(r.id)) for r in events[row.id] if r.kind == "note"],
                events=[event_of(r) for r in events[row.id] if r.kind != "note"],
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


def event_of(row: Any, correction: Correction | None = None) -> StoredEvent:
    """A row of the event table, with its newest correction if it has one."""
    if correction is None:
        return StoredEvent(row.kind, row.t_us / 1e6, row.text, row.id)
    return StoredEvent(row.kind, row.t_us / 1e6, str(correction.value["text"]), row.id, row.text)


def press_of(row: Any, correction: Correction | None = None) -> StoredPress:
    """A row of the press table, with its newest correction if it has one.

    Times are in seconds from the start of the session.
    """

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
    void = correction is not None and correction.what == VOID
    return StoredPress(
        row.id,
        row.point_id,
        press,
        row.lower_kpa,
        row.upper_kpa,
        row.ceiling_kpa,
        void,
        correction.reason if correction is not None and void else None,
    )


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


def reports_of(rows: list[Any], corrected: Mapping[UUID, Correction] | None = None) -> list[StoredReport]:
    """Rows of the report table as reports, as corrected, with those taken back marked."""
    undone = {row.corrects_id: row.t_us / 1e6 for row in rows if row.kind == UNDO}
    found: list[StoredReport] = []
    for row in rows:
        if row.kind == UNDO:
            continue
        kind, rating, first = ReportKind(row.kind), row.rating, None
        if corrected and row.id in corrected:
            first = FirstSaid(kind, rating)
            now = corrected[row.id].value
            kind, rating = ReportKind(now["kind"]), now["rating"]
        found.append(
            StoredReport(
                id=row.id,
                point_id=row.point_id,
                press_id=row.press_id,
                time_s=row.t_us / 1e6,
                kind=kind,
                rating=rating,
                pressure_kpa=row.pressure_kpa,
                quality=row.quality,
                source=row.source,
                undone=row.id in undone,
                undone_time_s=undone.get(row.id),
                corrected_from=first,
            )
        )
    return found
