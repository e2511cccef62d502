"""Is the stated uncertainty true? Simulated load cells are calibrated, used, and asked for a force that is known.

`python -m sim.calibration_trials --n 1000 --seed 1` prints every figure with its definition. These are engineering
figures from simulated cells: what the simulation does not know, a real cell may still do.

A cell has, unknown to the calibration: gain and zero, a play-type hysteresis, creep with one time constant, a parabola
of non-linearity, a temperature that drifts with coefficients of zero and slope, noise, an error of each placing of a
load, masses that are all wrong by one factor and each by its own, and a local gravity. The ranges are assumptions
(`Cells.drawn`), of the order of what data sheets of bar cells and kitchen scales say.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback.units import STANDARD_GRAVITY
from firmware_bridge.assessment import Assessment, Conditions, CreepTrace, assess
from firmware_bridge.errors import CalibrationError
from firmware_bridge.fitting import LoadPoint

Floats = NDArray[np.float64]

RATE_HZ = 80.0
STEP_S = 0.25
SETTLE_S = 4.0
HOLD_S = 3.0
CREEP_S = 60.0
PATTERNS = ((0.0, 0.5, 1.0, 0.5, 0.0), (0.0, 0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25, 0.0))
"""Loads as shares of the largest: two masses, and four, up and down."""
PLAY = (0.05, 0.15, 0.35)
"""Half widths of the play operators, as shares of the largest load."""
AIM = 0.95


@dataclass(slots=True)
class Cells:
    """Many cells at once, every field (n,) or (n, 3); `state` moves as they are loaded.

    Attributes:
        largest_n: the largest load of the calibration.
        gain: counts per newton.
        zero: counts.
        hysteresis: width of the loop, share of the largest load.
        bend: largest deviation from a line, share of the largest load.
        creep: share of a load that is added in the end.
        creep_s: its time constant.
        span_per_k: change of the slope per kelvin.
        zero_per_k: change of the zero per kelvin, share of the largest load.
        noise: counts, standard deviation of a sample.
        placing: share of a load by which it differs each time it is put on or pressed.
        crept_n: state of the creep.
        play_n: state of the play operators, (n, 3).
        warm_k: temperature, from that of the calibration's beginning.
    """

    largest_n: Floats
    gain: Floats
    zero: Floats
    hysteresis: Floats
    bend: Floats
    creep: Floats
    creep_s: Floats
    span_per_k: Floats
    zero_per_k: Floats
    noise: Floats
    placing: float
    crept_n: Floats
    play_n: Floats
    warm_k: Floats

    @classmethod
    def drawn(cls, n: int, chance: np.random.Generator, severity: float = 1.0) -> Cells:
        """Cells of the assumed population, exercised once so that their loops are open.

        `severity` multiplies what a calibration can see: hysteresis, bend, creep, noise and the error of placing.
        """
        largest = chance.uniform(15.0, 60.0, n)
        return cls(
            largest_n=largest,
            gain=chance.choice([-1.0, 1.0], n) * 20000.0 * np.exp(chance.normal(0.0, 0.3, n)),
            zero=chance.normal(0.0, 60000.0, n),
            hysteresis=severity * chance.uniform(0.0, 0.005, n),
            bend=severity * chance.uniform(-0.001, 0.001, n),
            creep=severity * chance.uniform(-0.0015, 0.0015, n),
            creep_s=chance.uniform(60.0, 400.0, n),
            span_per_k=chance.uniform(-2e-4, 2e-4, n),
            zero_per_k=chance.uniform(-3e-4, 3e-4, n),
            noise=severity * 38.0 * np.exp(chance.normal(0.0, 0.7, n)),
            placing=severity * 0.0005,
            crept_n=np.zeros(n),
            play_n=largest[:, None] * np.array(PLAY) * chance.uniform(0.0, 1.0, (n, 3)),
            warm_k=np.zeros(n),
        )

    def step(self, force_n: Floats, warmer_k: Floats) -> Floats:
        """Load with `force_n` (n,) for `STEP_S` while it gets warmer by `warmer_k`; returns noiseless counts (n,)."""
        half = self.largest_n[:, None] * np.array(PLAY)
        force = force_n[:, None]
        self.play_n = np.maximum(force - half, np.minimum(force + half, self.play_n))
        self.crept_n = self.crept_n + (force_n - self.crept_n) * -np.expm1(-STEP_S / self.creep_s)
        self.warm_k = self.warm_k + warmer_k
        loop = (self.hysteresis / len(PLAY) / 2 * ((self.play_n - force) / np.array(PLAY)).T).sum(axis=0)
        share = force_n / self.largest_n
        bent = 4 * self.bend * share * (1 - share) * self.largest_n
        felt = force_n + loop + bent + self.creep * self.crept_n
        drift = self.zero_per_k * self.warm_k * self.largest_n
        return self.zero + self.gain * ((1 + self.span_per_k * self.warm_k) * felt + drift)


@dataclass(frozen=True, slots=True)
class Trial:
    """One calibration, and readings taken with it later.

    Attributes:
        assessment: what the calibration says of itself.
        true_n: forces, (readings,).
        read_n: what the calibrated sensor said to them, (readings,).
    """

    assessment: Assessment
    true_n: Floats
    read_n: Floats

    @property
    def stated_n(self) -> Floats:
        """The stated uncertainty of each reading."""
        table = self.assessment.uncertainty
        return np.interp(self.read_n, table.force_n, table.expanded_n)

    @property
    def within(self) -> NDArray[np.bool_]:
        """The true force lies within the stated uncertainty of the reading."""
        return np.abs(self.read_n - self.true_n) <= self.stated_n


def run(n: int, seed: int, severity: float = 1.0) -> list[Trial]:
    """Calibrate and use `n` cells, half of them by each pattern of loads; `severity` as in `Cells.drawn`.

    Raises:
        ValueError: fewer than 2.
    """
    if n < 2:
        raise ValueError("at least 2 calibrations are needed")
    chance = np.random.default_rng(seed)
    sizes = (n - n // 2, n // 2)
    return [
        trial
        for pattern, size in zip(PATTERNS, sizes, strict=True)
        for trial in _group(pattern, Cells.drawn(size, chance, severity), chance)
    ]


def _group(pattern: Sequence[float], cells: Cells, chance: np.random.Generator) -> list[Trial]:
    n = len(cells.gain)
    scale = 1 + chance.uniform(-0.005, 0.005, n)
    own = 1 + chance.normal(0.0, 0.0005, (n, len(pattern)))
    gravity = chance.uniform(9.780, 9.832, n)
    # The same mass is wrong by the same amount each time it is put on.
    for j, share in enumerate(pattern):
        own[:, j] = own[:, pattern.index(share)]
    warming = chance.uniform(-1.5, 1.5, n) / (len(pattern) * 8.0 + CREEP_S)

    means: list[Floats] = []
    stated: list[Floats] = []
    for j, share in enumerate(pattern):
        named_n = cells.largest_n * share
        true_n = named_n * scale * own[:, j] * gravity / STANDARD_GRAVITY
        means.append(_held(cells, _placed(cells, true_n, chance), SETTLE_S, HOLD_S, warming, chance))
        stated.append(named_n)
    top_n = cells.largest_n * scale * own[:, pattern.index(1.0)] * gravity / STANDARD_GRAVITY
    creep = _creep_test(cells, _placed(cells, top_n, chance), warming, chance)

    assessments = []
    for i in range(n):
        points = [
            LoadPoint(float(stated[j][i]), float(means[j][i]), float(cells.noise[i]), int(HOLD_S * RATE_HZ))
            for j in range(len(pattern))
        ]
        trace = CreepTrace(
            float(cells.largest_n[i]), np.arange(len(creep), dtype=np.float64) * STEP_S, creep[:, i]
        )
        assessments.append(assess(points, trace, Conditions()))
    true_n, counts, zero = _used(cells, chance)
    return [
        Trial(
            found,
            true_n[:, i],
            found.calibration("trial").force_n(counts[:, i] - zero[i] + found.fit.zero_counts).astype(float),
        )
        for i, found in enumerate(assessments)
    ]


def _placed(cells: Cells, force_n: Floats, chance: np.random.Generator) -> Floats:
    """The force along the cell's axis when a load is put on: never quite straight, never quite in the middle."""
    return force_n * (1 + cells.placing * chance.standard_normal(len(force_n)))


