"""A number from 0 to 10, given by one key."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget

TEN = "x"
"""The key for ten, which has no digit of its own, where `t` means something else."""


def rating_of_key(event: events.Key, tens: str = TEN) -> int | None:
    """0 to 9 for a digit, 10 for one of the letters in `tens`, None for any other key."""
    if event.character is not None and event.character.isdecimal() and event.character.isascii():
        return int(event.character)
    return 10 if event.character and event.character in tens else None


class Scale(Widget, can_focus=True):
    """Digits and `t` for ten choose, arrows move, backspace takes back; Enter is left to the screen.

    Args:
        rating: chosen at first; None for nothing yet.
        id: the widget's id.
    """

    DEFAULT_CSS = """
    Scale { height: 1; width: 100%; }
    Scale:focus { background: $primary 35%; }
    """
    BINDINGS = [
        Binding("left", "step(-1)", "Less", show=False),
        Binding("right", "step(1)", "More", show=False),
        Binding("backspace,delete", "clear", "Take back", show=False),
    ]

    @dataclass
    class Rated(Message):
        """A number was chosen or taken back."""

        scale: Scale
        rating: int | None

        @property
        def control(self) -> Scale:
            """The scale."""
            return self.scale

    def __init__(self, rating: int | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rating = rating

    def on_key(self, event: events.Key) -> None:
        """A digit."""
        rating = rating_of_key(event, "t" + TEN)
        if rating is not None:
            event.stop()
            self.rate(rating)

    def on_click(self, event: events.Click) -> None:
        """A click on a number."""
        self.rate(max(0, min(10, event.x // 4)))

    def rate(self, rating: int | None) -> None:
        """Choose."""
        self.rating = rating
        self.refresh()
        self.post_message(self.Rated(self, rating))

    def action_step(self, step: int) -> None:
        """One more or one less."""
        self.rate(0 if self.rating is None else max(0, min(10, self.rating + step)))

    def action_clear(self) -> None:
        """Not asked."""
        self.rate(None)

    def render(self) -> Text:
        """All numbers, four cells each; the chosen one reversed."""
        text = Text(no_wrap=True)
        for number in range(11):
            chosen = number == self.rating
            text.append(f" {number:^2} ", "bold reverse" if chosen else "bold")
        text.append("" if self.rating is not None else "  not asked", "dim")
        return text
