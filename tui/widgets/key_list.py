"""All keys of a screen in as many columns as there is room for, below it: numbers, cue and chart stay to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.text import Text
from textual.containers import VerticalScroll
from textual.keys import format_key
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult
    from textual.binding import Binding
    from textual.events import Resize
    from textual.screen import Screen

_GAP = 3
_NOT_TOLD = ("app.focus_next", "app.focus_previous", "screen.copy_text", "help_quit", "command_palette")
"""What every screen of Textual has, and nobody needs to learn."""

Entry = tuple[str, str]
"""Keys, and what they do."""


def entries(bindings: Iterable[Binding]) -> list[Entry]:
    """What is to be listed: the keys of each action together, in the order of the bindings."""
    keys: dict[tuple[str, str], list[str]] = {}
    for binding in bindings:
        if binding.system or binding.action in _NOT_TOLD or not binding.description:
            continue
        # The same by another way, as `quit` of the application and of the screen, is one.
        found = keys.setdefault((binding.action.rpartition(".")[2], binding.description), [])
        told = binding.key_display if not found and binding.key_display else format_key(binding.key)
        if told not in found:
            found.append(told)
    return [(" ".join(found), what) for (_, what), found in keys.items()]


def in_columns(listed: Sequence[Entry], width: int) -> list[list[Entry]]:
    """The entries in columns, from above to below; as few rows as the width allows, at least one column."""
    for count in range(len(listed), 1, -1):
        columns = _cut(listed, count)
        if sum(map(_width, columns)) + _GAP * (len(columns) - 1) <= width:
            return columns
    return [list(listed)]


def _cut(listed: Sequence[Entry], count: int) -> list[list[Entry]]:
    rows = -(-len(listed) // count)
    return [list(listed[first : first + rows]) for first in range(0, len(listed), rows)]


def _width(column: Sequence[Entry]) -> int:
    return max(cell_len(keys) for keys, _ in column) + 1 + max(cell_len(what) for _, what in column)


class KeyList(VerticalScroll, can_focus=False):
    """The keys that work on the screen now; `?` puts it up and away.

    Its last row holds no key: notices stand there.
    """

    DEFAULT_CSS = """
    KeyList {
        split: bottom; height: auto; max-height: 50%; padding: 0 1; background: $surface;
        border-bottom: solid $panel; border-subtitle-color: $text-accent; scrollbar-size-vertical: 1;
        & > .key-list--keys { color: $text-accent; text-style: bold; }
        & > Static { width: 100%; height: auto; }
    }
    """
    COMPONENT_CLASSES = {"key-list--keys"}

    def compose(self) -> ComposeResult:
        """One block of words."""
        yield Static("", markup=False)

    def on_mount(self) -> None:
        """Follow what the screen's keys are."""
        screen = self.screen

        def changed(other: Screen[object]) -> None:
            if self.is_attached and other is screen:
                self.call_after_refresh(self.list_keys)

        screen.bindings_updated_signal.subscribe(self, changed)
        self.call_after_refresh(self.list_keys)

    def on_resize(self, _event: Resize) -> None:
        """As many columns as fit."""
        self.list_keys()

    def list_keys(self) -> None:
        """Write the list for the width there is."""
        if not self.is_attached:
            return
        width = self.screen.size.width - 4
        listed = entries(active.binding for active in self.screen.active_bindings.values())
        columns = in_columns(listed, width)
        style = self.get_component_rich_style("key-list--keys", partial=True)
        text = Text(no_wrap=True, overflow="ellipsis")
        for row in range(max(map(len, columns), default=0)):
            if row:
                text.append("\n")
            for column in columns:
                if row >= len(column):
                    continue
                keys, what = column[row]
                widest = max(cell_len(one) for one, _ in column)
                text.append(" " * (widest - cell_len(keys)) + keys, style)
                text.append(f" {what}")
                if column is not columns[-1]:
                    text.append(" " * (_GAP + _width(column) - widest - 1 - cell_len(what)))
        cast("Static", self.query_one(Static)).update(text)
        self.call_after_refresh(self._say_more)

    def _say_more(self) -> None:
        self.border_subtitle = "↑ ↓ more" if self.max_scroll_y > 0 else ""
