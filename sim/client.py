"""A simulated client: hidden thresholds, and the words that follow from them.

Thresholds are drawn from the priors that the literature gives (docs/model.md): at a trigger point under 1 cm² a lower
threshold of 225 kPa (ln-sd 0.45), an upper one 1.49 times that (95 %: 1.20 to 2.4), and a scatter from one judgement
to the next of 0.12 (ln-sd 0.40) in ln pressure. Ratings follow Stevens' law between them.

Easing: at constant pressure healthy people's pain fell from 4 to about 2.1 within 30 s, that of people with
fibromyalgia rose by 0.7 (PMC2751583). Here a client's feeling falls by `ease` widths of the band in the end; the
healthy figure is about 1.2, the other -0.2, and a trigger point is taken to lie anywhere between (mean 0.45, sd 0.35:
assumed). How fast feeling comes back after release is assumed too.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from feedback.comfort import MARKS, TRENDS, VERDICTS, Report, ReportKind
from sim.seeds import stream

SOURCE = "simulated client"
MEDIAN_LO_KPA = 225.0
LO_LN_SD = 0.45
MEDIAN_RATIO = 1.49
RATIO_LN_SD = 0.40
"""Of ln(T_hi/T_lo), so that 95 % of the ratios lie between 1.2 and 2.4."""
NOISE_MEDIAN = 0.12
NOISE_LN_SD = 0.40
AREA_EXPONENT = -0.49
"""Thresholds in kPa fall with the tip's area (Defrin 2003)."""
LOWEST_GOOD, LOWEST_TOO_MUCH = 3.5, 7.5
"""Ratings at the two thresholds: 4 to 7 is good pain."""
LAPSE = 0.03
EASE_S = 18.0
RECOVER_S = 5.0
TISSUE_EASE = 0.13
TISSUE_EASE_S = 240.0
"""What treatment itself raises the thresholds by (ln), and how soon: time under pressure, in s (a guess)."""
STOP_RATIO = 1.35
"""Far above: this many times the upper threshold makes a client say stop."""
OVER_S = 0.4
"""How long pressure is above the alarm before a client speaks of it."""
CONTACT_KPA, AWAY_KPA = 25.0, 12.0
LOGISTIC_SD_1 = math.sqrt(3) / math.pi

ALARMS = frozenset({ReportKind.TOO_MUCH, ReportKind.STOP})
RATING_WORDS = (VERDICTS | TRENDS | {ReportKind.RATING}) - ALARMS

Answer = Literal["rating", "verdict", "either"]


@dataclass(frozen=True, slots=True)
class Character:
    """How a kind of client differs from the usual one.

    Attributes:
        lo: factor on the lower threshold.
        width: factor on ln(T_hi/T_lo).
        hides: chance that a “too much” is not said.
        delay_s: typical time from feeling to saying.
        alarm: factor on the upper threshold at which “too much” is said; below 1 is early.
    """

    lo: float = 1.0
    width: float = 1.0
    hides: float = 0.0
    delay_s: float = 0.5
    alarm: float = 1.0


