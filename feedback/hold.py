"""A hold while it goes on: its course, and whether the hand sags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback.band.course import EXPONENTS, CourseKind

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from feedback.comfort import Report


@dataclass(frozen=True, slots=True)
class HoldRules:
    """When a hand counts as sagging and a hold as not easing; every number can be set.

    Attributes:
        mean_s: pressures are means over this many seconds, so that tremor (8-12 Hz) and most of the wander are out.
        sag_pct: from this loss on, against the hold's start, the hand sags.
        held_pct: pressure counts as held while it is within this many per cent of the hold's start.
        not_easing_s: from this many seconds of held pressure on it is said that the pain does not ease.
    """

    mean_s: float = 3.0
    sag_pct: float = 6.0
    held_pct: float = 10.0
    not_easing_s: float = 30.0


@dataclass(frozen=True, slots=True)
class HoldNow:
    """A hold at one moment.

    Attributes:
        kind: the course so far: easing, steady, building or unknown.
        sagging: the pressure has fallen by more than the rules allow.
        sag_pct: pressure now against the hold's start, slow means, in %; positive is lost. None in the first seconds.
        lasted_s: since the hold began.
        not_easing: the pressure was held for the time of the rules, and the pain does not ease (PMC2751583).
        sentence: for people.
        rating_first: first rating of the hold, None if there is none.
        rating_last: last one, as it was said at the pressure of its moment; None if there is none.
    """

    kind: CourseKind
    sagging: bool
    sag_pct: float | None
    lasted_s: float
    not_easing: bool
    sentence: str
    rating_first: float | None = None
    rating_last: float | None = None


class HoldWatch:
    """Watches one hold; the caller says when it begins and feeds what is held."""

    def __init__(
        self, rules: HoldRules | None = None, exponents: tuple[float, float, float] = EXPONENTS
    ) -> None:
        self._rules = rules or HoldRules()
        self._exponents = exponents

    def restart(self, time_s: float, exponents: tuple[float, float, float] | None = None) -> None:
        """A hold begins now; `exponents` are the client's own by what is known now (`GoodPainBand.exponent_interval`)."""
        raise NotImplementedError

    def feed(self, time_s: ArrayLike, pressure_kpa: ArrayLike) -> None:
        """Take measured pressures (n,) or one, in order of time."""
        raise NotImplementedError

    def heard(self, report: Report, pressure_kpa: float | None) -> None:
        """The client said something at this pressure."""
        raise NotImplementedError

    def took_back(self, report: Report) -> None:
        """A report that was heard is taken back."""
        raise NotImplementedError

    def now(self, time_s: float) -> HoldNow | None:
        """The hold as it stands; None before a hold has begun."""
        raise NotImplementedError
