"""The live screen: what the therapist sees while she works."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

from feedback.coach import TechniqueKind
from feedback.comfort import ReportKind
from feedback.guidance import Cue
from feedback.history import HistoryError
from feedback.press import is_force
from feedback.signal import NoticeKind
from feedback.tones import Flash, Tone
from feedback.units import pressure_kpa_of
from firmware_bridge.errors import TareError
from tui.keys import live_keys
from tui.pacing import frame_is_welcome
from tui.raster import Glyphs
from tui.report_marks import MARKS
from tui.scale import counts_axis, pressure_axis
from tui.screens.dialogs import BandDialog, NoteDialog, PointDialog
from tui.texts import (
    compact_text,
    health_text,
    hold_text,
    place_text,
    press_rows,
    said_text,
    standing_rows,
    threshold_text,
)
from tui.widgets.coach_bar import CoachBar
from tui.widgets.cue_panel import CuePanel
from tui.widgets.key_line import KeyLine
from tui.widgets.key_list import KeyList
from tui.widgets.readout import Reading, Readout
from tui.widgets.strip_chart import StripChart

if TYPE_CHECKING:
    from feedback.band import Band
    from feedback.history import SessionJournal
    from feedback.points import Point
    from feedback.view import Heard, LiveView
    from tui.live_loop import LiveLoop
    from tui.opening import Studio
    from tui.own_app import OwnApp
    from tui.sound import Sound
    from tui.wanted import Visit

FRAMES_PER_S = 30
LOOKS_PER_S = 60
"""Between two frames the force is looked at once more: when it jumps, the next frame does not wait for its turn. Nor
does it when the newest value is too old to be shown: the screen wakes at that moment."""
SILENCE_STEP_S = 0.004
"""When the time has come and the sensor's reader has not looked yet, the screen looks again so much later."""
JUMP_SHARE = 0.1
JUMP_N = 0.5
TEXT_EVERY_S = 0.1
"""Words and figures other than the pressure change at most ten times a second."""

TOLD = (NoticeKind.SIGNAL_LOST, NoticeKind.SIGNAL_BACK, NoticeKind.CLOCK_RESTARTED, NoticeKind.MESSAGE)
"""Notices that are said for some seconds."""


