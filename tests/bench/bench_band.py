"""The learned band beside questplus and a staircase: errors on the same simulated clients, and time per report.

    python -m tests.bench.bench_band [--clients 300] [--seed 1]

questplus (Watson's QUEST+, one binary run per threshold, 81 x 7 grid, the same priors and lapses) and the band get the
same verdicts of the same clients at the same pressures, twice: at the pressures that the band advises to learn, and at
those of two interleaved staircases, which neither of them chose. Marks and 0-10 ratings are left out: questplus takes
neither. The staircases (after Gracely 1988: one per threshold, 20 % steps, halved at each turn down to 5 %) are also
judged by themselves, as is questplus choosing its own pressures. All clients are simulated: no clinical evidence.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from questplus import QuestPlus

from feedback.band import GoodPainBand
from feedback.band.grid import LATTICE, build_grid, grid_of
from feedback.band.prior import POPULATION
from feedback.comfort import ReportKind
from sim.trials.clients import TrialClient, draw_clients
from sim.trials.procedures import press_at, start
from tests.bench.figures import Figure, Section, at_most

AT = (8, 12, 20)
STIMULUS = 0.02
"""questplus knows only pressures on a list: the ln pressures of everybody are rounded to this step."""
FREE_CLIENTS = 60


class QuestPair:
    """Two binary QUEST+ runs: "at least good?" and "too much?"."""

    def __init__(self) -> None:
        grid = grid_of()
        centre = POPULATION.centre_ln(1.0)
        upper = grid.by_upper(grid.prior).sum(axis=0)
        ends = (
            (grid.a, grid.a, grid.prior.sum(axis=(0, 1))),
            (grid.b, np.linspace(grid.b[0], grid.b[-1], 81), upper),
        )
        self.stimuli = np.round(np.arange(centre - 2.4, centre + 3.2, STIMULUS) / STIMULUS).astype(int)
        self.runs: list[QuestPlus] = []
        for axis, mean, mass in ends:
            prior = np.interp(mean, axis, mass)
            self.runs.append(
                QuestPlus(
                    stim_domain={"intensity": self.stimuli * STIMULUS},
                    param_domain={
                        "mean": centre + mean,
                        "sd": grid.s,
                        "lapse_rate": [POPULATION.lapse / 3.0],
                    },
                    outcome_domain={"response": ["yes", "no"]},
                    prior={
                        "mean": prior / prior.sum(),
                        "sd": grid.prior.sum(axis=(1, 2)),
                        "lapse_rate": [1.0],
                    },
                    func="norm_cdf_2",
                    stim_scale="linear",
                )
            )

    def restart(self) -> None:
        """Forget everything (quicker than building it anew)."""
        for run in self.runs:
            run.posterior = run.prior.copy(deep=True)

    def update(self, x_ln: float, kind: ReportKind) -> None:
        """Learn from a verdict."""
        said = (kind is not ReportKind.TOO_LITTLE, kind is ReportKind.TOO_MUCH)
        at = float(self.stimuli[np.argmin(abs(self.stimuli * STIMULUS - x_ln))] * STIMULUS)
        for run, yes in zip(self.runs, said, strict=True):
            run.update(stim={"intensity": at}, outcome={"response": "yes" if yes else "no"})

    @property
    def thresholds_ln(self) -> tuple[float, float]:
        """Posterior means of ln T_lo and ln T_hi."""
        return tuple(float(run.param_estimate["mean"]) for run in self.runs)


@dataclass
class Staircase:
    """One staircase around one threshold, in ln pressure."""

    x_ln: float
    step: float = math.log(1.2)
    last: int = 0
    turns: list[float] = field(default_factory=list)

    def answered(self, above: bool) -> None:
        """Go down when the threshold was reached, up when not; halve the step at a turn, down to 5 %."""
        way = -1 if above else 1
        if self.last and way != self.last:
            self.turns.append(self.x_ln)
            self.step = max(self.step / 2, math.log(1.05))
        self.last = way
        self.x_ln += way * self.step

    @property
    def estimate_ln(self) -> float:
        """Mean of the turns after the first, or where it stands."""
        return float(np.mean(self.turns[1:])) if len(self.turns) > 1 else self.x_ln


class StaircasePair:
    """Two staircases, asked in turn; both begin where half of the people begin to feel good pain."""

    def __init__(self) -> None:
        self.both = [Staircase(POPULATION.centre_ln(1.0)), Staircase(POPULATION.centre_ln(1.0))]

    def asked_kpa(self, number: int) -> float:
        return math.exp(self.both[number % 2].x_ln)

    def update(self, number: int, kind: ReportKind) -> None:
        above = kind is not ReportKind.TOO_LITTLE if number % 2 == 0 else kind is ReportKind.TOO_MUCH
        self.both[number % 2].answered(above)


def rounded(pressure_kpa: float) -> float:
    """A pressure that questplus knows."""
    return math.exp(round(math.log(pressure_kpa) / STIMULUS) * STIMULUS)


def table(title: str, errors: dict[str, dict[int, list[float]]]) -> None:
    """Print the root mean square of the ln errors."""
    print(f"\n{title}")
    print("  " + "reports".ljust(34) + "".join(f"{n:>8}" for n in AT))
    for who, by_n in errors.items():
        line = "".join(f"{math.sqrt(float(np.mean(np.square(by_n[n])))):8.3f}" for n in AT)
        print("  " + who.ljust(34) + line)


def same_reports(
    clients: list[TrialClient], rng: np.random.Generator, driver: str, quest: QuestPair
) -> tuple[list[Figure], float]:
    """Both learners on the same verdicts: their errors, and the share of “too much” among the verdicts."""
    lower: dict[str, dict[int, list[float]]] = {}
    upper: dict[str, dict[int, list[float]]] = {}
    too_much = []
    for client in clients:
        model, stairs = start(), StaircasePair()
        quest.restart()
        for number in range(AT[-1]):
            asked = (
                model.next_pressure("learn").pressure_kpa if driver == "band" else stairs.asked_kpa(number)
            )
            pressure = rounded(press_at(asked, rng))
            kind = client.verdict(math.log(pressure), rng)
            too_much.append(kind is ReportKind.TOO_MUCH)
            model = model.verdict(kind, pressure)
            quest.update(math.log(pressure), kind)
            stairs.update(number, kind)
            if number + 1 not in AT:
                continue
            estimate = model.band()
            found = {
                "this band": (math.log(estimate.lower_kpa), math.log(estimate.threshold_kpa)),
                "questplus": quest.thresholds_ln,
            }
            if driver != "band":
                found["staircase's own estimate"] = (stairs.both[0].estimate_ln, stairs.both[1].estimate_ln)
            for who, (low, high) in found.items():
                lower.setdefault(who, {}).setdefault(number + 1, []).append(low - client.lower_ln)
                upper.setdefault(who, {}).setdefault(number + 1, []).append(high - client.upper_ln)
    where = "advised by the band (learn)" if driver == "band" else "of two staircases"
    table(f"rms error of ln upper threshold, {len(clients)} clients, verdicts at pressures {where}", upper)
    table(f"rms error of ln lower threshold, {len(clients)} clients, the same", lower)
    print(f"  share of “too much” among the {len(too_much)} verdicts: {np.mean(too_much):.3f}")

    def rms(values: list[float]) -> float:
        return math.sqrt(float(np.mean(np.square(values))))

    found = []
    for end, errors in (("upper", upper), ("lower", lower)):
        for n in AT:
            mine, theirs = rms(errors["this band"][n]), rms(errors["questplus"][n])
            found.append(
                Figure(
                    f"error of ln {end} threshold after {n} reports, pressures {where}",
                    f"root mean square over {len(clients)} simulated clients; both learners hear the same "
                    "verdicts at the same pressures",
                    mine,
                    spread=bootstrapped(errors["this band"][n]),
                    promised="less than questplus" if end == "upper" else "",
                    met=mine < theirs if end == "upper" else None,
                    peer=f"questplus {version('questplus')}, one run for each threshold",
                    peers=theirs,
                )
            )
    return found, float(np.mean(too_much))


def bootstrapped(errors: list[float]) -> str:
    """How far a root mean square would vary with other clients: 5 to 95 % of 500 drawings from these."""
    squares = np.square(errors)
    drawn = np.random.default_rng(1).choice(squares, (500, len(squares)))
    low, high = np.quantile(np.sqrt(drawn.mean(axis=1)), [0.05, 0.95])
    return f"5–95 %: {low:.3f}–{high:.3f}"


def free_running(
    clients: list[TrialClient], rng: np.random.Generator, quest: QuestPair, reports: int = 12
) -> float:
    """Questplus where it wants to, threshold by threshold in turn: how often is it too much?"""
    much = []
    for client in clients:
        quest.restart()
        for number in range(reports):
            asked = math.exp(float(quest.runs[number % 2].next_stim["intensity"]))
            pressure = rounded(press_at(asked, rng))
            kind = client.verdict(math.log(pressure), rng)
            much.append(kind is ReportKind.TOO_MUCH)
            quest.update(math.log(pressure), kind)
    print(
        f"\nquestplus choosing its own pressures, {len(clients)} clients, {reports} verdicts each: "
        f"share of “too much” {np.mean(much):.3f}"
    )
    return float(np.mean(much))


def median_ms(call: Callable[[], object], n: int) -> tuple[float, float]:
    """Median and 95 % point of the wall time of a call, in ms, after one call that is not counted."""
    call()
    taken: NDArray[np.float64] = np.empty(n)
    for i in range(n):
        began = time.perf_counter()
        call()
        taken[i] = time.perf_counter() - began
    return float(np.median(taken) * 1e3), float(np.quantile(taken, 0.95) * 1e3)


def speed(quest: QuestPair) -> list[Figure]:
    """What a report costs."""
    took: dict[str, tuple[float, float]] = {}
    known = GoodPainBand.start(ceiling_kpa=600.0).mark("there", 200.0, 30.0).rating(5, 220.0).rating(6, 230.0)
    stored = known.to_bytes()
    print(f"\ntime, one thread, ms: median (95 %); grid of {LATTICE.cells} cells, stored {len(stored)} bytes")
    for name, call, n in (
        ("rating -> new model and band", lambda: known.rating(6, 230.0).band(), 2000),
        ("verdict -> new model and band", lambda: known.verdict("good", 230.0).band(), 2000),
        ("mark -> new model and band", lambda: known.mark("there", 200.0, 30.0).band(), 2000),
        ("band at another alpha", lambda: known.band(0.1), 1000),
        ("next pressure, learn", lambda: known.next_pressure("learn"), 1000),
        ("ease", lambda: known.ease(5.0), 1000),
        ("carry over", known.carry_over, 300),
        ("to bytes", known.to_bytes, 300),
        ("from bytes", lambda: GoodPainBand.from_bytes(stored), 300),
        ("construction (grid and tables)", lambda: build_grid(POPULATION, LATTICE), 20),
        (
            "questplus pair: verdict -> estimate",
            lambda: (quest.update(5.4, ReportKind.GOOD), quest.thresholds_ln),
            50,
        ),
        ("questplus pair: next pressure", lambda: [run.next_stim for run in quest.runs], 20),
        ("questplus pair: construction", QuestPair, 3),
    ):
        median, late = took[name] = median_ms(call, n)
        print(f"  {name:36s} {median:8.3f} ({late:.3f})")

    def promised(name: str, which: str, definition: str, limit: float, peer: str, unlike: str) -> Figure:
        median, late = took[which]
        return at_most(
            name,
            definition,
            median,
            limit,
            "ms",
            spread=f"95 %: {late:.3f}",
            peer=peer,
            peers=took[unlike][0],
        )

    verdict, built = "questplus pair: verdict -> estimate", "questplus pair: construction"
    return [
        promised(
            "report → new band",
            "verdict -> new model and band",
            "wall time from a verdict at a known pressure to the model that has learned it and its band, one "
            "thread; median",
            0.3,
            "two questplus runs: verdict → estimates",
            verdict,
        ),
        promised(
            "rating → new band",
            "rating -> new model and band",
            "the same from a rating of 0 to 10",
            0.3,
            "two questplus runs: verdict → estimates",
            verdict,
        ),
        promised(
            "construction",
            "construction (grid and tables)",
            f"wall time to build the grid of {LATTICE.cells} cells and its tables; median",
            50.0,
            "two questplus runs: construction",
            built,
        ),
        Figure(
            "next pressure to try",
            "wall time of the advice, to learn; median",
            took["next pressure, learn"][0],
            "ms",
            spread=f"95 %: {took['next pressure, learn'][1]:.3f}",
            peer="two questplus runs: next stimuli",
            peers=took["questplus pair: next pressure"][0],
        ),
    ]


def main() -> None:
    """Run it all; about 90 s for 300 clients."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options, _ = parser.parse_known_args()
    compare(options.clients, options.seed)


