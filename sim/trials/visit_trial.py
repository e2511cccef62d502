"""One simulated visit: a therapist, a client who speaks, and the real session between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid5

import numpy as np

from feedback.band import GoodPainBand, LearnedBand
from feedback.coach import ReleaseSettings, Technique
from feedback.comfort import Report, ReportKind
from feedback.points import Point
from feedback.session import Session
from feedback.signal import ForceBlock
from feedback.units import pressure_kpa_of
from feedback.view import Place
from sim.client import SimulatedClient, draw_traits
from sim.seeds import stream
from sim.trials.drivers import ByFeel, Coached, Doing, Driver
from sim.trials.force_hand import RATE_HZ
from sim.trials.therapist import SAMPLES, STEP_S, StepHand, draw_habits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from feedback.journal import Journal

CEILING_KPA = 800.0
"""Set per client in earnest; here above nearly every threshold, so that the trial is about the coach."""
LONGEST_S = 480.0
_IDS = UUID("6a0f2f4e-0d0c-4c9a-9b3a-5f1f8a1c6b11")
"""Ids need only differ; from this they are the same every time."""
MUCH = frozenset({ReportKind.TOO_MUCH, ReportKind.STOP})


class Unheard:
    """A journal that keeps nothing."""

    def __init__(self) -> None:
        self._n = 0

    def report(self, report: Report, pressure_kpa: float | None, press_id: UUID | None, quality: int) -> UUID:
        """An id that differs from the others."""
        self._n += 1
        return uuid5(_IDS, str(self._n))

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Everything else is passed over."""
        return _nothing


def _nothing(*_: object) -> None: ...


@dataclass(slots=True)
class VisitResult:
    """What came of a visit; times and integrals in s.

    Attributes:
        hold_s: time in holds, from where the hand stops raising to where it begins to ease or let go.
        in_band_s: of that, between the client's true thresholds as they were when that hold began.
        later_s: of `hold_s`, in rounds after the first; `later_in_band_s`: of that, in the band as above.
        in_band_now_s: of `hold_s`, between them as they were at that moment, risen by what has eased.
        in_band_rested_s: of `hold_s`, between them as they are when the client is rested.
        above_s: of `hold_s`, above the upper one of that moment.
        much: how often the client said "too much", "stop", or 8 to 10.
        answers: how often the client was asked, and how often the answer was "too much" or 8 to 10: `asked_much`.
        ramps: (rate wanted, rate made) of every ramp, kPa/s.
        sag_s: integral over the holds of the share of its level that the hand had lost since it last aimed.
        rounds: how many holds there were.
        done: the technique came to its end.
        lasted_s: the whole visit.
    """

    hold_s: float = 0.0
    in_band_s: float = 0.0
    later_s: float = 0.0
    later_in_band_s: float = 0.0
    in_band_now_s: float = 0.0
    in_band_rested_s: float = 0.0
    above_s: float = 0.0
    much: int = 0
    answers: int = 0
    asked_much: int = 0
    ramps: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    sag_s: float = 0.0
    rounds: int = 0
    done: bool = False
    lasted_s: float = 0.0


def _is_much(report: Report) -> bool:
    return report.kind in MUCH or (report.rating is not None and report.rating >= 8)


def visit(seed: int, technique: Technique, *, coached: bool) -> VisitResult:
    """One sustained release at a point that nobody knows yet.

    Args:
        seed: of client, therapist and chance; the same with and without the coach.
        technique: a sustained release.
        coached: the hand follows the screen.

    Raises:
        ValueError: the technique is no sustained release.
    """
    settings = technique.settings
    if not isinstance(settings, ReleaseSettings):
        raise ValueError(f"the trial needs a sustained release, not “{technique.name}”")  # noqa: TRY004
    habits = draw_habits(stream(seed, "trial", "therapist"))
    client = SimulatedClient(draw_traits(seed, point="trial"), seed)
    chance = stream(seed, "trial", "hand")
    hand = StepHand(habits, chance)
    driver: Driver = (Coached if coached else ByFeel)(hand, habits, settings, chance)
    place = Place(_IDS, "simulated", Point("upper trapezius", "left", ""), "probe", 1.0)
    source = LearnedBand(GoodPainBand.start(ceiling_kpa=CEILING_KPA))
    session = Session(
        place,
        cast("Journal", Unheard()),
        source,
        start_s=0.0,
        ceiling_kpa=CEILING_KPA,
        coach=technique if coached else None,
    )
    return _Visit(client, hand, driver, session).run()


