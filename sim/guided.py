"""A simulated therapist who looks at the live program and does what it asks: the hand in the demonstration.

    follower = Guided(Steering("sim://upper-trapezius?hand=steered"), seed=2)
    follower.follow(view)       # as often as there are views; the hand is moved by what was seen a moment ago

She is a person: her hand begins to do what the screen asks one to two seconds later (what she hears, sooner), her ramps
are too fast or too slow until the screen says so, she misses a level by some per cent, does not notice her hand sag
before the screen shows it, rests between presses, and now and then goes too far and has to ease off. Sag, tremor and
wandering are those of the hand she steers.

All her times are the views' own, so that she is as quick in a session that runs faster than the clock on the wall.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

import numpy as np

from feedback.coach import (
    PhaseKind,
    PressesSettings,
    RateCue,
    ReleaseSettings,
    TechniqueKind,
    ThresholdSettings,
)
from feedback.comfort import Report, ReportKind
from feedback.guidance import Cue
from feedback.units import pressure_kpa_of
from sim.habits import draw_habits
from sim.seeds import stream

if TYPE_CHECKING:
    from feedback.coach import CoachNow
    from feedback.view import LiveView

LOOK_S = 0.25
"""Between two looks at the screen."""
FEEL_S = 0.4
"""What is seen is judged once it shows what the hand did last, so long ago."""
EASED_WITHIN_S = 2.5
"""An easing that is still asked for so long afterwards did not go far enough."""
REACH_S = 1.5
"""From deciding to press to being felt on the skin, at most."""
UNADVISED_KPA = 60.0
"""A press as firm as this during which the screen says “ready” is not the one it asks for."""
DEAD_BAND = 0.05
"""A level is mended when it is off by more than this."""
MEND_KPA_PER_S = 40.0
RELEASE_KPA_PER_S = 120.0
LEARN_KPA_PER_S = 20.0
RAMP_KPA_PER_S = 30.0
"""Rates where the technique gives none: while no band is known, and into the band."""
REST_S = (2.5, 5.0)
AFTER_ALL_S = 10.0
"""Off the skin between two presses, and after the last round of a technique."""
FREE_HOLD_S = 15.0
"""How long she holds where no technique says it."""
TOO_FAR = 1.12
"""Where she goes too far: this many times the band's upper edge."""
TOO_FAR_CHANCE = 0.25
"""How often, after the first time."""
BELOW_CEILING = 0.9
BACK_OFF = 1.2
"""A step down at “too much”."""
FASTER, SLOWER = 1.4, 0.7


class Steered(Protocol):
    """A hand that can be steered: `sim.steering.Steering`."""

    @property
    def pressure_kpa(self) -> float:
        """The pressure it makes now."""
        ...

    @property
    def arrived(self) -> bool:
        """It has reached what it is steered to."""
        ...

    def aim_kpa(self, target_kpa: float | None, rate_kpa_per_s: float | None = None) -> None:
        """Press with this pressure from now on; 0 lets go."""
        ...


class Doing(Enum):
    """What the hand is doing."""

    AWAY = auto()
    RAMP = auto()
    HOLD = auto()
    EASE = auto()


