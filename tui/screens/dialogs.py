"""Small questions over the live screen; the session goes on behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from feedback.band import Band, BandError
from feedback.points import Point, PointError, match_muscles, parse_point
from tui.wanted import WantedError, parse_band

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.units import PressureUnit

DIALOG_CSS = """
{name} {{ align: center middle; background: $background 60%; }}
{name} > Vertical {{
    width: 64; max-width: 96%; height: auto; max-height: 90%;
    padding: 1 2; border: round $primary; background: $surface;
}}
{name} Label {{ width: 100%; }}
{name} .title {{ text-style: bold; padding-bottom: 1; }}
{name} .wrong {{ color: $text-error; height: auto; }}
{name} .hint {{ color: $text-muted; }}
{name} OptionList {{ height: auto; max-height: 9; margin-top: 1; }}
"""


class NoteDialog(ModalScreen[str | None]):
    """A line of free text for the record."""

    DEFAULT_CSS = DIALOG_CSS.format(name="NoteDialog")
    BINDINGS = [Binding("escape", "dismiss(None)", "Cancel")]

    def compose(self) -> ComposeResult:
        """Title, field, reminder."""
        with Vertical():
            yield Label("Note", classes="title")
            yield Input(placeholder="what should be remembered", max_length=500)
            yield Label("Kept in the record: no names. Enter keeps it, Esc does not.", classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value.strip() or None)


class BandDialog(ModalScreen["tuple[Band | None, float] | None"]):
    """The good-pain band and the ceiling of this point; gives (band, ceiling_kpa)."""

    DEFAULT_CSS = DIALOG_CSS.format(name="BandDialog")
    BINDINGS = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, band: Band | None, ceiling_kpa: float, unit: PressureUnit) -> None:
        super().__init__()
        self._band = band
        self._ceiling_kpa = ceiling_kpa
        self._unit = unit

    def compose(self) -> ComposeResult:
        """Two fields with what is in force."""
        unit = self._unit
        now = (
            ""
            if self._band is None or self._band.source != "set"
            else f"{unit.text(self._band.lower_kpa, unit=False)} - {unit.text(self._band.upper_kpa, unit=False)}"
        )
        with Vertical():
            yield Label("Good-pain band of this point", classes="title")
            yield Label(f"From - to, in {unit.label}, locked as you set it (empty: learned from the client)")
            yield Input(now, id="band", placeholder="2.0 - 3.0")
            yield Label(f"Ceiling, never above it, in {unit.label}")
            yield Input(unit.text(self._ceiling_kpa, unit=False), id="ceiling")
            yield Label("", classes="wrong")
            yield Label("Enter sets both, Esc leaves them.", classes="hint")

    def on_input_submitted(self) -> None:
        """Enter in either field."""
        wrong = self.query_one(".wrong", Label)
        text = self.query_one("#band", Input).value
        try:
            band = parse_band(text, self._unit) if text.strip() else None
            ceiling_kpa = self._ceiling()
        except (WantedError, BandError) as error:
            wrong.update(str(error))
            return
        if band and band.upper_kpa > ceiling_kpa:
            wrong.update("the band reaches above the ceiling: lower the band or raise the ceiling")
            return
        self.dismiss((band, ceiling_kpa))

    def _ceiling(self) -> float:
        text = self.query_one("#ceiling", Input).value.strip().replace(",", ".")
        if text == self._unit.text(self._ceiling_kpa, unit=False):
            return self._ceiling_kpa  # as it was, not as it is rounded
        try:
            ceiling = float(text)
        except ValueError:
            ceiling = 0.0
        if not 0 < ceiling < float("inf"):
            raise WantedError(f"“{text}” is not a ceiling: give a pressure above 0 in {self._unit.label}")
        return self._unit.to_kpa(ceiling)


class PointDialog(ModalScreen["Point | None"]):
    """Another point of the same client: one that is known, or a new one as it is typed."""

    DEFAULT_CSS = DIALOG_CSS.format(name="PointDialog")
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
    ]

    def __init__(self, known: Sequence[Point]) -> None:
        super().__init__()
        self._known = list(known)
        self._offered: list[Point] = []

    def compose(self) -> ComposeResult:
        """Field and list."""
        with Vertical():
            yield Label("Which point?", classes="title")
            yield Input(placeholder="upper trapezius, left, 1")
            yield OptionList()
            yield Label("", classes="wrong")
            yield Label(
                "Type muscle, side, label – or choose with ↑ ↓. Enter takes it, Esc stays here.",
                classes="hint",
            )

    def on_mount(self) -> None:
        """Offer what is known."""
        self.query_one(OptionList).can_focus = False
        self._offer("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what fits."""
        self.query_one(".wrong", Label).update("")
        self._offer(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the highlighted point, else what is typed."""
        chosen = self.query_one(OptionList).highlighted
        if chosen is not None and self._offered:
            self.dismiss(self._offered[chosen])
            return
        try:
            self.dismiss(parse_point(event.value))
        except PointError as error:
            self.query_one(".wrong", Label).update(str(error))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self.dismiss(self._offered[event.option_index])

    def action_move(self, step: int) -> None:
        """Up and down the list while typing."""
        options = self.query_one(OptionList)
        if not self._offered:
            return
        at = options.highlighted
        options.highlighted = (
            (0 if step > 0 else len(self._offered) - 1) if at is None else (at + step) % len(self._offered)
        )

    def _offer(self, typed: str) -> None:
        self._offered = offers(typed, self._known)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(str(point)) for point in self._offered])
        # What is typed completely is taken as typed; a beginning takes the first offer.
        options.highlighted = 0 if typed.strip() and self._offered and not _complete(typed) else None


def offers(typed: str, known: Sequence[Point], most: int = 30) -> list[Point]:
    """Points to offer for what is typed: those of the client that hold every word, then muscles that fit."""
    words = typed.lower().replace(",", " ").split()
    of_client = [point for point in known if all(word in str(point).lower() for word in words)]
    muscles = [Point(name) for name in match_muscles(" ".join(words))] if words else []
    return (of_client + [point for point in muscles if point not in of_client])[:most]


def _complete(typed: str) -> bool:
    try:
        parse_point(typed)
    except PointError:
        return False
    return True


class EndDialog(ModalScreen[bool]):
    """End the session?"""

    DEFAULT_CSS = DIALOG_CSS.format(name="EndDialog")
    BINDINGS = [
        Binding("y,enter,q", "dismiss(True)", "End the session"),
        Binding("n,escape", "dismiss(False)", "Go on"),
    ]

    def compose(self) -> ComposeResult:
        """The question."""
        with Vertical():
            yield Label("End this session?", classes="title")
            yield Label("Everything is kept in the record.")
            yield Label("Enter ends it, Esc goes on.", classes="hint")
