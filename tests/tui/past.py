"""Visits that have been, for screens that look back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np

from feedback.care import Assessment, PainArea
from feedback.history import SessionStart, open_history
from feedback.points import Point
from feedback.press import PressDetector
from feedback.signal import Calibration, ForceBlock

POINT = Point("infraspinatus", "left")
RATE_HZ = 80


def past_visit(
    folder: Path,
    code: str,
    *,
    days_ago: float,
    pain_now: int | None = None,
) -> UUID:
    """One press of 20 N on 1 cm², so many days ago; returns the session's id."""
    began = datetime.now(UTC) - timedelta(days=days_ago)
    times_s = 100.0 + np.arange(14 * RATE_HZ) / RATE_HZ
    force_n = np.where((times_s > 101) & (times_s < 113), 20.0, 0.0)
    block = ForceBlock.of(times_s, force_n, force_n * 1000)
    with open_history(folder / "history.db", now=lambda: began) as history:
        journal = history.begin_session(SessionStart(code, began, 100.0, "probe", 1.0))
        journal.calibration(Calibration(0.0, 1000.0, "test"), 100.0)
        journal.point(history.point(code, POINT).id, 100.0)
        journal.samples(block)
        detector = PressDetector(1.0)
        presses = detector.feed(block, None)
        assert presses
        for press in presses:
            journal.press(uuid4(), press)
        journal.end(float(times_s[-1]), {})
        journal.close()
        if pain_now is not None:
            told = Assessment((PainArea("neck", "left", pain_now),))
            history.care.assess(code, told, journal.id)
        return journal.id
