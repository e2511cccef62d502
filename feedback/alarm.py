"""The ceiling: an alarm from the first sample that reaches it until the hand has come back below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from feedback.guidance import HYSTERESIS

if TYPE_CHECKING:
    from numpy.typing import NDArray

BACK_FOR_S = 0.099
"""One period of hand tremor (8-12 Hz), and no more than one of the slowest sensors in use (10 a second)."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """The ceiling was reached and the hand has not come back yet.

    Attributes:
        since_s: time of the first sample at or above the ceiling.
        peak_kpa: largest pressure since.
    """

    since_s: float
    peak_kpa: float


class CeilingWatch:
    """Latches an alarm: nothing is smoothed on the way in, and one sample is enough.

    It ends when the pressure has stayed below the ceiling by the hysteresis of the cues for one period of tremor, or
    when the tip is off; never within the block that raised it, so that nobody who looks once per block can miss it.
    """

    def __init__(self) -> None:
        self._high_s = 0.0
        self.alarm: Alarm | None = None
        """The alarm that stands."""

    def feed(
        self,
        time_s: NDArray[np.float64],
        pressure_kpa: NDArray[np.float64],
        *,
        ceiling_kpa: float,
        contact_kpa: float,
    ) -> Alarm | None:
        """Take the samples of a block, (n,) each, those at the sensor's limit included; returns the alarm it ended.

        Args:
            time_s: of samples with a known pressure; may be empty, which changes nothing.
            pressure_kpa: at these times; where the sensor is at its limit, at least that.
            ceiling_kpa: in force, >= 0.
            contact_kpa: below this the tip is off; negative when the zero was set under a load.
        """
        if not len(time_s):
            return None
        high = np.flatnonzero(pressure_kpa >= ceiling_kpa * (1 - HYSTERESIS))
        if len(high):
            self._high_s = float(time_s[high[-1]])
        over = pressure_kpa >= max(ceiling_kpa, contact_kpa)
        if over.any():
            peak_kpa = float(pressure_kpa.max())
            if self.alarm is None:
                self.alarm = Alarm(float(time_s[int(over.argmax())]), peak_kpa)
            elif peak_kpa > self.alarm.peak_kpa:
                self.alarm = replace(self.alarm, peak_kpa=peak_kpa)
            return None
        back = float(time_s[-1]) - self._high_s >= BACK_FOR_S or float(pressure_kpa[-1]) < contact_kpa
        return self.end() if back else None

    def end(self) -> Alarm | None:
        """Nothing is known of the hand any more: the alarm that stood, if any."""
        ended, self.alarm = self.alarm, None
        return ended
