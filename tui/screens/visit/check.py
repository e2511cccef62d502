"""The short check before a session: all “no” by one Enter, “yes” by a letter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Static

from feedback.care import CheckAnswer, CheckItem, CheckLevel, answer
from tui.screens.visit.sheet import Sheet
from tui.screens.visit.ticks import Tick, TickList

if TYPE_CHECKING:
    from datetime import datetime

    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop

Answers = tuple[CheckAnswer, ...]


class CheckScreen(Sheet["Answers | None"]):
    """The list of questions; gives all answers, or None when it was left.

    What was “yes” last time and is not ticked now is asked about once more, so that one Enter does not lose it.

    Args:
        items: the questions.
        last: answers of the check before, empty without one.
        last_at: when that was.
        loop: the session that goes on behind, or None.
        unit: of its pressures.
    """

    DEFAULT_CSS = """
    CheckScreen #ticks { max-height: 18; }
    CheckScreen.-tiny #ticks { max-height: 6; }
    CheckScreen.-roomy #ticks { max-height: 30; }
    CheckScreen #sheet { overflow-y: hidden; }
    """
    AUTO_FOCUS = "#ticks"
    sheet_title = "Check before the session"
    sheet_keys = "letter or space: yes · Enter: the rest is no, go on · Esc: back"

    def __init__(
        self,
        items: Sequence[CheckItem],
        last: Sequence[CheckAnswer] = (),
        last_at: datetime | None = None,
        loop: LiveLoop | None = None,
        unit: PressureUnit | None = None,
    ) -> None:
        super().__init__(loop, unit)
        self._items = tuple(items)
        self._last = {one.key: one.yes for one in last}
        self._last_at = last_at
        self._asked_again = False

    def content(self) -> Iterator[Widget]:
        """A line to read, the questions."""
        yield Static(self._head(), classes="hint", markup=False)
        yield TickList([self._tick(item) for item in self._items], yes="YES", no="no", id="ticks")

    def _head(self) -> str:
        if self._last_at is None:
            return "A yes means special care; it is no medical advice."
        yes = sum(self._last.values())
        before = "everything was no" if not yes else f"{yes} {'was' if yes == 1 else 'were'} yes"
        return f"Last time ({self._last_at.astimezone():%d %b}) {before}. A yes means special care."

    def _tick(self, item: CheckItem) -> Tick:
        asides = ["last time: yes"] if self._last.get(item.key) else []
        first = f"{'Ask first. ' if item.level is CheckLevel.ASK_FIRST else ''}{item.means}"
        return Tick(item.key, item.question, first, ", ".join(asides))

    def action_go_on(self) -> None:
        """Enter: what is not ticked is no."""
        ticks = self.query_one(TickList)
        open_still = [
            i for i, item in enumerate(self._items) if self._last.get(item.key) and item.key not in ticks.on
        ]
        if open_still and not self._asked_again:
            self._asked_again = True
            ticks.highlighted = open_still[0]
            self.wrong("The marked one was yes last time: space if it still is, Enter if it is over.")
            return
        self.dismiss(tuple(answer(item, item.key in ticks.on) for item in self._items))


def reminder_of(answers: Sequence[CheckAnswer]) -> str:
    """One line to keep in view while pressing; empty when everything was no."""
    yes = [one for one in answers if one.yes]
    if not yes:
        return ""
    # The weightiest first: on a narrow screen the line is cut at its end.
    weights = list(CheckLevel)
    yes.sort(key=lambda one: -weights.index(one.level))
    names = " + ".join(one.key.replace("_", " ") for one in yes)
    return f"Special care – {names}: {' '.join(one.means for one in yes)}"
