"""Scores: known pressures give known scores, however the samples come."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.drills import MEANINGS, Dimension, FeedbackMode, Pressed, ScoreKey, scores_of, task_of
from feedback.drills.library import shipped_drills
from feedback.drills.presses import PressTarget, compare, press_scores
from feedback.drills.storing import scores_data, scores_from
from feedback.drills.weighted import quantile_of, seconds_each, slope_of
from feedback.signal import Quality
from tests.drills.making import attempted, hold_task, record, times

DRILLS = shipped_drills()


def test_a_steady_hold_that_is_light_and_sags_is_scored_as_it_was():
    outcome = attempted(hold_task(), lambda t: np.where(t < 1, 100.0, 190.0 - 0.5 * np.maximum(t - 2, 0)))
    scores = outcome.scores
    assert scores[ScoreKey.CONSTANT].value == pytest.approx(-12.5, abs=0.02)
    assert scores[ScoreKey.CONSTANT].newtons == pytest.approx(-1.25, abs=0.002)
    assert scores[ScoreKey.CONSTANT].pct == pytest.approx(-6.25, abs=0.01)
    assert scores[ScoreKey.ABSOLUTE].value == pytest.approx(12.5, abs=0.02)
    assert scores[ScoreKey.VARIABLE].value == pytest.approx(5 / np.sqrt(12), abs=0.01)
    assert scores[ScoreKey.CV].pct == pytest.approx(100 * 5 / np.sqrt(12) / 187.5, abs=0.01)
    assert scores[ScoreKey.SAG].value == pytest.approx(30.0, abs=0.05)
    assert scores[ScoreKey.SAG].pct == pytest.approx(15.0, abs=0.03)
    assert scores[ScoreKey.IN_TOLERANCE].value == 1.0
    assert scores[ScoreKey.OVERSHOOT].value == 0.0
    assert scores[ScoreKey.TIME_TO_TARGET].value == pytest.approx(1.0, abs=0.15)
    assert scores[ScoreKey.PRELOAD].value == pytest.approx(40.0)
    assert scores[ScoreKey.RATE].value is None
    assert scores[ScoreKey.ESTIMATE].value is None
    assert scores.needed_share == pytest.approx((10 + 0.75 * 5) / 200, abs=0.001)


def test_time_inside_and_above_are_shares_of_time():
    scores = attempted(hold_task(), lambda t: np.where(t < 7, 200.0, 230.0)).scores
    assert scores[ScoreKey.IN_TOLERANCE].pct == pytest.approx(50, abs=0.5)
    assert scores[ScoreKey.ABOVE].pct == pytest.approx(50, abs=0.5)
    assert scores.inside is False
    assert scores.needed_share == pytest.approx(0.15)


def test_overshoot_is_what_was_passed_before_settling_with_the_tremor_out():
    tremor = attempted(hold_task(), lambda t: 200 + 8 * np.sin(2 * np.pi * 10 * t)).scores
    shot = attempted(hold_task(), lambda t: np.where((t > 1) & (t < 2), 260.0, 200.0)).scores
    never = attempted(hold_task(), lambda t: np.full(len(t), 100.0)).scores
    assert tremor[ScoreKey.OVERSHOOT].value < 3
    assert shot[ScoreKey.OVERSHOOT].value == pytest.approx(60, abs=0.5)
    assert never[ScoreKey.OVERSHOOT].value is None
    assert never[ScoreKey.TIME_TO_TARGET].value is None


@pytest.mark.parametrize("rate", [30.0, 50.0, 62.0])
def test_a_ramp_is_scored_by_its_rate_wherever_it_began(rate):
    task = task_of(DRILLS["ramp-5-n"], tip_area_cm2=1.0)
    scores = attempted(task, lambda t: 40 + rate * np.maximum(t - 0.7, 0)).scores
    assert scores[ScoreKey.RATE].value == pytest.approx(rate - 50, abs=1.0)
    assert scores[ScoreKey.RATE].pct == pytest.approx(2 * (rate - 50), abs=2.0)
    assert scores.inside is (abs(rate - 50) <= 10)
    assert scores[ScoreKey.CONSTANT].value is None


def test_a_little_more_is_measured_from_what_was_really_pressed_first():
    task = task_of(DRILLS["a-little-more"], tip_area_cm2=1.0)
    first = 0.9 * task.target_kpa
    scores = attempted(task, lambda t: np.where(t < 7.5, first, 1.15 * first)).scores
    assert scores.target_kpa == pytest.approx(1.1 * first)
    assert scores[ScoreKey.CONSTANT].pct == pytest.approx(100 * (1.15 / 1.1 - 1), abs=0.05)


def test_steps_have_a_window_for_each_level():
    task = task_of(DRILLS["steps-up-down"], tip_area_cm2=1.0)
    scores = attempted(task, lambda t: 1.05 * task.trajectory.value_kpa(t)).scores
    assert [w.part for w in scores.windows] == [0, 1, 2, 3, 4]
    assert all(w.constant_pct == pytest.approx(5.0, abs=0.01) for w in scores.windows)


samples = st.lists(st.floats(0.002, 0.2), min_size=200, max_size=400)


@settings(max_examples=40, deadline=None)
@given(samples, st.integers(0, 2**32 - 1))
def test_irregular_and_lost_samples_change_nothing_but_how_much_is_known(steps, seed):
    """A slow curve sampled anyhow is scored as the curve is."""
    task = hold_task()

    def curve(t):
        return 195 + 10 * np.sin(2 * np.pi * t / 12)

    time_s = np.cumsum(steps)
    time_s = time_s * (12.5 / time_s[-1])
    kept = np.random.default_rng(seed).random(len(time_s)) < 0.7
    kept[-1] = True
    time_s = time_s[kept]
    fine = times(12.5)
    whole = scores_of(task, Pressed(fine, curve(fine), np.zeros(len(fine), np.uint8)))
    few = scores_of(task, Pressed(time_s, curve(time_s), np.zeros(len(time_s), np.uint8)))
    for key in (ScoreKey.CONSTANT, ScoreKey.ABSOLUTE, ScoreKey.VARIABLE):
        assert few[key].value == pytest.approx(whole[key].value, abs=1.0)
    assert 0 <= few.missing_share < 0.5


@given(st.lists(st.floats(0, 1e4), max_size=60), st.lists(st.floats(0, 400), max_size=60))
def test_no_samples_break_the_scores(seconds, pressures):
    n = min(len(seconds), len(pressures))
    time_s, kpa = np.sort(np.array(seconds[:n], np.float64)), np.array(pressures[:n], np.float64)
    for drill in DRILLS.values():
        task = task_of(drill, tip_area_cm2=1.0)
        client = (np.full(n, 150.0), np.full(n, 250.0)) if drill.client else (None, None)
        scores = scores_of(task, Pressed(time_s, kpa, np.zeros(n, np.uint8), *client), estimate_kpa=100.0)
        assert len(scores.scores) == len(ScoreKey)
        assert all(s.value is None or np.isfinite(s.value) for s in scores.scores)
        assert 0 <= scores.missing_share <= 1


def test_nothing_measured_gives_no_scores_and_no_verdict():
    nothing = Pressed(np.array([1.0, 2.0]), np.array([np.nan, np.nan]), np.zeros(2, np.uint8))
    scores = scores_of(hold_task(), nothing)
    assert all(score.value is None for score in scores.scores)
    assert scores.inside is None
    assert scores.needed_share is None


@given(st.lists(st.floats(0.001, 5.0), min_size=2, max_size=50))
def test_samples_stand_for_the_time_between_them_and_not_for_silences(steps):
    time_s = np.concatenate([[0.0], np.cumsum(steps)])
    weights = seconds_each(time_s)
    assert np.all(weights >= 0)
    assert np.all(weights <= 4 * np.median(np.diff(time_s)))


def test_slope_and_quantile_know_their_edges():
    one = np.array([1.0])
    assert slope_of(one, one, one) is None
    assert quantile_of(one, np.zeros(1), 0.5) is None
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([2.0, 1.0, 1.0])
    assert [quantile_of(values, weights, share) for share in (0.25, 0.5, 0.75, 1.0)] == [1.0, 2.0, 3.0, 3.0]


def test_every_score_says_what_it_is_and_where_it_comes_from():
    assert set(MEANINGS) == set(ScoreKey)
    for meaning in MEANINGS.values():
        assert 10 < len(meaning.line) < 90
        assert all((meaning.definition, meaning.source, meaning.title))
        assert (meaning.of == "") == (meaning.dimension is Dimension.TIME)


def test_scores_come_back_from_json_as_they_went():
    for name in ("steady-hold", "ramp-5-n", "steps-up-down"):
        task = task_of(DRILLS[name], tip_area_cm2=2.0, feedback=FeedbackMode.NONE)
        scores = attempted(task, lambda t: 60 + 20 * np.maximum(t, 0) ** 0.5, estimate_kpa=100.0).scores
        again = scores_from(json.loads(json.dumps(scores_data(scores))))
        assert {s.key: s for s in again.scores} == {s.key: s for s in scores.scores}
        assert (again.windows, again.inside, again.needed_share) == (
            scores.windows,
            scores.inside,
            scores.needed_share,
        )


@pytest.mark.parametrize("data", [{}, {"scores": 3}, {"scores": {"cv": 1}, "windows": []}])
def test_other_data_are_refused_as_scores(data):
    with pytest.raises(ValueError, match="no scores"):
        scores_from(data)


# -- presses in treatment ------------------------------------------------------------------------------------


def real_press(level_kpa=210.0, hold_s=20.0, sag_kpa=0.0):
    corners = np.cumsum([0.0, 2.0, hold_s, 1.0])
    time_s = 1000 + times(float(corners[-1]))
    return time_s, np.interp(time_s - 1000, corners, [10, level_kpa, level_kpa - sag_kpa, 10])


def test_a_real_press_is_scored_like_a_steady_hold_on_its_band():
    time_s, kpa = real_press(level_kpa=210.0, sag_kpa=6.0)
    target = PressTarget(180.0, 220.0, rate_kpa_per_s=100.0)
    scores = press_scores(time_s, kpa, target=target, tip_area_cm2=2.0)
    assert scores.target_kpa == 200
    assert scores[ScoreKey.CONSTANT].value == pytest.approx(7.0, abs=0.5)
    assert scores[ScoreKey.CONSTANT].newtons == pytest.approx(7.0 / 5, abs=0.1)
    assert scores[ScoreKey.SAG].value == pytest.approx(18.0, abs=1.0)
    assert scores[ScoreKey.IN_TOLERANCE].value == pytest.approx(1.0)
    assert scores[ScoreKey.RATE].value == pytest.approx(0.0, abs=3.0)
    assert scores.inside is True


def test_samples_at_the_sensors_limit_are_left_out_of_a_press():
    time_s, kpa = real_press()
    quality = np.where(np.arange(len(kpa)) % 5 == 0, int(Quality.SATURATED), 0).astype(np.uint8)
    wrong = np.where(quality > 0, 900.0, kpa)
    scores = press_scores(time_s, wrong, quality, target=PressTarget(180, 220), tip_area_cm2=1.0)
    assert scores[ScoreKey.CONSTANT].value == pytest.approx(10.0, abs=0.5)


def test_a_bump_has_no_hold_and_no_scores():
    target = PressTarget(180, 220)
    assert press_scores([0.0, 0.1], [100.0, 200.0], target=target, tip_area_cm2=1.0) is None
    assert press_scores([], [], target=target, tip_area_cm2=1.0) is None
    with pytest.raises(ValueError):
        PressTarget(220, 180)


def test_drills_and_real_presses_stand_beside_each_other():
    time_s, kpa = real_press(level_kpa=210.0)
    press = press_scores(time_s, kpa, target=PressTarget(180, 220), tip_area_cm2=1.0)
    drill = attempted(hold_task(), lambda t: np.full(len(t), 192.0)).scores
    both = compare([replace(record(0), scores=drill)], [press])
    assert (both.attempts, both.presses) == (1, 1)
    assert both.drill_error_pct == pytest.approx(-4, abs=0.1)
    assert both.press_error_pct == pytest.approx(5, abs=0.3)
    assert "4 % off" in both.sentence
    assert "5 % off" in both.sentence
    assert "Nothing to compare" in compare([], [press]).sentence
