"""Who steers the simulated hand through a sustained release: the therapist's feel, or the coach on the screen.

Both know the technique (its rates, holds, easing and rounds), hear the client, ask every 15 s of a hold, and answer a
"too much" with the same reaction. They differ in what else they go by:

- by feel: the hand goes to its own guess, or a little above where the client says "there"; then up or down by a fifth
  as the client says. It does not notice its sag.
- coached: the hand looks at the screen twice a second and does what it said 1 to 2 s ago: the rate cue, the level to
  aim at, the phase, the question to ask.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np

from feedback.coach import PhaseKind, RateCue, ReleaseSettings
from feedback.comfort import Report, ReportKind
from feedback.guidance import Cue
from feedback.prompts import RATING_WORDS

if TYPE_CHECKING:
    from feedback.view import LiveView
    from sim.client import Answer
    from sim.trials.therapist import Habits, StepHand

BY_FEEL = 1.2
"""A step up or down, when the client says too little or too much."""
BEYOND_THERE = 1.15
"""By feel one goes this much further than where the client says "there"."""
LOOK_S = 0.5
DEAD_BAND = 0.05
"""A level on the screen is mended when it is off by more than this."""
ASK_S = 15.0
AGAIN_S = 5.0
"""No question is read out sooner than this after another."""
FIRST_ASK_S = 3.0
PAUSE_S = 2.0
AFTER_STOP_S = 10.0
RELEASE_KPA_PER_S = 100.0
MEND_KPA_PER_S = 20.0
RATE_SEEN_S = 0.8
"""A rate is that of the last half second: before this it is not yet that of the ramp."""
MOST_MENDED = 1.6
"""A rate is mended by no more than this factor at once."""
TOO_MUCH = frozenset({ReportKind.TOO_MUCH, ReportKind.ENOUGH})


class Doing(Enum):
    """What the hand is doing."""

    AWAY = auto()
    RAMP = auto()
    HOLD = auto()
    EASE = auto()
    DONE = auto()


def _much(report: Report) -> bool:
    return report.kind is ReportKind.TOO_MUCH or (report.rating is not None and report.rating >= 8)


def _little(report: Report) -> bool:
    return report.kind is ReportKind.TOO_LITTLE or (report.rating is not None and report.rating <= 3)


class Driver:
    """What both kinds of driver do alike."""

    def __init__(
        self, hand: StepHand, habits: Habits, settings: ReleaseSettings, rng: np.random.Generator
    ) -> None:
        self.hand, self.habits, self.settings, self.rng = hand, habits, settings, rng
        self.doing = Doing.AWAY
        self.known = False
        """The client has said where good pain begins, or that it is enough, or a hold is over: ramps may be faster."""
        self.since_s = 0.0
        self._free_s = PAUSE_S
        self._next_ask_s = math.inf
        self._heard: deque[tuple[float, Report]] = deque()

    @property
    def wanted_kpa_per_s(self) -> float:
        """The rate that the technique asks for."""
        return self.settings.ramp_kpa_per_s if self.known else self.settings.learn_kpa_per_s

    @property
    def rate_kpa_per_s(self) -> float:
        """What this therapist makes of it, unless corrected."""
        return self.wanted_kpa_per_s * self.habits.speed

    def hear(self, report: Report) -> None:
        """The client says something; the hand answers a reaction later."""
        self._heard.append((report.time_s + self.habits.reaction_s, report))

    def asks(self, now_s: float) -> Answer | None:
        """What the therapist asks for now, if anything: in a hold after 3 s, then every 15 s."""
        if self.doing is not Doing.HOLD or now_s < self._next_ask_s:
            return None
        self._next_ask_s = now_s + ASK_S
        return "either"

    def step(self, now_s: float, view: LiveView | None) -> None:
        """Decide for the next 0.1 s."""
        while self._heard and self._heard[0][0] <= now_s:
            self._answer(self._heard.popleft()[1], now_s)
        if self.doing is Doing.AWAY and now_s >= self._free_s:
            self.begin(now_s)
        elif self.doing is Doing.RAMP and self.hand.arrived:
            self._to(Doing.HOLD, now_s)
            self._next_ask_s = now_s + FIRST_ASK_S
        self.steer(now_s, view)

    def begin(self, now_s: float) -> None:
        """Begin to press."""
        raise NotImplementedError

    def steer(self, now_s: float, view: LiveView | None) -> None:
        """Go by what this driver goes by."""
        raise NotImplementedError

    def answer(self, report: Report, now_s: float) -> None:
        """Do as the client says, beyond what every hand does."""
        raise NotImplementedError

    def let_go(self, now_s: float, *, done: bool, pause_s: float = PAUSE_S) -> None:
        """Leave the skin."""
        self.hand.aim(0.0, RELEASE_KPA_PER_S, exact=True)
        self._free_s = now_s + pause_s
        self._to(Doing.DONE if done else Doing.AWAY, now_s)

    def _to(self, doing: Doing, now_s: float) -> None:
        self.known = self.known or self.doing is Doing.HOLD
        self.doing, self.since_s = doing, now_s

    def _answer(self, report: Report, now_s: float) -> None:
        if self.doing not in (Doing.RAMP, Doing.HOLD):
            return
        if report.kind is ReportKind.STOP:
            self.known = True
            self.let_go(now_s, done=False, pause_s=AFTER_STOP_S)
        elif _much(report) or report.kind is ReportKind.ENOUGH:
            # "Enough" is a word of the ramp: no further. "Too much": back at once.
            self.known = True
            self.hand.aim(self.hand.kpa / (BY_FEEL if _much(report) else 1.05), MEND_KPA_PER_S)
            if self.doing is Doing.RAMP:
                self._to(Doing.HOLD, now_s)
                self._next_ask_s = now_s + FIRST_ASK_S
        self.answer(report, now_s)


class ByFeel(Driver):
    """Presses by feel and by what the client says."""

    _level_kpa: float | None = None
    _round = 1
    _first: int | None = None
    _hold_s = 60.0
    _fell = False

    def begin(self, now_s: float) -> None:
        """To the level found before, or to the guess."""
        goal = self._level_kpa or self.habits.guess_kpa
        self.hand.aim(
            goal * math.exp(self.habits.remember * float(self.rng.standard_normal())), self.rate_kpa_per_s
        )
        self._hold_s = self.settings.hold_s * float(self.rng.uniform(0.9, 1.1))
        self._first, self._fell = None, False
        self._to(Doing.RAMP, now_s)

    def answer(self, report: Report, now_s: float) -> None:
        """Go a little beyond "there"; up by a fifth when it is too little; note how the rating goes."""
        if report.kind is ReportKind.STOP:
            self._level_kpa = (self._level_kpa or self.habits.guess_kpa) / BY_FEEL
        elif report.kind is ReportKind.THERE and self.doing is Doing.RAMP and not self.known:
            self.known = True
            self.hand.aim(self.hand.kpa * BEYOND_THERE, self.rate_kpa_per_s)
        elif _little(report) and self.doing is Doing.HOLD:
            self.hand.aim(self.hand.kpa * BY_FEEL, MEND_KPA_PER_S)
        if report.rating is not None and self.doing is Doing.HOLD:
            self._first = report.rating if self._first is None else self._first
            fell = self._first - report.rating
            self._fell = fell >= self.settings.rating_drop_points or report.rating <= 0.5 * self._first

    def steer(self, now_s: float, view: LiveView | None) -> None:
        """Hold for about the time, ease, raise again; let go after the last round."""
        held_s = now_s - self.since_s
        if self.doing is Doing.HOLD and (
            held_s >= self._hold_s or (self._fell and held_s >= self.settings.hold_min_s)
        ):
            self._level_kpa = self.hand.kpa
            if self._round >= self.settings.rounds:
                self.let_go(now_s, done=True)
                return
            self._round += 1
            self.hand.aim(self._level_kpa * self.settings.ease_to_share, RELEASE_KPA_PER_S)
            self._to(Doing.EASE, now_s)
        elif self.doing is Doing.EASE and held_s >= self.settings.ease_s + PAUSE_S:
            self.begin(now_s)


class Coached(Driver):
    """Does what the screen says, a second or two late."""

    _next_look_s = 0.0
    _settle_s = 0.0
    _asked_s = 0.0

    def __init__(
        self, hand: StepHand, habits: Habits, settings: ReleaseSettings, rng: np.random.Generator
    ) -> None:
        super().__init__(hand, habits, settings, rng)
        self._seen: deque[tuple[float, LiveView]] = deque()
        self._view: LiveView | None = None
        self._pace = 1.0

    def asks(self, now_s: float) -> Answer | None:
        """The same; and what the screen asks for, read out a second or two late."""
        if how := super().asks(now_s):
            self._asked_s = now_s
            return how
        prompt = self._view.prompt if self._view else ""
        if self.doing is not Doing.HOLD or not prompt or now_s < self._asked_s + AGAIN_S:
            return None
        self._asked_s = now_s
        return "rating" if RATING_WORDS in prompt else "verdict"

    def begin(self, now_s: float) -> None:
        """Press, to what the screen advises."""
        view = self._view
        if view is None or view.coach is None:
            return
        if view.coach.phase is PhaseKind.DONE:
            self._to(Doing.DONE, now_s)
        elif view.coach.phase is PhaseKind.READY and not view.waits:
            bounds = view.bounds
            goal = bounds.target_kpa if bounds.band else bounds.stay_below_kpa
            self._ramp(goal or self.habits.guess_kpa, now_s)

    def answer(self, report: Report, now_s: float) -> None:
        """Stop raising at "there" while the band is not known; the rest is the screen's."""
        if report.kind is ReportKind.THERE and self.doing is Doing.RAMP and not self.known:
            self.known = True
            self.hand.aim(self.hand.kpa, MEND_KPA_PER_S, exact=True)
        if _much(report) or report.kind is ReportKind.ENOUGH:
            self._settle_s = now_s + self.habits.screen_s + 1.0

    def steer(self, now_s: float, view: LiveView | None) -> None:
        """Look, and do what was seen a second or two ago."""
        if view is not None:
            self._seen.append((now_s + self.habits.screen_s, view))
        while self._seen and self._seen[0][0] <= now_s:
            self._view = self._seen.popleft()[1]
        if self._view is None or now_s < self._next_look_s or self.doing in (Doing.AWAY, Doing.DONE):
            return
        self._next_look_s = now_s + LOOK_S
        if self._view.now_s >= self.since_s:
            self._follow(self._view, now_s)

    def _follow(self, view: LiveView, now_s: float) -> None:
        coach = view.coach
        if coach is None:
            return
        if coach.phase is PhaseKind.EASE:
            if self.doing is not Doing.EASE:
                self._to(Doing.EASE, now_s)
                self.hand.aim(coach.target_kpa or 0.5 * self.hand.kpa, RELEASE_KPA_PER_S)
        elif coach.phase in (PhaseKind.RELEASE, PhaseKind.DONE):
            self.let_go(now_s, done=coach.phase is PhaseKind.DONE)
        elif coach.phase is PhaseKind.RAMP and self.doing is Doing.EASE:
            self._ramp(coach.target_kpa or self.hand.kpa, now_s)
        elif self.doing is Doing.RAMP and coach.rate is not None:
            ramping = view.now_s >= self.since_s + RATE_SEEN_S
            if ramping and coach.rate.cue is not RateCue.GOOD and now_s >= self._settle_s:
                # The screen shows by how much; the hand remembers it for the ramps that follow.
                much = coach.rate.wanted_kpa_per_s / max(coach.rate.now_kpa_per_s, 1.0)
                self._pace *= min(max(much, 1.0 / MOST_MENDED), MOST_MENDED)
                self.hand.set_rate(self.rate_kpa_per_s * self._pace)
                self._settle_s = now_s + self.habits.screen_s + LOOK_S
        elif self.doing is Doing.HOLD and now_s >= self._settle_s:
            self._mend(view, now_s)

    def _ramp(self, goal_kpa: float, now_s: float) -> None:
        self.hand.aim(goal_kpa, self.rate_kpa_per_s * self._pace)
        self._to(Doing.RAMP, now_s)
        self._settle_s = 0.0

    def _mend(self, view: LiveView, now_s: float) -> None:
        """Bring what the screen showed to the level that it asked for."""
        coach, shown = view.coach, view.shown_kpa
        if coach is None or not shown:
            return
        change = 1.0
        if coach.target_kpa:
            change = coach.target_kpa / shown
        elif view.cue in (Cue.PRESS, Cue.EASE_OFF):
            change = 1.1 if view.cue is Cue.PRESS else 1.0 / 1.1
        if abs(change - 1.0) > DEAD_BAND:
            self.hand.aim(self.hand.kpa * min(max(change, 0.7), 1.3), MEND_KPA_PER_S)
            self._settle_s = now_s + self.habits.screen_s + 1.0
