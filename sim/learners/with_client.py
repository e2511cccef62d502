"""A simulated learner on a simulated client: thresholds and releases, step by step."""

from __future__ import annotations

import math

from feedback.comfort import Report, ReportKind
from feedback.drills import Attempt, Outcome, Stage, Task, Threshold
from sim.client import SimulatedClient, draw_traits
from sim.learners.learner import RATE_HZ, SimulatedLearner
from sim.learners.practice import BLOCK, concluded

REACTION_S = 0.35
"""From the client's word to the hand (assumed)."""
HAND_S = 0.4
"""In which the hand follows what it wishes (assumed)."""
LONGEST_S = 900.0
DRAWS = 1000


def client_for(task: Task, seed: int) -> SimulatedClient:
    """The client that a drill asks for, by chance; the same seed is the same client.

    For a threshold only clients are taken whose threshold the ramp reaches.

    Raises:
        ValueError: the drill needs no client.
    """
    settings = task.drill.settings
    if task.drill.client is None:
        raise ValueError(f"{task.drill.name} needs no client")
    most_kpa = task.trajectory.highest_kpa / 1.5 if isinstance(settings, Threshold) else math.inf
    for draw in range(seed * DRAWS, (seed + 1) * DRAWS):
        traits = draw_traits(draw, tip_area_cm2=task.tip_area_cm2, character=task.drill.client)
        if traits.t_lo_kpa <= most_kpa:
            return SimulatedClient(traits, draw)
    raise ValueError(
        f"no client's threshold is below the end of the ramp of {task.drill.name}: raise “until”"
    )


def good_pain_kpa(client: SimulatedClient) -> tuple[float, float]:
    """The client's hidden range of good pain now: what `Attempt.feed` takes as `client_kpa`."""
    ease = math.exp(client.shift)
    return client.t_lo_kpa * ease, client.t_hi_kpa * ease


def treat(
    learner: SimulatedLearner, task: Task, client: SimulatedClient, *, ceiling_kpa: float = math.inf
) -> Outcome:
    """One attempt at a threshold or a release.

    Raises:
        RuntimeError: the attempt did not come to an end: a fault of this program.
    """
    attempt = Attempt(task, ceiling_kpa=ceiling_kpa)
    hand = _ThresholdHand(learner, task) if isinstance(task.drill.settings, Threshold) else _ReleaseHand()
    time_s, kpa = 0.0, 3.0 * task.kpa_per_n
    times: list[float] = []
    pressures: list[float] = []
    while attempt.stage in (Stage.WAITING, Stage.GET_SET, Stage.RUNNING) and time_s < LONGEST_S:
        running = attempt.stage is Stage.RUNNING
        wish = hand.wish(time_s, kpa) if running else max(kpa, 3.0 * task.kpa_per_n)
        if isinstance(hand, _ThresholdHand) and not hand.leaving(time_s):
            kpa = wish
        else:
            kpa += (wish - kpa) * -math.expm1(-1 / RATE_HZ / HAND_S)
        if kpa < 0.3 * task.kpa_per_n:
            kpa = 0.0
        for report in client.feel(time_s, kpa):
            attempt.heard(report)
            hand.hear(report, kpa)
        times.append(time_s)
        pressures.append(kpa)
        if len(times) == BLOCK:
            attempt.feed(times, pressures, client_kpa=good_pain_kpa(client))
            times, pressures = [], []
        time_s += 1 / RATE_HZ
    return concluded(attempt, learner)


class _ThresholdHand:
    """Presses at its own rate and lets go at the client's word."""

    def __init__(self, learner: SimulatedLearner, task: Task) -> None:
        seen = task.feedback.value == "always"
        self._rate = learner.rate_kpa_per_s(task.rate_kpa_per_s or 0.0, seen=seen)
        self._word_s = math.inf

    def wish(self, time_s: float, kpa: float) -> float:
        return 0.0 if self.leaving(time_s) else kpa + self._rate / RATE_HZ

    def leaving(self, time_s: float) -> bool:
        return time_s >= self._word_s + REACTION_S

    def hear(self, report: Report, kpa: float) -> None:
        self._word_s = min(self._word_s, report.time_s)


class _ReleaseHand:
    """Rises until the client says “there”, and then goes by what it hears."""

    RISE = 40.0
    """kPa/s on the way up."""

    def __init__(self) -> None:
        self._wish: float | None = None
        self._stopped = False

    def wish(self, time_s: float, kpa: float) -> float:
        if self._stopped:
            return 0.0
        if self._wish is None:
            # The hand follows with a delay, so what it wishes is ahead by as much.
            return kpa + self.RISE * HAND_S
        return self._wish

    def hear(self, report: Report, kpa: float) -> None:
        rating = report.rating if report.rating is not None else 5
        match report.kind:
            case ReportKind.STOP:
                self._stopped = True
            case ReportKind.THERE:
                self._wish = self._wish or kpa * 1.08
            case ReportKind.TOO_MUCH | ReportKind.ENOUGH:
                self._wish = 0.88 * kpa
            case ReportKind.TOO_LITTLE:
                self._wish = 1.12 * kpa
            case ReportKind.RATING if rating <= 4 or rating >= 7:
                self._wish = (1.1 if rating <= 4 else 0.93) * kpa
            case _:
                pass
