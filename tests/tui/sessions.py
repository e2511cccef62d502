"""The real app on the real record with the simulated sensor, for tests through Pilot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual._context import visible_screen_stack
from textual.keys import _character_to_key

from feedback.band import Band
from feedback.points import Point
from tui.app import GoodpainApp
from tui.opening import Studio, finish
from tui.settings import Settings
from tui.wanted import SensorWanted, Visit

KEY_CHARACTERS = {"space": " ", "enter": "\r", "question_mark": "?"}
TRAPEZIUS = Point("upper trapezius", "left", "1")


@dataclass
class Running:
    app: GoodpainApp
    studio: Studio

    def rows(self) -> list[str]:
        """The screen as text."""
        width = self.app.size.width
        visible_screen_stack.set(list(self.app._background_screens))
        strips = self.app.screen._compositor.render_strips()
        return [strip.text[:width] for strip in strips]

    def text(self) -> str:
        return "\n".join(self.rows())

    async def press(self, *keys: str) -> None:
        """Press keys, giving each a moment: Pilot's own way waits for an idle process, which a live screen never is."""
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

    async def until_text(self, text: str, timeout_s: float = 15.0) -> None:
        await self.until(lambda: text in self.text(), f"“{text}”", timeout_s)


def visit(band: tuple[float, float] | None = (150.0, 250.0), ceiling_kpa: float | None = 500.0) -> Visit:
    return Visit("K-07", TRAPEZIUS, "probe", 1.0, Band(*band) if band else None, ceiling_kpa)


@asynccontextmanager
async def running(
    folder: Path,
    url: str = "sim://bench?noise=0",
    *,
    wanted: Visit | None = None,
    size: tuple[int, int] = (100, 30),
    settings: Settings | None = None,
    ask: bool = False,
    companion: object = None,
    notifications: bool = False,
) -> AsyncIterator[Running]:
    """A session on the screen; it is ended in order afterwards, whatever happened."""
    chosen = settings or Settings()
    with Studio(folder, chosen) as studio:
        sensor = studio.open_sensor(SensorWanted(url))
        app = GoodpainApp(studio, sensor, wanted or visit(), companion, ask=ask, start_s=sensor.now_s())
        try:
            async with app.run_test(size=size, notifications=notifications):
                yield Running(app, studio)
                app.exit()
        finally:
            if app.live_loop and app.journal:
                finish(app.live_loop, app.journal)