class Guided:
    """Steers a hand by what the live program shows.

    Args:
        hand: the hand.
        seed: her habits and all chance follow from it.
    """

    def __init__(self, hand: Steered, seed: int) -> None:
        self._hand = hand
        self._chance = stream(seed, "guided")
        self.habits = draw_habits(stream(seed, "guided", "habits"))
        self.doing = Doing.AWAY
        self._since_s = -math.inf
        self._free_s = -math.inf
        self._rate = RAMP_KPA_PER_S
        self._goal_kpa = 0.0
        self._was_too_far = False
        self._learning = False
        self._measuring = False
        self._ramps = 0
        self._seen: deque[tuple[float, LiveView]] = deque()
        self._view: LiveView | None = None
        self._look_s = -math.inf
        self._acted_s = -math.inf
        self._heard: deque[tuple[float, Report]] = deque()
        self._listened = 0
        self._startled_s = math.inf

    def follow(self, view: LiveView) -> None:
        """Look and listen; the hand does what was seen and heard a reaction ago."""
        now_s = view.now_s
        self._listen(view)
        while self._heard and self._heard[0][0] <= now_s:
            self._answer(self._heard.popleft()[1], now_s)
        if now_s >= self._startled_s:
            self._let_go(now_s)
        self._seen.append((now_s + self.habits.screen_s, view))
        while self._seen and self._seen[0][0] <= now_s:
            self._view = self._seen.popleft()[1]
        if self._view is not None and now_s >= self._look_s:
            self._look_s = now_s + LOOK_S
            self._do(self._view, now_s)

    def close(self) -> None:
        """The session is over: the hand lets go."""
        self._hand.aim_kpa(0.0)

    # -- hearing ------------------------------------------------------------------------------------------------

    def _listen(self, view: LiveView) -> None:
        if len(view.heard) < self._listened:
            self._listened = 0  # another point: what was said before is gone
        for heard in view.heard[self._listened :]:
            if not heard.undone:
                self._heard.append((heard.report.time_s + self.habits.reaction_s, heard.report))
        self._listened = len(view.heard)
        startled = view.alarm is not None or view.stopped
        if not startled:
            self._startled_s = math.inf
        elif self._startled_s == math.inf:
            self._startled_s = view.now_s + self.habits.reaction_s

    def _answer(self, report: Report, now_s: float) -> None:
        """Do as the client says, before the screen says it."""
        if self.doing is Doing.AWAY:
            return
        kind, kpa = report.kind, self._hand.pressure_kpa
        if kind is ReportKind.TOO_MUCH or (report.rating is not None and report.rating >= 8):
            self._go(Doing.HOLD, kpa / BACK_OFF, MEND_KPA_PER_S, now_s)
        elif self.doing is not Doing.RAMP:
            return
        elif kind is ReportKind.ENOUGH:
            self._go(Doing.HOLD, kpa / 1.05, MEND_KPA_PER_S, now_s)
        elif kind is ReportKind.THERE and self._measuring:
            self._let_go(now_s)
        elif kind in (ReportKind.THERE, ReportKind.GOOD) and self._learning:
            self._go(Doing.HOLD, kpa, MEND_KPA_PER_S, now_s, exact=True)

    # -- seeing -------------------------------------------------------------------------------------------------

    def _do(self, seen: LiveView, now_s: float) -> None:
        """What the screen asked for when it was looked at."""
        coach = seen.coach
        if coach is not None and coach.technique.kind is TechniqueKind.FREE:
            coach = None
        if not seen.live or not seen.calibrated or seen.waits or seen.asked in (Cue.STOP, Cue.LET_GO):
            if seen.now_s >= self._since_s:
                self._let_go(now_s)
            return
        if self.doing is Doing.AWAY:
            self._begin(seen, coach, now_s)
            return
        if self.doing is Doing.RAMP and self._hand.arrived:
            self._to(Doing.HOLD, now_s)
            self._acted_s = now_s
        phase = coach.phase if coach else None
        if seen.asked is Cue.READY and (seen.pressure_kpa or 0.0) > UNADVISED_KPA:
            # The screen has gone on to another point, and does not speak of this press.
            self._let_go(now_s)
            return
        if phase is PhaseKind.DONE:
            # Unless it is what stood there before she began anew.
            if seen.now_s >= self._since_s + REACH_S:
                self._let_go(now_s)
            return
        if phase is PhaseKind.EASE and coach is not None:
            self._ease(seen, coach, now_s)
            return
        if phase is PhaseKind.RAMP and self.doing is Doing.EASE:
            self._ramp(seen, coach, now_s)
            return
        if seen.now_s < self._acted_s + FEEL_S:
            return
        if self.doing is Doing.RAMP:
            self._pace(coach, now_s)
        elif self.doing is Doing.HOLD:
            if coach is None and now_s - self._since_s >= FREE_HOLD_S:
                self._let_go(now_s)
            else:
                self._mend(seen, coach, now_s)

    def _begin(self, seen: LiveView, coach: CoachNow | None, now_s: float) -> None:
        """Press, once rested and asked to."""
        if now_s < self._free_s or seen.now_s < self._since_s or seen.press is not None:
            return
        if coach is not None and coach.phase in (PhaseKind.REST, PhaseKind.RELEASE):
            return
        if coach is not None and coach.phase is PhaseKind.DONE and now_s < self._since_s + AFTER_ALL_S:
            return
        self._ramp(seen, coach, now_s)

    def _ramp(self, seen: LiveView, coach: CoachNow | None, now_s: float) -> None:
        bounds = seen.bounds
        goal_kpa = (
            (coach.target_kpa if coach else None)
            or (bounds.target_kpa if bounds.band else bounds.stay_below_kpa)
            or self.habits.guess_kpa
        )
        self._ramps += 1
        self._measuring = coach is not None and coach.technique.kind is TechniqueKind.THRESHOLD
        self._learning = bounds.band is None
        if self._measuring:
            # Up to where the client says “there”, wherever that is.
            goal_kpa = seen.ceiling_kpa
        elif bounds.band is not None and self._goes_too_far():
            goal_kpa = max(goal_kpa, bounds.band.upper_kpa) * TOO_FAR
        self._rate = self._wanted(seen, coach) * self.habits.speed
        self._go(Doing.RAMP, min(goal_kpa, BELOW_CEILING * seen.ceiling_kpa), self._rate, now_s)

    def _goes_too_far(self) -> bool:
        """Once for certain, not in the first ramp of all; now and then afterwards."""
        too_far = self._ramps >= 2 and (
            not self._was_too_far or float(self._chance.random()) < TOO_FAR_CHANCE
        )
        self._was_too_far = self._was_too_far or too_far
        return too_far

    def _wanted(self, seen: LiveView, coach: CoachNow | None) -> float:
        """The rate that the technique asks for, as she has learned it."""
        settings = coach.technique.settings if coach else None
        known = seen.bounds.band is not None
        if isinstance(settings, ReleaseSettings):
            return settings.ramp_kpa_per_s if known else settings.learn_kpa_per_s
        if isinstance(settings, ThresholdSettings):
            by_force = pressure_kpa_of(settings.rate_n_per_s or 0.0, seen.place.tip_area_cm2)
            return settings.rate_kpa_per_s or by_force
        if isinstance(settings, PressesSettings):
            return settings.ramp_kpa_per_s or RAMP_KPA_PER_S
        return RAMP_KPA_PER_S if known else LEARN_KPA_PER_S

    def _pace(self, coach: CoachNow | None, now_s: float) -> None:
        """Follow the cue for the rate."""
        rate = coach.rate if coach else None
        if rate is not None and rate.cue is not RateCue.GOOD:
            self._rate *= SLOWER if rate.cue is RateCue.SLOWER else FASTER
            self._hand.aim_kpa(self._goal_kpa, self._rate)
            self._acted_s = now_s

    def _ease(self, seen: LiveView, coach: CoachNow, now_s: float) -> None:
        if self.doing is not Doing.EASE:
            self._go(Doing.EASE, coach.target_kpa or 0.5 * self._hand.pressure_kpa, RELEASE_KPA_PER_S, now_s)
        elif seen.asked is Cue.EASE_OFF and seen.now_s >= self._acted_s + EASED_WITHIN_S:
            self._go(Doing.EASE, 0.9 * self._hand.pressure_kpa, RELEASE_KPA_PER_S, now_s)

    def _mend(self, seen: LiveView, coach: CoachNow | None, now_s: float) -> None:
        """Bring what the screen showed to the level it asked for."""
        shown, target_kpa = seen.shown_kpa, coach.target_kpa if coach else None
        change = 1.0
        if target_kpa and shown:
            change = target_kpa / shown
        elif seen.asked in (Cue.PRESS, Cue.EASE_OFF):
            change = 1.1 if seen.asked is Cue.PRESS else 1 / 1.1
        if abs(change - 1.0) > DEAD_BAND:
            level_kpa = self._hand.pressure_kpa * min(max(change, 0.7), 1.3)
            self._go(Doing.HOLD, min(level_kpa, BELOW_CEILING * seen.ceiling_kpa), MEND_KPA_PER_S, now_s)

    # -- moving -------------------------------------------------------------------------------------------------

    def _go(
        self, doing: Doing, level_kpa: float, rate_kpa_per_s: float, now_s: float, *, exact: bool = False
    ) -> None:
        """Go to a level, missed by her habit; `exact`: stay where the hand is, which it feels."""
        miss = 0.0 if exact else float(np.clip(self._chance.standard_normal(), -2.0, 2.0))
        self._goal_kpa = max(1.0, level_kpa * (1.0 + self.habits.miss * miss))
        self._hand.aim_kpa(self._goal_kpa, rate_kpa_per_s)
        self._acted_s = now_s
        self._to(doing, now_s)

    def _let_go(self, now_s: float) -> None:
        self._startled_s = math.inf
        if self.doing is not Doing.AWAY:
            self._hand.aim_kpa(0.0, RELEASE_KPA_PER_S)
            self._free_s = now_s + float(self._chance.uniform(*REST_S))
            self._to(Doing.AWAY, now_s)

    def _to(self, doing: Doing, now_s: float) -> None:
        if doing is not self.doing:
            self.doing, self._since_s = doing, now_s
