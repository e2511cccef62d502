"""The record as tidy CSV: one table a file, one observation a row, units in the headers, times in UTC.

Everything is in the one system of units that the record uses (N, kPa, cm2, s), whatever the screen shows. An empty
cell means "not known". Reports that were taken back are marked, not dropped.
"""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feedback.history.cells import at_utc, number, point_of, text, whole, whole_file, yes_no
from feedback.history.errors import ExportError
from feedback.history.export_care import care_tables
from feedback.history.records import check_code, iso_utc
from feedback.history.rows import flag_words
from feedback.signal import NO_DEVICE_CLOCK, Quality
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from feedback.history.records import SessionSummary
    from feedback.history.store import History
    from feedback.signal import ForceBlock

GAP_PERIODS = 3.0
"""A step of more than this many sample periods is a gap in the signal."""

_SESSIONS = """
    session_id client started_at_utc ended_at_utc ended_how duration_s applicator tip_area_cm2 sensor_url
    sensor_serial sensor_device dialect clock app_version samples lost_samples checksum_errors reconnects rate_hz
    clock_skew_ppm presses reports therapist
"""
_PRESSES = """
    press_id session_id client at_utc muscle side label point_id start_s end_s duration_s peak_force_n
    peak_pressure_kpa hold_start_s hold_end_s hold_mean_pressure_kpa ramp_kpa_per_s time_in_band_s sag_pct dose_n_s
    lost_samples quality ended band_lower_kpa band_upper_kpa ceiling_kpa tip_area_cm2 applicator
"""
_REPORTS = """
    report_id session_id client at_utc muscle side label point_id press_id time_s kind rating_0_10 pressure_kpa
    quality source undone undone_time_s
"""
_EVENTS = "session_id client at_utc time_s kind duration_s text"
_BANDS = """
    band_id session_id client at_utc muscle side label point_id time_s lower_kpa lower_from_kpa lower_to_kpa
    upper_kpa upper_from_kpa upper_to_kpa ceiling_kpa source because
"""
_CALIBRATIONS = "session_id client time_s zero_counts counts_per_n source tared_under_load curve"
_SAMPLES = """
    session_id client time_s device_t_us counts force_n pressure_kpa quality lost_before gap_before_s point_id
"""


def export_csv(history: History, folder: str | Path, client_code: str | None = None) -> list[Path]:
    """Write the record, or one client's part of it, as CSV files; returns them.

    Each file appears whole or not at all; those of an earlier export are replaced. Files are readable by their owner
    only. That it was exported is noted in the record's audit.

    Raises:
        ExportError: the folder cannot be made or written.
        UnknownClientError: nobody has this code.
        HistoryDamagedError: stored samples cannot be read back.
    """
    folder = Path(folder).expanduser()
    code = None if client_code is None else check_code(client_code)
    if code is not None:
        history.known_client(code)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"the folder {folder} cannot be made ({error.strerror}): choose another place for the export"
        ) from None
    sessions = history.sessions(code)
    codes = [client.code for client in history.clients() if code in (None, client.code)]
    gaps: dict[UUID, list[tuple[float, float]]] = {}
    tables: list[tuple[str, str, Iterable[Sequence[object]]]] = [
        ("sessions", _SESSIONS, map(_session_row, sessions)),
        ("presses", _PRESSES, chain.from_iterable(map(_press_rows, sessions))),
        ("reports", _REPORTS, chain.from_iterable(map(_report_rows, sessions))),
        ("bands", _BANDS, chain.from_iterable(map(_band_rows, sessions))),
        ("calibrations", _CALIBRATIONS, chain.from_iterable(map(_calibration_rows, sessions))),
        ("samples", _SAMPLES, chain.from_iterable(_sample_rows(history, s, gaps) for s in sessions)),
        # After the samples, in which the gaps are found.
        ("events", _EVENTS, chain.from_iterable(_event_rows(s, gaps.get(s.id, [])) for s in sessions)),
        *care_tables(history.care, sessions, codes),
    ]
    written: list[Path] = []
    for name, header, rows in tables:
        path = folder / f"{name}.csv"
        try:
            with whole_file(path) as write:
                write(header.split())
                for row in rows:
                    write(row)
        except OSError as error:
            raise ExportError(
                f"{path} cannot be written ({error.strerror}): choose another folder or free some space"
            ) from None
        written.append(path)
    history.audit("exported", "client" if code else "record", code or "", f"{len(sessions)} sessions as CSV")
    return written


def _session_row(s: SessionSummary) -> Sequence[object]:
    return (
        s.id,
        text(s.client_code),
        iso_utc(s.started_at),
        iso_utc(s.ended_at) if s.ended_at else "",
        s.ended_how or "",
        number(s.duration_s),
        s.applicator,
        f"{s.tip_area_cm2:g}",
        text(s.sensor_url),
        text(s.sensor_serial),
        text(s.sensor_device),
        s.dialect,
        s.clock,
        s.app_version,
        s.samples,
        s.lost,
        whole(s.checksum_errors),
        whole(s.reconnects),
        number(s.rate_hz),
        number(s.clock_skew_ppm, 1),
        len(s.presses),
        sum(not report.undone for report in s.reports),
        text(s.therapist),
    )


