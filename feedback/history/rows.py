"""From what a session says to rows of the tables, in the order in which it said it. No database here."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import numpy as np

from feedback.history import tables
from feedback.history.chunks import Chunks
from feedback.signal import Quality

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import sqlalchemy as sa

    from feedback.band import Band
    from feedback.coach.phases import PhaseRecord, ThresholdResult
    from feedback.comfort import Report
    from feedback.history.records import Posterior, SessionStart
    from feedback.press import Press
    from feedback.signal import Calibration, ForceBlock

UNDO = "undo"
"""`report.kind` of a row that takes back the report it names."""
HEALTH = {"checksum_errors": int, "reconnects": int, "rate_hz": float, "clock_skew_ppm": float}
"""What the end of a session takes over from the sensor's health, with its type."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row to insert, or (`update`) values for the row with its id."""

    table: sa.Table
    values: dict[str, Any]
    update: bool = False


class Rows:
    """Collects the rows of one session in `out`; whoever writes them takes them out.

    Used by one thread. Samples wait in a buffer until `flush`, so that blocks of a few samples share a chunk.
    """

    def __init__(self, session_id: UUID, start: SessionStart) -> None:
        self.out: list[Row] = []
        self.newest_us: int | None = None
        self._id = session_id
        self._start = start
        self._chunks = Chunks(start.t0_s)
        self._calibration: tuple[UUID, Calibration] | None = None
        self._warned = False
        self._point_id: UUID | None = None
        self._band: Band | None = None
        self._ceiling_kpa: float | None = None

    def t_us(self, time_s: float) -> int:
        """Microseconds from the start of the session."""
        return round(float(time_s - self._start.t0_s) * 1e6)

    def samples(self, block: ForceBlock) -> None:
        """Keep a block; what an empty one says was lost is put before the next sample."""
        self._chunks.add(block)
        known = len(block) and np.isfinite(block.force_n).any()
        if self._calibration is None and not self._warned and known:
            self._warned = True
            self.event(
                "no calibration",
                float(block.time_s[0]),
                "forces came without their calibration: only counts are kept",
            )

    def flush(self) -> None:
        """Turn the buffered samples into chunks."""
        for values in self._chunks.take():
            calibration_id = self._calibration[0] if self._calibration else None
            self._add(tables.sample_chunk, **values, calibration_id=calibration_id)
        self.newest_us = self._chunks.newest_us

    def calibration(self, calibration: Calibration | None, time_s: float) -> None:
        """From here on chunks refer to this calibration."""
        if calibration == (self._calibration[1] if self._calibration else None):
            return
        self.flush()
        if calibration is None:
            self._calibration = None
            return
        self._calibration = (uuid4(), calibration)
        self._add(
            tables.calibration,
            id=self._calibration[0],
            t_us=self.t_us(time_s),
            zero_counts=float(calibration.zero_counts),
            counts_per_n=float(calibration.counts_per_n),
            source=calibration.source,
            tared_under_load=bool(calibration.tared_under_load),
            curve=json.dumps(calibration.curve) if calibration.curve else None,
        )

    def point(self, point_id: UUID, time_s: float) -> None:
        """From here on presses, reports and bands belong to this point."""
        self._point_id = point_id
        self._add(tables.point_change, id=uuid4(), t_us=self.t_us(time_s), point_id=point_id)

    def band(self, band: Band | None, ceiling_kpa: float, time_s: float, at: datetime) -> None:
        """This band and ceiling are in force from here on; `at` is the time of day."""
        self._band, self._ceiling_kpa = band, ceiling_kpa
        self._add_band(time_s, at, None)

    def learned(self, posterior: Posterior, time_s: float, at: datetime) -> None:
        """What the band model knows now, beside the band in force."""
        self._add_band(time_s, at, posterior)

    def sensor(self, values: Mapping[str, str]) -> None:
        """What the sensor has told of itself since the session began."""
        self.out.append(Row(tables.session, {"id": self._id, **values}, update=True))

    def report(
        self, report_id: UUID, report: Report, pressure_kpa: float | None, press_id: UUID | None, quality: int
    ) -> None:
        """Keep a report."""
        self._add(
            tables.report,
            id=report_id,
            point_id=self._point_id,
            press_id=press_id,
            t_us=self.t_us(report.time_s),
            kind=report.kind.value,
            rating=None if report.rating is None else int(report.rating),
            pressure_kpa=finite(pressure_kpa),
            quality=int(quality),
            source=report.source,
            corrects_id=None,
        )

    def correct(self, report_id: UUID, time_s: float) -> None:
        """Take a report back."""
        self._add(
            tables.report,
            id=uuid4(),
            point_id=self._point_id,
            press_id=None,
            t_us=self.t_us(time_s),
            kind=UNDO,
            rating=None,
            pressure_kpa=None,
            quality=0,
            source="therapist",
            corrects_id=report_id,
        )

    def press(self, press_id: UUID, press: Press) -> None:
        """Keep a press with the point, band and ceiling in force."""
        values = press_values(press, self._start.t0_s)
        self._add(
            tables.press,
            id=press_id,
            point_id=self._point_id,
            **values,
            lower_kpa=float(self._band.lower_kpa) if self._band else None,
            upper_kpa=float(self._band.upper_kpa) if self._band else None,
            ceiling_kpa=finite(self._ceiling_kpa),
        )

    def phase(self, record: PhaseRecord) -> None:
        """Keep a phase with the point in force."""
        self._add(
            tables.phase,
            id=uuid4(),
            point_id=self._point_id,
            press_id=record.press_id,
            technique=record.technique,
            kind=record.kind.value,
            round=int(record.round),
            start_us=self.t_us(record.start_s),
            end_us=self.t_us(record.end_s),
            rule=record.rule,
            pressure_kpa=finite(record.pressure_kpa),
            rate_kpa_per_s=finite(record.rate_kpa_per_s),
        )

    def threshold(self, result: ThresholdResult) -> None:
        """Keep a measured threshold with the point in force."""
        repeats = [
            {"kpa": finite(kpa), "rate_kpa_per_s": finite(rate), "used": bool(used)}
            for kpa, rate, used in zip(result.values_kpa, result.rates_kpa_per_s, result.used, strict=True)
        ]
        self._add(
            tables.threshold,
            id=uuid4(),
            point_id=self._point_id,
            technique=result.technique,
            start_us=self.t_us(result.start_s),
            end_us=self.t_us(result.end_s),
            repeats=json.dumps(repeats),
            mean_kpa=finite(result.mean_kpa),
            cv_pct=finite(result.cv_pct),
            at_least=bool(result.at_least),
        )

    def event(self, kind: str, time_s: float, text: str) -> None:
        """Keep something that happened."""
        self._add(tables.event, id=uuid4(), t_us=self.t_us(time_s), kind=kind, text=text)

    def end(self, time_s: float, health: Mapping[str, float | int | None]) -> None:
        """Fill in the end. Samples and losses are those that went into this session, not those of the sensor's life."""
        self.flush()
        values: dict[str, Any] = {
            "ended_at": self._start.started_at + timedelta(microseconds=max(0, self.t_us(time_s))),
            "ended_how": "ended",
            "samples": self._chunks.samples,
            "lost": self._chunks.lost + self._chunks.owed,
        }
        for name, kind in HEALTH.items():
            value = finite(health.get(name))
            values[name] = None if value is None else kind(value)
        self.out.append(Row(tables.session, {"id": self._id, **values}, update=True))

    def _add_band(self, time_s: float, at: datetime, posterior: Posterior | None) -> None:
        values = band_values(self._band, self._ceiling_kpa, posterior)
        self._add(
            tables.band,
            id=uuid4(),
            point_id=self._point_id,
            applicator=self._start.applicator,
            tip_area_cm2=self._start.tip_area_cm2,
            at=at,
            t_us=self.t_us(time_s),
            **values,
        )

    def _add(self, table: sa.Table, **values: Any) -> None:
        self.out.append(Row(table, {"session_id": self._id, **values}))


