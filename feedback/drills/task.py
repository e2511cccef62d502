"""A task: one drill made concrete for one attempt, with this tip, this target and this difficulty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from feedback.drills.drill import (
    Contrast,
    Drill,
    DrillKind,
    Hold,
    Ramp,
    Release,
    Reproduce,
    Threshold,
)
from feedback.drills.errors import TaskError
from feedback.drills.shapes import trajectory_of
from feedback.press import PressRules
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from feedback.drills.amounts import Amount
    from feedback.drills.trajectory import Trajectory


class FeedbackMode(StrEnum):
    """When the trainee sees what is pressed."""

    ALWAYS = "always"
    ON_DEMAND = "on demand"
    """For two seconds whenever the trainee asks; how often is counted."""
    AFTER = "after"
    """Only when the attempt is over."""
    NONE = "none"
    """Blind: at the end the trainee says what it was, and only then sees it."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """How a drill is made easier or harder (`feedback.drills.adapt` chooses it).

    Attributes:
        ease: factor on the drill's tolerance; above 1 is easier.
        tolerance_share: the tolerance that results; None for the drill's own.
        duration: factor on the time that is held, for drills judged by time.
        middle_only: only the middle half of the drill's targets is asked.
    """

    ease: float = 1.0
    tolerance_share: float | None = None
    duration: float = 1.0
    middle_only: bool = False


AS_WRITTEN = Difficulty()
"""The drill as its file has it: every baseline, test and retest."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one attempt asks.

    Attributes:
        drill: the exercise.
        trajectory: the target over time; of a release, only its timing (every target is 0).
        target_kpa: what is asked, for people to be told ("2.0"): the first level; None for a release.
        rate_kpa_per_s: the rate asked, of ramps and thresholds.
        tip_area_cm2: of the tip.
        feedback: when the trainee sees what is pressed.
        reveal: whether the truth is shown once the attempt is over. Without it an attempt stays hidden: in a test of
            several attempts each truth would teach the next one.
        difficulty: what it was made from.
    """

    drill: Drill
    trajectory: Trajectory
    target_kpa: float | None
    rate_kpa_per_s: float | None
    tip_area_cm2: float
    feedback: FeedbackMode = FeedbackMode.ALWAYS
    reveal: bool = True
    difficulty: Difficulty = AS_WRITTEN

    @property
    def tolerance_share(self) -> float:
        """What counts as inside."""
        return self.trajectory.tolerance_share

    @property
    def blind(self) -> bool:
        """Nothing is shown until the trainee has said what it was."""
        return self.feedback is FeedbackMode.NONE

    @property
    def question(self) -> str:
        """What a blind attempt asks at its end; the answer is a pressure (`Attempt.estimate`)."""
        return _QUESTIONS.get(self.drill.kind, "What do you think your pressure was?")

    @property
    def kpa_per_n(self) -> float:
        """Pressure that a newton makes under the tip."""
        return pressure_kpa_of(1.0, self.tip_area_cm2)


_QUESTIONS = {
    DrillKind.STEPS: "What do you think your pressure was on the last step?",
    DrillKind.RAMP: "What do you think your highest pressure was?",
    DrillKind.TRACE: "What do you think your highest pressure was?",
    DrillKind.REPRODUCE: "What do you think your pressure was the second time?",
    DrillKind.CONTRAST: "What do you think your pressure was in the end?",
    DrillKind.THRESHOLD: "What do you think your pressure was at the client's word?",
    DrillKind.RELEASE: "What do you think your pressure was on the whole?",
}


class Limit(StrEnum):
    """What stands against a task."""

    CEILING = "ceiling"
    SENSOR = "sensor"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a task cannot be begun.

    Attributes:
        limit: what stands against it.
        asked_kpa: the largest pressure that would have to be pressed (the smallest, for `CONTACT`).
        limit_kpa: and what is allowed.
        sentence: for people: what, and what to do.
    """

    limit: Limit
    asked_kpa: float
    limit_kpa: float
    sentence: str


