"""The course of a hold: does the pain ease, stay or build, once the change of pressure is taken out?

Hands lose about a tenth of their pressure in the first seconds of a hold (Pérez-Palomares 2021: -8.7 % after 15 s), and
a rating falls with the pressure. So a course is never read off two ratings: all words of the hold, each at the pressure
of its moment, are fitted together (`feedback.band.course_fit`), with the client's own steepness of rating against
pressure and with the scatter that ratings have. Only what then remains is a change in the client, and it is called only
when it is more probable than not that it is large enough to matter; how often that is right: docs/trials.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from feedback.band.course_fit import SLIP, Between, CourseFit
from feedback.band.edges import BandError
from feedback.band.grid import TOP_OF_GOOD, TOP_OF_TOO_LITTLE
from feedback.comfort import VERDICTS, Report, ReportKind

EASING = math.log(0.75)
"""Easing: in the end at least a quarter less pain at equal pressure. Healthy people's fell by 40 to 55 % in 30 s
(PMC2751583)."""
BUILDING = math.log(1.3)
"""Building: in the end at least three tenths more. In people with fibromyalgia the mean rose by 15 to 18 % in 30 s
(PMC2751583): in one person that little cannot be told from the scatter of ratings."""
SURE_EASING, SURE_BUILDING = 0.7, 0.5
"""How probable a course must be to be called. "Easing" needs more, as it is what a therapist wants to hear. Chosen on
simulated holds."""
UNCLEAR, SURE_UNCLEAR = 0.5, 0.9
"""While the end of the course is known no better than this (standard deviation, ln), it is named only when it is this
probable: steady it cannot be called, and little speaks for a trend."""
LARGEST_CHANGE = 0.35
"""When pressure changed by more than this share, the link is stretched too far to take it out."""
EXPONENTS = (1.0, 1.9, 3.8)
"""Stevens' exponent when the client's own is not known: 5 %, 50 % and 95 % of the prior (0.762 / w)."""
TREND_SLIP = 0.1
VERDICT_SLIP = 0.05
"""Words are taken less literally than numbers: they are repeated, and mean "than before" to some, "than at first" to
others. Choices."""


class CourseKind(StrEnum):
    """How the pain goes during a hold."""

    EASING = "easing"
    STEADY = "steady"
    BUILDING = "building"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Felt:
    """What the client felt at one moment of a hold: one of a rating, a trend or a verdict.

    Attributes:
        time_s: when.
        pressure_kpa: of the seconds before it.
        rating: 0 to 10; None for a word.
        trend: -1 for "easing", +1 for "worsening", else 0.
        verdict: too little, good, too much; else None.
    """

    time_s: float
    pressure_kpa: float
    rating: float | None = None
    trend: int = 0
    verdict: ReportKind | None = None

    def __post_init__(self) -> None:
        if not 0 < self.pressure_kpa < math.inf or not math.isfinite(self.time_s):
            raise BandError("what was felt in a hold needs a time, and a pressure above 0 kPa")
        given = (self.rating is not None) + (self.trend != 0) + (self.verdict is not None)
        if self.trend not in (-1, 0, 1) or given != 1 or (self.verdict and self.verdict not in VERDICTS):
            raise BandError(
                "what was felt in a hold is a rating, a verdict, or a trend: easing (-1) or worsening (+1)"
            )
        if self.rating is not None and not 0 <= self.rating <= 10:
            raise BandError(f"a rating is a number from 0 to 10, not {self.rating}")

    @classmethod
    def of(cls, report: Report, pressure_kpa: float) -> Felt | None:
        """A report as what was felt; None for what says nothing about a course: marks.

        Raises:
            BandError: the pressure is not above 0.
        """
        if report.rating is not None:
            return cls(report.time_s, pressure_kpa, float(report.rating))
        trend = {ReportKind.EASING: -1, ReportKind.WORSENING: 1}.get(report.kind, 0)
        if trend:
            return cls(report.time_s, pressure_kpa, trend=trend)
        kind = ReportKind.TOO_MUCH if report.kind is ReportKind.STOP else report.kind
        return cls(report.time_s, pressure_kpa, verdict=kind) if kind in VERDICTS else None


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a hold.

    Attributes:
        kind: easing, steady, building or unknown.
        sentence: for people.
        change: change of the rating at equal pressure from first to last, in points; None when unknown.
        by_pressure: the part of the change, as said, that the change of pressure explains, in points; None if unknown
            or if there were no two ratings.
        pressure_change: of the last pressure against the first, as a share (-0.1 is 10 % less); None when unknown.
    """

    kind: CourseKind
    sentence: str
    change: float | None = None
    by_pressure: float | None = None
    pressure_change: float | None = None


