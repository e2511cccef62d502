"""Makes the pictures of all pages of the documentation anew: `python -m tests.pictures [FOLDER]`, a few minutes.

Those of reports (`docs/report-*.png`) are printed by a browser and are not among them.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.atlas import picture as atlas
from tests.mirror import pictures as mirror
from tests.practise import pictures as practise
from tests.tui import pictures as session
from tests.tui import review_pictures as review

DOCS = Path(__file__).parents[1] / "docs"


def main(folder: Path) -> None:
    """One page after the other: each runs an application of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(atlas.main(folder / "body-map.svg"))
    asyncio.run(session.pictures(folder))
    asyncio.run(practise.main(folder))
    asyncio.run(review.pictures(folder))
    asyncio.run(mirror.main(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
