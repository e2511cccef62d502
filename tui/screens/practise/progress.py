"""Progress of one trainee against the trainee's own earlier self: curve, map of errors, guesses, levels, treatment."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from feedback.drills import DrillKind, Purpose, ScoreKey, level_of
from feedback.drills.advice import advice_of
from feedback.drills.progress import change_of, curve_of, error_map
from tui.curve_picture import Along, Curve, Dot, signs_of
from tui.raster import Glyphs
from tui.screens.practise.open_blocks import without_open_blocks
from tui.screens.practise.treatment import LEGEND, TreatmentView
from tui.screens.practise.wording import CHANGES, PURPOSES, counted, level_text, titled
from tui.widgets.error_map import ErrorMap
from tui.widgets.key_line import KeyLine
from tui.widgets.learning_curve import LearningCurve

if TYPE_CHECKING:
    from feedback.drills import TrainingHistory
    from tui.practise.studio import PractiseStudio


class View(StrEnum):
    """What the screen shows of a trainee."""

    CURVE = "curve"
    MAP = "map"
    GUESSES = "guesses"
    LEVELS = "levels"
    TREATMENT = "treatment"


VIEWS = tuple(View)
SIDES = ((True, "blind attempts"), (False, "attempts with the screen"), (None, "all attempts"))
VERDICT_SIGNS = {"better": "▲", "worse": "▼"}
_DRILL = Binding.Group("Drill", compact=True)


class ProgressScreen(Screen[None]):
    """Nothing is changed here; Escape goes back. Of a blind block that goes on nothing is shown.

    Args:
        studio: drills, record, settings.
        history: of the trainee.
        drill: which curve is shown first; the one attempted last when empty.
        view: what is shown first.
    """

    DEFAULT_CSS = """
    ProgressScreen { background: $background; }
    ProgressScreen #head { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    ProgressScreen #said { height: auto; padding: 0 1; text-style: bold; }
    ProgressScreen #legend { height: auto; padding: 0 1; color: $text-muted; }
    ProgressScreen #page { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    ProgressScreen #page > Static { width: 100%; height: auto; }
    ProgressScreen LearningCurve, ProgressScreen ErrorMap { margin: 0 1; }
    ProgressScreen .-away { display: none; }
    ProgressScreen.-roomy #said { padding: 1 1 0 1; }
    ProgressScreen.-roomy LearningCurve, ProgressScreen.-roomy ErrorMap { margin: 1 2; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-tight"), (34, "-roomy")]
    BINDINGS = [
        Binding("c", "view('curve')", "Curve"),
        Binding("m", "view('map')", "Map"),
        Binding("e", "view('guesses')", "Guesses"),
        Binding("l", "view('levels')", "Levels"),
        Binding("r", "view('treatment')", "Presses"),
        Binding("left", "drill(-1)", "Drill before", group=_DRILL),
        Binding("right", "drill(1)", "Next drill", group=_DRILL),
        Binding("d", "along", "Days"),
        Binding("b", "side", "Blind or not"),
        Binding("w", "whose", "Whose presses"),
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("question_mark,f1", "app.toggle_help", "Help", key_display="?", show=False),
        Binding("escape,q", "dismiss(None)", "Back", key_display="Esc"),
    ]

    def __init__(
        self,
        studio: PractiseStudio,
        history: TrainingHistory,
        *,
        drill: str = "",
        view: View = View.CURVE,
    ) -> None:
        super().__init__()
        self._studio = studio
        every = len(history.attempts)
        self._history = history = without_open_blocks(history, studio.now().date(), studio.plan)
        self._hidden = every > len(history.attempts)
        self._drills = history.drills()
        self._at = self._drills.index(drill) if drill in self._drills else len(self._drills) - 1
        self._view = view
        self._along = Along.ATTEMPTS
        self._side = 0 if any(a.blind and a.counts for a in history.attempts) else 2

    @property
    def _glyphs(self) -> Glyphs:
        return Glyphs(self._studio.settings.glyphs)

    @property
    def _drill(self) -> str:
        return self._drills[self._at] if self._drills else ""

    def compose(self) -> ComposeResult:
        """Whose and what above, the picture, what it means below."""
        yield Static("", id="head", markup=False)
        yield Static("", id="said", markup=False)
        yield LearningCurve(glyphs=self._glyphs)
        yield ErrorMap(self._studio.settings.unit, glyphs=self._glyphs)
        with VerticalScroll(id="page", can_focus=False):
            yield Static("", markup=False)
            yield TreatmentView(self._studio, self._history)
        yield Static("", id="legend", markup=False)
        yield KeyLine(show_command_palette=False)

    def on_mount(self) -> None:
        """The first picture."""
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys stand in the footer only where they do something."""
        wanted = {
            "drill": (View.CURVE, View.GUESSES),
            "along": (View.CURVE, View.GUESSES),
            "side": (View.MAP,),
            "whose": (View.TREATMENT,),
        }
        return action not in wanted or self._view in wanted[action]

    # Keys.

    def action_view(self, view: str) -> None:
        """Show something else."""
        self._view = View(view)
        self._show()

    def action_drill(self, step: int = 1) -> None:
        """The drill before or after."""
        if self._drills:
            self._at = (self._at + step) % len(self._drills)
            self._show()

    def action_scroll(self, rows: int) -> None:
        """Up and down where it does not fit."""
        self.query_one("#page").scroll_relative(y=rows, animate=False)

    def action_along(self) -> None:
        """Along attempts, or days as they lie apart."""
        self._along = Along.DAYS if self._along is Along.ATTEMPTS else Along.ATTEMPTS
        self._show()

    def action_side(self) -> None:
        """Blind, with the screen, all."""
        self._side = (self._side + 1) % len(SIDES)
        self._show()

    def action_whose(self) -> None:
        """Another therapist's or client's presses."""
        self.query_one(TreatmentView).ask()

    # Drawing.

    def _show(self) -> None:
        curves = self._view in (View.CURVE, View.GUESSES) and bool(self._drills)
        paged = not curves and self._view is not View.MAP
        self.query_one(LearningCurve).set_class(not curves, "-away")
        self.query_one(ErrorMap).set_class(self._view is not View.MAP, "-away")
        self.query_one("#page").set_class(not paged, "-away")
        self.query_one(TreatmentView).set_class(self._view is not View.TREATMENT, "-away")
        self.query_one("#page > Static", Static).set_class(self._view is View.TREATMENT, "-away")
        draw = {
            View.CURVE: self._show_curve,
            View.MAP: self._show_map,
            View.GUESSES: self._show_guesses,
            View.LEVELS: self._show_levels,
            View.TREATMENT: self._show_treatment,
        }
        if not self._drills and self._view is not View.TREATMENT:
            nothing = "Nothing was practised yet: home says where to begin."
            goes_on = "A blind block goes on: what you pressed is shown after its last attempt."
            self._say("", goes_on if self._hidden else nothing, "")
            self.query_one("#page > Static", Static).update("")
        else:
            draw[self._view]()
        self.refresh_bindings()

    def _say(self, what: str, said: str, legend: Text | str) -> None:
        head = f"{self._history.trainee} · {what}" if what else self._history.trainee
        self.query_one("#head", Static).update(head)
        self.query_one("#said", Static).update(said)
        self.query_one("#legend", Static).update(legend)

    def _title(self) -> str:
        drill = self._studio.drills.get(self._drill)
        more = f"  ({self._at + 1} of {len(self._drills)} drills)" if len(self._drills) > 1 else ""
        return f"{drill.title if drill else self._drill}{more}"

    def _show_curve(self) -> None:
        found = curve_of(self._history, self._drill)
        drill = self._studio.drills.get(self._drill)
        release = drill is not None and drill.kind is DrillKind.RELEASE
        asked = [a.asked_share for a in self._history.of(self._drill)]
        dots = tuple(
            Dot(
                point.at.date(),
                (None if point.inside_pct is None else 100 - point.inside_pct) if release else point.size_pct,
                point.test,
                attempt.inside_as_asked if attempt.inside_as_asked is not None else attempt.inside,
                PURPOSES[point.purpose],
            )
            for point, attempt in zip(found.points, self._history.of(self._drill), strict=True)
        )
        line = None if release or not asked else 100 * asked[-1]
        self.query_one(LearningCurve).set_curve(Curve(dots, line, along=self._along))
        void = sum(a.drill == self._drill and not a.counts for a in self._history.attempts)
        left_out = f"  {counted(void, 'attempt')} that did not count: left out." if void else ""
        what = "time outside" if release else "off the target"
        self._say(
            f"learning curve · {self._title()}",
            f"{VERDICT_SIGNS.get(found.change.verdict.value, '●')} {found.change.sentence}"
            if self._glyphs is not Glyphs.ASCII
            else found.change.sentence,
            Text(f"How far {what}, in %: lower is better.{left_out}\n").append(self._legend(line)),
        )

    def _legend(self, line: float | None) -> Text:
        signs = signs_of(self._glyphs)
        days = self._along is Along.DAYS
        plain = self._glyphs is Glyphs.ASCII
        seen = f"{signs.seen} practice" if days or self._glyphs is not Glyphs.BRAILLE else "⠤ practice"
        text = Text(f"{signs.inside} blind, inside  {signs.outside} blind, outside  {seen}")
        text.append(f"  {'|' if plain else '│'} best to worst" if days else f"  {signs.middle} middle")
        if line is not None:
            text.append(f"  {'- -' if plain else '╍╍'} tolerance")
        return text

    def _show_map(self) -> None:
        blind, words = SIDES[self._side]
        cells = error_map(self._history.attempts, blind=blind)
        self.query_one(ErrorMap).set_cells(cells)
        named = [cell for cell in cells if cell.word]
        unit = self._studio.settings.unit
        if not cells:
            said = f"No {words} at a told pressure yet."
        elif named:
            worst = max(named, key=lambda cell: abs(cell.constant_pct))
            said = f"Most {worst.word} at {unit.text(worst.target_kpa)}: {abs(worst.constant_pct):.0f} % on the mean."
        else:
            said = "Nowhere surely light or heavy."
        self._say(
            f"where light, where heavy · {words}",
            said,
            Text(
                "Sign: mean error in % of the target; line: its spread. Light or heavy is said beyond 3 % and twice "
                "what chance makes; “neither”: not sure."
            ),
        )

    def _show_guesses(self) -> None:
        mine = self._history.of(self._drill)
        guessed = [a for a in mine if a.scores and a.scores[ScoreKey.ESTIMATE].pct is not None]
        dots = tuple(
            Dot(
                a.at.date(),
                pct,
                a.purpose is not Purpose.FREE,
                abs(pct) <= 100 * a.asked_share,
                PURPOSES[a.purpose],
            )
            for a in guessed
            if a.scores and (pct := a.scores[ScoreKey.ESTIMATE].pct) is not None
        )
        line = 100 * guessed[-1].asked_share if guessed else None
        self.query_one(LearningCurve).set_curve(Curve(dots, line, signed=True, along=self._along))
        if dots:
            last = [dot.value or 0.0 for dot in dots[-5:]]
            mean = sum(last) / len(last)
            side = "too high" if mean > 0 else "too low"
            said = (
                f"Your last {counted(len(last), 'guess', 'guesses')}: {abs(mean):.0f} % {side} on the mean."
            )
        else:
            said = "No guesses yet: blind attempts end with one."
        signs = signs_of(self._glyphs)
        legend = Text("Your own guess against what you pressed, in %: above 0 you guessed too high.\n")
        legend.append(f"{signs.inside} within the tolerance   {signs.outside} beyond it")
        self._say(f"own guesses · {self._title()}", said, legend)

    def _show_levels(self) -> None:
        plain = self._glyphs is Glyphs.ASCII
        text = Text()
        for name in self._drills:
            drill = self._studio.drills.get(name)
            now = level_of(self._history, name)
            mine = self._history.of(name)
            text.append("\n\n" if text else "")
            text.append(f"{drill.title if drill else name:<28} ", "bold")
            text.append(level_text(now.level, plain=plain), "bold")
            text.append(
                f": {now.level.criterion}\n  {counted(len(mine), 'attempt that counts', 'attempts that count')}; "
            )
            if now.last_inside is not None:
                text.append(f"last blind five: {now.last_inside} inside; ")
            text.append(f"blind, now against then: {CHANGES[change_of(mine).verdict]}")
            if now.next:
                text.append(f"\n  Next: {now.next}")
        self.query_one("#page > Static", Static).update(text)
        due = "\n".join(
            titled(f" {r.sentence}", self._studio.drills).strip()
            for r in self._studio.reminders(self._history.trainee)
        )
        self._say("levels", advice_of(self._history.attempts).sentence, due)

    def _show_treatment(self) -> None:
        view = self.query_one(TreatmentView)

        def told() -> None:
            if self._view is View.TREATMENT:
                self._say("drills and real presses", view.said, LEGEND)

        view.show_presses(told)
        told()
