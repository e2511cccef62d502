"""The learned band on simulated clients, `goodpain simulate-clients`: no clock in it."""

from __future__ import annotations

from pathlib import Path

from sim.trials.figures import run, text_of
from tests.bench.figures import Section, of_trial

CLIENTS, SEED = 1000, 1


def measure(_: Path, *, quick: bool) -> Section:
    """All figures of the trial."""
    clients = 40 if quick else CLIENTS
    found = list(run(clients, SEED))
    print("".join(map(text_of, found)))
    return Section(
        "The learned band, on simulated clients",
        f"{clients} simulated clients, seed {SEED}: `goodpain simulate-clients --clients {clients} --seed "
        f"{SEED}`. Pairs of figures are lower / upper threshold. More: [the band](band.md).",
        of_trial(found),
    )
