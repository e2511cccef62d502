"""Drills and pressures for the tests of the drills."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from feedback.drills import (
    Attempt,
    AttemptRecord,
    AttemptScores,
    Drill,
    DrillKind,
    FeedbackMode,
    Outcome,
    Purpose,
    Score,
    ScoreKey,
    Stage,
    Task,
    Void,
    WindowScores,
    drill_from_toml,
    task_of,
)

RATE_HZ = 80
MONDAY = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)

HOLD = """
title = "Hold"
kind = "hold"
about = "Hold it."
target = "200 kPa"
tolerance_pct = 10
reach_s = 2
hold_s = 10
"""


def hold_drill(text: str = HOLD, name: str = "hold") -> Drill:
    return drill_from_toml(text, f"{name}.toml", name)


def hold_task(feedback: FeedbackMode = FeedbackMode.ALWAYS, *, reveal: bool = True) -> Task:
    return task_of(hold_drill(), tip_area_cm2=1.0, feedback=feedback, reveal=reveal)


def times(seconds: float, start_s: float = 0.0) -> np.ndarray:
    return start_s + np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def pressed(task: Task, kpa, *, contact_kpa: float = 40.0) -> tuple[np.ndarray, np.ndarray]:
    """Samples from first contact to just past the end; `kpa` is a function of the time from the go."""
    time_s = times(task.drill.set_s + task.trajectory.end_s + 0.5)
    go_s = math.ceil(task.drill.set_s * RATE_HZ) / RATE_HZ
    t = time_s - go_s
    return time_s, np.where(t < 0, contact_kpa, kpa(t))


def attempted(task: Task, kpa, *, estimate_kpa: float | None = None, ceiling_kpa: float = 1000.0) -> Outcome:
    attempt = Attempt(task, ceiling_kpa=ceiling_kpa)
    time_s, pressure = pressed(task, kpa)
    attempt.feed(time_s, pressure)
    if attempt.stage is Stage.ESTIMATE:
        attempt.estimate(estimate_kpa)
    assert attempt.outcome is not None
    return attempt.outcome


def record(
    minute: float,
    *,
    error_pct: float = 0.0,
    drill: str = "hold",
    kind: DrillKind = DrillKind.FIND,
    purpose: Purpose = Purpose.TEST,
    feedback: FeedbackMode | None = None,
    day: int = 0,
    ease: float = 1.0,
    void: Void | None = None,
    asked: float = 0.10,
    target_kpa: float = 200.0,
    estimate_pct: float | None = None,
    sag_pct: float | None = None,
    trainee: str = "T-01",
) -> AttemptRecord:
    """A record as an attempt with this error would leave it."""
    rate = kind in (DrillKind.RAMP, DrillKind.THRESHOLD)
    main = ScoreKey.RATE if rate else ScoreKey.CONSTANT
    kpa = error_pct / 100 * target_kpa
    found = {main: Score(main, kpa, kpa / 10, error_pct)}
    if estimate_pct is not None:
        found[ScoreKey.ESTIMATE] = Score(ScoreKey.ESTIMATE, estimate_pct * 2, None, estimate_pct)
    if sag_pct is not None:
        found[ScoreKey.SAG] = Score(ScoreKey.SAG, sag_pct * 2, None, sag_pct)
    scores = AttemptScores(
        scores=tuple(found.get(key, Score(key)) for key in ScoreKey),
        windows=()
        if rate
        else (WindowScores(0, target_kpa, target_kpa + kpa, error_pct, abs(error_pct), 3.0),),
        target_kpa=target_kpa,
        mean_kpa=target_kpa + kpa,
        felt_kpa=target_kpa + kpa,
        inside=abs(error_pct) / 100 <= asked * ease,
        needed_share=abs(error_pct) / 100,
        missing_share=0.0,
    )
    blind = purpose not in (Purpose.PRACTICE, Purpose.FREE)
    return AttemptRecord(
        attempt_id=UUID(int=round(1000 * (day * 1440 + minute))),
        trainee=trainee,
        drill=drill,
        kind=kind,
        at=MONDAY + timedelta(days=day, minutes=minute),
        purpose=purpose,
        feedback=feedback or (FeedbackMode.NONE if blind else FeedbackMode.ALWAYS),
        target_kpa=target_kpa,
        tip_area_cm2=1.0,
        tolerance_share=asked * ease,
        asked_share=asked,
        ease=ease,
        looks=0,
        estimate_kpa=None if estimate_pct is None else target_kpa,
        void=void,
        scores=None if void else scores,
    )
