"""One press from close by: replayed through the live chart, with everything that was said and everything wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from feedback.history import HistoryError
from tui.pacing import frame_is_welcome
from tui.screens.review import words as w
from tui.screens.review.columns import Column
from tui.screens.review.correct import Corrected, CorrectNote, CorrectReport, VoidPress
from tui.screens.review.fields import Level
from tui.screens.review.moments import (
    About,
    Moment,
    band_words,
    bounds_at,
    moments_of,
    phase_at,
    signs_of,
    spans_of,
)
from tui.screens.review.page import PAGE_KEYS, Desk, Marked, Page
from tui.screens.review.playback import Playback
from tui.screens.review.press_words import (
    CHANGED_TO,
    MARGIN_S,
    Everything,
    doubt_words,
    moment_level,
    read_press,
    standing_words,
    value_words,
)
from tui.screens.review.replay_chart import ReplayChart
from tui.screens.review.scrubber import Scrubber
from tui.screens.review.traces import Trace, axis_for, trace_of

if TYPE_CHECKING:
    from uuid import UUID

    from textual.timer import Timer

    from feedback.history.review_rows import Correction, PressDetail

WINDOW_S = 30.0
"""Seconds on the chart, as on the live one; a press that is shorter fills it."""
SHORTEST_S = 8.0
FRAMES_PER_S = 30
_SCRUB = Binding.Group("±1 s", compact=True)
_MOMENT = Binding.Group("Moment", compact=True)


class PressScreen(Page["UUID"]):
    """Play, scrub, read, correct; gives the id of the press it ended at.

    Args:
        desk: the open record.
        press_id: which press.
        beside: the presses among which Page up and Page down go, in order.
    """

    DEFAULT_CSS = """
    PressScreen ReplayChart { height: 1fr; }
    PressScreen #at {
        height: 1; padding: 0 1; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; background: $panel;
    }
    PressScreen #below { height: 8; }
    PressScreen #below Column { width: 1fr; }
    PressScreen #figures { width: 36; height: 100%; padding: 0 1; border-left: solid $panel; }
    PressScreen.-tall Scrubber { height: 6; }
    PressScreen.-tall #below { height: 15; }
    PressScreen.-tall #figures { width: 52; }
    PressScreen.-short Scrubber { height: 3; }
    PressScreen.-short #below { display: none; }
    PressScreen.-narrow #figures { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-normal"), (34, "-tall")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-wide")]
    BINDINGS = [
        Binding("space", "play", "Play", key_display="space"),
        Binding("left", "scrub(-1.0)", "1 s back", group=_SCRUB),
        Binding("right", "scrub(1.0)", "1 s on", group=_SCRUB),
        Binding("shift+left", "scrub(-0.1)", "0.1 s back", show=False),
        Binding("shift+right", "scrub(0.1)", "0.1 s on", show=False),
        Binding("ctrl+left", "scrub(-5.0)", "5 s back", show=False),
        Binding("ctrl+right", "scrub(5.0)", "5 s on", show=False),
        Binding("home", "edge(False)", "To the beginning", show=False),
        Binding("end", "edge(True)", "To the end", show=False),
        Binding("plus,equals_sign", "faster(1)", "Faster", show=False, key_display="+"),
        Binding("minus", "faster(-1)", "Slower", show=False, key_display="-"),
        Binding("up", "moment(-1)", "Moment before", group=_MOMENT),
        Binding("down", "moment(1)", "Next moment", group=_MOMENT),
        Binding("pageup,p", "beside(-1)", "Before", show=False),
        Binding("pagedown,n", "beside(1)", "Next", key_display="n"),
        Binding("c,enter", "correct", "Correct", key_display="c"),
        Binding("v", "void", "Void"),
        Binding("o", "old", "Old words"),
        Binding("m", "mark", "Mark", show=False),
        Binding("backspace,q", "back", "Back", show=False),
        *PAGE_KEYS,
    ]

    def __init__(self, desk: Desk, press_id: UUID, beside: Sequence[UUID] = ()) -> None:
        super().__init__(desk)
        self._press_id = press_id
        self._beside = list(beside) or [press_id]
        self._chart = ReplayChart(desk.glyphs, id="chart")
        self._scrubber = Scrubber(desk.glyphs, id="scrubber")
        self._list = Column(self._level(0.0), desk.glyphs, id="moments")
        self._detail: PressDetail | None = None
        self._trace: Trace | None = None
        self._moments: list[Moment] = []
        self._corrections: dict[UUID, list[Correction]] = {}
        self._old = False
        self._timer: Timer | None = None
        self.playback = Playback(0.0, 0.0)

    def _level(self, start_s: float) -> Level[Moment]:
        return moment_level(start_s, self.desk.sign("▲", "!"))

    def content(self) -> Iterator[Widget]:
        """Chart, overview, where the playhead is, what happened, figures."""
        yield self._chart
        yield self._scrubber
        yield Static("", id="at", markup=False)
        with Horizontal(id="below"):
            yield self._list
            yield Static("", id="figures", markup=False)

    def on_mount(self) -> None:
        """Read the press."""
        self._timer = self.set_interval(1 / FRAMES_PER_S, self._tick, pause=True)
        self._read()

    # Reading.

    def _read(self, at_s: float | None = None) -> None:
        """Read the press; the playhead is put to its end, or where it was."""
        history, press_id = self.desk.history, self._press_id
        self.fetch("press", lambda: read_press(history, press_id), lambda found: self._show(found, at_s))

    def _show(self, found: Everything, at_s: float | None) -> None:
        detail, blocks, self._corrections = found
        press, unit = detail.press.press, self.desk.unit
        self._detail = detail
        self._trace = trace = trace_of(blocks, detail.session.tip_area_cm2)
        self._moments = moments_of(detail, trace, unit)
        start_s, end_s = max(0.0, press.start_s - MARGIN_S), press.end_s + MARGIN_S
        if len(trace.time_s):
            start_s, end_s = max(start_s, float(trace.time_s[0])), min(end_s, float(trace.time_s[-1]))
        self.playback = Playback(start_s, end_s, at_s)
        band, _ = bounds_at(detail, press.end_s)
        axis = axis_for([trace], unit, band.upper_kpa if band else None)
        self._chart.set_window(min(WINDOW_S, max(SHORTEST_S, end_s - start_s)))
        self._chart.show_trace(trace, axis, signs_of(self._moments), lambda at: bounds_at(detail, at))
        self._scrubber.show_press(trace, start_s, end_s, spans_of(detail), signs_of(self._moments))
        self._list.level = self._level(press.start_s)
        self.head(self._head(detail))
        self._figures(detail)
        self._list_moments()
        self._put()
        if at_s is None:
            self._follow()

    def _head(self, detail: PressDetail) -> str:
        at = self._beside.index(self._press_id) + 1 if self._press_id in self._beside else 1
        parts = [
            detail.client_code,
            str(detail.point or "no point"),
            w.day_and_time(detail.session.started_at),
            f"press {at} of {len(self._beside)}",
            f"{detail.session.applicator} {detail.session.tip_area_cm2:g} cm²",
        ]
        if detail.press.void:
            parts.insert(0, f"VOID: {detail.press.void_reason or 'no reason given'}")
        if detail.session.simulated:
            parts.insert(0, "SIMULATED")
        return " · ".join(parts)

    def _figures(self, detail: PressDetail) -> None:
        text = Text(no_wrap=True, overflow="ellipsis")
        flags = list(detail.flags) or w.flags_of(detail.press.press, void=detail.press.void)
        text.append(f"{'Flags':<8} ", "dim")
        text.append(f"{', '.join(flags) or 'none'}\n", "bold" if flags else "")
        for name, value in w.press_figures(detail.press.press, self.desk.unit):
            text.append(f"{name:<8} ", "dim")
            text.append(f"{value}\n")
        for stored in detail.thresholds:
            if not stored.superseded:
                text.append("Thresh.  ", "dim")
                text.append(f"{w.pressure(stored.threshold.mean_kpa, self.desk.unit, named=True)}\n")
        self.query_one("#figures", Static).update(text)

    def _list_moments(self) -> None:
        start_s = self._detail.press.press.start_s if self._detail else 0.0
        rows: list[Moment] = []
        if self._old:
            changes = self._corrections.get(self._press_id, [])
            rows += [
                self._told(one, f"press {CHANGED_TO.get(one.what, one.what)}", start_s) for one in changes
            ]
        for moment in self._moments:
            rows.append(moment)
            if self._old:
                rows += self._before(moment)
        self._list.show_rows(rows)

    def _before(self, moment: Moment) -> list[Moment]:
        """What a corrected word said at first, and each change since."""
        if moment.id is None or not moment.before:
            return []
        first = replace(
            moment, words=f"  at first: {moment.before}", about=About.OLD, undone=True, id=None, before=""
        )
        return [
            first,
            *(
                self._told(one, f"  to {value_words(one)}", moment.time_s)
                for one in self._corrections.get(moment.id, ())
            ),
        ]

    def _told(self, one: Correction, what: str, time_s: float) -> Moment:
        who = f" by {one.who}" if one.who else ""
        words = f"{what} on {w.day_and_time(one.at)}{who}: {one.reason or 'no reason given'}"
        return Moment(time_s, About.OLD, words, undone=True)

    # The playhead.

    def _put(self) -> None:
        """Show everything as it was at the playhead."""
        if self._detail is None or self._trace is None:
            return
        at_s = self.playback.at_s
        self._chart.put(at_s)
        self._scrubber.put_playhead(at_s)
        self.query_one("#at", Static).update(self._at_words(self._detail, self._trace, at_s))

    def _at_words(self, detail: PressDetail, trace: Trace, at_s: float) -> str:
        start_s = detail.press.press.start_s
        state = self.desk.sign("▶", ">") if self.playback.playing else self.desk.sign("■", "#")
        parts = [f"{state} {self.playback.speed}×  {at_s - start_s:+.1f} s"]
        value = trace.at(at_s)
        if value is None:
            parts.append("no signal" if trace.calibrated else "uncalibrated")
        elif not trace.calibrated:
            parts.append(f"{value:.0f} counts, uncalibrated")
        else:
            parts.append(f"{self.desk.unit.text(value)}{doubt_words(trace, at_s)}")
            pressed = start_s <= at_s <= detail.press.press.end_s
            parts.append(standing_words(value, *bounds_at(detail, at_s)) if pressed else "not pressed")
        if phase := phase_at(detail, at_s):
            parts.append(phase)
        told = [m for m in self._moments if m.about is About.REPORT and not m.undone and m.time_s <= at_s]
        if told:
            parts.append(f"{told[-1].words.split(' at ')[0]}, {at_s - told[-1].time_s:.0f} s ago")
        if self.desk.loop is None:
            parts.append(f"band {band_words(*bounds_at(detail, at_s), self.desk.unit)}")
        return " · ".join(part for part in parts if part)

    def _tick(self) -> None:
        if frame_is_welcome(self.app) and self.playback.advance(self.desk.clock()):
            self._put()
            self._follow()
        if not self.playback.playing and self._timer is not None:
            self._timer.pause()

    def _follow(self) -> None:
        """The list goes along with the playhead."""
        past = [i for i, moment in enumerate(self._list.rows) if moment.time_s <= self.playback.at_s + 1e-6]
        self._list.go_to(past[-1] if past else 0)

    @on(Scrubber.Scrubbed)
    def _scrubbed(self, event: Scrubber.Scrubbed) -> None:
        event.stop()
        self.playback.go_to(event.time_s)
        self._put()
        self._follow()

    @on(Column.Moved)
    def _clicked(self, event: Column.Moved) -> None:
        event.stop()
        self._go_to_moment()

    def _go_to_moment(self) -> None:
        """The playhead goes to what is under the list's cursor."""
        moment = self._list.row
        if moment is not None:
            self.playback.playing = False
            self.playback.go_to(moment.time_s)
            self._put()

    @on(Column.GoIn)
    def _double_click(self, event: Column.GoIn) -> None:
        event.stop()
        self.action_correct()

    # What people do.

    def action_play(self) -> None:
        """Play, or stand still."""
        self.playback.toggle(self.desk.clock())
        if self._timer is not None:
            (self._timer.resume if self.playback.playing else self._timer.pause)()
        self._put()

    def action_scrub(self, by_s: float) -> None:
        """Move the playhead."""
        self.playback.move(by_s)
        self._put()
        self._follow()

    def action_edge(self, last: bool) -> None:
        """To the beginning or the end."""
        self.playback.move(self.playback.end_s * 2 if last else -self.playback.end_s * 2)
        self._put()
        self._follow()

    def action_faster(self, steps: int) -> None:
        """Through the speeds."""
        self.playback.faster(steps)
        self._put()

    def action_moment(self, step: int) -> None:
        """To the next or the last thing that happened."""
        self._list.take("down" if step > 0 else "up", None)
        self._go_to_moment()

    def action_beside(self, step: int) -> None:
        """Another press of the same list."""
        if self._press_id not in self._beside:
            return
        at = self._beside.index(self._press_id) + step
        if 0 <= at < len(self._beside):
            self._press_id = self._beside[at]
            self._read()
        else:
            self.notify("No press before this one" if step < 0 else "This was the last press", timeout=3)

    def action_old(self) -> None:
        """Show what was corrected, and when, or put it away."""
        self._old = not self._old
        self._list_moments()
        if not self._old:
            return
        old = [n for n, moment in enumerate(self._list.rows) if moment.about is About.OLD]
        if old:
            self._list.go_to(old[0])
        else:
            self.notify("Nothing was corrected here", timeout=3)

    def action_mark(self) -> None:
        """Mark this press to be compared with another."""
        if self._detail is not None:
            name = f"{self._detail.point or 'no point'}, {w.day_and_time(self._detail.session.started_at)}"
            self.desk.marked = Marked("press", self._press_id, name)
            self.notify(f"Marked: {name}; = on another press compares", timeout=4)

    def action_back(self) -> None:
        """Back to the columns."""
        self.dismiss(self._press_id)

    # Corrections.

    def _may_correct(self) -> bool:
        if self.desk.history.read_only:
            self.notify(
                "This record may only be read: copy it to a place of your own to correct it", timeout=8
            )
            return False
        return self._detail is not None

    def action_correct(self) -> None:
        """Correct the report or the note under the cursor."""
        moment = self._list.row
        if moment is None or moment.id is None or moment.about not in (About.REPORT, About.NOTE):
            self.notify("Go to something that was said, or a note, with ↑ ↓: c corrects it", timeout=4)
            return
        if not self._may_correct():
            return
        if moment.undone:
            self.notify("This was taken back during the session and counts nowhere", timeout=4)
            return
        kind = CorrectReport if moment.about is About.REPORT else CorrectNote
        screen = kind(moment, self.desk)
        review, entity = self.desk.history.review, moment.id

        def keep(given: Corrected | None) -> None:
            if given is None:
                return
            if given.kind is not None:
                told, rating = given.kind, given.rating
                self._keep(
                    lambda: review.correct_report(entity, told, rating, who=given.who, reason=given.reason)
                )
            else:
                self._keep(
                    lambda: review.correct_note(entity, given.text, who=given.who, reason=given.reason)
                )

        self.app.push_screen(screen, keep)

    def action_void(self) -> None:
        """Leave this press out of every figure, or let it count again."""
        if not self._may_correct() or self._detail is None:
            return
        void, press_id, review = self._detail.press.void, self._press_id, self.desk.history.review

        def keep(given: Corrected | None) -> None:
            if given is not None:
                change = review.restore_press if void else review.void_press
                self._keep(lambda: change(press_id, who=given.who, reason=given.reason))

        self.app.push_screen(VoidPress(self.desk, restore=void), keep)

    def _keep(self, change: object) -> None:
        """Write a correction and show the press as it is then."""

        async def write() -> None:
            try:
                await self.desk.lists.read(change)  # type: ignore[arg-type]
            except HistoryError as error:
                self.problem(f"not kept: {error}")
                return
            self.notify("Kept; what was recorded first stays, o shows it", timeout=4)
            self._read(self.playback.at_s)

        self.run_worker(write, group="keep")
