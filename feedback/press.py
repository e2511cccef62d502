"""A press: one application of pressure at a point, found and measured in the stream of force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.signal import NOT_A_FORCE, ForceBlock, Quality
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from feedback.band import Band


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
class Press:
    """One press, measured.

    The *level* is the median of the pressures at or above half the peak. The *hold* is what is left of the time at or
    above 75 % of the level (pressure smoothed over 0.25 s, so that tremor does not count) when its ends are cut where
    the pressure comes within 5 % of the median of the first and the last 2 s of it: the way up and down does not
    count as sag. A hold shorter than 1 s is none, and what needs one is None.

    Attributes:
        start_s: first contact, host monotonic seconds.
        end_s: last contact.
        peak_n: largest force, N; a lower bound when `quality` has SATURATED.
        peak_kpa: the same as pressure.
        hold_start_s: see above.
        hold_end_s: see above.
        hold_mean_kpa: mean pressure of the hold.
        ramp_kpa_per_s: least-squares slope of the rise between 10 % and 90 % of the level; None when too few samples.
        time_in_band_s: time inside the band that was in force sample by sample; None when there was no band.
        sag_pct: loss of pressure from the first to the last 2 s of a hold of at least 4 s, in % of the first.
        dose_ns: integral of force over time, N·s; silences of the sensor count nothing.
        lost: samples known to be lost within the press.
        quality: `Quality` flags of all its samples together.
        ended: `release`, `signal lost`, `stop`, `point changed`, `session end` or `cut off` (the program died).
    """

    start_s: float
    end_s: float
    peak_n: float
    peak_kpa: float
    hold_start_s: float | None
    hold_end_s: float | None
    hold_mean_kpa: float | None
    ramp_kpa_per_s: float | None
    time_in_band_s: float | None
    sag_pct: float | None
    dose_ns: float
    lost: int
    quality: int
    ended: str

    @property
    def duration_s(self) -> float:
        """From first to last contact."""
        return self.end_s - self.start_s


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


SMOOTHING_S = 0.25
MIN_HOLD_S = 1.0
SAG_WINDOW_S = 2.0
MISSING_PERIODS = 3.5
"""A step longer than this many sample periods is a silence: nothing is integrated across it."""


def measure_press(
    time_s: NDArray[np.float64],
    force_n: NDArray[np.float32],
    in_band: NDArray[np.bool_] | None,
    *,
    tip_area_cm2: float,
    quality: int = 0,
    lost: int = 0,
    ended: str = "release",
) -> Press:
    """Measure one press from its samples, all of one length (n >= 1), first to last contact."""
    force = force_n.astype(np.float64)
    kpa_per_n = pressure_kpa_of(1.0, tip_area_cm2)
    steps_s = np.diff(time_s)
    period_s = float(np.median(steps_s)) if len(steps_s) else 0.0
    steps_s = np.where(steps_s <= MISSING_PERIODS * period_s, steps_s, 0.0)
    peak_n = float(force.max())
    pressure_kpa = force * kpa_per_n
    level_kpa = float(np.median(pressure_kpa[force >= peak_n / 2]))
    hold = _hold(time_s, pressure_kpa, level_kpa, period_s)
    hold_time_s, hold_kpa = (time_s[hold], pressure_kpa[hold]) if hold else (None, None)

    return Press(
        start_s=float(time_s[0]),
        end_s=float(time_s[-1]),
        peak_n=peak_n,
        peak_kpa=peak_n * kpa_per_n,
        hold_start_s=None if hold_time_s is None else float(hold_time_s[0]),
        hold_end_s=None if hold_time_s is None else float(hold_time_s[-1]),
        hold_mean_kpa=None if hold_kpa is None else float(hold_kpa.mean()),
        ramp_kpa_per_s=_ramp_kpa_per_s(time_s, pressure_kpa, level_kpa),
        time_in_band_s=None if in_band is None else float(steps_s[in_band[1:]].sum()),
        sag_pct=None if hold_time_s is None or hold_kpa is None else _sag_pct(hold_time_s, hold_kpa),
        dose_ns=float((steps_s * (force[1:] + force[:-1]) / 2).sum()),
        lost=lost,
        quality=quality,
        ended=ended,
    )


def _hold(
    time_s: NDArray[np.float64], pressure_kpa: NDArray[np.float64], level_kpa: float, period_s: float
) -> slice | None:
    if time_s[-1] - time_s[0] < MIN_HOLD_S or period_s <= 0:
        return None
    smooth_kpa = _smoothed(pressure_kpa, max(1, round(SMOOTHING_S / period_s)))
    near = np.flatnonzero(smooth_kpa >= 0.75 * level_kpa)
    if not len(near):
        return None
    first, last = int(near[0]), int(near[-1])
    early = (time_s >= time_s[first]) & (time_s <= time_s[first] + SAG_WINDOW_S)
    late = (time_s <= time_s[last]) & (time_s >= time_s[last] - SAG_WINDOW_S)
    while first < last and smooth_kpa[first] < 0.95 * np.median(pressure_kpa[early]):
        first += 1
    while last > first and smooth_kpa[last] < 0.95 * np.median(pressure_kpa[late]):
        last -= 1
    return slice(first, last + 1) if time_s[last] - time_s[first] >= MIN_HOLD_S else None


def _smoothed(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Centred moving mean; at the ends over what there is."""
    if width <= 1:
        return values
    kernel = np.ones(min(width, len(values)))
    return np.convolve(values, kernel, "same") / np.convolve(np.ones_like(values), kernel, "same")


def _ramp_kpa_per_s(
    time_s: NDArray[np.float64], pressure_kpa: NDArray[np.float64], level_kpa: float
) -> float | None:
    top = int(np.argmax(pressure_kpa >= 0.9 * level_kpa))
    below = np.flatnonzero(pressure_kpa[:top] < 0.1 * level_kpa)
    rise = slice(int(below[-1]) + 1 if len(below) else 0, top + 1)
    x, y = time_s[rise], pressure_kpa[rise]
    if len(x) < 3 or x[-1] <= x[0]:
        return None
    x = x - x.mean()
    return float((x * (y - y.mean())).sum() / (x * x).sum())


def _sag_pct(time_s: NDArray[np.float64], pressure_kpa: NDArray[np.float64]) -> float | None:
    if time_s[-1] - time_s[0] < 2 * SAG_WINDOW_S:
        return None
    first = pressure_kpa[time_s <= time_s[0] + SAG_WINDOW_S].mean()
    last = pressure_kpa[time_s >= time_s[-1] - SAG_WINDOW_S].mean()
    return float((first - last) / first * 100)


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
        if not self._pressing and not self._contact_possible(block):
            self._last_s = float(block.time_s[-1])
            self._samples.clear()
            self._barred = False
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
        self._barred = True
        return press

    def now(self, now_s: float) -> PressNow | None:
        """The press that is going on."""
        if not self._pressing:
            return None
        s = self._samples
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
        if self._pressing and self._last_s is not None and time_s - self._last_s > rules.signal_gap_s:
            ended += self._kept(self._end("signal lost"))
        self._last_s = time_s
        contact = force_n >= rules.end_n and not flags & Quality.UNCALIBRATED
        if not self._pressing:
            if not contact:
                samples.clear()
                self._barred = False
                return ended
            if self._barred:
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
        self._samples.clear()
        self._released_s = None
        self._quality = 0
        self._any_band = False
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
