"""The figures of the simulated trials, each with its definition and what was aimed at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from feedback.band import GoodPainBand, Manner
from sim.trials.clients import BEYOND, MISSPECIFIED, Habit, TrialClient, draw_clients
from sim.trials.procedures import Known, asked, mark_then_ratings, marked, start
from sim.trials.release import Release, release
from sim.trials.statistics import errors, ks_p, ranks_of_truth, within

ALPHAS = (0.05, 0.10, 0.15, 0.25)
HEADING = (
    "SIMULATED CLIENTS. No person was pressed: these figures test the program, they are no clinical evidence."
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result.

    Attributes:
        name: what was measured.
        value: the result, for people.
        definition: how it is defined.
        aim: what was aimed at; empty if nothing was.
        met: whether it was met; None without an aim.
    """

    name: str
    value: str
    definition: str
    aim: str = ""
    met: bool | None = None


def run(clients: int = 1000, seed: int = 1) -> Iterator[Figure]:
    """All figures, as they are done; about 15 s for 300 clients. The same seed gives the same figures.

    Raises:
        ValueError: fewer than 20 clients say nothing.
    """
    if clients < 20:
        raise ValueError(f"{clients} simulated clients are too few for any figure: take at least 20")
    rng = np.random.default_rng(seed)
    drawn = draw_clients(clients, rng)
    yield from _edges(drawn, rng)
    yield from _calibration(drawn, rng)
    for habit in (*MISSPECIFIED, *BEYOND):
        yield from _misspecified(draw_clients(clients, rng, habit), habit, rng)
    yield from _next_visit(drawn, rng)
    yield from _closed_loop(drawn[:200], seed)


def text_of(figure: Figure) -> str:
    """A figure as two lines of text."""
    verdict = "" if figure.met is None else f"   [aim {figure.aim}: {'met' if figure.met else 'NOT met'}]"
    return f"{figure.name}: {figure.value}{verdict}\n    {figure.definition}\n"


def _edges(clients: list[TrialClient], rng: np.random.Generator) -> Iterator[Figure]:
    definition = "median over the clients of |estimate / truth - 1|, lower threshold / upper threshold"
    aims = {"one onset mark": (0.08, 0.16), "one press, both marks": (0.065, 0.08)}
    found: dict[str, list[tuple[float, float]]] = {}
    rates: dict[str, list[Known]] = {"treat": [], "learn": []}
    for client in clients:
        found.setdefault("nothing", []).append(errors(start(), client))
        known = mark_then_ratings(client, rng, 20)
        rates["treat"] += known[1:]
        for n, name in (
            (1, "one onset mark"),
            (8, "one mark and 7 ratings"),
            (20, "one mark and 19 ratings"),
        ):
            found.setdefault(name, []).append(errors(known[n - 1].model, client))
        pressed = start()
        for name in ("one press, both marks", "two presses, both marks"):
            pressed = list(marked(pressed, client, rng, both=True))[-1].model
            found.setdefault(name, []).append(errors(pressed, client))
        learnt = list(asked(start(), client, rng, 20, Manner.LEARN))
        rates["learn"] += learnt
        for n in (5, 8, 12, 20):
            found.setdefault(f"{n} ratings, learning from low", []).append(
                errors(learnt[n - 1].model, client)
            )
    aims |= {"one mark and 7 ratings": (0.05, 0.09), "20 ratings, learning from low": (0.04, 0.06)}
    for name, pairs in found.items():
        lower, upper = (float(v) for v in np.median(np.array(pairs), axis=0))
        aim = aims.get(name)
        yield Figure(
            f"error after {name}",
            f"{lower:.1%} / {upper:.1%}",
            definition,
            f"{aim[0]:.1%} / {aim[1]:.1%}" if aim else "",
            (lower <= aim[0] and upper <= aim[1]) if aim else None,
        )
    for manner, all_known in rates.items():
        rate = float(np.mean([k.too_much for k in all_known]))
        yield Figure(
            f"“too much” while asked to {manner}",
            f"{rate:.3f}",
            f"share of {len(all_known)} ratings of 8 or more, at pressures advised to {manner}, lapses included",
            "0.12",
            rate <= 0.12,
        )


