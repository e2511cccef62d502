"""Where a table shall be saved; a file that is there already is asked about once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Label

from tui.screens.visit.sheet import Sheet


class SaveAsScreen(Sheet["Path | None"]):
    """Gives a path, or None.

    Args:
        path: what is offered.
    """

    AUTO_FOCUS = "Input"
    sheet_title = "Save as"
    sheet_keys = "Enter: save · Esc: back"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._warned = ""

    def content(self) -> Iterator[Widget]:
        """The field."""
        yield Input(str(self._path))
        yield Label("What people practised belongs to them: the same care as for the record.", classes="hint")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go_on()

    def action_go_on(self) -> None:
        """Take the path."""
        text = self.query_one(Input).value.strip()
        path = Path(text).expanduser()
        if not text or path.is_dir():
            self.wrong("Give the name of a file, for example group.csv.")
        elif path.exists() and text != self._warned:
            self._warned = text
            self.wrong(f"{path.name} is there already. Enter again writes over it.")
        else:
            self.dismiss(path)
