from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.care import CareError, Measure, ResponseRule, Verdict, response_of

from .strategies import courses, visit


def test_nothing_is_judged_before_the_second_visit():
    response = response_of([visit(0, now=7)])
    assert not response.judged
    assert response.sentence == "The response is looked at after 2 visits: 1 to go."


def test_a_single_session_of_a_usual_gain_is_within_error():
    response = response_of([visit(0, kpa=200), visit(7, kpa=228, number=1)])
    assert response.judged
    assert not response.detectable
    [change] = response.changes
    assert (change.measure, change.verdict, change.needed) == (Measure.THRESHOLD, Verdict.WITHIN_ERROR, 160.0)
    assert "may not be the right one" in response.sentence
    assert response.because == ("upper trapezius, left, 1: bears as much pressure as before, within the error of "
                                "measuring",)  # fmt: skip
    assert response.tried == (
        "2 visits, 6 presses, 600 N·s",
        "sustained release at 2 visits",
        "upper trapezius, left, 1 at 2 visits",
    )


@pytest.mark.parametrize(("after", "seen"), [(359.9, False), (360.0, True), (500, True)])
def test_a_threshold_counts_from_the_detectable_change_on(after, seen):
    response = response_of([visit(0, kpa=200), visit(7, kpa=after, number=1)])
    assert response.detectable is seen


def test_the_detectable_change_can_be_chosen():
    visits = [visit(0, kpa=200), visit(7, kpa=365, number=1)]
    assert response_of(visits, ResponseRule(threshold_kpa=160)).detectable
    assert not response_of(visits, ResponseRule(threshold_kpa=173.6)).detectable


@pytest.mark.parametrize(("now", "seen"), [(6, False), (5, True)])
def test_one_point_of_pain_is_noise_and_two_are_a_change(now, seen):
    response = response_of([visit(0, now=7), visit(7, now=now, number=1)])
    assert response.judged
    assert response.detectable is seen


def test_usual_pain_counts_as_pain_now_does():
    assert response_of([visit(0, usual=8), visit(7, usual=5, number=1)]).detectable


def test_more_pain_is_said_and_is_no_response():
    response = response_of([visit(0, now=3), visit(7, now=6, number=1)])
    assert (response.detectable, response.worse) == (False, True)
    assert "worse" in response.sentence
    assert "may not be the right one" in response.sentence


def test_better_here_and_worse_there_are_both_said():
    first, last = visit(0, now=7, kpa=500), visit(7, now=3, kpa=200, number=1)
    response = response_of([first, last])
    assert (response.detectable, response.worse) == (True, True)
    assert "some of it is better and some worse" in response.sentence


def test_what_was_asked_only_once_cannot_be_told():
    response = response_of([visit(0, now=7), visit(7, number=1)])
    assert not response.judged
    assert "nothing was measured at two visits" in response.sentence
    assert response.tried != ()


def test_areas_are_compared_with_themselves_only():
    assert not response_of([visit(0, now=9, area="neck"), visit(7, now=2, area="knee", number=1)]).judged


def test_a_threshold_under_another_tip_is_another_threshold():
    assert not response_of(
        [visit(0, kpa=200, tip_area_cm2=1), visit(7, kpa=900, tip_area_cm2=2, number=1)]
    ).judged


def test_a_threshold_that_ended_at_the_ceiling_first_tells_nothing_of_a_rise():
    assert not response_of([visit(0, kpa=300, at_least=True), visit(7, kpa=600, number=1)]).judged


def test_what_is_told_before_the_third_visit_begins_counts_for_the_two_before():
    visits = [visit(0, now=7), visit(7, number=1), visit(14, now=7, presses=0)]
    assert response_of(visits).judged
    assert not response_of(visits[:1] + visits[2:]).judged


@pytest.mark.parametrize(
    "wrong",
    [{"after_visits": 0}, {"rating_points": 0}, {"rating_points": 11}, {"threshold_kpa": 0},
     {"threshold_kpa": float("nan")}],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused(wrong):
    with pytest.raises(CareError):
        ResponseRule(**wrong)


@given(courses(), st.integers(1, 4))
def test_a_response_is_said_only_of_a_change_beyond_error(course, after_visits):
    rule = ResponseRule(after_visits)
    response = response_of(course, rule)
    given_visits = sum(v.pressed for v in course)
    if response.judged:
        assert given_visits >= after_visits
        assert len(response.because) == len(response.changes) > 0
    for change in response.changes:
        gain = change.after - change.before
        if change.measure is not Measure.THRESHOLD:
            gain = -gain
        assert (change.verdict is Verdict.BETTER) == (gain >= change.needed)
    assert response.detectable == any(c.verdict is Verdict.BETTER for c in response.changes)
    assert "may not be" not in response.sentence or (response.judged and not response.detectable)
    assert "kPa" not in " ".join((response.sentence, *response.because, *response.tried))


@given(courses())
def test_a_response_does_not_depend_on_the_order_in_which_visits_are_handed_in(course):
    assert response_of(course[::-1]) == response_of(course)


@given(courses(), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)))
def test_a_visit_at_which_nothing_was_asked_changes_no_verdict(course, later):
    more = visit(400 + later.days, number=9)
    before, after = response_of(course), response_of([*course, more])
    if before.judged:
        assert after.changes == before.changes
