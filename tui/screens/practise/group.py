"""A teacher's view of a group: a line for each trainee and drill, sorted as wanted, saved as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import DataTable, Static

from feedback.drills import Level, StepKind
from feedback.drills.group import (
    ATTEMPT_COLUMNS,
    GROUP_COLUMNS,
    GroupRow,
    attempt_cells,
    csv_text,
    group_cells,
    group_of,
)
from feedback.drills.progress import Verdict
from feedback.private_file import private_folder, write_whole
from tui.failures import sentence_of
from tui.screens.practise.lines import Lines
from tui.screens.practise.progress import ProgressScreen
from tui.screens.practise.save_as import SaveAsScreen
from tui.screens.practise.wording import CHANGES, counted
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.drills import TrainingHistory
    from tui.practise.studio import PractiseStudio

NEXT = {
    StepKind.BASELINE: "baseline",
    StepKind.PRACTICE: "practice",
    StepKind.TEST: "blind test",
    StepKind.RETEST_DAYS: "retest, days",
    StepKind.RETEST_MONTHS: "retest, months",
    StepKind.REST: "–",
    StepKind.DONE: "all done",
}


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort the lines: its name, and what goes before what."""

    name: str
    key: Callable[[GroupRow], object]


def _needs(row: GroupRow) -> object:
    faded = row.verdict is Verdict.WORSE
    return (not row.late, row.due_from or date.max, not faded, row.trainee)


ORDERS = (
    Order("code", lambda row: row.trainee),
    Order("who needs something first", _needs),
    Order("level", lambda row: (list(Level).index(row.level), row.trainee)),
    Order("error now, largest first", lambda row: (row.now_pct is None, -(row.now_pct or 0.0), row.trainee)),
    Order("last practised", lambda row: (row.last_on or date.min, row.trainee)),
    Order("drill", lambda row: (row.drill, row.trainee)),
)
WIDE = 110
"""From so many columns on everything fits side by side."""
COLUMNS = (
    "trainee",
    "drill",
    "level",
    "off, then → now",
    "change",
    "next",
    "due",
    "attempts",
    "last",
)


class GroupScreen(Screen[None]):
    """Codes only; Enter opens the progress of the line's trainee.

    Args:
        studio: drills and plan.
        histories: of all trainees.
    """

    DEFAULT_CSS = """
    GroupScreen { background: $background; }
    GroupScreen #head { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    GroupScreen #said { height: auto; padding: 0 1; }
    """
    AUTO_FOCUS = "Lines"
    BINDINGS = [
        Binding("enter", "open", "Progress", key_display="Enter", priority=True),
        Binding("s", "sort", "Sort"),
        Binding("x", "save", "Save as CSV"),
        Binding("question_mark,f1", "app.toggle_help", "Help", key_display="?", show=False),
        Binding("escape,q", "dismiss(None)", "Back", key_display="Esc"),
    ]

    def __init__(self, studio: PractiseStudio, histories: Sequence[TrainingHistory]) -> None:
        super().__init__()
        self._studio = studio
        self._histories = {history.trainee: history for history in histories}
        self._rows = group_of(histories, studio.now(), studio.plan)
        self._order = 0

    def compose(self) -> ComposeResult:
        """How it is sorted, the lines."""
        yield Static("", id="head", markup=False)
        yield Lines()
        yield Static("", id="said", markup=False)
        yield KeyLine(show_command_palette=False)

    def on_mount(self) -> None:
        """The first order."""
        self.query_one(Lines).add_columns(*COLUMNS)
        self._fill()

    def action_sort(self) -> None:
        """The next order."""
        self._order = (self._order + 1) % len(ORDERS)
        self._fill()

    def action_open(self) -> None:
        """The progress of whoever the cursor is on."""
        if row := self._here():
            self.app.push_screen(ProgressScreen(self._studio, self._histories[row.trainee], drill=row.drill))

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.action_open()

    def action_save(self) -> None:
        """Where to, then both tables."""
        name = f"group-{self._studio.now():%Y-%m-%d}.csv"

        def saved(path: Path | None) -> None:
            if path is None:
                return
            try:
                beside = save_group(path, self._rows, tuple(self._histories.values()))
            except OSError as error:
                self.notify(sentence_of(error) or str(error), severity="error", timeout=10)
                return
            self.query_one("#said", Static).update(f"Saved: {path}, and every attempt in {beside.name}")

        self.app.push_screen(SaveAsScreen(Path.home() / name), saved)

    def _here(self) -> GroupRow | None:
        rows = self._sorted()
        at = self.query_one(Lines).cursor_row if self.query(Lines) else -1
        return rows[at] if 0 <= at < len(rows) else None

    def _sorted(self) -> list[GroupRow]:
        return sorted(self._rows, key=ORDERS[self._order].key)  # type: ignore[arg-type,return-value]

    def _fill(self) -> None:
        table = self.query_one(Lines)
        table.clear()
        wide = self.app.size.width >= WIDE
        for row in self._sorted():
            drill = self._studio.drills.get(row.drill)
            table.add_row(
                Text(row.trainee, "bold"),
                _short(drill.title if drill else row.drill, 40 if wide else 16),
                row.level.value,
                f"{_pct(row.first_pct)} → {_pct(row.now_pct)}" if row.now_pct is not None else "–",
                Text(CHANGES[row.verdict], "bold" if row.verdict is Verdict.WORSE else ""),
                NEXT[row.step],
                Text(_day(row.due_from) + (" late" if row.late else ""), "bold" if row.late else ""),
                Text(str(row.attempts) + (f" +{row.void} void" if row.void else ""), justify="right"),
                _day(row.last_on),
            )
        people = counted(len(self._histories), "trainee")
        order = f" · by {ORDERS[self._order].name}"
        self.query_one("#head", Static).update(Text(f"Group · {people}{order}"))
        said = "" if self._rows else "Nobody has practised yet."
        if self._rows and not wide:
            said = "→ shows more columns"
        self.query_one("#said", Static).update(said)


def save_group(path: Path, rows: Sequence[GroupRow], histories: Sequence[TrainingHistory]) -> Path:
    """Write the group's table, and every attempt beside it; returns the path of the second file.

    Raises:
        OSError: a file cannot be written.
    """
    private_folder(path.parent)
    write_whole(path, csv_text(GROUP_COLUMNS, map(group_cells, rows)).encode())
    beside = path.with_name(f"{path.stem}-attempts.csv")
    attempts = [a for history in histories for a in history.attempts]
    attempts.sort(key=lambda a: (a.trainee, a.at))
    write_whole(beside, csv_text(ATTEMPT_COLUMNS, map(attempt_cells, attempts)).encode())
    return beside


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b}" if day else "–"


def _pct(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"
