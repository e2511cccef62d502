"""Small records to look through: real sessions, written by the journal, with coach, words and faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np

from feedback.band import Band
from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.comfort import Report, ReportKind
from feedback.history import SessionJournal, SessionStart, open_history
from feedback.points import Point
from feedback.press import PressDetector
from feedback.signal import Calibration, ForceBlock, Quality

RATE_HZ = 80
T0_S = 1000.0
LEFT = Point("upper trapezius", "left", "1")
RIGHT = Point("upper trapezius", "right", "1")
INFRA = Point("infraspinatus", "left")
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """One visit to write."""

    days_ago: float
    points: tuple[Point, ...] = (LEFT,)
    ratings: tuple[int, ...] = (6, 4)
    newtons: float = 20.0
    band: tuple[float, float] = (150.0, 260.0)
    threshold_kpa: float | None = 180.0
    saturated: bool = False
    lost: bool = False
    simulated: bool = False
    note: str = ""
    therapist: str = "T1"
    applicator: str = "probe"


def write(folder: Path, code: str, visits: list[Told]) -> list[UUID]:
    """Write a client's visits, the oldest first as they are given; the sessions' ids."""
    return [_visit(folder, code, told) for told in visits]


def _visit(folder: Path, code: str, told: Told) -> UUID:
    began = NOW - timedelta(days=told.days_ago)
    ticks = iter(range(10_000_000))
    with open_history(
        folder / "history.db", now=lambda: began + timedelta(microseconds=next(ticks))
    ) as history:
        url = "sim://upper-trapezius" if told.simulated else "/dev/ttyUSB0"
        start = SessionStart(
            code, began, T0_S, told.applicator, 1.0, sensor_url=url, therapist=told.therapist
        )
        journal = history.begin_session(start)
        journal.calibration(Calibration(0.0, 1000.0, "unit kg on the line"), T0_S)
        at_s = T0_S
        for point in told.points:
            record = history.point(code, point)
            journal.point(record.id, at_s)
            band = Band(
                *told.band,
                (told.band[0] - 20, told.band[0] + 15),
                (told.band[1] - 30, told.band[1] + 40),
                "learned",
            )
            journal.band(band, 500.0, at_s)
            for rating in told.ratings:
                at_s = _press(journal, at_s, told, rating, band)
            if told.threshold_kpa is not None:
                values = (told.threshold_kpa * 0.97, told.threshold_kpa * 1.03)
                result = ThresholdResult(
                    "threshold-1kg",
                    at_s - 5,
                    at_s - 1,
                    values,
                    (98.0, 99.0),
                    (True, True),
                    told.threshold_kpa,
                    4.2,
                )
                journal.threshold(result)
        if told.note:
            journal.note(told.note, at_s)
        journal.end(at_s + 2, {})
        journal.close()
        return journal.id


def _press(journal: SessionJournal, at_s: float, told: Told, rating: int, band: Band) -> float:
    """A ramp of 2 s, a hold of 10 s with some sag, a release; coached, rated, and said to be good."""
    times_s = at_s + np.arange(18 * RATE_HZ) / RATE_HZ
    since = times_s - at_s - 2
    rise = np.clip(since / 2, 0, 1) * (since < 12) * (1 - 0.008 * np.clip(since - 2, 0, None))
    force_n = told.newtons * rise * (1 + 0.01 * np.sin(since * 9))
    quality = np.zeros(len(times_s), np.uint8)
    if told.saturated:
        quality[(since > 5) & (since < 6)] = Quality.SATURATED
    detector = PressDetector(1.0)
    half = len(times_s) // 2
    press_id = uuid4()
    for rows in (slice(0, half), slice(half, None)):
        lost = 3 if told.lost and rows.start else 0
        block = ForceBlock.of(
            times_s[rows], force_n[rows], (force_n[rows] * 1000).astype(np.int32), quality[rows], lost=lost
        )
        journal.samples(block)
        for press in detector.feed(block, band):
            journal.press(press_id, press)
    said = (
        Report(ReportKind.THERE, at_s + 3.4),
        Report(ReportKind.RATING, at_s + 6.0, rating),
        Report(ReportKind.GOOD, at_s + 9.0),
    )
    for report, kpa in zip(said, (140.0, 195.0, 190.0), strict=True):
        journal.report(report, kpa, press_id, 0)
    for kind, first, last, rule in (
        (PhaseKind.RAMP, 2, 4, "reached the band"),
        (PhaseKind.HOLD, 4, 13.8, "time is up"),
        (PhaseKind.RELEASE, 13.8, 14.1, "let go"),
    ):
        journal.phase(
            PhaseRecord("sustained-release", kind, 1, at_s + first, at_s + last, rule, press_id, 190.0)
        )
    return float(times_s[-1]) + 1 / RATE_HZ
