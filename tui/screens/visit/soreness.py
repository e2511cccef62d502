"""How sore the client was after a visit, beside the dose that came before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from tui.screens.visit.scale import Scale
from tui.screens.visit.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedback.care import SorenessAfterDose, VisitFigures
    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop


@dataclass(frozen=True, slots=True)
class SorenessTold:
    """What was told.

    Attributes:
        rating: 0 to 10.
        note: free text.
    """

    rating: int
    note: str = ""


class SorenessScreen(Sheet["SorenessTold | None"]):
    """One digit and Enter; how many hours after the visit it is told comes from the record.

    Args:
        after: the visit that is asked about; None when the record has none.
        told: every visit with what was told after it, oldest first.
        now: the time of day, aware.
        loop: the session that goes on behind, or None.
        unit: of its pressures.
    """

    DEFAULT_CSS = """
    SorenessScreen #note { width: 1fr; }
    SorenessScreen .line { margin-top: 1; }
    """
    AUTO_FOCUS = "Scale"
    sheet_title = "Soreness"
    sheet_keys = "one digit, t for ten · Enter: keep · Tab: note · Esc: back"

    def __init__(
        self,
        after: VisitFigures | None,
        told: Sequence[SorenessAfterDose],
        now: datetime,
        loop: LiveLoop | None = None,
        unit: PressureUnit | None = None,
    ) -> None:
        super().__init__(loop, unit)
        self._after = after
        self._told = tuple(told)
        self._hours = None if after is None else max(0.0, (now - after.ended_at).total_seconds() / 3600)

    def content(self) -> Iterator[Widget]:
        """Question, number, and what was before."""
        if self._after is None or self._hours is None:
            question = "How sore? No visit before this one is known: it is kept with the time of today."
        else:
            when = f"{self._after.at.astimezone():%d %b}"
            question = f"How sore after the visit of {when}, {self._hours:.0f} hours ago?"
        yield Label(question, classes="said", markup=False)
        yield Scale(id="rating")
        with Horizontal(classes="line"):
            yield Label("Note")
            yield Input(placeholder="where, how long", id="note", max_length=200)
        if any(pair.visit.pressed for pair in self._told):
            yield Label("Dose and soreness so far", classes="title")
            yield Static(dose_rows(self._told), markup=False)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go_on()

    def action_go_on(self) -> None:
        """Keep it; without a number there is nothing to keep."""
        rating = self.query_one(Scale).rating
        if rating is None:
            self.dismiss(None)
            return
        self.dismiss(SorenessTold(rating, self.query_one("#note", Input).value.strip()))


def dose_rows(told: Sequence[SorenessAfterDose], most: int = 6) -> Text:
    """The last visits as rows: day, presses, time, dose, soreness."""
    text = Text(f"{'visit':<12} {'presses':>7} {'pressed':>8} {'dose':>9}   soreness", "dim")
    for pair in told[-most:]:
        visit = pair.visit
        bar = "not told" if pair.rating is None else f"{pair.rating:>2} {'■' * pair.rating}"
        text.append(
            f"\n{visit.at.astimezone():%d %b %Y}  {visit.presses:>7} {visit.press_s:>6.0f} s "
            f"{visit.dose_ns:>5.0f} N·s   {bar}",
            "not dim",
        )
    return text