def measure(_: Path, *, quick: bool) -> Section:
    """What a report costs, as figures; the errors are in `bench_trial_questplus`, for there is no clock in them."""
    del quick
    return Section(
        "What a report costs", "One thread, beside two runs of questplus.", tuple(speed(QuestPair()))
    )


def compare(number: int, seed: int, *, timed: bool = True) -> Section:
    """Everything, printed; the errors as figures."""
    print(f"SIMULATED CLIENTS, no clinical evidence; seed {seed}")
    quest = QuestPair()
    if timed:
        speed(quest)
    rng = np.random.default_rng(seed)
    clients = draw_clients(number, rng)
    mine, much = same_reports(clients, rng, "band", quest)
    theirs, stairs = same_reports(clients, rng, "staircase", quest)
    free = free_running(clients[:FREE_CLIENTS], rng, quest)
    definition = (
        "share of “too much” among verdicts; ours and the staircases: 20 verdicts of every client, questplus "
        f"choosing its own pressures: 12 of the first {FREE_CLIENTS}"
    )
    found = [*mine, *theirs]
    found += [
        at_most(
            "“too much” while learning, beside staircases",
            definition,
            much,
            0.12,
            peer="two staircases",
            peers=stairs,
        ),
        at_most(
            "“too much” while learning, beside questplus",
            definition,
            much,
            0.12,
            peer="questplus alone",
            peers=free,
        ),
    ]
    smaller = all(figure.met is not False for figure in mine + theirs)
    print(f"\nupper error smaller than questplus's at each of {AT} reports: {'yes' if smaller else 'NO'}")
    return Section(
        "The learned band beside questplus and a staircase, on simulated clients",
        f"{number} simulated clients, seed {seed}; verdicts only, as questplus takes neither marks nor ratings: "
        f"`python -m tests.bench.bench_band --clients {number} --seed {seed}`.",
        tuple(found),
    )


if __name__ == "__main__":
    main()
