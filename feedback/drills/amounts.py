"""Pressures and forces as a drill's file names them: `2.0 kg/cm2`, `20 N`, `200 kPa`, `5 N/s`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from feedback.units import pressure_kpa_of, pressure_unit

NEWTON = "N"
_AMOUNT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\s\d.,].*?)\s*")
_PER_SECOND = re.compile(r"\s*/\s*(?:s|sec|second)\.?$")


@dataclass(frozen=True, slots=True)
class Amount:
    """A pressure or a force, or with `per_s` how fast one rises.

    Attributes:
        value: above 0, in `unit`.
        unit: `N`, or the key of a `feedback.units.PressureUnit`.
        per_s: it is a rate, per second.
    """

    value: float
    unit: str
    per_s: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.value < math.inf:
            raise ValueError("a target is a number of 0 or more")

    @property
    def is_force(self) -> bool:
        """It is in newtons, so what pressure it means depends on the tip."""
        return self.unit == NEWTON

    def kpa(self, tip_area_cm2: float) -> float:
        """In kPa (or kPa/s) under a tip of this area.

        Raises:
            ValueError: it is a force and the area is not above 0.
        """
        if self.is_force:
            return pressure_kpa_of(self.value, tip_area_cm2)
        return pressure_unit(self.unit).to_kpa(self.value)


def amount_of(text: str, *, per_s: bool = False) -> Amount:
    """Read an amount with its unit; with `per_s`, a rate (`5 N/s`, `1 kg/cm²/s`).

    Raises:
        ValueError: no number, no unit, an unknown unit, or a rate where a pressure belongs (and the other way round).
    """
    example = "1 kg/cm2/s or 5 N/s" if per_s else "2.0 kg/cm2, 200 kPa or 20 N"
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise ValueError(f"“{text}” needs a number and a unit, for example {example}")
    number, unit = float(found[1]), found[2]
    is_rate = _PER_SECOND.search(unit) is not None
    if is_rate != per_s:
        raise ValueError(f"“{text}” is {'a rate' if is_rate else 'no rate'}: write it like {example}")
    name = _PER_SECOND.sub("", unit)
    if not 0 <= number < math.inf:
        raise ValueError(f"“{text}” must be a number of 0 or more")
    if name.lower() in ("n", "newton", "newtons"):
        return Amount(number, NEWTON, per_s)
    if name.lower() in ("kg", "kgf", "lb", "lbf"):
        raise ValueError(f"“{text}” can be a force or a pressure: write N, kg/cm2, N/cm2, kPa or lb/in2")
    try:
        return Amount(number, pressure_unit(name).key, per_s)
    except ValueError:
        raise ValueError(f"“{name}” is not a unit here: use N, kPa, kg/cm2, N/cm2 or lb/in2") from None
