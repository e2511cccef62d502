"""A drill: an exercise for a trainee, as its file describes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from feedback.drills.amounts import Amount

CLIENTS = ("default", "robust", "fearful", "over-polite")
"""Kinds of simulated clients that a drill may ask for."""


class DrillKind(StrEnum):
    """What is asked of the trainee."""

    HOLD = "hold"
    """Reach a pressure and keep it."""
    RAMP = "ramp"
    """Press at a steady rate."""
    STEPS = "steps"
    """One level after the other, up and down."""
    TRACE = "trace"
    """Follow a line: trapezoids, a sine, or points of one's own."""
    FIND = "find"
    """Hear a number, press it."""
    REPRODUCE = "reproduce"
    """Press, let go, press the same again."""
    CONTRAST = "contrast"
    """Press, then just noticeably more."""
    THRESHOLD = "threshold"
    """Raise pressure on a simulated client until the first “there”, then let go."""
    RELEASE = "release"
    """Keep a simulated client in good pain."""


WITH_CLIENT = frozenset({DrillKind.THRESHOLD, DrillKind.RELEASE})
"""Kinds that need a simulated client."""


class Judged(StrEnum):
    """By what an attempt counts as inside the tolerance."""

    MEAN = "mean"
    """The mean pressure of what is scored is within the tolerance."""
    TIME = "time"
    """Pressure is within the tolerance for a large enough share of the time that is scored."""
    RATE = "rate"
    """The rate of rise is within the tolerance."""


JUDGED = {
    DrillKind.HOLD: Judged.TIME,
    DrillKind.RAMP: Judged.RATE,
    DrillKind.STEPS: Judged.TIME,
    DrillKind.TRACE: Judged.TIME,
    DrillKind.FIND: Judged.MEAN,
    DrillKind.REPRODUCE: Judged.MEAN,
    DrillKind.CONTRAST: Judged.MEAN,
    DrillKind.THRESHOLD: Judged.RATE,
    DrillKind.RELEASE: Judged.TIME,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """A steady hold, and finding a pressure: reach one of the targets, keep it.

    Attributes:
        targets: one is asked per attempt.
        reach_s: time for getting there; not scored.
        hold_s: scored.
    """

    targets: tuple[Amount, ...]
    reach_s: float = 4.0
    hold_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Ramp:
    """A ramp.

    Attributes:
        rate: per second.
        target: where it ends.
    """

    rate: Amount
    target: Amount


@dataclass(frozen=True, slots=True)
class Steps:
    """Levels one after the other.

    Attributes:
        levels: in order.
        reach_s: time for getting to the first; not scored.
        hold_s: on each level; scored.
        move_s: time for getting to the next; not scored.
    """

    levels: tuple[Amount, ...]
    reach_s: float = 4.0
    hold_s: float = 8.0
    move_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Trapezoids:
    """Up, hold, down, rest, again and again.

    Attributes:
        low, high: the levels between which it goes.
        rise_s, hold_s, fall_s, rest_s: durations.
        times: how often.
        reach_s: time for getting to `low`; not scored.
    """

    low: Amount
    high: Amount
    rise_s: float = 3.0
    hold_s: float = 5.0
    fall_s: float = 3.0
    rest_s: float = 3.0
    times: int = 3
    reach_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Wave:
    """A sine.

    Attributes:
        middle: around which it swings.
        swing: up and down from the middle, less than it.
        period_s: of one wave.
        times: how many waves.
        reach_s: time for getting to the middle; not scored.
    """

    middle: Amount
    swing: Amount
    period_s: float = 6.0
    times: int = 4
    reach_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Points:
    """Straight lines between points.

    Attributes:
        points: (seconds from the first, target), at least two, times rising from 0.
        reach_s: time for getting to the first; not scored.
    """

    points: tuple[tuple[float, Amount], ...]
    reach_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Reproduce:
    """Press, let go, press the same again.

    Attributes:
        targets: one is asked per attempt as what to press first.
        reach_s: time for getting there, each time.
        hold_s: scored, each time.
        pause_s: between, with the tip off.
    """

    targets: tuple[Amount, ...]
    reach_s: float = 4.0
    hold_s: float = 3.0
    pause_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Contrast:
    """Press, then a little more.

    Attributes:
        targets: one is asked per attempt as what to press first.
        more_share: how much more (0.10 is 10 %).
        reach_s: time for getting to the first.
        hold_s: scored, each time.
        move_s: between the two; not scored.
    """

    targets: tuple[Amount, ...]
    more_share: float = 0.10
    reach_s: float = 4.0
    hold_s: float = 3.0
    move_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold on a simulated client.

    Attributes:
        rate: per second.
        until: the ramp ends here if the client says nothing.
        client: one of `CLIENTS`.
        let_go_s: after the client's word the tip must be off within this time.
    """

    rate: Amount
    until: Amount
    client: str = "default"
    let_go_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Release:
    """A release on a simulated client, whose good-pain range is hidden.

    Attributes:
        client: one of `CLIENTS`.
        reach_s: time for finding good pain; not scored.
        hold_s: scored.
    """

    client: str = "default"
    reach_s: float = 15.0
    hold_s: float = 60.0


Settings = Hold | Ramp | Steps | Trapezoids | Wave | Points | Reproduce | Contrast | Threshold | Release


@dataclass(frozen=True, slots=True)
class Drill:
    """An exercise.

    Attributes:
        name: short, for files and commands: letters, digits and hyphens.
        title: for people.
        kind: what is asked.
        about: one or two sentences for people.
        settings: of its kind.
        tolerance_share: what counts as inside, as a share of the target (of the rate, for a ramp or a threshold).
        time_share: share of the scored time that must be inside, for kinds judged by time.
        set_s: light contact before the go.
        sources: where its numbers come from.
    """

    name: str
    title: str
    kind: DrillKind
    about: str
    settings: Settings
    tolerance_share: float = 0.10
    time_share: float = 0.75
    set_s: float = 1.0
    sources: tuple[str, ...] = ()

    @property
    def judged(self) -> Judged:
        """By what an attempt counts as inside."""
        return JUDGED[self.kind]

    @property
    def client(self) -> str | None:
        """The simulated client that it needs, one of `CLIENTS`; None for foam."""
        settings = self.settings
        return settings.client if isinstance(settings, Threshold | Release) else None
