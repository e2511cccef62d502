"""How far a reading in newtons may be from the true force.

After JCGM 100:2008 (GUM): contributions are standard uncertainties in newtons, those known only as limits ±a taken as
rectangular (a/√3, 4.3.7), added as squares (5.1.2) and expanded with k = 2 (6.2.1, 6.3.3), for a coverage of about
95 %. A scatter that comes from few points is enlarged by t/2, Student's t for 95 % and its degrees of freedom
(annex G.3, table G.2), so that k = 2 stays right. The list of contributions is the one usual for force transducers
(EURAMET cg-4, ISO 376: reference, repeatability, interpolation, reversibility, creep, zero, temperature, resolution);
their limits and distributions are our own and stand below.

They are taken for independent although the scatter of the fit already holds part of the hysteresis: that makes the
figure larger, not smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from feedback.units import pressure_kpa_of
from firmware_bridge.fitting import Fit, LineFit

COVERAGE_FACTOR = 2.0
COVERAGE = "about 95 %"
SPAN_TEMPERATURE_PCT = 0.2
"""Assumed: the slope changes by at most so much between the room of the calibration and that of use (10 K of 0.02 %/K,
the order that data sheets of bar cells give)."""
ZERO_TEMPERATURE_PCT = 0.1
"""Assumed: the zero moves by at most this share of the largest load between one tare and the next."""
ASSUMED_HYSTERESIS_PCT = 0.25
"""Taken when no load was measured both on the way up and on the way down."""
ASSUMED_CREEP_PCT = 0.2
"""Taken when the creep test was left out."""
CURVE_HYSTERESIS_PCT = 10.0
CURVE_CREEP_PCT = 5.0
"""The same for a force-sensing resistor (its data sheet: hysteresis 10 % on average, drift 5 % per decade of time)."""
STEPS = 21

_T95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)


def student_95(dof: int) -> float:
    """Two-sided 95 % quantile of Student's t (GUM table G.2; above 10 to 0.02)."""
    return _T95[max(dof, 1) - 1] if dof <= len(_T95) else 1.96 + 2.7 / dof


@dataclass(frozen=True, slots=True)
class Causes:
    """What adds to the uncertainty; limits are half-widths.

    Attributes:
        noise_counts: standard deviation of one sample.
        hysteresis_n: half of the largest difference between up and down.
        creep_n: change of the reading in a minute of constant load, at the largest load.
        zero_n: difference of the zero before and after the loads.
        reference_pct: tolerance of the masses or of the reference gauge, % of the load.
        gravity_pct: by how much local gravity may differ from the one used, %; 0 for loads given in newtons.
        area_pct: tolerance of the tip's area, %; only for pressures.
    """

    noise_counts: float
    hysteresis_n: float
    creep_n: float
    zero_n: float
    reference_pct: float
    gravity_pct: float
    area_pct: float


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """The expanded uncertainty (k = 2) of one reading, for loads up to a minute after a tare, as a table of the force.

    Attributes:
        force_n: rising forces from 0 to the largest known load.
        expanded_n: expanded uncertainty at them, N.
        area_pct: tolerance of the tip's area, %.
        budget_n: standard uncertainties at the largest load, N, by cause.
    """

    force_n: tuple[float, ...]
    expanded_n: tuple[float, ...]
    area_pct: float
    budget_n: dict[str, float] = field(default_factory=dict[str, float], hash=False)

    def of_force(self, force_n: float) -> float | None:
        """Expanded uncertainty of a force in N; None beyond the largest known load by more than a tenth."""
        if not force_n <= 1.1 * self.force_n[-1]:
            return None
        return float(np.interp(force_n, self.force_n, self.expanded_n))

    def of_pressure(self, force_n: float, tip_area_cm2: float) -> float | None:
        """Expanded uncertainty in kPa of the pressure that a force makes under a tip, its area's tolerance included."""
        own_n = self.of_force(force_n)
        if own_n is None:
            return None
        area_n = COVERAGE_FACTOR * self.area_pct / 100 / math.sqrt(3) * abs(force_n)
        return pressure_kpa_of(math.hypot(own_n, area_n), tip_area_cm2)


def uncertainty_of(fit: Fit, largest_n: float, causes: Causes) -> Uncertainty:
    """Add everything up, at `STEPS` forces from 0 to the largest known load."""
    force = np.linspace(0.0, largest_n, STEPS)
    parts = _contributions(fit, force, largest_n, causes)
    total = np.sqrt(sum(part**2 for part in parts.values()))
    expanded = COVERAGE_FACTOR * total
    return Uncertainty(
        tuple(float(f) for f in force),
        tuple(float(u) for u in expanded),
        causes.area_pct,
        {name: float(part[-1]) for name, part in parts.items()},
    )


def _contributions(
    fit: Fit, force: NDArray[np.float64], largest_n: float, causes: Causes
) -> dict[str, NDArray[np.float64]]:
    """Standard uncertainties in N, each (n,)."""
    flat = np.ones_like(force)
    # The counts of one sample are whole numbers: half a count either way (GUM F.2.2.1).
    noise_counts = math.hypot(causes.noise_counts, 1 / math.sqrt(12))
    if isinstance(fit, LineFit):
        per_n = flat * abs(fit.counts_per_n)
        hysteresis = flat * causes.hysteresis_n
        creep = flat * causes.creep_n
    else:
        step = 0.01 * largest_n
        near = np.maximum(force, step)
        per_n = np.maximum(np.abs(fit.counts(near + step / 2) - fit.counts(near - step / 2)) / step, 1e-6)
        # Of such a part these are shares of the reading.
        hysteresis = force / largest_n * causes.hysteresis_n
        creep = force / largest_n * causes.creep_n
    rectangular = 1 / math.sqrt(3)
    return {
        "fit and repeatability": fit.scatter_n(force) * student_95(fit.dof) / 2,
        "noise and resolution": noise_counts / per_n,
        "hysteresis": hysteresis * rectangular,
        "creep": creep * rectangular,
        "zero": np.hypot(causes.zero_n, ZERO_TEMPERATURE_PCT / 100 * largest_n) * rectangular * flat,
        "reference": force * causes.reference_pct / 100 * rectangular,
        "gravity": force * causes.gravity_pct / 100 * rectangular,
        "temperature of the slope": force * SPAN_TEMPERATURE_PCT / 100 * rectangular,
    }
