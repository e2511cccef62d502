"""What a calibration file tells besides the calibration itself: how it was made and how good it is.

In the file these are the tables `[figures]`, `[uncertainty]`, `[tips]`, `[sensor]` and one `[[points]]` per load; every
one may be missing, as it is in files written by hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

from firmware_bridge.assessment import Assessment, Conditions
from firmware_bridge.fitting import LoadPoint
from firmware_bridge.toml_text import toml_value
from firmware_bridge.uncertainty import COVERAGE, COVERAGE_FACTOR, Uncertainty

TABLES = ("figures", "uncertainty", "tips", "sensor", "points")
"""Names of the tables in a calibration file that are read here."""
_FIGURES = (
    "residual_max_n",
    "hysteresis_pct",
    "repeatability_pct",
    "zero_change_pct",
    "creep_pct",
    "creep_s",
    "noise_n",
    "range_n",
    "mass_tolerance_pct",
    "gravity",
)
_POINT = ("load", "direction", "force_n", "counts", "sd_counts", "samples", "time_s", "residual_n")


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """How a calibration was made and how good it is.

    Attributes:
        model: `line`, `power law` or `log-logistic`; empty when unknown.
        chosen: why this model.
        remarks: what was assumed instead of measured.
        figures: by name, see `_FIGURES`; percentages are of the largest load. What was not measured is missing.
        points: in the order of measurement.
        residuals_n: reading less load, per point.
        uncertainty: of a reading; None when the file does not tell.
        tips: contact areas in cm² of the tips it was stated for, by name.
        sensor: what the sensor said of itself.
    """

    model: str = ""
    chosen: str = ""
    remarks: tuple[str, ...] = ()
    figures: dict[str, float] = field(default_factory=dict[str, float], hash=False)
    points: tuple[LoadPoint, ...] = ()
    residuals_n: tuple[float, ...] = ()
    uncertainty: Uncertainty | None = None
    tips: dict[str, float] = field(default_factory=dict[str, float], hash=False)
    sensor: dict[str, str] = field(default_factory=dict[str, str], hash=False)


def report_of(
    found: Assessment,
    conditions: Conditions,
    gravity: float,
    tips: dict[str, float],
    sensor: dict[str, str],
    range_n: float | None = None,
) -> CalibrationReport:
    """The report of an assessment, with figures rounded to what they are worth.

    Args:
        found: the assessment.
        conditions: tolerances it was made with.
        gravity: used for masses, m/s².
        tips: contact areas in cm² by name.
        sensor: what the sensor says of itself.
        range_n: force at which the converter ends; None when unknown.
    """
    maybe = {
        "residual_max_n": max(abs(v) for v in found.residuals_n),
        "hysteresis_pct": found.hysteresis_pct,
        "repeatability_pct": found.repeatability_pct,
        "zero_change_pct": found.zero_pct,
        "creep_pct": found.creep.pct if found.creep else None,
        "creep_s": found.creep.seconds if found.creep else None,
        "noise_n": found.noise_n,
        "range_n": range_n,
        "mass_tolerance_pct": conditions.reference_pct,
        "gravity": gravity,
    }
    table = found.uncertainty
    return CalibrationReport(
        model=found.fit.model,
        chosen=found.choice.reason,
        remarks=found.remarks,
        figures={name: _short(value, 6) for name, value in maybe.items() if value is not None},
        points=tuple(
            LoadPoint(
                _short(p.force_n, 8),
                round(p.counts, 3),
                round(p.sd_counts, 3),
                p.samples,
                round(p.time_s, 2),
                p.direction,
                p.load,
            )
            for p in found.points
        ),
        residuals_n=tuple(_short(v, 4) for v in found.residuals_n),
        uncertainty=Uncertainty(
            tuple(_short(v, 5) for v in table.force_n),
            tuple(_short(v, 4) for v in table.expanded_n),
            table.area_pct,
            {name: _short(value, 4) for name, value in table.budget_n.items()},
        ),
        tips=tips,
        sensor=sensor,
    )


def tables_text(report: CalibrationReport) -> str:
    """The tables as TOML, in the order in which people read them."""
    lines: list[str] = []

    def table(name: str, values: dict[str, Any]) -> None:
        if values:
            lines.extend(["", f"[{name}]", *(f"{_key(k)} = {toml_value(v)}" for k, v in values.items())])

    words = {"model": report.model, "chosen": report.chosen, "remarks": list(report.remarks)}
    table("figures", {k: v for k, v in words.items() if v} | report.figures)
    if report.uncertainty is not None:
        u = report.uncertainty
        lines.append(
            "\n# Expanded uncertainty of one reading within a minute of a press: N, at forces in N; and where it comes "
            "from\n# (standard uncertainties at the largest load)."
        )
        table(
            "uncertainty",
            {
                "coverage_factor": COVERAGE_FACTOR,
                "coverage": COVERAGE,
                "force_n": list(u.force_n),
                "expanded_n": list(u.expanded_n),
                "tip_area_tolerance_pct": u.area_pct,
            },
        )
        for name, area in report.tips.items():
            kpa = [_short(u.of_pressure(f, area) or 0.0, 4) for f in u.force_n]
            lines.append(f"{_key(f'expanded_kpa {name}')} = {toml_value(kpa)}")
        table("uncertainty.budget_n", u.budget_n)
    table("tips", report.tips)
    table("sensor", report.sensor)
    for point, residual in zip(report.points, report.residuals_n, strict=True):
        values = {name: getattr(point, name) for name in _POINT[:-1]} | {"residual_n": residual}
        lines.extend(["", "[[points]]", *(f"{k} = {toml_value(v)}" for k, v in values.items())])
    return "\n".join(lines) + "\n" if lines else ""


def report_from(values: dict[str, Any]) -> CalibrationReport | None:
    """Read the tables back; None when there is none.

    Raises:
        ValueError: a value that cannot be; the message says which.
    """
    if not any(name in values for name in TABLES):
        return None
    figures = _table(values, "figures")
    rows = values.get("points", [])
    if not isinstance(rows, list):
        raise ValueError("points must be tables [[points]]")  # noqa: TRY004 - it is a value in a file
    points, residuals = _points(cast("list[Any]", rows))
    return CalibrationReport(
        model=_text(figures, "model"),
        chosen=_text(figures, "chosen"),
        remarks=_texts(figures, "remarks"),
        figures={name: _number(figures, name) for name in _FIGURES if name in figures},
        points=points,
        residuals_n=residuals,
        uncertainty=_uncertainty(_table(values, "uncertainty")),
        tips=_areas(_table(values, "tips")),
        sensor={name: _text(_table(values, "sensor"), name) for name in _table(values, "sensor")},
    )


def _points(rows: list[Any]) -> tuple[tuple[LoadPoint, ...], tuple[float, ...]]:
    points: list[LoadPoint] = []
    residuals: list[float] = []
    for row in rows:
        if not isinstance(row, dict):
            raise ValueError("points must be tables [[points]]")  # noqa: TRY004 - it is a value in a file
        one = cast("dict[str, Any]", row)
        direction = _text(one, "direction") or "up"
        if direction not in ("up", "down"):
            raise ValueError("the direction of a point is up or down")
        points.append(
            LoadPoint(
                _number(one, "force_n"),
                _number(one, "counts"),
                _number(one, "sd_counts", 0.0),
                _count(one, "samples"),
                _number(one, "time_s", 0.0),
                direction,
                _text(one, "load"),
            )
        )
        residuals.append(_number(one, "residual_n", 0.0))
    return tuple(points), tuple(residuals)


def _uncertainty(table: dict[str, Any]) -> Uncertainty | None:
    if not table:
        return None
    force, expanded = _numbers(table, "force_n"), _numbers(table, "expanded_n")
    rising = all(a < b for a, b in pairwise(force))
    if len(force) != len(expanded) or len(force) < 2 or not rising or min(expanded) < 0:
        raise ValueError("uncertainty needs as many expanded_n, 0 or more, as rising force_n, at least two")
    if "coverage_factor" in table and _number(table, "coverage_factor") != COVERAGE_FACTOR:
        raise ValueError(f"coverage_factor must be {COVERAGE_FACTOR:g}")
    budget = _table(table, "budget_n")
    return Uncertainty(
        force,
        expanded,
        _number(table, "tip_area_tolerance_pct", 0.0),
        {name: _number(budget, name) for name in budget},
    )


def _areas(table: dict[str, Any]) -> dict[str, float]:
    areas = {name: _number(table, name) for name in table}
    for name, area in areas.items():
        if area <= 0:
            raise ValueError(f"the area of the tip {name} must be larger than 0")
    return areas


def _count(values: dict[str, Any], name: str) -> int:
    value = values.get(name, 1)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a whole number from 1")
    return value


def _table(values: dict[str, Any], name: str) -> dict[str, Any]:
    value = values.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be a table")  # noqa: TRY004 - it is a value in a file
    return cast("dict[str, Any]", value)


def _number(values: dict[str, Any], name: str, default: float | None = None) -> float:
    value = values.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} must be a number")
    return float(value)


def _numbers(values: dict[str, Any], name: str) -> tuple[float, ...]:
    row = values.get(name)
    if not isinstance(row, list):
        raise ValueError(f"{name} must be a list of numbers")  # noqa: TRY004 - it is a value in a file
    return tuple(_number({name: v}, name) for v in cast("list[Any]", row))


def _texts(table: dict[str, Any], name: str) -> tuple[str, ...]:
    found: Any = table.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in cast("list[Any]", found)):
        raise ValueError(f"{name} must be a list of texts in quotation marks")
    return tuple(cast("list[str]", found))


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text in quotation marks")  # noqa: TRY004 - it is a value in a file
    return value


def _key(name: str) -> str:
    plain = all(c.isascii() and (c.isalnum() or c in "_-") for c in name) and bool(name)
    return name if plain or name == "uncertainty.budget_n" else toml_value(name)


def _short(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
