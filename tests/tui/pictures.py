"""Makes the pictures of the documentation from the real app on the simulated sensor: `python -m tests.tui.pictures`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from sim.scenarios import DEFAULT_SEED, scenario
from tests.tui.screenshot import svg_of
from tests.tui.sessions import running, visit

DOCS = Path(__file__).parents[2] / "docs"


async def live(path: Path, seconds: float = 62.0) -> None:
    """The live screen in the third press of the demo: band learned, reports given."""
    client = scenario("upper-trapezius", DEFAULT_SEED).client()
    url = f"sim://upper-trapezius?seed={DEFAULT_SEED}&speed=4"
    with tempfile.TemporaryDirectory() as folder:
        wanted = visit(band=None, ceiling_kpa=500.0)
        async with running(Path(folder), url, wanted=wanted, companion=client, size=(112, 34)) as session:
            start_s = session.app.live_loop.view().now_s
            await session.until(
                lambda: session.app.live_loop.view().now_s > start_s + seconds, "the third press", seconds
            )
            path.write_text(svg_of(session.app), "utf-8")


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "live.svg", 50.0))
