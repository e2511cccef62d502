"""A change is real only beyond the error of measuring."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.care import CareError, ChangeRule
from feedback.care.rules import rules_from_toml
from feedback.care.shipped import rules
from feedback.review import Figure, Mdc, Measure, Verdict, judge, mdc_of, point_course
from tests.review.making import LEFT, visit

KPA = st.floats(1, 2000)
MDC = Mdc(Measure.THRESHOLD, 160.0, "kPa", "somebody", verified=True)
OPPOSITE = {Verdict.ROSE: Verdict.FELL, Verdict.FELL: Verdict.ROSE}


@given(KPA, KPA, st.floats(1, 500))
def test_what_is_smaller_than_the_detectable_change_is_within_error_and_the_rest_is_real(
    before, after, value
):
    change = judge(Figure(before), Figure(after), Mdc(Measure.THRESHOLD, value, "kPa", "", verified=True))
    assert change.verdict.real == (abs(after - before) >= value)
    if change.verdict.real:
        assert (change.verdict is Verdict.ROSE) == (after > before)
    else:
        assert change.verdict is Verdict.WITHIN_ERROR


@given(KPA, KPA)
def test_seen_from_the_other_end_a_rise_is_a_fall(before, after):
    there = judge(Figure(before), Figure(after), MDC).verdict
    back = judge(Figure(after), Figure(before), MDC).verdict
    assert back is OPPOSITE.get(there, there)


@given(KPA, KPA, st.booleans(), st.booleans())
def test_a_value_that_ended_at_the_ceiling_never_proves_what_it_cannot(before, after, first_open, last_open):
    verdict = judge(Figure(before, at_least=first_open), Figure(after, at_least=last_open), MDC).verdict
    if first_open:
        assert verdict is not Verdict.ROSE
    if last_open:
        assert verdict is not Verdict.FELL
    if first_open or last_open:
        assert verdict is not Verdict.WITHIN_ERROR


@given(KPA, KPA, st.floats(0, 300), st.floats(0, 300))
def test_an_edge_has_not_moved_while_its_intervals_touch(before, after, half, other_half):
    one = Figure(before, (before - half, before + half))
    other = Figure(after, (after - other_half, after + other_half))
    if abs(after - before) < half + other_half:
        assert not judge(one, other, MDC).verdict.real


@given(KPA, KPA, st.text(min_size=1, max_size=20))
def test_a_doubtful_value_is_not_compared_and_says_why(before, after, doubt):
    for pair in ((Figure(before, doubt=doubt), Figure(after)), (Figure(before), Figure(after, doubt=doubt))):
        change = judge(*pair, MDC)
        assert change.verdict is Verdict.TOO_LITTLE_KNOWN
        assert doubt in change.sentence


def test_a_figure_that_is_no_number_is_not_compared():
    assert judge(Figure(float("nan")), Figure(200.0), MDC).verdict is Verdict.TOO_LITTLE_KNOWN


def test_a_dose_counts_in_per_cent_of_the_larger_one():
    mdc = Mdc(Measure.DOSE, 25.0, "%", "", verified=False)
    assert judge(Figure(1000.0), Figure(760.0), mdc).verdict is Verdict.WITHIN_ERROR
    assert judge(Figure(1000.0), Figure(740.0), mdc).verdict is Verdict.FELL
    assert judge(Figure(740.0), Figure(1000.0), mdc).verdict is Verdict.ROSE


def test_sentences_name_no_figure_whose_unit_is_the_readers():
    for measure in Measure:
        mdc = Mdc(measure, 160.0, "kPa", "", verified=True)
        for after in (100.0, 200.0, 400.0):
            sentence = judge(Figure(200.0), Figure(after), mdc).sentence
            assert sentence.endswith(".")
            assert not any(letter.isdigit() for letter in sentence)


# Where the figures come from.


def test_every_measure_has_a_figure_with_its_source_and_only_studied_ones_are_called_verified():
    found = {measure: mdc_of(measure, rules()) for measure in Measure}
    assert all(mdc.value > 0 and mdc.source for mdc in found.values())
    verified = {measure for measure, mdc in found.items() if mdc.verified}
    assert verified == {Measure.THRESHOLD, Measure.SIDES}
    assert "PMID 25925018" in found[Measure.THRESHOLD].source
    assert found[Measure.THRESHOLD].value == 160.0
    assert "Antonaci 1998" in found[Measure.SIDES].source
    assert found[Measure.SIDES].value == pytest.approx(1.23 * 98.0665, abs=0.1)


def test_what_was_found_with_a_probe_is_not_called_verified_for_a_thumb():
    thumb = mdc_of(Measure.THRESHOLD, rules(), "thumb")
    assert thumb.value == 160.0
    assert not thumb.verified
    assert "thumb" in thumb.source


def test_a_therapist_chooses_another_published_figure_or_an_own_one():
    chosen = rules_from_toml('[response]\nthreshold = "chesterton-2007"', "own", rules())
    assert mdc_of(Measure.THRESHOLD, chosen).value == 173.6
    assert mdc_of(Measure.THRESHOLD, chosen).verified
    own = rules_from_toml(
        "[response]\nthreshold_kpa = 90\n[changes]\nsides_kpa = 70\nedge_kpa = 80", "own", rules()
    )
    for measure, value in ((Measure.THRESHOLD, 90), (Measure.SIDES, 70), (Measure.UPPER_EDGE, 80)):
        mdc = mdc_of(measure, own)
        assert (mdc.value, mdc.verified) == (value, False)
        assert "set by the therapist" in mdc.source


@pytest.mark.parametrize(
    "wrong",
    [
        {"edge_kpa": 0.0},
        {"sides_kpa": float("inf")},
        {"dose_pct": 101.0},
        {"time_in_band_points": -1.0},
        {"alike_pct": 120.0},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(CareError):
        ChangeRule(**wrong)


# Courses of which the truth is known.

SEM_KPA = 62.7
"""Standard error of one measurement, 6.27 N/cm²; its detectable change is 173.6 kPa (Chesterton 2007)."""


def simulated(true_change_kpa: float, courses: int = 1500) -> list[Verdict]:
    chance = np.random.default_rng(7)
    own = rules_from_toml('[response]\nthreshold = "chesterton-2007"', "own", rules())
    found = []
    for _ in range(courses):
        level = chance.uniform(250, 450)
        true = level + np.linspace(0, true_change_kpa, 4)
        told = true + chance.normal(0, SEM_KPA, 4)
        made = [visit(7 * n, kpa=float(max(kpa, 10))) for n, kpa in enumerate(told)]
        changes = point_course(LEFT, made, own).changes
        found.append(next(c.verdict for c in changes if c.measure is Measure.THRESHOLD))
    return found


def test_of_courses_without_a_change_about_one_in_twenty_is_called_real():
    verdicts = simulated(0.0)
    rate = sum(verdict.real for verdict in verdicts) / len(verdicts)
    assert 0.03 < rate < 0.07


def test_a_course_that_changed_by_more_than_the_detectable_change_is_found_and_its_way_is_right():
    up, down = simulated(400.0), simulated(-400.0 / 2)
    assert sum(verdict is Verdict.ROSE for verdict in up) / len(up) > 0.98
    assert Verdict.FELL not in up
    assert sum(verdict is Verdict.FELL for verdict in down) / len(down) > 0.5


def test_the_usual_gain_of_one_session_is_hardly_ever_called_a_change():
    # 28 kPa, Geri 2022.
    verdicts = simulated(28.4)
    assert sum(verdict.real for verdict in verdicts) / len(verdicts) < 0.10
