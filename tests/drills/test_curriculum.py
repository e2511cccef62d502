"""What is next for a trainee, and how far the skill is."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.drills import (
    DEFAULT_PLAN,
    FeedbackMode,
    Level,
    Plan,
    Purpose,
    Skip,
    StepKind,
    TrainingHistory,
    Void,
    level_of,
    next_step,
    reminders,
)
from feedback.drills.library import shipped_drills
from tests.drills.making import MONDAY, record

PLAN = Plan(drills=("hold", "ramp"), baseline=5, practice=3, test=5)
START = date(2024, 3, 4)


def many(purpose, n, *, day=0, minute=0.0, error_pct=5.0, drill="hold", **more):
    return [
        record(minute + i, purpose=purpose, day=day, error_pct=error_pct, drill=drill, **more)
        for i in range(n)
    ]


def history(*groups, skips=()):
    return TrainingHistory("T-01", tuple(a for group in groups for a in group), tuple(skips))


def at(day, hour=12):
    return MONDAY + timedelta(days=day, hours=hour - 9)


FIRST_DAY = (
    many(Purpose.BASELINE, 5, error_pct=25),
    many(Purpose.PRACTICE, 3, minute=10),
    many(Purpose.TEST, 5, minute=20),
)


def test_a_trainee_without_a_baseline_is_sent_to_it():
    step = next_step(TrainingHistory("T-01"), at(0), PLAN)
    assert (step.kind, step.drill, step.left) == (StepKind.BASELINE, "hold", 5)
    assert step.feedback is FeedbackMode.NONE
    assert step.as_written
    assert not step.reveal
    practised = history(many(Purpose.PRACTICE, 9))
    assert next_step(practised, at(0), PLAN).kind is StepKind.BASELINE


def test_the_baseline_can_be_skipped_knowingly():
    skip = Skip("T-01", "hold", Purpose.BASELINE, at(0, 8))
    step = next_step(history(skips=[skip]), at(0), PLAN)
    assert (step.kind, step.feedback) == (StepKind.PRACTICE, None)


def test_the_first_day_goes_from_baseline_to_practice_to_a_blind_test_to_rest():
    kinds = []
    done = []
    for attempt in [*FIRST_DAY[0], *FIRST_DAY[1], *FIRST_DAY[2]]:
        kinds.append(next_step(history(done), at(0), PLAN).kind)
        done.append(attempt)
    assert kinds == [StepKind.BASELINE] * 5 + [StepKind.PRACTICE] * 3 + [StepKind.TEST] * 5
    rest = next_step(history(done), at(0), PLAN)
    assert rest.kind is StepKind.REST
    assert rest.due_from == START + timedelta(days=1)
    tomorrow = next_step(history(done), at(1), PLAN)
    assert (tomorrow.kind, tomorrow.drill) == (StepKind.BASELINE, "ramp")


def test_void_attempts_and_seen_ones_are_no_baseline():
    void = many(Purpose.BASELINE, 5, void=Void.SIGNAL)
    seen = many(Purpose.BASELINE, 5, minute=10, feedback=FeedbackMode.ALWAYS)
    assert next_step(history(void, seen), at(0), PLAN).done == 0


def test_a_retest_is_due_after_two_to_seven_days_and_goes_before_everything():
    known = history(*FIRST_DAY)
    (ahead,) = reminders([known], at(1), PLAN)
    assert (ahead.due_from, ahead.due_to) == (START + timedelta(days=2), START + timedelta(days=7))
    assert not ahead.due
    assert "tomorrow" in ahead.sentence
    due = next_step(known, at(2), PLAN)
    assert (due.kind, due.drill, due.late) == (StepKind.RETEST_DAYS, "hold", False)
    late = next_step(known, at(9), PLAN)
    assert late.late
    assert "late" in late.sentence
    assert reminders([known], at(9), PLAN)[0].late


def test_a_retest_that_is_passed_leads_to_the_one_after_three_months_and_then_to_the_end():
    plan = Plan(drills=("hold",), practice=3)
    after_days = history(*FIRST_DAY, many(Purpose.RETEST_DAYS, 5, day=3))
    rest = next_step(after_days, at(4), plan)
    assert (rest.kind, rest.due_from) == (StepKind.REST, START + timedelta(days=80))
    assert next_step(after_days, at(85), plan).kind is StepKind.RETEST_MONTHS
    done = history(*FIRST_DAY, many(Purpose.RETEST_DAYS, 5, day=3), many(Purpose.RETEST_MONTHS, 5, day=90))
    assert next_step(done, at(91), plan).kind is StepKind.DONE
    assert reminders([done], at(91), plan) == ()
    assert level_of(done, "hold").level is Level.KEPT


def test_a_retest_that_is_not_passed_leads_back_to_practice_and_a_new_test():
    plan = Plan(drills=("hold",), practice=3)
    faded = (*FIRST_DAY, many(Purpose.RETEST_DAYS, 5, day=3, error_pct=30))
    step = next_step(history(*faded), at(3), plan)
    assert step.kind is StepKind.PRACTICE
    assert "faded" in step.sentence
    again = history(
        *faded,
        many(Purpose.PRACTICE, 3, day=3, minute=10),
        many(Purpose.TEST, 5, day=3, minute=20),
    )
    assert next_step(again, at(4), plan).due_from == START + timedelta(days=5)


def test_a_retest_after_days_that_was_missed_for_months_is_left_out():
    step = next_step(history(*FIRST_DAY), at(84), PLAN)
    assert step.kind is StepKind.RETEST_MONTHS
    assert not step.late


def test_a_skipped_retest_is_taken_as_passed():
    skip = Skip("T-01", "hold", Purpose.RETEST_DAYS, at(3))
    step = next_step(history(*FIRST_DAY, skips=[skip]), at(85), Plan(drills=("hold",), practice=3))
    assert step.kind is StepKind.RETEST_MONTHS


def test_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        next_step(TrainingHistory("T-01"), datetime(2024, 3, 4), PLAN)


@pytest.mark.parametrize(
    "wrong", [{"drills": ()}, {"drills": ("a", "a")}, {"practice": 0}, {"days": (7, 2)}, {"months": (5, 9)}]
)
def test_a_plan_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        Plan(**wrong)


def test_the_plan_that_comes_along_names_drills_that_come_along():
    assert set(DEFAULT_PLAN.drills) <= set(shipped_drills())


attempts = st.builds(
    record,
    st.floats(0, 600),
    error_pct=st.floats(-40, 40),
    drill=st.sampled_from(["hold", "ramp", "other"]),
    purpose=st.sampled_from(Purpose),
    day=st.integers(0, 120),
    void=st.sampled_from([None, None, None, Void.LET_GO]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(attempts, max_size=40), st.integers(0, 130))
def test_any_history_has_a_next_step_and_its_order_does_not_matter(records, day):
    forwards = TrainingHistory("T-01", tuple(records))
    backwards = TrainingHistory("T-01", tuple(reversed(records)))
    step = next_step(forwards, at(day, 23), PLAN)
    ordered = len({r.at for r in records}) == len(records)
    if ordered:
        assert step == next_step(backwards, at(day, 23), PLAN)
    assert step.left >= (step.kind not in (StepKind.REST, StepKind.DONE))
    if step.kind is StepKind.REST:
        assert step.due_from > at(day, 23).date()
    assert step.sentence.endswith(".")


# -- levels ----------------------------------------------------------------------------------------------------


def test_competence_is_four_of_five_blind_on_two_days():
    fair = [5, 5, 50, 5, 5]
    one = [record(i, error_pct=e) for i, e in enumerate(fair)]
    two = [record(i, error_pct=e, day=3, purpose=Purpose.RETEST_DAYS) for i, e in enumerate(fair)]
    assert level_of(history(), "hold").level is Level.NEW
    assert level_of(history(one[:4]), "hold").level is Level.BEGUN
    passed = level_of(history(one), "hold")
    assert (passed.level, passed.last_inside) == (Level.PASSED, 4)
    assert "two days" in passed.next
    assert level_of(history(one, two), "hold").level is Level.COMPETENT


def test_neither_the_screen_nor_an_easier_task_nor_many_tries_make_competent():
    seen = many(Purpose.TEST, 5, feedback=FeedbackMode.ALWAYS)
    easy = many(Purpose.TEST, 5, ease=2.0, day=1)
    assert level_of(history(seen, easy), "hold").level is Level.BEGUN
    # Three of five, again and again, with four good ones in a row across the blocks.
    tries = [record(i, error_pct=5 if i % 5 in (0, 3, 4) else 50) for i in range(40)]
    assert level_of(history(tries), "hold").level is Level.BEGUN


def test_what_has_faded_takes_the_level_back():
    good = [many(Purpose.TEST, 5), many(Purpose.RETEST_DAYS, 5, day=3)]
    bad = many(Purpose.RETEST_MONTHS, 5, day=90, error_pct=30)
    assert level_of(history(*good, bad), "hold").level is Level.BEGUN
    assert level_of(history(*good, bad), "hold").days_passed == 2
