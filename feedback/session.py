"""One visit: force and words come in, guidance and a record come out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from feedback.alarm import CeilingWatch
from feedback.coaching import Coaching
from feedback.comfort import Report, ReportKind
from feedback.guidance import Cue, Situation, next_cue
from feedback.handset import report_of
from feedback.press import Press, PressDetector, PressRules
from feedback.prompts import prompt_of
from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind
from feedback.spoken import Spoken
from feedback.tip import Felt, Tip
from feedback.trace import Trace
from feedback.view import Heard, LiveView, Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedback.alarm import Alarm
    from feedback.band import Band
    from feedback.band.source import BandNow, BandSource
    from feedback.coach.technique import Technique
    from feedback.journal import Journal

DEFAULT_CEILING_KPA = 400.0
"""A cautious start, to be set per client and point: no agreed cut-off for therapy was found in the literature, and
pain thresholds of healthy trapezius muscles alone run from 88 to 574 kPa (Persson 2004, doi 10.1080/16501970310015218).
"""
AFTERTHOUGHT_S = 10.0
"""A report this soon after a press still belongs to it."""


class Session:
    """Not thread-safe: whoever feeds, reports and views holds one lock around all three.

    Everything handed in goes to the journal first.
    """

    def __init__(
        self,
        place: Place,
        journal: Journal,
        band_source: BandSource,
        *,
        start_s: float,
        ceiling_kpa: float = DEFAULT_CEILING_KPA,
        rules: PressRules | None = None,
        new_id: Callable[[], UUID] = uuid4,
        coach: Technique | None = None,
    ) -> None:
        self._journal = journal
        self._rules = rules or PressRules()
        self._new_id = new_id
        self._tip = Tip(place.tip_area_cm2, self._rules)
        self._cue = Cue.NO_SIGNAL
        self._stopped = False
        self._calibration: Calibration | None = None
        self._presses: list[Press] = []
        self._spoken = Spoken()
        self._ceiling = CeilingWatch()
        self._coaching = Coaching(journal)
        self._journaled_band: tuple[Band | None, float] | None = None
        self._arrive(place, band_source, ceiling_kpa, start_s)
        self._coaching.begin(coach, self._tip.kpa_per_n, start_s, "session end")

    @property
    def place(self) -> Place:
        """Who is pressed where and with what."""
        return self._place

    @property
    def band_source(self) -> BandSource:
        """Where the band comes from."""
        return self._band_source

    @property
    def ceiling_kpa(self) -> float:
        """Never above it."""
        return self._ceiling_kpa

    @property
    def alarm(self) -> Alarm | None:
        """The ceiling was reached and the hand has not come back yet; as of the newest sample."""
        return self._ceiling.alarm

    @property
    def cue(self) -> Cue:
        """What the hand should do, as of the newest sample; whether that is fresh is known to `view` only."""
        return self._cue

    @property
    def presses(self) -> tuple[Press, ...]:
        """Presses that ended in this session, at all its points, oldest first."""
        return tuple(self._presses)

    @property
    def heard(self) -> tuple[Heard, ...]:
        """Reports of this session, at all its points, oldest first."""
        return self._spoken.all

    @property
    def technique(self) -> Technique | None:
        """What is coached; None without a coach."""
        return self._coaching.technique

    def feed(self, block: ForceBlock) -> list[Press]:
        """Take the next block; returns the presses that it brought to an end."""
        self._journal.samples(block)
        for start_s, end_s in self._tip.feed(block):
            self._journal.event("gap", start_s, f"no samples for {end_s - start_s:.3f} s")
        if not len(block):
            return []
        felt = self._tip.felt(block)
        bounds = self._band_source.now()
        ended = self._detector.feed(block, bounds.band)
        for press in ended:
            self._keep(press)
            self._coaching.press_ended(press.end_s, press.ended)
            if press.ended == "signal lost":
                self._journal_alarm(self._ceiling.end(), press.end_s)
        self._follow(felt, bounds)
        return ended

    def notice(self, notice: Notice) -> None:
        """Take what the sensor said besides force; the client's buttons and dial are reports."""
        if notice.kind is NoticeKind.CALIBRATED:
            if notice.calibration is not None and notice.calibration == self._calibration:
                return  # told once already
            self._calibration = notice.calibration
            self._tip.calibrated(notice.calibration)
            self._journal.calibration(notice.calibration, notice.time_s)
        self._journal.event(notice.kind.value, notice.time_s, notice.text)
        if notice.kind is NoticeKind.SIGNAL_LOST:
            self._coaching.signal_lost(notice.time_s)
            self._journal_alarm(self._ceiling.end(), notice.time_s)
        if said := report_of(notice):
            self.report(said)

    def report(self, report: Report) -> Heard:
        """Take what the client said; it is tied to the pressure of the seconds before it."""
        pressure_kpa, quality = self._tip.said_at(report)
        press_id = self._press_id_at(report.time_s)
        heard = Heard(report, self._journal.report(report, pressure_kpa, press_id, quality), pressure_kpa)
        now = self._detector.now(report.time_s)
        ramp_kpa_per_s = now.ramp_kpa_per_s if now else 0.0
        self._spoken.add(heard, ramp_kpa_per_s)
        self._band_source.heard(report, pressure_kpa, ramp_kpa_per_s)
        self._coaching.heard(report, pressure_kpa)
        if report.kind is ReportKind.STOP:
            self._stop_stands = True
            self._stop()
        self._journal_band(report.time_s)
        return heard

    def undo(self, time_s: float) -> Heard | None:
        """Take a slip back: the newest report that was typed, or a slip of the client's button (see `Spoken`).

        Returns it, or None when there is nothing to take back at this point.
        """
        i = self._spoken.meant(time_s)
        if i is None:
            return None
        self._journal.correct(self._spoken.all[i].report_id, time_s)
        taken = self._spoken.take_back(i, self._band_source)
        stops = [h for h in self._spoken.here if h.report.kind is ReportKind.STOP and not h.undone]
        if taken.report.kind is ReportKind.STOP:
            self._stop_stands = self._stop_stands and bool(stops)
        if stops and not self._stop_stands:
            self._band_source.resume()  # somebody had decided to go on; that stands
        self._coaching.took_back(taken.report)
        self._journal_band(time_s)
        return taken

    def resume(self, time_s: float) -> bool:
        """Somebody decided to go on after the client's stop; False when no stop stands."""
        if not self._stop_stands:
            return False
        self._stop_stands = False
        self._journal.event("resumed", time_s, "going on after the client's stop")
        self._band_source.resume()
        self._journal_band(time_s)
        return True

    def go_to(self, place: Place, band_source: BandSource, ceiling_kpa: float, time_s: float) -> None:
        """Move on to another point; a press that is going on ends at the old one."""
        touching = self._detector.pressing or self._detector.barred
        self._finish("point changed")
        self._keep_learned(time_s)
        technique = self._coaching.technique
        self._coaching.close(time_s, "point changed")
        self._journal_alarm(self._ceiling.end(), time_s)
        self._arrive(place, band_source, ceiling_kpa, time_s)
        self._coaching.begin(technique, self._tip.kpa_per_n, time_s, "point changed")
        if touching:
            # Contact that lasts from the point before is not a press at this one.
            self._detector.finish("point changed")

    def set_band(self, band_source: BandSource, ceiling_kpa: float, time_s: float) -> None:
        """Put another band in force at this point."""
        self._band_source = band_source
        self._ceiling_kpa = ceiling_kpa
        self._journal_band(time_s)

    def set_technique(self, technique: Technique | None, time_s: float) -> None:
        """Coach this technique from now on; None: no coach. A press may be going on: it is the first of the new one."""
        self._coaching.begin(technique, self._tip.kpa_per_n, time_s, "technique changed")

    def move_on(self, time_s: float) -> None:
        """The therapist goes on to what the coach would say next: the end of a rest, of a hold."""
        self._coaching.move_on(time_s)

    def note(self, text: str, time_s: float) -> None:
        """Keep a note."""
        self._journal.note(text, time_s)

    def end(self, time_s: float, health: dict[str, float | int | None]) -> None:
        """Close the session; a press that is going on ends with it."""
        self._finish("session end")
        self._coaching.close(time_s, "session end")
        self._journal_alarm(self._ceiling.end(), time_s)
        self._keep_learned(time_s)
        self._journal.end(time_s, health)

    def trace(self, position: int) -> Trace:
        """Samples after `position`, for a chart."""
        return self._tip.trace(position)

    def fresh_for_s(self, now_s: float) -> float:
        """So long after `now_s` the newest sample may still be shown; below 0 when it may not."""
        return self._tip.fresh_for_s(now_s)

    def view(self, now_s: float) -> LiveView:
        """The session at `now_s`, which is the time up to which the sensor has been listened to."""
        reading = self._tip.reading(now_s)
        bounds = self._band_source.now()
        press = self._detector.now(now_s)
        asking = press if reading.live and not self._stopped else None
        return LiveView(
            now_s=now_s,
            place=self._place,
            waiting=reading.waiting,
            live=reading.live,
            age_s=reading.age_s,
            calibrated=reading.calibrated,
            saturated=reading.saturated,
            suspect=reading.suspect,
            pressure_kpa=reading.pressure_kpa,
            shown_kpa=reading.shown_kpa,
            force_n=reading.force_n,
            counts=reading.counts,
            cue=self._cue if reading.live else Cue.NO_SIGNAL,
            bounds=bounds,
            ceiling_kpa=self._tip.ceiling_kpa(self._ceiling_kpa),
            press=press,
            presses=tuple(self._presses[self._presses_before :]),
            heard=self._spoken.here,
            prompt=prompt_of(asking, self._spoken.here, bounds.ask, now_s, *self._coaching.questions()),
            stopped=self._stopped,
            waits=self._stop_stands,
            lost=self._tip.lost,
            alarm=self._ceiling.alarm,
            hold=self._coaching.hold(now_s) if reading.live else None,
            coach=self._coaching.now(now_s),
        )

    def _arrive(self, place: Place, band_source: BandSource, ceiling_kpa: float, time_s: float) -> None:
        self._place = place
        self._band_source = band_source
        self._ceiling_kpa = ceiling_kpa
        self._tip.arrive(place.tip_area_cm2)
        self._detector = PressDetector(place.tip_area_cm2, self._rules)
        self._presses_before = len(self._presses)
        self._spoken.arrive()
        self._press_id: UUID | None = None
        self._last_press: tuple[UUID, float] | None = None
        self._stop_stands = False
        self._kept_learned = band_source.learned()
        self._journal.point(place.point_id, time_s)
        self._journaled_band = None
        self._journal_band(time_s)

    def _follow(self, felt: Felt, bounds: BandNow) -> None:
        """Let alarm, cue, band and coach follow the newest samples."""
        pressing = self._detector.pressing
        if not pressing:
            self._press_id = None
        elif self._press_id is None:
            self._press_id = self._new_id()
        self._stopped = self._stopped and self._detector.barred
        ceiling_kpa = self._tip.ceiling_kpa(self._ceiling_kpa)
        self._journal_alarm(
            self._ceiling.feed(
                felt.at_least_s,
                felt.at_least_kpa,
                ceiling_kpa=ceiling_kpa,
                contact_kpa=self._tip.contact_kpa,
            ),
            felt.newest_s,
        )
        # At the ceiling nothing is smoothed.
        pressure_kpa = felt.peak_kpa if felt.peak_kpa >= ceiling_kpa else felt.calm_kpa
        self._cue = next_cue(
            self._cue,
            Situation(
                pressure_kpa=pressure_kpa,
                pressing=pressing,
                calibrated=felt.calibrated,
                saturated=felt.saturated,
                stopped=self._stopped,
                alarm=self._ceiling.alarm is not None,
            ),
            bounds.band,
            ceiling_kpa,
        )
        if pressing and felt.step_s is not None and pressure_kpa == pressure_kpa:
            self._band_source.felt(pressure_kpa, felt.step_s)
        self._coaching.follow(
            felt,
            bounds,
            self._band_source,
            press=self._detector.now(felt.newest_s),
            press_id=self._press_id,
            touching=pressing or self._detector.barred,
            cue=self._cue,
            ceiling_kpa=ceiling_kpa,
            alarm=self._ceiling.alarm is not None,
            waits=self._stop_stands,
        )

    def _journal_alarm(self, ended: Alarm | None, time_s: float) -> None:
        if ended is not None:
            lasted_s = max(0.0, time_s - ended.since_s)
            text = f"peak_kpa={ended.peak_kpa:.1f} lasted_s={lasted_s:.2f}"
            self._journal.event("ceiling reached", ended.since_s, text)

    def _press_id_at(self, time_s: float) -> UUID | None:
        if self._press_id is not None:
            return self._press_id
        if self._last_press and time_s - self._last_press[1] <= AFTERTHOUGHT_S:
            return self._last_press[0]
        return None

    def _keep(self, press: Press) -> None:
        press_id = self._press_id or self._new_id()
        self._press_id = None
        self._journal.press(press_id, press)
        self._keep_learned(press.end_s)
        self._presses.append(press)
        self._last_press = (press_id, press.end_s)

    def _keep_learned(self, time_s: float) -> None:
        """Put what the band has learned into the record, if that is not there yet."""
        learned = self._band_source.learned()
        if learned and learned != self._kept_learned:
            self._kept_learned = learned
            self._journal.learned(learned, time_s)

    def _stop(self) -> None:
        if self._detector.pressing:
            self._stopped = True
            self._cue = Cue.STOP
            self._finish("stop")
            self._coaching.press_ended(self._tip.newest_s or 0.0, "stop")

    def _finish(self, reason: str) -> None:
        if press := self._detector.finish(reason):
            self._keep(press)
        self._press_id = None

    def _journal_band(self, time_s: float) -> None:
        now = (self._band_source.now().band, self._ceiling_kpa)
        if now != self._journaled_band:
            self._journal.band(*now, time_s)
            self._journaled_band = now
