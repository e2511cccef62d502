"""The application in which a trainee practises: home, attempts, progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.binding import Binding

from feedback.drills import FeedbackMode, Purpose, StepKind, TaskError
from tui.failures import sentence_of
from tui.own_app import OwnApp
from tui.practise.tone import PracticeTone
from tui.screens.practise.drill_list import DrillListScreen, DrillWish
from tui.screens.practise.group import GroupScreen
from tui.screens.practise.home import Here, HomeScreen, Wish
from tui.screens.practise.just_now import just_now_text
from tui.screens.practise.progress import ProgressScreen
from tui.screens.practise.skip import SkipScreen
from tui.screens.practise.trainee import TraineeScreen
from tui.screens.practise.turns import Turn, take_turns
from tui.screens.practise.wording import SCREEN
from tui.screens.visit.choices import Choice, ChoiceScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from feedback.drills import Step
    from tui.practise.studio import PractiseStudio

CHOSEN = (FeedbackMode.ON_DEMAND, FeedbackMode.AFTER, FeedbackMode.ALWAYS, FeedbackMode.NONE)
"""The order in which the screen's ways are offered: what keeps best first (JOSPT 2012;42:114)."""
LETTERS = {
    FeedbackMode.ON_DEMAND: "d",
    FeedbackMode.AFTER: "a",
    FeedbackMode.ALWAYS: "s",
    FeedbackMode.NONE: "n",
}


