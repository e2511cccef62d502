"""Pressure threshold measurement: raised at a constant rate until the client says "there", and again after a rest.

    ready ─► ramp ─► release ─► rest ─► ready … ─► done

Any word that means "there, and no further" ends a ramp: there, enough, too much, stop. A ramp that reaches the ceiling
unsaid counts as "at least"; one that is let go before a word is simply done again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.coach import rules
from feedback.coach.phases import PhaseKind, RateCue, ThresholdResult
from feedback.coach.procedure import Asking, Procedure, Said
from feedback.comfort import Report, ReportKind

if TYPE_CHECKING:
    from feedback.coach.log import PhaseLog
    from feedback.coach.moment import Moment
    from feedback.coach.technique import ThresholdSettings
    from feedback.hold import HoldNow

MARKED = {
    ReportKind.THERE: rules.SAID_THERE,
    ReportKind.ENOUGH: rules.SAID_ENOUGH,
    ReportKind.TOO_MUCH: rules.SAID_TOO_MUCH,
    ReportKind.STOP: rules.SAID_STOP,
}
LATE_S = 2.0
"""Who lets go at the client's word and only then has a hand free to enter it is this late at most."""
ENOUGH_REPEATS = 2
"""Two repeats suffice, the first value alone does not (Mailloux et al. 2021, PMC7802960)."""


@dataclass(frozen=True, slots=True)
class _Value:
    kpa: float
    rate_kpa_per_s: float | None
    end_s: float
    report: Report | None
    at_least: bool = False


