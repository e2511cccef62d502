"""A list of things that are so or not so, each ticked by its own letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option


@dataclass(frozen=True, slots=True)
class Tick:
    """One line.

    Attributes:
        key: what it is called in the record.
        text: what people read.
        means: shown below it once it is ticked.
        aside: shown behind it in any case: "last time: yes".
    """

    key: str
    text: str
    means: str = ""
    aside: str = ""


def letters_for(texts: Sequence[str], reserved: str = "") -> list[str]:
    """A letter for each text, all different: the first of one of its words where it can be; empty when none is left."""
    taken = set(reserved)
    letters: list[str] = []
    for text in texts:
        words = "".join(c if c.isalpha() and c.isascii() else " " for c in text.lower()).split()
        wishes = [word[0] for word in words] + list("".join(words)) + list("abcdefghijklmnopqrstuvwxyz")
        letter = next((wish for wish in wishes if wish not in taken), "")
        taken.add(letter)
        letters.append(letter)
    return letters


class TickList(OptionList, inherit_bindings=False):
    """Ticked by letter, by space under the cursor, or by mouse; Enter is left to the screen.

    Args:
        ticks: the lines.
        on: keys of those that are ticked at first.
        yes: the word for a ticked one.
        no: the word for one that is not.
        reserved: letters that must stay free.
        id: the widget's id.
    """

    DEFAULT_CSS = """
    TickList { height: auto; max-height: 100%; border: none; padding: 0; background: $surface; }
    TickList:focus { border: none; background-tint: transparent; }
    TickList > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
    TickList:focus > .option-list--option-highlighted { background: $primary 35%; color: $foreground; }
    """
    BINDINGS = [
        Binding("down", "cursor_down", "Down", show=False),
        Binding("up", "cursor_up", "Up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("space", "tick_here", "Tick", show=False),
    ]

    @dataclass
    class Ticked(Message):
        """One was ticked, or not any more."""

        ticks: TickList
        key: str
        on: bool

        @property
        def control(self) -> TickList:
            """The list."""
            return self.ticks

    def __init__(
        self,
        ticks: Sequence[Tick],
        on: Sequence[str] = (),
        *,
        yes: str = "YES",
        no: str = "no",
        reserved: str = "",
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        self._ticks = tuple(ticks)
        self._letters = letters_for([f"{tick.key} {tick.text}" for tick in ticks], reserved)
        self._on = set(on)
        self._words = (yes, no)
        super().__init__(*(Option(self._prompt(i)) for i in range(len(ticks))), id=id, markup=False)

    @property
    def on(self) -> tuple[str, ...]:
        """Keys of what is ticked, in the order of the list."""
        return tuple(tick.key for tick in self._ticks if tick.key in self._on)

    def on_mount(self) -> None:
        """The cursor is on the first line."""
        if self._ticks:
            self.highlighted = 0

    def on_key(self, event: events.Key) -> None:
        """A letter ticks its line."""
        if event.character and event.character.lower() in self._letters and event.character.isalpha():
            self.tick(self._letters.index(event.character.lower()))
            event.stop()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self.tick(event.option_index)

    def action_tick_here(self) -> None:
        """The line under the cursor."""
        if self.highlighted is not None:
            self.tick(self.highlighted)

    def tick(self, index: int) -> None:
        """Tick a line, or take its tick away."""
        key = self._ticks[index].key
        self._on ^= {key}
        self.highlighted = index
        self.replace_option_prompt_at_index(index, self._prompt(index))
        # What a yes means needs rows of its own, which are known after the next layout.
        self.call_after_refresh(self.scroll_to_highlight)
        self.post_message(self.Ticked(self, key, key in self._on))

    def _prompt(self, index: int) -> Table:
        tick, letter = self._ticks[index], self._letters[index]
        on = tick.key in self._on
        strong = "bold" if on else ""
        text = Text(tick.text, strong)
        if tick.aside:
            text.append(f"  ({tick.aside})", "italic")
        if on and tick.means:
            text.append(f"\n→ {tick.means}", "not bold")
        row = Table.grid(padding=(0, 1))
        row.add_column(width=3)
        row.add_column(width=max(len(word) for word in self._words))
        row.add_column(ratio=1)
        row.expand = True
        row.add_row(
            Text(f" {letter or ' '} ", "bold reverse" if on else "bold"),
            Text(self._words[0] if on else self._words[1], strong or "dim"),
            text,
        )
        return row
