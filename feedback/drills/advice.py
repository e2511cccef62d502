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
    what is well (or, if nothing is, the next heaviest). What is neither surely wrong nor surely well is left out.
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
    if error is None or (outcome.task.drill.kind is DrillKind.THRESHOLD and scores.felt_kpa is None):
        return f"{well}: the client said nothing that a threshold could be read from."
    if outcome.task.drill.judged is Judged.RATE:
        ramp = f"the ramp was {_side(error, 'as asked', 'too slow', 'too fast')}"
        needed = scores.needed_share
        if scores.inside is False and needed is not None and needed <= outcome.task.tolerance_share:
            return f"{well}: you let go too late after the client’s word; {ramp}."
        return f"{well}: {ramp}."
    said = f"{well}: {_side(error, 'on the target', 'light', 'heavy')} on the whole"
    guess = scores[ScoreKey.ESTIMATE].pct
    if guess is not None:
        return f"{said}; your guess was {_side(guess, 'just', 'below', 'above')} what you pressed."
    sag = scores[ScoreKey.SAG].pct
    if sag is not None and sag > SAG_PCT:
        return f"{said}, losing {sag:.0f} % a minute: add a little as you hold."
    return f"{said}."


def _mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values))


def _pcts(attempts: Sequence[AttemptRecord], key: ScoreKey) -> list[float]:
    return [pct for a in attempts if a.scores and (pct := a.scores[key].pct) is not None]


def _side(pct: float, none: str, less: str, more: str) -> str:
    """A signed error in words; what rounds to nothing has no side."""
    return f"{abs(pct):.0f} % {more if pct > 0 else less}" if abs(pct) >= 0.5 else none


def _judged(
    values: Sequence[float], limit: float, because: str, *, well: str, wrong: str, wild: str = ""
) -> list[Finding]:
    """Wrong when the mean is surely off and beyond the limit, well when it is surely within; else `wild`, or nothing.

    Args:
        values: of the attempts, in %; too few of them tell nothing.
        limit: from so much on it is worth a word.
        because: what it rests on.
        well: the words for what is well.
        wrong: for what is not, with `{}` for the mean's amount.
        wild: for what goes either way, with `{}` for how far on the mean; empty: nothing is said.
    """
    if len(values) < FEWEST:
        return []
    mean, error = _mean_and_error(values)
    if abs(mean) >= limit and abs(mean) > 2 * error:
        return [Finding(wrong.format(f"{abs(mean):.0f} %"), abs(mean) / limit, because)]
    if abs(mean) + error <= limit:
        return [Finding(well, min(abs(mean) / limit, 0.99), because)]
    off = float(np.mean(np.abs(values)))
    return (
        [Finding(wild.format(f"{off:.0f} %"), off / (2 * limit), because)]
        if wild and off >= 2 * limit
        else []
    )


def _bias(attempts: Sequence[AttemptRecord], where: str) -> list[Finding]:
    errors = _pcts(attempts, ScoreKey.CONSTANT)
    side = "heavy" if sum(errors) > 0 else "light"
    found = _judged(
        errors,
        BIAS_PCT,
        f"mean error of the last {len(errors)} attempts {where}",
        well=f"your pressure is true {where}",
        wrong=f"you press {{}} {side} {where}",
    )
    # Errors that cancel are not true pressure.
    scattered = len(errors) >= FEWEST and float(np.std(errors, ddof=1)) >= SCATTER_PCT
    return [one for one in found if not (one.well and scattered)]


def _rates(attempts: Sequence[AttemptRecord]) -> list[Finding]:
    errors = _pcts(attempts, ScoreKey.RATE)
    because = f"rates of the last {len(errors)} ramps"
    found = _judged(
        errors,
        RATE_PCT,
        because,
        well="your ramps are fine",
        wrong=f"your ramps are {{}} too {'fast' if sum(errors) > 0 else 'slow'}",
    )
    if len(errors) < FEWEST or any(not one.well for one in found):
        return found
    sd = float(np.std(errors, ddof=1))
    if sd <= 2 * RATE_PCT:
        return found
    return [Finding(f"your ramps differ by {sd:.0f} % from one to the next", sd / (2 * RATE_PCT), because)]


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
    return _judged(
        sags,
        SAG_PCT,
        f"sag of the last {len(sags)} holds",
        well="your holds are steady",
        wrong=f"your holds {'lose' if sum(sags) > 0 else 'gain'} {{}} a minute",
    )


def _guess(attempts: Sequence[AttemptRecord]) -> list[Finding]:
    errors = _pcts(attempts, ScoreKey.ESTIMATE)
    return _judged(
        errors,
        GUESS_PCT,
        f"the last {len(errors)} guesses",
        well="your guesses are good",
        wrong=f"you guess {{}} {'higher' if sum(errors) > 0 else 'lower'} than you press",
        wild="your guesses are {} off, now above and now below",
    )


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
