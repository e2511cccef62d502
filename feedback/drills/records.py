"""What is kept of an attempt, and what it was for: the rows from which the curriculum and all progress are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from feedback.drills.attempt_view import Void
from feedback.drills.drill import DrillKind
from feedback.drills.scores import AttemptScores
from feedback.drills.task import FeedbackMode

if TYPE_CHECKING:
    from feedback.drills.outcome import Outcome


class Purpose(StrEnum):
    """What an attempt was for."""

    BASELINE = "baseline"
    PRACTICE = "practice"
    TEST = "test"
    """The blind test right after practice."""
    RETEST_DAYS = "retest after days"
    RETEST_MONTHS = "retest after months"
    FREE = "free"
    """Outside the curriculum."""


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt of one trainee, as it is kept.

    Attributes:
        attempt_id: made by the client.
        trainee: a code, never a name.
        drill: its name.
        kind: of the drill.
        at: when, aware; on the trainee's own clock, so that its date is the trainee's day.
        purpose: what it was for.
        feedback: when the trainee saw the pressure.
        target_kpa: what was asked; None where nothing was told.
        tip_area_cm2: of the tip.
        tolerance_share: what counted as inside.
        asked_share: the drill's own tolerance; competence is judged by it.
        ease: the difficulty's factor (1: as written).
        looks: how often the trainee asked to see.
        estimate_kpa: what the trainee said it was.
        void: why it does not count; None if it does.
        scores: None for a void attempt.
    """

    attempt_id: UUID
    trainee: str
    drill: str
    kind: DrillKind
    at: datetime
    purpose: Purpose
    feedback: FeedbackMode
    target_kpa: float | None
    tip_area_cm2: float
    tolerance_share: float
    asked_share: float
    ease: float
    looks: int
    estimate_kpa: float | None
    void: Void | None
    scores: AttemptScores | None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of an attempt needs a time zone")

    @property
    def counts(self) -> bool:
        """It is not void."""
        return self.void is None and self.scores is not None

    @property
    def blind(self) -> bool:
        """Nothing was shown while it was pressed and the trainee was asked what it was."""
        return self.feedback is FeedbackMode.NONE

    @property
    def inside(self) -> bool | None:
        """Within the tolerance that was in force; None when void or not to be told."""
        return self.scores.inside if self.scores else None

    @property
    def inside_as_asked(self) -> bool | None:
        """Within the drill's own tolerance, whatever was in force."""
        if self.scores is None or self.scores.needed_share is None:
            return None
        return self.scores.needed_share <= self.asked_share


def record_of(
    outcome: Outcome, *, attempt_id: UUID, trainee: str, at: datetime, purpose: Purpose
) -> AttemptRecord:
    """The record of an attempt that is over.

    Raises:
        ValueError: `at` has no time zone.
    """
    task = outcome.task
    return AttemptRecord(
        attempt_id=attempt_id,
        trainee=trainee,
        drill=task.drill.name,
        kind=task.drill.kind,
        at=at,
        purpose=purpose,
        feedback=task.feedback,
        target_kpa=task.target_kpa,
        tip_area_cm2=task.tip_area_cm2,
        tolerance_share=task.tolerance_share,
        asked_share=task.drill.tolerance_share,
        ease=task.difficulty.ease,
        looks=outcome.looks,
        estimate_kpa=outcome.estimate_kpa,
        void=outcome.void,
        scores=outcome.scores,
    )


@dataclass(frozen=True, slots=True)
class Skip:
    """A step of the curriculum that the trainee left out, knowingly.

    Attributes:
        trainee: a code.
        drill: its name.
        purpose: the step.
        at: when, aware.
    """

    trainee: str
    drill: str
    purpose: Purpose
    at: datetime


@dataclass(frozen=True, slots=True)
class TrainingHistory:
    """All that is kept of one trainee, in any order.

    Attributes:
        trainee: a code.
        attempts: void ones too.
        skips: steps left out.
    """

    trainee: str
    attempts: tuple[AttemptRecord, ...] = ()
    skips: tuple[Skip, ...] = ()

    def of(self, drill: str) -> tuple[AttemptRecord, ...]:
        """The attempts at one drill that count, oldest first."""
        found = [a for a in self.attempts if a.drill == drill and a.counts]
        return tuple(sorted(found, key=lambda a: a.at))

    def drills(self) -> tuple[str, ...]:
        """Names of the drills attempted, in the order in which they were first."""
        return tuple(dict.fromkeys(a.drill for a in sorted(self.attempts, key=lambda a: a.at)))
