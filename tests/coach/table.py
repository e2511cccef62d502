"""A treatment table: a real session with a coach, a hand that can be told what to do, and a journal that is read."""

from __future__ import annotations

import math
from dataclasses import replace
from uuid import uuid4

from feedback.band import Band, GoodPainBand, LearnedBand
from feedback.band.source import SetBand
from feedback.coach import PhaseKind, PhaseRecord, ThresholdResult
from feedback.coach.shipped import techniques
from feedback.comfort import Report, ReportKind
from feedback.points import Point
from feedback.session import Session
from feedback.signal import ForceBlock
from feedback.view import Place
from sim.schedule import PHYSICS_HZ
from tests.sim.helpers import hand_of

RATE_HZ = 40
STEP_S = 1 / RATE_HZ
SHIPPED = techniques()


class Written:
    """A journal that keeps what it is told, in order."""

    def __init__(self):
        self.rows = []

    def __getattr__(self, kind):
        def write(*values):
            self.rows.append((kind, values))
            return uuid4()

        return write

    def of(self, kind):
        return [values for name, values in self.rows if name == kind]

    @property
    def phases(self) -> list[PhaseRecord]:
        return [record for (record,) in self.of("phase")]

    @property
    def results(self) -> list[ThresholdResult]:
        return [result for (result,) in self.of("threshold")]


def shipped(name, **settings):
    """A shipped technique with some of its numbers changed."""
    technique = SHIPPED[name]
    return replace(technique, settings=replace(technique.settings, **settings))


def learning(ceiling_kpa=400.0):
    return LearnedBand(GoodPainBand.start(ceiling_kpa=ceiling_kpa))


class SteadyHand:
    """Does exactly what it is told, with 1 % of tremor at 10 Hz."""

    def __init__(self):
        self._force_n = 0.0
        self._t = 0.0

    def step(self, wanted_n, step_s):
        self._force_n = wanted_n
        self._t += step_s
        return wanted_n * (1 + 0.01 * math.sin(2 * math.pi * 10 * self._t))


class SimHand:
    """The simulator's hand, steered: it reaches, trembles, wanders and sags."""

    def __init__(self, seed=3):
        self._hand = hand_of(seed=seed, steered=True)

    def step(self, wanted_n, step_s):
        self._hand.aim(wanted_n)
        n = round(step_s * PHYSICS_HZ)
        return float(self._hand.force_n(range(n))[-1])


class Table:
    def __init__(self, technique, source=None, *, ceiling_kpa=400.0, area_cm2=1.0, hand=None):
        self.journal = Written()
        place = Place(uuid4(), "K-07", Point("upper trapezius", "left", "1"), "probe", area_cm2)
        source = source if source is not None else SetBand(Band(150.0, 250.0))
        self.session = Session(
            place, self.journal, source, start_s=0.0, ceiling_kpa=ceiling_kpa, coach=technique
        )
        self.hand = hand or SteadyHand()
        self.now_s = 0.0
        self.wanted_n = 0.0
        self.seen = []
        """Every (phase, what to do, rate cue) that was shown, without repeats."""

    @property
    def view(self):
        return self.session.view(self.now_s)

    @property
    def coach(self):
        return self.view.coach

    def tick(self):
        self.now_s += STEP_S
        force_n = self.hand.step(self.wanted_n, STEP_S)
        self.session.feed(ForceBlock.of([self.now_s], [force_n]))
        now = self.session.view(self.now_s).coach
        if now is not None:
            told = (now.phase, now.do, now.rate.cue if now.rate else None)
            if not self.seen or self.seen[-1] != told:
                self.seen.append(told)

    def stay(self, seconds):
        for _ in range(round(seconds * RATE_HZ)):
            self.tick()

    def until(self, phase, limit_s=200.0):
        """Go on doing the same until the coach is in a phase."""
        ends_s = self.now_s + limit_s
        while self.coach.phase is not phase:
            assert self.now_s < ends_s, f"still {self.coach} after {limit_s} s"
            self.tick()

    def move(self, to_n, n_per_s):
        """Go to a force at a rate."""
        step_n = n_per_s * STEP_S
        while abs(to_n - self.wanted_n) > step_n:
            self.wanted_n += math.copysign(step_n, to_n - self.wanted_n)
            self.tick()
        self.wanted_n = to_n
        self.tick()

    def raise_until(self, phase, n_per_s=3.0, limit_n=60.0):
        """Raise the force until the coach is in a phase."""
        while self.coach.phase is not phase:
            assert self.wanted_n < limit_n, f"still {self.coach}"
            self.wanted_n += n_per_s * STEP_S
            self.tick()

    def let_go(self):
        self.move(0.0, 60.0)
        self.stay(0.5)

    def say(self, kind, rating=None, source="therapist"):
        return self.session.report(Report(kind, self.now_s, rating, source))

    def rate(self, rating):
        return self.say(ReportKind.RATING, rating)

    def ended(self):
        """What ended, as (phase, round, rule)."""
        return [(p.kind, p.round, p.rule) for p in self.journal.phases]


READY, RAMP, HOLD, EASE, REST, RELEASE, DONE = PhaseKind
