"""The figures of one press, from its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    early_kpa, late_kpa = np.median(pressure_kpa[early]), np.median(pressure_kpa[late])
    while first < last and smooth_kpa[first] < 0.95 * early_kpa:
        first += 1
    while last > first and smooth_kpa[last] < 0.95 * late_kpa:
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
