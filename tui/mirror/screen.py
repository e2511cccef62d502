"""The mirror as a screen: one word, one picture, what was said, and the phase."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from tui.mirror.faces import OLD_S, FaceKind, coach_of, cue_of, picture_of, place_of, rated_of, said_of
from tui.mirror.gauge import BandGauge
from tui.mirror.panels import RatingScale, WordsPanel
from tui.own_app import OwnApp
from tui.pacing import frame_is_welcome
from tui.raster import Glyphs
from tui.widgets.cue_panel import CuePanel
from tui.widgets.readout import Reading, Readout

if TYPE_CHECKING:
    from tui.mirror.reader import MirrorReader, Seen
    from tui.mirror.snapshot import Snapshot
    from tui.settings import Settings

LOOKS_PER_S = 25


class MirrorScreen(Screen[None]):
    """Shows what a reader sees, 25 times a second."""

    DEFAULT_CSS = """
    MirrorScreen { layout: vertical; background: $background; }
    MirrorScreen #top { height: 1; background: $panel; color: $foreground; }
    MirrorScreen #place { width: 1fr; padding: 0 1; text-style: bold; text-overflow: ellipsis; text-wrap: nowrap; }
    MirrorScreen #aside { width: auto; padding: 0 1; color: $text-muted; }
    MirrorScreen #now { width: 100%; height: 8fr; min-height: 3; }
    MirrorScreen CuePanel { width: 1fr; height: 100%; }
    MirrorScreen Readout { width: 40%; height: 100%; display: none; }
    MirrorScreen BandGauge { width: 100%; height: 7fr; margin: 1 1 0 1; }
    MirrorScreen #below { width: 100%; height: 8fr; margin: 1 0 0 0; }
    MirrorScreen #said { width: 1fr; height: 100%; }
    MirrorScreen #coach { width: 1fr; height: 100%; }
    MirrorScreen #scale { width: 100%; height: 6fr; margin: 1 1 0 1; display: none; }

    MirrorScreen.-observer.-middle Readout, MirrorScreen.-observer.-wide Readout { display: block; }
    MirrorScreen.-client #scale { display: block; }
    MirrorScreen.-client #below { height: 2; }
    MirrorScreen.-client #now { height: 11fr; }
    MirrorScreen.-client.-tall #below { height: 7fr; }

    MirrorScreen.-short BandGauge, MirrorScreen.-narrow BandGauge { margin: 0; }
    MirrorScreen.-short BandGauge { height: 3; }
    MirrorScreen.-short #below { layout: vertical; height: 2; margin: 0; }
    MirrorScreen.-short #said, MirrorScreen.-short #coach { width: 100%; height: 1; }
    MirrorScreen.-short #scale { height: 2; margin: 0; }
    MirrorScreen.-short.-client #below { height: 1; }
    MirrorScreen.-short.-client #said { display: none; }

    MirrorScreen.-whole #top, MirrorScreen.-whole BandGauge, MirrorScreen.-whole #below,
    MirrorScreen.-whole #scale, MirrorScreen.-whole Readout { display: none; }
    MirrorScreen.-whole #now { height: 1fr; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-middle"), (112, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-normal"), (34, "-tall")]
    BINDINGS = [Binding("q,escape", "app.quit", "End")]

    def __init__(self, reader: MirrorReader, settings: Settings, kind: FaceKind, wanted: str = "") -> None:
        super().__init__(classes=f"-{kind.value}")
        self._reader = reader
        self._kind = kind
        self._unit = settings.unit
        self._wanted = wanted
        self._words: dict[str, str] = {}
        glyphs = Glyphs(settings.glyphs)
        self._cue = CuePanel(glyphs=glyphs, id="cue")
        self._readout = Readout(settings.unit, glyphs=glyphs, id="readout")
        self._gauge = BandGauge(glyphs=glyphs, id="gauge")
        self._said = WordsPanel(glyphs=glyphs, id="said")
        self._coach = WordsPanel(glyphs=glyphs, id="coach")
        self._scale = RatingScale(glyphs=glyphs, id="scale")

    def compose(self) -> ComposeResult:
        """Who and where; the cue; the picture; what was said, and the phase."""
        with Horizontal(id="top"):
            yield Static("", id="place", markup=False)
            yield Static("", id="aside", markup=False)
        with Horizontal(id="now"):
            yield self._cue
            yield self._readout
        yield self._gauge
        with Horizontal(id="below"):
            yield self._said
            yield self._coach
        yield self._scale

    def on_mount(self) -> None:
        """Start looking."""
        self._look()
        self.set_interval(1 / LOOKS_PER_S, self._look)

    def on_resize(self, event: Resize) -> None:
        """Another size of terminal."""
        self._look()

    def _look(self) -> None:
        seen = self._reader.look(time.monotonic())
        if frame_is_welcome(self.app):
            with self.app.batch_update():
                self._draw(seen)

    def _draw(self, seen: Seen) -> None:
        cue = cue_of(seen, self._kind, self._unit, self._wanted)
        self.set_class(cue.whole, "-whole")
        self._cue.set_face(cue.face, cue.detail)
        now = seen.snapshot
        if cue.whole or now is None:
            return
        self._readout.set_reading(*_reading(now), now.suspect)
        figures = self._kind is FaceKind.OBSERVER and not self._readout.display
        self._gauge.set_picture(picture_of(now, self._kind, self._unit, figure=figures))
        self._said.set_words(said_of(now, self._kind))
        self._coach.set_words(coach_of(now, self._kind))
        self._scale.set_rating(now.rating, rated_of(now), old=(now.rating_ago_s or 0.0) > OLD_S)
        self._put("#place", place_of(seen, self._kind))
        self._put("#aside", _aside(seen) if self._kind is FaceKind.OBSERVER else "")

    def _put(self, where: str, text: str) -> None:
        if self._words.get(where) != text:
            self._words[where] = text
            self.query_one(where, Static).update(text)


class MirrorApp(OwnApp):
    """The mirror's application."""

    def __init__(self, reader: MirrorReader, settings: Settings, kind: FaceKind, wanted: str = "") -> None:
        super().__init__(settings)
        self._screen_shown = MirrorScreen(reader, settings, kind, wanted)

    def on_mount(self) -> None:
        """Show it."""
        self.begin_in_order()
        self.push_screen(self._screen_shown)


def _reading(now: Snapshot) -> tuple[Reading, float | None]:
    if not now.calibrated:
        return Reading.NOT_CALIBRATED, None
    if now.pressure_kpa is None:
        return Reading.NO_SIGNAL, None
    return (Reading.AT_LIMIT if now.saturated else Reading.LIVE), now.pressure_kpa


def _aside(seen: Seen) -> str:
    return f"newest of {seen.running} sessions" if seen.running > 1 else "q ends"
