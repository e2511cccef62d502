"""What the screens of a visit have in common: a sheet over the session, Enter goes on, Escape goes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Label, Static

from tui.widgets.live_strip import LiveStrip

if TYPE_CHECKING:
    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop

T = TypeVar("T")


class Sheet(ModalScreen[T]):
    """A sheet of paper in the middle of the screen; a running session stays visible round it and in a line above it.

    Whoever makes one writes `sheet_title`, `sheet_keys`, `content` and `action_go_on`.

    Args:
        loop: the session that goes on behind, or None before it began.
        unit: of the pressures in its line.
    """

    DEFAULT_CSS = """
    Sheet { background: $background 50%; align: center middle; }
    Sheet #sheet {
        width: 96; max-width: 100%; height: auto; max-height: 100%; padding: 0 2;
        border: round $primary; background: $surface; scrollbar-size-vertical: 1;
        border-title-style: bold; border-title-color: $foreground;
        border-subtitle-color: $foreground; border-subtitle-style: bold;
    }
    Sheet #sheet Label, Sheet #sheet Static { width: 100%; height: auto; }
    Sheet #sheet .title { text-style: bold; padding-top: 1; }
    Sheet #sheet .wrong { color: $text-error; text-style: bold; }
    Sheet #sheet .wrong.-empty { display: none; }
    Sheet #sheet .hint { color: $text-muted; }
    Sheet #sheet .said { text-style: bold; }
    Sheet #sheet Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Sheet #sheet Input:focus { background: $primary 35%; }
    Sheet #sheet .line { height: auto; width: 100%; }
    Sheet #sheet .line > Label { width: auto; padding-right: 1; }
    Sheet #sheet .line > .named { width: 16; text-style: bold; }
    Sheet.-roomy #sheet { padding: 1 3; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (22, "-tight"), (30, "-roomy")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (96, "-wide")]
    BINDINGS = [
        Binding("enter", "go_on", "Go on"),
        Binding("ctrl+s", "keep", "Keep", show=False, priority=True),
        Binding("escape", "back", "Back"),
    ]
    sheet_title = ""
    sheet_keys = "Enter goes on · Esc goes back"

    def __init__(self, loop: LiveLoop | None = None, unit: PressureUnit | None = None) -> None:
        super().__init__()
        self._loop_behind = loop
        self._unit_behind = unit

    def compose(self) -> ComposeResult:
        """The line of the session, the sheet."""
        if strip := self.strip():
            yield strip
        sheet = VerticalScroll(id="sheet", can_focus=False)
        # A title is who it is about, or what: words, not markup.
        sheet.border_title = Text(f" {self.sheet_title} ")
        sheet.border_subtitle = Text(f" {self.sheet_keys} ")
        with sheet:
            yield from self.content()
            yield Label("", classes="wrong -empty", markup=False)

    def strip(self) -> LiveStrip | None:
        """A line of the session for a dialog that hides this sheet's own; None before the session."""
        if self._loop_behind is None or self._unit_behind is None:
            return None
        return LiveStrip(self._loop_behind, self._unit_behind)

    def content(self) -> Iterator[Widget] | ComposeResult:
        """What stands on the sheet."""
        raise NotImplementedError

    def action_go_on(self) -> None:
        """Enter."""
        raise NotImplementedError

    def action_keep(self) -> None:
        """Ctrl+S, from anywhere: keep what is there. Where Enter goes through fields first, this does not."""
        self.action_go_on()

    def action_back(self) -> None:
        """Escape: nothing is kept."""
        self.dismiss(None)

    def wrong(self, text: str) -> None:
        """Say what is wrong; empty takes it away."""
        label = self.query_one("#sheet > .wrong", Label)
        label.update(text)
        label.set_class(not text, "-empty")
        if text:
            label.scroll_visible(animate=False)

    def keys_are(self, text: str) -> None:
        """Say other keys in the frame."""
        self.query_one("#sheet").border_subtitle = Text(f" {text} ")

    def say(self, where: str, text: object) -> None:
        """Write words into a `Static` of the sheet, which may need more or fewer rows."""
        self.query_one(where, Static).update(text)  # type: ignore[arg-type]
