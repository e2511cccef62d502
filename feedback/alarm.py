"""The ceiling: an alarm from the first sample that reaches it until the hand has come back below."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alarm:
    """The ceiling was reached and the hand has not come back yet.

    Attributes:
        since_s: time of the first sample at or above the ceiling.
        peak_kpa: largest pressure since.
    """

    since_s: float
    peak_kpa: float
