"""Attempts to put into records, and the program run on them."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from feedback.drills import (
    AS_WRITTEN,
    Attempt,
    AttemptRecord,
    Difficulty,
    FeedbackMode,
    Purpose,
    Task,
    record_of,
    task_of,
)
from feedback.drills.library import shipped_drills
from feedback.history.training_records import AttemptEnd, AttemptKept, AttemptStart
from feedback.signal import Calibration, ForceBlock
from tests.terminal import GOODPAIN
from tui.practise.drawn import drawn_target

RATE_HZ = 80
CALIBRATION = Calibration(zero_counts=1000.0, counts_per_n=500.0, source="test")
AT = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=1)))
T0_S = 77.25
STEERED = "sim://upper-trapezius?hand=steered&speed=8"


def blocks_of(
    kpa: np.ndarray, *, t0_s: float = T0_S, tip_area_cm2: float = 1.0, size: int = 4
) -> list[ForceBlock]:
    """Pressures as a sensor with the calibration above would give them; one sample is lost before the last block."""
    counts = np.rint(1000 + 500 * kpa * tip_area_cm2 / 10).astype(np.int32)
    n = np.arange(len(kpa))
    starts = list(range(0, len(kpa), size))
    return [
        ForceBlock(
            t0_s + n[i : i + size] / RATE_HZ,
            CALIBRATION.force_n(counts[i : i + size]),
            counts[i : i + size],
            np.zeros(len(n[i : i + size]), np.uint8),
            n[i : i + size] * 12_500,
            1 if i == starts[-1] else 0,
        )
        for i in starts
    ]


def kept_attempt(
    trainee: str = "T-01",
    *,
    at: datetime = AT,
    drill: str = "short-hold",
    purpose: Purpose = Purpose.PRACTICE,
    feedback: FeedbackMode = FeedbackMode.ALWAYS,
    off_share: float = 0.05,
    difficulty: Difficulty = AS_WRITTEN,
    simulated: bool = False,
) -> tuple[AttemptRecord, AttemptKept]:
    """A whole attempt at a drill of one target, pressed evenly off it."""
    task: Task = task_of(shipped_drills()[drill], tip_area_cm2=1.0, feedback=feedback, difficulty=difficulty)
    assert task.target_kpa is not None
    seconds = 0.5 + task.drill.set_s + task.trajectory.end_s + 0.5
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    light, full = 35.0, task.target_kpa * (1 + off_share)
    kpa = np.where(t < 0.5, 0.0, np.where(t < 0.5 + task.drill.set_s + 0.1, light, full))
    blocks = blocks_of(kpa)
    attempt = Attempt(task, ceiling_kpa=1000.0)
    for block in blocks:
        attempt.feed_block(block)
    if task.blind:
        attempt.estimate(100.0)
    outcome = attempt.outcome
    assert outcome is not None
    record = record_of(outcome, attempt_id=uuid4(), trainee=trainee, at=at, purpose=purpose)
    start = AttemptStart.of(
        task, trainee=trainee, purpose=purpose, ceiling_kpa=1000.0, drill_text='title = "as it was"',
        sensor_url="sim://x" if simulated else "/dev/ttyX", sensor_serial="S-1", sensor_device="test",
        dialect="native-binary", app_version="1", simulated=simulated,
    )  # fmt: skip
    end = AttemptEnd(at + timedelta(seconds=seconds), attempt.go_s, outcome.end_s, drawn_target(outcome))
    return record, AttemptKept(tuple(blocks), T0_S, CALIBRATION, start, end)


def practise(
    folder: Path, *arguments: str, typed: str = "", timeout_s: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """`goodpain practise` to its end."""
    return subprocess.run(
        [str(GOODPAIN), "--data", str(folder), "practise", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, "PYTHONWARNINGS": "error", "NO_COLOR": "1", "OPENBLAS_NUM_THREADS": "1"},
    )


def said(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object on stdout."""
    assert result.stdout.count("\n") == 1, result.stdout + result.stderr
    return json.loads(result.stdout)


def day(number: int) -> datetime:
    """A day after the first attempt."""
    return (AT + timedelta(days=number)).astimezone(UTC)
