"""What home says of the attempts just made."""

from __future__ import annotations

from feedback.drills import Purpose, TrainingHistory, Void
from tests.drills.making import hold_drill, record
from tui.screens.practise.just_now import just_now_text

DRILL = hold_drill()


def told(made, purpose=Purpose.TEST, before=(), **more):
    was = TrainingHistory("T-01", tuple(before))
    now = TrainingHistory("T-01", (*before, *made))
    return just_now_text(DRILL, purpose, made, was, now, **more)


def block(errors, minute=0, **more):
    return [record(minute + i, error_pct=e, **more) for i, e in enumerate(errors)]


def test_a_test_that_is_passed_says_so_with_the_new_level():
    said = told(block([2, -3, 4, 30, 1]))
    assert "5 attempts, blind, 4 inside. Passed. Level: passed once." in said


def test_a_test_that_is_not_passed_names_the_mark_and_what_to_mend():
    said = told(block([-20, -18, -22, -19, -21]))
    assert "0 inside. Not passed yet: 4 of 5 is the mark." in said
    assert "You press 20 % light when blind" in said


def test_of_a_block_that_goes_on_nothing_is_told_but_that_it_is_kept():
    said = told(block([-20, -18]), Purpose.BASELINE, hidden=True)
    assert said == "Hold: 2 blind attempts kept. What you pressed is shown after the last one of the block."


def test_void_attempts_are_told_with_their_reason_and_nothing_is_said_of_nothing():
    said = told([record(1, void=Void.SIGNAL), record(2, void=Void.GIVEN_UP)])
    assert said == "Hold: 2 attempts kept, none counts (signal lost, given up)."
    assert told([]) == ""


def test_what_was_learnt_or_lost_since_the_baseline_is_said_after_a_test():
    baseline = block([-21, -18, -25, -15, -19], purpose=Purpose.BASELINE)
    assert "Better: " in told(block([-4, 3, -6, 1, 5], minute=60), before=baseline)
