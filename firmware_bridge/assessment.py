"""Is a calibration good enough? Residuals, hysteresis, repeatability, creep, uncertainty, and a verdict in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from feedback.signal import Calibration
from firmware_bridge.errors import CalibrationError
from firmware_bridge.fitting import Choice, CurveFit, Fit, LoadPoint, choose, residuals_n
from firmware_bridge.loads import GRAVITY_TOLERANCE
from firmware_bridge.uncertainty import (
    ASSUMED_CREEP_PCT,
    ASSUMED_HYSTERESIS_PCT,
    CURVE_CREEP_PCT,
    CURVE_HYSTERESIS_PCT,
    Causes,
    Uncertainty,
    uncertainty_of,
)

CREEP_S = 60.0
CREEP_MEAN_S = 2.0
"""Creep is the difference of the means over the first and the last seconds of the test."""
SIGNAL_TO_NOISE = 50.0
"""The largest load must move the counts by so many standard deviations of a sample."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted, in % of the largest load. Our own choice: a hand is not steadier than a per cent.

    Attributes:
        residual_pct: largest residual of a point.
        hysteresis_pct: largest difference between up and down.
        zero_pct: difference of the zero before and after.
        creep_pct: creep in a minute, % of the load.
        uncertainty_pct: expanded uncertainty at the largest load.
    """

    residual_pct: float
    hysteresis_pct: float
    zero_pct: float
    creep_pct: float
    uncertainty_pct: float


LINE_LIMITS = Limits(1.0, 1.0, 0.5, 0.5, 3.0)
CURVE_LIMITS = Limits(15.0, 20.0, 5.0, 10.0, 40.0)
"""For a sensor that is no line: it is a training aid with a tenth of error, and its file says so."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What was known besides the points.

    Attributes:
        reference_pct: tolerance of the masses, ± %. 0.5 is what a kitchen scale may be wrong by; an assumption.
        gravity_pct: tolerance of gravity, ± %; 0 when the loads were forces.
        tip_area_cm2: contact area of the tip; None when unknown.
        area_pct: its tolerance, ± %; an assumption.
    """

    reference_pct: float = 0.5
    gravity_pct: float = 100 * GRAVITY_TOLERANCE
    tip_area_cm2: float | None = None
    area_pct: float = 3.0

    def __post_init__(self) -> None:
        if not 0 < self.reference_pct <= 20:
            raise CalibrationError("The tolerance of the masses is a percentage above 0 and at most 20")
        if self.tip_area_cm2 is not None and not 0 < self.tip_area_cm2 <= 100:
            raise CalibrationError("The area of the tip is above 0 and at most 100 cm²")


@dataclass(frozen=True, slots=True)
class Creep:
    """A minute under constant load.

    Attributes:
        force_n: the load.
        seconds: how long.
        change_n: reading at the end less reading at the beginning.
    """

    force_n: float
    seconds: float
    change_n: float

    @property
    def pct(self) -> float:
        """% of the load."""
        return 100 * self.change_n / self.force_n


@dataclass(frozen=True, slots=True)
class CreepTrace:
    """The samples of a creep test: times (n,) in s, raw counts (n,), under `force_n`."""

    force_n: float
    time_s: NDArray[np.float64]
    counts: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A calibration with everything that is known about it.

    Attributes:
        points: with their directions.
        choice: the model and why.
        residuals_n: reading less load, per point.
        largest_n: the largest known load: full scale of every percentage here.
        hysteresis_pct: largest difference between up and down; None when not measured.
        repeatability_pct: largest difference of one load in one direction; None when no load was measured twice so.
        zero_pct: zero after the loads less zero before; None when it was not measured again.
        creep: None when the test was left out.
        noise_n: standard deviation of one sample at the largest load, N.
        uncertainty: of a reading.
        accepted: good enough.
        reasons: why not; or one sentence saying that everything is within its limits.
        remarks: what was assumed instead of measured.
    """

    points: tuple[LoadPoint, ...]
    choice: Choice
    residuals_n: tuple[float, ...]
    largest_n: float
    hysteresis_pct: float | None
    repeatability_pct: float | None
    zero_pct: float | None
    creep: Creep | None
    noise_n: float
    uncertainty: Uncertainty
    accepted: bool
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def fit(self) -> Fit:
        """The relation."""
        return self.choice.fit

    def calibration(self, source: str) -> Calibration:
        """The calibration to apply."""
        fit = self.fit
        knots = fit.knots() if isinstance(fit, CurveFit) else ()
        return Calibration(fit.zero_counts, fit.counts_per_n, source, curve=knots)


