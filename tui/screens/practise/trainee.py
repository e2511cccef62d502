"""Whose practice: a code, typed or taken from those the record knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from feedback.history import BadEntryError, check_code
from tui.screens.practise.wording import counted
from tui.screens.visit.sheet import Sheet
from tui.wanted import looks_like_a_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.history.training_records import TraineeSummary


class TraineeScreen(Sheet["str | None"]):
    """Gives a code, or None to leave.

    Args:
        known: trainees of the record.
        code: what the field begins with.
    """

    DEFAULT_CSS = """
    TraineeScreen OptionList { height: auto; max-height: 10; border: none; background: $surface; margin-top: 1; }
    """
    BINDINGS = [
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
    ]
    AUTO_FOCUS = "#code"
    sheet_title = "Who practises?"
    sheet_keys = "type, or ↑ ↓ · Enter: go on · Esc: leave"

    def __init__(self, known: Sequence[TraineeSummary], code: str = "") -> None:
        super().__init__()
        self._known = tuple(known)
        self._code = code
        self._offered: list[str] = []
        self._looks_like_a_name = ""

    def content(self) -> Iterator[Widget]:
        """Field and list."""
        yield Label("Your code", classes="title")
        yield Input(self._code, placeholder="T-01", id="code", max_length=40)
        yield Label("A code, never a name. Your teacher sees it beside what you practised.", classes="hint")
        yield OptionList(markup=False)

    def on_mount(self) -> None:
        """The list is chosen from while typing."""
        self.query_one(OptionList).can_focus = False
        self._offer()

    @on(Input.Changed)
    def _typed(self) -> None:
        self.wrong("")
        self._offer()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go_on()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._offered[event.option_index])

    def action_move(self, step: int) -> None:
        """Up and down the list while typing."""
        options = self.query_one(OptionList)
        if self._offered:
            at = options.highlighted
            options.highlighted = ((-1 if step > 0 else 0) if at is None else at) + step
            options.highlighted %= len(self._offered)

    def action_go_on(self) -> None:
        """Take the marked code, else what is typed."""
        marked = self.query_one(OptionList).highlighted
        if marked is not None and self._offered:
            self.dismiss(self._offered[marked])
            return
        try:
            code = check_code(self.query_one("#code", Input).value)
        except BadEntryError as error:
            self.wrong(str(error))
            return
        if looks_like_a_name(code) and code != self._looks_like_a_name:
            self._looks_like_a_name = code
            self.wrong(
                f"“{code}” looks like a name. A code keeps you private; Enter again keeps it as it is."
            )
            return
        self.dismiss(code)

    def _offer(self) -> None:
        typed = self.query_one("#code", Input).value.strip().lower()
        fitting = [t for t in self._known if typed in t.code.lower()]
        self._offered = [t.code for t in fitting]
        options = self.query_one(OptionList)
        options.clear_options()
        for trainee in fitting:
            when = f", last {trainee.last_at.astimezone():%d %b %Y}" if trainee.last_at else ""
            options.add_option(Option(f"{trainee.code}   {counted(trainee.attempts, 'attempt')}{when}"))
        options.display = bool(fitting)
        # What is typed completely, or is new, is taken as it is typed.
        exact = typed in [code.lower() for code in self._offered]
        options.highlighted = 0 if typed and fitting and not exact and len(fitting) == 1 else None
        if exact:
            options.highlighted = [code.lower() for code in self._offered].index(typed)