class LiveScreen(Screen[None]):
    """Pressure against the client's comfort, 30 times a second, drawn from snapshots of the running session."""

    DEFAULT_CSS = """
    LiveScreen { layout: vertical; overflow: hidden; }
    LiveScreen #top { height: 1; background: $panel; color: $foreground; }
    LiveScreen #place { width: 1fr; padding: 0 1; text-style: bold; text-overflow: ellipsis; text-wrap: nowrap; }
    LiveScreen #health { width: 30; padding: 0 1; text-align: right; text-wrap: nowrap; text-overflow: ellipsis; }
    LiveScreen #now { height: 8; }
    LiveScreen CuePanel { width: 30%; height: 100%; }
    LiveScreen Readout { width: 1fr; height: 100%; }
    LiveScreen #standing { width: 27; height: 100%; padding: 0 1; }
    LiveScreen CoachBar { display: none; }
    LiveScreen.-coached CoachBar { display: block; }
    LiveScreen #below { height: 1fr; }
    LiveScreen StripChart { width: 1fr; height: 100%; }
    LiveScreen #presses { width: 38; height: 100%; padding: 0 1; border-left: solid $panel; display: none; }
    LiveScreen #prompt { height: 1; padding: 0 1; background: $panel; text-overflow: ellipsis; text-wrap: nowrap; }
    LiveScreen #prompt.asking { background: $accent; color: $background; text-style: bold; }
    LiveScreen #prompt.problem { background: $cue-stop; color: $cue-stop-text; text-style: bold; }
    LiveScreen #press-rows { height: 100%; }
    LiveScreen #compact { display: none; width: 100%; height: 100%; }
    LiveScreen #top, LiveScreen #prompt, LiveScreen #standing {
        &.-flash-too_little { background: $cue-below; color: $cue-text; text-style: bold; }
        &.-flash-too_much { background: $cue-above; color: $cue-text; text-style: bold; }
        &.-flash-stop { background: $cue-stop; color: $cue-stop-text; text-style: bold; }
        &.-flash-phase_end { background: $cue-in-band; color: $cue-text; text-style: bold; }
        &.-flash-signal_lost { background: $cue-stale; color: $cue-text; text-style: bold; }
    }
    LiveScreen.-tall #now { height: 13; }
    LiveScreen.-tall CoachBar { height: 3; }
    LiveScreen.-short CoachBar { height: 1; }
    LiveScreen.-wide #presses { display: block; }
    LiveScreen.-wide #standing { width: 34; }
    LiveScreen.-wide #health { width: 64; }
    LiveScreen.-narrow #health { width: 45%; }
    LiveScreen.-narrow #standing { display: none; }
    LiveScreen.-narrow CuePanel { width: 45%; }
    LiveScreen.-short #now { height: 4; }
    LiveScreen.-tiny > * { display: none; }
    LiveScreen.-tiny > #compact { display: block; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-middle"), (112, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-normal"), (34, "-tall")]
    BINDINGS = live_keys()

    def __init__(
        self, studio: Studio, loop: LiveLoop, journal: SessionJournal, visit: Visit, sound: Sound
    ) -> None:
        super().__init__()
        self._sound = sound
        self._studio = studio
        self._loop = loop
        self._journal = journal
        self._visit = visit
        self._unit = studio.settings.unit
        self._position = 0
        self._marked = 0
        self._told = 0
        self._warned = ""
        self._frozen = False
        self._text_due_s = 0.0
        self._calibrated: bool | None = None
        self._bounds: object = None
        self._presses = 0
        self._looks = 0
        self._drawn_n = 0.0
        self._drawn_live = False
        self._waking = False
        self._words: dict[str, str | Text] = {}
        self._flash = Flash()
        self._flashing = Tone.SILENT
        glyphs = Glyphs(studio.settings.glyphs)
        self._chart = StripChart(pressure_axis(self._unit), glyphs=glyphs, id="chart")
        self._cue = CuePanel(glyphs=glyphs, id="cue")
        self._readout = Readout(self._unit, glyphs=glyphs, id="readout")
        self._coach = CoachBar(self._unit, glyphs=glyphs, id="coach")

    def compose(self) -> ComposeResult:
        """Who and where; what to do; how it went; what to ask."""
        with Horizontal(id="top", classes="flashes"):
            yield Static(place_text(self._visit), id="place", markup=False)
            yield Static("", id="health", markup=False)
        with Horizontal(id="now"):
            yield self._cue
            yield self._readout
            yield Static("", id="standing", classes="flashes", markup=False)
        yield self._coach
        with Horizontal(id="below"):
            yield self._chart
            with Vertical(id="presses"):
                yield Static("", id="press-rows", markup=False)
        yield Static("", id="prompt", classes="flashes", markup=False)
        yield KeyLine(show_command_palette=False, compact=True)
        yield Static("", id="compact", markup=False)

    def on_mount(self) -> None:
        """Start looking."""
        self._fit(self.app.size)
        for problem in self._studio.bands.problems:
            self.notify(problem, severity="warning", timeout=10)
        self.set_interval(1 / LOOKS_PER_S, self._look)

    def on_resize(self, event: Resize) -> None:
        """Another size of terminal."""
        self._fit(event.size)

    def _fit(self, size: Size) -> None:
        """Below a size at which panels can be read, words are."""
        self.set_class(size.width < 40 or size.height < 12, "-tiny")

    # Thirty times a second.

    def _look(self) -> None:
        self._looks += 1
        self._wake_when_silent()
        if self._looks * FRAMES_PER_S < LOOKS_PER_S:
            newest_n = self._loop.newest_n()
            if not abs(newest_n - self._drawn_n) > max(JUMP_N, JUMP_SHARE * abs(self._drawn_n)):
                return
        if frame_is_welcome(self.app):
            self._looks = 0
            self._frame()

    def _wake_when_silent(self) -> None:
        """A value that grows too old before the next look is taken away in time."""
        if not self._drawn_live or self._waking:
            return
        left_s = self._loop.fresh_for_s()
        if left_s < 1 / LOOKS_PER_S:
            self._waking = True
            self.set_timer(max(SILENCE_STEP_S, left_s), self._look_for_silence)

    def _look_for_silence(self) -> None:
        self._waking = False
        if self._loop.fresh_for_s() >= 0:
            self._wake_when_silent()
        elif self._drawn_live and frame_is_welcome(self.app):
            # Where the terminal takes nothing now, the next look comes back to it.
            self._frame()

    def _frame(self) -> None:
        view = self._loop.view()
        self._drawn_n = view.force_n or 0.0
        self._drawn_live = view.live
        with self.app.batch_update():
            self._draw(view)
        if self._loop.ended:
            self.app.exit()

    def _draw(self, view: LiveView) -> None:
        self._feed_chart(view)
        below_kpa = view.bounds.stay_below_kpa
        learning = view.cue is Cue.NO_BAND and below_kpa is not None
        self._cue.set_cue(view.asked, f"stay below {self._unit.text(below_kpa or 0.0)}" if learning else "")
        reading, value = _reading(view)
        self._readout.set_reading(reading, value, view.suspect)
        self._chart.frame(view.now_s)
        self._flash_up(view)
        if self._sound.take_bell():
            self.app.bell()
        if self.has_class("-tiny"):
            self._put("#compact", compact_text(self._cue.plain, self._readout.plain))
            return
        wall_s = self.app._loop.time() if self.app._loop else 0.0
        if wall_s >= self._text_due_s or len(view.heard) != self._marked:
            self._text_due_s = wall_s + TEXT_EVERY_S
            self._write(view)

    def _flash_up(self, view: LiveView) -> None:
        """The screen's whole width says what the tones say, for whoever hears none."""
        tone = self._flash.of(view, time.monotonic())
        if tone is self._flashing:
            return
        for band in self.query(".flashes"):
            band.remove_class(f"-flash-{self._flashing}")
            band.set_class(tone is not Tone.SILENT, f"-flash-{tone}")
        self._flashing = tone

    def _feed_chart(self, view: LiveView) -> None:
        trace = self._loop.trace(self._position)
        self._position = trace.position
        if len(trace.time_s):
            calibrated = bool(is_calibrated(trace.force_n))
            if calibrated is not self._calibrated:
                self._calibrated = calibrated
                self._chart.set_axis(pressure_axis(self._unit) if calibrated else counts_axis())
                self._chart.clear()
                self._bounds = None
            values = (
                trace.force_n * pressure_kpa_of(1.0, view.place.tip_area_cm2) if calibrated else trace.counts
            )
            self._chart.append(trace.time_s, values, ~is_force(trace.quality) if calibrated else None)
        bounds = (view.bounds.band, view.ceiling_kpa, view.bounds.target_kpa)
        if bounds != self._bounds and self._calibrated is not False:
            self._bounds = bounds
            self._chart.set_band(*bounds)
        for heard in view.heard[self._marked :]:
            self._mark(heard)
        self._marked = len(view.heard)
        for press in view.presses[self._presses :]:
            self._chart.add_mark(press.end_s, "·", "quiet")
        self._presses = len(view.presses)

    def _mark(self, heard: Heard) -> None:
        report = heard.report
        glyph, style = MARKS.get(report.kind, ("", ""))
        if report.rating is not None:
            glyph = "X" if report.rating == 10 else str(report.rating)
        self._chart.add_mark(report.time_s, glyph, style)

    def _write(self, view: LiveView) -> None:
        health = self._loop.health()
        info = self._loop.sensor.info
        if info.calibration_warning != self._warned:
            self._warned = info.calibration_warning
            if self._warned:
                self.notify(self._warned, title="Calibration", severity="warning", timeout=10)
        if news := self._sound.take_news():
            self.notify(news, timeout=8)
        self._put("#health", health_text(health, info, view, long=self.has_class("-wide")))
        self._put("#standing", standing_rows(view, self._unit))
        coached = view.coach if view.coach and view.coach.technique.kind is not TechniqueKind.FREE else None
        self.set_class(coached is not None, "-coached")
        self._coach.set_coach(coached, threshold_text(view, self._unit))
        if self.has_class("-wide"):
            self._put("#press-rows", press_rows(view, self._unit, self.size.height))
        prompt = self.query_one("#prompt", Static)
        problem = self._journal.problem or (health.problem if not view.live else "")
        if self._loop.failure:
            problem = f"the session stopped: {self._loop.failure}"
        prompt.set_class(bool(problem), "problem")
        prompt.set_class(bool(view.prompt) and not problem, "asking")
        frozen = "chart frozen (v goes on) · " if self._frozen else ""
        said = said_text(view, self._unit) or ("" if coached else hold_text(view))
        self._put(
            "#prompt", problem or view.prompt or frozen + (said or self._studio.reminder or view.bounds.line)
        )
        for notice in self._loop.told(self._told):
            self._told += 1
            if notice.kind in TOLD:
                about = "" if notice.kind is NoticeKind.MESSAGE else "signal"
                words = notice.text or notice.kind.value
                cast("OwnApp", self.app).tell_news(about, words, severity="warning", seconds=4)

    def _put(self, where: str, content: str | Text) -> None:
        """Write words where they changed; all sizes are fixed, so that nothing is laid out anew."""
        if self._words.get(where) != content:
            self._words[where] = content
            self.query_one(where, Static).update(content, layout=False)

    # Keys.

    def action_rate(self, rating: int) -> None:
        """The client gave a number."""
        self._loop.report(ReportKind.RATING, rating)

    def action_say(self, kind: str) -> None:
        """The client said a word; while more keys are listed than there is room for, up and down move the list."""
        arrow = {ReportKind.WORSENING: -3, ReportKind.EASING: 3}.get(ReportKind(kind))
        if arrow and any(keys.max_scroll_y > 0 for keys in self.query(KeyList)):
            self.query_one(KeyList).scroll_relative(y=arrow, animate=False)
            return
        self._loop.report(ReportKind(kind))

    def action_resume(self) -> None:
        """Somebody decided to go on after the client's stop."""
        going_on = self._loop.resume()
        self.notify(
            "Going on after the stop" if going_on else "No stop stands: nothing to go on from", timeout=4
        )

    def action_undo(self) -> None:
        """Take the last report back."""
        undone = self._loop.undo()
        self.notify(f"Taken back: {undone.report.words}" if undone else "Nothing to take back", timeout=3)

    def action_tare(self) -> None:
        """Set the zero."""
        try:
            self._loop.sensor.tare()
        except TareError as error:
            self.notify(str(error), severity="warning", timeout=8)
        else:
            self.notify("Zero set", timeout=3)

    def action_freeze(self) -> None:
        """Let the chart stand still while recording goes on, or go on."""
        self._frozen = not self._frozen
        (self._chart.freeze if self._frozen else self._chart.unfreeze)()

    def action_note(self) -> None:
        """Keep a note."""

        def keep(text: str | None) -> None:
            if text:
                self._loop.note(text)
                self.notify("Note kept", timeout=3)

        self.app.push_screen(NoteDialog(), keep)

    def action_band(self) -> None:
        """Set the band and the ceiling of this point."""
        view = self._loop.view()

        def put(answer: tuple[Band | None, float] | None) -> None:
            if answer is None:
                return
            band, ceiling_kpa = answer
            with self._loop.lock:
                self._loop.set_band(self._studio.bands.given(view.place, band, ceiling_kpa), ceiling_kpa)

        self.app.push_screen(BandDialog(view.bounds.band, view.ceiling_kpa, self._unit), put)

    def action_next_point(self) -> None:
        """Go on at another point of the same client."""
        try:
            known = [summary.point for summary in self._studio.history.points(self._visit.client_code)]
        except HistoryError:
            known = []  # the record is busy; a point can still be typed

        def go(point: Point | None) -> None:
            if point is None:
                return
            visit = replace_point(self._visit, point)
            try:
                place, band, ceiling_kpa = self._studio.place(visit)
                with self._loop.lock:
                    self._loop.go_to(place, self._studio.bands.given(place, band, ceiling_kpa), ceiling_kpa)
            except HistoryError as error:
                self.notify(f"Still at the point before: {error}", severity="error", timeout=8)
                return
            self._visit = visit
            self._marked = self._presses = 0
            self.query_one("#place", Static).update(place_text(self._visit))

        self.app.push_screen(PointDialog(known, self._studio.shelf.atlas), go)

    def action_care(self) -> None:
        """Check, assessment, plan, technique, hands: what belongs to the visit besides the press."""
        from tui.screens.visit import care_menu

        self.app.push_screen(care_menu(self._studio, self._loop, self._visit))

    def action_last_time(self) -> None:
        """Look at what was done at this point before; the session goes on."""
        from tui.screens.review.beside import last_time

        self.app.push_screen(last_time(self._studio, self._loop, self._visit))

    def action_technique(self) -> None:
        """Choose what is coached."""
        from tui.screens.visit import technique_menu

        self.app.push_screen(technique_menu(self._studio, self._loop, self._visit))

    def action_move_on(self) -> None:
        """Go on to the next phase of the technique before its rules say so."""
        if not self._loop.move_on():
            self.notify("Nothing is coached: k chooses a technique", timeout=4)

    def action_sound(self) -> None:
        """Sound on or off; the alarm stays."""
        self._say_sound(self._sound.toggle_mute())

    def action_louder(self) -> None:
        """Louder by a step."""
        self._say_sound(self._sound.louder())

    def action_softer(self) -> None:
        """Softer by a step."""
        self._say_sound(self._sound.softer())

    def _say_sound(self, state: str) -> None:
        self.notify(f"{state[:1].upper()}{state[1:]}; the alarm cannot be muted", timeout=3)

    def action_learn_keys(self) -> None:
        """Put reports on a pedal, a clicker or other keys."""
        from tui.screens.learn_keys import LearnKeysScreen

        self.app.push_screen(LearnKeysScreen(self._studio.settings))


def replace_point(visit: Visit, point: Point) -> Visit:
    """The same visit at another point, whose own band and ceiling are remembered with it."""
    from dataclasses import replace

    return replace(visit, point=point, band=None, ceiling_kpa=None)


def is_calibrated(force_n: np.ndarray) -> bool:
    """The newest of these samples is in newtons."""
    return not np.isnan(force_n[-1])


def _reading(view: LiveView) -> tuple[Reading, float | None]:
    if not view.live or view.cue is Cue.NO_SIGNAL:
        return Reading.NO_SIGNAL, None
    if not view.calibrated:
        return Reading.NOT_CALIBRATED, view.counts
    return (Reading.AT_LIMIT if view.saturated else Reading.LIVE), view.shown_kpa
