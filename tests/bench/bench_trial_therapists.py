"""What the coach changes, on simulated therapists, `goodpain simulate-therapists`: no clock in it."""

from __future__ import annotations

from pathlib import Path

from sim.trials.figures import text_of
from sim.trials.therapists import run
from tests.bench.figures import Section, of_trial

SESSIONS, SEED = 200, 1


def measure(_: Path, *, quick: bool) -> Section:
    """All figures of the trial, on one core: others are at work beside it."""
    sessions = 10 if quick else SESSIONS
    found = list(run(sessions, SEED, 1))
    print("".join(map(text_of, found)))
    return Section(
        "The coach, on simulated therapists and clients",
        f"{sessions} sessions without the coach and the same {sessions} with it, seed {SEED}: `goodpain "
        f"simulate-therapists --sessions {sessions} --seed {SEED}`. What is assumed: [the trials](trials.md).",
        of_trial(found),
    )
