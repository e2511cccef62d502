"""Which stretch of a press is a hold, so that its course can be watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.band import LearnedBand
from feedback.band.source import SetBand
from feedback.hold import HoldNow, HoldWatch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from feedback.band.source import BandSource
    from feedback.comfort import Report
    from feedback.press import PressNow

HELD_AFTER_S = 1.0
"""A pressure that has stayed within 20 % for this long may be a hold."""
RISING_SHARE_PER_S = 0.05
"""It is one once it rises by less than this share of itself in a second: the end of a ramp is no hold."""


class Holding:
    """Tells a hold's begin from a press, or is told it by a coach, and watches the hold while it lasts."""

    def __init__(self) -> None:
        self._watch = HoldWatch()
        self._since_s: float | None = None
        self._within_since_s: float | None = None
        self._settled_s: float | None = None

    def follow(
        self,
        since_s: float | None,
        time_s: NDArray[np.float64],
        pressure_kpa: NDArray[np.float64],
        source: BandSource,
        *,
        asked_less: bool = False,
    ) -> None:
        """Take the pressures (n,) of a block; a hold goes on since `since_s`, or none (None).

        While the hand is asked for less (`asked_less`), what it loses is no sag.
        """
        if since_s is None:
            self._since_s = None
            return
        if since_s != self._since_s:
            self._since_s = since_s
            self._watch.restart(since_s, exponents_of(source))
        held = time_s >= since_s
        if held.any():
            self._watch.feed(time_s[held], pressure_kpa[held])
            if asked_less:
                self._watch.level_again(float(time_s[-1]))

    def since_s(self, press: PressNow | None) -> float | None:
        """When the hold of this press began; None while it still rises or nothing is pressed."""
        if press is None:
            self._within_since_s = self._settled_s = None
            return None
        now_s = press.start_s + press.elapsed_s
        within_since_s = round(now_s - press.hold_s, 6)
        if within_since_s != self._within_since_s:
            self._within_since_s, self._settled_s = within_since_s, None
        rising = press.ramp_kpa_per_s > RISING_SHARE_PER_S * press.peak_kpa
        if self._settled_s is None and press.hold_s >= HELD_AFTER_S and not rising:
            self._settled_s = now_s
        return self._settled_s

    def heard(self, report: Report, pressure_kpa: float | None) -> None:
        """The client said something."""
        if self._since_s is not None:
            self._watch.heard(report, pressure_kpa)

    def took_back(self, report: Report) -> None:
        """A report is taken back."""
        if self._since_s is not None:
            self._watch.took_back(report)

    def now(self, now_s: float) -> HoldNow | None:
        """The hold as it stands; None while nothing is held."""
        return None if self._since_s is None else self._watch.now(now_s)


def exponents_of(source: BandSource) -> tuple[float, float, float] | None:
    """How this client's ratings grow with pressure, where the band is learned; None when not known."""
    learner = source.learner if isinstance(source, SetBand) else source
    return learner.model.exponent_interval() if isinstance(learner, LearnedBand) else None
