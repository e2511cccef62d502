"""The card that opens a visit of a known client: where the course is, how the last visit was, what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Label, Static

from tui.screens.visit.scale import Scale
from tui.screens.visit.sheet import Sheet

if TYPE_CHECKING:
    from feedback.care import Response, VisitFigures, VisitOpening


@dataclass(frozen=True, slots=True)
class OpeningAnswer:
    """What was said at the card; `soreness` is None when it was not asked."""

    soreness: int | None = None


class OpeningCard(Sheet["OpeningAnswer | None"]):
    """Nothing to fill in but, when it is due, how sore the client was: one digit.

    Args:
        opening: what the record knows.
    """

    sheet_keys = "Enter: on to the check · Esc: back to the form"

    def __init__(self, opening: VisitOpening) -> None:
        super().__init__()
        self._opening = opening
        self.sheet_title = opening.client_code

    def on_mount(self) -> None:
        """The number is typed without looking for its field."""
        if self._opening.soreness_due:
            self.set_focus(self.query_one(Scale))

    def content(self) -> Iterator[Widget]:
        """Plan, last visit, soreness, response, homework."""
        opening = self._opening
        yield Label(opening.plan_now.sentence, classes="said", markup=False)
        if opening.last_visit:
            yield Label(f"Last time {visit_text(opening.last_visit)}", markup=False)
        if opening.soreness_due:
            yield Label(
                f"How sore after {opening.soreness_due.at.astimezone():%d %b}?  One digit, t for ten",
                classes="title",
                markup=False,
            )
            yield Scale(id="soreness")
        elif told := next((pair for pair in reversed(opening.soreness) if pair.rating is not None), None):
            dose = f"after {told.visit.dose_ns:.0f} N·s on {told.visit.at.astimezone():%d %b}"
            yield Label(f"Soreness {told.rating} of 10 {dose}", markup=False)
        if opening.response.judged or opening.response.because:
            yield Label("Response", classes="title")
            yield Static(response_text(opening.response), markup=False)
        if opening.plan.homework:
            yield Label("Homework", classes="title")
            yield Label("\n".join(f"· {line}" for line in opening.plan.homework), markup=False)

    def action_go_on(self) -> None:
        """Enter."""
        scale = self.query(Scale)
        self.dismiss(OpeningAnswer(scale.first().rating if scale else None))


def visit_text(visit: VisitFigures) -> str:
    """A visit in one line: day, presses, dose, where, how."""
    parts = [
        f"{visit.presses} {'press' if visit.presses == 1 else 'presses'}",
        f"{visit.press_s:.0f} s under pressure",
        f"{visit.dose_ns:.0f} N·s",
    ]
    where = "; ".join(str(point) for point in visit.points[:3])
    how = ", ".join(visit.techniques)
    return (
        f"({visit.at.astimezone():%d %b %Y}): "
        + ", ".join(parts)
        + (f" at {where}" if where else "")
        + (f" – {how}" if how else "")
    )


def response_text(response: Response) -> Text:
    """What can be said about the course, what it rests on, and, where nothing changed, what was tried."""
    text = Text(response.sentence, "bold" if response.judged and not response.detectable else "")
    for line in response.because[:4]:
        text.append(f"\n· {line}", "")
    if response.judged and not response.detectable and response.tried:
        text.append(f"\nTried so far: {'; '.join(response.tried)}.", "")
    return text
