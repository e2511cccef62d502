"""What our applications have in common: themes, colours for everybody else's, notices, keys, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.css.query import NoMatches
from textual.message import Message
from textual.notifications import Notification
from textual.screen import Screen

from tui.ending import Ending
from tui.notices import Notices
from tui.plain_words import PlainWordsApp
from tui.themes import GOODPAIN_DARK, THEMES, colour_variables
from tui.widgets.key_list import KeyList

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.notifications import SeverityLevel
    from textual.timer import Timer

    from tui.settings import Settings


def _driver_class() -> type[Driver] | None:
    """Ours where Textual would take the one that it is made from."""
    if sys.platform == "win32":
        return None
    from tui.steady_driver import SteadyDriver

    return SteadyDriver


class OwnApp(PlainWordsApp):
    """An application of ours; its `on_mount` calls `begin_in_order` first.

    What it tells for some seconds stands on the last row, over the line of keys: there it hides no number, no cue and
    no part of a chart, on the smallest terminal too.
    """

    class Told(Message, bubble=False):
        """Something to tell for some seconds: sent, so that any thread may."""

        def __init__(self, words: str, severity: SeverityLevel, seconds: float, about: str = "") -> None:
            super().__init__()
            self.words = words
            self.about = about
            self.severity: SeverityLevel = severity
            self.seconds = seconds

    TITLE = "Goodpain"
    CSS = """
    ToastRack { margin: 0; max-height: 1; align: left bottom; overflow: hidden; }
    ToastHolder { align-horizontal: left; }
    Toast { width: 1fr; max-width: 100%; height: 1; margin: 0; padding: 0 1; background: $panel; }
    """
    BINDINGS = [Binding("ctrl+q", "quit", "End", show=False, priority=True)]

    def __init__(self, settings: Settings) -> None:
        super().__init__(driver_class=_driver_class())
        self._asked_to_end = False
        self._own_loop: asyncio.AbstractEventLoop | None = None
        self._ending: Ending | None = None
        self._notices = Notices()
        self._next_notice: Timer | None = None
        self._theme_wanted = settings.theme or GOODPAIN_DARK.name
        for theme in THEMES:
            self.register_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours for themes that do not bring them."""
        return colour_variables(dark=self.current_theme.dark)

    # Notices.

    @property
    def told(self) -> tuple[str, ...]:
        """What is being told or waits to be, each whole, the newest first."""
        return self._notices.words

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Tell something on the last row for `timeout` seconds; it is never markup, whatever `markup` says."""
        words = f"{title}: {message}" if title else message
        self.post_message(
            self.Told(words, severity, self.NOTIFICATION_TIMEOUT if timeout is None else timeout)
        )

    def tell_news(self, about: str, words: str, severity: SeverityLevel, seconds: float) -> None:
        """As `notify`; what was told about the same thing before is out of date and is not told any more."""
        self.post_message(self.Told(words, severity, seconds, about))

    def on_own_app_told(self, event: Told) -> None:
        """The newest stands there at once."""
        self._notices.add(event.words, event.severity, event.seconds, time.monotonic(), event.about)
        self._tell_next()

    def _tell_next(self) -> None:
        if self._next_notice is not None:
            self._next_notice.stop()
            self._next_notice = None
        # An edge and a space on the left, a space on the right.
        line = self._notices.next_line(self.size.width - 3, time.monotonic())
        # Not by `clear_notifications` and `notify`: what that sends comes later, and two would stand there together.
        self._notifications.clear()
        # Textual leaves the holder of a notice that is cleared, and it would keep its row.
        for screen in self.screen_stack:
            screen.query("ToastHolder").remove()
        if line is not None:
            # A little longer, so that the row does not flicker before the next part.
            seconds = line.seconds + 1
            self._notifications.add(Notification(line.text, severity=line.severity, timeout=seconds))
            self._next_notice = self.set_timer(line.seconds, self._tell_next)
        self._refresh_notifications()

    # Keys.

    def action_toggle_help(self) -> None:
        """List the keys below the screen, or put the list away."""
        if self.screen.query(KeyList):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def action_show_help_panel(self) -> None:
        """List the keys below the screen."""
        if not self.screen.query(KeyList):
            self.screen.mount(KeyList())

    def action_hide_help_panel(self) -> None:
        """Put the list of keys away."""
        self.screen.query(KeyList).remove()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """As Textual's; a key that reaches a screen before its widgets are there is nobody's."""
        if isinstance(default_namespace, Screen) and not default_namespace.is_mounted:
            return False
        return await super().run_action(action, default_namespace, namespaces)

    # From the beginning to the end.

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

    def _handle_exception(self, error: Exception) -> None:
        # A screen that comes up while all is taken down gets no widgets any more: that is nobody's mistake.
        if not (self._exit and isinstance(error, NoMatches)):
            super()._handle_exception(error)

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
