"""Home of a trainee: what is next and why, how far each drill is, what is due, one key to begin."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from feedback.drills import FeedbackMode, Level, Purpose, StepKind, level_of
from feedback.drills.stages import stage_of
from tui.raster import Glyphs
from tui.screens.practise.wording import (
    PURPOSES,
    SCREEN,
    STEPS,
    WHY,
    asked_text,
    counted,
    level_text,
    titled,
    tolerance_text,
)
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from feedback.drills import Reminder, Step, TrainingHistory
    from tui.practise.studio import PractiseStudio

STAGES = (
    StepKind.BASELINE,
    StepKind.PRACTICE,
    StepKind.TEST,
    StepKind.RETEST_DAYS,
    StepKind.RETEST_MONTHS,
)
HEADS = ("baseline", "practice", "test", "days", "months")


class Wish(Enum):
    """What somebody wants who leaves home."""

    BEGIN = "begin"
    SKIP = "skip"
    SCREEN = "screen"
    DRILLS = "drills"
    PROGRESS = "progress"
    GROUP = "group"
    TRAINEE = "trainee"
    END = "end"


@dataclass(frozen=True, slots=True)
class Here:
    """Where a trainee is.

    Attributes:
        history: all that is kept.
        step: what is next.
        reminders: retests that are ahead, soonest first.
        feedback: what the trainee chose for practice.
        just_now: what the last block came to, in one or two sentences; empty before one.
    """

    history: TrainingHistory
    step: Step
    reminders: tuple[Reminder, ...]
    feedback: FeedbackMode = FeedbackMode.ON_DEMAND
    just_now: str = ""


class HomeScreen(Screen[None]):
    """Tells the application what the trainee wants, and stays behind what comes of it.

    Args:
        studio: drills, plan, settings.
        here: where the trainee is.
    """

    DEFAULT_CSS = """
    HomeScreen { background: $background; }
    HomeScreen #home { height: 1fr; scrollbar-size-vertical: 1; padding: 0 1; }
    HomeScreen Static { height: auto; width: 100%; }
    HomeScreen #head { color: $text-muted; }
    HomeScreen .panel { border: round $primary; background: $surface; padding: 0 1; height: auto; }
    HomeScreen .panel { border-title-style: bold; border-title-color: $foreground; }
    HomeScreen .panel { border-subtitle-style: bold; border-subtitle-color: $foreground; }
    HomeScreen #now { display: none; border: round $success; }
    HomeScreen #now.-said { display: block; }
    HomeScreen .wrong { color: $text-warning; text-style: bold; }
    HomeScreen.-roomy #home { padding: 1 2; }
    HomeScreen.-roomy .panel { padding: 1 2; margin-bottom: 1; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-tight"), (36, "-roomy")]
    BINDINGS = [
        Binding("enter", "wish('begin')", "Begin", key_display="Enter"),
        Binding("f", "wish('screen')", "Screen"),
        Binding("d", "wish('drills')", "Drills"),
        Binding("p", "wish('progress')", "Progress"),
        Binding("s", "wish('skip')", "Skip"),
        Binding("t", "wish('trainee')", "Trainee"),
        Binding("g", "wish('group')", "Group"),
        Binding("question_mark,f1", "app.toggle_help", "Help", key_display="?"),
        Binding("q", "wish('end')", "End"),
    ]

    class Wished(Message):
        """The trainee wants something.

        Attributes:
            wish: what.
        """

        def __init__(self, wish: Wish) -> None:
            super().__init__()
            self.wish = wish

    def __init__(self, studio: PractiseStudio, here: Here) -> None:
        super().__init__()
        self._studio = studio
        self._here = here

    async def come_back(self, here: Here) -> None:
        """Show where the trainee is now."""
        self._here = here
        await self.recompose()
        self.refresh_bindings()

    def compose(self) -> ComposeResult:
        """What is next above, how far it all is below."""
        here, studio = self._here, self._studio
        plain = studio.settings.glyphs == Glyphs.ASCII
        sensor = "a simulated sensor" if studio.simulated else "sensor"
        moved = ", moved by keys" if studio.steered else ""
        with VerticalScroll(id="home", can_focus=False):
            yield Static(f"{here.history.trainee} · {sensor}{moved}", id="head", markup=False)
            with Vertical(classes="panel", id="now") as now:
                now.border_title = " Just now "
                now.set_class(bool(here.just_now), "-said")
                yield Static(Text(here.just_now), markup=False)
            with Vertical(classes="panel", id="next") as panel:
                panel.border_title = " Next "
                panel.border_subtitle = Text(f" {_keys_of(here.step)} ")
                yield Static(next_text(studio, here), markup=False)
            with Vertical(classes="panel", id="curriculum") as panel:
                panel.border_title = " How far "
                wide = self.app.size.width >= 100
                yield Static(stages_table(studio, here.history, plain=plain, wide=wide), markup=False)
                if here.step.drill:
                    yield Static(criterion_text(here, plain=plain), markup=False)
            if here.reminders:
                yield Static(reminders_text(studio, here.reminders), markup=False)
            if studio.faults:
                remarks = counted(len(studio.faults), "remark")
                yield Static(
                    f"{remarks} on your drills and attempts: d shows them", classes="wrong", markup=False
                )
        yield KeyLine(show_command_palette=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to skip, and no screen to choose, where nothing is due."""
        if action == "wish" and parameters[0] == "skip":
            return self._here.step.kind.purpose is not None
        if action == "wish" and parameters[0] == "screen":
            return self._here.step.kind is StepKind.PRACTICE
        return True

    def action_wish(self, wish: str) -> None:
        """Tell a wish."""
        chosen = Wish(wish)
        if chosen is Wish.BEGIN and self._here.step.kind.purpose is None:
            chosen = Wish.DRILLS
        self.post_message(self.Wished(chosen))


def _keys_of(step: Step) -> str:
    if step.kind.purpose is None:
        return "Enter: choose a drill"
    screen = " · f: another screen" if step.kind is StepKind.PRACTICE else ""
    return f"Enter: begin{screen} · s: skip"


def next_text(studio: PractiseStudio, here: Here) -> Text:
    """What is next, what it asks, and why, for people."""
    step, drills = here.step, studio.drills
    text = Text()
    drill = drills.get(step.drill)
    if step.drill and drill is None:
        text.append(f"{step.drill}: this drill is not there any more.\n", "bold")
        text.append("Put its file back into your folder of drills (d shows where), or skip it: s.")
        return text
    title = f"{drill.title}: {STEPS[step.kind].lower()}" if drill else STEPS[step.kind]
    text.append(f"{title}\n", "bold")
    text.append(f"{titled(step.sentence, drills)}\n")
    if drill:
        unit, area = studio.settings.unit, studio.tip_area_cm2
        text.append(f"{drill.about} {asked_text(drill, unit, area)}, {tolerance_text(drill)}.\n")
    if step.kind is StepKind.PRACTICE:
        text.append("Screen ")
        text.append(f"{SCREEN[here.feedback]}\n", "bold")
    if step.done and step.of:
        text.append(f"{counted(step.done, 'attempt')} of {step.of} done.\n")
    text.append(WHY[step.kind], "dim")
    return text


def stages_table(studio: PractiseStudio, history: TrainingHistory, *, plain: bool, wide: bool) -> Table:
    """The drills of the plan and their five steps: done, at work, ahead; levels with their signs where it is `wide`."""
    today, step = studio.now().date(), studio.next_step(history.trainee)
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for width in (8, 8, 6, 6, 6):
        table.add_column(width=width, no_wrap=True, overflow="ellipsis")
    table.add_column(width=17 if wide else 11, no_wrap=True)
    table.add_row(*(Text(head, "dim") for head in ("", *HEADS, "level")))
    for name in studio.plan.drills:
        drill = studio.drills.get(name)
        mine = name == step.drill
        sign = (">" if plain else "▶") if mine else " "
        cells = _stage_cells(studio, history, name, today, plain=plain)
        level = level_of(history, name).level
        title = drill.title if drill else f"{name} (not there)"
        table.add_row(
            Text(f"{sign} {title}", "bold" if mine else ""),
            *cells,
            level_text(level, plain=plain) if wide else Text(level.value),
        )
    return table


def _stage_cells(
    studio: PractiseStudio, history: TrainingHistory, name: str, today: date, *, plain: bool
) -> list[Text]:
    stage = stage_of(history, name, today, studio.plan)
    here = STAGES.index(stage.step) if stage.step in STAGES else len(STAGES)
    skipped = {skip.purpose for skip in history.skips if skip.drill == name}
    made = {attempt.purpose for attempt in history.of(name)}
    cells: list[Text] = []
    for number, kind in enumerate(STAGES):
        purpose = kind.purpose or Purpose.FREE
        if number == here and stage.due and stage.due.due_from > today:
            cells.append(Text(f"{stage.due.due_from.day} {stage.due.due_from:%b}"))
        elif number == here and (stage.done or stage.begun_on):
            cells.append(Text(f"{stage.done} of {stage.of}", "bold"))
        elif number < here and purpose in made:
            cells.append(Text("done" if plain else "✓"))
        elif number < here:
            cells.append(Text("skip" if purpose in skipped else "–", "dim"))
        else:
            cells.append(Text("." if plain else "·", "dim"))
    return cells


def criterion_text(here: Here, *, plain: bool = False) -> Text:
    """The level in the drill that is next, and what the next one takes."""
    level = level_of(here.history, here.step.drill)
    text = Text("Level ")
    text.append(level_text(level.level, plain=plain), "bold")
    text.append(f": {level.level.criterion}.")
    # “Attempted” is no aim: whoever is new is told what it takes to pass.
    aim = Level.PASSED.criterion if level.level is Level.NEW else level.next
    if aim:
        text.append(f" Next: {aim}.")
    return text


def reminders_text(studio: PractiseStudio, reminders: Sequence[Reminder], most: int = 3) -> Text:
    """Retests that are ahead, those due in bold."""
    text = Text()
    for number, reminder in enumerate(reminders[:most]):
        sentence = titled(f" {reminder.sentence}", studio.drills).strip()
        text.append("\n" if number else "")
        text.append(f"{'!' if reminder.due else ' '} {sentence}", "bold" if reminder.due else "")
    if len(reminders) > most:
        text.append(f"\n  and {len(reminders) - most} more: l in Progress", "dim")
    return text


def purpose_words(purpose: Purpose) -> str:
    """What an attempt was for, in a word or two."""
    return PURPOSES[purpose]
