"""Makes the pictures of docs/review.md from the real app: `python -m tests.tui.review_pictures [FOLDER]`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.tui.pictures import DOCS
from tests.tui.review_past import INFRA, LEFT, RIGHT, Told, write
from tests.tui.reviewing import reviewing
from tests.tui.screenshot import svg_of
from tui.settings import Settings

A17 = [
    Told(40, (LEFT, RIGHT), (7, 6), newtons=18, band=(130, 220), threshold_kpa=150),
    Told(26, (LEFT,), (7, 5, 5), lost=True, threshold_kpa=160),
    Told(12, (LEFT, INFRA), (6, 4), saturated=True, note="left arm tingles a little"),
    Told(3, (LEFT, RIGHT), (5, 3), newtons=24, band=(190, 330), threshold_kpa=345),
]


async def pictures(
    folder: Path,
    *,
    size: tuple[int, int] = (128, 40),
    settings: Settings | None = None,
    prefix: str = "review",
) -> None:
    """Columns, a press, a correction, two presses, a point over time, the course, the body."""
    with tempfile.TemporaryDirectory() as data:
        write(Path(data), "A17", A17)
        write(Path(data), "B02", [Told(9, (INFRA,), (4,)), Told(2, (INFRA,), (4,), simulated=True)])
        write(Path(data), "C-11", [Told(100)])
        async with reviewing(Path(data), "A17", size=size, settings=settings) as session:

            async def picture(name: str) -> None:
                await asyncio.sleep(0.5)
                (folder / f"{prefix}-{name}.svg").write_text(svg_of(session.app), "utf-8")

            async def page(*keys: str) -> None:
                await session.press(*keys)
                await asyncio.sleep(0.6)

            await page("down", "right", "down", "right")
            await picture("columns")
            await page("enter")
            await page("up", "up", "up", "up")
            await picture("press")
            await page("down", "down", "down", "home", "left")
            for _ in range(12):
                if "said: 6/10" in session.app.screen._list.row.words:
                    break
                await page("down")
            await page("c")
            await picture("correct")
            await page("escape")
            await page("escape")
            await page("space", "left", "home")
            await page("right", "equals_sign")
            await picture("compare")
            await page("escape")
            await page("f2")
            await picture("point")
            await page("escape")
            await page("f3")
            await picture("course")
            await page("escape")
            await page("f4")
            await picture("body")


if __name__ == "__main__":
    asyncio.run(pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS))
