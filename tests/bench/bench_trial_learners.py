"""Do scores, difficulty and progress say what is true, `goodpain simulate-learners`: no clock in it."""

from __future__ import annotations

from pathlib import Path

from sim.trials.figures import text_of
from sim.trials.learners import run
from tests.bench.figures import Section, of_trial

ATTEMPTS, LEARNERS, SEED = 500, 20, 1


def measure(_: Path, *, quick: bool) -> Section:
    """All figures of the trial."""
    attempts, learners = (40, 4) if quick else (ATTEMPTS, LEARNERS)
    found = list(run(attempts, learners, SEED))
    print("".join(map(text_of, found)))
    return Section(
        "Practise, on simulated learners",
        f"{attempts} attempts for each score, {learners} learners in each group, seed {SEED}: `goodpain "
        f"simulate-learners --attempts {attempts} --learners {learners} --seed {SEED}`.",
        of_trial(found),
    )
