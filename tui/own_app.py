"""What our applications have in common: themes, colours for everybody else's, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from tui.ending import Ending
from tui.plain_words import PlainWordsApp
from tui.themes import GOODPAIN_DARK, THEMES, colour_variables

if TYPE_CHECKING:
    from types import FrameType

    from textual.driver import Driver

    from tui.settings import Settings


def _driver_class() -> type[Driver] | None:
    """Ours where Textual would take the one that it is made from."""
    if sys.platform == "win32":
        return None
    from tui.steady_driver import SteadyDriver

    return SteadyDriver


class OwnApp(PlainWordsApp):
    """An application of ours; its `on_mount` calls `begin_in_order` first."""

    TITLE = "Goodpain"
    BINDINGS = [Binding("ctrl+q", "quit", "End", show=False, priority=True)]

    def __init__(self, settings: Settings) -> None:
        super().__init__(driver_class=_driver_class())
        self._asked_to_end = False
        self._own_loop: asyncio.AbstractEventLoop | None = None
        self._ending: Ending | None = None
        self._theme_wanted = settings.theme or GOODPAIN_DARK.name
        for theme in THEMES:
            self.register_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours for themes that do not bring them."""
        return colour_variables(dark=self.current_theme.dark)

    def run(self, *arguments: Any, **more: Any) -> None:
        """Run until the end; a closed terminal, a polite kill or Ctrl-C from elsewhere ends it in order at any time."""
        before: dict[int, Any] = {}
        self._ending = Ending(self._end_beside)
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            if (number := getattr(signal, name, None)) is not None:
                # Not in the main thread: whoever runs the app there handles its signals.
                with contextlib.suppress(ValueError):
                    before[number] = signal.signal(number, self._end_on_signal)
        try:
            super().run(*arguments, **more)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._ending.ended()

    @property
    def terminal_is_stuck(self) -> bool:
        """Nobody reads the terminal: what is written to it waits for ever."""
        return bool(getattr(self._driver, "stuck", False))

    @property
    def asked_to_end(self) -> bool:
        """A signal has asked for the end."""
        return self._asked_to_end

    def only_words_left(self) -> None:
        """All is on the disk: who was asked to end waits no longer for somebody who reads what is still said."""
        if self._asked_to_end and self._ending is not None:
            self._ending.words_only(stuck=self.terminal_is_stuck)

    def begin_in_order(self) -> None:
        """Put the theme on; end at once when that was asked for already."""
        known = self._theme_wanted in self.available_themes
        self.theme = self._theme_wanted if known else GOODPAIN_DARK.name
        self._own_loop = asyncio.get_running_loop()
        if self._asked_to_end:
            self.exit()

    def _end_on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked_to_end:
            return
        self._asked_to_end = True
        # Without memory even this may fail; whoever sees to the end asks again.
        with contextlib.suppress(MemoryError):
            if self._ending is not None:
                self._ending.asked()
            self._end_soon()

    def _end_soon(self) -> None:
        if self._own_loop is not None:
            with contextlib.suppress(RuntimeError):
                self._own_loop.call_soon_threadsafe(self.exit)

    def _end_beside(self) -> None:
        # The loop itself may be waiting for a terminal that nobody reads.
        getattr(self._driver, "let_go", int)()
        self._end_soon()
