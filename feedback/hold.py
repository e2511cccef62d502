"""A hold while it goes on: the course of the pain from what the client says, and whether the hand sags.

Tremor (8-12 Hz) and most of the slow wander of a hand are taken out by means over some seconds; what is left against
the hold's start is sag. The course of the pain is named with the pressure taken out (`feedback.band.course`), so that a
hand that sags is never mistaken for pain that eases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.band.course import EXPONENTS, Course, CourseKind, CourseReader, Felt

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from feedback.comfort import Report

_STEP_S = 0.25
"""Pressures are kept as means of this long: fine enough for means over seconds, and little to keep."""


@dataclass(frozen=True, slots=True)
class HoldRules:
    """When a hand counts as sagging and a hold as not easing; every number can be set.

    Attributes:
        mean_s: pressures are means over this many seconds, so that tremor (8-12 Hz) and most of the wander are out.
        sag_pct: from this loss on, against the hold's start, the hand sags. Hands lose 8.7 % within 15 s
            (Perez-Palomares 2021); wander alone stays below 5 %.
        held_pct: pressure counts as held for a time when its slow means stayed this close to their middle, in %.
        not_easing_s: from this many seconds of held pressure on it is said that the pain does not ease (healthy
            people's does within 30 s: PMC2751583).
        words: and from this many words of the client on.
    """

    mean_s: float = 3.0
    sag_pct: float = 6.0
    held_pct: float = 8.0
    not_easing_s: float = 30.0
    words: int = 3

    def __post_init__(self) -> None:
        if min(self.mean_s, self.sag_pct, self.held_pct, self.not_easing_s) <= 0 or self.words < 2:
            raise ValueError("the rules of a hold need times and shares above 0, and at least 2 words")


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
        """Nothing is watched until `restart`.

        Args:
            rules: when to speak of sag and of not easing.
            exponents: 5 %, 50 % and 95 % points of how steeply this client's ratings grow with pressure
                (`GoodPainBand.exponent_interval`); the default is what is believed of people in general.
        """
        self._rules = rules or HoldRules()
        self._exponents = exponents
        self._start_s: float | None = None
        self._level_s = 0.0
        self._held = False
        self._felt: list[tuple[Report, Felt]] = []
        self._steps = _Steps()
        self._reader: CourseReader | None = None
        self._course: Course | None = None

    def restart(self, time_s: float, exponents: tuple[float, float, float] | None = None) -> None:
        """A hold begins now; `exponents` are the client's by what is known now, None keeps those before.

        Raises:
            BandError: the exponents are not above 0 or fall.
        """
        if exponents is not None:
            self._exponents = exponents
        self._start_s = time_s
        self._felt = []
        self.level_again(time_s)
        self._reader = CourseReader(self._exponents, time_s)
        self._course = None

    def level_again(self, time_s: float) -> None:
        """The hand was asked for another pressure: sag and constancy count from here, the course goes on."""
        self._level_s = time_s
        self._held = False
        self._steps = _Steps()

    def feed(self, time_s: ArrayLike, pressure_kpa: ArrayLike) -> None:
        """Take measured pressures (n,) or one, in order of time; NaN is no measurement and is passed over."""
        if self._start_s is None:
            return
        times = np.atleast_1d(np.asarray(time_s, np.float64))
        kpa = np.atleast_1d(np.asarray(pressure_kpa, np.float64))
        for at, value in zip(times.tolist(), kpa.tolist(), strict=True):
            if value == value and at >= self._level_s:
                begun = self._steps.add(int((at - self._level_s) / _STEP_S), value)
                # Once held for long enough it stays said: a later wobble takes nothing back.
                if begun and not self._held:
                    held_s = self._steps.held_s(self._rules.mean_s, self._rules.held_pct)
                    self._held = held_s >= self._rules.not_easing_s

    def heard(self, report: Report, pressure_kpa: float | None) -> None:
        """The client said something at this pressure; marks, and words without a pressure, tell no course."""
        if self._start_s is None or self._reader is None or report.time_s < self._start_s:
            return
        felt = Felt.of(report, pressure_kpa) if pressure_kpa is not None and pressure_kpa > 0 else None
        if felt is None:
            return
        late = bool(self._felt) and felt.time_s < self._felt[-1][1].time_s
        self._felt.append((report, felt))
        if late:
            self._felt.sort(key=lambda both: both[1].time_s)
            self._read_again()
        else:
            self._reader.feel(felt)
            self._course = None

    def took_back(self, report: Report) -> None:
        """A report that was heard is taken back."""
        kept = [both for both in self._felt if both[0] != report]
        if len(kept) < len(self._felt):
            self._felt = kept
            self._read_again()

    def now(self, time_s: float) -> HoldNow | None:
        """The hold as it stands; None before a hold has begun."""
        if self._start_s is None or self._reader is None:
            return None
        if self._course is None:
            self._course = self._reader.course()
        rules, course = self._rules, self._course
        lasted_s = max(0.0, time_s - self._start_s)
        sag_pct = self._steps.sag_pct(rules.mean_s)
        sagging = sag_pct is not None and sag_pct >= rules.sag_pct
        not_easing = (
            course.kind in (CourseKind.STEADY, CourseKind.BUILDING)
            and len(self._felt) >= rules.words
            and self._held
        )
        ratings = [felt.rating for _, felt in self._felt if felt.rating is not None]
        return HoldNow(
            kind=course.kind,
            sagging=sagging,
            sag_pct=sag_pct,
            lasted_s=lasted_s,
            not_easing=not_easing,
            sentence=_sentence(course, sag_pct if sagging else None, not_easing, rules.not_easing_s),
            rating_first=ratings[0] if ratings else None,
            rating_last=ratings[-1] if ratings else None,
        )

    def _read_again(self) -> None:
        self._reader = CourseReader(self._exponents, self._start_s)
        for _, felt in self._felt:
            self._reader.feel(felt)
        self._course = None


class _Steps:
    """Pressure as means of `_STEP_S`."""

    def __init__(self) -> None:
        self._sums: list[float] = []
        self._counts: list[int] = []

    def add(self, step: int, kpa: float) -> bool:
        """Take a pressure; True when it is the first of its step."""
        missing = step + 1 - len(self._sums)
        if missing > 0:
            self._sums += [0.0] * missing
            self._counts += [0] * missing
        self._sums[step] += kpa
        self._counts[step] += 1
        return missing > 0

    def sag_pct(self, mean_s: float) -> float | None:
        """Loss from the first to the last `mean_s` seconds, in %; None until there is twice as much."""
        wide = round(mean_s / _STEP_S)
        if len(self._sums) < 2 * wide:
            return None
        first = _mean(self._sums[:wide], self._counts[:wide])
        last = _mean(self._sums[-wide:], self._counts[-wide:])
        return None if first is None or last is None or first <= 0 else (1.0 - last / first) * 100.0

    def held_s(self, mean_s: float, within_pct: float) -> float:
        """For how long up to now the slow means lay within `within_pct` of their middle; a silence breaks it."""
        wide = max(1, round(mean_s / _STEP_S))
        low, high = math.inf, 0.0
        held = 0
        for end in range(len(self._sums), wide - 1, -wide):
            mean = _mean(self._sums[end - wide : end], self._counts[end - wide : end])
            if mean is None:
                break
            low, high = min(low, mean), max(high, mean)
            if high - low > within_pct / 100.0 * (high + low):
                break
            held += wide
        return held * _STEP_S


def _mean(sums: list[float], counts: list[int]) -> float | None:
    n = sum(counts)
    return sum(sums) / n if n else None


def _sentence(course: Course, lost_pct: float | None, not_easing: bool, after_s: float) -> str:
    parts = [course.sentence]
    if not_easing:
        parts.append(f"not easing after {after_s:.0f} s of held pressure")
    if lost_pct is not None:
        parts.append(f"the hand sags: {lost_pct:.0f} % lost")
    return "; ".join(parts)
