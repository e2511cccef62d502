"""One point over time: what is compared with what."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.atlas import load_atlas
from feedback.band import Band
from feedback.care import Plan, Timing
from feedback.points import Point
from feedback.review import (
    BodyFigure,
    Measure,
    SideVerdict,
    ThresholdTaken,
    Tip,
    Verdict,
    body_values,
    left_right,
    point_course,
    sides_of,
    visit_changes,
)
from feedback.review.client_course import planned_visits
from feedback.review.point_course import same_tip
from feedback.signal import Quality
from tests.review.making import BEGIN, LEFT, PROBE, RIGHT, visit, visits


def change(course, measure):
    return next((one for one in course.changes if one.measure is measure), None)


@given(visits())
def test_only_figures_with_the_same_applicator_area_and_kind_of_sensor_are_compared(made):
    course = point_course(LEFT, made)
    for one in course.changes:
        assert one.tip is not None
        assert one.before_at < one.after_at
        ends = [v for v in made if v.at in (one.before_at, one.after_at)]
        assert all(same_tip(v.tip, one.tip) for v in ends)
    assert sum(len(shown) for _, shown in course.series) == len(made)


@given(visits(), st.randoms())
def test_the_order_in_which_visits_come_does_not_matter(made, chance: random.Random):
    shuffled = list(made)
    chance.shuffle(shuffled)
    assert point_course(LEFT, shuffled) == point_course(LEFT, made)


@given(visits())
def test_what_lies_between_the_first_and_the_last_visit_changes_no_verdict(made):
    same = [v for v in made if same_tip(v.tip, PROBE) and v.threshold]
    if len(same) > 2:
        whole, ends = point_course(LEFT, same), point_course(LEFT, [same[0], same[-1]])
        assert change(whole, Measure.THRESHOLD) == change(ends, Measure.THRESHOLD)


@given(visits())
def test_a_verdict_is_real_only_beyond_its_own_figure(made):
    for one in point_course(LEFT, made).changes:
        assert one.difference == pytest.approx(one.after - one.before)
        if one.verdict.real:
            assert abs(one.difference) >= one.mdc.limit(one.before, one.after)


def test_another_contact_area_is_another_series():
    course = point_course(LEFT, [visit(0, kpa=200), visit(7, kpa=500, tip=Tip("probe", 0.5))])
    assert change(course, Measure.THRESHOLD) is None
    assert len(course.series) == 2


def test_a_single_repeat_is_not_compared():
    course = point_course(LEFT, [visit(0, kpa=200), visit(7, kpa=500, repeats=1)])
    found = change(course, Measure.THRESHOLD)
    assert found.verdict is Verdict.TOO_LITTLE_KNOWN
    assert "one repeat" in found.sentence


@pytest.mark.parametrize("flag", [Quality.SATURATED, Quality.TARED_UNDER_LOAD, Quality.UNCALIBRATED])
def test_a_threshold_that_the_sensor_did_not_measure_well_is_not_compared(flag):
    course = point_course(LEFT, [visit(0, kpa=200, quality=int(flag)), visit(7, kpa=500)])
    assert change(course, Measure.THRESHOLD).verdict is Verdict.TOO_LITTLE_KNOWN


def test_a_band_that_was_set_by_hand_is_no_measurement():
    course = point_course(LEFT, [visit(0, band=Band(100, 200)), visit(7, band=Band(400, 600))])
    assert change(course, Measure.UPPER_EDGE).verdict is Verdict.TOO_LITTLE_KNOWN


def test_ratings_are_compared_under_a_like_pressure_or_when_less_is_felt_under_more():
    def verdict(first, last):
        return change(
            point_course(LEFT, [visit(0, ratings=(first,)), visit(7, ratings=(last,))]), Measure.RATING
        ).verdict

    assert verdict((7, 300.0), (4, 290.0)) is Verdict.FELL
    assert verdict((7, 300.0), (4, 200.0)) is Verdict.TOO_LITTLE_KNOWN
    assert verdict((7, 300.0), (4, 400.0)) is Verdict.FELL
    assert verdict((4, 300.0), (7, 200.0)) is Verdict.ROSE
    assert verdict((4, 300.0), (7, 400.0)) is Verdict.TOO_LITTLE_KNOWN
    assert verdict((5, 300.0), (6, 300.0)) is Verdict.WITHIN_ERROR
    assert verdict((7, None), (4, 300.0)) is Verdict.TOO_LITTLE_KNOWN


def test_within_a_visit_easing_is_not_called_so_when_the_pressure_sagged():
    sagged = visit_changes(visit(0, ratings=((7, 300.0), (4, 240.0))))
    held = visit_changes(visit(0, ratings=((7, 300.0), (4, 295.0))))
    assert [one.verdict for one in sagged] == [Verdict.TOO_LITTLE_KNOWN]
    assert [one.verdict for one in held] == [Verdict.FELL]


def test_of_a_visit_the_threshold_before_treatment_is_the_one_that_is_compared():
    from dataclasses import replace

    first = visit(0, kpa=200)
    later = ThresholdTaken(first.at + timedelta(minutes=30), 390.0, 3, 4.0)
    first = replace(first, thresholds=(*first.thresholds, later))
    course = point_course(LEFT, [first, visit(7, kpa=210)])
    assert change(course, Measure.THRESHOLD).before == 200
    assert [one.verdict for one in visit_changes(first)] == [Verdict.ROSE]


# Sides.


def test_sides_are_compared_at_the_last_visit_at_which_both_were_measured():
    left = point_course(LEFT, [visit(0, kpa=200), visit(7, kpa=400), visit(14, kpa=500)])
    right = point_course(RIGHT, [visit(0, kpa=210), visit(7.01, kpa=230)])
    (found,) = left_right(left, right)
    assert (found.left, found.right, found.verdict) == (400, 230, SideVerdict.LEFT_HIGHER)
    assert found.mdc.verified
    assert sides_of([right, left]) == (found,)


@given(visits(), visits())
def test_sides_seen_from_the_other_side_say_the_same(one, other):
    swapped = {
        SideVerdict.LEFT_HIGHER: SideVerdict.RIGHT_HIGHER,
        SideVerdict.RIGHT_HIGHER: SideVerdict.LEFT_HIGHER,
    }
    left, right = point_course(LEFT, one), point_course(RIGHT, other)
    there, back = left_right(left, right), left_right(right, left)
    assert [d.verdict for d in there] == [swapped.get(d.verdict, d.verdict) for d in back]


def test_sides_with_different_tips_or_at_different_visits_are_not_compared():
    left = point_course(LEFT, [visit(0, kpa=200)])
    assert not left_right(left, point_course(RIGHT, [visit(0, kpa=500, tip=Tip("thumb", 2.0))]))
    assert not left_right(left, point_course(RIGHT, [visit(7, kpa=500)]))


# The body and the plan.


def test_points_lie_on_the_areas_of_the_atlas_and_those_that_cannot_are_named():
    atlas = load_atlas()
    left, other = Point("upper trapezius", "left", "1"), Point("upper trapezius", "left", "2")
    nowhere, sideless = Point("unspecified"), Point("infraspinatus")
    figures = {left: 3.0, other: 5.0, nowhere: 2.0, sideless: 1.0}
    area = atlas.area_of(left).key
    assert body_values(figures, atlas, BodyFigure.PRESSES).values == {(area, "left"): 8.0}
    assert body_values(figures, atlas, BodyFigure.THRESHOLD).values == {(area, "left"): 3.0}
    assert set(body_values(figures, atlas, BodyFigure.DOSE).unplaced) == {nowhere, sideless}


def test_every_muscle_of_the_atlas_finds_its_place_on_each_of_its_sides():
    atlas = load_atlas()
    for muscle in atlas.muscles:
        for side in muscle.sides:
            placed = body_values({Point(muscle.name, side): 1.0}, atlas, BodyFigure.PRESSES)
            assert placed.values, muscle.name


def test_visits_lie_against_the_plan_as_the_plan_itself_counts_them():
    given_at = [BEGIN, BEGIN + timedelta(days=1), BEGIN + timedelta(days=40)]
    planned = planned_visits(Plan(4, 2, 6), given_at)
    assert [one.timing for one in planned] == [Timing.AS_PLANNED, Timing.EARLY, Timing.LATE, None]
    assert planned[3].given is None
    assert planned[3].earliest == BEGIN + timedelta(weeks=2)
    assert planned[3].latest == BEGIN + timedelta(weeks=6)


def test_before_the_first_visit_a_plan_has_no_dates_and_beyond_it_visits_go_on():
    assert all(one.earliest is None and one.given is None for one in planned_visits(Plan(3, 1, 2), []))
    more = planned_visits(Plan(1, 1, 2), [BEGIN, BEGIN + timedelta(days=3)])
    assert [(one.number, one.earliest is None) for one in more] == [(1, False), (2, True)]
