"""What all screens of a review share: the open record, its reader, and the line of a session that goes on behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from feedback.history import HistoryError
from tui.raster import Glyphs
from tui.screens.review.reading import Reader
from tui.widgets.key_line import KeyLine
from tui.widgets.live_strip import LiveStrip

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from feedback.history import History
    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop
    from tui.settings import Settings
    from tui.shelf import Shelf

T = TypeVar("T")
R = TypeVar("R")


PAGE_KEYS = (
    Binding("escape", "back", "Back"),
    Binding("question_mark,f1", "app.toggle_help", "Keys", key_display="?"),
)
"""Of every page; they stand behind its own in the line of keys."""


@dataclass(slots=True)
class Marked:
    """What was marked to be compared: a press or a visit; at most one at a time."""

    kind: str
    id: UUID
    name: str
    point_id: UUID | None = None


@dataclass(slots=True)
class Desk:
    """What a review works with.

    Attributes:
        history: the open record.
        settings: unit, glyphs, the therapist's code.
        shelf: atlas and rules.
        now: the time of day, aware.
        clock: seconds on any clock that only grows, for the playhead.
        loop: the session that goes on behind, or None.
        lists: reads what columns list.
        figures: reads what takes longer, beside the lists.
        marked: waits for something to be compared with.
    """

    history: History
    settings: Settings
    shelf: Shelf
    now: Callable[[], datetime]
    clock: Callable[[], float]
    loop: LiveLoop | None = None
    lists: Reader = field(default_factory=Reader)
    figures: Reader = field(default_factory=Reader)
    marked: Marked | None = None

    @property
    def unit(self) -> PressureUnit:
        """Of pressures on the screen."""
        return self.settings.unit

    @property
    def glyphs(self) -> Glyphs:
        """Which characters to draw with."""
        return Glyphs(self.settings.glyphs)

    def sign(self, fine: str, plain: str) -> str:
        """A character, or a plain one where only those can be trusted."""
        return plain if self.glyphs is Glyphs.ASCII else fine

    def close(self) -> None:
        """No more reading."""
        self.lists.close()
        self.figures.close()


class Page(Screen[R]):
    """A screen of the review: the session's line if there is one, a head line, what it shows, the keys."""

    DEFAULT_CSS = """
    Page { layout: vertical; background: $background; }
    Page > #head {
        height: 1; padding: 0 1; background: $panel; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis;
    }
    Page > #problem {
        height: auto; max-height: 3; padding: 0 1; background: $cue-stop; color: $cue-stop-text; display: none;
    }
    Page > #problem.-there { display: block; }
    Page .hint { color: $text-muted; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def compose(self) -> ComposeResult:
        """Everything, from the top."""
        if self.desk.loop is not None:
            yield LiveStrip(self.desk.loop, self.desk.unit)
        yield Static("", id="head", markup=False)
        yield Static("", id="problem", markup=False)
        yield from self.content()
        yield KeyLine(show_command_palette=False, compact=True)

    def content(self) -> Iterator[Widget] | ComposeResult:
        """Between the head line and the keys."""
        raise NotImplementedError

    def head(self, text: str) -> None:
        """Say what the page is about."""
        self.query_one("#head", Static).update(text)

    def fetch(
        self, slot: str, query: Callable[[], T], show: Callable[[T], None], reader: Reader | None = None
    ) -> None:
        """Read beside the screen, then show; what was asked for before in the same slot is not shown any more.

        What cannot be read is told in one sentence, which the next thing that can be takes away.
        """
        work = partial(self._fetch, query, show, reader or self.desk.lists)
        self.run_worker(work, group=slot, exclusive=True)

    def drop(self, slot: str) -> None:
        """What is being read in this slot is not shown any more."""
        self.workers.cancel_group(self, slot)

    async def _fetch(self, query: Callable[[], T], show: Callable[[T], None], reader: Reader) -> None:
        found, problem = None, ""
        try:
            found = await reader.read(query)
        except HistoryError as error:
            problem = str(error)
        if not self.query("#problem"):
            return  # the page is being left
        self.problem(problem)
        if not problem:
            show(found)  # type: ignore[arg-type]

    def problem(self, sentence: str) -> None:
        """Say what went wrong; empty takes it away."""
        line = self.query_one("#problem", Static)
        line.update(sentence[:1].upper() + sentence[1:])
        line.set_class(bool(sentence), "-there")

    def action_back(self) -> None:
        """Escape."""
        self.dismiss(None)
