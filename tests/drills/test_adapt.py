"""How hard the next attempt is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.drills import Difficulty, Purpose, Staircase, Void, difficulty_at, difficulty_of, task_of
from feedback.drills.library import shipped_drills
from tests.drills.making import hold_drill, record

HOLD = hold_drill()


def practised(errors, **more):
    return [record(i, error_pct=e, purpose=Purpose.PRACTICE, **more) for i, e in enumerate(errors)]


def test_the_first_attempt_is_as_the_drill_is_written():
    assert difficulty_of(HOLD, []) == Difficulty(1.0, 0.10, 1.0, middle_only=False)


def test_success_makes_it_harder_and_a_miss_three_times_as_much_easier():
    harder = difficulty_of(HOLD, practised([0.0]))
    easier = difficulty_of(HOLD, practised([50.0]))
    assert harder.ease < 1 < easier.ease
    assert harder.ease**3 * easier.ease == pytest.approx(1.0)
    assert harder.tolerance_share < 0.10 < easier.tolerance_share
    assert harder.duration > 1 > easier.duration


def test_steps_get_small_after_the_first_turn_and_large_again_after_a_pause():
    turned = [*practised([0.0]), record(1, error_pct=50.0, purpose=Purpose.PRACTICE)]
    move = difficulty_of(HOLD, turned).ease
    rule = Staircase()
    first = difficulty_of(HOLD, practised([0.0]))
    assert first.ease == pytest.approx(2.718281828 ** (-0.25 * rule.step * rule.fast), rel=1e-6)
    assert move == pytest.approx(2.718281828 ** (0.75 * rule.step), rel=1e-6)
    pause = record(0, error_pct=0.0, purpose=Purpose.PRACTICE, day=3)
    after = difficulty_of(HOLD, [*turned, pause])
    assert after.ease == pytest.approx(first.ease)


@given(st.lists(st.floats(-60, 60), max_size=30))
def test_the_same_history_gives_the_same_difficulty_within_its_limits(errors):
    for drill in shipped_drills().values():
        records = [
            record(i, error_pct=e, drill=drill.name, purpose=Purpose.PRACTICE) for i, e in enumerate(errors)
        ]
        found = difficulty_of(drill, records)
        assert found == difficulty_of(drill, list(reversed(records)))
        assert 0.03 <= found.tolerance_share <= 0.60
        assert 0.5 <= found.duration <= 2.0
        assert task_of(drill, tip_area_cm2=1.0, difficulty=found).tolerance_share == found.tolerance_share


def test_tests_and_void_attempts_and_other_drills_change_nothing():
    others = [
        record(0, error_pct=50.0, purpose=Purpose.TEST),
        record(1, error_pct=50.0, purpose=Purpose.PRACTICE, void=Void.SIGNAL),
        record(2, error_pct=50.0, purpose=Purpose.PRACTICE, drill="other"),
    ]
    assert difficulty_of(HOLD, others).ease == 1.0


def test_an_easy_task_asks_only_middle_targets():
    drill = shipped_drills()["find-pressure"]
    easy = difficulty_at(drill, 2.0)
    asked = {task_of(drill, tip_area_cm2=1.0, number=n, difficulty=easy).target_kpa for n in range(20)}
    assert len(asked) == 3


@pytest.mark.parametrize("ease", [0.0, -1.0, float("nan"), float("inf")])
def test_an_ease_that_is_none_is_refused(ease):
    with pytest.raises(ValueError):
        difficulty_at(HOLD, ease)


def test_a_staircase_that_cannot_be_is_refused():
    with pytest.raises(ValueError):
        Staircase(success=1.0)
