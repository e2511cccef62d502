"""Trainings that lie behind: simulated learners at real attempts, over real days."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from feedback.drills import (
    AS_WRITTEN,
    AttemptRecord,
    FeedbackMode,
    TrainingHistory,
    difficulty_of,
    next_step,
    task_of,
)
from feedback.drills.library import shipped_drills
from feedback.history import open_history
from feedback.history.training_records import AttemptEnd, AttemptKept, AttemptStart
from feedback.signal import Calibration, ForceBlock
from sim.learners.learner import Ability, SimulatedLearner
from sim.learners.practice import attempt_by, record_by
from tui.opening import HISTORY_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedback.drills import Outcome, Plan
    from feedback.history import History

LIGHT_AT_FIRST = Ability(bias=-0.2, spread=0.12, learn=0.25, floor=0.3, estimate_bias=0.15, forget_days=200)
NEVER_LEARNS = Ability(bias=-0.2, spread=0.12)


def steps_of(
    trainee: str,
    ability: Ability,
    first_day: datetime,
    days: tuple[int, ...],
    *,
    seed: int = 3,
    plan: Plan | None = None,
) -> Iterator[tuple[AttemptRecord, Outcome]]:
    """What a learner leaves who does, on each of the days, all that the curriculum asks."""
    learner, drills = SimulatedLearner(ability, seed), shipped_drills()
    records: list[AttemptRecord] = []
    before = 0
    for day in days:
        learner.rest(day - before)
        before = day
        now = first_day + timedelta(days=day)
        while True:
            history = TrainingHistory(trainee, tuple(records))
            step = next_step(history, now, *((plan,) if plan else ()))
            if step.kind.purpose is None:
                break
            drill = drills[step.drill]
            task = task_of(
                drill,
                tip_area_cm2=1.0,
                number=step.done,
                difficulty=AS_WRITTEN if step.as_written else difficulty_of(drill, records),
                feedback=step.feedback or FeedbackMode.ON_DEMAND,
            )
            now += timedelta(seconds=40)
            number = seed * 1_000_000 + len(records) + 1
            outcome = attempt_by(learner, task)
            record = record_by(outcome, number, now, step.kind.purpose, trainee)
            records.append(record)
            yield record, outcome


@cache
def _made(
    trainee: str, ability: Ability, first_day: datetime, days: tuple[int, ...], seed: int
) -> tuple[tuple[AttemptRecord, Outcome], ...]:
    """Several tests want the same past."""
    return tuple(steps_of(trainee, ability, first_day, days, seed=seed))


def training_of(
    trainee: str, ability: Ability, first_day: datetime, days: tuple[int, ...], *, seed: int = 3
) -> TrainingHistory:
    """The same as a history."""
    made = _made(trainee, ability, first_day, days, seed)
    return TrainingHistory(trainee, tuple(record for record, _ in made))


def keep(history: History, record: AttemptRecord, outcome: Outcome) -> None:
    """Put an attempt into a record, with its samples."""
    task, pressed = outcome.task, outcome.pressed
    force_n = np.nan_to_num(pressed.pressure_kpa / task.kpa_per_n).astype(np.float32)
    block = ForceBlock.of(pressed.time_s + 10.0, force_n, np.rint(force_n * 1000).astype(np.int32))
    start = AttemptStart.of(task, trainee=record.trainee, purpose=record.purpose, simulated=True)
    end = AttemptEnd(record.at + timedelta(seconds=30), 10.0, 10.0 + float(pressed.time_s[-1]))
    kept = AttemptKept((block,), float(block.time_s[0]), Calibration(0.0, 1000.0, "test"), start, end)
    history.training.add(record, kept)


def keep_training(
    folder: Path, trainee: str, ability: Ability, first_day: datetime, days: tuple[int, ...], *, seed: int = 3
) -> None:
    """A training that lies behind, in the record of a data folder."""
    with open_history(folder / HISTORY_FILE) as history:
        for record, outcome in _made(trainee, ability, first_day, days, seed):
            keep(history, record, outcome)