def with_directions(points: Sequence[LoadPoint]) -> tuple[LoadPoint, ...]:
    """Points in the order of measurement, each with the direction from which its load was reached."""
    done: list[LoadPoint] = []
    for point in points:
        down = bool(done) and point.force_n < done[-1].force_n
        done.append(replace(point, direction="down" if down else "up"))
    return tuple(done)


def assess(
    points: Sequence[LoadPoint],
    trace: CreepTrace | None = None,
    conditions: Conditions | None = None,
    saturated: int = 0,
) -> Assessment:
    """Fit and judge.

    Args:
        points: in the order of measurement; directions are worked out here.
        trace: the creep test; None when it was left out.
        conditions: tolerances; the defaults when None.
        saturated: samples at the converter's limit among the points.

    Raises:
        CalibrationError: too few points, or the counts do not change with load.
    """
    conditions = conditions or Conditions()
    done = with_directions(points)
    choice = choose(done)
    fit = choice.fit
    curved = isinstance(fit, CurveFit)
    largest_n = max(point.force_n for point in done)
    left_n = residuals_n(fit, done)
    noise_counts = float(np.sqrt(np.mean([point.sd_counts**2 for point in done])))
    hysteresis_pct, repeatability_pct, zero_pct = _spreads(fit, done, largest_n)
    creep = _creep(fit, trace) if trace is not None else None

    assumed_hysteresis = CURVE_HYSTERESIS_PCT if curved else ASSUMED_HYSTERESIS_PCT
    assumed_creep = CURVE_CREEP_PCT if curved else ASSUMED_CREEP_PCT
    remarks = _remarks(hysteresis_pct, repeatability_pct, creep, assumed_hysteresis, assumed_creep)
    share = largest_n / 100
    causes = Causes(
        noise_counts=noise_counts,
        hysteresis_n=0.5 * share * (assumed_hysteresis if hysteresis_pct is None else hysteresis_pct),
        creep_n=share * (assumed_creep if creep is None else abs(creep.pct)),
        zero_n=share * abs(zero_pct or 0.0),
        reference_pct=conditions.reference_pct,
        gravity_pct=conditions.gravity_pct,
        area_pct=conditions.area_pct,
    )
    uncertainty = uncertainty_of(fit, largest_n, causes)
    top_counts = abs(float(fit.counts(np.array([largest_n]))[0]) - fit.zero_counts)
    found = Assessment(
        points=done,
        choice=choice,
        residuals_n=tuple(float(v) for v in left_n),
        largest_n=largest_n,
        hysteresis_pct=hysteresis_pct,
        repeatability_pct=repeatability_pct,
        zero_pct=zero_pct,
        creep=creep,
        noise_n=uncertainty.budget_n["noise and resolution"],
        uncertainty=uncertainty,
        accepted=False,
        reasons=(),
        remarks=remarks,
    )
    wrong = _what_is_wrong(
        found, CURVE_LIMITS if curved else LINE_LIMITS, saturated, top_counts, noise_counts
    )
    if wrong:
        return replace(found, reasons=tuple(wrong))
    good = "every point, the hysteresis, the zero and the uncertainty are within their limits"
    return replace(found, accepted=True, reasons=(good,))


