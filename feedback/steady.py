"""A number that can be read: steady while the hand is, quick when the pressure really moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
        self._jumped_s = float("-inf")

    def show(self, time_s: NDArray[np.float64], pressure_kpa: NDArray[np.float64]) -> float | None:
        """The number to write for the samples of the last quarter second, (n,), oldest first.

        It is their mean, renewed now and then; samples from before a jump do not count.
        """
        if not len(time_s):
            self._shown_kpa = None
            return None
        newest_s, newest_kpa = float(time_s[-1]), float(pressure_kpa[-1])
        shown = self._shown_kpa
        if shown is None or abs(newest_kpa - shown) > max(JUMP_KPA, JUMP_SHARE * abs(shown)):
            self._shown_kpa, self._since_s, self._jumped_s = newest_kpa, newest_s, newest_s
        elif newest_s - self._since_s >= REFRESH_S:
            self._shown_kpa, self._since_s = float(pressure_kpa[time_s >= self._jumped_s].mean()), newest_s
        return self._shown_kpa
