"""The screen of one attempt: what to do as a word, the number, the time, the target and what was pressed over it.

All that is shown comes from `AttemptView`. Of a hidden moment a view holds no pressure, so there is none to show; what
changes then on this screen changes with the clock alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from feedback.drills import OVER, AttemptRecord, FeedbackMode, Stage
from feedback.history import HistoryError
from tui.attempt_texts import asked_now, heard_text, hint_of, word_of
from tui.drill_lines import lines_of_task
from tui.pacing import frame_is_welcome
from tui.raster import Glyphs
from tui.screens.practise.estimate import Answer, EstimateScreen
from tui.screens.practise.steer import KEYS_LINE, KEYS_LINE_SHORT, SteeredHand, steer_keys
from tui.widgets.big_number import BigNumber
from tui.widgets.drill_chart import DrillChart
from tui.widgets.key_line import KeyLine
from tui.widgets.readout import number_text
from tui.widgets.word_panel import Word, WordPanel

if TYPE_CHECKING:
    from feedback.drills import AttemptView
    from tui.practise.run import PractiseRun
    from tui.practise.studio import PractiseStudio
    from tui.sound import Sound

FRAMES_PER_S = 30
NUMBERS_PER_S = 10
"""The number changes at most so often: it could not be read faster."""
FIELDS = {"kg/cm2": "8.88", "n/cm2": "88.8", "kpa": "888", "lb/in2": "88.8"}


class AttemptScreen(Screen[AttemptRecord | None]):
    """One attempt, from the first touch to its end; dismissed with what was kept, None if nothing was pressed.

    Args:
        run: a run that is begun and not yet started; the screen starts and closes it.
        studio: keeps what comes of it.
        place: where in the curriculum it stands, for the top line.
        hand: the simulated hand that keys move, where there is one.
        sound: of the attempt, to be turned up and down here and whose bell rings here; None for none.
    """

    DEFAULT_CSS = """
    AttemptScreen { layout: vertical; }
    AttemptScreen #top { height: 1; background: $panel; }
    AttemptScreen #drill { width: auto; max-width: 60%; padding: 0 1; text-style: bold; text-wrap: nowrap;
        text-overflow: ellipsis; }
    AttemptScreen #place { width: 1fr; padding: 0 1; text-align: right; text-wrap: nowrap; text-overflow: ellipsis; }
    AttemptScreen #now { height: 8; }
    AttemptScreen WordPanel { width: 40%; height: 100%; }
    AttemptScreen #number { width: 1fr; height: 100%; }
    AttemptScreen #left { width: 20%; height: 100%; }
    AttemptScreen #hint { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    AttemptScreen #hint.problem { background: $cue-stop; color: $cue-stop-text; text-style: bold;
        height: auto; max-height: 3; text-wrap: wrap; }
    AttemptScreen #hint.client { background: $accent; color: $background; text-style: bold; }
    AttemptScreen #hand { height: 1; padding: 0 1; color: $axis; text-wrap: nowrap; text-overflow: ellipsis;
        display: none; }
    AttemptScreen.-steered #hand { display: block; }
    AttemptScreen.-tall #now { height: 13; }
    AttemptScreen.-short #now { height: 4; }
    AttemptScreen.-narrow #left { width: 25%; }
    AttemptScreen.-tiny DrillChart, AttemptScreen.-tiny Footer, AttemptScreen.-tiny #hand { display: none; }
    AttemptScreen.-tiny #now { height: 1fr; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-middle"), (112, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (12, "-short"), (18, "-normal"), (34, "-tall")]
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("space,enter", "look", "Show me", key_display="space", id="look"),
        Binding("escape,q", "give_up", "Give up", key_display="esc", id="give-up"),
        Binding("r", "keep", "Keep it", show=False),
        Binding("s,m", "sound", "Sound", key_display="s", id="sound"),
        Binding("plus,equals_sign", "louder", "Louder", id="louder", show=False, key_display="+"),
        Binding("minus", "softer", "Softer", id="softer", show=False, key_display="-"),
        *steer_keys(),
    ]

    def __init__(
        self,
        run: PractiseRun,
        studio: PractiseStudio,
        *,
        place: str = "",
        hand: SteeredHand | None = None,
        sound: Sound | None = None,
    ) -> None:
        super().__init__()
        self._run = run
        self._studio = studio
        self._place = place
        self._hand = hand
        self._sound = sound
        self._unit = studio.settings.unit
        self._glyphs = Glyphs(studio.settings.glyphs)
        self._drawn_s = -math.inf
        self._number_s = -math.inf
        self._stage = Stage.WAITING
        self._over = False
        self.view: AttemptView | None = None
        """What is on the screen now."""
        self._words: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """What and where; the word, the number, the time; the chart; one line."""
        with Horizontal(id="top"):
            yield Static(self._run.task.drill.title, id="drill", markup=False)
            yield Static(self._place, id="place", markup=False)
        with Horizontal(id="now"):
            yield WordPanel(glyphs=self._glyphs, id="word")
            yield BigNumber(glyphs=self._glyphs, id="number")
            yield BigNumber(glyphs=self._glyphs, id="left")
        yield DrillChart(self._unit, glyphs=self._glyphs, id="chart")
        yield Static("", id="hint", markup=False)
        yield Static("", id="hand", markup=False)
        yield KeyLine(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Listen, and look thirty times a second."""
        self.query_one(DrillChart).set_lines(lines_of_task(self._run.task))
        self.set_class(self._hand is not None, "-steered")
        if self._hand is not None:
            self._hand.renew()
        self._run.start()
        self.set_interval(1 / FRAMES_PER_S, self._look)

    def on_resize(self, event: Resize) -> None:
        """The line of keys has a short form."""
        self.query_one("#hand", Static).update(KEYS_LINE if event.size.width >= 92 else KEYS_LINE_SHORT)

    def on_unmount(self) -> None:
        """Whatever ended the screen, nobody listens any longer and the hand is off."""
        if self._hand is not None:
            self._hand.let_go()
        self._run.close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the hand and for looking only where there is something for them to do."""
        if action in ("steer", "let_go"):
            return self._hand is not None
        if action == "look":
            return self._run.task.feedback is FeedbackMode.ON_DEMAND
        if action in ("sound", "louder", "softer"):
            return self._sound is not None
        if action == "keep":
            return self._over
        return True

    # Thirty times a second.

    def _look(self) -> None:
        if self.is_current and not self._over and frame_is_welcome(self.app):
            self.show(self._run.view())
            if self._sound is not None and self._sound.take_bell():
                self.app.bell()

    def show(self, view: AttemptView) -> None:
        """Draw a view, and go on where it has gone on."""
        self.view = view
        with self.app.batch_update():
            self._draw(view)
        if view.stage is self._stage:
            return
        self._stage = view.stage
        if view.stage is Stage.ESTIMATE:
            self._ask()
        elif view.stage in OVER:
            self._end()

    def _draw(self, view: AttemptView) -> None:
        task = self._run.task
        problem = self._run.problem
        word = Word("lift off", "the tip is still on") if self._run.lift else word_of(task, view)
        if problem and view.stage is Stage.WAITING:
            word = Word("wait", still=True)
        self.query_one(WordPanel).set_word(word)
        self._draw_numbers(view)
        chart = self.query_one(DrillChart)
        if view.shown is not None and view.stage is Stage.RUNNING and view.now_s > self._drawn_s:
            self._drawn_s = view.now_s
            chart.append(view.elapsed_s, view.shown.pressure_kpa)
        chart.frame(view.elapsed_s)
        heard, fresh = ("", False) if problem else heard_text(view)
        hint = problem or heard or ("Take the tip off first." if self._run.lift else hint_of(view, task))
        line = self.query_one("#hint", Static)
        line.set_class(bool(problem), "problem")
        line.set_class(fresh, "client")
        self._put("hint", hint)

    def _draw_numbers(self, view: AttemptView) -> None:
        task, unit = self._run.task, self._unit
        number, what = asked_now(task, view, unit)
        big = self.query_one("#number", BigNumber)
        if view.shown is None:
            self._number_s = -math.inf
            big.set_number(number, what, "asked")
        elif view.now_s - self._number_s >= 1 / NUMBERS_PER_S - 1e-3 or view.now_s < self._number_s:
            self._number_s = view.now_s
            shown = view.shown
            if shown.rate_kpa_per_s is not None:
                rate = number_text(unit.from_kpa(shown.rate_kpa_per_s), FIELDS[unit.key])
                big.set_number(rate, f"{unit.label} a second, {number} asked")
            else:
                pressure = number_text(unit.from_kpa(shown.pressure_kpa), FIELDS[unit.key])
                big.set_number(pressure, f"{unit.label}, {number} asked" if number else unit.label)
        left = self.query_one("#left", BigNumber)
        if view.left_s is None:
            left.set_number("", "")
        else:
            left.set_number(f"{math.ceil(view.left_s - 1e-6):d}", "s left", "quiet")

    def _put(self, name: str, text: str) -> None:
        if self._words.get(name) != text:
            self._words[name] = text
            self.query_one(f"#{name}", Static).update(text)

    # What the trainee does.

    def action_look(self) -> None:
        """Show the pressure for a while."""
        self._run.look()

    def action_sound(self) -> None:
        """Sound off, or on again."""
        self._tell_sound(self._sound.toggle_mute() if self._sound else "")

    def action_louder(self) -> None:
        """Tones louder."""
        self._tell_sound(self._sound.louder() if self._sound else "")

    def action_softer(self) -> None:
        """Tones softer."""
        self._tell_sound(self._sound.softer() if self._sound else "")

    def _tell_sound(self, state: str) -> None:
        self.notify(f"Sound: {state}", timeout=2)

    def action_steer(self, which: str) -> None:
        """A key moves the simulated hand."""
        if self._hand is not None:
            self._hand.stroke(which)

    def action_let_go(self) -> None:
        """The simulated hand lets go."""
        if self._hand is not None:
            self._hand.let_go()

    def action_give_up(self) -> None:
        """No more of it; before the first touch just leave."""
        if self._over:
            self.dismiss(None)
            return
        self._run.give_up()
        self._look()

    # How it ends.

    def _ask(self) -> None:
        if self._hand is not None:
            self._hand.let_go()
        screen = EstimateScreen(self._run.task, self._unit, glyphs=self._glyphs)
        self.app.push_screen(screen, self._answered)

    def _answered(self, answer: Answer | None) -> None:
        self._run.estimate(answer.pressure_kpa if answer else None)
        self.show(self._run.view())

    def _end(self) -> None:
        if self._hand is not None:
            self._hand.let_go()
        self._over = True
        self.action_keep()

    def action_keep(self) -> None:
        """Have it kept; where that fails, say why and offer to try again."""
        try:
            record = self._studio.keep(self._run)
        except HistoryError as error:
            line = self.query_one("#hint", Static)
            line.set_class(True, "problem")
            self._put("hint", f"{error} – R tries again, Esc leaves it")
            return
        self.dismiss(record)