class Threshold(Procedure):
    """Coaches a threshold measurement."""

    def __init__(self, log: PhaseLog, settings: ThresholdSettings, kpa_per_n: float) -> None:
        super().__init__(log)
        self._set = settings
        self._wanted_kpa_per_s = (
            settings.rate_n_per_s * kpa_per_n
            if settings.rate_n_per_s is not None
            else settings.rate_kpa_per_s or 0.0
        )
        self.rounds = settings.repeats
        self._fresh()

    def _fresh(self) -> None:
        self._values: list[_Value] = []
        self._start_s: float | None = None
        self._result: ThresholdResult | None = None
        self._late: _Value | None = None
        self._peak_kpa = 0.0

    @property
    def result(self) -> ThresholdResult | None:
        """The threshold, once measured."""
        return self._result

    @property
    def asking(self) -> Asking:
        """The client listens for one moment."""
        return Asking.NOTHING

    # -- phases -------------------------------------------------------------------------------------------------

    def pressed(self, m: Moment) -> None:
        """A ramp begins; after the last repeat a new measurement."""
        if self._log.kind is PhaseKind.DONE:
            self._fresh()
        self._late, self._peak_kpa = None, 0.0
        self._log.round = self._repeat
        self._start_s = m.now_s if self._start_s is None else self._start_s
        self._ramp(m.now_s, "")

    def step(self, m: Moment) -> None:
        """Remember how far the ramp came."""
        if m.calm_kpa > self._peak_kpa:
            self._peak_kpa = m.calm_kpa

    def left(self, time_s: float, rule: str) -> None:
        """Let go without a word: the same repeat again, unless the word comes at once."""
        if rule == rules.LET_GO:
            self._late = _Value(self._peak_kpa, self._log.rate_kpa_per_s, time_s, None)
        self._log.go(PhaseKind.READY, time_s, rule)

    def cut(self, time_s: float, rule: str) -> None:
        """The ceiling, unsaid: the threshold is at least that. A stop is a mark and has its value already."""
        if rule == rules.CEILING and self._moment is not None:
            kpa = float(np.nanmax(self._moment.pressure_kpa, initial=self._peak_kpa))
            self._values.append(_Value(kpa, self._log.rate_kpa_per_s, time_s, None, at_least=True))
        self._log.go(PhaseKind.RELEASE, time_s, rule)

    def released(self, time_s: float, rule: str) -> None:
        """Let go: rest before the next, or done."""
        if len(self._values) >= self.rounds:
            self._log.go(PhaseKind.DONE, time_s, rule)
            self._conclude()
        else:
            self._log.go(PhaseKind.REST, time_s, rule)

    def resting(self, m: Moment) -> None:
        """The rest lasts its time; what is felt with the tip meanwhile does not count."""
        if self._log.lasted_s(m.now_s) >= self._set.rest_s and not m.touching:
            self._ready(m.now_s, rules.RESTED)

    def move_on(self, time_s: float) -> None:
        """No more rest."""
        if self._log.kind is PhaseKind.REST:
            self._ready(time_s, rules.MOVED_ON)

    def closing(self, time_s: float) -> None:
        """What was measured so far is kept, if it is enough; each mark is in the record as a report anyway."""
        if self._result is None and len(self._values) >= min(ENOUGH_REPEATS, self.rounds):
            self._conclude()

    def _ready(self, time_s: float, rule: str) -> None:
        self._log.go(PhaseKind.READY, time_s, rule)
        self._log.round = self._repeat

    @property
    def _repeat(self) -> int:
        return min(len(self._values) + 1, self.rounds)

    # -- words --------------------------------------------------------------------------------------------------

    def heard(self, report: Report, pressure_kpa: float | None, hold: HoldNow | None) -> None:
        """A word that ends the ramp has the pressure of its moment; a stop is also a stop."""
        if report.kind in MARKED:
            if self._log.kind is PhaseKind.RAMP:
                self._mark(report, pressure_kpa)
            elif self._late is not None and report.time_s - self._late.end_s <= LATE_S:
                late, self._late = self._late, None
                self._values.append(_Value(late.kpa, late.rate_kpa_per_s, late.end_s, report))
                self.released(report.time_s, rules.LET_GO)
        super().heard(report, pressure_kpa, hold)

    def _mark(self, report: Report, pressure_kpa: float | None) -> None:
        if report.kind is ReportKind.TOO_MUCH and self._moment is not None:
            # A verdict is tied to the seconds before it; on a ramp it means the moment, as a mark does.
            pressure_kpa = self._moment.calm_kpa
        if pressure_kpa is None or not pressure_kpa > 0:
            return
        self._values.append(_Value(pressure_kpa, self._log.rate_kpa_per_s, report.time_s, report))
        if report.kind is not ReportKind.STOP:  # a stop is cut for all techniques alike
            self._log.go(PhaseKind.RELEASE, report.time_s, MARKED[report.kind])

    def unsaid(self, report: Report) -> None:
        """A mark that is taken back is measured again."""
        kept = [value for value in self._values if value.report != report]
        if len(kept) == len(self._values):
            return
        self._values, self._result = kept, None
        if self._log.kind in (PhaseKind.DONE, PhaseKind.READY):
            self._ready(report.time_s if self._moment is None else self._moment.now_s, "")

    # -- result -------------------------------------------------------------------------------------------------

    def _conclude(self) -> None:
        values = self._values
        if not values or self._start_s is None:
            return
        used = tuple(i > 0 or not self._set.drop_first or len(values) == 1 for i in range(len(values)))
        kept = np.array([v.kpa for v, use in zip(values, used, strict=True) if use])
        mean_kpa = float(kept.mean())
        self._result = ThresholdResult(
            technique=self._log.technique,
            start_s=self._start_s,
            end_s=values[-1].end_s,
            values_kpa=tuple(v.kpa for v in values),
            rates_kpa_per_s=tuple(v.rate_kpa_per_s for v in values),
            used=used,
            mean_kpa=mean_kpa,
            cv_pct=float(kept.std(ddof=1) / mean_kpa * 100) if len(kept) > 1 else None,
            at_least=any(v.at_least for v, use in zip(values, used, strict=True) if use),
        )
        self._log.found(self._result)

    # -- what to say --------------------------------------------------------------------------------------------

    def rate_wanted(self, m: Moment) -> tuple[float, float, bool] | None:
        """The constant rate, all the way."""
        return self._wanted_kpa_per_s, self._set.tolerance_share, False

    def saying(self, m: Moment | None, now_s: float) -> Said:
        """What to say now."""
        log, n = self._log, self.rounds
        if log.kind is PhaseKind.RAMP:
            cue = self.rate.cue if self.rate else RateCue.GOOD
            do = {RateCue.SLOWER: "A little slower", RateCue.FASTER: "A little faster"}.get(
                cue, "Keep rising evenly"
            )
            return Said(do, "until the client says “there”", "let go")
        if log.kind is PhaseKind.RELEASE:
            then = "done" if len(self._values) >= n else f"rest {self._set.rest_s:g} s"
            return Said("Let go", log.rule, then)
        if log.kind is PhaseKind.REST:
            why = f"{len(self._values)} of {n} measured"
            if log.lasted_s(now_s) >= self._set.rest_s:
                return Said("Lift the tip", "the rest is over", "press again", self._set.rest_s)
            return Said("Rest", why, "press again, the same way", self._set.rest_s)
        if log.kind is PhaseKind.DONE:
            result = self._result
            spread = f", spread {result.cv_pct:.0f} %" if result and result.cv_pct is not None else ""
            why = f"{len(self._values)} measured{spread}"
            if result and result.at_least:
                why += "; at least this much: the ceiling came first"
            return Said("Done", why, "press to measure again")
        again = f"{len(self._values)} of {n} measured" if self._values else ""
        if self._late is not None:
            again = "no word came: the same once more"
        return Said("Press when ready", again, "raise evenly until “there”")
