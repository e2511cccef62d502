"""The plan: how many visits over which weeks, what to do at home, and where the client is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events, on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from feedback.care import CareError, Plan
from tui.screens.visit.opening import response_text
from tui.screens.visit.sheet import Sheet

if TYPE_CHECKING:
    from feedback.care import VisitOpening
    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop


class HomeworkInput(Input):
    """One line after the other: Enter takes a line, backspace in an empty field fetches the last one back."""

    class Fetched(Input.Changed):
        """The last line is wanted back."""

    def on_key(self, event: events.Key) -> None:
        """Backspace in an empty field."""
        if event.key == "backspace" and not self.value:
            event.prevent_default()
            event.stop()
            self.post_message(self.Fetched(self, self.value))


class PlanScreen(Sheet["Plan | None"]):
    """Prefilled with the plan in force; gives it back as it is now, or None when it was left.

    Args:
        opening: what the record knows of the client.
        loop: the session that goes on behind, or None.
        unit: of its pressures.
    """

    DEFAULT_CSS = """
    PlanScreen .short { width: 12; }
    PlanScreen #homework { width: 1fr; }
    PlanScreen #goal { width: 1fr; }
    PlanScreen #lines.-empty { display: none; }
    PlanScreen.-roomy .line { margin-top: 1; }
    """
    AUTO_FOCUS = "#homework"
    sheet_title = "Plan"
    sheet_keys = "Enter: next line, empty: keep the plan · ↑ ↓ fields · Esc: back"

    def __init__(
        self, opening: VisitOpening, loop: LiveLoop | None = None, unit: PressureUnit | None = None
    ) -> None:
        super().__init__(loop, unit)
        self._opening = opening
        self._plan = opening.plan
        self._lines = list(opening.plan.homework)

    def content(self) -> Iterator[Widget]:
        """Where the client is, then the fields."""
        plan = self._plan
        yield Label(self._opening.plan_now.sentence, classes="said", markup=False)
        if self._opening.response.sentence:
            yield Static(response_text(self._opening.response), classes="hint", markup=False)
        with Horizontal(classes="line"):
            yield Label("Visits", classes="named")
            yield Input(str(plan.visits), id="visits", classes="short", restrict=r"\d*", max_length=3)
            yield Label("over weeks")
            yield Input(_weeks_text(plan), id="weeks", classes="short", max_length=9)
        with Horizontal(classes="line"):
            yield Label("Goal", classes="named")
            yield Input(plan.goal, id="goal", placeholder="what the client wants to reach", max_length=200)
        with Horizontal(classes="line"):
            yield Label("Homework", classes="named")
            yield HomeworkInput(id="homework", placeholder="an exercise, a stretch, a habit", max_length=200)
        yield Static(self._lines_text(), id="lines", classes="" if self._lines else "-empty", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Up and down from field to field."""
        if event.key in ("up", "down"):
            event.stop()
            (self.focus_next if event.key == "down" else self.focus_previous)()

    @on(Input.Submitted, "#visits")
    @on(Input.Submitted, "#weeks")
    @on(Input.Submitted, "#goal")
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    @on(Input.Submitted, "#homework")
    def _line(self, event: Input.Submitted) -> None:
        event.stop()
        line = event.value.strip()
        if not line:
            self.action_go_on()
            return
        self._lines.append(line)
        self._show("")

    @on(HomeworkInput.Fetched)
    def _fetch(self) -> None:
        if self._lines:
            self._show(self._lines.pop())

    def _show(self, field: str) -> None:
        homework = self.query_one("#homework", Input)
        homework.value = field
        homework.cursor_position = len(field)
        lines = self.query_one("#lines", Static)
        lines.update(self._lines_text())
        lines.set_class(not self._lines, "-empty")
        lines.scroll_visible(animate=False)

    def _lines_text(self) -> str:
        return "\n".join(f"                · {line}" for line in self._lines)

    def action_go_on(self) -> None:
        """Keep the plan."""
        pending = self.query_one("#homework", Input).value.strip()
        try:
            visits = int(self.query_one("#visits", Input).value or 0)
            low, high = weeks_of(self.query_one("#weeks", Input).value)
            plan = replace(
                self._plan,
                visits=visits,
                weeks_min=low,
                weeks_max=high,
                goal=self.query_one("#goal", Input).value.strip(),
                homework=(*self._lines, *([pending] if pending else [])),
            )
        except CareError as error:
            self.wrong(str(error))
            return
        self.dismiss(plan)


def weeks_of(text: str) -> tuple[int, int]:
    """`2-6`, `2 to 6` or `4` as the smaller and the larger number.

    Raises:
        CareError: neither one number nor two.
    """
    numbers = re.fullmatch(r"\s*(\d{1,3})(?:\s*(?:-|–|to|\s)\s*(\d{1,3}))?\s*", text)
    if not numbers:
        raise CareError(f"“{text}” are no weeks: write for example 2-6, or 4")
    low = int(numbers[1])
    return low, int(numbers[2]) if numbers[2] else low


def _weeks_text(plan: Plan) -> str:
    return str(plan.weeks_max) if plan.weeks_min == plan.weeks_max else f"{plan.weeks_min}-{plan.weeks_max}"
