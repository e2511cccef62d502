"""The terminal application: themes, keys and the way from the first question to the end of the session."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from textual.app import App

from firmware_bridge import Sensor
from tui.keys import check_keymap
from tui.opening import Studio, finish
from tui.own_app import OwnApp
from tui.screens.live import LiveScreen
from tui.screens.setup import SetupScreen
from tui.settings import Settings, SettingsError
from tui.sound import Sound
from tui.summary import summary_lines

if TYPE_CHECKING:
    from feedback.history import SessionJournal
    from tui.live_loop import Companion, LiveLoop
    from tui.wanted import SensorWanted, Visit


class GoodpainApp(OwnApp):
    """Holds the screens; the session itself lives in a `LiveLoop` and goes on whatever a screen does."""

    def __init__(
        self,
        studio: Studio,
        sensor: Sensor,
        visit: Visit,
        companion: Companion | None = None,
        *,
        ask: bool = False,
        start_s: float | None = None,
        seconds: float | None = None,
    ) -> None:
        super().__init__(studio.settings)
        self._studio = studio
        self._sensor = sensor
        self._visit = visit
        self._companion = companion
        self._ask = ask
        self._start_s = start_s
        self._seconds = seconds
        self.live_loop: LiveLoop | None = None
        self.journal: SessionJournal | None = None
        self.sound: Sound | None = None
        self.set_keymap(studio.settings.keys)

    def on_mount(self) -> None:
        """Ask what is not known yet, then begin."""
        self.begin_in_order()
        if self._ask:
            self.push_screen(
                SetupScreen(self._studio.history, self._studio.settings, self._visit), self._answered
            )
        else:
            self._begin(self._visit)

    def action_toggle_help(self) -> None:
        """Show or hide the keys."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def _answered(self, visit: Visit | None) -> None:
        if visit is None:
            self.exit()
        else:
            # What came in while the form was filled in is nobody's.
            self._sensor.take()
            self._start_s = None
            self._begin(visit)

    def _begin(self, visit: Visit) -> None:
        self.sound = Sound.of(self._studio.settings)
        loop, journal = self._studio.begin(
            visit, self._sensor, self._companion, start_s=self._start_s, followers=(self.sound,)
        )
        self.live_loop, self.journal = loop, journal
        loop.start()
        if self._seconds is not None:
            self.set_interval(0.1, self._end_in_time)
            self._end_s = self._sensor.now_s() + self._seconds
        self.push_screen(LiveScreen(self._studio, loop, journal, visit))

    def _end_in_time(self) -> None:
        if self._sensor.now_s() >= self._end_s:
            self.exit()


def run_app(
    folder: Path,
    settings: Settings,
    wanted: SensorWanted,
    visit: Visit,
    companion: Companion | None,
    *,
    ask: bool,
    seconds: float | None,
) -> None:
    """Open everything, show the screen until it ends, close everything, and tell how it went."""
    from tui.console import tell_recovered

    check_keymap(settings.keys)
    with Studio(folder, settings) as studio:
        sensor = studio.open_sensor(wanted)
        app = GoodpainApp(studio, sensor, visit, companion, ask=ask, start_s=sensor.now_s(), seconds=seconds)
        check_theme(app, settings)
        try:
            app.run()
        finally:
            loop, journal = app.live_loop, app.journal
            if loop and journal:
                finish(loop, journal)
        tell_recovered(studio.recovered)
        if loop:
            for line in summary_lines(loop, settings.unit):
                click.echo(line)
            if loop.failure:
                raise loop.failure
    if app.return_code:
        sys.exit(app.return_code)


def check_theme(app: App[None], settings: Settings) -> None:
    """Refuse a theme that does not exist.

    Raises:
        SettingsError: it does not; the message lists those there are.
    """
    if settings.theme and settings.theme not in app.available_themes:
        raise SettingsError(
            f"theme “{settings.theme}” does not exist; there are {', '.join(sorted(app.available_themes))}"
        )
