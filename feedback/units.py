"""Pressure units as people read them; inside everything is newtons, kilopascals and seconds."""

from __future__ import annotations

from dataclasses import dataclass

STANDARD_GRAVITY = 9.80665
"""m/s2, so newtons in a kilogram-force (exact by definition, CGPM 1901)."""
POUND_KG = 0.45359237
"""Kilograms in a pound (exact by definition, 1959)."""
INCH_CM = 2.54


@dataclass(frozen=True, slots=True)
class PressureUnit:
    """A unit of pressure: its name on screen and in files, and how many kPa one of it is."""

    key: str
    label: str
    kpa: float
    decimals: int

    def from_kpa(self, pressure_kpa: float) -> float:
        """Convert kilopascals to this unit."""
        return pressure_kpa / self.kpa

    def to_kpa(self, value: float) -> float:
        """Convert a value in this unit to kilopascals."""
        return value * self.kpa

    def text(self, pressure_kpa: float, *, unit: bool = True) -> str:
        """Write a pressure for people, for example `2.35 kg/cm²`."""
        number = f"{self.from_kpa(pressure_kpa):.{self.decimals}f}"
        if float(number) == 0:
            number = number.removeprefix("-")
        return f"{number} {self.label}" if unit else number


KG_PER_CM2 = PressureUnit("kg/cm2", "kg/cm²", STANDARD_GRAVITY * 10, 2)
N_PER_CM2 = PressureUnit("n/cm2", "N/cm²", 10.0, 1)
KPA = PressureUnit("kpa", "kPa", 1.0, 0)
LB_PER_IN2 = PressureUnit("lb/in2", "lb/in²", STANDARD_GRAVITY * POUND_KG * 10 / INCH_CM**2, 1)

PRESSURE_UNITS = {unit.key: unit for unit in (KG_PER_CM2, N_PER_CM2, KPA, LB_PER_IN2)}


def pressure_unit(name: str) -> PressureUnit:
    """Find a unit by any usual spelling (`kg/cm2`, `kg/cm²`, `kPa`, `psi`).

    Raises:
        ValueError: no such unit; the message lists those there are.
    """
    key = name.strip().lower().replace("²", "2").replace("kgf", "kg").replace("lbf", "lb")
    key = {"psi": "lb/in2", "kg": "kg/cm2"}.get(key, key)
    if key not in PRESSURE_UNITS:
        raise ValueError(f"“{name}” is not a pressure unit here: use one of {', '.join(PRESSURE_UNITS)}")
    return PRESSURE_UNITS[key]


def pressure_kpa_of(force_n: float, tip_area_cm2: float) -> float:
    """Pressure under a tip: 1 N on 1 cm2 is 10 kPa.

    Raises:
        ValueError: the area is not positive.
    """
    if not tip_area_cm2 > 0:
        raise ValueError("the tip area must be larger than 0 cm²")
    return force_n / tip_area_cm2 * 10.0
