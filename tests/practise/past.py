"""Trainings that lie behind: simulated learners at real attempts, over real days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

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
from sim.learners.learner import Ability, SimulatedLearner
from sim.learners.practice import attempt_by, record_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.drills import Plan

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
) -> Iterator[AttemptRecord]:
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
            record = record_by(attempt_by(learner, task), number, now, step.kind.purpose, trainee)
            records.append(record)
            yield record


def training_of(
    trainee: str, ability: Ability, first_day: datetime, days: tuple[int, ...], *, seed: int = 3
) -> TrainingHistory:
    """The same as a history."""
    return TrainingHistory(trainee, tuple(steps_of(trainee, ability, first_day, days, seed=seed)))