def task_of(
    drill: Drill,
    *,
    tip_area_cm2: float,
    number: int = 0,
    difficulty: Difficulty = AS_WRITTEN,
    feedback: FeedbackMode = FeedbackMode.ALWAYS,
    reveal: bool = True,
) -> Task:
    """Make a drill concrete.

    Args:
        drill: the exercise.
        tip_area_cm2: of the tip, above 0; targets in newtons become pressures with it.
        number: of the attempt, from 0: targets come in rounds, each round in another order, so that they vary (varied
            practice teaches as much as constant: Marchand 2017) and a block of attempts asks all.
        difficulty: see there.
        feedback: when the trainee sees what is pressed.
        reveal: see `Task`.

    Raises:
        TaskError: the drill makes no sense with this tip.
        ValueError: the area is not above 0.
    """
    target = _target(drill, number, tip_area_cm2, middle_only=difficulty.middle_only)
    tolerance = difficulty.tolerance_share or drill.tolerance_share
    try:
        trajectory = trajectory_of(
            drill, target, tip_area_cm2, tolerance, difficulty.duration, blind=feedback is FeedbackMode.NONE
        )
    except ValueError as error:
        raise TaskError(f"drill {drill.name}: {error}") from error
    rate = drill.settings.rate if isinstance(drill.settings, Ramp | Threshold) else None
    first = next((p for p in trajectory.pieces if p.scored), trajectory.pieces[-1])
    told_kpa = target.kpa(tip_area_cm2) if target else first.from_kpa
    untold = isinstance(drill.settings, Release) or any(piece.free for piece in trajectory.pieces)
    return Task(
        drill=drill,
        trajectory=trajectory,
        target_kpa=None if untold else told_kpa,
        rate_kpa_per_s=rate.kpa(tip_area_cm2) if rate else None,
        tip_area_cm2=tip_area_cm2,
        feedback=feedback,
        reveal=reveal,
        difficulty=difficulty,
    )


def refusal_of(
    task: Task, *, ceiling_kpa: float, sensor_range_kpa: float | None = None, rules: PressRules | None = None
) -> Refusal | None:
    """Whether a task must be refused before it begins; None if it may be done.

    Args:
        task: what would be asked.
        ceiling_kpa: never above it; `math.inf` for none.
        sensor_range_kpa: the largest pressure that the sensor can measure under this tip; None if not known.
        rules: when the tip counts as pressed on.
    """
    top_kpa = task.trajectory.top_kpa
    if top_kpa >= ceiling_kpa:
        return Refusal(
            Limit.CEILING,
            top_kpa,
            ceiling_kpa,
            "this drill's target with its tolerance reaches above the ceiling: choose a lower target or another drill",
        )
    if sensor_range_kpa is not None and top_kpa > sensor_range_kpa:
        return Refusal(
            Limit.SENSOR,
            top_kpa,
            sensor_range_kpa,
            "this drill's target with its tolerance is more than the sensor can measure: choose a lower target or a "
            "larger tip",
        )
    least_kpa = 2 * (rules or PressRules()).start_n * task.kpa_per_n
    levels = [min(p.from_kpa, p.to_kpa) for p in task.trajectory.pieces if p.scored and not p.swing_kpa]
    levels += [p.lowest_kpa for p in task.trajectory.pieces if p.scored and p.swing_kpa]
    lowest_kpa = min(levels, default=math.inf)
    steady = task.drill.kind.value not in ("ramp", "threshold", "release")
    if steady and lowest_kpa < least_kpa:
        return Refusal(
            Limit.CONTACT,
            lowest_kpa,
            least_kpa,
            "this drill's lightest target cannot be told from merely touching: choose a higher target or a smaller tip",
        )
    return None


def _target(drill: Drill, number: int, tip_area_cm2: float, *, middle_only: bool) -> Amount | None:
    settings = drill.settings
    if not isinstance(settings, Hold | Reproduce | Contrast):
        return None
    targets = sorted(settings.targets, key=lambda amount: amount.kpa(tip_area_cm2))
    if middle_only and len(targets) > 2:
        cut = len(targets) // 4
        targets = targets[cut : len(targets) - cut]
    turn, place = divmod(number, len(targets))
    order = np.random.default_rng([crc32(drill.name.encode()), turn]).permutation(len(targets))
    return targets[int(order[place])]
