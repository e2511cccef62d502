"""The learned band beside questplus and a staircase (`bench_band`), the errors alone: no clock in it."""

from __future__ import annotations

from pathlib import Path

from tests.bench.bench_band import compare
from tests.bench.figures import Section

CLIENTS, SEED = 300, 1


def measure(_: Path, *, quick: bool) -> Section:
    """All of them."""
    return compare(20 if quick else CLIENTS, SEED, timed=False)
