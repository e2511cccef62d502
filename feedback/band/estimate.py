"""What the learned band answers: an estimate, and a pressure to try next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from feedback.band.edges import Band


class Manner(StrEnum):
    """How the next pressure is chosen."""

    LEARN = "learn"
    """Where the answer tells most, by careful steps."""
    TREAT = "treat"
    """Inside the band, between its middle and two thirds up; learns nearly as well."""


@dataclass(frozen=True, slots=True)
class BandEstimate:
    """What is known of the good-pain band now.

    Pressures are in kPa; an interval holds the truth with 90 % probability.

    Attributes:
        band: the band to show and to cue by; None while there is none yet.
        stay_below_kpa: do not go above it: the band's upper edge, or, without a band, where "too much" would
            begin.
        lower_kpa: where the client says at least "good" half of the time.
        lower_interval_kpa: of that pressure.
        upper_kpa: largest pressure with P(too much) <= alpha by the model alone, before the hard rules.
        upper_interval_kpa: of the pressure at which this client says "too much" with probability alpha.
        threshold_kpa: T_hi, where the client says "too much" half of the time (posterior median); above the
            upper edge.
        threshold_interval_kpa: of T_hi.
        alpha: the accepted probability of "too much" at the upper edge.
        held_back: the hard rule that keeps the upper edge below `upper_kpa`, for people; empty if none does.
        reason: why there is no band yet; empty with a band.
        settle: what to do or ask so that there will be one; empty with a band.
        because: what the estimate rests on ("from 1 mark, 4 ratings today; 2 visits before").
    """

    band: Band | None
    stay_below_kpa: float
    lower_kpa: float
    lower_interval_kpa: tuple[float, float]
    upper_kpa: float
    upper_interval_kpa: tuple[float, float]
    threshold_kpa: float
    threshold_interval_kpa: tuple[float, float]
    alpha: float
    held_back: str = ""
    reason: str = ""
    settle: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """The next pressure to try.

    Attributes:
        pressure_kpa: press this hard; None when nothing should be pressed.
        why: one line for the screen, without numbers (they are shown in the user's unit elsewhere).
        manner: the manner in force: `learn` is used in place of `treat` while there is no band.
    """

    pressure_kpa: float | None
    why: str
    manner: Manner


@dataclass(frozen=True, slots=True)
class Told:
    """How many reports of each sort the posterior holds from today, and how many visits before."""

    marks: int = 0
    verdicts: int = 0
    ratings: int = 0
    stops: int = 0
    visits: int = 0

    @property
    def today(self) -> int:
        """Reports today."""
        return self.marks + self.verdicts + self.ratings + self.stops

    @property
    def because(self) -> str:
        """One line for people: `from 1 mark, 4 ratings today; 2 visits before`."""
        named = (
            ("mark", self.marks),
            ("verdict", self.verdicts),
            ("rating", self.ratings),
            ("stop", self.stops),
        )
        said = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for word, n in named if n)
        before = f"{self.visits} visit{'' if self.visits == 1 else 's'} before" if self.visits else ""
        if not said and not before:
            return "from other people only: nothing said yet"
        return "; ".join(
            part for part in (f"from {said} today" if said else "nothing said today", before) if part
        )
