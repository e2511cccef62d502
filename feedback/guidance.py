"""What the hand should do now: a cue from the pressure, the band and the ceiling, with hysteresis."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedback.band import Band

HYSTERESIS = 0.03
"""Share of an edge's pressure by which the hand must come back before a cue is taken back.

Hand tremor is 1-2 % of the pressure, so a cue at an edge would flicker without it. It only ever delays the way back
to a calmer cue: too much is said at the edge itself.
"""


class Cue(StrEnum):
    """The one thing the screen tells the hand."""

    NO_SIGNAL = "no signal"
    NOT_CALIBRATED = "not calibrated"
    READY = "ready"
    """Nothing is pressed."""
    NO_BAND = "no band"
    """Pressing, below the ceiling, but no band is known yet."""
    PRESS = "press"
    HOLD = "hold"
    EASE_OFF = "ease off"
    LET_GO = "let go"
    """The technique wants the tip off; never from pressure alone."""
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a cue depends on.

    Attributes:
        pressure_kpa: the pressure now; NaN when unknown.
        pressing: the tip is in contact.
        live: the last sample is fresh.
        calibrated: `pressure_kpa` is a measured pressure.
        saturated: the sensor is at its limit, the true pressure is at least `pressure_kpa`.
        stopped: the client said stop and the tip is still in contact.
        alarm: the ceiling was reached and the hand has not come back.
    """

    pressure_kpa: float
    pressing: bool
    live: bool = True
    calibrated: bool = True
    saturated: bool = False
    stopped: bool = False
    alarm: bool = False


def next_cue(before: Cue, now: Situation, band: Band | None, ceiling_kpa: float) -> Cue:
    """The cue that follows `before`.

    Without a fresh, calibrated sample nothing is advised. At the ceiling, at the sensor's limit or after the client's
    stop the cue is STOP, whatever the band says.
    """
    if not now.live:
        return Cue.NO_SIGNAL
    if not now.calibrated:
        return Cue.NOT_CALIBRATED
    over = now.alarm or now.pressure_kpa >= _threshold(ceiling_kpa, held=before is Cue.STOP)
    if now.stopped or now.saturated or over:
        return Cue.STOP
    if not now.pressing:
        return Cue.READY
    if band is None:
        return Cue.NO_BAND
    if now.pressure_kpa > _threshold(band.upper_kpa, held=before in (Cue.EASE_OFF, Cue.STOP)):
        return Cue.EASE_OFF
    if now.pressure_kpa < _threshold(band.lower_kpa, held=before is Cue.HOLD):
        return Cue.PRESS
    return Cue.HOLD


def _threshold(edge_kpa: float, *, held: bool) -> float:
    return edge_kpa * (1 - HYSTERESIS) if held else edge_kpa
