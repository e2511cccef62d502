"""Small questions over the live screen; the session goes on behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, OptionList
from textual.widgets.option_list import Option

from feedback.atlas import load_atlas
from feedback.band import Band, BandError
from feedback.points import Point, PointError
from tui.wanted import WantedError, ceiling_of, parse_band

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.atlas import Atlas, CautionSite
    from feedback.units import PressureUnit
    from tui.widgets.live_strip import LiveStrip

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
            yield Label(
                f"From - to, in {unit.label}, locked as you set it (empty: learned from the client)",
                markup=False,
            )
            yield Input(now, id="band", placeholder="2.0 - 3.0")
            yield Label(f"Ceiling, never above it, in {unit.label}", markup=False)
            yield Input(unit.text(self._ceiling_kpa, unit=False), id="ceiling")
            yield Label("", classes="wrong", markup=False)
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
        text = self.query_one("#ceiling", Input).value.strip()
        if text == self._unit.text(self._ceiling_kpa, unit=False):
            return self._ceiling_kpa  # as it was, not as it is rounded
        return ceiling_of(text, self._unit)


class CautionDialog(ModalScreen[bool]):
    """A point lies in or near a place that asks for special care: go on?

    Args:
        point: that was chosen.
        sites: what it lies in or near, at least one.
    """

    DEFAULT_CSS = (
        DIALOG_CSS.format(name="CautionDialog")
        + """
    CautionDialog > Vertical { border: heavy $warning; }
    CautionDialog .site { text-style: bold; padding-top: 1; }
    CautionDialog Horizontal { height: auto; padding-top: 1; }
    CautionDialog Button { width: 1fr; }
    """
    )
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("y", "dismiss(True)", "Go on"),
        Binding("n,escape", "dismiss(False)", "Go back"),
    ]

    def __init__(self, point: Point, sites: Sequence[CautionSite]) -> None:
        super().__init__()
        self._point = point
        self._sites = tuple(sites)

    def compose(self) -> ComposeResult:
        """Where, why, and the two ways."""
        with Vertical():
            yield Label(f"Special care at {self._point}", classes="title", markup=False)
            for site in self._sites[:3]:
                yield Label(f"Near: {site.name}", classes="site", markup=False)
                yield Label(site.why, markup=False)
            if len(self._sites) > 3:
                yield Label(f"and {len(self._sites) - 3} more places", classes="site", markup=False)
            with Horizontal():
                yield Button("y   care is taken, go on", variant="warning", id="yes")
                yield Button("n   another point", id="no")
            yield Label("Kept in the record. Special care is no medical advice.", classes="hint")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


@dataclass
class CautionConfirmed(Message):
    """Sent to the application: somebody takes special care at a point."""

    point: Point
    sites: tuple[CautionSite, ...]


class PointDialog(ModalScreen["Point | None"]):
    """Another point of the same client: one that is known, or a new one as it is typed.

    In or near a caution site it asks first, and tells the application when care was confirmed (`CautionConfirmed`).

    Args:
        known: points of the client, best first.
        atlas: where muscles and caution sites are looked up; the shipped one when None.
        title: the question.
        careful: ask at caution sites; False where a point is only named and not pressed.
        strip: the line of the session that goes on, where something else hides it.
    """

    DEFAULT_CSS = DIALOG_CSS.format(name="PointDialog")
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
    ]

    def __init__(
        self,
        known: Sequence[Point],
        atlas: Atlas | None = None,
        *,
        title: str = "Which point?",
        careful: bool = True,
        strip: LiveStrip | None = None,
    ) -> None:
        super().__init__()
        self._known = list(known)
        self._atlas = atlas or load_atlas()
        self._title = title
        self._careful = careful
        self._strip = strip
        self._offered: list[Point] = []

    def compose(self) -> ComposeResult:
        """Field and list."""
        if self._strip is not None:
            yield self._strip
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            yield Input(placeholder="upper trapezius, left, 1")
            yield OptionList(markup=False)
            yield Label("", classes="wrong", markup=False)
            yield Label(
                "A few letters: “ut l”. Enter takes the marked one, ↑ ↓ choose, Esc stays here.",
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
            self._take(self._offered[chosen])
            return
        try:
            self._take(self._atlas.parse(event.value))
        except PointError as error:
            self.query_one(".wrong", Label).update(str(error))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self._take(self._offered[event.option_index])

    def action_move(self, step: int) -> None:
        """Up and down the list while typing."""
        options = self.query_one(OptionList)
        if not self._offered:
            return
        at = options.highlighted
        options.highlighted = (
            (0 if step > 0 else len(self._offered) - 1) if at is None else (at + step) % len(self._offered)
        )

    def _take(self, point: Point) -> None:
        sites = self._atlas.cautions(point) if self._careful else ()
        if not sites:
            self.dismiss(point)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.post_message(CautionConfirmed(point, sites))
                self.dismiss(point)

        self.app.push_screen(CautionDialog(point, sites), answered)

    def _offer(self, typed: str) -> None:
        self._offered = self._atlas.offers(typed, self._known)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(str(point)) for point in self._offered])
        options.highlighted = 0 if takes_first(typed, self._offered, self._atlas) else None


def takes_first(typed: str, offered: Sequence[Point], atlas: Atlas) -> bool:
    """Enter takes the first offer: what is typed is a beginning. What is typed completely is taken as it is typed."""
    if not typed.strip() or not offered:
        return False
    try:
        atlas.parse(typed)
    except PointError:
        return True
    return False
