"""Blind blocks that go on: what was pressed in them is shown after their last attempt, wherever one looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feedback.drills.stages import BLIND, stage_of

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from feedback.drills import Plan, TrainingHistory


def without_open_blocks(history: TrainingHistory, today: date, plan: Plan) -> TrainingHistory:
    """A history without the attempts of tests that are not complete: each truth would teach the next attempt.

    Args:
        history: of one trainee.
        today: on the trainee's clock.
        plan: the curriculum.
    """
    hidden: set[UUID] = set()
    for drill in history.drills():
        stage = stage_of(history, drill, today, plan)
        if stage.step in BLIND and stage.done:
            mine = [a for a in history.of(drill) if a.purpose is stage.step.purpose and a.blind]
            hidden.update(a.attempt_id for a in mine[-stage.done :])
    return replace(history, attempts=tuple(a for a in history.attempts if a.attempt_id not in hidden))
