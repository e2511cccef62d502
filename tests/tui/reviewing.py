"""The real review on a real record, for tests through Pilot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from feedback.history import History, open_for_reading, open_history
from tests.tui.review_past import NOW
from tests.tui.sessions import Running
from tui.review_app import ReviewApp
from tui.screens.review.browser import ReviewScreen
from tui.screens.review.lists import Lists
from tui.settings import Settings
from tui.shelf import Shelf


class Reviewing(Running):
    """A review on the screen, with a clock of its own for replays."""

    app: ReviewApp

    def __init__(self, app: ReviewApp, history: History, clock: Clock) -> None:
        self.app = app  # type: ignore[assignment]
        self.history = history
        self.clock = clock

    def __repr__(self) -> str:
        return "a review"

    def rows(self) -> list[str]:
        """The screen as text; none while it is being put up."""
        return super().rows() or [""]

    @property
    def browser(self) -> ReviewScreen:
        """The screen of the columns."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, ReviewScreen))

    @property
    def lists(self) -> Lists:
        """What they list."""
        return self.browser.lists

    def codes(self) -> list[str]:
        """Clients that are listed."""
        return [row.code for row in self.lists.columns[0].rows]

    async def until_told(self, words: str) -> None:
        """Wait for a notification."""
        await self.until(lambda: any(words in one for one in self.app.told), f"“{words}”")

    async def until_read(self, level: int = 3) -> None:
        """Wait until a column has been read."""
        await self.until(lambda: not self.lists.columns[level].waiting, f"column {level}")


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@asynccontextmanager
async def reviewing(
    folder: Path,
    client: str | None = None,
    *,
    size: tuple[int, int] = (140, 45),
    settings: Settings | None = None,
    read_only: bool = False,
    now: datetime = NOW,
) -> AsyncIterator[Reviewing]:
    """The application on the record of a folder."""
    path = folder / "history.db"
    clock = Clock()
    with open_history(path, create=False, read_only=True) if read_only else open_for_reading(path) as history:
        chosen = settings or Settings(therapist="T1")
        app = ReviewApp(history, chosen, Shelf(folder), client, now=lambda: now, clock=clock)
        async with app.run_test(size=size):
            session = Reviewing(app, history, clock)
            await session.until(lambda: isinstance(app.screen, ReviewScreen), "the columns")
            await session.until_read(0)
            if client is not None:
                await session.until(lambda: session.lists.level == 1, "the client's points")
                await session.until_read(1)
            yield session
            app.exit()
