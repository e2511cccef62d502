"""Repeated short presses: up, hold for a moment, let go, rest; so many times.

ready ─► ramp ─► hold ─► release ─► rest ─► ready … ─► done
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.coach import rules
from feedback.coach.phases import PhaseKind
from feedback.coach.procedure import Procedure, Said
from feedback.comfort import Report, ReportKind
from feedback.guidance import Cue

if TYPE_CHECKING:
    from feedback.coach.log import PhaseLog
    from feedback.coach.moment import Moment
    from feedback.coach.technique import PressesSettings
    from feedback.hold import HoldNow

SETTLED_S = 1.0
"""Without a band a press is held once its pressure has stayed for this long."""
NEARLY = 0.8
"""From this share of the wanted pressure on nothing is too slow."""
ENDS_RAMP = {
    ReportKind.GOOD: rules.SAID_GOOD,
    ReportKind.ENOUGH: rules.SAID_ENOUGH,
    ReportKind.TOO_MUCH: rules.SAID_TOO_MUCH,
}


class Presses(Procedure):
    """Coaches repeated short presses."""

    def __init__(self, log: PhaseLog, settings: PressesSettings) -> None:
        super().__init__(log)
        self._set = settings
        self.rounds = settings.presses
        self._through = 0

    # -- phases -------------------------------------------------------------------------------------------------

    def pressed(self, m: Moment) -> None:
        """The next press; after the last one from the first again."""
        if self._log.kind is PhaseKind.DONE:
            self._through = 0
        self._log.round = self._through + 1
        self._ramp(m.now_s, "")

    def step(self, m: Moment) -> None:
        """Up to the pressure, then the time."""
        if self._log.kind is PhaseKind.RAMP:
            aim_kpa = self._aim_kpa(m, self._set.aim_share)
            if aim_kpa is not None and self._arrived(m, aim_kpa):
                self._log.go(PhaseKind.HOLD, m.now_s, rules.REACHED)
            elif aim_kpa is None and m.settled_s >= SETTLED_S and self._settled():
                self._log.go(PhaseKind.HOLD, m.now_s, rules.SETTLED)
        elif self._log.lasted_s(m.now_s) >= self._set.hold_s:
            self._through += 1
            self._log.go(PhaseKind.RELEASE, m.now_s, rules.TIME_UP)

    def left(self, time_s: float, rule: str) -> None:
        """Let go: a press held for its least time counts."""
        self._count(time_s)
        self.released(time_s, rule)

    def cut(self, time_s: float, rule: str) -> None:
        """Stop or ceiling: the same, once the tip is let go."""
        self._count(time_s)
        self._log.go(PhaseKind.RELEASE, time_s, rule)

    def _count(self, time_s: float) -> None:
        if self._log.kind is PhaseKind.HOLD and self._log.lasted_s(time_s) >= self._set.hold_min_s:
            self._through += 1

    def released(self, time_s: float, rule: str) -> None:
        """Rest after a press that counted, else the same again."""
        if self._through >= self.rounds:
            kind = PhaseKind.DONE
        else:
            kind = PhaseKind.REST if self._through >= self._log.round else PhaseKind.READY
        self._log.go(kind, time_s, rule)

    def resting(self, m: Moment) -> None:
        """The rest lasts its time, or until the next press."""
        if m.pressing and not m.waits and not m.alarm:
            self._ramp(m.now_s, rules.MOVED_ON)
            self._log.round = self._through + 1
        elif self._log.lasted_s(m.now_s) >= self._set.rest_s:
            self._ready(m.now_s, rules.RESTED)

    def move_on(self, time_s: float) -> None:
        """From ramp to hold, from hold to letting go, from rest to the next press."""
        if self._log.kind is PhaseKind.RAMP:
            self._log.go(PhaseKind.HOLD, time_s, rules.MOVED_ON)
        elif self._log.kind is PhaseKind.HOLD:
            self._through += 1
            self._log.go(PhaseKind.RELEASE, time_s, rules.MOVED_ON)
        elif self._log.kind is PhaseKind.REST:
            self._ready(time_s, rules.MOVED_ON)

    def _ready(self, time_s: float, rule: str) -> None:
        self._log.go(PhaseKind.READY, time_s, rule)
        self._log.round = self._through + 1

    # -- words --------------------------------------------------------------------------------------------------

    def said(self, report: Report, pressure_kpa: float | None, hold: HoldNow | None) -> None:
        """A verdict on the way up is as far as it goes."""
        if self._log.kind is PhaseKind.RAMP and report.kind in ENDS_RAMP and pressure_kpa is not None:
            self._log.go(PhaseKind.HOLD, report.time_s, ENDS_RAMP[report.kind])

    def rate_wanted(self, m: Moment) -> tuple[float, float, bool] | None:
        """The rate, if one is set."""
        s, aim_kpa = self._set, self._aim_kpa(m, self._set.aim_share)
        if not s.ramp_kpa_per_s:
            return None
        near = aim_kpa is None or m.calm_kpa >= NEARLY * aim_kpa
        return s.ramp_kpa_per_s, s.ramp_tolerance_share, near

    def saying(self, m: Moment | None, now_s: float) -> Said:
        """What to say now."""
        s, log = self._set, self._log
        aim_kpa = self._aim_kpa(m, s.aim_share) if m is not None else None
        count = f"press {log.round} of {self.rounds}"
        if log.kind is PhaseKind.RAMP:
            why = "up into the band" if aim_kpa is not None else "to where it is good for the client"
            return Said("Press", f"{count}: {why}", f"hold {s.hold_s:g} s", target_kpa=aim_kpa)
        if log.kind is PhaseKind.HOLD:
            do = {Cue.EASE_OFF: "Ease a little", Cue.PRESS: "A little more"}.get(
                m.cue if m else Cue.HOLD, "Hold here"
            )
            return Said(do, count, "let go", s.hold_s, aim_kpa)
        if log.kind is PhaseKind.RELEASE:
            then = "done" if self._through >= self.rounds else f"rest {s.rest_s:g} s"
            return Said("Let go", f"{self._through} of {self.rounds} pressed", then)
        if log.kind is PhaseKind.REST:
            return Said("Rest", f"{self._through} of {self.rounds} pressed", "the next press", s.rest_s)
        if log.kind is PhaseKind.DONE:
            return Said("Done", f"{self.rounds} presses", "press to begin again")
        return Said(
            "Press when ready", f"{self._through} of {self.rounds} pressed" if self._through else "", "hold"
        )
