"""Leaving a step of the curriculum out, knowingly."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Label

from feedback.drills import StepKind
from tui.screens.practise.wording import STEPS
from tui.screens.visit.sheet import Sheet

COSTS = {
    StepKind.BASELINE: "Then nobody can say later whether practice helped: there is no start to compare with.",
    StepKind.PRACTICE: "Then the blind test comes at once, with what the hand knows already.",
    StepKind.TEST: "Then no level is reached today, and the retest asks what was never tested.",
    StepKind.RETEST_DAYS: "Then it is not known what stayed after days. The retest after months remains.",
    StepKind.RETEST_MONTHS: "Then it is not known what stayed after months, and the level “kept” is not reached.",
}
"""What is lost with each step."""


class SkipScreen(Sheet[bool]):
    """Gives True when the step shall be left out.

    Args:
        title: of the drill.
        step: which.
    """

    sheet_title = "Skip this step?"
    sheet_keys = "y: skip it · n or Esc: no"
    BINDINGS = [Binding("y", "skip", "Skip"), Binding("n", "back", "No")]

    def __init__(self, title: str, step: StepKind) -> None:
        super().__init__()
        self._drill = title
        self._step = step

    def content(self) -> Iterator[Widget]:
        """What, and what it costs."""
        yield Label(f"{self._drill}: {STEPS[self._step].lower()}", classes="title", markup=False)
        yield Label(COSTS.get(self._step, ""), markup=False)
        yield Label("It is kept in the record that you skipped it.", classes="hint")

    def action_skip(self) -> None:
        """Yes."""
        self.dismiss(True)

    def action_go_on(self) -> None:
        """Enter does not skip: it is pressed too easily."""
        self.wrong("y skips this step, n does not.")

    def action_back(self) -> None:
        """No."""
        self.dismiss(False)