class PractiseApp(OwnApp):
    """From the trainee's code over home to attempts and back.

    Args:
        studio: the open record, the drills and the way to a sensor.
        trainee: a code; None asks for it.
        feedback: what practice begins with; None for on demand. It can be changed on the screen.
    """

    BINDINGS = [Binding("m", "sound", "Sound on or off", id="sound", show=False)]

    def __init__(
        self, studio: PractiseStudio, trainee: str | None = None, *, feedback: FeedbackMode | None = None
    ) -> None:
        super().__init__(studio.settings)
        self._studio = studio
        self._trainee = trainee
        self._feedback = feedback or FeedbackMode.ON_DEMAND
        self._just_now = ""
        self._drill = ""
        self._on_the_way = False
        self._tone: PracticeTone | None = None
        self.failure: Exception | None = None
        """What ended the application, to be told when the terminal is back."""

    def on_mount(self) -> None:
        """Ask for the code, or go home."""
        self.begin_in_order()
        for fault in self._studio.faults:
            self.notify(fault, severity="warning", timeout=10)
        self._come_in()

    def on_unmount(self) -> None:
        """The player of tones ends with the application."""
        if self._tone is not None:
            self._tone.shut()

    def action_sound(self) -> None:
        """Sound off, or on again."""
        self.notify(f"Sound: {self._tones().sound.toggle_mute()}", timeout=4)

    # From home and back.

    @work
    async def _come_in(self) -> None:
        try:
            if self._trainee is None and not await self._ask_trainee():
                self.exit()
                return
            await self.push_screen(HomeScreen(self._studio, self._here()))
        except Exception as error:
            self._end_with(error)

    @on(HomeScreen.Wished)
    def _wished(self, event: HomeScreen.Wished) -> None:
        if event.wish is Wish.END:
            self.exit()
        elif not self._on_the_way:
            self._on_the_way = True
            self._go(event.wish)

    @work
    async def _go(self, wish: Wish) -> None:
        ways: dict[Wish, Callable[[], Coroutine[object, object, object]]] = {
            Wish.BEGIN: self._begin,
            Wish.SKIP: self._skip,
            Wish.SCREEN: self._choose_screen,
            Wish.DRILLS: self._choose_drill,
            Wish.PROGRESS: self._show_progress,
            Wish.GROUP: self._show_group,
            Wish.TRAINEE: self._ask_trainee,
        }
        try:
            await self._kept_up(ways[wish])
            if isinstance(self.screen, HomeScreen):
                await self.screen.come_back(self._here())
        except Exception as error:
            self._end_with(error)
        finally:
            self._on_the_way = False

    def _here(self) -> Here:
        code = self._code
        return Here(
            history=self._studio.training(code),
            step=self._studio.next_step(code),
            reminders=tuple(self._studio.reminders(code)),
            feedback=self._feedback,
            just_now=self._just_now,
        )

    def _end_with(self, error: Exception) -> None:
        """Without the record there is no home: the sentence goes where the command tells it."""
        if sentence_of(error) is None:
            raise error
        self.failure = error
        self.exit()

    async def _kept_up(self, way: Callable[[], Coroutine[object, object, object]]) -> None:
        """Go a way; what goes wrong on it is a sentence, and home is still there."""
        try:
            await way()
        except TaskError as error:
            self._tell(str(error))
        except Exception as error:
            sentence = sentence_of(error)
            if sentence is None:
                raise
            self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        self.notify(sentence, severity="error", timeout=12)

    @property
    def _code(self) -> str:
        assert self._trainee is not None
        return self._trainee

    async def _ask_trainee(self) -> bool:
        code = await self.push_screen_wait(TraineeScreen(self._studio.trainees(), self._trainee or ""))
        if code is not None:
            if code != self._trainee:
                self._just_now, self._drill = "", ""
            self._trainee = code
        return code is not None

    # Attempts.

    async def _begin(self) -> None:
        await self._take_step(self._studio.next_step(self._code))

    async def _take_step(self, step: Step) -> None:
        drill, purpose = self._studio.drills.get(step.drill), step.kind.purpose
        if drill is None or purpose is None:
            self._tell(f"There is no drill “{step.drill}” any more: put its file back, or skip this step.")
            return
        await self._take(
            Turn(drill, purpose, step.feedback or self._feedback, step.done, step.of, step.reveal)
        )

    async def _take(self, turn: Turn) -> None:
        self._drill = turn.drill.name
        before = self._studio.training(self._code)
        made = await take_turns(self, self._studio, self._code, turn, tone=self._tones())
        now = self._studio.training(self._code)
        goes_on = not turn.reveal and turn.done + sum(record.counts for record in made) < turn.of
        self._just_now = just_now_text(turn.drill, turn.purpose, made, before, now, hidden=goes_on)

    def _tones(self) -> PracticeTone:
        if self._tone is None:
            self._tone = PracticeTone.of(self._studio.settings)
        return self._tone

    async def _skip(self) -> None:
        step = self._studio.next_step(self._code)
        purpose = step.kind.purpose
        if purpose is None:
            return
        drill = self._studio.drills.get(step.drill)
        title = drill.title if drill else step.drill
        if await self.push_screen_wait(SkipScreen(title, step.kind)):
            self._studio.skip(self._code, step.drill, purpose)
            self._just_now = f"Skipped: {title}, {step.kind.value}."

    async def _choose_screen(self) -> None:
        choices = [Choice(LETTERS[mode], mode.value, *SCREEN[mode].split(": ", 1)) for mode in CHOSEN]
        head = "When do you want to see the pressure while you practise? Less of it keeps better."
        chosen = await self.push_screen_wait(
            ChoiceScreen("Screen", choices, head=head, chosen=self._feedback.value)
        )
        if chosen is not None:
            self._feedback = FeedbackMode(chosen)

    async def _choose_drill(self) -> None:
        history = self._studio.training(self._code)
        screen = DrillListScreen(self._studio, history, self._feedback, self._drill)
        wish: DrillWish | None = await self.push_screen_wait(screen)
        if wish is None:
            return
        step = self._studio.step_of(self._code, wish.drill)
        if not wish.free and step.kind.purpose is not None:
            await self._take_step(step)
            return
        drill = self._studio.drills[wish.drill]
        if step.kind is StepKind.BASELINE and self._feedback is not FeedbackMode.NONE:
            # What was shown once cannot be unseen: a baseline is given up knowingly or not at all.
            if not await self.push_screen_wait(SkipScreen(drill.title, step.kind)):
                return
            self._studio.skip(self._code, drill.name, Purpose.BASELINE)
        await self._take(Turn(drill, Purpose.FREE, self._feedback))

    # Looking back.

    async def _show_progress(self) -> None:
        history = self._studio.training(self._code)
        await self.push_screen_wait(ProgressScreen(self._studio, history, drill=self._drill))

    async def _show_group(self) -> None:
        codes = [trainee.code for trainee in self._studio.trainees()]
        histories = [self._studio.training(code) for code in codes]
        await self.push_screen_wait(GroupScreen(self._studio, histories))
