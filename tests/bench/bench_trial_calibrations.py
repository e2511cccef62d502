"""Is the uncertainty true that a calibration states, on simulated load cells: no clock in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.calibration_trials import AIM, report, run
from tests.bench.figures import Figure, Section, at_least

CALIBRATIONS, SEED = 1000, 1


def measure(_: Path, *, quick: bool) -> Section:
    """Coverage, and how large the stated uncertainty is."""
    number = 60 if quick else CALIBRATIONS
    trials = run(number, SEED)
    print(report(trials)[0])
    accepted = [trial for trial in trials if trial.assessment.accepted]
    share = 100 * float(np.mean([trial.within[0] for trial in accepted]))
    stated = [100 * t.assessment.uncertainty.expanded_n[-1] / t.assessment.largest_n for t in trials]
    low, middle, high = np.percentile(stated, [5, 50, 95])
    return Section(
        "Calibration, on simulated load cells",
        f"{number} simulated calibrations, seed {SEED}: `python -m sim.calibration_trials --n {number} --seed {SEED}`.",
        (
            at_least(
                "true force within the stated uncertainty",
                "share of accepted calibrations in which one reading on another day, at a force drawn from 5 "
                "to 100 % of "
                "the largest load, is no further from the true force than its expanded uncertainty (k = 2)",
                share,
                100 * AIM,
                "%",
                spread=f"{len(accepted)} of {number} accepted",
            ),
            Figure(
                "stated uncertainty at the largest load",
                "expanded uncertainty as a share of the largest load, median; spread: 5th to 95th centile",
                float(middle),
                "%",
                spread=f"{low:.2f}–{high:.2f}",
            ),
        ),
    )
