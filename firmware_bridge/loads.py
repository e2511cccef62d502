"""Known loads as people write them: `500 g`, `2.0kg`, `4.4 lb`, `20 N`, `0`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise

from feedback.units import POUND_KG, STANDARD_GRAVITY
from firmware_bridge.errors import CalibrationError

GRAVITY_TOLERANCE = 0.0027
"""Local gravity lies between 9.780 m/s² at the equator and 9.832 m/s² at the poles, so within 0.27 % of 9.80665."""
MAX_LOAD_N = 2000.0
_MASS_KG = {"g": 0.001, "kg": 1.0, "lb": POUND_KG, "lbs": POUND_KG}


@dataclass(frozen=True, slots=True)
class Load:
    """A known load on the tip.

    Attributes:
        force_n: what it presses with, N, 0 or more.
        text: as people read it, for example `2 kg`.
        is_mass: its force depends on local gravity.
    """

    force_n: float
    text: str
    is_mass: bool


def parse_load(text: str, gravity: float = STANDARD_GRAVITY) -> Load:
    """Read one load.

    Args:
        text: a number (with a decimal point) and g, kg, lb or N; 0 needs no unit.
        gravity: local gravity in m/s², for masses.

    Raises:
        CalibrationError: no such load.
    """
    found = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?|[.,]\d+)\s*([A-Za-z]*)\s*", text)
    if not found:
        raise CalibrationError(f"“{text.strip()}” is no load: write a number and g, kg, lb or N, such as 2kg")
    value, unit = float(found[1].replace(",", ".")), found[2].lower()
    if value == 0:
        return Load(0.0, "0", False)
    if unit == "n":
        load = Load(value, f"{value:g} N", False)
    elif unit in _MASS_KG:
        load = Load(value * _MASS_KG[unit] * gravity, f"{value:g} {unit.rstrip('s')}", True)
    elif unit == "":
        raise CalibrationError(f"“{text.strip()}” needs a unit: g, kg, lb or N, such as {value:g}kg")
    else:
        raise CalibrationError(f"“{found[2]}” is no unit of a load here: use g, kg, lb or N")
    if load.force_n > MAX_LOAD_N:
        raise CalibrationError(f"“{text.strip()}” is more than any sensor for a hand: check the unit")
    return load


def parse_loads(text: str, gravity: float = STANDARD_GRAVITY) -> tuple[Load, ...]:
    """Read the loads of a calibration in the order in which they are put on, separated by commas.

    Raises:
        CalibrationError: a load cannot be read, the first is not 0, or there are fewer than two different masses.
    """
    pieces = [piece for piece in text.replace(";", ",").split(",") if piece.strip()]
    loads = tuple(parse_load(piece, gravity) for piece in pieces)
    if not loads or loads[0].force_n != 0:
        raise CalibrationError("Loads begin with nothing on the tip: write 0 first, such as 0,1kg,2kg,1kg,0")
    if len({round(load.force_n, 6) for load in loads if load.force_n}) < 2:
        raise CalibrationError(
            "A calibration needs at least two known loads besides 0, such as 0,1kg,2kg,1kg,0"
        )
    if any(a.force_n == b.force_n for a, b in pairwise(loads)):
        raise CalibrationError(
            "Two loads in a row are the same: write each load once for each time it is put on"
        )
    return loads


def local_gravity(gravity: float | None) -> float:
    """Gravity in m/s²: the standard one when not given.

    Raises:
        CalibrationError: not a gravity of this planet.
    """
    if gravity is None:
        return STANDARD_GRAVITY
    if not (math.isfinite(gravity) and 9.76 <= gravity <= 9.84):
        raise CalibrationError(
            f"Gravity is 9.78 to 9.83 m/s² on Earth, not {gravity:g}: look up that of your place"
        )
    return gravity
