"""Simulated clients who answer by known thresholds, some of them not as the band's model assumes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from feedback.band.grid import LOGISTIC, rating_cuts
from feedback.band.prior import POPULATION, Priors
from feedback.comfort import ReportKind


class Habit(StrEnum):
    """How a client's answers scatter around the thresholds."""

    AS_MODELLED = "as modelled"
    HEAVY_TAILS = "heavy tails"
    """Student's t with 4 degrees of freedom in place of the logistic."""
    CARELESS = "6 % lapses"
    TWO_SLOPES = "different slopes"
    """The answers scatter 0.8 times as much around the lower threshold and 1.25 times around the upper."""
    FAR_SLOPES = "very different slopes"
    """0.6 times around the lower threshold and 1.5 times around the upper: more than the band is made to bear."""
    EQUAL_STEPS = "equal-step ratings"
    """Ratings grow with the logarithm of pressure, in equal steps, not as a power of pressure."""


MISSPECIFIED = (Habit.HEAVY_TAILS, Habit.CARELESS, Habit.TWO_SLOPES)
"""Habits under which the band's promises are still held to."""
BEYOND = (Habit.FAR_SLOPES, Habit.EQUAL_STEPS)
"""Habits whose figures are shown without an aim."""
_SLOPES = {Habit.TWO_SLOPES: (0.8, 1.25), Habit.FAR_SLOPES: (0.6, 1.5)}


@dataclass(frozen=True, slots=True)
class TrialClient:
    """One simulated client; thresholds in ln kPa.

    Attributes:
        lower_ln, upper_ln: ln T_lo and ln T_hi.
        noise: standard deviation of the answers, in ln pressure.
        habit: how they scatter.
        lapse: share of random answers.
    """

    lower_ln: float
    upper_ln: float
    noise: float
    habit: Habit
    lapse: float

    def p_too_much(self, x_ln: float) -> float:
        """True probability of "too much" at this ln pressure, lapses apart."""
        z = (x_ln - self.upper_ln) / (self.noise * self._slope(upper=True))
        if self.habit is Habit.HEAVY_TAILS:
            t = z * math.sqrt(2.0)
            u = t * t / (1.0 + t * t / 4.0)
            return 0.5 + 0.375 * t / math.sqrt(1.0 + t * t / 4.0) * (1.0 - u / 12.0)
        return 0.5 * (1.0 + math.tanh(0.5 * LOGISTIC * z))

    def verdict(self, x_ln: float, rng: np.random.Generator) -> ReportKind:
        """What the client calls a held pressure."""
        if rng.random() < self.lapse:
            return (ReportKind.TOO_LITTLE, ReportKind.GOOD, ReportKind.TOO_MUCH)[rng.integers(3)]
        felt = self._scatter(rng)
        if x_ln + felt * self._slope(upper=True) > self.upper_ln:
            return ReportKind.TOO_MUCH
        return (
            ReportKind.GOOD
            if x_ln + felt * self._slope(upper=False) > self.lower_ln
            else ReportKind.TOO_LITTLE
        )

    def rating(self, x_ln: float, rng: np.random.Generator) -> int:
        """The client's rating 0-10 of a held pressure."""
        if rng.random() < self.lapse:
            return int(rng.integers(11))
        cuts = (np.arange(1, 11) - 4) / 4.0 if self.habit is Habit.EQUAL_STEPS else rating_cuts()
        felt = self._scatter(rng) * self._slope(upper=x_ln > 0.5 * (self.lower_ln + self.upper_ln))
        return int(np.sum(x_ln + felt > self.lower_ln + (self.upper_ln - self.lower_ln) * cuts))

    def mark_kpa(self, kind: ReportKind, ramp_kpa_per_s: float, rng: np.random.Generator) -> float:
        """Pressure on record when the client marks an edge on this ramp: felt, and a reaction later said."""
        upper = kind is ReportKind.ENOUGH
        edge = self.upper_ln if upper else self.lower_ln
        felt = edge + self._scatter(rng) * self._slope(upper=upper)
        reaction_s = max(rng.normal(POPULATION.reaction_s, 0.15), 0.1)
        return math.exp(felt) + ramp_kpa_per_s * reaction_s

    def at_next_visit(self, rng: np.random.Generator, priors: Priors = POPULATION) -> TrialClient:
        """The same client another day: both thresholds moved together."""
        move = rng.normal(0.0, priors.visit_sd)
        return TrialClient(self.lower_ln + move, self.upper_ln + move, self.noise, self.habit, self.lapse)

    def _slope(self, *, upper: bool) -> float:
        return _SLOPES.get(self.habit, (1.0, 1.0))[upper]

    def _scatter(self, rng: np.random.Generator) -> float:
        if self.habit is Habit.HEAVY_TAILS:
            return self.noise * float(rng.standard_t(4)) / math.sqrt(2.0)
        return self.noise * float(rng.logistic()) / LOGISTIC


def draw_clients(
    n: int, rng: np.random.Generator, habit: Habit = Habit.AS_MODELLED, priors: Priors = POPULATION
) -> list[TrialClient]:
    """Draw `n` clients from the priors, for a tip of 1 cm²."""
    clients: list[TrialClient] = []
    for _ in range(n):
        lower = priors.centre_ln(1.0) + rng.normal(0.0, priors.threshold_ln_sd)
        width = priors.ratio_ln * math.exp(rng.normal(0.0, priors.ratio_ln_sd))
        noise = priors.noise * math.exp(rng.normal(0.0, priors.noise_ln_sd))
        lapse = 0.06 if habit is Habit.CARELESS else priors.lapse
        clients.append(TrialClient(lower, lower + width, noise, habit, lapse))
    return clients
