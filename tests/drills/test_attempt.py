"""One go at a drill."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.comfort import Report, ReportKind
from feedback.drills import (
    OVER,
    Aim,
    Attempt,
    AttemptView,
    FeedbackMode,
    ScoreKey,
    Shown,
    Stage,
    Void,
    task_of,
)
from feedback.drills.library import shipped_drills
from feedback.signal import ForceBlock, Quality
from tests.drills.making import attempted, hold_task, pressed, times

DRILLS = shipped_drills()
WITHOUT_CLIENT = [drill for drill in DRILLS.values() if drill.client is None]


def begun(task, *, seconds=1.5, kpa=40.0, ceiling_kpa=1000.0) -> Attempt:
    attempt = Attempt(task, ceiling_kpa=ceiling_kpa)
    time_s = times(seconds)
    attempt.feed(time_s, np.full(len(time_s), kpa))
    return attempt


def test_an_attempt_goes_from_waiting_through_get_set_to_its_end():
    attempt = Attempt(hold_task(), ceiling_kpa=1000)
    assert attempt.stage is Stage.WAITING
    attempt.feed([0.0], [5.0])
    assert attempt.stage is Stage.WAITING
    attempt.feed([0.1], [40.0])
    assert attempt.stage is Stage.GET_SET
    assert attempt.view(0.6).left_s == pytest.approx(0.5)
    attempt.feed(times(1.1, 0.1125), np.full(88, 40.0))
    assert attempt.stage is Stage.RUNNING
    t = times(12.5, 1.2125)
    attempt.feed(t, np.full(len(t), 205.0))
    assert attempt.stage is Stage.ENDED
    view = attempt.view(14.0)
    assert view.outcome is attempt.outcome
    assert view.outcome.scores[ScoreKey.CONSTANT].pct == pytest.approx(2.5, abs=0.01)
    assert view.outcome.scores.inside is True


def test_lifting_before_the_go_only_starts_over():
    attempt = begun(hold_task(), seconds=0.5)
    assert attempt.stage is Stage.GET_SET
    attempt.feed(times(0.5, 0.5), np.zeros(40))
    assert attempt.stage is Stage.WAITING
    attempt.feed(times(1.5, 1.0), np.full(120, 40.0))
    assert attempt.stage is Stage.RUNNING
    assert attempt.view(2.4).elapsed_s == pytest.approx(0.4)


def test_the_same_samples_in_any_blocks_end_the_same():
    task = hold_task()
    time_s, kpa = pressed(task, lambda t: np.minimum(40 + 80 * t, 195.0))
    whole, single = Attempt(task, ceiling_kpa=1000), Attempt(task, ceiling_kpa=1000)
    whole.feed(time_s, kpa)
    for at, value in zip(time_s, kpa, strict=True):
        single.feed([at], [value])
    assert whole.outcome.scores == single.outcome.scores


def test_force_of_a_sensor_becomes_pressure_under_the_tip():
    task = task_of(DRILLS["ramp-5-n"], tip_area_cm2=2.0)
    attempt = Attempt(task, ceiling_kpa=1000)
    t = times(6.5)
    attempt.feed_block(ForceBlock.of(t, np.where(t < 1, 2.5, 2.5 + 5 * (t - 1)), lost=0))
    rate = attempt.outcome.scores[ScoreKey.RATE]
    assert rate.newtons == pytest.approx(0, abs=0.05)
    assert rate.value == pytest.approx(rate.newtons * 5)


@pytest.mark.parametrize(
    ("kpa", "aim"), [(170.0, Aim.LIGHT), (185.0, Aim.INSIDE), (215.0, Aim.INSIDE), (225.0, Aim.HEAVY)]
)
def test_with_feedback_the_view_tells_how_pressure_stands_to_the_target(kpa, aim):
    attempt = begun(hold_task(), seconds=1.0125)
    t = times(3.0, 1.0125)
    attempt.feed(t, np.full(len(t), kpa))
    view = attempt.view(float(t[-1]))
    assert view.aim is aim
    assert view.pressure_kpa == pytest.approx(kpa)
    assert view.error_kpa == pytest.approx(kpa - 200)
    assert (view.lower_kpa, view.upper_kpa) == pytest.approx((180, 220))
    assert view.do == "hold"


def test_on_a_ramp_the_aim_is_the_rate():
    attempt = begun(task_of(DRILLS["ramp-5-n"], tip_area_cm2=1.0), seconds=1.0125)
    for rate, aim in ((50.0, Aim.INSIDE), (80.0, Aim.HEAVY)):
        start = attempt.view(0).elapsed_s
        t = times(1.0, 1.0125 + (0 if rate == 50 else 1.0))
        base = 40.0 if rate == 50 else 90.0
        attempt.feed(t, base + rate * (t - t[0]))
        view = attempt.view(float(t[-1]))
        assert view.aim is aim
        assert view.shown.rate_kpa_per_s == pytest.approx(rate, rel=0.02)
        assert view.error_kpa is None
        assert start is not None


# -- blind ---------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(WITHOUT_CLIENT),
    st.sampled_from([FeedbackMode.NONE, FeedbackMode.AFTER]),
    st.integers(0, 2**32 - 1),
    st.floats(0.3, 1.8),
    st.floats(0.3, 1.8),
)
def test_a_blind_view_is_the_same_whatever_is_pressed(drill, feedback, seed, one, other):
    """Two hands that press quite differently see the very same screen at every moment until the reveal."""
    task = task_of(drill, tip_area_cm2=1.0, feedback=feedback)
    chance = np.random.default_rng(seed)
    attempts = [Attempt(task, ceiling_kpa=5000) for _ in range(2)]
    time_s, _ = pressed(task, lambda t: t)
    t = time_s - 1.0
    off = np.zeros(len(t), bool)
    for piece in task.trajectory.pieces:
        off |= (t >= piece.start_s) & (t < piece.end_s - 1.0) if piece.off else False
    runs = [
        np.where(
            off,
            0.0,
            np.maximum(factor * task.trajectory.value_kpa(t) * chance.uniform(0.7, 1.3, len(t)), 30.0),
        )
        for factor in (one, other)
    ]
    for start in range(0, len(t), 40):
        part = slice(start, start + 40)
        for attempt, kpa in zip(attempts, runs, strict=True):
            attempt.feed(time_s[part], kpa[part])
        now_s = float(time_s[part][-1])
        assert attempts[0].look(now_s) is False
        first, second = (attempt.view(now_s) for attempt in attempts)
        if first.stage in OVER:
            break
        assert first == second
        assert first.hidden
        assert (first.pressure_kpa, first.error_kpa, first.aim, first.shown, first.outcome) == (None,) * 5
    assert attempts[0].stage is (Stage.ESTIMATE if feedback is FeedbackMode.NONE else Stage.ENDED)
    assert attempts[0].outcome is None or feedback is FeedbackMode.AFTER


def test_a_hidden_view_with_a_pressure_cannot_be_made():
    view = Attempt(hold_task(FeedbackMode.NONE), ceiling_kpa=1000).view(0.0)
    values = {field.name: getattr(view, field.name) for field in fields(AttemptView)}
    with pytest.raises(ValueError, match="hidden"):
        AttemptView(**{**values, "shown": Shown(1.0, None, None, None, None)})


def test_a_blind_attempt_asks_before_it_shows():
    task = hold_task(FeedbackMode.NONE)
    attempt = Attempt(task, ceiling_kpa=1000)
    attempt.feed(*pressed(task, lambda t: np.where(t < 1, 100.0, 180.0)))
    asking = attempt.view(20.0)
    assert asking.stage is Stage.ESTIMATE
    assert asking.outcome is None
    assert attempt.outcome is None
    with pytest.raises(ValueError):
        attempt.estimate(-1.0)
    attempt.estimate(190.0)
    shown = attempt.view(20.0)
    assert shown.stage is Stage.ENDED
    estimate = shown.outcome.scores[ScoreKey.ESTIMATE]
    assert estimate.value == pytest.approx(10.0, abs=0.01)
    assert estimate.newtons == pytest.approx(1.0, abs=0.01)
    assert estimate.pct == pytest.approx(5.0, abs=0.01)
    with pytest.raises(ValueError, match="only at the end"):
        attempt.estimate(1.0)


def test_who_has_no_idea_gives_no_estimate_and_still_sees_the_truth():
    outcome = attempted(hold_task(FeedbackMode.NONE), lambda t: np.full(len(t), 200.0))
    assert outcome.estimate_kpa is None
    assert outcome.scores[ScoreKey.ESTIMATE].value is None
    assert outcome.scores.inside is True


def test_within_a_test_nothing_is_shown_even_at_the_end():
    task = hold_task(FeedbackMode.NONE, reveal=False)
    attempt = Attempt(task, ceiling_kpa=1000)
    attempt.feed(*pressed(task, lambda t: np.full(len(t), 200.0)))
    attempt.estimate(200.0)
    view = attempt.view(20.0)
    assert view.stage is Stage.ENDED
    assert view.hidden
    assert view.outcome is None
    assert attempt.outcome.scores.inside is True


def test_on_demand_shows_for_two_seconds_and_counts():
    attempt = begun(hold_task(FeedbackMode.ON_DEMAND), seconds=3.0, kpa=150.0)
    assert attempt.view(2.99).pressure_kpa is None
    assert attempt.look(3.0) is True
    assert attempt.view(3.05).pressure_kpa == pytest.approx(150)
    attempt.feed(times(2.5, 3.0), np.full(200, 150.0))
    assert attempt.view(5.1).pressure_kpa is None
    assert attempt.look(5.1) is True
    assert attempt.view(5.2).looks == 2


def test_what_must_be_reproduced_is_hidden_even_with_feedback():
    task = task_of(DRILLS["reproduce"], tip_area_cm2=1.0)
    attempt = Attempt(task, ceiling_kpa=1000)
    level = task.target_kpa
    time_s, kpa = pressed(
        task, lambda t: np.where((t > 7.5) & (t < 11), 0.0, np.where(t < 9, level, 1.2 * level))
    )
    shown = {True: 0, False: 0}
    for at, value in zip(time_s, kpa, strict=True):
        attempt.feed([at], [value])
        view = attempt.view(float(at))
        if view.stage is Stage.RUNNING:
            shown[view.part == 0] += view.pressure_kpa is not None
    assert shown[True] > 100
    assert shown[False] == 0
    assert attempt.outcome.scores[ScoreKey.CONSTANT].pct == pytest.approx(20.0, abs=0.1)


def test_blind_the_pressure_to_be_reproduced_is_of_ones_own_choice():
    task = task_of(DRILLS["reproduce"], tip_area_cm2=1.0, feedback=FeedbackMode.NONE)
    assert task.target_kpa is None
    outcome = attempted(task, lambda t: np.where((t > 7.5) & (t < 11), 0.0, 333.0))
    assert outcome.scores[ScoreKey.CONSTANT].pct == pytest.approx(0.0, abs=0.01)
    assert outcome.scores.inside is True


# -- void ----------------------------------------------------------------------------------------------------


def test_an_attempt_during_which_the_sensor_is_unplugged_is_void_and_kept():
    attempt = begun(hold_task(), seconds=4.0, kpa=190.0)
    attempt.unplugged(4.0)
    assert attempt.stage is Stage.VOID
    assert attempt.outcome.void is Void.SIGNAL
    assert attempt.outcome.scores is None
    assert len(attempt.outcome.pressed.time_s) == 320
    assert "does not count" in attempt.view(5.0).void.sentence


def test_a_silence_makes_it_void_a_short_gap_does_not():
    attempt = begun(hold_task(), seconds=4.0, kpa=190.0)
    attempt.listened(4.9)
    assert attempt.stage is Stage.RUNNING
    attempt.feed(times(1.0, 4.9), np.full(80, 190.0), lost=70)
    attempt.listened(7.1)
    assert attempt.outcome.void is Void.SIGNAL
    assert attempt.outcome.lost == 70


def test_samples_that_come_after_a_silence_make_it_void_too():
    attempt = begun(hold_task(), seconds=4.0, kpa=190.0)
    attempt.feed([6.0], [190.0])
    assert attempt.outcome.void is Void.SIGNAL


def test_an_attempt_of_which_much_is_missing_does_not_count():
    attempt = begun(hold_task(), seconds=1.5, kpa=190.0)
    time_s = np.concatenate([times(0.3, start) for start in np.arange(1.5, 15.0, 0.9)])
    attempt.feed(time_s, np.full(len(time_s), 190.0))
    assert attempt.outcome.void is Void.SIGNAL


@pytest.mark.parametrize(
    ("kpa", "quality", "void"),
    [
        (190.0, Quality.SATURATED, Void.SATURATED),
        (np.nan, Quality.UNCALIBRATED, Void.UNCALIBRATED),
        (401.0, 0, Void.CEILING),
    ],
)
def test_limit_calibration_and_ceiling_make_it_void_and_say_so(kpa, quality, void):
    attempt = begun(hold_task(), seconds=4.0, kpa=190.0, ceiling_kpa=400.0)
    attempt.feed([4.0], [kpa], int(quality))
    assert attempt.outcome.void is void
    assert attempt.view(4.0).void is void
    assert void.sentence.endswith(".")


def test_letting_go_too_early_makes_it_void():
    attempt = begun(hold_task(), seconds=4.0, kpa=190.0)
    attempt.feed(times(0.2, 4.0), np.zeros(16))
    assert attempt.stage is Stage.RUNNING
    attempt.feed(times(0.2, 4.2), np.zeros(16))
    assert attempt.outcome.void is Void.LET_GO


def test_giving_up_is_kept_and_ends_an_estimate_without_one():
    attempt = begun(hold_task(), seconds=4.0, kpa=190.0)
    attempt.give_up(4.0)
    assert attempt.outcome.void is Void.GIVEN_UP
    task = hold_task(FeedbackMode.NONE)
    blind = Attempt(task, ceiling_kpa=1000)
    blind.feed(*pressed(task, lambda t: np.full(len(t), 200.0)))
    blind.give_up(20.0)
    assert blind.outcome.void is None
    assert blind.outcome.scores.inside is True


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one length"):
        Attempt(hold_task(), ceiling_kpa=1000).feed([0.0, 1.0], [1.0])


# -- on a client ---------------------------------------------------------------------------------------------


def test_a_threshold_ends_when_the_tip_is_off_after_the_clients_word():
    task = task_of(DRILLS["threshold"], tip_area_cm2=1.0)
    attempt = begun(task, seconds=1.0125)
    rate = task.rate_kpa_per_s
    t = times(2.0, 1.0125)
    attempt.feed(t, 40 + 1.1 * rate * (t - 1.0), client_kpa=(150.0, 250.0))
    there = float(t[-1])
    attempt.heard(Report(ReportKind.THERE, there, source="simulated client"))
    attempt.feed(times(0.6, there + 0.0125), np.zeros(48), client_kpa=(150.0, 250.0))
    assert attempt.stage is Stage.ENDED
    scores = attempt.outcome.scores
    assert scores[ScoreKey.RATE].pct == pytest.approx(10, abs=0.5)
    assert scores.felt_kpa == pytest.approx(40 + 1.1 * rate * 2.0, rel=0.02)
    felt = scores.felt_kpa - 0.5 * 1.1 * rate
    assert scores[ScoreKey.CLIENT].value == pytest.approx(felt - 150, abs=4)
    assert scores.inside is True


def test_after_the_clients_word_the_hand_is_told_to_let_go_and_no_rate_is_asked_any_more():
    attempt = begun(task_of(DRILLS["threshold"], tip_area_cm2=1.0), seconds=1.0125)
    t = times(2.0, 1.0125)
    attempt.feed(t, 40 + 40 * (t - 1.0), client_kpa=(150.0, 250.0))
    before = attempt.view(float(t[-1]))
    assert before.do.startswith("press")
    assert before.aim is Aim.LIGHT
    attempt.heard(Report(ReportKind.THERE, float(t[-1]), source="simulated client"))
    attempt.feed([float(t[-1]) + 0.0125], [110.0], client_kpa=(150.0, 250.0))
    after = attempt.view(float(t[-1]) + 0.0125)
    assert after.do == "let go"
    assert after.aim is None
    assert after.shown.rate_kpa_per_s is None
    assert after.pressure_kpa is not None


def test_a_hand_that_stays_on_after_the_clients_word_is_not_inside():
    task = task_of(DRILLS["threshold"], tip_area_cm2=1.0)
    attempt = begun(task, seconds=1.0125)
    t = times(2.0, 1.0125)
    attempt.feed(t, 40 + task.rate_kpa_per_s * (t - 1.0), client_kpa=(150.0, 250.0))
    attempt.heard(Report(ReportKind.THERE, 3.0, source="simulated client"))
    attempt.feed(times(4.0, 3.0125), np.full(320, 240.0), client_kpa=(150.0, 250.0))
    assert attempt.stage is Stage.ENDED
    assert attempt.outcome.scores.inside is False


def test_a_release_is_scored_by_the_clients_hidden_range_and_a_stop_ends_it():
    task = task_of(DRILLS["release"], tip_area_cm2=1.0)
    attempt = begun(task, seconds=1.0125)
    t = times(15.0 + 30.0, 1.0125)
    attempt.feed(t, np.where(t < 31, 200.0, 300.0), client_kpa=(150.0, 250.0))
    attempt.heard(Report(ReportKind.STOP, 46.0, source="simulated client"))
    attempt.feed(times(0.5, 46.0125), np.zeros(40), client_kpa=(150.0, 250.0))
    scores = attempt.outcome.scores
    assert attempt.outcome.void is None
    assert scores[ScoreKey.IN_TOLERANCE].value == pytest.approx(0.5, abs=0.02)
    assert scores[ScoreKey.ABOVE].value == pytest.approx(0.48, abs=0.03)
    assert scores[ScoreKey.CONSTANT].value is None
    assert scores.inside is False


def test_a_slow_sensor_is_shown_between_its_samples_and_no_longer():
    attempt = Attempt(hold_task(), ceiling_kpa=1000)
    time_s = np.arange(0.0, 3.0, 0.1)
    attempt.feed(time_s, np.full(len(time_s), 90.0))
    newest_s = float(time_s[-1])
    assert attempt.view(newest_s + 0.15).pressure_kpa == pytest.approx(90.0)
    assert attempt.view(newest_s + 0.29).pressure_kpa == pytest.approx(90.0)
    assert attempt.view(newest_s + 0.31).pressure_kpa is None


def test_what_is_known_from_elsewhere_makes_an_attempt_void_only_while_it_is_pressed():
    going = begun(hold_task())
    going.spoil(1.5, Void.ZERO)
    assert going.outcome is not None
    assert going.outcome.void is Void.ZERO
    blind = Attempt(hold_task(FeedbackMode.NONE), ceiling_kpa=1000)
    t = times(14.0)
    blind.feed(t, np.where(t < 1.1, 40.0, 200.0))
    assert blind.stage is Stage.ESTIMATE
    blind.spoil(15.0, Void.ZERO)
    assert blind.stage is Stage.ESTIMATE
    assert blind.pending is not None
    blind.estimate(200.0)
    assert blind.pending is None
    assert blind.outcome is not None
    assert blind.outcome.void is None
