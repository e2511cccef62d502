"""Sustained release: ramp into the band, hold, ease, re-raise, and let go.

    ready ─► ramp ─► hold ─► ease ─► ramp … (next round) … hold ─► release ─► done

A hold ends when the rating has fallen by the rule and not merely because the pressure sagged, when the client says it
eases, or when the time is up; it may go on to its longest while the pain is easing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.band.course import CourseKind
from feedback.coach import rules
from feedback.coach.ending import SPEAKS_OF_HOLD, HoldEnding
from feedback.coach.phases import PhaseKind
from feedback.coach.procedure import ARRIVED, BELOW_CEILING, Asking, Procedure, Said
from feedback.comfort import Report, ReportKind
from feedback.guidance import Cue

if TYPE_CHECKING:
    from feedback.coach.log import PhaseLog
    from feedback.coach.moment import Moment
    from feedback.coach.technique import ReleaseSettings
    from feedback.hold import HoldNow

NEARLY = 0.8
"""From this share of the wanted pressure on a slow ramp is a careful one."""
EASED_NEAR = 1.1
"""Eased is within this factor of the pressure to ease to."""
EASED_FOR_S = 1.0
"""A hold whose pressure has been this low for this long was eased by the hand itself."""
MENDED_PCT = 3.0
"""A sag that was told is mended when less than this is lost."""
OFF_LOW, OFF_HIGH = 0.85, 1.12
"""Without a band: a hold is off outside these shares of its own pressure."""
HELD_THROUGH = (rules.TIME_UP, rules.RATING_FELL, rules.SAID_EASING, rules.MOVED_ON)
"""A hold that ended by one of these counts as a round, however long it was."""
AFTER_LAST = {
    PhaseKind.RAMP: PhaseKind.RELEASE,
    PhaseKind.EASE: PhaseKind.RELEASE,
    PhaseKind.READY: PhaseKind.DONE,
}
"""Where the ways lead once the last round is through."""
ENDS_RAMP = {
    ReportKind.THERE: rules.SAID_THERE,
    ReportKind.GOOD: rules.SAID_GOOD,
    ReportKind.ENOUGH: rules.SAID_ENOUGH,
    ReportKind.TOO_MUCH: rules.SAID_TOO_MUCH,
}
NO_FURTHER = frozenset({ReportKind.ENOUGH, ReportKind.TOO_MUCH})
"""Of the words that end a ramp, those that do so with a band as well: where the others belong, a band knows."""


class Release(Procedure):
    """Coaches a sustained release."""

    def __init__(self, log: PhaseLog, settings: ReleaseSettings) -> None:
        super().__init__(log)
        self._set = settings
        self.rounds = settings.rounds
        self._through = 0
        self._ending = HoldEnding(settings)
        self._held_kpa: float | None = None
        self._marked_kpa: float | None = None
        self._mark: Report | None = None
        self._low_since_s: float | None = None
        self._eased_s: float | None = None
        self._level_kpa: float | None = None
        self._sagged = self._low = False

    @property
    def asking(self) -> Asking:
        """The rating, for it may end the hold."""
        return Asking.RATING if self._log.kind is PhaseKind.HOLD else Asking.NOTHING

    # -- phases -------------------------------------------------------------------------------------------------

    def pressed(self, m: Moment) -> None:
        """A ramp begins; after the last round from the first again."""
        if self._log.kind is PhaseKind.DONE:
            self._through = 0
        self._go(PhaseKind.RAMP, m.now_s, "")

    def step(self, m: Moment) -> None:
        """Ramp, hold or ease by what the pressure does."""
        if self._log.kind is PhaseKind.RAMP:
            self._ramping(m)
        elif self._log.kind is PhaseKind.HOLD:
            self._holding(m)
        else:
            self._easing(m)

    def _ramping(self, m: Moment) -> None:
        goal_kpa = self._goal_kpa(m)
        if goal_kpa is None and m.calm_kpa >= ARRIVED * self._limit_kpa(m):
            self._marked_kpa = self._limit_kpa(m)
            self._go(PhaseKind.HOLD, m.now_s, rules.SAFE_LIMIT)
        elif goal_kpa is not None and self._arrived(m, goal_kpa):
            self._go(PhaseKind.HOLD, m.now_s, rules.REACHED)

    def _holding(self, m: Moment) -> None:
        """Hold by the rules; what was told to the hand is told until it is mended."""
        self._held_kpa = self._log.mean_kpa or self._held_kpa
        if m.hold is not None and m.hold.sag_pct is not None:
            self._sagged = m.hold.sagging or (self._sagged and m.hold.sag_pct > MENDED_PCT)
        band = m.bounds.band
        if band is not None and self._level_kpa is not None and self._level_kpa < band.lower_kpa:
            self._level_kpa = self._sought_kpa(m)  # well into the band, not onto its edge
        goal_kpa = self._goal_kpa(m)
        back = goal_kpa is None or m.calm_kpa >= ARRIVED * goal_kpa
        self._low = self._off(m)[0] or (self._low and not back)
        if self._eased_itself(m):
            self._go(PhaseKind.RAMP, m.now_s, rules.EASED)
        elif rule := self._ending.rule(self._log.lasted_s(m.now_s), m.hold):
            self._go(PhaseKind.EASE, m.now_s, rule)

    def _eased_itself(self, m: Moment) -> bool:
        """The hand went on to ease before it was asked to."""
        low = self._held_kpa is not None and m.calm_kpa <= self._set.ease_to_share * self._held_kpa
        if not low:
            self._low_since_s = None
        elif self._low_since_s is None:
            self._low_since_s = m.now_s
        return self._low_since_s is not None and m.now_s - self._low_since_s >= EASED_FOR_S

    def _easing(self, m: Moment) -> None:
        target_kpa = self._eased_kpa()
        if self._eased_s is None and (target_kpa is None or m.calm_kpa <= EASED_NEAR * target_kpa):
            self._eased_s = m.now_s
        if self._eased_s is not None and m.now_s - self._eased_s >= self._set.ease_s:
            self._go(PhaseKind.RAMP, m.now_s, rules.EASED)

    def _go(self, kind: PhaseKind, time_s: float, rule: str) -> None:
        """Go to a phase; after the last round all ways lead to letting go."""
        log = self._log
        if log.kind is PhaseKind.HOLD and (
            rule in HELD_THROUGH or log.lasted_s(time_s) >= self._set.hold_min_s
        ):
            self._through += 1
        if self._through >= self.rounds:
            kind = AFTER_LAST.get(kind, kind)
        if kind is PhaseKind.RAMP:
            self._meter.clear()
        log.go(kind, time_s, rule)
        self._low_since_s = self._eased_s = None
        if kind in (PhaseKind.READY, PhaseKind.RAMP):
            log.round = self._through + 1
        elif kind is PhaseKind.HOLD:
            self._ending.begin()
            self._sagged = self._low = False
            self._level_kpa = self._moment and self._sought_kpa(self._moment)

    def left(self, time_s: float, rule: str) -> None:
        """Let go: a hold that lasted counts, and the next press is waited for."""
        self._go(PhaseKind.READY, time_s, rule)

    def cut(self, time_s: float, rule: str) -> None:
        """Stop or ceiling: the same, once the tip is let go."""
        self._go(PhaseKind.RELEASE, time_s, rule)

    def released(self, time_s: float, rule: str) -> None:
        """Let go when asked: done after the last round, else the next press is waited for."""
        self._go(PhaseKind.READY, time_s, rule)

    def move_on(self, time_s: float) -> None:
        """From ramp to hold, from hold to what follows it, from easing to the next round."""
        kind = self._log.kind
        if kind is PhaseKind.RAMP:
            if self._moment is not None and self._marked_kpa is None:
                self._marked_kpa = self._moment.calm_kpa
            self._go(PhaseKind.HOLD, time_s, rules.MOVED_ON)
        elif kind is PhaseKind.HOLD:
            self._go(PhaseKind.EASE, time_s, rules.MOVED_ON)
        elif kind is PhaseKind.EASE:
            self._go(PhaseKind.RAMP, time_s, rules.MOVED_ON)

    # -- words --------------------------------------------------------------------------------------------------

    def said(self, report: Report, pressure_kpa: float | None, hold: HoldNow | None) -> None:
        """A mark or verdict ends the ramp; a rating or a trend may end the hold."""
        log, at_s = self._log, report.time_s
        band = self._moment is not None and self._moment.bounds.band is not None
        if log.kind is PhaseKind.RAMP and report.kind in ENDS_RAMP and pressure_kpa is not None:
            if report.kind in NO_FURTHER or not band:
                self._marked_kpa, self._mark = min(pressure_kpa, self._cap_kpa()), report
                self._go(PhaseKind.HOLD, at_s, ENDS_RAMP[report.kind])
        elif log.kind is PhaseKind.HOLD and report.kind is ReportKind.TOO_LITTLE and not band:
            self._marked_kpa = self._mark = None
            self._go(PhaseKind.RAMP, at_s, rules.SAID_TOO_LITTLE)
        elif log.kind is PhaseKind.HOLD and report.kind in SPEAKS_OF_HOLD:
            self._ending.heard(report)
            if rule := self._ending.rule(log.lasted_s(at_s), hold):
                self._go(PhaseKind.EASE, at_s, rule)

    def unsaid(self, report: Report) -> None:
        """What was said of this hold is forgotten, and the mark that it began at."""
        self._ending.unsaid(report)
        if self._mark == report:
            self._mark = self._marked_kpa = None

    def rate_wanted(self, m: Moment) -> tuple[float, float, bool] | None:
        """The ramp into the band, or the slower one that looks for it; careful near the end."""
        s, aim_kpa = self._set, self._goal_kpa(m)
        if aim_kpa is None:
            return s.learn_kpa_per_s, s.ramp_tolerance_share, True
        return s.ramp_kpa_per_s, s.ramp_tolerance_share, m.calm_kpa >= NEARLY * aim_kpa

    def saying(self, m: Moment | None, now_s: float) -> Said:
        """What to say now."""
        s, log = self._set, self._log
        if log.kind is PhaseKind.RAMP and m is not None:
            return self._say_ramp(m)
        if log.kind is PhaseKind.HOLD and m is not None:
            return self._say_hold(m, now_s)
        if log.kind is PhaseKind.EASE:
            why = f"{log.rule}: a pause before round {self._through + 1} of {self.rounds}"
            of_s = None if self._eased_s is None else self._eased_s - log.start_s + s.ease_s
            return Said("Ease, keep touch", why, "raise again into the band", of_s, self._eased_kpa())
        if log.kind is PhaseKind.RELEASE:
            return Said("Let go slowly", f"{log.rule}: that was the last round", "rest, or another point")
        if log.kind is PhaseKind.DONE:
            return Said("Done", f"{self.rounds} rounds are through", "press to begin again")
        if self._through:
            why = "the next round begins when you press"
        else:
            why = "" if log.ended == 0 else "this round begins again when you press"
        return Said("Press when ready", why, "raise slowly into the band")

    def _say_ramp(self, m: Moment) -> Said:
        goal_kpa = self._goal_kpa(m)
        if goal_kpa is not None:
            return Said("Raise slowly", "up into the band", "hold there", target_kpa=goal_kpa)
        why = "no band yet: the client says “there” when the good pain begins"
        return Said("Raise very slowly", why, "hold where the client says", target_kpa=self._limit_kpa(m))

    def _say_hold(self, m: Moment, now_s: float) -> Said:
        s, goal_kpa = self._set, self._goal_kpa(m)
        last = self._through + 1 >= self.rounds
        then = "let go slowly" if last else "ease, then raise again"
        longest = self._log.lasted_s(now_s) > s.hold_s
        of_s = s.hold_max_s if longest else s.hold_s
        hold = m.hold
        known = hold is not None and (hold.not_easing or hold.sagging or hold.kind is not CourseKind.UNKNOWN)
        if hold is not None and known:
            why = hold.sentence
        elif m.bounds.band is None and self._ending.silent:
            why = "no band yet: ask “too little, good, or too much?”"
        else:
            why = self._ending.in_words()
        if self._off(m)[1]:
            return Said("Ease a little", "more than is good for the client", then, of_s, goal_kpa)
        if self._low or self._sagged:
            return Said("A little more", why, then, of_s, goal_kpa)
        return Said("Hold here", why, then, of_s, goal_kpa)

    def _off(self, m: Moment) -> tuple[bool, bool]:
        """The pressure is too low, or too high, for this hold."""
        goal_kpa, band = self._goal_kpa(m), m.bounds.band
        if band is not None and (goal_kpa is None or goal_kpa >= band.lower_kpa):
            return m.cue is Cue.PRESS, m.cue is Cue.EASE_OFF
        share = m.calm_kpa / goal_kpa if goal_kpa else 1.0
        return share < OFF_LOW, share > OFF_HIGH

    # -- pressures ----------------------------------------------------------------------------------------------

    def _goal_kpa(self, m: Moment) -> float | None:
        """Where to go or to stay; None while that is being looked for.

        A hold keeps to the level it began with, however the band learns meanwhile, as long as that is in the band and
        no higher than the band now advises.
        """
        sought_kpa = self._sought_kpa(m)
        if self._log.kind is not PhaseKind.HOLD or self._level_kpa is None or sought_kpa is None:
            return sought_kpa
        return min(self._level_kpa, sought_kpa)

    def _sought_kpa(self, m: Moment) -> float | None:
        """In the band, or where the client said."""
        aim_kpa = self._aim_kpa(m, self._set.aim_share)
        if aim_kpa is None and self._marked_kpa is not None:
            aim_kpa = min(self._marked_kpa, self._cap_kpa())
        return aim_kpa

    def _limit_kpa(self, m: Moment) -> float:
        """While there is no band: no further than is known to be safe."""
        safe_kpa = m.bounds.stay_below_kpa
        limit_kpa = BELOW_CEILING * m.ceiling_kpa
        return min(limit_kpa, self._cap_kpa(), limit_kpa if safe_kpa is None else safe_kpa)

    def _eased_kpa(self) -> float | None:
        return None if self._held_kpa is None else self._set.ease_to_share * self._held_kpa
