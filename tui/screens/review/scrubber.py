"""The whole of a press in a few rows: phases, trace, reports, and the playhead, which the mouse can take along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.screens.review.traces import Trace

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PLAIN = " .:-=+*#@"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the time with a name, such as a phase."""

    start_s: float
    end_s: float
    name: str


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that happened at a time: one character, and one of the styles of `StripChart.add_mark`."""

    time_s: float
    glyph: str
    style: str


_LOOKS = (
    "span", "span-odd", "now", "wave", "played", "suspect",
    "mark", "below", "in-band", "above", "stop", "quiet",
)  # fmt: skip


class Scrubber(RowsWidget):
    """The overview; a click or a drag anywhere on it moves the playhead (`Scrubbed`).

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {f"scrubber--{name}" for name in _LOOKS}
    DEFAULT_CSS = """
    Scrubber {
        height: 4; width: 1fr; padding: 0 1;
        & > .scrubber--span { background: $panel; color: $foreground; }
        & > .scrubber--span-odd { background: $primary 30%; color: $foreground; }
        & > .scrubber--now { background: $accent; color: $background; text-style: bold; }
        & > .scrubber--wave { color: $axis; }
        & > .scrubber--played { color: $trace; }
        & > .scrubber--suspect { color: $suspect; text-style: bold; }
        & > .scrubber--mark { color: $foreground; text-style: bold; }
        & > .scrubber--below { color: $below; text-style: bold; }
        & > .scrubber--in-band { color: $in-band; text-style: bold; }
        & > .scrubber--above { color: $above; text-style: bold; }
        & > .scrubber--stop { color: $ceiling; text-style: bold; }
        & > .scrubber--quiet { color: $axis; }
    }
    """

    class Scrubbed(Message):
        """Somebody wants to be at a time."""

        def __init__(self, time_s: float) -> None:
            super().__init__()
            self.time_s = time_s

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._ascii = glyphs is Glyphs.ASCII
        self._trace: Trace | None = None
        self._start_s = 0.0
        self._end_s = 1.0
        self._spans: tuple[Span, ...] = ()
        self._signs: tuple[Sign, ...] = ()
        self._at_s = 0.0
        self._stamp = 0
        self._top = 1.0
        self._dragging = False

    def show_press(
        self, trace: Trace, start_s: float, end_s: float, spans: Sequence[Span], signs: Sequence[Sign]
    ) -> None:
        """Show another recording, from `start_s` to `end_s`."""
        self._trace, self._start_s, self._end_s = trace, start_s, max(end_s, start_s + 1e-3)
        self._spans, self._signs = tuple(spans), tuple(signs)
        self._top = max(trace.highest, 1e-9)
        self._stamp += 1
        self.show()

    def put_playhead(self, at_s: float) -> None:
        """The playhead is here."""
        self._at_s = at_s
        self.show()

    def rows_key(self) -> object:
        """Everything that the rows show."""
        return self._stamp, self._column(self._at_s), self.app.theme

    def _column(self, time_s: float) -> int:
        width = max(1, self.content_size.width)
        share = (time_s - self._start_s) / (self._end_s - self._start_s)
        return int(np.clip(share * (width - 1), 0, width - 1))

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """Phases on top, the trace, reports below."""
        rows = [self._phases(width)] if height >= 3 else []
        below = [self._marks(width)] if height >= 2 else []
        rows += self._wave(width, height - len(rows) - len(below))
        return [*rows, *below][:height]

    def _phases(self, width: int) -> Strip:
        text, looks = [" "] * width, ["quiet"] * width
        for n, span in enumerate(self._spans):
            first, last = (
                self._column(span.start_s),
                max(self._column(span.end_s), self._column(span.start_s) + 1),
            )
            room = last - first
            name = span.name if len(span.name) < room else span.name[: max(0, room - 1)]
            text[first:last] = list(f" {name}".ljust(room)[:room])
            looks[first:last] = ["span-odd" if n % 2 else "span"] * room
        return self._strip(text[:width], looks[:width])

    def _wave(self, width: int, height: int) -> list[Strip]:
        tall = np.zeros(width)
        doubtful = np.zeros(width, bool)
        if self._trace is not None and len(self._trace.time_s):
            share = (self._trace.time_s - self._start_s) / (self._end_s - self._start_s)
            seen = (share >= 0) & (share <= 1) & np.isfinite(self._trace.value)
            column = np.clip((share[seen] * (width - 1)).astype(int), 0, width - 1)
            np.maximum.at(tall, column, np.clip(self._trace.value[seen] / self._top, 0, 1))
            np.logical_or.at(doubtful, column, self._trace.suspect[seen])
        filled = np.rint(tall * 8 * height).astype(int)
        now = self._column(self._at_s)
        signs = _PLAIN if self._ascii else _EIGHTHS
        rows: list[Strip] = []
        for y in range(height):
            level = np.clip(filled - 8 * (height - 1 - y), 0, 8)
            text = [signs[n] for n in level]
            looks = ["suspect" if doubtful[x] else "played" if x <= now else "wave" for x in range(width)]
            looks[now] = "now"
            if text[now] == " ":
                text[now] = "|" if self._ascii else "│"
            rows.append(self._strip(text, looks))
        return rows

    def _marks(self, width: int) -> Strip:
        text, looks = ["-" if self._ascii else "─"] * width, ["quiet"] * width
        for sign in self._signs:
            x = self._column(sign.time_s)
            text[x] = sign.glyph if not self._ascii or sign.glyph.isascii() else "."
            looks[x] = sign.style or "mark"
        now = self._column(self._at_s)
        text[now], looks[now] = ("^" if self._ascii else "▲") if text[now] in "-─" else text[now], "now"
        return self._strip(text, looks)

    def _strip(self, text: list[str], looks: list[str]) -> Strip:
        segments: list[Segment] = []
        start = 0
        for x in range(1, len(text) + 1):
            if x == len(text) or looks[x] != looks[start]:
                segments.append(Segment("".join(text[start:x]), self._look(looks[start])))
                start = x
        return Strip(segments, len(text))

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"scrubber--{name}")

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the playhead."""
        self.capture_mouse()
        self._dragging = True
        self._scrub(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Take it along."""
        if self._dragging:
            self._scrub(event.x)

    def on_mouse_up(self) -> None:
        """Let it go."""
        self._dragging = False
        self.release_mouse()

    def _scrub(self, x: int) -> None:
        width = max(2, self.content_size.width)
        share = min(max((x - self.gutter.left) / (width - 1), 0.0), 1.0)
        self.post_message(self.Scrubbed(self._start_s + share * (self._end_s - self._start_s)))
