"""Makes the picture of the body map for the documentation: `python -m tests.atlas.picture`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from feedback.atlas import load_atlas
from tests.tui.app import WidgetApp
from tests.tui.screenshot import svg_of
from tui.widgets.body_map import BodyMap

TARGET = Path(__file__).parents[2] / "docs" / "body-map.svg"
SIZE = (72, 34)
PRESSES = {
    ("shoulder-top", "left"): 12.0, ("shoulder-top", "right"): 3.0, ("shoulder-blade", "left"): 7.0,
    ("low-back", "left"): 5.0, ("calf", "right"): 2.0, ("thigh-front", "left"): 9.0, ("knee-front", "right"): 1.0,
}  # fmt: skip


async def main(path: Path) -> None:
    """Presses of a visit, the right shoulder highlighted."""
    body = BodyMap(load_atlas(), values=PRESSES, place=("shoulder-top", "right"))
    body.styles.height = SIZE[1]
    app = WidgetApp(body)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        path.write_text(svg_of(app), "utf-8")


if __name__ == "__main__":
    asyncio.run(main(TARGET))
