"""Makes the pictures of docs/practise.md from the real application: `python -m tests.practise.pictures [FOLDER]`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from feedback.drills import Purpose
from sim.steering import Steering
from tests.practise.at_home import MONDAY, AtHome, at_home
from tests.practise.past import LIGHT_AT_FIRST, NEVER_LEARNS, keep_training
from tests.tui.screenshot import svg_of
from tui.screens.practise.attempt import AttemptScreen
from tui.screens.practise.progress import ProgressScreen
from tui.screens.practise.result import ResultScreen

DOCS = Path(__file__).parents[2] / "docs"
SIZE = (112, 30)
SENSOR = "sim://upper-trapezius?hand=steered&seed=11"


async def _picture(here: AtHome, folder: Path, name: str) -> None:
    await asyncio.sleep(0.4)
    (folder / f"practise-{name}.svg").write_text(svg_of(here.app), "utf-8")


async def looking_back(folder: Path) -> None:
    """Home, progress and the group, of trainings that simulated learners have behind them."""
    with tempfile.TemporaryDirectory() as data:
        keep_training(Path(data), "T-01", LIGHT_AT_FIRST, MONDAY, (0, 1, 2), seed=8)
        keep_training(Path(data), "T-02", NEVER_LEARNS, MONDAY, (0, 1), seed=5)
        keep_training(Path(data), "T-03", LIGHT_AT_FIRST, MONDAY, (0,), seed=21)
        async with at_home(Path(data), now=MONDAY + timedelta(days=3), size=SIZE) as here:
            await _picture(here, folder, "home")
            await here.press("p")
            await here.until(lambda: isinstance(here.app.screen, ProgressScreen), "progress")
            while "Find the pressure" not in here.text():
                await here.press("right")
            await _picture(here, folder, "progress")
            await here.press("m")
            await _picture(here, folder, "map")
            await here.press("escape")
            await here.until_home()
            await here.press("g")
            await here.until_text("Group")
            await here.press("s")
            await _picture(here, folder, "group")


async def attempts(folder: Path) -> None:
    """The first attempts of a new trainee: blind, the question, then one with the screen and its result."""
    with tempfile.TemporaryDirectory() as data:
        async with at_home(Path(data), "T-09", size=SIZE, url=SENSOR) as here:
            hand = Steering(SENSOR)

            async def attempt(kpa: float, when: str) -> None:
                await here.until(lambda: isinstance(here.app.screen, AttemptScreen), "the attempt")
                await here.until_text("Touch")
                hand.aim(4.0)
                await asyncio.sleep(1.4)
                hand.aim_kpa(kpa, 60.0)
                await asyncio.sleep(5.0)
                if when:
                    await _picture(here, folder, when)

            await here.press("enter")
            await attempt(150.0, "blind")
            await here.until_text("What do you think")
            await here.press(*"1.7")
            await _picture(here, folder, "estimate")
            await here.press("enter")
            await here.until_text("is kept")
            await here.press("escape")
            await here.until_home()
            here.studio.skip("T-09", "find-pressure", Purpose.BASELINE)
            await here.press("p")
            await here.until(lambda: isinstance(here.app.screen, ProgressScreen), "progress")
            await here.press("escape")
            await here.until_text("Find the pressure: practice")
            await here.press("f", "s")
            await here.until_text("always: the pressure")
            await here.press("enter")
            await here.until(lambda: isinstance(here.app.screen, AttemptScreen), "the attempt")
            target = here.app.screen._run.task.target_kpa  # type: ignore[attr-defined]
            await attempt(1.03 * (target or 150.0), "attempt")
            await here.until(lambda: isinstance(here.app.screen, ResultScreen), "the result")
            await _picture(here, folder, "result")


async def main(folder: Path) -> None:
    """All of them."""
    await looking_back(folder)
    await attempts(folder)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS))
