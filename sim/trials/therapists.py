"""The trial of the coach: the same simulated therapists and clients, with and without it.

Every session is a sustained release at a point that nobody knows yet: a client who speaks (`sim.client`), a therapist
with habits of their own (`sim.trials.therapist`), and the real `feedback.session.Session` with its learned band between
them, fed with 80 samples a second. Without the coach the session listens all the same, and the hand does not look
(`sim.trials.drivers`). The hand is reduced to the pressures it makes; no tissue is simulated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import repeat
from multiprocessing import get_context

import numpy as np

from feedback.coach import Technique
from feedback.coach.shipped import techniques
from sim.trials.figures import Figure
from sim.trials.visit_trial import CEILING_KPA, VisitResult, visit

HEADING = (
    "SIMULATED THERAPISTS AND CLIENTS. Nobody was pressed: these figures test the program, they are no clinical "
    "evidence."
)
TECHNIQUE = "sustained-release"
Progress = Callable[[int, int], None]
Pair = tuple[VisitResult, VisitResult]


def run(
    sessions: int = 200, seed: int = 1, workers: int = 1, progress: Progress | None = None
) -> Iterator[Figure]:
    """All figures, once every session is through: about a second of one core for each pair.

    Args:
        sessions: how many with, and as many without the coach.
        seed: 0 or larger; the same seed gives the same figures, with any number of workers.
        workers: processes that share the work.
        progress: told how many sessions are done, of how many.

    Raises:
        ValueError: fewer than 10 sessions say nothing.
    """
    if sessions < 10:
        raise ValueError(f"{sessions} simulated sessions are too few for any figure: take at least 10")
    technique = techniques()[TECHNIQUE]
    pairs = pairs_of(technique, [seed * 1_000_003 + i for i in range(sessions)], workers, progress)
    without, coached = [a for a, _ in pairs], [b for _, b in pairs]
    yield _about(without, coached)
    yield from _in_band(without, coached)
    yield from _too_much(without, coached)
    yield _ramps(without, coached)
    yield _sag(without, coached)


def both(seed: int, technique: Technique) -> Pair:
    """One session without the coach and one with it."""
    return visit(seed, technique, coached=False), visit(seed, technique, coached=True)


def pairs_of(
    technique: Technique, seeds: list[int], workers: int = 1, progress: Progress | None = None
) -> list[Pair]:
    """The sessions of these seeds, in their order, the work shared by so many processes."""

    def tell(done: int) -> None:
        if progress:
            progress(2 * done, 2 * len(seeds))

    if workers <= 1:
        found: list[Pair] = []
        for seed, of in zip(seeds, repeat(technique)):
            found.append(both(seed, of))
            tell(len(found))
        return found
    # Processes begun anew: whatever runs in this one stays here.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        todo = [pool.submit(both, seed, technique) for seed in seeds]
        try:
            for done, _ in enumerate(as_completed(todo), start=1):
                tell(done)
            return [one.result() for one in todo]
        except BaseException:
            # Whoever presses Ctrl-C does not wait for the sessions that have not begun.
            pool.shutdown(cancel_futures=True)
            raise


def _share(results: list[VisitResult], part: Callable[[VisitResult], float]) -> float:
    """Of all hold time."""
    return _part(results, part, lambda r: r.hold_s)


def _part(
    results: list[VisitResult], part: Callable[[VisitResult], float], whole: Callable[[VisitResult], float]
) -> float:
    return sum(map(part, results)) / max(sum(map(whole, results)), 1e-9)


def _gain(
    without: list[VisitResult],
    coached: list[VisitResult],
    part: Callable[[VisitResult], float],
    whole: Callable[[VisitResult], float],
) -> tuple[str, float]:
    """Both shares and the 95 % interval of the mean difference between the sessions of a pair; its lower end."""
    a, b = _part(without, part, whole), _part(coached, part, whole)
    gains = np.array(
        [_part([y], part, whole) - _part([x], part, whole) for x, y in zip(without, coached, strict=True)]
    )
    half = 1.96 * float(gains.std(ddof=1)) / math.sqrt(len(gains))
    low, high = float(gains.mean()) - half, float(gains.mean()) + half
    return f"{a:.1%} / {b:.1%}, gain {100 * low:+.1f} to {100 * high:+.1f} points", low


def _about(without: list[VisitResult], coached: list[VisitResult]) -> Figure:
    def of(results: list[VisitResult]) -> str:
        n = len(results)
        return (
            f"{sum(r.hold_s for r in results) / n:.0f} s of holds in {sum(r.rounds for r in results) / n:.1f} rounds, "
            f"{sum(r.answers for r in results) / n:.1f} questions, {sum(r.done for r in results)} of {n} through"
        )

    return Figure(
        "a session without / with the coach",
        f"{of(without)} / {of(coached)}",
        "sustained release as shipped, at a point not known before; the client also speaks unasked; ceiling "
        f"{CEILING_KPA:.0f} kPa, above nearly every client",
    )


def _in_band(without: list[VisitResult], coached: list[VisitResult]) -> Iterator[Figure]:
    whole, _ = _gain(without, coached, lambda r: r.in_band_s, lambda r: r.hold_s)
    yield Figure(
        "hold time in the true band, without / with the coach",
        whole,
        "share of all hold time at a pressure between the client's true thresholds as they were when that hold began; "
        "a hold is from where the hand stops raising to where it begins to ease or let go; gain: 95 % interval of the "
        "mean over pairs",
    )
    first, _ = _gain(
        without, coached, lambda r: r.in_band_s - r.later_in_band_s, lambda r: r.hold_s - r.later_s
    )
    yield Figure(
        "the same, first round",
        first,
        "nobody knows the point yet: the coach looks for the band from below, the hand without it goes to its guess, "
        "which is right for the middle one of these clients",
    )
    later, low = _gain(without, coached, lambda r: r.later_in_band_s, lambda r: r.later_s)
    yield Figure(
        "the same, rounds after the first",
        later,
        "the point is known to the program from the first round, and to the hand",
        "a gain, its whole interval",
        low > 0.0,
    )
    for when, why, part in (
        (
            "as of the moment",
            "thresholds rise while a client eases: a level kept on purpose falls out of the band",
            lambda r: r.in_band_now_s,
        ),
        ("of the rested client", "as if nothing had eased", lambda r: r.in_band_rested_s),
    ):
        shares, _ = _gain(without, coached, part, lambda r: r.hold_s)
        yield Figure(f"the same, all rounds, thresholds {when}", shares, why)


def _too_much(without: list[VisitResult], coached: list[VisitResult]) -> Iterator[Figure]:
    rates = [_share(results, lambda r: r.much) * 60.0 for results in (without, coached)]
    answers = [
        f"{sum(r.asked_much for r in results)} of {sum(r.answers for r in results)}"
        for results in (without, coached)
    ]
    yield Figure(
        "“too much”, without / with the coach",
        f"{rates[0]:.2f} / {rates[1]:.2f} a minute of hold; {answers[0]} / {answers[1]} answers",
        "“too much”, “stop” and ratings of 8 to 10, unasked or asked, slips of the tongue included, against the time "
        "held; and those among the answers to questions",
        "no more with it than without",
        rates[1] <= rates[0],
    )
    above = [_share(results, lambda r: r.above_s) for results in (without, coached)]
    yield Figure(
        "hold time above the true upper threshold, without / with",
        f"{above[0]:.2%} / {above[1]:.2%}",
        "as of the moment",
    )


def _ramps(without: list[VisitResult], coached: list[VisitResult]) -> Figure:
    def errors(results: list[VisitResult]) -> list[float]:
        return [abs(made / wanted - 1.0) for r in results for wanted, made in r.ramps]

    a, b = errors(without), errors(coached)
    late = [float(np.percentile(e, 90)) for e in (a, b)]
    return Figure(
        "error of the ramp rate, without / with the coach",
        f"{np.median(a):.0%} / {np.median(b):.0%} in the middle, {late[0]:.0%} / {late[1]:.0%} in the worst tenth",
        f"|rate made / rate wanted - 1| over {len(a)} / {len(b)} ramps of more than 30 kPa; made: least-squares slope "
        "between 10 and 90 % of the rise; wanted: 10 kPa/s until the client has said where good pain begins or a hold "
        "is over, then 30",
        "less with it than without",
        float(np.median(b)) < float(np.median(a)),
    )


def _sag(without: list[VisitResult], coached: list[VisitResult]) -> Figure:
    a, b = (_share(results, lambda r: r.sag_s) for results in (without, coached))
    return Figure(
        "sag, without / with the coach",
        f"{a:.1%} / {b:.1%}",
        "mean over the hold time of how far the hand is below the level it last aimed at; noticed, it is aimed at anew",
        "less with it than without",
        b < a,
    )
