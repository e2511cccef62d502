"""A simulated learner at the real attempts: what a sensor would send goes through all that a trainee's does."""

from __future__ import annotations

import math
from datetime import datetime
from uuid import UUID

import numpy as np

from feedback.drills import Attempt, AttemptRecord, FeedbackMode, Outcome, Purpose, Stage, Task, record_of
from sim.learners.learner import WANDER_S, Ability, SimulatedLearner

BLOCK = 8
"""Samples fed at a time: a tenth of a second."""


def attempt_by(
    learner: SimulatedLearner,
    task: Task,
    *,
    ceiling_kpa: float = math.inf,
    losing: float = 0.0,
    chance: np.random.Generator | None = None,
) -> Outcome:
    """One attempt of a learner at a drill without a client, who learns from it if it was not blind.

    Args:
        learner: who presses.
        task: what is asked.
        ceiling_kpa: never above it.
        losing: share of the samples that get lost, by chance and in runs of about five.
        chance: for that.

    Raises:
        ValueError: the drill needs a client (`sim.learners.treat` has one).
        RuntimeError: the attempt did not come to an end: a fault of this program.
    """
    if task.drill.client is not None:
        raise ValueError(f"{task.drill.name} needs a simulated client")
    attempt = Attempt(task, ceiling_kpa=ceiling_kpa)
    trace = learner.press(task)
    kept = np.ones(len(trace.time_s), np.bool_)
    if losing and chance is not None:
        starts = np.flatnonzero(chance.random(len(kept)) < losing / 5)
        for start in starts.tolist():
            kept[start : start + 5] = False
    times, pressures = trace.time_s[kept], trace.pressure_kpa[kept]
    for start in range(0, len(times), BLOCK):
        part = slice(start, start + BLOCK)
        attempt.feed(times[part], pressures[part])
    return concluded(attempt, learner)


def concluded(attempt: Attempt, learner: SimulatedLearner) -> Outcome:
    """What came of an attempt that was fed to its end; the learner says what it was, and learns."""
    if attempt.stage is Stage.ESTIMATE:
        attempt.estimate(learner.estimate_kpa(attempt.felt_kpa))
    if attempt.outcome is None:
        raise RuntimeError(f"the attempt is still {attempt.stage} after all samples")
    if attempt.task.feedback is not FeedbackMode.NONE:
        learner.learn()
    return attempt.outcome


def record_by(
    outcome: Outcome, number: int, at: datetime, purpose: Purpose, trainee: str = "simulated"
) -> AttemptRecord:
    """The record of a simulated attempt; `number` becomes its id."""
    return record_of(outcome, attempt_id=UUID(int=number), trainee=trainee, at=at, purpose=purpose)


def truth_of_hold(bias: float, sag_per_min: float, hold_s: float) -> float:
    """The mean error of a hold by a learner with this bias and sag: sag takes its half over the hold."""
    return (1 + bias) * (1 - sag_per_min * hold_s / 120) - 1


def spread_within(wander: float, tremor: float, sag_per_min: float, hold_s: float) -> float:
    """The standard deviation within one hold that wander, tremor and sag make, as a share.

    Of the wander only what is not taken for the attempt's own mean: with a memory of 2 s its mean over the hold varies
    too.
    """
    of_mean = _wander_of_mean(hold_s)
    sag = sag_per_min * hold_s / 60 / math.sqrt(12)
    return float(np.sqrt(wander**2 * (1 - of_mean) + tremor**2 + sag**2))


def spread_between(ability: Ability, bias: float, hold_s: float, *, twice: bool) -> float:
    """The standard deviation of the errors of whole attempts, as a share: the aim's, and the wander of a hold's mean.

    Args:
        ability: of the learner.
        bias: the aim's mean error.
        hold_s: how long is scored.
        twice: the error is that of one press against another, and both wander.
    """
    wander = ability.wander * (1 + bias) * math.sqrt(_wander_of_mean(hold_s) * (2 if twice else 1))
    return math.hypot(ability.spread, wander)


def _wander_of_mean(hold_s: float) -> float:
    """Share of the wander's variance that is left in its mean over a hold (a memory of `WANDER_S`)."""
    r = WANDER_S / hold_s
    return 2 * r * (1 - r * (1 - math.exp(-1 / r)))
