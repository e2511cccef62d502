"""A number that can be read: steady while the hand is, quick when the pressure really moves."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

JUMP_SHARE = 0.04
"""A change beyond this share of the value is shown at once; hand tremor stays below it."""
JUMP_KPA = 3.0
"""The same for small pressures, where a share means little."""
REFRESH_S = 0.2
"""A steady number changes at most five times a second."""


class SteadyNumber:
    """Turns samples into the pressure that is written on the screen."""

    def __init__(self) -> None:
        self._shown_kpa: float | None = None
        self._since_s = 0.0

    def show(self, now_s: float, recent_kpa: Sequence[float]) -> float | None:
        """The number to write at `now_s` for the pressures of the last quarter second, oldest first."""
        if not recent_kpa:
            self._shown_kpa = None
            return None
        latest = recent_kpa[-1]
        shown = self._shown_kpa
        if shown is None or abs(latest - shown) > max(JUMP_KPA, JUMP_SHARE * abs(shown)):
            self._shown_kpa, self._since_s = latest, now_s
        elif now_s - self._since_s >= REFRESH_S:
            self._shown_kpa, self._since_s = fmean(recent_kpa), now_s
        return self._shown_kpa
