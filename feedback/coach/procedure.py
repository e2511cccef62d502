"""What all techniques have in common: contact, the client's stop, the ceiling, a lost signal.

A procedure moves from phase to phase only by what the hand does and the client says. It never pushes: a press that is
let go early is simply waited for again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from feedback.coach import rules
from feedback.coach.phases import PhaseKind, RateNow, ThresholdResult
from feedback.coach.rate import RateMeter
from feedback.comfort import Report, ReportKind

if TYPE_CHECKING:
    from feedback.coach.log import PhaseLog
    from feedback.coach.moment import Moment
    from feedback.hold import HoldNow

WORKING = frozenset({PhaseKind.RAMP, PhaseKind.HOLD, PhaseKind.EASE})
"""Phases in which something is asked of a pressing hand."""
ARRIVED = 0.97
"""Share of the wanted pressure from which the hand has arrived."""
SETTLED_KPA_PER_S = 8.0
"""A slope below this is a hand that no longer raises the pressure; tremor and wander stay below it."""
CAPS = {ReportKind.ENOUGH: 1.0, ReportKind.TOO_MUCH: 1.2, ReportKind.STOP: 1.2}
"""After one of these at P no more than P divided by this is aimed at, as the rules of the band have it."""
BELOW_CEILING = 0.9
"""Nothing is aimed at nearer to the ceiling than this share of it."""
STARTING_S = 1.0
"""A hand that has only just touched is not told that it is too slow."""


class Asking(StrEnum):
    """What may be asked of the client now."""

    ANYTHING = "anything"
    RATING = "rating"
    """The rating first: what the phase is ended by."""
    NOTHING = "nothing"
    """The client is listening for one moment, and a question would disturb it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a procedure has to say now; see `CoachNow`."""

    do: str
    why: str = ""
    then: str = ""
    of_s: float | None = None
    target_kpa: float | None = None


class Procedure:
    """Base of the kinds; they override the hooks."""

    rounds = 0
    """How many rounds there are; 0 when there is no set number."""

    def __init__(self, log: PhaseLog) -> None:
        self._log = log
        self._meter = RateMeter()
        self._moment: Moment | None = None
        self._caps: list[tuple[Report, float]] = []
        self._cause = ""
        self.rate: RateNow | None = None

    @property
    def result(self) -> ThresholdResult | None:
        """A measured threshold, if that is what this is for."""
        return None

    @property
    def asking(self) -> Asking:
        """What may be asked now: by default anything while it is held."""
        return Asking.ANYTHING if self._log.kind is PhaseKind.HOLD else Asking.NOTHING

    # -- hooks of the kinds -------------------------------------------------------------------------------------

    def step(self, m: Moment) -> None:
        """A block has come while ramping, holding or easing."""

    def said(self, report: Report, pressure_kpa: float | None, hold: HoldNow | None) -> None:
        """The client said something other than stop."""

    def unsaid(self, report: Report) -> None:
        """A report is taken back."""

    def left(self, time_s: float, rule: str) -> None:
        """Contact ended while ramping, holding or easing: end the phase by `rule`."""
        self._log.go(PhaseKind.READY, time_s, rule)

    def cut(self, time_s: float, rule: str) -> None:
        """The client's stop, or the ceiling: end the phase by `rule` and ask to let go."""
        self._log.go(PhaseKind.RELEASE, time_s, rule)

    def released(self, time_s: float, rule: str) -> None:
        """The tip was let go when it was asked for."""
        self._log.go(PhaseKind.READY, time_s, rule)

    def pressed(self, m: Moment) -> None:
        """A press began in `ready` or `done`."""
        self._ramp(m.now_s, "")

    def resting(self, m: Moment) -> None:
        """A block has come while resting."""

    def move_on(self, time_s: float) -> None:
        """The therapist goes on to what comes next."""

    def closing(self, time_s: float) -> None:
        """No more will come: the phase has been ended."""

    def rate_wanted(self, m: Moment) -> tuple[float, float, bool] | None:
        """While ramping: the rate in kPa/s, its tolerance as a share, and whether slow is good; None: none."""
        return None

    def saying(self, m: Moment | None, now_s: float) -> Said:
        """What to say now."""
        return Said("Press when ready")

    # -- what a coach calls -------------------------------------------------------------------------------------

    def feel(self, m: Moment) -> None:
        """Take a block."""
        self._moment = m
        log = self._log
        log.feel(m)
        self._meter.feed(m.time_s, m.pressure_kpa)
        if not m.waits and self._cause == rules.SAID_STOP:
            self._cause = ""
        if log.kind in WORKING:
            if not m.pressing:
                self.left(m.now_s, rules.LET_GO)
            elif m.alarm:
                self._cut(m.now_s, rules.CEILING)
            else:
                self.step(m)
        elif log.kind is PhaseKind.RELEASE:
            if not m.touching:
                self._released(m.now_s, rules.LET_GO)
        elif log.kind is PhaseKind.REST:
            self.resting(m)
        elif m.pressing and not m.waits:
            if m.alarm:
                self._cut(m.now_s, rules.CEILING)
            else:
                self.pressed(m)
        self._tell_rate(m)

    def heard(self, report: Report, pressure_kpa: float | None, hold: HoldNow | None) -> None:
        """The client said something; `pressure_kpa` as the session tied it."""
        if pressure_kpa is not None and report.kind in CAPS and self._log.kind in WORKING:
            self._caps.append((report, pressure_kpa / CAPS[report.kind]))
        if report.kind is not ReportKind.STOP:
            self.said(report, pressure_kpa, hold)
            return
        self._cause = rules.SAID_STOP
        if self._log.kind in WORKING:
            self._cut(report.time_s, rules.SAID_STOP)

    def took_back(self, report: Report) -> None:
        """A report is taken back: what it forbade is free again."""
        self._caps = [(said, cap) for said, cap in self._caps if said != report]
        self.unsaid(report)

    def press_ended(self, time_s: float, rule: str) -> None:
        """A press ended; `rule` is one of `rules`."""
        if self._log.kind in WORKING:
            self.left(time_s, rule)
        elif self._log.kind is PhaseKind.RELEASE and rule in (rules.LET_GO, rules.SIGNAL_LOST):
            self._released(time_s, rule)
        self.rate = None

    def close(self, time_s: float, rule: str) -> None:
        """End what is going on; nothing more will come."""
        self._log.go(PhaseKind.DONE, time_s, rule)
        self.rate = None
        self.closing(time_s)

    def say(self, now_s: float) -> Said:
        """What to say now; the client's stop and the ceiling go before the technique."""
        m = self._moment
        if self._log.kind is PhaseKind.RELEASE and self._cause == rules.SAID_STOP:
            return Said("Let go", "the client said stop", "wait until the client wants to go on")
        if self._log.kind is PhaseKind.RELEASE and self._cause == rules.CEILING:
            return Said("Ease off and let go", "the ceiling was reached", "begin again, more slowly")
        if m is not None and m.waits and self._log.kind is not PhaseKind.DONE:
            return Said("Wait", "the client said stop", "go on when you both want to")
        return self.saying(m, now_s)

    # -- shared by the kinds ------------------------------------------------------------------------------------

    def _ramp(self, time_s: float, rule: str) -> None:
        self._meter.clear()
        self._log.go(PhaseKind.RAMP, time_s, rule)

    def _cap_kpa(self) -> float:
        """No higher than this, by what the client said while this technique was coached."""
        return min((cap for _, cap in self._caps), default=float("inf"))

    def _settled(self) -> bool:
        slope = self._meter.kpa_per_s
        return slope is not None and abs(slope) < SETTLED_KPA_PER_S

    def _aim_kpa(self, m: Moment, share: float) -> float | None:
        """The pressure to go to: what the band advises, else `share` of the way up it; None without a band."""
        band = m.bounds.band
        if band is None:
            return None
        wanted = m.bounds.target_kpa
        if wanted is None:
            wanted = band.lower_kpa + share * (band.upper_kpa - band.lower_kpa)
        return min(wanted, self._cap_kpa(), BELOW_CEILING * m.ceiling_kpa)

    def _arrived(self, m: Moment, aim_kpa: float) -> bool:
        """The hand is where it should be, or in the band and no longer rising."""
        band = m.bounds.band
        near = band is not None and min(band.lower_kpa, aim_kpa) <= m.calm_kpa
        return m.calm_kpa >= ARRIVED * aim_kpa or (near and self._settled())

    def _cut(self, time_s: float, rule: str) -> None:
        self._cause = rule
        self.cut(time_s, rule)

    def _released(self, time_s: float, rule: str) -> None:
        if self._cause != rules.SAID_STOP:
            self._cause = ""
        self.released(time_s, rule)

    def _tell_rate(self, m: Moment) -> None:
        wanted = self.rate_wanted(m) if self._log.kind is PhaseKind.RAMP else None
        if wanted is None:
            self.rate = None
            return
        kpa_per_s, tolerance_share, slow_is_good = wanted
        starting = self._log.lasted_s(m.now_s) < STARTING_S
        self.rate = self._meter.now(kpa_per_s, tolerance_share, slow_is_good=slow_is_good or starting)
