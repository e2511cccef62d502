"""The drills of a trainee beside real presses, of a therapist's code or of a client's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.widget import Widget
from textual.widgets import Input, Label, Static
from textual.worker import get_current_worker

from feedback.drills.presses import compare
from tui.failures import sentence_of
from tui.practise_presses import Treated, treated_by
from tui.screens.practise.wording import counted
from tui.screens.visit.sheet import Sheet

if TYPE_CHECKING:
    from feedback.drills import TrainingHistory
    from feedback.drills.presses import Comparison
    from tui.practise.studio import PractiseStudio

LEGEND = (
    "A press is scored like a steady hold on the middle of its band; the band is its tolerance. Presses without a band "
    "or without a hold of a second are left out."
)


class WhoseScreen(Sheet["str | None"]):
    """Gives the code of a therapist or a client, or None.

    Args:
        code: what the field begins with.
    """

    AUTO_FOCUS = "Input"
    sheet_title = "Whose presses?"
    sheet_keys = "Enter: show them · Esc: back"

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code

    def content(self) -> Iterator[Widget]:
        """The field."""
        yield Label("The code of whoever pressed (the therapist), or of a client", classes="title")
        yield Input(self._code, max_length=40)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go_on()

    def action_go_on(self) -> None:
        """Take the code."""
        self.dismiss(self.query_one(Input).value.strip() or None)


class TreatmentView(Static):
    """Drills and presses side by side; the record is read in a thread of its own.

    Args:
        studio: the record.
        history: of the trainee, whose own code is looked for first.

    Attributes:
        said: what it comes to, one sentence.
    """

    def __init__(self, studio: PractiseStudio, history: TrainingHistory) -> None:
        super().__init__("", markup=False)
        self._studio = studio
        self._history = history
        self._code = history.trainee
        self._read: str | None = None
        self._told: Callable[[], None] = lambda: None
        self.said = ""

    def show_presses(self, told: Callable[[], None]) -> None:
        """Show them, reading them first if need be; `told` is called whenever `said` is another sentence."""
        self._told = told
        if self._read != self._code:
            self._say(f"Reading the presses of {self._code} …", "")
            self._fetch(self._code)

    def ask(self) -> None:
        """Ask for another code."""

        def answered(code: str | None) -> None:
            if code is not None:
                self._code = code
                self.show_presses(self._told)

        self.app.push_screen(WhoseScreen(self._code), answered)

    @work(thread=True, exclusive=True)
    def _fetch(self, code: str) -> None:
        worker = get_current_worker()
        try:
            found = treated_by(self._studio.history, code)
        except Exception as error:
            sentence = sentence_of(error)
            if sentence is None:
                raise
            if not worker.is_cancelled:
                self.app.call_from_thread(self._say, sentence, "")
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._found, code, found)

    def _found(self, code: str, found: Treated) -> None:
        self._read = code
        told = compare(self._history.attempts, found.scores)
        if not found.scores:
            why = (
                f" {counted(found.left_out, 'press', 'presses')} without a band or a hold."
                if found.left_out
                else ""
            )
            self._say(f"No presses of {code} that could be scored.{why} w: another code.", "")
            return
        self._say(told.sentence, comparison_text(told, found))

    def _say(self, said: str, body: Text | str) -> None:
        self.said = said
        self.update(body)
        self._told()


def comparison_text(told: Comparison, found: Treated) -> Text:
    """The figures as rows: drills, presses, in % of the target."""
    rows = (
        ("off target", told.drill_off_pct, told.press_off_pct, "+"),
        ("light (-) or heavy (+)", told.drill_error_pct, told.press_error_pct, "+"),
        ("inside, share of the time", told.drill_inside_pct, told.press_inside_pct, ""),
        ("sag a minute", told.drill_sag_pct, told.press_sag_pct, "+"),
    )
    text = Text(f"{'in % of the target':<28}{'drills':>10}{'real presses':>16}\n", "bold")
    for name, drill, press, sign in rows:
        signed = sign if name != "off target" else ""
        cells = ["–" if value is None else f"{value:{signed}.0f} %" for value in (drill, press)]
        text.append(f"{name:<28}{cells[0]:>10}{cells[1]:>16}\n", "not bold")
    text.append(f"{'how many':<28}{told.attempts:>10}{told.presses:>16}\n", "not bold")
    if found.simulated:
        of_them = counted(found.simulated, "press", "presses")
        text.append(f"\nOf these, {of_them} on a simulated sensor.", "not bold")
    if found.left_out:
        text.append(
            f"\nLeft out: {counted(found.left_out, 'press', 'presses')} without a band or a hold.", "not bold"
        )
    return text
