"""The coach of one technique: a session feeds it, a screen shows what it says, the record keeps what it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.coach import rules
from feedback.coach.free import Free
from feedback.coach.log import PhaseLog
from feedback.coach.moment import Moment
from feedback.coach.phases import CoachNow, PhaseKind, PhaseRecord, ThresholdResult
from feedback.coach.presses import Presses
from feedback.coach.procedure import Asking
from feedback.coach.release import Release
from feedback.coach.technique import PressesSettings, ReleaseSettings, Technique, ThresholdSettings
from feedback.coach.threshold import Threshold

if TYPE_CHECKING:
    from feedback.coach.procedure import Procedure
    from feedback.comfort import Report
    from feedback.hold import HoldNow

__all__ = ["Coach"]


def _procedure(technique: Technique, log: PhaseLog, kpa_per_n: float) -> Procedure:
    settings = technique.settings
    if isinstance(settings, ReleaseSettings):
        return Release(log, settings)
    if isinstance(settings, ThresholdSettings):
        return Threshold(log, settings, kpa_per_n)
    if isinstance(settings, PressesSettings):
        return Presses(log, settings)
    return Free(log)


class Coach:
    """Knows which phase it is and what to do next; pure, it asks for no time.

    Blocks come as a sensor delivers them, about ten a second or more: a phase changes at the end of a block.

    Args:
        technique: what is coached.
        kpa_per_n: of the applicator, > 0: techniques may give a rate in newtons.
        start_s: now, host monotonic seconds.
    """

    def __init__(self, technique: Technique, *, kpa_per_n: float = 10.0, start_s: float = 0.0) -> None:
        self.technique = technique
        self._log = PhaseLog(technique.name, start_s)
        self._procedure = _procedure(technique, self._log, kpa_per_n)
        self._newest_s = start_s

    @property
    def held_since_s(self) -> float | None:
        """When the hold began that is going on; None while nothing is held."""
        return self._log.start_s if self._log.kind is PhaseKind.HOLD else None

    @property
    def asking(self) -> Asking:
        """What may be asked of the client now."""
        return self._procedure.asking

    def feel(self, moment: Moment) -> None:
        """Take a block of samples and what goes with it."""
        self._newest_s = moment.now_s
        self._procedure.feel(moment)

    def heard(self, report: Report, pressure_kpa: float | None, hold: HoldNow | None = None) -> None:
        """The client said something; before the press that a stop ends is told as ended."""
        self._procedure.heard(report, pressure_kpa, hold)

    def took_back(self, report: Report) -> None:
        """A report that was heard is taken back."""
        self._procedure.took_back(report)

    def press_ended(self, time_s: float, ended: str) -> None:
        """A press ended, at `time_s`, for the reason in `Press.ended`."""
        self._procedure.press_ended(time_s, rules.AFTER_PRESS.get(ended, rules.LET_GO))

    def signal_lost(self, time_s: float) -> None:
        """The sensor fell silent: nothing is known of the hand."""
        self._procedure.press_ended(time_s, rules.SIGNAL_LOST)

    def move_on(self, time_s: float) -> None:
        """The therapist goes on to the next phase; does nothing where none can be skipped."""
        self._procedure.move_on(time_s)

    def close(self, time_s: float, ended: str) -> None:
        """Another point, another technique or the end of the session, in the words of `Press.ended`."""
        self._procedure.close(time_s, rules.AFTER_PRESS.get(ended, rules.MOVED_ON))

    def take(self) -> list[PhaseRecord | ThresholdResult]:
        """What ended since the last call, oldest first, for the record."""
        return self._log.take()

    def now(self, now_s: float) -> CoachNow:
        """What to show; time runs no further than the newest sample."""
        now_s = min(now_s, self._newest_s)
        log, procedure = self._log, self._procedure
        said = procedure.say(now_s)
        return CoachNow(
            technique=self.technique,
            phase=log.kind,
            do=said.do,
            why=said.why,
            then=said.then,
            round=log.round,
            rounds=procedure.rounds,
            elapsed_s=log.lasted_s(now_s),
            of_s=said.of_s,
            rate=procedure.rate if log.kind is PhaseKind.RAMP else None,
            target_kpa=said.target_kpa,
            ended=log.ended,
            result=procedure.result,
            rule=log.rule,
        )
