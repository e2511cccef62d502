"""Makes the large history that `bench_history` looks around in, while other benches run: no figure of its own."""

from __future__ import annotations

from pathlib import Path

from sim.histories import HistorySize, generate_history

CLIENTS = 1000
NAME = "large.db"


def measure(folder: Path, *, quick: bool) -> None:
    """Write it into `folder`."""
    made = generate_history(folder / NAME, HistorySize.of(20 if quick else CLIENTS))
    print(f"made {made}")
