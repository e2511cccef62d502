"""What a coach is shown with every block of samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray

    from feedback.band.source import BandNow
    from feedback.guidance import Cue
    from feedback.hold import HoldNow


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The hand and the client as of the newest sample.

    Attributes:
        now_s: time of the newest sample, host monotonic seconds.
        time_s: float64 (n,), times of the block's measured samples; may be empty.
        pressure_kpa: float64 (n,), their pressures.
        calm_kpa: the pressure now with tremor taken out; NaN when unknown.
        pressing: a press is going on.
        touching: the same, or a press was ended while the tip was on and it is not let go yet.
        press_id: of the press that is going on.
        settled_s: how long the pressure has stayed within 20 %; 0 without a press.
        cue: what the screen tells the hand.
        bounds: band, target and how far it is safe to go.
        ceiling_kpa: never above it.
        alarm: the ceiling was reached and the hand has not come back.
        waits: the client's stop stands.
        hold: the course of the hold that is going on.
    """

    now_s: float
    time_s: NDArray[np.float64]
    pressure_kpa: NDArray[np.float64]
    calm_kpa: float
    pressing: bool
    touching: bool
    press_id: UUID | None
    settled_s: float
    cue: Cue
    bounds: BandNow
    ceiling_kpa: float
    alarm: bool
    waits: bool
    hold: HoldNow | None
