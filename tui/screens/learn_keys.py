"""Learning keys: press the one that should mean “too much”. Pedals, clickers and number pads send keys too."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.keys import format_key
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from tui.key_table import Action, KeyTable, KeyTableError
from tui.own_app import OwnApp
from tui.settings import SettingsError, load_settings
from tui.settings_file import write_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.settings import Settings

NAME_WIDTH = 22
HINTS = (
    "Enter learns a key for it · a all reports in turn · Del its default keys · d all default keys · t try keys · "
    "Esc done"
)


class Mode(Enum):
    """What the next key is taken for."""

    CHOOSE = auto()
    LEARN = auto()
    TAKE = auto()
    """Whether to take a key that means something else."""
    TRY = auto()


class LearnKeysScreen(ModalScreen[None]):
    """A list of what keys can mean; each change is applied at once and kept in the settings file."""

    DEFAULT_CSS = """
    LearnKeysScreen { align: center middle; background: $background 60%; }
    LearnKeysScreen > Vertical {
        width: 76; max-width: 100%; height: 100%; max-height: 40; padding: 0 1; border: round $primary;
        background: $surface;
    }
    LearnKeysScreen Label { width: 100%; }
    LearnKeysScreen .title { text-style: bold; }
    LearnKeysScreen .hint { color: $text-muted; height: auto; }
    LearnKeysScreen OptionList { height: 1fr; border: none; margin: 0; padding: 0; }
    LearnKeysScreen #ask { height: auto; min-height: 2; text-style: bold; margin: 1 0 0 0; }
    LearnKeysScreen #ask.waiting { background: $accent; color: $background; }
    LearnKeysScreen.-short .title, LearnKeysScreen.-short .hint { display: none; }
    LearnKeysScreen.-short #ask { min-height: 1; margin: 0; }
    LearnKeysScreen #wrong { color: $text-error; height: auto; }
    """
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-normal")]

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._path = settings.path
        self._table = KeyTable(settings.keys)
        self._mode = Mode.CHOOSE
        self._queue: list[Action] = []
        """Actions that a key is still to be learned for, the one asked for first."""
        self._pressed = ""
        self._left_one = False

    def compose(self) -> ComposeResult:
        """The list, what is asked, what is wrong, and what can be done."""
        with Vertical():
            yield Label("Keys of your own – pedals, clickers and number pads send keys too", classes="title")
            yield OptionList(markup=False)
            yield Label("", id="ask", markup=False)
            yield Label("", id="wrong", markup=False)
            yield Label(HINTS, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Show what is in force."""
        options = self.query_one(OptionList)
        # Every key comes to the screen: what is learned may be Enter or an arrow too.
        options.can_focus = False
        if self._path is not None:
            try:
                # What was learned since the program began stands in the file only.
                self._table = KeyTable(load_settings(self._path).keys)
            except SettingsError as error:
                self._say(wrong=str(error))
        options.add_options([Option(self._row(action), id=action.id) for action in self._table.actions])
        options.highlighted = 0
        if not self.query_one("#wrong", Label).content:
            self._say(self._about())

    def on_key(self, event: Key) -> None:
        """Every key, whatever it means elsewhere."""
        event.stop()
        event.prevent_default()
        {
            Mode.CHOOSE: self._choose,
            Mode.LEARN: self._learn,
            Mode.TAKE: self._take,
            Mode.TRY: self._try,
        }[self._mode](event.key)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self._begin([self._table.actions[event.option_index]])

    # What a key does.

    def _choose(self, key: str) -> None:
        options = self.query_one(OptionList)
        if key == "escape":
            self.dismiss()
        elif key in ("up", "down", "pageup", "pagedown", "home", "end"):
            {
                "up": options.action_cursor_up,
                "down": options.action_cursor_down,
                "pageup": options.action_page_up,
                "pagedown": options.action_page_down,
                "home": options.action_first,
                "end": options.action_last,
            }[key]()
            self._say(self._about())
        elif key == "enter":
            self._begin([self._chosen()])
        elif key == "a":
            self._begin(self._reports())
        elif key in ("delete", "backspace"):
            self._change(lambda: self._table.reset(self._chosen().id), "{} has its default keys: {}")
        elif key == "d":
            self._table.reset_all()
            self._keep("All keys are the default ones")
        elif key == "t":
            self._mode = Mode.TRY
            self._ask("Press any key to see what it means; Esc goes back")
        else:
            self._say(self._told(key))

    def _begin(self, queue: list[Action]) -> None:
        self._queue = queue
        self._left_one = False
        self._next()

    def _next(self) -> None:
        if not self._queue:
            self._mode = Mode.CHOOSE
            return
        self._mode = Mode.LEARN
        action = self._queue[0]
        self.query_one(OptionList).highlighted = self._table.actions.index(action)
        more = f" ({len(self._queue)} to go; Esc twice ends)" if len(self._queue) > 1 else ""
        self._ask(f"Press the key that should mean {action.words}. Esc leaves it as it is{more}")

    def _learn(self, key: str) -> None:
        if key == "escape":
            self._leave()
            return
        self._left_one = False
        action = self._queue[0]
        other = self._table.meaning(key)
        if other is not None and other is not action:
            self._mode, self._pressed = Mode.TAKE, key
            self._ask(
                f"{_name(key)} means {other.words} now. Enter takes it for {action.words}, Esc leaves it"
            )
            return
        self._put(key)

    def _leave(self) -> None:
        """Leave this one as it is and go on; at the second time in a row, end."""
        self._queue = [] if self._left_one else self._queue[1:]
        self._left_one = True
        if not self._queue:
            self._say("Left as it is")
        self._next()

    def _take(self, key: str) -> None:
        if key == "enter":
            self._put(self._pressed)
        elif key == "escape":
            self._next()

    def _put(self, key: str) -> None:
        action = self._queue[0]
        if self._change(
            lambda: self._table.learn(action.id, key, take=True), f"{_name(key)} means {{}}; its keys: {{}}"
        ):
            self._queue = self._queue[1:]
        if self._queue:
            wrong = self.query_one("#wrong", Label).content
            self._next()
            self._say_wrong(str(wrong))
        else:
            self._mode = Mode.CHOOSE

    def _try(self, key: str) -> None:
        if key == "escape":
            self._mode = Mode.CHOOSE
            self._say(self._about())
        else:
            self._ask(f"{self._told(key)} – Esc goes back")

    # Changes.

    def _change(self, change: Callable[[], None], told: str) -> bool:
        """Make a change and keep it; `told` says so, with the words and the keys of the action."""
        action = self._queue[0] if self._queue else self._chosen()
        try:
            change()
        except KeyTableError as error:
            self._say_wrong(str(error))
            return False
        self._keep(told.format(action.words, self._keys(action)))
        return True

    def _keep(self, told: str) -> None:
        """Apply the keys now and put them into the settings file."""
        self.app.set_keymap(self._table.own)
        wrong = ""
        if self._path is None:
            wrong = "These keys hold until the program ends: there is no settings file to keep them in"
        else:
            try:
                write_keys(self._path, self._table.own)
            except SettingsError as error:
                wrong = f"These keys hold until the program ends: {error}"
        options = self.query_one(OptionList)
        for index, action in enumerate(self._table.actions):
            options.replace_option_prompt_at_index(index, self._row(action))
        self._say(told, wrong)

    # Words.

    def _reports(self) -> list[Action]:
        """What the client may say: the words, then the ratings."""
        said = [action for action in self._table.actions if action.report]
        return sorted(said, key=lambda action: action.id.startswith("rating-"))

    def _chosen(self) -> Action:
        return self._table.actions[self.query_one(OptionList).highlighted or 0]

    def _about(self) -> str:
        action = self._chosen()
        return f"{action.words}: {self._keys(action) or 'no key'}"

    def _told(self, key: str) -> str:
        meant = self._table.meaning(key)
        return f"{_name(key)} means {meant.words}" if meant else f"{_name(key)} means nothing yet"

    def _keys(self, action: Action) -> str:
        return ", ".join(map(_name, self._table.keys(action.id)))

    def _row(self, action: Action) -> Text:
        own = self._table.is_own(action.id)
        row = Text(no_wrap=True, overflow="ellipsis")
        row.append(f"{action.words:<{NAME_WIDTH}} ")
        row.append(self._keys(action) or "no key", "bold" if own else "")
        row.append(" (yours)" if own else "", "italic")
        for key in self._table.clashes(action.id):
            meant = self._table.meaning(key)
            row.append(f" ! {_name(key)} means {meant.words if meant else 'something else'}", "bold red")
        return row

    def _ask(self, text: str) -> None:
        self._say(text)
        self.query_one("#ask", Label).add_class("waiting")

    def _say(self, text: str = "", wrong: str = "") -> None:
        ask = self.query_one("#ask", Label)
        ask.remove_class("waiting")
        ask.update(text)
        self._say_wrong(wrong)

    def _say_wrong(self, wrong: str) -> None:
        self.query_one("#wrong", Label).update(wrong)


def _name(key: str) -> str:
    """A key as it is written on it."""
    return format_key(key)


class KeysApp(OwnApp):
    """Learning keys without a session."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._settings = settings

    def on_mount(self) -> None:
        """Show the screen, and end with it."""
        self.begin_in_order()
        self.push_screen(LearnKeysScreen(self._settings), lambda _: self.exit())