CHARACTERS = {
    "default": Character(),
    "robust": Character(lo=1.6, width=1.15, delay_s=0.6),
    "fearful": Character(lo=0.6, width=0.8, delay_s=0.35, alarm=0.93),
    "over-polite": Character(hides=0.7, delay_s=0.7),
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What is hidden in a client, for one point and one tip.

    Attributes:
        t_lo_kpa: good pain begins here.
        t_hi_kpa: too much begins here.
        noise: standard deviation of ln pressure from one judgement to the next.
        ease: widths of the band by which feeling falls in a long hold; negative: it builds up.
        talks_every_s: shortest and longest time between unasked words in a hold.
        character: one of `CHARACTERS`.
    """

    t_lo_kpa: float
    t_hi_kpa: float
    noise: float
    ease: float
    talks_every_s: tuple[float, float] = (6.0, 10.0)
    character: str = "default"

    def __post_init__(self) -> None:
        if not 0 < self.t_lo_kpa < self.t_hi_kpa < math.inf or self.noise < 0:
            raise ValueError("a client needs 0 < t_lo_kpa < t_hi_kpa and a noise of 0 or more")
        if self.character not in CHARACTERS:
            raise ValueError(f"client is one of {', '.join(CHARACTERS)}, not “{self.character}”")

    @property
    def width(self) -> float:
        """ln(T_hi/T_lo)."""
        return math.log(self.t_hi_kpa / self.t_lo_kpa)


def draw_traits(
    seed: int,
    *,
    point: str = "",
    median_lo_kpa: float = MEDIAN_LO_KPA,
    tip_area_cm2: float = 1.0,
    character: str = "default",
) -> Traits:
    """A client by chance.

    Args:
        seed: the same seed and point give the same thresholds.
        point: where; one person's points differ.
        median_lo_kpa: of the lower threshold at this point under 1 cm².
        tip_area_cm2: of the tip that will press.
        character: one of `CHARACTERS`.

    Raises:
        ValueError: no such character.
    """
    if character not in CHARACTERS:
        raise ValueError(f"client is one of {', '.join(CHARACTERS)}, not “{character}”")
    kind = CHARACTERS[character]
    chance = stream(seed, "client", "traits", point)
    lo_z, ratio_z, noise_z, ease_z = np.clip(chance.standard_normal(4), -2.2, 2.2).tolist()
    t_lo = median_lo_kpa * kind.lo * tip_area_cm2**AREA_EXPONENT * math.exp(LO_LN_SD * lo_z)
    width = math.log(MEDIAN_RATIO) * kind.width * math.exp(RATIO_LN_SD * ratio_z)
    noise = NOISE_MEDIAN * math.exp(NOISE_LN_SD * noise_z)
    ease = min(max(0.45 + 0.35 * ease_z, -0.2), 1.2)
    return Traits(t_lo, t_lo * math.exp(width), noise, ease, character=character)


@dataclass(slots=True)
class _Touch:
    """What a client knows about the press that is going on."""

    since_s: float
    there_kpa: float
    enough_kpa: float
    alarm_kpa: float
    stop_kpa: float
    patience_s: float
    said_there: bool = False
    said_enough: bool = False
    over_since_s: float = math.inf
    next_alarm_s: float = 0.0
    said_stop: bool = False
    steady_since_s: float = math.inf
    steady_kpa: float = 0.0
    next_word_s: float = math.inf
    last_rating: int | None = None


class SimulatedClient:
    """A client who feels pressure as time goes on and says what follows from it."""

    def __init__(self, traits: Traits, seed: int) -> None:
        self.traits = traits
        self._kind = CHARACTERS[traits.character]
        self._chance = stream(seed, "client", "words")
        self._time_s = -math.inf
        self._kpa = 0.0
        self._adapted = 0.0
        self._under_s = 0.0
        self._touch: _Touch | None = None
        self._due: list[tuple[float, int, Report]] = []
        self._said = 0

    # -- what is hidden ----------------------------------------------------------------------------------------

    @property
    def t_lo_kpa(self) -> float:
        """The lower threshold of a rested client."""
        return self.traits.t_lo_kpa

    @property
    def t_hi_kpa(self) -> float:
        """The upper threshold of a rested client."""
        return self.traits.t_hi_kpa

    @property
    def shift(self) -> float:
        """By how much ln of both thresholds lies higher now, from the hold and from the treatment."""
        treated = -TISSUE_EASE * math.expm1(-self._under_s / TISSUE_EASE_S) if self.traits.ease > 0 else 0.0
        return self.traits.ease * self.traits.width * self._adapted + treated

    # -- feeling and saying --------------------------------------------------------------------------------------

    def feel(self, time_s: float, pressure_kpa: float) -> list[Report]:
        """Feel the pressure at a time, and say what is due by then.

        Args:
            time_s: rising from call to call, in any steps up to about 0.2 s; an earlier time than before is ignored.
            pressure_kpa: under the tip; NaN where it is not known, which leaves the client waiting.

        Returns:
            What was said since the call before, oldest first, each with the time when it was said.
        """
        if time_s > self._time_s and pressure_kpa == pressure_kpa:
            before_s = self._time_s if math.isfinite(self._time_s) else time_s
            self._adapt(min(time_s - before_s, 1.0), pressure_kpa)
            self._think(before_s, time_s, self._kpa, max(pressure_kpa, 0.0))
            self._time_s, self._kpa = time_s, max(pressure_kpa, 0.0)
        due: list[Report] = []
        while self._due and self._due[0][0] <= time_s:
            due.append(heapq.heappop(self._due)[2])
        return due

    def ask(self, time_s: float, how: Answer = "either") -> Report:
        """Answer at once to “how is it?” (a rating) or “too little, good, too much?” (a verdict)."""
        self._postpone(time_s)
        if how == "rating" or (how == "either" and self._chance.random() < 0.6):
            return self._rating(time_s)
        return Report(self._verdict(), time_s, source=SOURCE)

    def _adapt(self, step_s: float, kpa: float) -> None:
        pressed = min(max(kpa, 0.0) / self.traits.t_lo_kpa, 1.0)
        if pressed > 0.3:
            self._adapted += (pressed - self._adapted) * -math.expm1(-step_s / EASE_S)
            self._under_s += step_s
        else:
            self._adapted *= math.exp(-step_s / RECOVER_S)

    def _logistic(self) -> float:
        """A standard logistic scatter with an sd of 1, as the comfort model has it; within 2.5 sd."""
        z = float(self._chance.logistic(0.0, LOGISTIC_SD_1))
        return min(max(z, -2.5), 2.5)

    def _think(self, before_s: float, now_s: float, before_kpa: float, kpa: float) -> None:
        touch = self._touch
        if touch is None:
            if kpa > CONTACT_KPA:
                self._touch = self._begin(now_s)
            return
        if kpa < AWAY_KPA:
            self._touch = None
            # Nobody rates a press that is over; a cry is said all the same.
            self._swallow(RATING_WORDS, -math.inf)
            return
        ease = math.exp(self.shift)
        self._marks(touch, before_s, now_s, before_kpa, kpa, ease)
        self._alarms(touch, now_s, kpa, ease)
        self._hold(touch, now_s, kpa)

    def _begin(self, now_s: float) -> _Touch:
        t, kind = self.traits, self._kind
        there = t.t_lo_kpa * math.exp(t.noise * self._logistic())
        enough = max(t.t_hi_kpa * math.exp(t.noise * self._logistic()), there * 1.02)
        alarm = max(t.t_hi_kpa * 1.06, enough) * kind.alarm
        patience_s = 2.5 + 2.0 * float(self._chance.random())
        return _Touch(
            now_s, there, enough, alarm, max(t.t_hi_kpa, enough) * STOP_RATIO * kind.alarm, patience_s
        )

    def _marks(
        self, touch: _Touch, before_s: float, now_s: float, before_kpa: float, kpa: float, ease: float
    ) -> None:
        if kpa <= before_kpa:
            return

        def crossed(level_kpa: float) -> float:
            share = (level_kpa - before_kpa) / (kpa - before_kpa)
            return before_s + min(max(share, 0.0), 1.0) * (now_s - before_s)

        if not touch.said_there and kpa >= touch.there_kpa * ease:
            touch.said_there = True
            self._say(ReportKind.THERE, crossed(touch.there_kpa * ease))
        if touch.said_there and not touch.said_enough and kpa >= touch.enough_kpa * ease:
            touch.said_enough = True
            if self._chance.random() >= self._kind.hides:
                self._say(ReportKind.ENOUGH, crossed(touch.enough_kpa * ease))

    def _alarms(self, touch: _Touch, now_s: float, kpa: float, ease: float) -> None:
        if kpa < touch.alarm_kpa * ease:
            touch.over_since_s = math.inf
            return
        touch.over_since_s = min(touch.over_since_s, now_s)
        if kpa >= touch.stop_kpa * ease and not touch.said_stop:
            touch.said_stop = touch.said_enough = True
            self._say(ReportKind.STOP, now_s, quick=True)
            touch.next_alarm_s = now_s + 3.0
        elif now_s - touch.over_since_s > OVER_S and now_s >= touch.next_alarm_s:
            touch.next_alarm_s = now_s + 3.0
            touch.said_enough = True
            if self._chance.random() >= self._kind.hides:
                self._say(ReportKind.TOO_MUCH, now_s, quick=True)

    def _hold(self, touch: _Touch, now_s: float, kpa: float) -> None:
        if abs(kpa - touch.steady_kpa) > max(0.12 * touch.steady_kpa, 8.0):
            touch.steady_kpa, touch.steady_since_s = kpa, now_s
            touch.next_word_s = now_s + touch.patience_s
            return
        # A slow sag is still a hold: the level it is compared with follows.
        touch.steady_kpa += 0.01 * (kpa - touch.steady_kpa)
        if now_s < touch.next_word_s or kpa < 0.4 * self.traits.t_lo_kpa:
            return
        self._postpone(now_s)
        if self._chance.random() < 0.35:
            verdict = self._verdict()
            if not (verdict is ReportKind.TOO_MUCH and now_s < touch.next_alarm_s):
                self._say(verdict, now_s)
            return
        rating = self._rating(now_s)
        before = touch.last_rating
        touch.last_rating = rating.rating
        if before is not None and rating.rating is not None and abs(rating.rating - before) >= 2:
            self._say(ReportKind.EASING if rating.rating < before else ReportKind.WORSENING, now_s)
        else:
            self._say(ReportKind.RATING, now_s, rating=rating.rating)

    def _postpone(self, now_s: float) -> None:
        if self._touch is not None:
            low, high = self.traits.talks_every_s
            self._touch.next_word_s = now_s + low + (high - low) * float(self._chance.random())

    def _felt(self) -> float:
        """Where the pressure feels to be, in widths of the band above its lower edge, this once."""
        t = self.traits
        if self._kpa <= 0:
            return -math.inf
        scatter = t.noise * self._logistic()
        return (math.log(self._kpa / t.t_lo_kpa) - self.shift + scatter) / t.width

    def _verdict(self) -> ReportKind:
        if self._chance.random() < LAPSE:
            # A slip of the tongue is by one step; nobody cries out at a touch.
            felt = self._felt()
            return ReportKind.GOOD if felt < 0 or felt >= 1 else ReportKind.TOO_LITTLE
        felt = self._felt()
        if felt < 0:
            return ReportKind.TOO_LITTLE
        if felt < 1 or self._chance.random() < self._kind.hides:
            return ReportKind.GOOD
        return ReportKind.TOO_MUCH

    def _rating(self, time_s: float) -> Report:
        felt = self._felt()
        if felt == -math.inf:
            return Report(ReportKind.RATING, time_s, 0, SOURCE)
        # Stevens' law through 3.5 at the lower and 7.5 at the upper threshold, in ratings counted from 0.5.
        exact = 0.5 + (LOWEST_GOOD) * math.exp(felt * math.log(LOWEST_TOO_MUCH / LOWEST_GOOD))
        rating = min(max(round(exact), 0), 10)
        if rating > 7 and self._chance.random() < self._kind.hides:
            rating = 7
        return Report(ReportKind.RATING, time_s, rating, SOURCE)

    def _swallow(self, kinds: frozenset[ReportKind], after_s: float) -> None:
        """Do not say what was about to be said."""
        self._due = [word for word in self._due if word[0] <= after_s or word[2].kind not in kinds]
        heapq.heapify(self._due)

    def _say(
        self, kind: ReportKind, felt_s: float, *, rating: int | None = None, quick: bool = False
    ) -> None:
        if kind in ALARMS:
            # Whoever cries “too much” no longer says “enough”.
            self._swallow(MARKS, felt_s)
        delay_s = self._kind.delay_s * math.exp(0.25 * float(np.clip(self._chance.standard_normal(), -2, 2)))
        if quick:
            delay_s *= 0.6
        said_s = felt_s + delay_s
        if kind is ReportKind.ENOUGH:
            waiting = [at_s for at_s, _, report in self._due if report.kind is ReportKind.THERE]
            said_s = max([said_s, *(at_s + 0.1 for at_s in waiting)])
        self._said += 1
        heapq.heappush(self._due, (said_s, self._said, Report(kind, said_s, rating, SOURCE)))
