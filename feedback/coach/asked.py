"""What is asked of the hand: the cue of the band, with the technique in mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.coach.phases import PhaseKind
from feedback.coach.technique import TechniqueKind
from feedback.guidance import Cue

if TYPE_CHECKING:
    from feedback.band import Band
    from feedback.coach.phases import CoachNow

BEFORE_ALL = frozenset({Cue.NO_SIGNAL, Cue.NOT_CALIBRATED, Cue.STOP})
"""Nothing that a technique asks for goes before these."""
OFF_LOW, OFF_HIGH = 0.85, 1.12
"""Where no band says it: held is within these shares of the pressure that the coach asks for."""


def asked_of(
    cue: Cue, coach: CoachNow | None, band: Band | None, pressure_kpa: float | None, *, touching: bool
) -> Cue:
    """The cue for the hand: that of the band, unless the technique asks for something else in this phase.

    Args:
        cue: from pressure, band and ceiling alone.
        coach: what the coach says; None without one.
        band: in force, if any.
        pressure_kpa: steadied for reading; None when unknown.
        touching: the tip is on.
    """
    if coach is None or coach.technique.kind is TechniqueKind.FREE or cue in BEFORE_ALL:
        return cue
    phase, goal_kpa = coach.phase, coach.target_kpa
    if phase in (PhaseKind.RELEASE, PhaseKind.REST):
        return Cue.LET_GO if touching else Cue.READY
    if phase is PhaseKind.EASE:
        eased = goal_kpa is None or pressure_kpa is None or pressure_kpa <= OFF_HIGH * goal_kpa
        return Cue.HOLD if eased else Cue.EASE_OFF
    if phase is PhaseKind.RAMP and (coach.technique.kind is TechniqueKind.THRESHOLD or cue is Cue.NO_BAND):
        return Cue.PRESS
    by_band = band is not None and (goal_kpa is None or goal_kpa >= band.lower_kpa)
    if phase is PhaseKind.HOLD and not by_band and goal_kpa and pressure_kpa is not None:
        share = pressure_kpa / goal_kpa
        return Cue.PRESS if share < OFF_LOW else Cue.EASE_OFF if share > OFF_HIGH else Cue.HOLD
    return cue
