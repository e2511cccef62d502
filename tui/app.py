"""The terminal application: themes, keys and the way from the first question to the end of the session."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from textual import on, work
from textual.app import App

from firmware_bridge import Sensor
from tui.keys import check_keymap
from tui.opening import Studio, finish
from tui.own_app import OwnApp
from tui.screens.dialogs import CautionConfirmed
from tui.screens.live import LiveScreen
from tui.screens.setup import SetupScreen
from tui.screens.visit.desk import CareDesk
from tui.screens.visit.hands import AfterAnswer, AfterCard
from tui.screens.visit.opening import OpeningCard
from tui.settings import Settings, SettingsError
from tui.sound import Sound
from tui.summary import summary_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from feedback.care import CheckAnswer
    from feedback.history import SessionJournal
    from tui.live_loop import Companion, Follower, LiveLoop
    from tui.wanted import SensorWanted, Visit


SETTLED_S = 1.0
"""So long after a session began all that it needs is there. From then on the garbage collector passes over it: going
through a hundred thousand objects again and again takes a tenth of a second each time, in which no alarm is given."""


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
        followers: Sequence[Follower] = (),
    ) -> None:
        super().__init__(studio.settings)
        self._studio = studio
        self._sensor = sensor
        self._visit = visit
        self._companion = companion
        self._ask = ask
        self._start_s = start_s
        self._seconds = seconds
        self._followers = followers
        self.live_loop: LiveLoop | None = None
        self.journal: SessionJournal | None = None
        self.sound: Sound | None = None
        self.set_keymap(studio.settings.keys)

    def on_mount(self) -> None:
        """Ask what is not known yet, then begin."""
        self.begin_in_order()
        if self._ask:
            self._receive()
        else:
            self._begin(self._visit)

    def on_unmount(self) -> None:
        """What the collector passed over is its own again."""
        gc.unfreeze()

    async def action_quit(self) -> None:
        """While a session runs, ask first."""
        self.end_visit()

    def end_visit(self) -> None:
        """Show the card at the end of a visit; without a session, or when its sensor has ended, just end."""
        loop = self.live_loop
        if loop is None or loop.ended:
            self.exit()
        elif not any(isinstance(screen, AfterCard) for screen in self.screen_stack):
            desk = CareDesk(self, self._studio, self._visit.client_code, loop)

            def answered(answer: AfterAnswer | None) -> None:
                if answer is not None:
                    desk.keep_after(answer)
                    self.exit()

            self.push_screen(desk.after_card(), answered)

    @on(CautionConfirmed)
    def _care_is_taken(self, event: CautionConfirmed) -> None:
        if self.live_loop is not None:
            self._studio.confirm_care(self.live_loop, event.point, event.sites)

    @work
    async def _receive(self) -> None:
        """From the form over the opening card and the check to the live screen; Escape goes one step back."""
        visit = self._visit
        while True:
            filled = await self.push_screen_wait(SetupScreen(self._studio, visit))
            if filled is None:
                self.exit()
                return
            visit = filled
            before = await self._before(visit)
            if before is not None:
                break
        # What came in while the form was filled in is nobody's.
        self._sensor.take()
        self._start_s = None
        self._begin(visit)
        desk = CareDesk(self, self._studio, visit.client_code, self.live_loop)
        desk.keep_check(before.answers)
        if before.soreness is not None:
            desk.keep_soreness(before.soreness, before.sore_after)
        self._remember_therapist(visit.therapist)

    async def _before(self, visit: Visit) -> _Before | None:
        """What is asked before a session; None to go back to the form."""
        desk = CareDesk(self, self._studio, visit.client_code)
        opening = desk.opening()
        known = opening is not None and not opening.new
        while True:
            soreness = None
            if opening is not None and known:
                card = await self.push_screen_wait(OpeningCard(opening))
                if card is None:
                    return None
                soreness = card.soreness
            answers = await self.push_screen_wait(desk.check_screen(opening))
            if answers is not None:
                due = opening.soreness_due if opening else None
                return _Before(answers, soreness, due.session_id if due else None)
            if not known:
                return None

    def _remember_therapist(self, code: str) -> None:
        path = self._studio.settings.path
        if path is None or code == self._studio.settings.therapist:
            return
        from tui.settings_file import write_values

        try:
            write_values(path, {"therapist": code})
        except SettingsError as error:
            self.notify(str(error), severity="warning", timeout=10)

    def _begin(self, visit: Visit) -> None:
        self._visit = visit
        self.sound = Sound.of(self._studio.settings)
        loop, journal = self._studio.begin(
            visit,
            self._sensor,
            self._companion,
            start_s=self._start_s,
            followers=(self.sound, *self._followers),
        )
        self.live_loop, self.journal = loop, journal
        loop.start()
        if self._seconds is not None:
            self.set_interval(0.1, self._end_in_time)
            self._end_s = self._sensor.now_s() + self._seconds
        self.push_screen(LiveScreen(self._studio, loop, journal, visit, self.sound))
        self.set_timer(SETTLED_S, gc.freeze)
        if self._studio.retention:
            self.notify(f"{self._studio.retention[0].upper()}{self._studio.retention[1:]}.", timeout=10)
        for problem in self._studio.shelf.problems:
            self.notify(problem, severity="warning", timeout=10)

    def _end_in_time(self) -> None:
        if self._sensor.now_s() >= self._end_s:
            self.exit()


@dataclass(frozen=True, slots=True)
class _Before:
    """What was answered before the session began."""

    answers: tuple[CheckAnswer, ...]
    soreness: int | None
    sore_after: UUID | None


def run_app(
    folder: Path,
    settings: Settings,
    wanted: SensorWanted,
    visit: Visit,
    companion: Companion | None,
    *,
    ask: bool,
    seconds: float | None,
    followers: Sequence[Follower] = (),
    prepare: Callable[[Studio], Visit] | None = None,
) -> None:
    """Open everything, show the screen until it ends, close everything, and tell how it went.

    `prepare` gives the visit instead, once the record is open.
    """
    from tui.console import stopped_by_signals, tell_recovered

    check_keymap(settings.keys)
    with stopped_by_signals() as stop, Studio(folder, settings) as studio:
        visit = prepare(studio) if prepare else visit
        sensor = studio.open_sensor(wanted)
        app = GoodpainApp(
            studio,
            sensor,
            visit,
            companion,
            ask=ask,
            start_s=sensor.now_s(),
            seconds=seconds,
            followers=followers,
        )
        check_theme(app, settings)
        try:
            if not stop.is_set():
                app.run()
        finally:
            loop, journal = app.live_loop, app.journal
            if loop and journal:
                finish(loop, journal)
        if app.asked_to_end:
            studio.close()
            app.only_words_left()
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
