"""The real application of practice on a real record, for tests through Pilot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from textual import events
from textual._context import visible_screen_stack
from textual.keys import _character_to_key

from tests.tui.sessions import KEY_CHARACTERS
from tui.practise.opening import practise_studio
from tui.practise.studio import PractiseStudio
from tui.practise_app import PractiseApp
from tui.screens.practise.home import HomeScreen
from tui.settings import Settings
from tui.wanted import SensorWanted

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEERED = "sim://upper-trapezius?hand=steered&noise=0&speed=4"


@dataclass
class AtHome:
    app: PractiseApp
    studio: PractiseStudio

    def text(self) -> str:
        width = self.app.size.width
        visible_screen_stack.set(list(self.app._background_screens))
        rows = self.app.screen._compositor.render_strips()
        return "\n".join(row.text[:width] for row in rows)

    async def press(self, *keys: str) -> None:
        """Press keys, giving each a moment: Pilot's own way waits for an idle process."""
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
            event = events.Key(name, key if len(key) == 1 else KEY_CHARACTERS.get(key))
            event.set_sender(self.app)
            self.app._driver.send_message(event)
            await asyncio.sleep(0.03)

    async def until(self, condition: Callable[[], bool], what: str, timeout_s: float = 15.0) -> None:
        end_s = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end_s, f"{what} did not happen; the screen shows\n{self.text()}"
            await asyncio.sleep(0.02)

    async def until_text(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text() for text in texts), str(texts))

    async def until_told(self, text: str) -> None:
        """A message that pops up."""
        await self.until(lambda: any(text in told for told in self.app.told), text)

    async def until_home(self) -> None:
        await self.until(
            lambda: isinstance(self.app.screen, HomeScreen) and "How far" in self.text(), "coming home"
        )


@asynccontextmanager
async def at_home(
    folder: Path,
    trainee: str | None = "T-01",
    *,
    now: datetime = MONDAY,
    size: tuple[int, int] = (100, 32),
    settings: Settings | None = None,
    url: str = STEERED,
    ceiling_kpa: float | None = None,
    notifications: bool = False,
) -> AsyncIterator[AtHome]:
    """The application as it stands at a time of day."""
    wanted = SensorWanted(url)
    with practise_studio(
        folder, settings or Settings(), wanted, ceiling_kpa=ceiling_kpa, now=lambda: now
    ) as studio:
        app = PractiseApp(studio, trainee)
        async with app.run_test(size=size, notifications=notifications):
            here = AtHome(app, studio)
            if trainee is not None:
                await here.until_home()
            yield here
            app.exit()
