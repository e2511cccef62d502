"""Is the course of a hold named rightly, `goodpain simulate-holds`: no clock in it."""

from __future__ import annotations

from pathlib import Path

from sim.trials.figures import text_of
from sim.trials.holds import run
from tests.bench.figures import Section, of_trial

HOLDS, SEED = 500, 1


def measure(_: Path, *, quick: bool) -> Section:
    """All figures of the trial."""
    holds = 40 if quick else HOLDS
    found = list(run(holds, SEED))
    print("".join(map(text_of, found)))
    return Section(
        "The course of a hold, on simulated holds",
        f"{holds} simulated holds, seed {SEED}: `goodpain simulate-holds --holds {holds} --seed {SEED}`. What "
        "is assumed: [the trials](trials.md).",
        of_trial(found),
    )
