"""A visit with something of everything that a file of signals tells, and a work that is given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID, uuid4

import numpy as np

from feedback.band import Band
from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.comfort import Report, ReportKind
from feedback.history import History, SessionStart
from feedback.history.work import CancelledError
from feedback.points import Point
from feedback.press import Press
from feedback.signal import ForceBlock, Quality

from .conftest import CALIBRATION, STARTED_AT, T0_S

Blocks = Callable[..., list[ForceBlock]]
FREE_TEXT = "he says it is his mother"


class Kept(NamedTuple):
    """Ids of what was recorded."""

    session: UUID
    point: UUID
    press: UUID
    void: UUID
    rating: UUID
    corrected: UUID
    undone: UUID


def visit(
    history: History, blocks: Blocks, code: str = "A17", url: str = "sim://test", therapist: str = "T1"
) -> Kept:
    """Ten seconds: 20 N for 2 s, half a second without samples, 40 N, one lost sample, a saturated one, rest."""
    point = history.point(code, Point("soleus", "left", "1"))
    start = SessionStart(
        code, STARTED_AT, T0_S, "thumb", 2.0, url, "SN-9", "Bench scale", "native", "device", "0", therapist
    )
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    journal.point(point.id, T0_S)
    journal.band(Band(90, 160, (80, 100), (150, 170), "learned", "from 2 marks"), 400, T0_S)
    for block in blocks(np.full(160, 20.0)) + blocks(np.linspace(30, 40, 160), first_s=2.5):
        journal.samples(block)
    journal.event("gap", T0_S + 159 / 80, "no samples for 0.513 s")
    times = T0_S + 4.5 + np.arange(1, 81) / 80
    counts = np.rint(40.0 * CALIBRATION.counts_per_n + CALIBRATION.zero_counts)
    flags = np.zeros(80, np.uint8)
    flags[40] = Quality.SATURATED
    force = np.full(80, float(CALIBRATION.force_n(np.array([counts], np.int32))[0]))
    journal.samples(ForceBlock.of(times, force, np.full(80, counts), flags, lost=1))
    for block in blocks(np.zeros(320), first_s=6.0):
        journal.samples(block)
    press, void = uuid4(), uuid4()
    rating = journal.report(Report(ReportKind.RATING, T0_S + 1, 6), 100.5, press, 0)
    corrected = journal.report(Report(ReportKind.RATING, T0_S + 3, 9), 180.0, void, 0)
    undone = journal.report(Report(ReportKind.TOO_MUCH, T0_S + 3.5), None, void, 0)
    journal.report(Report(ReportKind.GOOD, T0_S + 1.5), 100.0, press, 0)
    journal.correct(undone, T0_S + 4)
    for press_id, first_s, end_s, newton, quality in ((press, 0, 2, 20, 0), (void, 2.5, 5.5, 40, 1)):
        measured = Press(
            T0_S + first_s, T0_S + end_s, newton, newton * 5, T0_S + first_s + 0.5, T0_S + end_s, newton * 5.0,
            150.0, 1.5, 2.5, newton * 2.0, 0, quality, "release",
        )  # fmt: skip
        journal.press(press_id, measured)
    journal.phase(PhaseRecord("hold-90", PhaseKind.HOLD, 1, T0_S + 0.5, T0_S + 2, "time", press, 100.0, None))
    for end_s, values, at_least in ((7.0, (150.0, 170.0), False), (8.0, (150.0, 170.0, 190.0), True)):
        used = (False, *(True for _ in values[1:]))
        rates = (None, *(50.0 for _ in values[1:]))
        journal.threshold(
            ThresholdResult(
                "threshold-5n", T0_S + 1, T0_S + end_s, values, rates, used, sum(values[1:]) / len(values[1:]),
                7.9, at_least,
            )
        )  # fmt: skip
    journal.note(FREE_TEXT, T0_S + 2.5)
    journal.end(T0_S + 10.25, {"rate_hz": 79.96})
    history.review.correct_report(corrected, ReportKind.RATING, 4, who="T1", reason="misheard")
    history.review.void_press(void, who="T1", reason="the tip slipped")
    return Kept(journal.id, point.id, press, void, rating, corrected, undone)


class GivenUp:
    """Gives up at the step that is asked for."""

    def __init__(self, at: int) -> None:
        self._left = at

    def step(self, done: float, total: float, what: str = "") -> None:
        assert 0 <= done <= total
        self._left -= 1
        if self._left <= 0:
            raise CancelledError("exporting was cancelled: everything is as it was before")
