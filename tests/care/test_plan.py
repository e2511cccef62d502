from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.care import CareError, Plan, Timing, visits_of_course, where_in_plan
from feedback.care.plan import BREAK, SAME_VISIT

from .strategies import BEGIN, days, plans

DAY = timedelta(days=1)


def at(*after_days: float):
    return [BEGIN + number * DAY for number in after_days]


def test_the_default_is_four_visits_over_two_to_six_weeks():
    plan = Plan()
    assert (plan.visits, plan.weeks_min, plan.weeks_max) == (4, 2, 6)


def test_a_new_client_comes_to_the_first_visit():
    now = where_in_plan(Plan(), [], BEGIN)
    assert (now.visit, now.visits, now.week, now.finished, now.done) == (1, 4, 1, False, 0)
    assert now.sentence == "Visit 1 of 4, week 1: the first, of 4 over 2 to 6 weeks."


def test_the_next_visit_is_the_one_after_those_that_were():
    now = where_in_plan(Plan(), at(0, 7), BEGIN + 14 * DAY)
    assert (now.visit, now.week, now.timing, now.done) == (3, 3, Timing.AS_PLANNED, 2)
    assert now.sentence == "Visit 3 of 4, week 3, as planned."


def test_a_screen_opened_again_within_a_visit_is_not_another_visit():
    now = where_in_plan(Plan(), at(0, 7), BEGIN + 7 * DAY + timedelta(hours=1))
    assert (now.visit, now.done) == (2, 2)


def test_early_and_late_are_said_kindly():
    early = where_in_plan(Plan(), at(0), BEGIN + 2 * DAY)
    late = where_in_plan(Plan(), at(0, 7), BEGIN + 45 * DAY)
    assert (early.timing, late.timing) == (Timing.EARLY, Timing.LATE)
    assert "a little sooner than planned" in early.sentence
    assert "a little later than planned, good to see you again" in late.sentence


def test_the_last_planned_visit_and_those_after_it_are_named():
    assert where_in_plan(Plan(), at(0, 7, 14), BEGIN + 21 * DAY).sentence.endswith("the last one planned.")
    after = where_in_plan(Plan(), at(0, 7, 14, 21), BEGIN + 28 * DAY)
    assert after.finished
    assert (
        after.sentence
        == "All 4 planned visits have been given; this is visit 5. A good time to look back together."
    )


def test_a_long_pause_begins_another_course():
    pause = BREAK * 6 * 7
    assert where_in_plan(Plan(), at(0, 7, 14, 21), BEGIN + (21 + pause + 1) * DAY).visit == 1
    assert where_in_plan(Plan(), at(0, 7, 14, 21, 21 + pause + 1), BEGIN + (21 + pause + 8) * DAY).visit == 2


def test_a_course_that_was_begun_on_purpose_counts_from_then():
    plan = Plan(begun=BEGIN + 10 * DAY)
    now = where_in_plan(plan, at(0, 7, 10, 17), BEGIN + 24 * DAY)
    assert (now.visit, now.done, now.week) == (3, 2, 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"visits": 0},
        {"visits": 101},
        {"weeks_min": 7, "weeks_max": 6},
        {"weeks_min": -1},
        {"weeks_min": 0, "weeks_max": 0},
        {"begun": BEGIN.replace(tzinfo=None)},
    ],
)
def test_a_plan_that_is_none_is_refused_in_a_sentence(wrong):
    with pytest.raises(CareError, match="plan"):
        Plan(**wrong)


@given(plans(), days, st.floats(0, 500))
def test_where_a_client_is_never_depends_on_the_order_of_the_visits(plan, after_days, now_days):
    times, now = at(*after_days), BEGIN + now_days * DAY
    found = where_in_plan(plan, times, now)
    assert found == where_in_plan(plan, sorted(times, reverse=True), now)
    assert 0 <= found.done <= len(times)
    assert found.visit in (found.done, found.done + 1)
    assert found.visit >= 1
    assert found.week >= 1
    assert found.finished == (found.visit > plan.visits)
    assert found.sentence.endswith(".")
    assert found.timing is Timing.AS_PLANNED or 1 < found.visit <= plan.visits


@given(plans(), days, st.floats(0, 500))
def test_a_visit_more_never_sets_a_client_back_within_a_course(plan, after_days, now_days):
    now = BEGIN + now_days * DAY
    before = visits_of_course(plan, at(*after_days), now)
    with_today = visits_of_course(plan, [*at(*after_days), now], now)
    assert with_today[-1] == now
    assert len(with_today) == len(before) + 1
    assert where_in_plan(plan, with_today, now + SAME_VISIT / 2).visit == len(with_today)


@given(plans(), days)
def test_the_later_the_same_visit_comes_the_less_it_is_early(plan, after_days):
    times = at(*after_days)
    last = max(times, default=BEGIN)
    order = {Timing.EARLY: 0, Timing.AS_PLANNED: 1, Timing.LATE: 2}
    steps = [where_in_plan(Plan(plan.visits, plan.weeks_min, plan.weeks_max, begun=BEGIN), times, last + n * DAY)
             for n in range(1, 120, 7)]  # fmt: skip
    assert [order[step.timing] for step in steps] == sorted(order[step.timing] for step in steps)
