"""What our applications have in common: themes, colours for everybody else's, and an orderly end."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.plain_words import PlainWordsApp
from tui.themes import GOODPAIN_DARK, THEMES, colour_variables

if TYPE_CHECKING:
    from tui.settings import Settings


class OwnApp(PlainWordsApp):
    """An application of ours; its `on_mount` calls `begin_in_order` first."""

    TITLE = "Goodpain"
    BINDINGS = [Binding("ctrl+q", "quit", "End", show=False, priority=True)]

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._theme_wanted = settings.theme or GOODPAIN_DARK.name
        for theme in THEMES:
            self.register_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours for themes that do not bring them."""
        return colour_variables(dark=self.current_theme.dark)

    def begin_in_order(self) -> None:
        """Put the theme on; a closed terminal or a polite kill then ends the program in order."""
        known = self._theme_wanted in self.available_themes
        self.theme = self._theme_wanted if known else GOODPAIN_DARK.name
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name) and sys.platform != "win32":
                try:
                    asyncio.get_running_loop().add_signal_handler(getattr(signal, name), self.exit)
                except (RuntimeError, ValueError):
                    return  # Not in the main thread: whoever runs the app there handles its signals.
