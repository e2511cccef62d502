"""Visits that have been, written through the journal of a real record: hands, words, bands, thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import numpy as np

from feedback.band import Band
from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.comfort import Report, ReportKind
from feedback.history import History, SessionStart
from feedback.measure import measure_press
from feedback.points import Point
from feedback.signal import Calibration, ForceBlock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

LEFT, RIGHT = Point("upper trapezius", "left", "1"), Point("upper trapezius", "right", "1")
RATE_HZ = 80
T0_S = 5000.0


@dataclass(frozen=True, slots=True)
class Pressed:
    """One press: up to `kpa` in 2 s, held while it sags, let go; `said` at shares of the hold.

    Attributes:
        band: put in force before it.
        thresholds_kpa: repeats of a threshold that is measured with this press instead of a hold.
    """

    point: Point = LEFT
    kpa: float = 250.0
    hold_s: float = 10.0
    said: tuple[tuple[float, ReportKind, int | None], ...] = ()
    band: Band | None = None
    thresholds_kpa: tuple[float, ...] = ()
    at_least: bool = False
    quality: int = 0


def rating(share: float, value: int) -> tuple[float, ReportKind, int]:
    return share, ReportKind.RATING, value


def learned(lower_kpa: float, upper_kpa: float, half_kpa: float = 20.0) -> Band:
    return Band(
        lower_kpa,
        upper_kpa,
        (lower_kpa - half_kpa, lower_kpa + half_kpa),
        (upper_kpa - half_kpa, upper_kpa + half_kpa),
        "learned",
        "from 2 marks, 4 ratings",
    )


def visited(
    history: History,
    code: str,
    at: datetime,
    presses: Sequence[Pressed],
    *,
    applicator: str = "probe",
    area_cm2: float = 1.0,
    sensor_url: str = "/dev/ttyUSB0",
    therapist: str = "T1",
    note: str = "",
    ceiling_kpa: float = 500.0,
    seed: int = 1,
) -> UUID:
    """One session; returns its id."""
    start = SessionStart(
        code,
        at,
        T0_S,
        applicator,
        area_cm2,
        sensor_url,
        "GP-07",
        "goodpain sensor",
        "native-binary",
        "device",
        "0.9",
    )
    journal = history.begin_session(_with(start, therapist))
    journal.calibration(Calibration(1000.0, 5000.0, "calibrated on 2026-02-01 with 3 masses"), T0_S)
    chance = np.random.default_rng(seed)
    now_s, at_point = T0_S + 2.0, None
    for pressed in presses:
        if pressed.point != at_point:
            at_point = pressed.point
            journal.point(history.point(code, at_point).id, now_s)
        if pressed.band is not None:
            journal.band(pressed.band, ceiling_kpa, now_s)
        now_s = _press(journal, pressed, now_s, area_cm2, chance)
    if note:
        journal.note(note, now_s)
    journal.samples(_block(np.array([now_s]), np.zeros(1)))
    journal.end(now_s + 1.0, {"rate_hz": 80.0})
    return journal.id


def _with(start: SessionStart, therapist: str) -> SessionStart:
    from dataclasses import replace

    return replace(start, therapist=therapist)


def _press(journal, pressed: Pressed, now_s: float, area_cm2: float, chance: np.random.Generator) -> float:
    press_id = uuid4()
    if pressed.thresholds_kpa:
        return _threshold(journal, pressed, press_id, now_s, area_cm2)
    time_s = now_s + np.arange(round((pressed.hold_s + 4) * RATE_HZ)) / RATE_HZ
    since = time_s - now_s
    up = np.clip(since / 2, 0, 1)
    down = np.clip((pressed.hold_s + 3.5 - since) / 1.0, 0, 1)
    sag = 1 - 0.10 * np.clip((since - 2) / max(pressed.hold_s, 1), 0, 1)
    tremor = 1 + 0.012 * np.cumsum(chance.normal(size=len(since))) / np.sqrt(RATE_HZ)
    force_n = pressed.kpa / 10 * area_cm2 * up * down * sag * tremor
    block = _block(time_s, force_n, pressed.quality)
    journal.samples(block)
    kpa = block.force_n / area_cm2 * 10
    band = pressed.band
    inside = (kpa >= band.lower_kpa) & (kpa <= band.upper_kpa) if band else None
    for share, kind, value in pressed.said:
        index = int(np.searchsorted(since, 2 + share * pressed.hold_s))
        journal.report(Report(kind, float(time_s[index]), value, "therapist"), float(kpa[index]), press_id, 0)
    on = block.force_n >= 1.0
    press = measure_press(
        time_s[on],
        block.force_n[on],
        inside[on] if inside is not None else None,
        tip_area_cm2=area_cm2,
        quality=pressed.quality,
    )
    journal.press(press_id, press)
    for kind, first, last in ((PhaseKind.RAMP, 0.0, 2.0), (PhaseKind.HOLD, 2.0, 2.0 + pressed.hold_s)):
        journal.phase(
            PhaseRecord(
                "sustained release", kind, 1, now_s + first, now_s + last, "time is up", press_id, pressed.kpa
            )
        )
    return float(time_s[-1]) + 4.0


def _threshold(journal, pressed: Pressed, press_id: UUID, now_s: float, area_cm2: float) -> float:
    began_s = now_s
    for value in pressed.thresholds_kpa:
        rise_s = value / 40
        time_s = now_s + np.arange(round((rise_s + 1) * RATE_HZ)) / RATE_HZ
        force_n = np.clip((time_s - now_s) / rise_s, 0, 1) * value / 10 * area_cm2
        force_n[time_s - now_s > rise_s] *= 0.02
        block = _block(time_s, force_n, pressed.quality)
        journal.samples(block)
        on = block.force_n >= 1.0
        journal.report(Report(ReportKind.THERE, now_s + rise_s, None, "therapist"), value, press_id, 0)
        press = measure_press(
            time_s[on], block.force_n[on], None, tip_area_cm2=area_cm2, quality=pressed.quality
        )
        journal.press(press_id, press)
        press_id = uuid4()
        now_s = float(time_s[-1]) + 5.0
    values = np.array(pressed.thresholds_kpa)
    journal.threshold(
        ThresholdResult(
            "threshold, 1 kg/cm² a second",
            began_s,
            now_s,
            pressed.thresholds_kpa,
            (40.0,) * len(values),
            (True,) * len(values),
            float(values.mean()),
            float(values.std(ddof=1) / values.mean() * 100) if len(values) > 1 else None,
            pressed.at_least,
        )
    )
    return now_s + 2.0


def _block(time_s: np.ndarray, force_n: np.ndarray, quality: int = 0) -> ForceBlock:
    counts = np.rint(force_n * 5000 + 1000).astype(np.int32)
    t_us = np.rint(time_s * 1e6).astype(np.int64)
    return ForceBlock.of(time_s, (counts - 1000) / 5000, counts, quality, t_us)
