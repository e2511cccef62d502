"""One sentence of advice, from what the last attempts show and surely show: what to mend, and what is well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feedback.drills.attempt_view import Void
from feedback.drills.drill import DrillKind, Judged
from feedback.drills.outcome import Outcome
from feedback.drills.records import AttemptRecord
from feedback.drills.scores import ScoreKey
from feedback.drills.scoring import LINED

LAST = 10
"""Attempts looked at, of each sort."""
FEWEST = 3
BIAS_PCT, RATE_PCT, SCATTER_PCT, SAG_PCT, GUESS_PCT, OVERSHOOT_PCT = 4.0, 10.0, 10.0, 8.0, 8.0, 12.0
"""From so much on it is worth a word (choices; sag: hands lose 8.7 % in 15 s, Pérez-Palomares 2021)."""
RATES = frozenset({DrillKind.RAMP, DrillKind.THRESHOLD})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the attempts show.

    Attributes:
        words: a part of a sentence, beginning small.
        weight: how far it is beyond what is worth a word; below 1 it is well.
        because: what it rests on, for people.
    """

    words: str
    weight: float
    because: str

    @property
    def well(self) -> bool:
        """Nothing to mend."""
        return self.weight < 1


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell a trainee.

    Attributes:
        sentence: one.
        findings: all that it was chosen from, the heaviest first.
    """

    sentence: str
    findings: tuple[Finding, ...]


def advice_of(attempts: Sequence[AttemptRecord]) -> Advice:
    """One sentence on the last attempts of one trainee, at any drills, in any order.

    An error is named when its mean is beyond a limit and twice its own standard error; the heaviest comes first, then
    what is well (or, if nothing is, the next heaviest).
    """
    ordered = sorted((a for a in attempts if a.counts), key=lambda a: a.at)
    pressures = [a for a in ordered if a.kind in LINED]
    blind = [a for a in pressures if a.blind][-LAST:]
    seen = [a for a in pressures if not a.blind][-LAST:]
    findings = [
        *_bias(blind, "when blind"),
        *(_bias(seen, "with the screen") if not blind else ()),
        *_rates([a for a in ordered if a.kind in RATES][-LAST:]),
        *_scatter(blind or seen),
        *_sag(pressures[-LAST:]),
        *_guess([a for a in ordered if a.estimate_kpa is not None][-LAST:]),
        *_overshoot(pressures[-LAST:]),
    ]
    findings.sort(key=lambda f: -f.weight)
    if not findings:
        return Advice("A few attempts more, and there is something to say.", ())
    bad, good = [f for f in findings if not f.well], [f for f in findings if f.well]
    parts = [bad[0].words, (good or bad[1:] or bad)[0].words] if bad else [f.words for f in good[:2]]
    text = "; ".join(dict.fromkeys(parts))
    return Advice(f"{text[:1].upper()}{text[1:]}.", tuple(findings))


def after_attempt(outcome: Outcome) -> str:
    """One sentence on one attempt that is over."""
    scores = outcome.scores
    if outcome.void is not None or scores is None:
        return (outcome.void or Void.SIGNAL).sentence
    well = "Inside" if scores.inside else "Not inside yet"
    if outcome.task.drill.kind is DrillKind.RELEASE:
        share, above = scores[ScoreKey.IN_TOLERANCE].pct, scores[ScoreKey.ABOVE].pct
        return f"{well}: good pain for {share or 0:.0f} % of the time, too much for {above or 0:.0f} %."
    error = scores.error_pct
    if error is None:
        return f"{well}: the client said nothing that a threshold could be read from."
    if outcome.task.drill.judged is Judged.RATE:
        return f"{well}: the ramp was {abs(error):.0f} % {'too fast' if error > 0 else 'too slow'}."
    said = f"{well}: {abs(error):.0f} % {'heavy' if error > 0 else 'light'} on the whole"
    guess = scores[ScoreKey.ESTIMATE].pct
    if guess is not None:
        return (
            f"{said}; your guess was {abs(guess):.0f} % {'above' if guess > 0 else 'below'} what you pressed."
        )
    sag = scores[ScoreKey.SAG].pct
    if sag is not None and sag > SAG_PCT:
        return f"{said}, losing {sag:.0f} % a minute: add a little as you hold."
    return f"{said}."


def _mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values))


def _pcts(attempts: Sequence[AttemptRecord], key: ScoreKey) -> list[float]:
    return [pct for a in attempts if a.scores and (pct := a.scores[key].pct) is not None]


def _weight(mean: float, error: float, limit: float) -> float:
    """Beyond 1 only what is above the limit and sure."""
    sure = abs(mean) > 2 * error
    return abs(mean) / limit if sure else min(abs(mean) / limit, 0.99)


def _bias(attempts: Sequence[AttemptRecord], where: str) -> list[Finding]:
    errors = _pcts(attempts, ScoreKey.CONSTANT)
    if len(errors) < FEWEST:
        return []
    mean, error = _mean_and_error(errors)
    weight = _weight(mean, error, BIAS_PCT)
    side = "heavy" if mean > 0 else "light"
    words = f"you press {abs(mean):.0f} % {side} {where}" if weight >= 1 else f"your pressure is true {where}"
    return [Finding(words, weight, f"mean error of the last {len(errors)} attempts {where}")]


def _rates(attempts: Sequence[AttemptRecord]) -> list[Finding]:
    errors = _pcts(attempts, ScoreKey.RATE)
    if len(errors) < FEWEST:
        return []
    mean, error = _mean_and_error(errors)
    weight = _weight(mean, error, RATE_PCT)
    sd = float(np.std(errors, ddof=1))
    because = f"rates of the last {len(errors)} ramps"
    if weight >= 1:
        side = "fast" if mean > 0 else "slow"
        return [Finding(f"your ramps are {abs(mean):.0f} % too {side}", weight, because)]
    if sd > 2 * RATE_PCT:
        return [
            Finding(f"your ramps differ by {sd:.0f} % from one to the next", sd / (2 * RATE_PCT), because)
        ]
    return [Finding("your ramps are fine", weight, because)]


def _scatter(attempts: Sequence[AttemptRecord]) -> list[Finding]:
    errors = _pcts(attempts, ScoreKey.CONSTANT)
    if len(errors) < FEWEST + 2:
        return []
    sd = float(np.std(errors, ddof=1))
    words = (
        f"your presses differ by {sd:.0f} % from one to the next"
        if sd >= SCATTER_PCT
        else "your presses are alike"
    )
    return [Finding(words, sd / SCATTER_PCT, f"spread of the last {len(errors)} errors")]


def _sag(attempts: Sequence[AttemptRecord]) -> list[Finding]:
    sags = _pcts(attempts, ScoreKey.SAG)
    if len(sags) < FEWEST:
        return []
    mean, error = _mean_and_error(sags)
    weight = _weight(mean, error, SAG_PCT)
    words = "your holds are steady"
    if weight >= 1:
        words = f"your holds {'lose' if mean > 0 else 'gain'} {abs(mean):.0f} % a minute"
    return [Finding(words, weight, f"sag of the last {len(sags)} holds")]


def _guess(attempts: Sequence[AttemptRecord]) -> list[Finding]:
    errors = _pcts(attempts, ScoreKey.ESTIMATE)
    if len(errors) < FEWEST:
        return []
    mean, error = _mean_and_error(errors)
    weight = _weight(mean, error, GUESS_PCT)
    words = "your guesses are good"
    if weight >= 1:
        words = f"you guess {abs(mean):.0f} % {'higher' if mean > 0 else 'lower'} than you press"
    return [Finding(words, weight, f"the last {len(errors)} guesses")]


def _overshoot(attempts: Sequence[AttemptRecord]) -> list[Finding]:
    values = _pcts(attempts, ScoreKey.OVERSHOOT)
    if len(values) < FEWEST:
        return []
    mean = float(np.mean(values))
    if mean < OVERSHOOT_PCT:
        return []
    return [
        Finding(
            f"you shoot {mean:.0f} % past the target on the way up",
            mean / OVERSHOOT_PCT,
            f"the last {len(values)} attempts",
        )
    ]
