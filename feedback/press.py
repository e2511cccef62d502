"""A press: one application of pressure at a point, found in the stream of force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.measure import Press, measure_press
from feedback.signal import NOT_A_FORCE, ForceBlock, Quality
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from feedback.band import Band


__all__ = ["Press", "PressDetector", "PressNow", "PressRules", "is_force"]


@dataclass(frozen=True, slots=True)
class PressRules:
    """When a press begins and ends; every number can be set.

    Attributes:
        start_n: force at which the tip counts as pressed on.
        end_n: force below which it counts as let go; smaller than `start_n` so that one press stays one.
        release_s: how long it must stay let go.
        min_duration_s: shorter touches are bumps, not presses.
        min_peak_n: weaker touches are bumps too.
        signal_gap_s: a silence of the sensor this long ends the press.
    """

    start_n: float = 2.0
    end_n: float = 1.0
    release_s: float = 0.25
    min_duration_s: float = 0.3
    min_peak_n: float = 3.0
    signal_gap_s: float = 1.0


@dataclass(frozen=True, slots=True)
class PressNow:
    """A press that is going on, for a live view.

    Attributes:
        start_s: first contact.
        elapsed_s: time since then.
        hold_s: time since the pressure settled within 20 %; 0 while it still rises.
        peak_kpa: largest pressure so far.
        time_in_band_s: so far, inside the band in force.
        ramp_kpa_per_s: slope of the last half second.
    """

    start_s: float
    elapsed_s: float
    hold_s: float
    peak_kpa: float
    time_in_band_s: float
    ramp_kpa_per_s: float


class PressDetector:
    """Finds presses in blocks as they come; a press starts and ends by itself."""

    def __init__(self, tip_area_cm2: float, rules: PressRules | None = None) -> None:
        self._kpa_per_n = pressure_kpa_of(1.0, tip_area_cm2)
        self._area_cm2 = tip_area_cm2
        self._rules = rules or PressRules()
        self._samples = _Samples()
        self._pressing = False
        self._released_s: float | None = None
        self._last_s: float | None = None
        self._barred = False
        self._quality = 0
        self._lost = 0
        self._any_band = False
        self._hold_level_n = 0.0
        self._hold_start_s = 0.0

    @property
    def pressing(self) -> bool:
        """A press is going on (a touch that may still turn out to be a bump included)."""
        return self._pressing

    @property
    def barred(self) -> bool:
        """A press was ended while the tip was on, and it has not been let go since."""
        return self._barred

    @property
    def start_s(self) -> float | None:
        """First contact of the press that is going on."""
        return self._samples.first_s if self._pressing else None

    def feed(self, block: ForceBlock, band: Band | None) -> list[Press]:
        """Take the next block and return the presses that it brought to an end.

        `band` is the one in force for these samples. Samples that are no force (uncalibrated) end a press as a lost
        signal does once they last.
        """
        if not len(block):
            return []
        if not self._pressing and not self._barred and not self._contact_possible(block):
            self._last_s = float(block.time_s[-1])
            self._forget()
            return []
        if self._pressing:
            self._lost += block.lost
        lower_n, upper_n = (
            (band.lower_kpa / self._kpa_per_n, band.upper_kpa / self._kpa_per_n)
            if band
            else (np.inf, -np.inf)
        )
        ended: list[Press] = []
        for time_s, force_n, flags in zip(
            block.time_s.tolist(), block.force_n.tolist(), block.quality.tolist(), strict=True
        ):
            ended += self._sample(time_s, force_n, flags, lower_n <= force_n <= upper_n, band is not None)
        return ended

    def finish(self, reason: str) -> Press | None:
        """End the press that is going on, if any, for `reason`; contact must then be let go before the next begins."""
        press = self._end(reason) if self._pressing else None
        self._forget()
        self._barred = True
        self._released_s = None
        return press

    def now(self, now_s: float) -> PressNow | None:
        """The press that is going on."""
        if not self._pressing:
            return None
        s = self._samples
        now_s = min(now_s, self._last_s or now_s)  # nothing is known of the time after the newest sample
        recent_s, recent_n = s.tail(0.5)
        slope = 0.0
        if len(recent_s) >= 3 and recent_s[-1] > recent_s[0]:
            x = recent_s - recent_s.mean()
            slope = float((x * recent_n).sum() / (x * x).sum()) * self._kpa_per_n
        return PressNow(
            start_s=s.first_s,
            elapsed_s=max(0.0, now_s - s.first_s),
            hold_s=max(0.0, now_s - self._hold_start_s),
            peak_kpa=s.peak_n * self._kpa_per_n,
            time_in_band_s=s.in_band_s,
            ramp_kpa_per_s=slope,
        )

    def _contact_possible(self, block: ForceBlock) -> bool:
        """Most blocks have nothing on the tip: they are passed over in one comparison."""
        return bool((block.force_n >= self._rules.end_n).any())

    def _sample(self, time_s: float, force_n: float, flags: int, in_band: bool, band: bool) -> list[Press]:
        rules, samples = self._rules, self._samples
        ended: list[Press] = []
        if self._last_s is not None and time_s - self._last_s > rules.signal_gap_s:
            ended += self._kept(self._end("signal lost")) if self._pressing else []
            self._forget()
        self._last_s = time_s
        contact = force_n >= rules.end_n and not flags & Quality.UNCALIBRATED
        if self._barred:
            self._unbar(time_s, let_go=force_n < rules.end_n and not flags & NOT_A_FORCE)
            return ended
        if not self._pressing:
            if not contact:
                self._forget()
                return ended
            samples.add(time_s, force_n, in_band)
            self._quality |= flags
            self._any_band |= band
            if force_n >= rules.start_n:
                self._begin()
            return ended
        if contact:
            self._released_s = None
            self._settle(time_s, force_n)
        elif self._released_s is None:
            self._released_s = time_s
        elif time_s - self._released_s >= rules.release_s:
            ended += self._kept(self._end("release"))
            return ended
        # A sample without a force is held out, so that it cannot bend a mean.
        if force_n == force_n and not flags & Quality.UNCALIBRATED:
            samples.add(time_s, force_n, in_band)
        self._quality |= flags
        self._any_band |= band
        return ended

    def _unbar(self, time_s: float, *, let_go: bool) -> None:
        """Contact counts as let go once measured samples say so for as long as the end of a press takes."""
        if not let_go:
            self._released_s = None
        elif self._released_s is None:
            self._released_s = time_s
        elif time_s - self._released_s >= self._rules.release_s:
            self._barred = False

    def _forget(self) -> None:
        """A touch that came to nothing leaves nothing behind."""
        self._samples.clear()
        self._quality = 0
        self._any_band = False

    def _begin(self) -> None:
        self._pressing = True
        self._released_s = None
        self._lost = 0
        self._hold_level_n = self._samples.peak_n
        self._hold_start_s = self._samples.last_s

    def _settle(self, time_s: float, force_n: float) -> None:
        """A hold starts over when the force leaves the level by 20 % upwards, or falls to less than half of it."""
        if force_n > 1.2 * self._hold_level_n or force_n < 0.5 * self._hold_level_n:
            self._hold_level_n = force_n
            self._hold_start_s = time_s

    def _end(self, reason: str) -> Press | None:
        time_s, force_n, in_band = self._samples.arrays()
        contact = np.flatnonzero(force_n >= self._rules.end_n)
        self._pressing = False
        press = None
        if len(contact):
            stop = int(contact[-1]) + 1
            press = measure_press(
                time_s[:stop],
                force_n[:stop],
                in_band[:stop] if self._any_band else None,
                tip_area_cm2=self._area_cm2,
                quality=self._quality,
                lost=self._lost,
                ended=reason,
            )
        self._forget()
        if press is None or reason == "stop":  # what the client stops is never a bump
            return press
        bump = press.duration_s < self._rules.min_duration_s or press.peak_n < self._rules.min_peak_n
        return None if bump else press

    @staticmethod
    def _kept(press: Press | None) -> list[Press]:
        return [press] if press else []


class _Samples:
    """The samples of one press in arrays that double as they fill."""

    def __init__(self) -> None:
        self._n = 0
        self._time_s = np.empty(1024)
        self._force_n = np.empty(1024, np.float32)
        self._in_band = np.empty(1024, np.bool_)
        self.peak_n = 0.0
        self.in_band_s = 0.0

    def clear(self) -> None:
        self._n = 0
        self.peak_n = 0.0
        self.in_band_s = 0.0

    @property
    def first_s(self) -> float:
        return float(self._time_s[0])

    @property
    def last_s(self) -> float:
        return float(self._time_s[self._n - 1])

    def add(self, time_s: float, force_n: float, in_band: bool) -> None:
        n = self._n
        if n == len(self._time_s):
            self._time_s = np.concatenate([self._time_s, np.empty(n)])
            self._force_n = np.concatenate([self._force_n, np.empty(n, np.float32)])
            self._in_band = np.concatenate([self._in_band, np.empty(n, np.bool_)])
        if n and in_band:
            step_s = time_s - self._time_s[n - 1]
            # The median period is not known yet; 0.3 s is three periods of the slowest sensors in use (10 a second).
            self.in_band_s += float(step_s) if step_s <= 0.3 else 0.0
        self._time_s[n], self._force_n[n], self._in_band[n] = time_s, force_n, in_band
        self._n = n + 1
        self.peak_n = max(self.peak_n, force_n)

    def tail(self, seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        start = int(np.searchsorted(self._time_s[: self._n], self.last_s - seconds))
        return self._time_s[start : self._n], self._force_n[start : self._n]

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.bool_]]:
        n = self._n
        return self._time_s[:n], self._force_n[:n], self._in_band[:n]


def is_force(quality: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which samples are measured forces: neither uncalibrated nor at the converter's limit."""
    return (quality & int(NOT_A_FORCE)) == 0
