"""Ways in which a therapist finds a client's band; each yields what is known after every report."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from feedback.band import GoodPainBand, Manner
from feedback.comfort import ReportKind
from sim.trials.clients import TrialClient

CEILING_KPA = 2000.0
"""Far above every simulated threshold: the trials are about the model, not about the ceiling."""
RAMP_KPA_PER_S = 30.0
HAND = 0.08
"""The hand meets an asked pressure within 8 %, evenly."""


@dataclass(frozen=True, slots=True)
class Known:
    """After a report: the model, and whether this report was "too much"."""

    model: GoodPainBand
    too_much: bool = False


def start(alpha: float = 0.15) -> GoodPainBand:
    """A model that knows nothing yet."""
    return GoodPainBand.start(ceiling_kpa=CEILING_KPA, alpha=alpha)


def press_at(asked_kpa: float, rng: np.random.Generator) -> float:
    """The pressure that the hand makes of an asked one."""
    return asked_kpa * (1.0 + rng.uniform(-HAND, HAND))


def marked(
    model: GoodPainBand, client: TrialClient, rng: np.random.Generator, *, both: bool = False
) -> Iterator[Known]:
    """One press on a steady ramp, with "there", and with "enough" as well if `both`."""
    kinds = (ReportKind.THERE, ReportKind.ENOUGH) if both else (ReportKind.THERE,)
    at = [client.mark_kpa(kind, RAMP_KPA_PER_S, rng) for kind in kinds]
    # Nobody says "enough" before "there".
    for kind, pressure in zip(kinds, sorted(at), strict=True):
        model = model.mark(kind, pressure, RAMP_KPA_PER_S)
        yield Known(model)


def asked(
    model: GoodPainBand,
    client: TrialClient,
    rng: np.random.Generator,
    reports: int,
    manner: Manner,
    *,
    ratings: bool = True,
) -> Iterator[Known]:
    """Hold the advised pressure and ask, again and again, for a rating or a verdict."""
    for _ in range(reports):
        advised = model.next_pressure(manner).pressure_kpa
        if advised is None:
            return
        pressure = press_at(advised, rng)
        if ratings:
            r = client.rating(math.log(pressure), rng)
            model, much = model.rating(r, pressure), r >= 8
        else:
            kind = client.verdict(math.log(pressure), rng)
            model, much = model.verdict(kind, pressure), kind is ReportKind.TOO_MUCH
        yield Known(model, much)


def mark_then_ratings(client: TrialClient, rng: np.random.Generator, reports: int) -> list[Known]:
    """One onset mark, then `reports` - 1 ratings while treating in the band."""
    known = list(marked(start(), client, rng))
    known += asked(known[-1].model, client, rng, reports - 1, Manner.TREAT)
    return known
