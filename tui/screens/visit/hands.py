"""The hands that give: dose, sag and rest so far, and the card with them at the end of a visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events, on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from tui.screens.visit.sheet import Sheet

if TYPE_CHECKING:
    from feedback.care import HandsNow, VisitOpening
    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop


class HandsScreen(Sheet["None"]):
    """Looks at the therapist's own hands; nothing to fill in.

    Args:
        hands: of the visit so far.
        loop: the session that goes on behind, or None.
        unit: of its pressures.
    """

    sheet_title = "The hand that gives"
    sheet_keys = "Enter or Esc: back to the session"

    def __init__(
        self, hands: HandsNow, loop: LiveLoop | None = None, unit: PressureUnit | None = None
    ) -> None:
        super().__init__(loop, unit)
        self._hands = hands

    def content(self) -> Iterator[Widget]:
        """The figures and the rule."""
        yield Static(hands_rows(self._hands), markup=False)
        yield Label(self._hands.rule, classes="hint", markup=False)

    def action_go_on(self) -> None:
        """Enter."""
        self.dismiss(None)


def hands_rows(hands: HandsNow) -> Text:
    """The figures of a visit's hands, a row each."""
    few = hands.sag_pct_per_min is None or hands.trend == "too few holds"
    sag = "too few long holds to say" if few else f"{hands.sag_pct_per_min:.0f} % a minute"
    if hands.first_pct_per_min is not None and hands.last_pct_per_min is not None:
        sag += f" (first holds {hands.first_pct_per_min:.0f}, last ones {hands.last_pct_per_min:.0f})"
    rows = [
        ("Given", f"{hands.presses} {'press' if hands.presses == 1 else 'presses'}, {hands.dose_ns:.0f} N·s"),
        (
            "Under pressure",
            f"{time_text(hands.press_s)}; rest {time_text(hands.rest_s)} ({hands.rest_share:.0%})",
        ),
        ("Sag of a hold", sag),
    ]
    text = Text()
    for name, value in rows:
        text.append(f"{name:<15} ", "dim")
        text.append(f"{value}\n", "bold")
    if hands.sentence:
        text.append(f"{hands.sentence}\n", "bold")
    text.right_crop(1)
    return text


def time_text(seconds: float) -> str:
    """`42 s`, `3 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


@dataclass(frozen=True, slots=True)
class AfterAnswer:
    """What was filled in at the end: a line of homework and a note, either may be empty."""

    homework: str = ""
    note: str = ""


class AfterCard(Sheet["AfterAnswer | None"]):
    """The end of a visit: Enter ends it, Escape goes back to it; homework and a note may be added.

    Args:
        hands: of the visit.
        opening: what the record knows of the client; None when it could not be read.
        loop: the session that goes on behind.
        unit: of its pressures.
    """

    DEFAULT_CSS = """
    AfterCard Input { width: 1fr; }
    AfterCard .line { margin-top: 1; }
    """
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("y,q", "go_on", "End", show=False),
        Binding("n", "field('#note')", "Note", show=False),
        Binding("h", "field('#homework')", "Homework", show=False),
    ]
    sheet_title = "End this session?"
    sheet_keys = "Enter: end it · h homework · n note · Esc: go on treating"

    def __init__(
        self,
        hands: HandsNow,
        opening: VisitOpening | None,
        loop: LiveLoop | None = None,
        unit: PressureUnit | None = None,
    ) -> None:
        super().__init__(loop, unit)
        self._hands = hands
        self._opening = opening

    def content(self) -> Iterator[Widget]:
        """The hands, the plan, the two fields."""
        yield Static(hands_rows(self._hands), markup=False)
        if self._opening is not None:
            yield Label(_next_text(self._opening), classes="title", markup=False)
            if homework := self._opening.plan.homework:
                yield Label("Homework: " + "; ".join(homework), markup=False)
        with Horizontal(classes="line"):
            yield Label("Homework", classes="named")
            yield Input(id="homework", placeholder="one more line", max_length=200)
        with Horizontal(classes="line"):
            yield Label("Note", classes="named")
            yield Input(id="note", placeholder="what should be remembered; no names", max_length=500)
        yield Label("Everything is kept in the record.", classes="hint")

    def on_key(self, event: events.Key) -> None:
        """Up and down between the fields."""
        if event.key in ("up", "down"):
            event.stop()
            (self.focus_next if event.key == "down" else self.focus_previous)()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_focus(None)

    def action_field(self, field: str) -> None:
        """Go to a field."""
        self.set_focus(self.query_one(field))

    def action_back(self) -> None:
        """Escape leaves a field first, then the card."""
        if self.focused is not None:
            self.set_focus(None)
        else:
            self.dismiss(None)

    def action_go_on(self) -> None:
        """End."""
        self.dismiss(
            AfterAnswer(
                self.query_one("#homework", Input).value.strip(), self.query_one("#note", Input).value.strip()
            )
        )


def _next_text(opening: VisitOpening) -> str:
    now, plan = opening.plan_now, opening.plan
    if now.visit >= now.visits:
        return f"This was visit {now.visit} of {now.visits} planned: the plan is through."
    # Visits are thought of as evenly spread over the weeks of the plan.
    low, high = (round(weeks * 7 / (now.visits - 1)) for weeks in (plan.weeks_min, plan.weeks_max))
    days = f"{low} to {high}" if low < high else f"{high}"
    return f"This was visit {now.visit} of {now.visits}. Next: visit {now.visit + 1}, in {days} days."
