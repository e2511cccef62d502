"""From known loads to a calibration: which model, how good, and whether what is stated is true."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.assessment import Conditions, CreepTrace, assess, with_directions
from firmware_bridge.errors import CalibrationError
from firmware_bridge.fitting import CurveFit, LineFit, LoadPoint, choose, fit_curve, fit_line, residuals_n
from firmware_bridge.uncertainty import COVERAGE_FACTOR, student_95
from sim.calibration_trials import run

UP_AND_DOWN = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.0)
KITCHEN = (0.0, 9.80665, 19.6133, 9.80665, 0.0)


def power(force_n: float) -> float:
    return 300.0 * force_n**0.6


def log_logistic(force_n: float) -> float:
    return 900.0 * force_n**0.9 / (4.0**0.9 + force_n**0.9)


def line(force_n: float) -> float:
    return -21000.0 * force_n


def measured(law, loads=UP_AND_DOWN, *, scatter: float = 0.0, seed: int = 1, sd_counts: float = 1.0):
    chance = np.random.default_rng(seed)
    return [
        LoadPoint(f, 50.0 + float(law(f)) * (1 + scatter * chance.standard_normal()), sd_counts, 240)
        for f in loads
    ]


def minute(force_n: float, counts_begin: float, counts_end: float) -> CreepTrace:
    time_s = np.arange(0, 60.0 + 1e-9, 0.1)
    return CreepTrace(force_n, time_s, np.linspace(counts_begin, counts_end, len(time_s)))


@pytest.mark.parametrize(
    ("law", "model"), [(line, "line"), (power, "power law"), (log_logistic, "log-logistic")]
)
@pytest.mark.parametrize("seed", range(5))
def test_the_model_that_made_the_points_is_found(law, model: str, seed: int) -> None:
    choice = choose(measured(law, scatter=0.005, seed=seed))
    assert choice.fit.model == model
    assert model in choice.reason


@pytest.mark.parametrize("law", [power, log_logistic])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_exact_curve_is_found_exactly_whichever_way_it_is_wired(law, sign: int) -> None:
    points = measured(lambda f: sign * law(f))
    fit = choose(points).fit
    assert isinstance(fit, CurveFit)
    np.testing.assert_allclose(residuals_n(fit, points), 0.0, atol=2e-3)
    assert math.copysign(1.0, fit.counts_per_n) == sign


def test_the_knots_of_a_curve_read_the_force_as_the_curve_does() -> None:
    found = assess(measured(log_logistic, scatter=0.01))
    calibration = found.calibration("fsr")
    force = np.linspace(1.0, 20.0, 39)
    counts = found.fit.counts(force)
    read = calibration.force_n(np.rint(counts).astype(np.int32))
    # Counts are whole numbers: near the end of this part one of them is a fifth of a newton.
    step_n = 1.0 / np.gradient(counts, force)
    np.testing.assert_array_less(np.abs(read - force), 0.5 * step_n + 0.02)


def test_two_different_masses_are_a_line_because_nothing_else_could_be_told() -> None:
    choice = choose(measured(power, KITCHEN))
    assert isinstance(choice.fit, LineFit)
    assert "nothing else can be told apart" in choice.reason


def test_the_line_is_that_of_least_squares() -> None:
    points = measured(line, scatter=0.02)
    slope, zero = np.polyfit([p.force_n for p in points], [p.counts for p in points], 1)
    fit = fit_line(points)
    assert fit.counts_per_n == pytest.approx(slope)
    assert fit.zero_counts == pytest.approx(zero)


def test_a_line_predicts_another_point_with_the_uncertainty_it_states() -> None:
    chance = np.random.default_rng(3)
    inside = 0
    for _ in range(400):
        noisy = [LoadPoint(f, 1000 * f + chance.normal(0, 30.0)) for f in UP_AND_DOWN]
        fit = fit_line(noisy)
        again = fit.force_n(np.array([15000.0 + chance.normal(0, 30.0)]))[0]
        inside += abs(again - 15.0) <= student_95(fit.dof) * fit.scatter_n(np.array([15.0]))[0]
    assert 0.91 < inside / 400 < 0.985


@pytest.mark.parametrize(
    "points",
    [
        [],
        [LoadPoint(0, 1), LoadPoint(10, 2)],
        [LoadPoint(5, 1), LoadPoint(5, 2), LoadPoint(5, 3)],
        [LoadPoint(0, 7), LoadPoint(10, 7), LoadPoint(20, 7)],
    ],
)
def test_what_cannot_be_fitted_is_a_sentence(points: list[LoadPoint]) -> None:
    with pytest.raises(CalibrationError):
        choose(points)


@given(
    counts=st.lists(st.floats(-8e6, 8e6), min_size=5, max_size=11),
    loads=st.permutations(list(UP_AND_DOWN)),
)
def test_any_counts_are_judged_or_refused_with_a_sentence(counts: list[float], loads: list[float]) -> None:
    points = [LoadPoint(f, c, 3.0, 100) for f, c in zip(loads, counts, strict=False)]
    try:
        found = assess(points)
    except CalibrationError:
        return
    assert found.reasons
    assert all(value >= 0 or math.isnan(value) for value in found.uncertainty.expanded_n)


def test_directions_follow_from_the_load_before() -> None:
    assert [p.direction for p in with_directions(measured(line, KITCHEN))] == [
        "up",
        "up",
        "up",
        "down",
        "down",
    ]


def test_hysteresis_zero_and_creep_are_percentages_of_the_largest_load() -> None:
    loop = {0: 0.0, 1: -50.0, 2: 0.0, 3: 50.0, 4: 20.0}
    points = [LoadPoint(f, 1000 * f + loop[i], 1.0, 240) for i, f in enumerate((0.0, 10.0, 20.0, 10.0, 0.0))]
    found = assess(points, minute(20.0, 20000, 20040))
    assert found.hysteresis_pct == pytest.approx(0.5, rel=1e-3)
    assert found.zero_pct == pytest.approx(0.1, rel=1e-2)
    assert found.creep is not None
    assert found.creep.pct == pytest.approx(0.2 * 58 / 60, rel=0.01)
    assert found.accepted
    assert found.repeatability_pct is None


def test_repeatability_is_the_largest_difference_of_one_load_from_one_side() -> None:
    loads = (0.0, 10.0, 20.0, 0.0, 10.0, 20.0, 0.0)
    counts = (0.0, 10000.0, 20000.0, 0.0, 10010.0, 20030.0, 0.0)
    found = assess([LoadPoint(f, c, 1.0, 240) for f, c in zip(loads, counts, strict=True)])
    assert found.repeatability_pct == pytest.approx(0.15, rel=0.01)


def test_what_was_not_measured_is_assumed_and_said() -> None:
    found = assess(measured(line, (0.0, 20.0, 40.0, 0.0)))
    assert found.hysteresis_pct is None
    assert found.creep is None
    assert any("hysteresis was not measured" in remark for remark in found.remarks)
    assert any("creep was not measured" in remark for remark in found.remarks)
    assert found.uncertainty.budget_n["hysteresis"] > 0
    assert found.uncertainty.budget_n["creep"] > 0


@pytest.mark.parametrize(
    ("points", "trace", "saturated", "word"),
    [
        ([(0, 0), (10, 10000), (20, 21000), (10, 10000), (0, 0)], None, 0, "right mass"),
        ([(0, 0), (10, 9800), (20, 20000), (10, 10200), (0, 0)], None, 0, "hysteresis"),
        ([(0, 0), (10, 10100), (20, 20100), (10, 10100), (0, 200)], None, 0, "zero"),
        ([(0, 0), (10, 10000), (20, 20000), (10, 10000), (0, 0)], (20000, 20300), 0, "creep"),
        ([(0, 0), (10, 10000), (20, 20000), (10, 10000), (0, 0)], None, 7, "7 samples"),
        ([(0, 0), (10, 10), (20, 20), (10, 10), (0, 0)], None, 0, "noise"),
    ],
)
def test_a_bad_calibration_is_refused_with_what_is_wrong(points, trace, saturated: int, word: str) -> None:
    found = assess(
        [LoadPoint(f, c, 1.0, 240) for f, c in points],
        minute(20.0, *trace) if trace else None,
        saturated=saturated,
    )
    assert not found.accepted
    assert any(word in reason for reason in found.reasons)


def test_worse_masses_make_a_larger_uncertainty() -> None:
    points = measured(line, KITCHEN)
    good = assess(points, conditions=Conditions(reference_pct=0.1)).uncertainty
    bad = assess(points, conditions=Conditions(reference_pct=2.0)).uncertainty
    assert bad.expanded_n[-1] > 2 * good.expanded_n[-1]
    assert bad.expanded_n[0] == pytest.approx(good.expanded_n[0])


def test_the_expanded_uncertainty_is_twice_the_root_of_the_squares() -> None:
    found = assess(measured(line, KITCHEN)).uncertainty
    total = math.sqrt(sum(value**2 for value in found.budget_n.values()))
    assert found.expanded_n[-1] == pytest.approx(COVERAGE_FACTOR * total)
    assert found.of_force(19.6133) == pytest.approx(found.expanded_n[-1])
    assert found.of_force(25.0) is None
    kpa = found.of_pressure(19.6133, 1.0)
    assert kpa is not None
    assert kpa > 10 * found.expanded_n[-1]


def test_too_few_loads_for_a_curve_give_none() -> None:
    assert fit_curve(measured(power, KITCHEN), "power law") is None
    assert fit_curve(measured(power, (0.0, 1.0, 2.0, 5.0)), "log-logistic") is None


@pytest.mark.parametrize(("severity", "seed"), [(1.0, 11), (3.0, 12)])
def test_the_true_force_lies_within_the_stated_uncertainty(severity: float, seed: int) -> None:
    accepted = [trial for trial in run(200, seed, severity) if trial.assessment.accepted]
    within = np.array([trial.within for trial in accepted])
    assert len(accepted) > 100
    assert within.mean() >= 0.95
    # Not by stating anything: a median of at most 2 % of the largest load.
    stated = [t.assessment.uncertainty.expanded_n[-1] / t.assessment.largest_n for t in accepted]
    assert np.median(stated) < 0.02


def test_a_curved_part_reads_within_what_it_states() -> None:
    chance = np.random.default_rng(5)
    inside, n = 0, 150
    for _ in range(n):
        top, f50, b = chance.uniform(600, 950), chance.uniform(3, 12), chance.uniform(0.7, 1.1)

        def law(f: float, top: float = top, f50: float = f50, b: float = b) -> float:
            return top * f**b / (f50**b + f**b)

        points = [
            LoadPoint(f, law(f) * (1 + 0.02 * chance.standard_normal()), 1.0, 240)
            if f
            else LoadPoint(0, 0.0, 0.5)
            for f in UP_AND_DOWN
        ]
        found = assess(points)
        true_n = chance.uniform(1.0, 18.0)
        counts = law(true_n) * (1 + 0.02 * chance.standard_normal())
        read_n = float(found.calibration("x").force_n(np.array([round(counts)], np.int32))[0])
        stated_n = found.uncertainty.of_force(read_n)
        inside += stated_n is None or abs(read_n - true_n) <= stated_n
    assert inside / n >= 0.93
