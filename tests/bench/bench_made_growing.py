"""Makes histories of 1 to a million presses for `bench_growth`, while other benches run: no figure of its own."""

from __future__ import annotations

from pathlib import Path

from sim.histories import HistorySize, generate_history

PRESSES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
PER_CLIENT, PER_VISIT = 200, 10
S_PER_PRESS = 2.0
"""Few samples: the lists read none."""


def path_of(folder: Path, presses: int) -> Path:
    """Where the history of so many presses is."""
    return folder / f"presses-{presses}.db"


def measure(folder: Path, *, quick: bool) -> None:
    """Write them into `folder`."""
    for presses in PRESSES[: 4 if quick else None]:
        clients = max(1, presses // PER_CLIENT)
        visits = max(clients, presses // PER_VISIT)
        size = HistorySize(clients, visits, presses, presses * S_PER_PRESS / 3600)
        print(f"made {generate_history(path_of(folder, presses), size)}", flush=True)
