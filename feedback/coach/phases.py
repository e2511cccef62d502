"""What a coach tells: the phase now, the phases that ended, and a measured threshold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.coach.technique import Technique


class PhaseKind(StrEnum):
    """The parts of a technique."""

    READY = "ready"
    """Waiting for a press; never recorded."""
    RAMP = "ramp"
    HOLD = "hold"
    EASE = "ease"
    """Less pressure, still in contact, before the next round."""
    REST = "rest"
    """Nothing is pressed, on purpose."""
    RELEASE = "release"
    """Asked to let go."""
    DONE = "done"
    """All rounds are through; never recorded."""


@dataclass(frozen=True, slots=True)
class PhaseRecord:
    """One phase that ended.

    Attributes:
        technique: its name.
        kind: ramp, hold, ease, rest or release.
        round: which round, repeat or press of the technique, from 1.
        start_s: when it began, host monotonic seconds.
        end_s: when it ended, >= `start_s`.
        rule: which rule ended it, one of `rules.RULES`.
        press_id: the press it belongs to; None for a rest.
        pressure_kpa: mean pressure while it lasted (of a hold without the way up and down); None when unknown.
        rate_kpa_per_s: of a ramp: least-squares slope of the whole of it; else None.
    """

    technique: str
    kind: PhaseKind
    round: int
    start_s: float
    end_s: float
    rule: str
    press_id: UUID | None = None
    pressure_kpa: float | None = None
    rate_kpa_per_s: float | None = None

    @property
    def lasted_s(self) -> float:
        """How long it lasted."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """A pressure threshold, measured several times.

    When a mark is taken back after the last repeat, the measurement goes on and gives another result with the same
    `start_s`: of those the last one counts.

    Attributes:
        technique: its name.
        start_s: when the first ramp began, host monotonic seconds.
        end_s: when the last ramp ended.
        values_kpa: the pressure at each mark, in order.
        rates_kpa_per_s: the rate at which each was reached; None where too few samples came.
        used: which of them are in the mean.
        mean_kpa: of those used.
        cv_pct: their standard deviation (n - 1) in % of the mean; None with fewer than two.
        at_least: one of those used ended at the ceiling without a mark: the threshold is at least the mean.
    """

    technique: str
    start_s: float
    end_s: float
    values_kpa: tuple[float, ...]
    rates_kpa_per_s: tuple[float | None, ...]
    used: tuple[bool, ...]
    mean_kpa: float
    cv_pct: float | None
    at_least: bool = False


class RateCue(StrEnum):
    """How fast the pressure should grow, against how fast it does."""

    SLOWER = "slower"
    GOOD = "good"
    FASTER = "faster"


@dataclass(frozen=True, slots=True)
class RateNow:
    """The rate of application while ramping.

    Attributes:
        wanted_kpa_per_s: what the technique asks for.
        low_kpa_per_s: below it the cue is "faster".
        high_kpa_per_s: above it the cue is "slower".
        now_kpa_per_s: measured over the last half second.
        cue: slower, good or faster.
    """

    wanted_kpa_per_s: float
    low_kpa_per_s: float
    high_kpa_per_s: float
    now_kpa_per_s: float
    cue: RateCue


@dataclass(frozen=True, slots=True)
class CoachNow:
    """What the coach shows.

    Attributes:
        technique: which is coached.
        phase: the phase now.
        do: what to do now, at most 24 characters.
        why: why, one line; may be empty.
        then: what comes next; may be empty.
        round: which round, repeat or press, from 1.
        rounds: how many there are; 0 when there is no set number.
        elapsed_s: how long the phase has lasted, up to the newest sample.
        of_s: how long it is meant to last; None when time does not end it.
        rate: the rate of application; only while ramping.
        target_kpa: the pressure to go to, or to stay at; None when there is none.
        ended: how many phases have ended: a listener sounds when it grows.
        result: the threshold, once it is measured, until the next measurement begins.
        rule: which rule ended the last phase; empty before.
    """

    technique: Technique
    phase: PhaseKind
    do: str
    why: str
    then: str
    round: int
    rounds: int
    elapsed_s: float
    of_s: float | None
    rate: RateNow | None
    target_kpa: float | None
    ended: int
    result: ThresholdResult | None
    rule: str
