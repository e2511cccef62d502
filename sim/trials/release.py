"""The closed loop: the same simulated therapists release the same points for 60 s, with and without the screen.

What is assumed of the hand: it wanders slowly by 8 % (standard deviation, over 5 s) and sags by 12 % within the first
seconds (Pérez-Palomares 2021: 8-12 %). Without the screen the therapist does not see the sag, hears "there" on the
ramp, asks every 15 s, and goes up or down by a fifth as the client says. With the screen the same hand, asking as
often, steers towards the advised pressure, two seconds behind. What the client feels does not change during the hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from feedback.band import GoodPainBand, Manner
from feedback.comfort import ReportKind
from sim.trials.clients import TrialClient
from sim.trials.procedures import RAMP_KPA_PER_S

HOLD_S = 60.0
STEP_S = 0.5
ASK_S = 15.0
WANDER = 0.08
WANDER_S = 5.0
SAG = 0.12
SAG_S = 8.0
FOLLOW_S = 2.0
BY_FEEL = math.log(1.2)


@dataclass(frozen=True, slots=True)
class Release:
    """One simulated release: share of time in the true band and above it, and how many answers were "too much"."""

    in_band: float
    above: float
    too_much: int
    answers: int


def release(client: TrialClient, rng: np.random.Generator, model: GoodPainBand, *, guided: bool) -> Release:
    """A press with an onset mark, then a hold of 60 s with a verdict every 15 s."""
    mark_kpa = client.mark_kpa(ReportKind.THERE, RAMP_KPA_PER_S, rng)
    model = model.mark(ReportKind.THERE, mark_kpa, RAMP_KPA_PER_S)
    aim_ln = math.log(mark_kpa)
    sag = wander = 0.0
    inside = above = much = answers = 0
    steps = round(HOLD_S / STEP_S)
    advised = model.next_pressure(Manner.TREAT).pressure_kpa
    for step in range(1, steps + 1):
        keep = math.exp(-STEP_S / WANDER_S)
        wander = keep * wander + WANDER * math.sqrt(1.0 - keep**2) * float(rng.normal())
        sag += (math.log1p(-SAG) - sag) * STEP_S / SAG_S
        x_ln = aim_ln + sag + wander
        if guided and advised is not None:
            # What the screen shows is the pressure itself: sag and wandering are seen and steered against.
            aim_ln += (math.log(advised) - x_ln) * STEP_S / FOLLOW_S
        inside += client.lower_ln <= x_ln <= client.upper_ln
        above += x_ln > client.upper_ln
        if step * STEP_S % ASK_S == 0:
            kind = client.verdict(x_ln, rng)
            answers += 1
            much += kind is ReportKind.TOO_MUCH
            model = model.verdict(kind, math.exp(x_ln))
            advised = model.next_pressure(Manner.TREAT).pressure_kpa
            if not guided:
                aim_ln += {ReportKind.TOO_LITTLE: BY_FEEL, ReportKind.TOO_MUCH: -BY_FEEL}.get(kind, 0.0)
    return Release(inside / steps, above / steps, much, answers)
