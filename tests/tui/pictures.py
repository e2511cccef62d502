"""Makes the pictures of a session and a visit from the real app: `python -m tests.tui.pictures [FOLDER]`.

`python -m tests.pictures` makes those of all pages.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from feedback.points import UNSPECIFIED, Point
from tests.tui.past import past_visit
from tests.tui.screenshot import svg_of
from tests.tui.sessions import running
from tui.app import GoodpainApp
from tui.demo import demo_of
from tui.opening import Studio, finish
from tui.settings import Settings
from tui.wanted import UNNAMED_CLIENT, Visit

DOCS = Path(__file__).parents[2] / "docs"


async def live(path: Path, seconds: float = 56.0) -> None:
    """The live screen in the last hold of the demo: coached, band learned, reports given, once gone too far."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        demo = demo_of(data, scenario_name="upper-trapezius", seed=None, speed=2.0, technique_name="")
        with Studio(data, Settings()) as studio:
            visit = demo.prepare(studio)
            sensor = studio.open_sensor(demo.wanted)
            start_s = sensor.now_s()
            app = GoodpainApp(studio, sensor, visit, demo.client, start_s=start_s, followers=demo.followers)
            try:
                async with app.run_test(size=(112, 34)):
                    while sensor.now_s() < start_s + seconds:
                        await asyncio.sleep(0.02)
                    path.write_text(svg_of(app), "utf-8")
                    app.exit()
            finally:
                finish(app.live_loop, app.journal)


async def visit(folder: Path) -> None:
    """The sheets of a visit: form, opening card, check, assessment, plan, the card at the end."""

    async def settle() -> None:
        await asyncio.sleep(1.2)

    with tempfile.TemporaryDirectory() as data:
        past_visit(Path(data), "A17", days_ago=8, pain_now=7)
        past_visit(Path(data), "A17", days_ago=2, pain_now=4)
        wanted = Visit(UNNAMED_CLIENT, Point(UNSPECIFIED), "thumb", 2.5, technique="sustained-release")
        url = "sim://upper-trapezius?seed=7"
        async with running(Path(data), url, wanted=wanted, ask=True, size=(128, 40)) as session:

            def picture(name: str) -> None:
                (folder / f"visit-{name}.svg").write_text(svg_of(session.app), "utf-8")

            await session.until_text("Whose session?")
            await session.press(*"A17", "enter")
            await settle()
            await session.press(*"levator s l", "enter")
            await settle()
            await session.press("y")
            await settle()
            picture("setup")
            await session.press("enter")
            await session.until_text("Visit 3 of 4")
            await session.press("3")
            await settle()
            picture("opening")
            await session.press("enter")
            await session.until_text("Check before")
            await session.press("a")
            await settle()
            picture("check")
            await session.press("enter")
            await session.until_text("A17 ·")
            await asyncio.sleep(3)
            await session.press("c")
            await settle()
            await session.press("a")
            await session.until_text("Where it hurts")
            await settle()
            await session.press(*"ne l", "enter")
            await settle()
            await session.press("4", "6", "i", "t")
            await settle()
            await session.press(*"ut l", "enter")
            await settle()
            await session.press("enter")
            await settle()
            await session.press("enter", *"low b", "enter")
            await settle()
            await session.press("2", "3", "p", "enter")
            await settle()
            await session.press("enter")
            await settle()
            await session.press("s", "w")
            await settle()
            picture("assessment")
            await session.press("ctrl+s")
            await settle()
            await session.press("c", "p")
            await session.until_text("over weeks")
            await session.press(*"neck stretch, twice a day", "enter", *"a walk at noon", "enter")
            await settle()
            picture("plan")
            await session.press("enter")
            await settle()
            await session.press("ctrl+q")
            await session.until_text("End this session?")
            await settle()
            picture("after")


async def pictures(folder: Path) -> None:
    """All of them."""
    await live(folder / "live.svg")
    await visit(folder)


if __name__ == "__main__":
    asyncio.run(pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS))
