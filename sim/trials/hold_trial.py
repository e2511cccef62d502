"""One simulated hold: a client whose course is known, a hand that sags or not, and `HoldWatch` listening.

The client is `sim.client.SimulatedClient`, who feels the pressure multiplied by the course: as if the pressure rose or
fell while it was held. Two things differ from that client as it comes. Its own easing is off, so that the course is the
one that is wanted. And its scatter `s`, which was read off the repeatability of thresholds from press to press, is
split: with `within` = 0.5 half of it is there from one word to the next of a hold, and the rest moves the press as a
whole. That makes this client easier than the simulator's. The reason: a rating of one and the same stimulus scatters by
0.35 points on an electronic scale (Escalona-Marfil 2020); half of the usual client's `s` is 0.5 points at a rating of
5, the whole of it 1.0. `within` = 1 is the simulator's client.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from feedback.band import BandError, CourseKind, GoodPainBand, Manner
from feedback.comfort import Report, ReportKind
from feedback.hold import HoldNow, HoldWatch
from sim.client import SimulatedClient, Traits, draw_traits
from sim.seeds import stream
from sim.trials.force_hand import RATE_HZ, held, sag_of

COURSE_S = 18.0
"""Time constant of the client's course, as in `sim.client`; the watch assumes another one (15 s)."""
RAMP_KPA_PER_S = 30.0
REST_S = 20.0
SETTLE_S = 2.0
AIM = 5
"""The hand goes up or down by a tenth until the client's rating is within one of this, then the hold begins."""
TRIES = 5
CEILING_KPA = 2000.0
"""Far above every simulated threshold: the trial is about the course."""
REPORT_WINDOW_S = 2.0
OVER = frozenset({ReportKind.ENOUGH, ReportKind.TOO_MUCH, ReportKind.STOP})


class HoldKind(StrEnum):
    """What happens in a simulated hold."""

    EASING = "true easing"
    SAG = "sag only"
    BOTH = "both"
    BUILDING = "building"


