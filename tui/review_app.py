"""The application of `goodpain review`: the record, looked through without a session."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from feedback.history import open_for_reading, utc_now
from tui.own_app import OwnApp
from tui.screens.review.browser import ReviewScreen
from tui.screens.review.lists import Start
from tui.screens.review.page import Desk
from tui.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from feedback.history import History
    from feedback.history.review_rows import ClientRow
    from tui.settings import Settings


class ReviewApp(OwnApp):
    """Shows the columns, and what is opened from them.

    Args:
        history: the open record; it stays open.
        settings: unit, glyphs, theme, the therapist's code.
        shelf: atlas and rules.
        client: code of the client to begin at; all clients when None.
        now: the time of day, aware.
        clock: seconds on any clock that only grows, for replays.
        clients: all clients of the record, where they have been read already.
    """

    def __init__(
        self,
        history: History,
        settings: Settings,
        shelf: Shelf,
        client: str | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        clients: Sequence[ClientRow] | None = None,
        reminder: str = "",
    ) -> None:
        super().__init__(settings)
        self.desk = Desk(history, settings, shelf, now, clock)
        self._start = Start(client) if client is not None else None
        self._clients = clients
        self._reminder = reminder

    def on_mount(self) -> None:
        """The columns."""
        self.begin_in_order()
        self.push_screen(ReviewScreen(self.desk, self._start, self._clients))
        if self._reminder:
            self.notify(f"{self._reminder[0].upper()}{self._reminder[1:]}.", timeout=10)


def run_review(folder: Path, settings: Settings, client: str | None) -> str:
    """Open the record, show it until the user ends; what to say afterwards, empty for nothing.

    Raises:
        HistoryError: there is no record, it cannot be read, or it does not know the client.
    """
    from tui.app import check_theme
    from tui.console import tell_recovered
    from tui.opening import HISTORY_FILE, retention_reminder

    with open_for_reading(folder / HISTORY_FILE) as history:
        tell_recovered(history.recover())
        if client is not None:
            client = history.known_client(client).code
        clients = history.review.clients()
        if not clients:
            return "The record is empty: `goodpain live` records a session, `goodpain demo` a simulated one."
        reminder = retention_reminder(history, settings)
        app = ReviewApp(history, settings, Shelf(folder), client, clients=clients, reminder=reminder)
        check_theme(app, settings)
        app.run()
    return ""
