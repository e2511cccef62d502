"""A few things in one line, each ticked by its letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widget import Widget

from tui.screens.visit.ticks import letters_for

if TYPE_CHECKING:
    from collections.abc import Sequence


class TickLine(Widget, can_focus=True):
    """Letters tick; left, right and space too; Enter is left to the screen.

    Args:
        names: what may be ticked, short words.
        id: the widget's id.
    """

    DEFAULT_CSS = """
    TickLine { height: auto; width: 1fr; }
    TickLine:focus { background: $primary 35%; }
    """
    BINDINGS = [
        Binding("left", "move(-1)", "Left", show=False),
        Binding("right", "move(1)", "Right", show=False),
        Binding("space", "tick_here", "Tick", show=False),
    ]

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._names = tuple(names)
        self._letters = letters_for(names)
        self._on: set[str] = set()
        self._at = 0

    @property
    def on(self) -> tuple[str, ...]:
        """What is ticked, in the order of the line."""
        return tuple(name for name in self._names if name in self._on)

    def on_key(self, event: events.Key) -> None:
        """A letter."""
        if event.character and event.character.lower() in self._letters:
            event.stop()
            self._at = self._letters.index(event.character.lower())
            self.action_tick_here()

    def action_move(self, step: int) -> None:
        """To the next one."""
        self._at = (self._at + step) % len(self._names)
        self.refresh()

    def action_tick_here(self) -> None:
        """Tick, or take the tick away."""
        self._on ^= {self._names[self._at]}
        self.refresh(layout=True)

    def render(self) -> Columns:
        """Letter and word of each; what is ticked is reversed and carries a sign."""
        words: list[Text] = []
        for i, (name, letter) in enumerate(zip(self._names, self._letters, strict=True)):
            on = name in self._on
            look = "bold reverse" if on else "bold underline" if self.has_focus and i == self._at else ""
            text = Text(letter, "bold reverse" if on else "bold", no_wrap=True)
            text.append(f" {'✓ ' if on else ''}{name}", look)
            words.append(text)
        return Columns(words, padding=(0, 2))