def _held(
    cells: Cells,
    force_n: Floats,
    settle_s: float,
    hold_s: float,
    warming: Floats,
    chance: np.random.Generator,
) -> Floats:
    """Mean counts (n,) of the samples in `hold_s` seconds, after `settle_s`."""
    for _ in range(int(settle_s / STEP_S)):
        cells.step(force_n, warming * STEP_S)
    counts = [cells.step(force_n, warming * STEP_S) for _ in range(int(hold_s / STEP_S))]
    return np.mean(counts, axis=0) + cells.noise / np.sqrt(hold_s * RATE_HZ) * chance.standard_normal(
        len(force_n)
    )


def _creep_test(cells: Cells, force_n: Floats, warming: Floats, chance: np.random.Generator) -> Floats:
    """Counts (steps, n) of a minute under the largest load, each the mean of a quarter of a second."""
    _held(cells, force_n, 2.0, STEP_S, warming, chance)
    rows = [cells.step(force_n, warming * STEP_S) for _ in range(int(CREEP_S / STEP_S) + 1)]
    noise = cells.noise / np.sqrt(STEP_S * RATE_HZ)
    return np.array(rows) + noise * chance.standard_normal((len(rows), len(force_n)))


def _used(cells: Cells, chance: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """A session on another day: true forces (4, n), counts of one sample each (4, n), and the zero that was set (n,).

    The room is up to 8 K warmer or colder and drifts by up to 3 K after the tare; the force of each press, what came
    before it and the moment of the reading within a minute are drawn.
    """
    n = len(cells.gain)
    still = np.zeros(n)
    cells.crept_n = np.zeros(n)
    cells.warm_k = chance.uniform(-8.0, 8.0, n)
    zero = _held(cells, still, SETTLE_S, 0.5, still, chance)
    presses = 4
    warming = chance.uniform(-3.0, 3.0, n) / (presses * 90.0)
    true_n, counts = [], []
    for _ in range(presses):
        wanted = chance.uniform(0.05, 1.0, n) * cells.largest_n
        # Half of the hands go too far first and ease off.
        before = np.where(chance.random(n) < 0.5, wanted, chance.uniform(wanted, cells.largest_n))
        _held(cells, before, 3.0, STEP_S, warming, chance)
        # `true_n` is the force along the axis: the placing of a hand is no error of the sensor.
        seen = np.array([cells.step(wanted, warming * STEP_S) for _ in range(int(CREEP_S / STEP_S))])
        at = chance.integers(0, len(seen), n)
        true_n.append(wanted)
        counts.append(seen[at, np.arange(n)] + cells.noise * chance.standard_normal(n))
        _held(cells, still, 20.0, STEP_S, warming, chance)
    return np.array(true_n), np.array(counts), zero


def report(trials: Sequence[Trial]) -> tuple[str, bool]:
    """Every figure with its definition, and whether the aim is met."""
    accepted = [trial for trial in trials if trial.assessment.accepted]
    if not accepted:
        return "no calibration was accepted\n", False
    first = np.array([trial.within[0] for trial in accepted])
    every = np.array([trial.within for trial in accepted])
    every_all = np.array([trial.within[0] for trial in trials])
    share = np.array([t.assessment.uncertainty.expanded_n[-1] / t.assessment.largest_n for t in trials])
    error = np.array([np.abs(t.read_n - t.true_n) / t.stated_n for t in trials])
    parts = {
        name: float(
            np.median([t.assessment.uncertainty.budget_n[name] / t.assessment.largest_n for t in trials])
        )
        for name in trials[0].assessment.uncertainty.budget_n
    }
    lines = [
        f"calibrations simulated                      {len(trials)}",
        f"accepted                                    {len(accepted)}",
        f"true force within the stated uncertainty    {100 * first.mean():.1f} %   (aim: at least {100 * AIM:.0f} %)",
        "    one reading for each accepted calibration, on another day, at a force drawn from 5 to 100 % of the",
        "    largest load, up to a minute into the press: |reading - true force| <= expanded uncertainty (k = 2)",
        f"the same over all calibrations              {100 * every_all.mean():.1f} %",
        "    those not accepted included",
        f"the same over all readings                  {100 * every.mean():.1f} %",
        "    four presses for each accepted calibration",
        f"stated uncertainty at the largest load      {100 * np.median(share):.2f} %   median (5th to 95th centile: "
        f"{100 * np.quantile(share, 0.05):.2f} to {100 * np.quantile(share, 0.95):.2f} %)",
        "    expanded uncertainty, % of the largest load",
        f"error as a share of what is stated          {np.median(error):.2f}     median (95th centile: "
        f"{np.quantile(error, 0.95):.2f})",
        "    |reading - true force| / expanded uncertainty: 1 is the edge",
        "standard uncertainties at the largest load, median, % of it:",
        *(f"    {name:<28}{100 * value:.3f}" for name, value in parts.items()),
    ]
    return "\n".join(lines) + "\n", bool(first.mean() >= AIM)


def main(arguments: list[str] | None = None) -> int:
    """Run the trials; 0 if the aim was met, 1 if not, 2 for bad arguments."""
    parser = argparse.ArgumentParser(prog="python -m sim.calibration_trials", description=run.__doc__)
    parser.add_argument("--n", type=int, default=1000, help="how many calibrations (default 1000)")
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed gives the same figures (default 1)"
    )
    parser.add_argument(
        "--severity", type=float, default=1.0, help="worse cells: 3 is three times as bad (default 1)"
    )
    options = parser.parse_args(arguments)
    try:
        text, met = report(run(options.n, options.seed, options.severity))
    except (ValueError, CalibrationError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"Simulated cells, engineering figures; seed {options.seed}\n\n{text}")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
