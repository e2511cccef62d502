"""Where a session, its coach and the watch over the hold meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.coach import Asking, Coach, Moment, ThresholdResult
from feedback.guidance import Cue
from feedback.holding import Holding

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.band.source import BandNow, BandSource
    from feedback.coach import CoachNow, Technique
    from feedback.comfort import Report
    from feedback.hold import HoldNow
    from feedback.journal import Journal
    from feedback.press import PressNow
    from feedback.tip import Felt


class Coaching:
    """Shows the coach, if there is one, what happens, watches the hold, and journals the phases that end."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._coach: Coach | None = None
        self._holding = Holding()

    @property
    def technique(self) -> Technique | None:
        """What is coached."""
        return self._coach.technique if self._coach else None

    def begin(self, technique: Technique | None, kpa_per_n: float, time_s: float, ended: str) -> None:
        """Coach this from now on; what went on ends for the reason `ended`, in the words of `Press.ended`."""
        self.close(time_s, ended)
        self._coach = Coach(technique, kpa_per_n=kpa_per_n, start_s=time_s) if technique else None
        self._holding = Holding()

    def follow(
        self,
        felt: Felt,
        bounds: BandNow,
        source: BandSource,
        *,
        press: PressNow | None,
        press_id: UUID | None,
        touching: bool,
        cue: Cue,
        ceiling_kpa: float,
        alarm: bool,
        waits: bool,
    ) -> None:
        """Take a block of samples and what is known with it; see `Moment`."""
        if self._coach is None:
            since_s = self._holding.since_s(press)
        else:
            self._coach.feel(
                Moment(
                    now_s=felt.newest_s,
                    time_s=felt.time_s,
                    pressure_kpa=felt.pressure_kpa,
                    calm_kpa=felt.calm_kpa,
                    pressing=press is not None,
                    touching=touching,
                    press_id=press_id,
                    settled_s=press.hold_s if press else 0.0,
                    cue=cue,
                    bounds=bounds,
                    ceiling_kpa=ceiling_kpa,
                    alarm=alarm,
                    waits=waits,
                    hold=self._holding.now(felt.newest_s),
                )
            )
            since_s = self._coach.held_since_s
            self._write()
        asked_less = cue in (Cue.EASE_OFF, Cue.STOP)
        self._holding.follow(since_s, felt.time_s, felt.pressure_kpa, source, asked_less=asked_less)

    def heard(self, report: Report, pressure_kpa: float | None) -> None:
        """The client said something."""
        self._holding.heard(report, pressure_kpa)
        if self._coach:
            self._coach.heard(report, pressure_kpa, self._holding.now(report.time_s))
            self._write()

    def took_back(self, report: Report) -> None:
        """A report is taken back."""
        self._holding.took_back(report)
        if self._coach:
            self._coach.took_back(report)
            self._write()

    def press_ended(self, time_s: float, ended: str) -> None:
        """A press ended."""
        if self._coach:
            self._coach.press_ended(time_s, ended)
            self._write()

    def signal_lost(self, time_s: float) -> None:
        """The sensor fell silent."""
        if self._coach:
            self._coach.signal_lost(time_s)
            self._write()

    def move_on(self, time_s: float) -> None:
        """The therapist goes on to the next phase."""
        if self._coach:
            self._coach.move_on(time_s)
            self._write()

    def close(self, time_s: float, ended: str) -> None:
        """End what goes on."""
        if self._coach:
            self._coach.close(time_s, ended)
            self._write()
            self._coach = None

    def questions(self) -> tuple[Asking, float | None]:
        """What may be asked of the client now, and since when the hold goes on that a rating would be about."""
        if self._coach is None:
            return Asking.ANYTHING, None
        return self._coach.asking, self._coach.held_since_s

    def hold(self, now_s: float) -> HoldNow | None:
        """The hold that goes on."""
        return self._holding.now(now_s)

    def now(self, now_s: float) -> CoachNow | None:
        """What the coach shows."""
        return self._coach.now(now_s) if self._coach else None

    def _write(self) -> None:
        if self._coach is None:
            return
        for ended in self._coach.take():
            if isinstance(ended, ThresholdResult):
                self._journal.threshold(ended)
            else:
                self._journal.phase(ended)