def _calibration(clients: list[TrialClient], rng: np.random.Generator) -> Iterator[Figure]:
    ends = [mark_then_ratings(client, rng, 8)[-1].model for client in clients]
    ranks = np.array([ranks_of_truth(model, client) for model, client in zip(ends, clients, strict=True)])
    p = [ks_p([float(r) for r in ranks[:, i]]) for i in range(3)]
    yield Figure(
        "simulation-based calibration",
        f"p = {p[0]:.2f} (lower threshold), {p[1]:.2f} (width), {p[2]:.2f} (noise)",
        "Kolmogorov-Smirnov test that the truth's posterior rank is even, after one mark and 7 ratings",
        "each above 0.01",
        min(p) > 0.01,
    )
    yield from _coverage_and_edge(ends, clients, "", 0.03)


def _coverage_and_edge(
    ends: list[GoodPainBand], clients: list[TrialClient], who: str, tolerance: float
) -> Iterator[Figure]:
    pairs = list(zip(ends, clients, strict=True))
    lower = float(np.mean([within(m.band().lower_interval_kpa, c.lower_ln) for m, c in pairs]))
    upper = float(np.mean([within(m.band().threshold_interval_kpa, c.upper_ln) for m, c in pairs]))
    yield Figure(
        f"coverage of the 90 % intervals{who}",
        f"{lower:.3f} / {upper:.3f}",
        "share of clients whose lower / upper threshold lies in its interval, after one mark and 7 ratings",
        "0.87 to 0.97",
        min(lower, upper) >= 0.87 and max(lower, upper) <= 0.97,
    )
    got = [float(np.mean([c.p_too_much(math.log(m.band(a).upper_kpa)) for m, c in pairs])) for a in ALPHAS]
    yield Figure(
        f"“too much” at the model's upper edge{who}",
        ", ".join(f"{g:.3f} for {a:.2f}" for g, a in zip(got, ALPHAS, strict=True)),
        "mean true probability of “too much” at the edge for the alpha asked, after one mark and 7 ratings",
        f"within {tolerance}",
        all(abs(g - a) <= tolerance for g, a in zip(got, ALPHAS, strict=True)),
    )
    shown = float(np.mean([c.p_too_much(math.log(m.band().stay_below_kpa)) for m, c in pairs]))
    yield Figure(
        f"“too much” at the edge shown{who}",
        f"{shown:.3f} for {ends[0].alpha:.2f}",
        "the same at the edge as shown, which the hard rules hold back: it may be lower, not higher",
        f"at most {ends[0].alpha + tolerance:.2f}",
        shown <= ends[0].alpha + tolerance,
    )


def _misspecified(clients: list[TrialClient], habit: Habit, rng: np.random.Generator) -> Iterator[Figure]:
    ends = [mark_then_ratings(client, rng, 8)[-1].model for client in clients]
    pairs = np.array([errors(m, c) for m, c in zip(ends, clients, strict=True)])
    lower, upper = (float(v) for v in np.median(pairs, axis=0))
    who = f", clients with {habit}"
    yield Figure(
        f"error after one mark and 7 ratings{who}",
        f"{lower:.1%} / {upper:.1%}",
        "as above, with clients who do not answer as the model assumes",
    )
    for figure in _coverage_and_edge(ends, clients, who, 0.05):
        yield figure if habit in MISSPECIFIED else replace(figure, aim="", met=None)


def _next_visit(clients: list[TrialClient], rng: np.random.Generator) -> Iterator[Figure]:
    first: list[tuple[float, float]] = []
    second: list[tuple[float, float]] = []
    for client in clients:
        first.append(errors(start(), client))
        known = mark_then_ratings(client, rng, 8)[-1].model
        second.append(errors(known.carry_over(), client.at_next_visit(rng)))
    before, after = np.median(np.array(first), axis=0), np.median(np.array(second), axis=0)
    yield Figure(
        "error at the start of visit 2",
        f"{after[0]:.1%} / {after[1]:.1%}, against {before[0]:.1%} / {before[1]:.1%} at the start of visit 1",
        "median error before the first report of the visit; visit 1 had one mark and 7 ratings",
        "half of visit 1's",
        bool(np.all(after <= 0.5 * before)),
    )


def _closed_loop(clients: list[TrialClient], seed: int) -> Iterator[Figure]:
    for guided in (False, True):
        done: list[Release] = [
            release(client, np.random.default_rng((seed, number)), start(), guided=guided)
            for number, client in enumerate(clients)
        ]
        inside = float(np.mean([r.in_band for r in done]))
        above = float(np.mean([r.above for r in done]))
        much = sum(r.too_much for r in done) / sum(r.answers for r in done)
        yield Figure(
            f"60 s release {'with' if guided else 'without'} the screen",
            f"{inside:.0%} of the time in the true band, {above:.0%} above it; {much:.2f} of the answers “too much”",
            f"{len(clients)} clients, the same simulated hands; what is assumed of them: sim/trials/release.py",
        )
