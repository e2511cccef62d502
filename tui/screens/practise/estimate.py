"""What do you think it was? The question at the end of a blind attempt, before anything is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Static

from tui.raster import Glyphs
from tui.widgets.big_number import BigNumber
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from feedback.drills import Task
    from feedback.units import PressureUnit

LONGEST = 6
"""Characters that may be typed."""
STEPS = {"kg/cm2": 0.05, "n/cm2": 0.5, "kpa": 5.0, "lb/in2": 1.0}
FAR = 10
"""A far step is so many steps."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the trainee said.

    Attributes:
        pressure_kpa: the estimate; None for no idea.
    """

    pressure_kpa: float | None


class EstimateScreen(Screen[Answer]):
    """Asks for a pressure in the user's unit, typed or stepped with the arrows from nothing: no number is suggested.

    Args:
        task: what was asked, which asks the question.
        unit: the user's.
        glyphs: which characters to draw with.
    """

    DEFAULT_CSS = """
    EstimateScreen { layout: vertical; align: center middle; }
    EstimateScreen > Static { width: 100%; text-align: center; padding: 0 2; }
    EstimateScreen #question { text-style: bold; padding: 1 2; }
    EstimateScreen BigNumber { height: 11; width: 100%; }
    EstimateScreen #wrong { color: $error; height: 1; }
    EstimateScreen #how { color: $axis; }
    """
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("up", "step(1)", "A little more", show=False),
        Binding("down", "step(-1)", "A little less", show=False),
        Binding("pageup,shift+up", f"step({FAR})", "Much more", show=False),
        Binding("pagedown,shift+down", f"step(-{FAR})", "Much less", show=False),
        Binding("enter,space", "take", "That is it", key_display="space"),
        Binding("backspace", "rub_out", "Rub out", show=False),
        Binding("n,escape", "no_idea", "No idea", key_display="n"),
    ]

    def __init__(self, task: Task, unit: PressureUnit, *, glyphs: Glyphs = Glyphs.BRAILLE) -> None:
        super().__init__()
        self._question = task.question
        self._unit = unit
        self._glyphs = glyphs
        self._typed = ""
        self._stepped = False

    def compose(self) -> ComposeResult:
        """The question, the number, how to answer."""
        yield Static(self._question, id="question", markup=False)
        yield BigNumber(glyphs=self._glyphs, id="estimate")
        yield Static("", id="wrong", markup=False)
        yield Static(
            "Type a number, or ↑ ↓ and PgUp PgDn. Space or Enter: that is it. N: no idea.",
            id="how",
            markup=False,
        )
        yield KeyLine(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Nothing is said yet."""
        self._show()

    def on_key(self, event: Key) -> None:
        """A digit or a decimal point."""
        character = {",": "."}.get(event.character or "", event.character or "")
        if len(character) != 1 or not (character.isascii() and (character.isdigit() or character == ".")):
            return
        event.stop()
        if self._stepped:
            self._typed, self._stepped = "", False
        if len(self._typed) < LONGEST and not (character == "." and "." in self._typed):
            self._typed += character
        self._show()

    def action_step(self, steps: int) -> None:
        """So many steps more or less."""
        step = STEPS.get(self._unit.key, 1.0)
        value = max((self._value() or 0.0) + steps * step, 0.0)
        self._typed, self._stepped = self._unit.text(self._unit.to_kpa(value), unit=False), True
        self._show()

    def action_rub_out(self) -> None:
        """Take the last character back."""
        self._typed = "" if self._stepped else self._typed[:-1]
        self._stepped = False
        self._show()

    def action_take(self) -> None:
        """That is it."""
        value = self._value()
        if value is None:
            self.query_one("#wrong", Static).update("Say a number first, or N for no idea.")
            return
        self.dismiss(Answer(self._unit.to_kpa(value)))

    def action_no_idea(self) -> None:
        """No estimate."""
        self.dismiss(Answer(None))

    def _value(self) -> float | None:
        return float(self._typed) if self._typed.strip(".") else None

    def _show(self) -> None:
        self.query_one("#wrong", Static).update("")
        self.query_one(BigNumber).set_number(self._typed or "?", self._unit.label, "number")