def _spreads(
    fit: Fit, points: Sequence[LoadPoint], largest_n: float
) -> tuple[float | None, float | None, float | None]:
    """Hysteresis, repeatability and return to zero, % of the largest load; None what was not measured."""
    read: dict[tuple[float, str], list[float]] = defaultdict(list)
    for point in points:
        key = (round(point.force_n, 9), point.direction)
        # By the slope near zero a curve tells nothing; its zero is judged in counts.
        read[key].append(float(fit.force_n(np.array([point.counts]))[0]))
    both = [
        abs(float(np.mean(read[force_n, "down"]) - np.mean(read[force_n, "up"])))
        for force_n, direction in read
        if direction == "up" and force_n > 0 and (force_n, "down") in read
    ]
    again = [abs(a - b) for values in read.values() for a, b in combinations(values, 2)]
    zeros = [point.counts for point in points if point.force_n == 0]
    top_counts = fit.counts(np.array([largest_n]))[0] - fit.zero_counts
    share = 100 / largest_n
    return (
        max(both) * share if both else None,
        max(again) * share if again else None,
        float(100 * (zeros[-1] - zeros[0]) / top_counts) if len(zeros) > 1 else None,
    )


def _creep(fit: Fit, trace: CreepTrace) -> Creep | None:
    times, counts = trace.time_s, trace.counts
    if len(times) < 2 or times[-1] - times[0] < 3 * CREEP_MEAN_S:
        return None
    first = counts[times <= times[0] + CREEP_MEAN_S].mean()
    last = counts[times >= times[-1] - CREEP_MEAN_S].mean()
    begin_n, end_n = fit.force_n(np.array([first, last], np.float64))
    return Creep(trace.force_n, float(times[-1] - times[0]), float(end_n - begin_n))


def _remarks(
    hysteresis_pct: float | None,
    repeatability_pct: float | None,
    creep: Creep | None,
    assumed_hysteresis: float,
    assumed_creep: float,
) -> tuple[str, ...]:
    told: list[str] = []
    if hysteresis_pct is None:
        told.append(
            "hysteresis was not measured, because no load was put on both on the way up and on the way down: "
            f"{assumed_hysteresis:g} % is assumed"
        )
    if repeatability_pct is None:
        told.append("repeatability was not measured: no load was reached twice from the same side")
    if creep is None:
        told.append(f"creep was not measured: {assumed_creep:g} % in a minute is assumed")
    return tuple(told)


def _what_is_wrong(
    found: Assessment, limits: Limits, saturated: int, top_counts: float, noise_counts: float
) -> list[str]:
    """Sentences; none when everything is good."""
    wrong: list[str] = []
    largest_n = found.largest_n
    if saturated:
        wrong.append(
            f"{saturated} samples were at the converter's limit: use a smaller load, or a sensor with more range"
        )
    if top_counts < SIGNAL_TO_NOISE * noise_counts:
        wrong.append(
            f"the largest load moves the counts by only {top_counts / noise_counts:.0f} times their noise: check the "
            "wiring and that the load rests on the tip, or use larger masses"
        )
    worst = int(np.argmax(np.abs(found.residuals_n)))
    worst_pct = 100 * abs(found.residuals_n[worst]) / largest_n
    if not worst_pct <= limits.residual_pct:
        point = found.points[worst]
        wrong.append(
            f"the point at {point.load or f'{point.force_n:.2f} N'} ({point.direction}) is "
            f"{found.residuals_n[worst]:+.2f} N off, more than {limits.residual_pct:g} % of the largest load: "
            + (
                "such a sensor flattens there, so calibrate it only up to a smaller load"
                if isinstance(found.fit, CurveFit)
                else "was it the right mass, and did nothing else touch the tip? A curved sensor needs at least four "
                "different loads"
            )
        )
    for name, value, limit, advice in (
        (
            "hysteresis",
            found.hysteresis_pct,
            limits.hysteresis_pct,
            "let the load rest longer before each point",
        ),
        ("the change of the zero", found.zero_pct, limits.zero_pct, "let the sensor warm up for ten minutes"),
        (
            "creep in a minute",
            found.creep.pct if found.creep else None,
            limits.creep_pct,
            "press it a few times first, and check what the cell is glued or screwed to",
        ),
        (
            "the uncertainty at the largest load",
            100 * found.uncertainty.expanded_n[-1] / largest_n,
            limits.uncertainty_pct,
            "measure more points and use better known masses",
        ),
    ):
        if value is not None and not abs(value) <= limit:
            wrong.append(f"{name} is {abs(value):.2g} %, more than {limit:g} %: {advice}")
    return wrong
