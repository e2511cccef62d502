"""The learned band as a session's source of its band."""

from __future__ import annotations

from operator import methodcaller

from feedback.band.edges import BandError
from feedback.band.estimate import Manner
from feedback.band.model import GoodPainBand
from feedback.band.past import Past, Step
from feedback.band.source import BandNow
from feedback.comfort import Report, ReportKind

ASK_BITS = 0.2
"""From this much expected information on (bits) a question is worth the client's breath."""
ASK_AFTER_S = 4.0
"""A question needs a pressure that has been felt for some seconds."""
FELT_OVER_S = 2.0
"""Time constant of the pressure that a question is about."""


class LearnedBand:
    """A `BandSource` that learns: it holds the newest `GoodPainBand` and puts its answers into words.

    The band that `now` gives changes when the client speaks or `model` is asked for, not with every sample: time under
    pressure is gathered and told to the model just before.

    Attributes:
        refused: why the last report could not teach anything; empty if it did. The report itself is the journal's.
    """

    def __init__(self, model: GoodPainBand, manner: Manner = Manner.TREAT) -> None:
        self.refused = ""
        self._model = model
        self._manner = manner
        self._untold_s = 0.0
        self._past = Past(model)
        self._felt_s = 0.0
        self._since_report_s = 0.0
        self._pressure_kpa = 0.0
        self._now: BandNow | None = None

    @property
    def model(self) -> GoodPainBand:
        """What is known now; store `model.to_bytes()` after each press."""
        if self._untold_s > 0:
            self._go_on(methodcaller("ease", self._untold_s))
            self._untold_s = 0.0
        return self._model

    @property
    def manner(self) -> Manner:
        """How the next pressure is chosen; `treat` falls back to `learn` while there is no band."""
        return self._manner

    @manner.setter
    def manner(self, manner: Manner) -> None:
        self._manner = manner
        self._now = None

    def now(self) -> BandNow:
        """The band as it stands, the next pressure, and a question when one would help."""
        if self._now is None:
            self._now = self._put_into_words()
        ask = self._question()
        if not ask:
            return self._now
        said = self._now
        return BandNow(said.band, said.line, said.target_kpa, said.stay_below_kpa, ask)

    def heard(self, report: Report, pressure_kpa: float | None, ramp_kpa_per_s: float) -> None:
        """Learn from a report. One that cannot teach anything leaves the band as it is; see `refused`."""
        before = self.model
        hear = methodcaller("hear", report, pressure_kpa, ramp_kpa_per_s)
        try:
            self._take(self._past.hear(report, hear, before, self._felt_s))
        except BandError as error:
            self.refused = str(error)
            return
        self.refused = ""
        self._since_report_s = 0.0

    def felt(self, pressure_kpa: float, dt_s: float) -> None:
        """Time under pressure: thresholds ease, and after some seconds a question may be worth asking."""
        if not dt_s > 0 or not pressure_kpa > 0:
            return
        self._untold_s += dt_s
        self._felt_s += dt_s
        self._since_report_s += dt_s
        self._pressure_kpa += (pressure_kpa - self._pressure_kpa) * min(dt_s / FELT_OVER_S, 1.0)

    def set_ceiling(self, ceiling_kpa: float) -> None:
        """Put another ceiling in force; what is known stays."""
        if ceiling_kpa != self._model.ceiling_kpa:
            _ = self.model  # what is untold comes first
            self._go_on(methodcaller("with_settings", ceiling_kpa=ceiling_kpa))

    def took_back(self, report: Report) -> None:
        """Go back to what was known before the newest report, with the time under pressure since."""
        if self._past.newest != report:
            return
        ceiling_kpa = self._model.ceiling_kpa
        # Going on after a stop was decided since, and is not taken back with a report.
        resumed = report.kind is not ReportKind.STOP and not self._model.guard.stopped
        self._model, felt_s = self._past.take_back()
        self._untold_s = 0.0
        self._go_on(methodcaller("with_settings", ceiling_kpa=ceiling_kpa))
        self._go_on(methodcaller("ease", self._felt_s - felt_s))
        if resumed:
            self._go_on(methodcaller("resume"))

    def settle(self) -> None:
        """What has been heard so far is not taken back any more; nothing is kept for that."""
        self._past = Past(self.model)

    def learned(self) -> bytes | None:
        """The model as bytes, once it has heard anything."""
        model = self.model
        return model.to_bytes() if model.told.today or model.told.visits else None

    def resume(self) -> None:
        """Somebody decided to go on after "stop"."""
        _ = self.model
        self._go_on(methodcaller("resume"))

    def _go_on(self, step: Step) -> None:
        self._take(self._past.step(step, self._model))

    def _take(self, model: GoodPainBand) -> None:
        self._model = model
        self._now = None

    def _put_into_words(self) -> BandNow:
        estimate = self._model.band()
        advice = self._model.next_pressure(self._manner)
        line = estimate.because if estimate.band else f"still learning: {estimate.settle}"
        if self._model.guard.stopped:
            line = advice.why
        elif estimate.held_back:
            line = f"{line}; held back: {estimate.held_back}"
        return BandNow(estimate.band, line, advice.pressure_kpa, estimate.stay_below_kpa)

    def _question(self) -> str:
        if self._model.guard.stopped or self._since_report_s < ASK_AFTER_S or not self._pressure_kpa > 0:
            return ""
        return (
            "too little, good, too much?" if self._model.worth_asking(self._pressure_kpa) >= ASK_BITS else ""
        )
