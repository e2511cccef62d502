"""A short list of which one thing is chosen, by its letter or by Enter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual import events, on
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.screens.visit.sheet import Sheet

if TYPE_CHECKING:
    from rich.console import RenderableType

    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop


@dataclass(frozen=True, slots=True)
class Choice:
    """One line: the letter that takes it, its name, and a few words."""

    letter: str
    key: str
    name: str
    about: str = ""


class ChoiceScreen(Sheet["str | None"]):
    """Gives the key of what was chosen, or None.

    Args:
        title: in the frame.
        choices: the lines.
        head: shown above them.
        chosen: key of the line that is marked first.
        loop: the session that goes on behind, or None.
        unit: of its pressures.
    """

    DEFAULT_CSS = """
    ChoiceScreen OptionList { height: auto; max-height: 18; border: none; padding: 0; background: $surface; }
    ChoiceScreen OptionList:focus { border: none; background-tint: transparent; }
    ChoiceScreen OptionList:focus > .option-list--option-highlighted {
        background: $primary 35%; color: $foreground; text-style: none;
    }
    ChoiceScreen.-tiny OptionList { max-height: 8; }
    ChoiceScreen.-roomy OptionList { max-height: 28; margin-top: 1; }
    """
    AUTO_FOCUS = "OptionList"
    sheet_keys = "letter, or ↑ ↓ and Enter · Esc: back"

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        head: RenderableType = "",
        chosen: str = "",
        loop: LiveLoop | None = None,
        unit: PressureUnit | None = None,
    ) -> None:
        super().__init__(loop, unit)
        self.sheet_title = title
        self._choices = tuple(choices)
        self._head = head
        self._chosen = chosen

    def content(self) -> Iterator[Widget]:
        """The lines."""
        if self._head:
            yield Static(self._head, markup=False)
        yield OptionList(*(Option(_line(choice), id=choice.key) for choice in self._choices), markup=False)

    def on_mount(self) -> None:
        """The one in force is marked."""
        keys = [choice.key for choice in self._choices]
        if keys:
            self.query_one(OptionList).highlighted = keys.index(self._chosen) if self._chosen in keys else 0

    def on_key(self, event: events.Key) -> None:
        """A letter takes its line."""
        for choice in self._choices:
            if event.character and event.character.lower() == choice.letter:
                event.stop()
                self.choose(choice.key)
                return

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.choose(event.option.id)

    def action_go_on(self) -> None:
        """Take the marked line."""
        marked = self.query_one(OptionList).highlighted
        self.choose(None if marked is None else self._choices[marked].key)

    def choose(self, key: str | None) -> None:
        """What becomes of a choice: it is given back."""
        self.dismiss(key)


def _line(choice: Choice) -> Table:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=3)
    row.add_column(ratio=1)
    row.expand = True
    text = Text(choice.name, "bold")
    if choice.about:
        text.append(f"\n{choice.about}", "not bold")
    row.add_row(Text(f" {choice.letter} ", "bold reverse"), text)
    return row