class CourseReader:
    """Reads the course of one hold as it goes on; what is felt comes in order of time."""

    def __init__(
        self, exponents: tuple[float, float, float] = EXPONENTS, start_s: float | None = None
    ) -> None:
        """Begin a hold.

        Args:
            exponents: 5 %, 50 % and 95 % points of the client's Stevens exponent (`GoodPainBand.exponent_interval`).
            start_s: when the hold began; None is when the first thing was felt.

        Raises:
            BandError: the exponents are not above 0 or fall.
        """
        low, middle, high = exponents
        if not 0 < low <= middle <= high < math.inf:
            raise BandError("the exponent of a rating's growth with pressure must be above 0")
        self._fit = CourseFit(exponents)
        self._start_s = start_s
        self._felt: list[Felt] = []
        self._last_said: float | None = None

    def feel(self, felt: Felt) -> None:
        """Take in what was felt."""
        if self._start_s is None:
            self._start_s = felt.time_s
        pressure_ln = math.log(felt.pressure_kpa / self._felt[0].pressure_kpa) if self._felt else 0.0
        low, high, slip = self._interval(felt)
        self._felt.append(felt)
        self._fit.add(Between(self._into(felt), pressure_ln, low, high, slip))

    def course(self) -> Course:
        """The course so far."""
        felt = self._felt
        if len(felt) < 2:
            return Course(CourseKind.UNKNOWN, "too few words in this hold to tell its course")
        pressures = [f.pressure_kpa for f in felt]
        if max(abs(p / pressures[0] - 1.0) for p in pressures) > LARGEST_CHANGE:
            return Course(CourseKind.UNKNOWN, "the pressure changed too much in this hold to tell its course")
        kind = self._kind()
        if kind is CourseKind.UNKNOWN:
            return Course(kind, "not clear yet: ask again later in the hold")
        moved = pressures[-1] / pressures[0] - 1.0
        change = self._fit.points(self._into(felt[0]), self._into(felt[-1]))
        ratings = [f.rating for f in felt if f.rating is not None]
        spoken = ratings[-1] - ratings[0] if len(ratings) > 1 else None
        return Course(
            kind, _sentence(kind, spoken, moved), change, None if spoken is None else spoken - change, moved
        )

    def _kind(self) -> CourseKind:
        unclear = self._fit.spread() > UNCLEAR
        if self._fit.chance(-math.inf, EASING) >= (SURE_UNCLEAR if unclear else SURE_EASING):
            return CourseKind.EASING
        if self._fit.chance(BUILDING, math.inf) >= (SURE_UNCLEAR if unclear else SURE_BUILDING):
            return CourseKind.BUILDING
        return CourseKind.UNKNOWN if unclear else CourseKind.STEADY

    def _into(self, felt: Felt) -> float:
        return max(0.0, felt.time_s - (self._start_s or 0.0))

    def _interval(self, felt: Felt) -> tuple[float, float, float]:
        """The part of the 0-10 scale that a word stands for, and how probable it is whatever was felt."""
        if felt.rating is not None:
            self._last_said = felt.rating
            high = felt.rating + 0.5 if felt.rating < 10 else math.inf
            return max(felt.rating - 0.5, 0.0), high, SLIP / 11.0
        if felt.trend:
            before = 0.5 * (TOP_OF_TOO_LITTLE + TOP_OF_GOOD) if self._last_said is None else self._last_said
            self._last_said = min(max(before + felt.trend, 0.0), 10.0)
            if felt.trend < 0:
                return 0.0, max(before - 0.5, 0.5), TREND_SLIP
            return before + 0.5, math.inf, TREND_SLIP
        if felt.verdict is ReportKind.TOO_LITTLE:
            return 0.0, TOP_OF_TOO_LITTLE, VERDICT_SLIP
        if felt.verdict is ReportKind.GOOD:
            return TOP_OF_TOO_LITTLE, TOP_OF_GOOD, VERDICT_SLIP
        return TOP_OF_GOOD, math.inf, VERDICT_SLIP


def course_of(
    felt: Sequence[Felt],
    exponents: tuple[float, float, float] = EXPONENTS,
    start_s: float | None = None,
) -> Course:
    """The course of one hold from what was felt in it, in any order; the rest is as in `CourseReader`.

    Raises:
        BandError: the exponents are not above 0 or fall.
    """
    reader = CourseReader(exponents, start_s)
    for one in sorted(felt, key=lambda f: (f.time_s, f.rating is None, f.trend)):
        reader.feel(one)
    return reader.course()


def _sentence(kind: CourseKind, spoken: float | None, moved: float) -> str:
    much = abs(moved) >= 0.03
    pressure = f"pressure {'fell' if moved < 0 else 'rose'} {abs(moved):.0%}" if much else "pressure held"
    if kind is CourseKind.EASING:
        return f"easing: less pain than the pressure explains ({pressure})"
    if kind is CourseKind.BUILDING:
        return f"building: more pain than the pressure explains ({pressure})"
    if spoken is not None and abs(spoken) >= 1.0 and much and (spoken < 0) == (moved < 0):
        word = "falling" if spoken < 0 else "rising"
        return f"steady: the {word} rating may only be the pressure ({pressure})"
    if spoken is not None and abs(spoken) >= 1.0:
        return f"steady: the change is too small to call a trend ({pressure})"
    return f"steady ({pressure})"