def finite(value: float | None) -> float | None:
    """A plain number; NaN and infinity are no values: the record has None for them."""
    return float(value) if value is not None and math.isfinite(value) else None


def band_values(
    band: Band | None, ceiling_kpa: float | None, posterior: Posterior | None = None
) -> dict[str, Any]:
    """The columns of a band."""
    lower = (band.lower_interval_kpa if band else None) or (None, None)
    upper = (band.upper_interval_kpa if band else None) or (None, None)
    return {
        "lower_kpa": float(band.lower_kpa) if band else None,
        "upper_kpa": float(band.upper_kpa) if band else None,
        "lower_low_kpa": finite(lower[0]),
        "lower_high_kpa": finite(lower[1]),
        "upper_low_kpa": finite(upper[0]),
        "upper_high_kpa": finite(upper[1]),
        "ceiling_kpa": finite(ceiling_kpa),
        "source": band.source if band else "none",
        "because": band.because if band else "",
        "posterior": posterior.data if posterior else None,
        "posterior_version": posterior.version if posterior else None,
    }


def press_values(press: Press, t0_s: float) -> dict[str, Any]:
    """The columns of a press whose times are on a clock that showed `t0_s` at the start of the session."""

    def t_us(time_s: float | None) -> int | None:
        return None if time_s is None else round(float(time_s - t0_s) * 1e6)

    return {
        "start_us": t_us(press.start_s),
        "end_us": t_us(press.end_s),
        "peak_n": finite(press.peak_n),
        "peak_kpa": finite(press.peak_kpa),
        "hold_start_us": t_us(press.hold_start_s),
        "hold_end_us": t_us(press.hold_end_s),
        "hold_mean_kpa": finite(press.hold_mean_kpa),
        "ramp_kpa_per_s": finite(press.ramp_kpa_per_s),
        "time_in_band_s": finite(press.time_in_band_s),
        "sag_pct": finite(press.sag_pct),
        "dose_ns": finite(press.dose_ns),
        "lost": int(press.lost),
        "quality": int(press.quality),
        "ended": press.ended,
    }


def flag_words(quality: int) -> str:
    """Quality flags as words, `+` between them; empty for a good sample."""
    return "+".join((flag.name or "").lower().replace("_", " ") for flag in Quality if quality & flag)