class _Visit:
    def __init__(self, client: SimulatedClient, hand: StepHand, driver: Driver, session: Session) -> None:
        self._client, self._hand, self._driver, self._session = client, hand, driver, session
        self._n_per_kpa = 1.0 / pressure_kpa_of(1.0, session.place.tip_area_cm2)
        self._result = VisitResult()
        self._doing = Doing.AWAY
        self._stretch: list[float] = []
        self._wanted = 0.0
        self._stopped_s: float | None = None
        self._began = 1.0

    def run(self) -> VisitResult:
        """Until the technique is through, or it takes too long."""
        now_s, coached = 0.0, isinstance(self._driver, Coached)
        steps = 0
        while now_s < LONGEST_S and not (self._driver.doing is Doing.DONE and self._hand.kpa < 1.0):
            view = self._session.view(now_s) if coached and steps % 5 == 0 and steps else None
            self._driver.step(now_s, view)
            kpa = self._hand.step()
            times = now_s + np.arange(1, SAMPLES + 1) / RATE_HZ
            self._session.feed(ForceBlock.of(times, kpa * self._n_per_kpa))
            steps += 1
            now_s = steps * STEP_S
            self._words(now_s, float(kpa[-1]))
            self._note(kpa)
        self._leave()
        self._result.done = self._driver.doing is Doing.DONE
        self._result.lasted_s = now_s
        return self._result

    def _words(self, now_s: float, kpa: float) -> None:
        result, said = self._result, self._client.feel(now_s, kpa)
        if how := self._driver.asks(now_s):
            said.append(self._client.ask(now_s, how))
            result.answers += 1
            result.asked_much += _is_much(said[-1])
        for report in said:
            result.much += _is_much(report)
            if report.kind is ReportKind.STOP:
                self._stopped_s = now_s
            self._session.report(report)
            self._driver.hear(report)
        # Somebody decides to go on, some seconds after the hand was let go.
        if self._stopped_s is not None and now_s >= self._stopped_s + 5.0:
            self._session.resume(now_s)
            self._stopped_s = None

    def _note(self, kpa: NDArray[np.float64]) -> None:
        if self._driver.doing is not self._doing:
            self._leave()
            self._doing = self._driver.doing
            self._wanted = self._driver.wanted_kpa_per_s
            self._began = math.exp(self._client.shift)
        mean = float(kpa.mean())
        self._stretch.append(mean)
        if self._doing is Doing.HOLD:
            eased = math.exp(self._client.shift)
            self._result.hold_s += STEP_S
            self._result.sag_s += STEP_S * self._hand.lost
            if mean > self._client.t_hi_kpa * eased:
                self._result.above_s += STEP_S
            elif mean >= self._client.t_lo_kpa * eased:
                self._result.in_band_now_s += STEP_S
            if self._client.t_lo_kpa <= mean <= self._client.t_hi_kpa:
                self._result.in_band_rested_s += STEP_S
            later = STEP_S if self._result.rounds else 0.0
            self._result.later_s += later
            if self._client.t_lo_kpa * self._began <= mean <= self._client.t_hi_kpa * self._began:
                self._result.in_band_s += STEP_S
                self._result.later_in_band_s += later

    def _leave(self) -> None:
        """A ramp or a hold is over: measure it."""
        kpa, self._stretch = np.array(self._stretch), []
        if self._doing is Doing.HOLD and len(kpa):
            self._result.rounds += 1
        elif self._doing is Doing.RAMP and len(kpa) > 5:
            low, high = float(kpa[0]), float(kpa[-1])
            rise = kpa[(kpa >= low + 0.1 * (high - low)) & (kpa <= low + 0.9 * (high - low))]
            if high > low + 30.0 and len(rise) > 3:
                slope = float(np.polyfit(np.arange(len(rise)) * STEP_S, rise, 1)[0])
                self._result.ramps.append((self._wanted, slope))
