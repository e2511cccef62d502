"""Axis ranges that do not jump about, their ticks, and how values are written on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from feedback.units import PressureUnit

NICE_TOPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
NICE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
HEADROOM = 1.06
"""The top lies at least this factor above what must be seen, so that no line runs along the edge."""


@dataclass(frozen=True, slots=True)
class Axis:
    """How values are written beside a chart.

    Attributes:
        label: the unit's name, for people.
        per_unit: value of one unit (98.0665 for kg/cm² on a chart of kPa).
        text: writes one value (in the chart's own measure) without the unit.
        from_zero: the chart shows pressure: its range starts at 0 and a band has a meaning. Raw counts have neither.
        floor: the range is never smaller than this.
        cap: the range never reaches beyond this; what does is drawn at the edge.
        gutter: cells that the longest label and the axis line need.
    """

    label: str
    per_unit: float
    text: Callable[[float], str]
    from_zero: bool
    floor: float
    cap: float
    gutter: int


def pressure_axis(unit: PressureUnit, *, floor_kpa: float = 300.0, cap_kpa: float = 3000.0) -> Axis:
    """An axis for kPa, written in the user's unit."""
    return Axis(unit.label, unit.kpa, lambda kpa: unit.text(kpa, unit=False), True, floor_kpa, cap_kpa, 7)


def counts_axis() -> Axis:
    """An axis for the raw counts of a sensor without a calibration."""
    return Axis("counts", 1.0, lambda counts: f"{counts:.0f}", False, 200.0, 2.0**33, 12)


def nice_top(value: float) -> float:
    """The smallest round number that is at least `value`; `value` must be positive and finite."""
    power = 10.0 ** math.floor(math.log10(value))
    return next((n * power for n in NICE_TOPS if n * power >= value * (1 - 1e-9)), 10 * power)


def nice_step(span: float, at_most: int) -> float:
    """A round step that cuts `span` into at most `at_most` parts."""
    rough = span / max(1, at_most)
    power = 10.0 ** math.floor(math.log10(rough))
    return next((n * power for n in NICE_STEPS if n * power >= rough * (1 - 1e-9)), 10 * power)


def ticks(bottom: float, top: float, per_unit: float, at_most: int) -> list[float]:
    """Round values between `bottom` and `top`, both included where they are round; `at_most` + 1 of them or fewer."""
    step = nice_step((top - bottom) / per_unit, at_most) * per_unit
    first = math.ceil(bottom / step - 1e-9)
    last = math.floor(top / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def tick_texts(values: list[float], per_unit: float) -> list[str]:
    """The ticks as text, all with the same decimals and no more than they need."""
    numbers = [value / per_unit for value in values]
    for decimals in range(4):
        if all(abs(n - round(n, decimals)) < 1e-6 * max(1.0, abs(n)) for n in numbers):
            return [f"{n:.{decimals}f}" for n in numbers]
    return [f"{n:.3g}" for n in numbers]


class StableRange:
    """The range of an axis: grows at once when something would leave it, shrinks only after a while."""

    def __init__(self, axis: Axis, *, patience_s: float = 5.0) -> None:
        self.axis = axis
        self.patience_s = patience_s
        self.bottom, self.top = self._round(0.0, axis.floor)
        self._roomy_since: float | None = None
        self._fitted = False

    def fit(self, low: float, high: float, now_s: float) -> bool:
        """Make room for `low` to `high` (finite); true when the range changed."""
        axis = self.axis
        low, high = max(-axis.cap, min(low, axis.cap)), max(-axis.cap, min(high, axis.cap))
        wanted = self._round(low, high)
        if wanted == (self.bottom, self.top):
            self._roomy_since = None
            return False
        if axis.from_zero:
            outside = high > self.top * 0.995
            roomy = wanted[1] < self.top
        else:
            outside = low < self.bottom or high > self.top
            roomy = (wanted[1] - wanted[0]) < 0.55 * (self.top - self.bottom)
        if not outside and self._fitted:
            if not roomy:
                self._roomy_since = None
                return False
            if self._roomy_since is None or now_s < self._roomy_since:
                self._roomy_since = now_s
            if now_s - self._roomy_since < self.patience_s:
                return False
        self._roomy_since = None
        self._fitted = True
        self.bottom, self.top = wanted
        return True

    def _round(self, low: float, high: float) -> tuple[float, float]:
        axis = self.axis
        if axis.from_zero:
            need = min(max(high * HEADROOM, axis.floor), axis.cap)
            return 0.0, nice_top(need / axis.per_unit) * axis.per_unit
        spare = max(0.0, axis.floor - (high - low)) / 2
        low, high = low - spare, high + spare
        step = nice_step((high - low) / axis.per_unit, 4) * axis.per_unit
        return math.floor(low / step) * step, math.ceil(high / step) * step
