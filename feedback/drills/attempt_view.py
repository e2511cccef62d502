"""What a screen may show of an attempt.

While an attempt is hidden, its view is made by `hidden_view`, which is handed the clock, the task and what a simulated
client said, and nothing that was measured: there is no way for a pressure to get in. A view that is told to be hidden
and carries a pressure cannot even be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from feedback.comfort import ReportKind
from feedback.drills.drill import DrillKind
from feedback.drills.task import FeedbackMode, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.comfort import Report
    from feedback.drills.outcome import Outcome


class Stage(StrEnum):
    """Where an attempt is."""

    WAITING = "waiting"
    """For contact."""
    GET_SET = "get set"
    """Light contact; the go comes after `Drill.set_s`."""
    RUNNING = "running"
    ESTIMATE = "estimate"
    """Blind: what do you think it was?"""
    ENDED = "ended"
    VOID = "void"


OVER = frozenset({Stage.ENDED, Stage.VOID})


class Void(StrEnum):
    """Why an attempt does not count. It is kept all the same."""

    SIGNAL = "signal lost"
    SATURATED = "sensor at its limit"
    UNCALIBRATED = "not calibrated"
    LET_GO = "let go too early"
    CEILING = "above the ceiling"
    GIVEN_UP = "given up"
    ZERO = "zero set meanwhile"
    """Forces before and after do not belong together."""
    CUT_OFF = "cut off"
    """The program ended in the middle of it."""

    @property
    def sentence(self) -> str:
        """What happened and what to do, for people."""
        return _VOID[self]


_VOID = {
    Void.SIGNAL: "The sensor fell silent, so this attempt does not count: see to its cable and try again.",
    Void.SATURATED: "The sensor was at its limit, so this attempt does not count: press less, or use a larger tip.",
    Void.UNCALIBRATED: "The sensor is not calibrated, so nothing can be measured: calibrate it first.",
    Void.LET_GO: "The tip came off before the end, so this attempt does not count: stay on until you are told.",
    Void.CEILING: "That was above the ceiling: let go. This attempt does not count.",
    Void.GIVEN_UP: "Given up: this attempt does not count.",
    Void.ZERO: "The zero was set in the middle of it, so this attempt does not count: set it before you begin.",
    Void.CUT_OFF: "The program was cut off in the middle of it, so this attempt does not count.",
}


class Aim(StrEnum):
    """How the pressure stands to the target."""

    LIGHT = "light"
    INSIDE = "inside"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is pressed now, where the trainee may see it.

    Attributes:
        pressure_kpa: mean of the last tenth of a second.
        error_kpa: that minus the target; None where no target is told or nothing is aimed at.
        error_pct: in % of the target.
        aim: light, inside or heavy; None as above.
        inside_share: of the scored time so far; None where a rate is asked.
        rate_kpa_per_s: slope of the last half second, where a rate is asked: `aim` is then too slow, good or too fast,
            and there is no error of pressure. After a client's word no rate is asked any more: None, and no aim.
    """

    pressure_kpa: float
    error_kpa: float | None
    error_pct: float | None
    aim: Aim | None
    inside_share: float | None
    rate_kpa_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt at one instant.

    Attributes:
        now_s: the instant.
        stage: where it is.
        do: what the hand should do, up to 24 characters.
        elapsed_s: since the go; 0 before it.
        of_s: the whole time from the go; until the latest end where a client ends it.
        left_s: of what `do` asks; None where only the trainee or a client ends it.
        target_kpa: the target now, on the way to a level that level; None where none is told.
        lower_kpa, upper_kpa: edges of the tolerance around it.
        part: which press of an attempt of several.
        blind: feedback is none.
        hidden: nothing of the pressure may be shown now.
        can_look: the trainee may ask to see it (feedback on demand).
        looks: how often it was asked so far.
        heard: what the simulated client said, oldest first.
        void: why it does not count.
        shown: the pressure; None while hidden, and where there is none.
        outcome: scores and trace, once it is over and may be seen.
    """

    now_s: float
    stage: Stage
    do: str
    elapsed_s: float
    of_s: float
    left_s: float | None
    target_kpa: float | None
    lower_kpa: float | None
    upper_kpa: float | None
    part: int
    blind: bool
    hidden: bool
    can_look: bool
    looks: int
    heard: tuple[Report, ...]
    void: Void | None
    shown: Shown | None = None
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        if self.hidden and (self.shown is not None or self.outcome is not None):
            raise ValueError("a hidden attempt shows no pressure")

    @property
    def pressure_kpa(self) -> float | None:
        """What is pressed now; None while hidden."""
        return self.shown.pressure_kpa if self.shown else None

    @property
    def error_kpa(self) -> float | None:
        """Pressure minus target; None while hidden."""
        return self.shown.error_kpa if self.shown else None

    @property
    def aim(self) -> Aim | None:
        """Light, inside or heavy; None while hidden."""
        return self.shown.aim if self.shown else None


@dataclass(frozen=True, slots=True)
class Clock:
    """Where an attempt is, told without anything that was measured.

    Attributes:
        now_s: now.
        stage: where it is.
        go_s: when the go was; None before it.
        stage_s: when the stage began.
        looks: asked for so far.
        heard: what the client said.
        void: why it does not count.
    """

    now_s: float
    stage: Stage
    go_s: float | None
    stage_s: float
    looks: int = 0
    heard: tuple[Report, ...] = ()
    void: Void | None = None


def hidden_view(task: Task, clock: Clock) -> AttemptView:
    """The view of an attempt of which nothing may be seen."""
    return _view(task, clock, hidden=True, shown=None, outcome=None)


def seen_view(task: Task, clock: Clock, shown: Shown | None, outcome: Outcome | None) -> AttemptView:
    """The view of an attempt that may be seen."""
    return _view(task, clock, hidden=False, shown=shown, outcome=outcome)


def _view(
    task: Task, clock: Clock, *, hidden: bool, shown: Shown | None, outcome: Outcome | None
) -> AttemptView:
    line = task.trajectory
    elapsed_s = 0.0 if clock.go_s is None else min(max(clock.now_s - clock.go_s, 0.0), line.end_s)
    piece = line.piece_at(elapsed_s)
    running = clock.stage is Stage.RUNNING
    aimed = clock.stage not in OVER and task.target_kpa is not None and not piece.off
    target, tolerance = line.wanted_kpa(elapsed_s) if aimed else (None, 0.0)
    left_s = None
    if running and task.drill.client is None:
        left_s = max(piece.end_s - elapsed_s, 0.0)
    elif clock.stage is Stage.GET_SET:
        left_s = max(task.drill.set_s - (clock.now_s - clock.stage_s), 0.0)
    return AttemptView(
        now_s=clock.now_s,
        stage=clock.stage,
        do=_DO[clock.stage] if not running else LET_GO if client_ends(task, clock.heard) else piece.do,
        elapsed_s=elapsed_s,
        of_s=line.end_s,
        left_s=left_s,
        target_kpa=target,
        lower_kpa=None if target is None else max(target - tolerance, 0.0),
        upper_kpa=None if target is None else target + tolerance,
        part=piece.part,
        blind=task.blind,
        hidden=hidden,
        can_look=running and task.feedback is FeedbackMode.ON_DEMAND and not piece.hidden,
        looks=clock.looks,
        heard=clock.heard,
        void=clock.void,
        shown=shown,
        outcome=outcome,
    )


def client_ends(task: Task, heard: Sequence[Report]) -> bool:
    """What a simulated client said means: let go. Any word of a threshold, and “stop” always."""
    words = [report.kind for report in heard if report.kind is not ReportKind.RATING]
    return ReportKind.STOP in words or (task.drill.kind is DrillKind.THRESHOLD and bool(words))


LET_GO = "let go"
_DO = {
    Stage.WAITING: "touch lightly",
    Stage.GET_SET: "get set",
    Stage.RUNNING: "",
    Stage.ESTIMATE: "what was it?",
    Stage.ENDED: LET_GO,
    Stage.VOID: LET_GO,
}
