"""How many keys a whole visit takes: the visit of `tests/tui/test_visit_keys.py`, in a real terminal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.figures import Figure, Section
from tests.tui.test_visit_keys import MOST_KEYS, whole_visit


def main() -> None:
    """Print how many."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as a figure too."""
    del quick
    with tempfile.TemporaryDirectory() as folder:
        keys = whole_visit(Path(folder))
    print(f"a whole visit: {keys} keys")
    return Section(
        "A visit by keys",
        "`goodpain live` in a terminal of 80 x 24: a new client, the form, the check before the session, "
        "presses at two points, soreness, a plan, the end.",
        (
            Figure(
                "keys of a whole visit",
                "all keys but those for what the client says; letters of names and codes included",
                keys,
                "keys",
                f"≤ {MOST_KEYS}",
                keys <= MOST_KEYS,
            ),
        ),
    )


if __name__ == "__main__":
    main()
