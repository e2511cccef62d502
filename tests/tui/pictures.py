"""Makes the pictures of the documentation from the real app on the simulated sensor: `python -m tests.tui.pictures`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.tui.screenshot import svg_of
from tui.app import GoodpainApp
from tui.demo import demo_of
from tui.opening import Studio, finish
from tui.settings import Settings

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


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "live.svg"))
