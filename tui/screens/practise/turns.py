"""Attempts one after the other: begin, attempt, result, again; of a block in which no truth is shown, all at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

    from feedback.drills import AttemptRecord, Drill, FeedbackMode, Purpose
    from tui.practise.studio import PractiseStudio


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be done in a row.

    Attributes:
        drill: the exercise.
        purpose: what the attempts are for.
        feedback: when the pressure is seen.
        done: attempts of it that count already.
        of: how many it has; 0 for as many as the trainee likes.
        reveal: each attempt shows its truth; without it all are shown after the last.
    """

    drill: Drill
    purpose: Purpose
    feedback: FeedbackMode
    done: int = 0
    of: int = 0
    reveal: bool = True


async def take_turns(app: App[None], studio: PractiseStudio, trainee: str, turn: Turn) -> list[AttemptRecord]:
    """Do attempts until all are done or the trainee has enough; call it from a worker (`@work`) of the app.

    Void attempts are offered again and do not count. What was kept is returned, void ones too, oldest first.
    """
    raise NotImplementedError
