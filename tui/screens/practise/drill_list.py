"""All drills: what each asks, how far it is, what stands against it; own ones, and where their folder is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import DataTable, Static

from feedback.drills import FeedbackMode, TaskError, level_of, task_of
from tui.raster import Glyphs
from tui.screens.practise.lines import Lines
from tui.screens.practise.wording import KINDS, asked_text, targets_text, tolerance_text
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from feedback.drills import Drill, TrainingHistory
    from tui.practise.studio import PractiseStudio


@dataclass(frozen=True, slots=True)
class DrillWish:
    """What somebody wants of a drill: its next step in the curriculum, or practice as they like."""

    drill: str
    free: bool


class DrillListScreen(Screen["DrillWish | None"]):
    """Gives what is wanted of which drill, or None.

    Args:
        studio: drills, ceiling, tip.
        history: of the trainee.
        feedback: what the trainee chose for practice.
        drill: where the cursor is at first.
    """

    DEFAULT_CSS = """
    DrillListScreen { background: $background; }
    DrillListScreen #head { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    DrillListScreen Lines { min-height: 5; }
    DrillListScreen #below {
        height: auto; max-height: 45%; border-top: solid $primary; padding: 0 1; scrollbar-size-vertical: 1;
    }
    DrillListScreen Static { height: auto; width: 100%; }
    DrillListScreen .wrong { color: $text-warning; text-style: bold; }
    DrillListScreen .hint { color: $text-muted; }
    """
    AUTO_FOCUS = "Lines"
    BINDINGS = [
        Binding("enter", "take(False)", "Its next step", key_display="Enter", priority=True),
        Binding("x", "take(True)", "As you like"),
        Binding("question_mark,f1", "app.toggle_help", "Help", key_display="?", show=False),
        Binding("escape,q", "dismiss(None)", "Back", key_display="Esc"),
    ]

    def __init__(
        self,
        studio: PractiseStudio,
        history: TrainingHistory,
        feedback: FeedbackMode = FeedbackMode.ON_DEMAND,
        drill: str = "",
    ) -> None:
        super().__init__()
        self._studio = studio
        self._history = history
        self._feedback = feedback
        self._drills = dict(studio.drills)
        plan = [name for name in studio.plan.drills if name in self._drills]
        self._names = [*plan, *(name for name in self._drills if name not in plan)]
        self._first = drill if drill in self._names else ""

    def compose(self) -> ComposeResult:
        """The list, and what is known of the drill under the cursor."""
        yield Static(
            f"Drills · {self._history.trainee} · practised as you like: screen {self._feedback.value}",
            id="head",
            markup=False,
        )
        yield Lines()
        with VerticalScroll(id="below", can_focus=False):
            yield Static("", id="about", markup=False)
            yield Static("", id="against", classes="wrong", markup=False)
            yield Static(faults_text(self._studio), classes="wrong", markup=False)
            yield Static(
                f"Your own drills: one file each (.toml) in {self._studio.folder}. Copy a file to share it.",
                classes="hint",
                markup=False,
            )
        yield KeyLine(show_command_palette=False)

    def on_mount(self) -> None:
        """Fill in the list."""
        table = self.query_one(Lines)
        plain = self._studio.settings.glyphs == Glyphs.ASCII
        unit, area = self._studio.settings.unit, self._studio.tip_area_cm2
        label = unit.label.replace("²", "2") if plain else unit.label
        table.add_columns("drill", "kind", label, "level", "tries")
        for name in self._names:
            drill = self._drills[name]
            barred = self._against(drill)
            title = Text(drill.title, "dim" if barred else "bold")
            title.truncate(26, overflow="ellipsis")
            table.add_row(
                title,
                KINDS[drill.kind],
                Text(("! " if barred else "") + targets_text(drill, unit, area)),
                level_of(self._history, name).level.value,
                Text(str(len(self._history.of(name))), justify="right"),
                key=name,
            )
        if self._first:
            table.move_cursor(row=self._names.index(self._first))

    @on(DataTable.RowHighlighted)
    def _moved(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        drill = self._drills[self._names[event.cursor_row]]
        step = self._studio.step_of(self._history.trainee, drill.name)
        unit, area = self._studio.settings.unit, self._studio.tip_area_cm2
        about = (
            f"{drill.about}\nAsks {asked_text(drill, unit, area)}; counts as inside: {tolerance_text(drill)}."
        )
        if step.kind.purpose is not None:
            about += f"\nEnter: {step.sentence}"
        self.query_one("#about", Static).update(about)
        self.query_one("#against", Static).update(self._against(drill))

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.action_take(free=False)

    def action_take(self, free: bool) -> None:
        """This drill, unless something stands against it."""
        if not self.query(Lines):
            return  # A key that was faster than the screen.
        name = self._names[self.query_one(Lines).cursor_row]
        if against := self._against(self._drills[name]):
            self.notify(against, severity="warning", timeout=8)
            return
        self.dismiss(DrillWish(name, free))

    def _against(self, drill: Drill) -> str:
        return against(drill, self._studio)


def against(drill: Drill, studio: PractiseStudio) -> str:
    """Why a drill cannot be begun with this tip, ceiling and sensor, all its targets looked at; empty when it can."""
    try:
        tasks = [task_of(drill, tip_area_cm2=studio.tip_area_cm2, number=n) for n in range(_rounds(drill))]
    except TaskError as error:
        return str(error)
    for task in sorted(tasks, key=lambda task: -task.trajectory.top_kpa):
        if refusal := studio.refusal(task):
            return studio.refused(task, refusal)
    return ""


def faults_text(studio: PractiseStudio) -> str:
    """What is wrong with own drill files, a line each."""
    if not studio.faults:
        return ""
    return "\n".join(studio.faults)


def _rounds(drill: Drill) -> int:
    targets = getattr(drill.settings, "targets", ())
    return max(min(len(targets), 50), 1)
