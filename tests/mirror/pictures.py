"""Makes the pictures of docs/mirror.md from real mirrors beside a real session: `python -m tests.mirror.pictures`."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from pathlib import Path

from tests.terminal import GOODPAIN
from tests.tui.screenshot import svg_of
from tui.mirror.faces import FaceKind
from tui.mirror.place import mirror_folder
from tui.mirror.reader import MirrorReader, SeenState
from tui.mirror.screen import MirrorApp
from tui.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


async def mirror(data: Path, kind: FaceKind, theme: str, path: Path) -> None:
    """One mirror, when somebody has just said something while the hand holds."""
    reader = MirrorReader(mirror_folder(), [data, data / "demo"])
    app = MirrorApp(reader, Settings(theme=theme), kind)
    async with app.run_test(size=(80, 24)):
        for _ in range(2000):
            await asyncio.sleep(0.03)
            seen = reader.look(asyncio.get_running_loop().time())
            now = seen.snapshot
            if seen.state is SeenState.SESSION and now and now.cue.value == "hold" and now.rating is not None:
                await asyncio.sleep(0.1)
                break
        path.write_text(svg_of(app), "utf-8")
    reader.close()


async def main(folder_of_pictures: Path = DOCS) -> None:
    """Both faces."""
    with tempfile.TemporaryDirectory() as folder:
        session = subprocess.Popen(
            [str(GOODPAIN), "demo", "--plain", "--for", "200", "--data", folder],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            await mirror(Path(folder), FaceKind.OBSERVER, "goodpain-dark", folder_of_pictures / "mirror.svg")
            await mirror(
                Path(folder), FaceKind.CLIENT, "goodpain-light", folder_of_pictures / "mirror-client.svg"
            )
        finally:
            session.terminate()
            session.wait()


if __name__ == "__main__":
    asyncio.run(main())