def _press_rows(s: SessionSummary) -> Iterator[Sequence[object]]:
    for stored in s.presses:
        p = stored.press
        yield (
            stored.id,
            s.id,
            text(s.client_code),
            at_utc(s, p.start_s),
            *point_of(s, stored.point_id),
            number(p.start_s),
            number(p.end_s),
            number(p.duration_s),
            number(p.peak_n),
            number(p.peak_kpa, 2),
            number(p.hold_start_s),
            number(p.hold_end_s),
            number(p.hold_mean_kpa, 2),
            number(p.ramp_kpa_per_s, 2),
            number(p.time_in_band_s),
            number(p.sag_pct, 2),
            number(p.dose_ns, 2),
            p.lost,
            flag_words(p.quality),
            p.ended,
            number(stored.lower_kpa, 2),
            number(stored.upper_kpa, 2),
            number(stored.ceiling_kpa, 2),
            f"{s.tip_area_cm2:g}",
            s.applicator,
        )


def _report_rows(s: SessionSummary) -> Iterator[Sequence[object]]:
    for r in s.reports:
        yield (
            r.id,
            s.id,
            text(s.client_code),
            at_utc(s, r.time_s),
            *point_of(s, r.point_id),
            r.press_id or "",
            number(r.time_s),
            r.kind.value,
            whole(r.rating),
            number(r.pressure_kpa, 2),
            flag_words(r.quality),
            r.source,
            yes_no(r.undone),
            number(r.undone_time_s),
        )


def _band_rows(s: SessionSummary) -> Iterator[Sequence[object]]:
    for b in s.bands:
        band = b.band
        lower = (band.lower_interval_kpa if band else None) or (None, None)
        upper = (band.upper_interval_kpa if band else None) or (None, None)
        yield (
            b.id,
            s.id,
            text(s.client_code),
            iso_utc(b.at),
            *point_of(s, b.point_id),
            number(b.time_s),
            number(band.lower_kpa if band else None, 2),
            *(number(edge, 2) for edge in lower),
            number(band.upper_kpa if band else None, 2),
            *(number(edge, 2) for edge in upper),
            number(b.ceiling_kpa, 2),
            band.source if band else "",
            text(band.because) if band else "",
        )


def _calibration_rows(s: SessionSummary) -> Iterator[Sequence[object]]:
    for c in s.calibrations:
        tared = yes_no(c.tared_under_load)
        code = text(s.client_code)
        scale = repr(c.zero_counts), repr(c.counts_per_n)
        curve = json.dumps(c.curve) if c.curve else ""
        yield s.id, code, number(c.time_s), *scale, text(c.source), tared, curve


def _event_rows(s: SessionSummary, gaps: list[tuple[float, float]]) -> Iterator[Sequence[object]]:
    code = text(s.client_code)
    lengths = {round(start_s, 3): end_s - start_s for start_s, end_s in gaps}
    rows: list[tuple[float, str, str, str]] = []
    for event in chain(s.notes, s.events):
        # A gap that the session itself noticed is the one found in the samples.
        length_s = lengths.pop(round(event.time_s, 3), None) if event.kind == "gap" else None
        rows.append((event.time_s, event.kind, number(length_s), text(event.text)))
    rows += [(start_s, "gap", number(length_s), "no samples") for start_s, length_s in lengths.items()]
    for time_s, kind, length, said in sorted(rows):
        yield s.id, code, at_utc(s, time_s), number(time_s), kind, length, said


def _sample_rows(
    history: History, s: SessionSummary, gaps: dict[UUID, list[tuple[float, float]]]
) -> Iterator[Sequence[object]]:
    """Rows of one session; what gaps it finds goes to `gaps`."""
    found = gaps.setdefault(s.id, [])
    kpa_per_n = pressure_kpa_of(1.0, s.tip_area_cm2)
    session_id, code = str(s.id), text(s.client_code)
    words = {value: flag_words(value) for value in range(256)}
    last_s: float | None = None
    changes = list(s.point_changes)
    point_id = ""
    for block, period_s in _with_period(history.samples(s.id), s.rate_hz):
        columns = (block.time_s, block.t_us, block.counts, block.force_n, block.quality)
        lost = block.lost
        for time_s, device_us, counts, force_n, quality in zip(*(c.tolist() for c in columns), strict=True):
            while changes and changes[0].time_s <= time_s:
                point_id = str(changes.pop(0).point_id)
            gap = ""
            if last_s is not None and period_s and time_s - last_s > GAP_PERIODS * period_s:
                gap = number(time_s - last_s, 6)
                found.append((last_s, time_s))
            force = not quality & Quality.UNCALIBRATED
            yield (
                session_id,
                code,
                f"{time_s:.6f}",
                "" if device_us == NO_DEVICE_CLOCK else device_us,
                counts,
                f"{force_n:.4f}" if force else "",
                f"{force_n * kpa_per_n:.3f}" if force else "",
                words[quality],
                lost,
                gap,
                point_id,
            )
            lost = 0
            last_s = time_s


def _with_period(
    blocks: Iterator[ForceBlock], rate_hz: float | None, enough: int = 200
) -> Iterator[tuple[ForceBlock, float]]:
    """Blocks with the sample period: from the sensor's rate, else the median step of the first samples (0: unknown)."""
    head: list[ForceBlock] = []
    period_s = 1.0 / rate_hz if rate_hz and rate_hz > 0 else 0.0
    if not period_s:
        n = 0
        for block in blocks:
            head.append(block)
            n += len(block)
            if n >= enough:
                break
        times_s = np.concatenate([block.time_s for block in head]) if head else np.empty(0)
        steps_s = times_s[1:] - times_s[:-1]
        # Without a device clock several samples may share their time of arrival: then the mean step tells.
        if len(steps_s):
            period_s = float(np.median(steps_s)) or float(steps_s.mean())
    for block in chain(head, blocks):
        yield block, period_s
