"""One visit: force and words come in, guidance and a record come out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import numpy as np

from feedback.comfort import MARKS, Report, ReportKind
from feedback.freshness import Freshness
from feedback.guidance import Cue, Situation, next_cue
from feedback.handset import report_of
from feedback.press import Press, PressDetector, PressRules, is_force
from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind, Quality
from feedback.steady import SteadyNumber
from feedback.trace import Ring, Trace
from feedback.units import pressure_kpa_of
from feedback.view import Heard, LiveView, Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from feedback.alarm import Alarm
    from feedback.band import Band
    from feedback.band.source import BandSource
    from feedback.coach.technique import Technique
    from feedback.journal import Journal

DEFAULT_CEILING_KPA = 400.0
"""A cautious start, to be set per client and point: no agreed cut-off for therapy was found in the literature, and
pain thresholds of healthy trapezius muscles alone run from 88 to 574 kPa (Persson 2004, doi 10.1080/16501970310015218).
"""
CUE_SMOOTHING_S = 0.1
"""One period of hand tremor (8-12 Hz), so that the cue follows the hand and not its tremor."""
STEADY_OVER_S = 0.25
RECENT_SAMPLES = 256
"""More than the newest quarter second of any sensor in use (1,000 samples a second)."""
MARK_WINDOW_S = 0.5
REPORT_WINDOW_S = 2.0
"""A verdict or rating speaks of the seconds before it; a mark while pressure rises, of the moment."""
ASK_AFTER_S = 15.0
FIRST_ASK_AFTER_S = 3.0
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
        self._rules = rules
        self._new_id = new_id
        self._ring = Ring()
        self._fresh = Freshness()
        self._steady = SteadyNumber()
        self._lost = 0
        self._cue = Cue.NO_SIGNAL
        self._stopped = False
        self._zero_load_n = 0.0
        self._calibration: Calibration | None = None
        self._presses: list[Press] = []
        self._heard: list[Heard] = []
        self._journaled_band: tuple[Band | None, float] | None = None
        self._arrive(place, band_source, ceiling_kpa, start_s)

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
        return None

    @property
    def cue(self) -> Cue:
        """What the hand should do, as of the newest sample; whether that is fresh is known to `view` only."""
        return self._cue

    def set_technique(self, technique: Technique | None, time_s: float) -> None:
        """Coach this technique from now on; None: no coach."""

    @property
    def presses(self) -> tuple[Press, ...]:
        """Presses that ended in this session, at all its points, oldest first."""
        return tuple(self._presses)

    @property
    def heard(self) -> tuple[Heard, ...]:
        """Reports of this session, at all its points, oldest first."""
        return tuple(self._heard)

    def feed(self, block: ForceBlock) -> list[Press]:
        """Take the next block; returns the presses that it brought to an end."""
        self._journal.samples(block)
        self._lost += block.lost
        if not len(block):
            return []
        for start_s, end_s in self._fresh.feed(block):
            self._journal.event("gap", start_s, f"no samples for {end_s - start_s:.3f} s")
        before_s = self._newest_s
        self._ring.add(block)
        self._newest_s = float(block.time_s[-1])
        band = self._band_source.now().band
        ended = self._detector.feed(block, band)
        for press in ended:
            self._keep(press)
        self._follow(block, before_s, band)
        return ended

    def notice(self, notice: Notice) -> None:
        """Take what the sensor said besides force; the client's buttons and dial are reports."""
        if notice.kind is NoticeKind.CALIBRATED:
            if notice.calibration is not None and notice.calibration == self._calibration:
                return  # told once already
            self._calibration = notice.calibration
            # A zero set while something pressed hides force; the ceiling is kept from the reference zero.
            self._zero_load_n = max(0.0, notice.calibration.zero_load_n) if notice.calibration else 0.0
            self._journal.calibration(notice.calibration, notice.time_s)
        self._journal.event(notice.kind.value, notice.time_s, notice.text)
        if said := report_of(notice):
            self.report(said)

    def report(self, report: Report) -> Heard:
        """Take what the client said; it is tied to the pressure of the seconds before it."""
        pressure_kpa, quality = self._pressure_of(report)
        heard = Heard(
            report,
            self._journal.report(report, pressure_kpa, self._press_id_at(report.time_s), quality),
            pressure_kpa,
        )
        self._heard.append(heard)
        now = self._detector.now(report.time_s)
        self._band_source.heard(report, pressure_kpa, now.ramp_kpa_per_s if now else 0.0)
        if report.kind is ReportKind.STOP:
            self._stop_stands = True
            self._stop()
        self._journal_band(report.time_s)
        return heard

    def undo(self, time_s: float) -> Heard | None:
        """Take the last standing report back; returns it, or None when there is none."""
        for i in range(len(self._heard) - 1, self._heard_before - 1, -1):
            if not self._heard[i].undone:
                self._journal.correct(self._heard[i].report_id, time_s)
                self._band_source.took_back(self._heard[i].report)
                if self._heard[i].report.kind is ReportKind.STOP:
                    self._stop_stands = False
                self._heard[i] = replace(self._heard[i], undone=True)
                self._journal_band(time_s)
                return self._heard[i]
        return None

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
        self._arrive(place, band_source, ceiling_kpa, time_s)
        if touching:
            # Contact that lasts from the point before is not a press at this one.
            self._detector.finish("point changed")

    def set_band(self, band_source: BandSource, ceiling_kpa: float, time_s: float) -> None:
        """Put another band in force at this point."""
        self._band_source = band_source
        self._ceiling_kpa = ceiling_kpa
        self._journal_band(time_s)

    def note(self, text: str, time_s: float) -> None:
        """Keep a note."""
        self._journal.note(text, time_s)

    def end(self, time_s: float, health: dict[str, float | int | None]) -> None:
        """Close the session; a press that is going on ends with it."""
        self._finish("session end")
        self._keep_learned(time_s)
        self._journal.end(time_s, health)

    def trace(self, position: int) -> Trace:
        """Samples after `position`, for a chart."""
        return self._ring.since(position)

    def view(self, now_s: float) -> LiveView:
        """The session at `now_s`, which is the time up to which the sensor has been listened to."""
        live = self._fresh.is_live(now_s)
        newest = self._ring.since(self._ring.position - 1)
        flags = int(newest.quality[-1]) if len(newest.quality) else 0
        calibrated = bool(len(newest.force_n)) and not flags & Quality.UNCALIBRATED
        shown = live and calibrated
        force_n = float(newest.force_n[-1]) if shown else None
        bounds = self._band_source.now()
        return LiveView(
            now_s=now_s,
            place=self._place,
            waiting=self._fresh.last_s is None,
            live=live,
            age_s=None if self._fresh.last_s is None else max(0.0, now_s - self._fresh.last_s),
            calibrated=calibrated,
            saturated=live and bool(flags & Quality.SATURATED),
            suspect=_suspect(flags),
            pressure_kpa=None if force_n is None else force_n * self._kpa_per_n,
            shown_kpa=self._steady.show(*self._recent(STEADY_OVER_S)) if shown else None,
            force_n=force_n,
            counts=int(newest.counts[-1]) if live else None,
            cue=self._cue if live else Cue.NO_SIGNAL,
            bounds=bounds,
            ceiling_kpa=max(0.0, self._ceiling_kpa - self._zero_load_n * self._kpa_per_n),
            press=self._detector.now(now_s),
            presses=tuple(self._presses[self._presses_before :]),
            heard=tuple(self._heard[self._heard_before :]),
            prompt=self._prompt(now_s, bounds.ask) if live else "",
            stopped=self._stopped,
            waits=self._stop_stands,
            lost=self._lost,
        )

    def _arrive(self, place: Place, band_source: BandSource, ceiling_kpa: float, time_s: float) -> None:
        self._place = place
        self._band_source = band_source
        self._ceiling_kpa = ceiling_kpa
        self._kpa_per_n = pressure_kpa_of(1.0, place.tip_area_cm2)
        self._detector = PressDetector(place.tip_area_cm2, self._rules)
        self._presses_before = len(self._presses)
        self._heard_before = len(self._heard)
        self._press_id: UUID | None = None
        self._last_press: tuple[UUID, float] | None = None
        self._stop_stands = False
        self._newest_s: float | None = None
        self._kept_learned = band_source.learned()
        self._journal.point(place.point_id, time_s)
        self._journaled_band = None
        self._journal_band(time_s)

    def _follow(self, block: ForceBlock, before_s: float | None, band: Band | None) -> None:
        """Let the cue and the band follow the newest samples."""
        pressing = self._detector.pressing
        if not pressing:
            self._press_id = None
        elif self._press_id is None:
            self._press_id = self._new_id()
        self._stopped = self._stopped and self._detector.barred
        flags = int(block.quality[-1])
        measured = is_force(block.quality)
        peak_kpa = (
            float(np.nanmax(block.force_n[measured])) * self._kpa_per_n if measured.any() else float("nan")
        )
        _, recent_kpa = self._recent(CUE_SMOOTHING_S)
        calm_kpa = float(recent_kpa.mean()) if len(recent_kpa) else peak_kpa
        ceiling_kpa = max(0.0, self._ceiling_kpa - self._zero_load_n * self._kpa_per_n)
        pressure_kpa = peak_kpa if peak_kpa >= ceiling_kpa else calm_kpa
        self._cue = next_cue(
            self._cue,
            Situation(
                pressure_kpa=pressure_kpa,
                pressing=pressing,
                calibrated=not flags & Quality.UNCALIBRATED,
                saturated=bool((block.quality & int(Quality.SATURATED)).any()),
                stopped=self._stopped,
            ),
            band,
            ceiling_kpa,
        )
        if pressing and before_s is not None and pressure_kpa == pressure_kpa:
            step_s = float(block.time_s[-1]) - before_s
            if 0 < step_s <= self._fresh.limit_s:
                self._band_source.felt(pressure_kpa, step_s)

    def _recent(self, seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times and pressures (n,) of the measured samples of the last `seconds` of samples."""
        recent = self._ring.seconds_before(self._newest_s or 0.0, seconds, newest=RECENT_SAMPLES)
        kept = ~np.isnan(recent.force_n)
        return recent.time_s[kept], recent.force_n[kept].astype(np.float64) * self._kpa_per_n

    def _pressure_of(self, report: Report) -> tuple[float | None, int]:
        """Median pressure of the measured samples in contact before a report; for stop the largest."""
        window_s = MARK_WINDOW_S if report.kind in MARKS else REPORT_WINDOW_S
        before = self._ring.seconds_before(report.time_s, window_s)
        rules = self._rules or PressRules()
        contact = is_force(before.quality) & (before.force_n >= rules.end_n)
        quality = int(np.bitwise_or.reduce(before.quality)) if len(before.quality) else 0
        if not contact.any() or not self._fresh.is_live(report.time_s):
            return None, quality
        force_n = before.force_n[contact].astype(np.float64)
        if report.kind is ReportKind.STOP:
            value_n = float(force_n.max())
        elif report.kind in MARKS:
            value_n = float(np.median(force_n[-5:]))
        else:
            value_n = float(np.median(force_n))
        return value_n * self._kpa_per_n, quality

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

    def _finish(self, reason: str) -> None:
        if press := self._detector.finish(reason):
            self._keep(press)
        self._press_id = None

    def _journal_band(self, time_s: float) -> None:
        now = (self._band_source.now().band, self._ceiling_kpa)
        if now != self._journaled_band:
            self._journal.band(*now, time_s)
            self._journaled_band = now

    def _prompt(self, now_s: float, ask: str) -> str:
        press = self._detector.now(now_s)
        if press is None or self._stopped:
            return ""
        if ask:
            return f"Ask: “{ask[:1].upper()}{ask[1:]}”"
        since_s = next(
            (
                now_s - h.report.time_s
                for h in reversed(self._heard)
                if not h.undone and h.report.time_s >= press.start_s
            ),
            None,
        )
        if since_s is None and press.elapsed_s >= FIRST_ASK_AFTER_S:
            return "Ask: “Too little, good, or too much?”"
        if since_s is not None and since_s >= ASK_AFTER_S:
            return f"Ask again: “From 0 to 10?” – last asked {since_s:.0f} s ago"
        return ""


def _suspect(flags: int) -> str:
    words = {
        Quality.TARED_UNDER_LOAD: "zero set under load: reads too low",
        Quality.UNCHECKED: "no checksum",
        Quality.LATE: "late samples",
    }
    return ", ".join(text for flag, text in words.items() if flags & flag)
