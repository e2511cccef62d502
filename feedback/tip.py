"""What the tip feels: samples as pressures, with what is known against them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.freshness import Freshness
from feedback.press import PressRules, is_force
from feedback.signal import Calibration, ForceBlock, Quality
from feedback.spoken import force_said_of
from feedback.steady import SteadyNumber
from feedback.trace import Ring, Trace
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from feedback.comfort import Report

CUE_SMOOTHING_S = 0.1
"""One period of hand tremor (8-12 Hz), so that the cue follows the hand and not its tremor."""
STEADY_OVER_S = 0.25
RECENT_SAMPLES = 256
"""More than the newest quarter second of any sensor in use (1,000 samples a second)."""


@dataclass(frozen=True, slots=True, eq=False)
class Felt:
    """A block, as pressures.

    Attributes:
        newest_s: time of the last sample.
        step_s: since the last sample of the block before; None after a silence and at a new point.
        time_s: float64 (n,), times of the measured samples; may be empty.
        pressure_kpa: float64 (n,), their pressures.
        at_least_s: float64 (m,), the same with samples at the sensor's limit, whose pressure is at least ...
        at_least_kpa: ... this, float64 (m,).
        calm_kpa: pressure now, tremor taken out; NaN when unknown.
        peak_kpa: largest measured pressure of the block; NaN when there is none.
        calibrated: the newest sample is a force.
        saturated: any sample is at the sensor's limit.
    """

    newest_s: float
    step_s: float | None
    time_s: NDArray[np.float64]
    pressure_kpa: NDArray[np.float64]
    at_least_s: NDArray[np.float64]
    at_least_kpa: NDArray[np.float64]
    calm_kpa: float
    peak_kpa: float
    calibrated: bool
    saturated: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest sample at one instant, for a view; see `LiveView` for the fields."""

    waiting: bool
    live: bool
    age_s: float | None
    calibrated: bool
    saturated: bool
    suspect: str
    pressure_kpa: float | None
    shown_kpa: float | None
    force_n: float | None
    counts: int | None


class Tip:
    """Takes blocks under one contact area, and remembers the last minute or so of them."""

    def __init__(self, tip_area_cm2: float, rules: PressRules) -> None:
        self._rules = rules
        self._ring = Ring()
        self._fresh = Freshness()
        self._steady = SteadyNumber()
        self._zero_load_n = 0.0
        self.lost = 0
        """Samples known to be lost so far."""
        self.arrive(tip_area_cm2)

    def arrive(self, tip_area_cm2: float) -> None:
        """At another point, perhaps with another tip: what was felt before says nothing here."""
        self.kpa_per_n = pressure_kpa_of(1.0, tip_area_cm2)
        self.newest_s: float | None = None

    def calibrated(self, calibration: Calibration | None) -> None:
        """A zero set while something pressed hides force; the ceiling is kept from the reference zero."""
        self._zero_load_n = max(0.0, calibration.zero_load_n) if calibration else 0.0

    def ceiling_kpa(self, ceiling_kpa: float) -> float:
        """A ceiling as the sensor reads it: what the zero itself feels is taken off."""
        return max(0.0, ceiling_kpa - self._zero_load_n * self.kpa_per_n)

    @property
    def contact_kpa(self) -> float:
        """Below this the tip is off; negative when the zero was set under a load."""
        return (self._rules.end_n - self._zero_load_n) * self.kpa_per_n

    def feed(self, block: ForceBlock) -> list[tuple[float, float]]:
        """Keep a block; returns the silences in or before it as (start_s, end_s)."""
        self.lost += block.lost
        if not len(block):
            return []
        silences = self._fresh.feed(block)
        self._ring.add(block)
        return silences

    def felt(self, block: ForceBlock) -> Felt:
        """The block that was fed last, n >= 1."""
        before_s, newest_s = self.newest_s, float(block.time_s[-1])
        self.newest_s = newest_s
        step_s = None if before_s is None else newest_s - before_s
        if step_s is not None and not 0 < step_s <= self._fresh.limit_s:
            step_s = None
        measured = is_force(block.quality)
        known = np.isfinite(block.force_n) & ((block.quality & int(Quality.UNCALIBRATED)) == 0)
        pressure_kpa = block.force_n[measured].astype(np.float64) * self.kpa_per_n
        peak_kpa = float(np.nanmax(pressure_kpa, initial=-math.inf))
        peak_kpa = peak_kpa if math.isfinite(peak_kpa) else math.nan
        _, recent_kpa = self._recent(CUE_SMOOTHING_S)
        return Felt(
            newest_s=newest_s,
            step_s=step_s,
            time_s=block.time_s[measured],
            pressure_kpa=pressure_kpa,
            at_least_s=block.time_s[known],
            at_least_kpa=block.force_n[known].astype(np.float64) * self.kpa_per_n,
            calm_kpa=float(recent_kpa.mean()) if len(recent_kpa) else peak_kpa,
            peak_kpa=peak_kpa,
            calibrated=not int(block.quality[-1]) & Quality.UNCALIBRATED,
            saturated=bool((block.quality & int(Quality.SATURATED)).any()),
        )

    def said_at(self, report: Report) -> tuple[float | None, int]:
        """The pressure a report speaks of, None when unknown or stale, and the flags of its samples."""
        force_n, quality = force_said_of(report, self._ring, self._rules)
        known = force_n is not None and self._fresh.is_live(report.time_s)
        return (force_n * self.kpa_per_n if force_n is not None and known else None), quality

    def trace(self, position: int) -> Trace:
        """Samples after `position`, for a chart."""
        return self._ring.since(position)

    def reading(self, now_s: float) -> Reading:
        """The newest sample at `now_s`; nothing in it is stale."""
        live = self._fresh.is_live(now_s)
        newest = self._ring.since(self._ring.position - 1)
        flags = int(newest.quality[-1]) if len(newest.quality) else 0
        calibrated = bool(len(newest.force_n)) and not flags & Quality.UNCALIBRATED
        shown = live and calibrated
        force_n = float(newest.force_n[-1]) if shown else None
        last_s = self._fresh.last_s
        return Reading(
            waiting=last_s is None,
            live=live,
            age_s=None if last_s is None else max(0.0, now_s - last_s),
            calibrated=calibrated,
            saturated=live and bool(flags & Quality.SATURATED),
            suspect=_suspect(flags),
            pressure_kpa=None if force_n is None else force_n * self.kpa_per_n,
            shown_kpa=self._steady.show(*self._recent(STEADY_OVER_S)) if shown else None,
            force_n=force_n,
            counts=int(newest.counts[-1]) if live else None,
        )

    def fresh_for_s(self, now_s: float) -> float:
        """So long after `now_s` the newest sample may still be shown; below 0 when it may not."""
        return self._fresh.left_s(now_s)

    def _recent(self, seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times and pressures (n,) of the measured samples of the last `seconds` of samples."""
        recent = self._ring.seconds_before(self.newest_s or 0.0, seconds, newest=RECENT_SAMPLES)
        kept = ~np.isnan(recent.force_n)
        return recent.time_s[kept], recent.force_n[kept].astype(np.float64) * self.kpa_per_n


def _suspect(flags: int) -> str:
    words = {
        Quality.TARED_UNDER_LOAD: "zero set under load: reads too low",
        Quality.UNCHECKED: "no checksum",
        Quality.LATE: "late samples",
    }
    return ", ".join(text for flag, text in words.items() if flags & flag)