TRUE_COURSE = {
    HoldKind.EASING: CourseKind.EASING,
    HoldKind.SAG: CourseKind.STEADY,
    HoldKind.BOTH: CourseKind.EASING,
    HoldKind.BUILDING: CourseKind.BUILDING,
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a hold is done and watched.

    Attributes:
        hold_s: how long it is held.
        ask_every_s: how often the client is asked for a rating.
        known_ratings: ratings by which the point was learned before, on presses of six, after one press with "there"
            and "enough".
        within: share of the client's scatter that is there from word to word of a hold.
        noise: factor on the client's whole scatter.
        fall: by how much pain falls in the first 30 s of an easing hold at equal pressure, in ln of the pain, from, to.
        rise: by how much it rises by the end of a building hold.
        even: the course goes on evenly to the end of the hold, in place of levelling off.
    """

    hold_s: float = 90.0
    ask_every_s: float = 5.0
    known_ratings: int = 12
    within: float = 0.5
    noise: float = 1.0
    fall: tuple[float, float] = (math.log(3.4 / 1.9), math.log(3.5 / 1.3))
    rise: tuple[float, float] = (math.log(6.0 / 4.0), math.log(7.0 / 4.0))
    even: bool = False


@dataclass(frozen=True, slots=True)
class HoldResult:
    """A simulated hold and what was made of it.

    Attributes:
        kind: what it was.
        sags: whether the hand sagged.
        seen: what the watch said at the asked times, in their order.
        words: how much the client said in it.
    """

    kind: HoldKind
    sags: bool
    seen: tuple[HoldNow, ...]
    words: int

    @property
    def right(self) -> bool:
        """The course and the sag as they were, at the last of the times."""
        last = self.seen[-1]
        return last.kind is TRUE_COURSE[self.kind] and last.sagging == self.sags


class _Point:
    """A client's point as a therapist comes to know it: presses, words, and the band that learns from them."""

    def __init__(self, traits: Traits, between: float, seed: int, rng: np.random.Generator) -> None:
        self.client = SimulatedClient(traits, seed)
        self.model = GoodPainBand.start(ceiling_kpa=CEILING_KPA)
        self.time_s = 0.0
        self._between = between
        self._rng = rng
        self.shift = 0.0
        self._kpa = 0.0
        self.rest()

    def rest(self) -> None:
        """Let go for a while; the next press feels a little different as a whole."""
        for _ in range(round(REST_S)):
            self.time_s += 1.0
            self.client.feel(self.time_s, 0.0)
        self._kpa = 0.0
        self.shift = self._between * float(self._rng.standard_normal())

    def feel(self, kpa: float, step_s: float, course_ln: float = 0.0) -> list[Report]:
        """A step of time at a pressure."""
        self.time_s += step_s
        self._kpa = kpa
        return self.client.feel(self.time_s, kpa * math.exp(course_ln - self.shift))

    def go(self, to_kpa: float, until: frozenset[ReportKind] = frozenset()) -> None:
        """Press towards a pressure at a steady rate, until there or until the client says one of these."""
        step_s = 0.1
        rate = math.copysign(RAMP_KPA_PER_S, to_kpa - self._kpa)
        while abs(to_kpa - self._kpa) > 1e-6:
            gap = to_kpa - self._kpa
            kpa = self._kpa + math.copysign(min(abs(gap), RAMP_KPA_PER_S * step_s), gap)
            for report in self.feel(kpa, step_s):
                self.learn(report, max(rate, 0.0))
                if report.kind in until:
                    return

    def rate(self) -> int:
        """Hold for the time of a rating and ask for it."""
        for _ in range(round(SETTLE_S / 0.1)):
            for report in self.feel(self._kpa, 0.1):
                self.learn(report)
        report = self.client.ask(self.time_s, "rating")
        self.learn(report)
        return report.rating or 0

    def learn(self, report: Report, ramp_kpa_per_s: float = 0.0) -> None:
        """What the band makes of a word."""
        try:
            self.model = self.model.hear(report, self._kpa, ramp_kpa_per_s)
        except BandError:
            return
        if self.model.guard.stopped:
            self.model = self.model.resume()

    def settle(self) -> float:
        """Press to what the band advises, then a little up or down until the client rates it near `AIM`."""
        kpa = self.model.next_pressure(Manner.TREAT).pressure_kpa or 100.0
        self.go(kpa)
        for _ in range(TRIES):
            rating = self.rate()
            if abs(rating - AIM) <= 1:
                break
            kpa *= 1.1 if rating < AIM else 0.9
            self.go(kpa)
        return kpa


def _known(traits: Traits, conditions: Conditions, seed: int, rng: np.random.Generator) -> _Point:
    """A point after the presses by which it was learned."""
    scatter = traits.noise * conditions.noise
    steady = Traits(traits.t_lo_kpa, traits.t_hi_kpa, scatter * conditions.within, 0.0)
    point = _Point(steady, scatter * math.sqrt(1.0 - conditions.within**2), seed, rng)
    point.go(CEILING_KPA / 1.5, until=OVER)
    for number in range(conditions.known_ratings):
        if number % 6 == 0:
            point.rest()
        point.go(point.model.next_pressure(Manner.LEARN).pressure_kpa or 100.0)
        point.rate()
    point.rest()
    return point


def _course_ln(kind: HoldKind, conditions: Conditions, width: float, rng: np.random.Generator) -> float:
    """What the course comes to in the end, as ln of the pressure that would feel so; + is more pain."""
    fall = float(rng.uniform(*conditions.fall)) / -math.expm1(-30.0 / COURSE_S)
    rise = float(rng.uniform(*conditions.rise))
    rise /= 1.0 if conditions.even else -math.expm1(-conditions.hold_s / COURSE_S)
    pain_ln = {HoldKind.EASING: -fall, HoldKind.BOTH: -fall, HoldKind.BUILDING: rise}.get(kind, 0.0)
    # The simulated client's pain grows as pressure to the power 0.762 / width.
    return pain_ln * width / math.log(7.5 / 3.5)


def hold_of(
    kind: HoldKind, seed: int, conditions: Conditions, judged_s: tuple[float, ...] = (30.0, 60.0, 90.0)
) -> HoldResult:
    """One hold by chance; the same kind, seed and conditions give the same.

    Args:
        kind: what happens in it.
        seed: of the client, the hand and the words.
        conditions: how it is done.
        judged_s: when the watch is asked, rising, none above the hold's length.
    """
    rng = stream(seed, "trial", "hold", kind.value)
    traits = draw_traits(seed, point=kind.value)
    end_ln = _course_ln(kind, conditions, traits.width, rng)
    sags = kind in (HoldKind.SAG, HoldKind.BOTH) or (kind is HoldKind.BUILDING and bool(rng.random() < 0.5))
    point = _known(traits, conditions, seed, rng)
    level_kpa = point.settle()
    kpa = held(level_kpa, conditions.hold_s, sag_of(rng) if sags else 0.0, rng)
    watch = HoldWatch(exponents=point.model.exponent_interval())
    start_s = point.time_s
    watch.restart(start_s)
    return _watched(kind, sags, point, watch, kpa, end_ln, conditions, judged_s)


def _watched(
    kind: HoldKind,
    sags: bool,
    point: _Point,
    watch: HoldWatch,
    kpa: NDArray[np.float64],
    end_ln: float,
    conditions: Conditions,
    judged_s: tuple[float, ...],
) -> HoldResult:
    start_s, step, words = point.time_s, round(RATE_HZ / 10.0), 0
    asks, seen = conditions.ask_every_s * 0.6, list[HoldNow]()
    for first in range(0, len(kpa), step):
        block = kpa[first : first + step]
        held_s = (first + len(block)) / RATE_HZ
        watch.feed(start_s + np.arange(first, first + len(block)) / RATE_HZ, block)
        share = held_s / conditions.hold_s if conditions.even else -math.expm1(-held_s / COURSE_S)
        said = point.feel(float(block[-1]), start_s + held_s - point.time_s, end_ln * share)
        if held_s >= asks:
            asks += conditions.ask_every_s
            said.append(point.client.ask(point.time_s, "rating"))
        for report in said:
            words += 1
            watch.heard(report, _before(kpa, report.time_s - start_s))
        while len(seen) < len(judged_s) and held_s >= judged_s[len(seen)] - 1e-9:
            now = watch.now(point.time_s)
            assert now is not None
            seen.append(now)
    return HoldResult(kind, sags, tuple(seen), words)


def _before(kpa: NDArray[np.float64], at_s: float) -> float:
    """Median pressure of the seconds before a word, as a session ties it."""
    last = max(1, round(at_s * RATE_HZ))
    return float(np.median(kpa[max(0, last - round(REPORT_WINDOW_S * RATE_HZ)) : last]))
