from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.band import Band
from feedback.press import PressDetector, PressRules, is_force
from feedback.signal import ForceBlock, Quality
from tests.feedback.signals import blocks, trapezoid

BAND = Band(150.0, 250.0)


def presses_in(time_s, force_n, *, band=BAND, size=3, tip_area_cm2=1.0):
    detector = PressDetector(tip_area_cm2)
    return [press for block in blocks(time_s, force_n, size) for press in detector.feed(block, band)]


def test_a_press_starts_and_ends_by_itself_with_its_figures():
    time_s, force_n = trapezoid(level_n=20, ramp_s=2.0, hold_s=8.0)
    (press,) = presses_in(time_s, force_n)
    assert press.start_s == pytest.approx(1.1, abs=0.02)  # 1 N of 10 N/s
    assert press.end_s == pytest.approx(12.9, abs=0.02)
    assert press.peak_n == pytest.approx(20)
    assert press.peak_kpa == pytest.approx(200)
    assert press.ramp_kpa_per_s == pytest.approx(100, rel=0.01)
    assert press.hold_mean_kpa == pytest.approx(199, abs=2)
    assert press.time_in_band_s == pytest.approx(8 + 2 * 0.5, abs=0.05)
    assert press.sag_pct == pytest.approx(0, abs=0.3)
    assert press.dose_ns == pytest.approx(20 * 8 + 20 * 2 - 2 * 0.05, abs=0.2)
    assert press.ended == "release"


def test_sag_is_the_loss_from_the_first_to_the_last_two_seconds():
    time_s, force_n = trapezoid(level_n=20, ramp_s=0.5, hold_s=20.0, sag_n=4.0)
    (press,) = presses_in(time_s, force_n)
    assert press.sag_pct == pytest.approx(18 / 19.8 * 20 * 0.99, abs=1.5)


def test_the_tip_area_turns_force_into_pressure():
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=3.0)
    (press,) = presses_in(time_s, force_n, tip_area_cm2=2.0)
    assert press.peak_kpa == pytest.approx(100)


def test_touches_and_bumps_are_no_presses():
    time_s, force_n = trapezoid(level_n=2.5, ramp_s=0.5, hold_s=3.0)
    assert presses_in(time_s, force_n) == []
    time_s, force_n = trapezoid(level_n=20, ramp_s=0.05, hold_s=0.1)
    assert presses_in(time_s, force_n) == []


def test_a_short_dip_does_not_split_a_press():
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=6.0)
    force_n[(time_s > 4) & (time_s < 4.15)] = 0.0
    assert len(presses_in(time_s, force_n)) == 1
    force_n[(time_s > 4) & (time_s < 4.6)] = 0.0
    assert len(presses_in(time_s, force_n)) == 2


def test_a_silence_of_the_sensor_ends_the_press_and_says_so():
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=6.0)
    keep = (time_s < 4) | (time_s > 5.5)
    first, second = presses_in(time_s[keep], force_n[keep])
    assert first.ended == "signal lost"
    assert first.end_s == pytest.approx(4, abs=0.02)
    assert second.ended == "release"


def test_nothing_is_integrated_across_a_hole_in_the_samples():
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=6.0)
    (whole,) = presses_in(time_s, force_n)
    keep = (time_s < 4) | (time_s > 4.8)
    (holed,) = presses_in(time_s[keep], force_n[keep])
    assert holed.dose_ns == pytest.approx(whole.dose_ns - 20 * 0.8, abs=0.5)
    assert holed.time_in_band_s == pytest.approx(whole.time_in_band_s - 0.8, abs=0.05)


def test_saturated_samples_mark_the_press():
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=2.0)
    detector = PressDetector(1.0)
    ended = []
    for block in blocks(time_s, force_n, quality=int(Quality.SATURATED)):
        ended += detector.feed(block, None)
    assert ended[0].quality & Quality.SATURATED
    assert ended[0].time_in_band_s is None


def test_uncalibrated_samples_are_no_press():
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=2.0)
    assert presses_in(time_s, np.full_like(force_n, np.nan)) == []


def test_after_finishing_contact_must_be_let_go_before_the_next_press():
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=6.0)
    detector = PressDetector(1.0)
    ended = []
    for block in blocks(time_s, force_n):
        ended += detector.feed(block, BAND)
        if block.time_s[0] > 5 and detector.pressing:
            ended.append(detector.finish("stop"))
    assert [press.ended for press in ended] == ["stop"]
    again = [press for b in blocks(time_s + 100, force_n) for press in detector.feed(b, BAND)]
    assert [press.ended for press in again] == ["release"]


@given(st.integers(1, 40))
@settings(max_examples=20)
def test_the_cut_into_blocks_does_not_change_the_figures(size):
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=5.0, sag_n=2.0)
    assert presses_in(time_s, force_n, size=size) == presses_in(time_s, force_n, size=1)


@given(
    st.lists(
        st.tuples(st.floats(0.0001, 2.0), st.floats(-50, 500) | st.just(float("nan")), st.integers(0, 63)),
        max_size=300,
    )
)
def test_any_signal_gives_sane_presses(rows):
    steps, force, flags = zip(*rows, strict=True) if rows else ((), (), ())
    block = ForceBlock.of(np.cumsum(steps), force, quality=np.array(flags, np.uint8))
    detector = PressDetector(1.0)
    found = detector.feed(block, BAND)
    last = detector.finish("session end")
    for press in found + ([last] if last else []):
        assert press.start_s <= press.end_s
        assert press.peak_n >= 3.0
        assert press.dose_ns > -50 * press.duration_s - 1
        assert 0 <= press.time_in_band_s <= press.duration_s + 1e-6


def test_a_touch_that_came_to_nothing_leaves_nothing_behind():
    detector = PressDetector(1.0)
    touch = ForceBlock.of(np.arange(20) / 80, np.full(20, 1.5), quality=int(Quality.LATE))
    assert detector.feed(touch, BAND) == []
    time_s, force_n = trapezoid(level_n=20, ramp_s=1.0, hold_s=2.0, lead_s=0.0)
    (press,) = [p for block in blocks(60 + time_s, force_n) for p in detector.feed(block, None)]
    assert press.duration_s < 5
    assert press.quality == 0
    assert press.time_in_band_s is None


def fed(detector, time_s, force_n, *, band=BAND, quality=0):
    """Presses that end while this is fed in one block."""
    return detector.feed(ForceBlock.of(time_s, force_n, quality=quality), band)


def level(start_s, stop_s, force_n, rate_hz=100):
    """Times and a force that stays."""
    time_s = np.arange(round(start_s * rate_hz), round(stop_s * rate_hz)) / rate_hz
    return time_s, np.full(len(time_s), force_n, np.float64)


def test_the_press_that_goes_on_is_told_as_it_stands():
    detector = PressDetector(1.0)
    assert detector.now(0.0) is None
    assert (detector.pressing, detector.start_s) == (False, None)
    time_s = np.arange(0, 3, 0.01)
    fed(detector, 10 + time_s, 8 * time_s)  # 80 kPa a second up to 240
    rising = detector.now(12.9)
    assert (detector.pressing, detector.start_s) == (True, rising.start_s)
    assert rising.start_s == pytest.approx(10.13)
    assert rising.elapsed_s == pytest.approx(2.77)
    assert rising.hold_s < 0.5
    assert rising.peak_kpa == pytest.approx(239.2)
    assert rising.ramp_kpa_per_s == pytest.approx(80, rel=1e-3)
    assert rising.time_in_band_s == pytest.approx(1.11, abs=0.02)
    fed(detector, *level(13, 16, 23.0))
    held = detector.now(99.0)  # of the time after the newest sample nothing is known
    assert held.elapsed_s == pytest.approx(15.99 - held.start_s)
    assert 3.0 < held.hold_s < 3.5
    assert held.ramp_kpa_per_s == pytest.approx(0, abs=1e-6)
    assert held.time_in_band_s == pytest.approx(1.11 + 3.0, abs=0.02)
    assert held.peak_kpa == rising.peak_kpa


def test_a_press_of_one_or_two_samples_has_no_slope_yet():
    detector = PressDetector(1.0)
    fed(detector, [1.0, 1.01], [5.0, 9.0])
    assert detector.now(1.01).ramp_kpa_per_s == 0.0
    fed(detector, [1.02], [13.0])
    assert detector.now(1.02).ramp_kpa_per_s == pytest.approx(4000, rel=1e-3)


@pytest.mark.parametrize(("to_n", "starts_over"), [(11.5, False), (12.5, True), (5.5, False), (4.5, True)])
def test_a_hold_starts_over_when_the_force_rises_a_fifth_or_falls_to_less_than_half(to_n, starts_over):
    detector = PressDetector(1.0)
    fed(detector, *level(0, 2, 10.0))
    fed(detector, *level(2, 4, to_n))
    assert detector.now(4.0).hold_s == pytest.approx(1.99 if starts_over else 3.99)


@pytest.mark.parametrize(
    ("force_n", "seconds", "is_press"),
    [(3.0, 1.0, True), (2.9, 1.0, False), (1.9, 9.0, False), (9.0, 0.31, True), (9.0, 0.30, False)],
)
def test_what_is_too_weak_or_too_short_is_a_bump(force_n, seconds, is_press):
    detector = PressDetector(1.0)
    fed(detector, *level(0, seconds, force_n))
    assert detector.pressing == (force_n >= 2.0)
    ended = fed(detector, *level(seconds, seconds + 1, 0.0))
    assert len(ended) == is_press
    assert not detector.pressing


def test_the_rules_of_a_press_can_be_set():
    rules = PressRules(start_n=8, end_n=5, release_s=0.5, min_duration_s=2.0, min_peak_n=12, signal_gap_s=3)
    detector = PressDetector(1.0, rules)
    fed(detector, *level(0, 1, 7.9))
    assert not detector.pressing
    fed(detector, *level(1, 4, 13.0))
    assert detector.pressing
    assert fed(detector, *level(4, 4.4, 4.9)) == []
    assert fed(detector, *level(7.3, 8, 13.0)) == []  # 2.9 s of silence
    (press,) = fed(detector, *level(8, 9, 4.9))
    assert (press.start_s, press.end_s) == (0.0, 7.99)
    fed(detector, *level(9, 10.9, 13.0))
    assert fed(detector, *level(10.9, 12, 0.0)) == []  # 1.9 s
    fed(detector, *level(12, 15, 11.9))
    assert fed(detector, *level(15, 16, 0.0)) == []


@pytest.mark.parametrize(("away_s", "presses"), [(0.2, 1), (0.26, 2), (0.35, 2)])
def test_a_press_ends_when_it_is_let_go_for_a_quarter_of_a_second(away_s, presses):
    detector = PressDetector(1.0)
    ended = fed(detector, *level(0, 2, 10.0))
    ended += fed(detector, *level(2, 2 + away_s, 0.5))
    ended += fed(detector, *level(2 + away_s, 4, 10.0))
    ended += fed(detector, *level(4, 5, 0.0))
    assert len(ended) == presses
    assert ended[0].start_s == 0.0
    assert ended[-1].start_s == pytest.approx(2 + away_s if presses == 2 else 0.0)
    assert ended[-1].end_s == 3.99


def test_two_short_reliefs_are_not_added_up_to_a_release():
    detector = PressDetector(1.0)
    fed(detector, *level(0, 1, 10.0))
    for start in (1.0, 1.3):
        assert fed(detector, *level(start, start + 0.2, 0.0)) == []
        assert fed(detector, *level(start + 0.2, start + 0.3, 10.0)) == []
    assert detector.pressing


@pytest.mark.parametrize(("silence_s", "lost"), [(0.9, False), (1.2, True)])
def test_a_silence_longer_than_a_second_ends_a_press(silence_s, lost):
    detector = PressDetector(1.0)
    fed(detector, *level(0, 2, 10.0))
    ended = fed(detector, *level(1.99 + silence_s, 4, 10.0))
    assert [press.ended for press in ended] == ["signal lost"] * lost
    assert detector.start_s == pytest.approx(1.99 + silence_s if lost else 0.0)


def test_samples_lost_within_a_press_are_counted_and_those_before_and_after_are_not():
    detector = PressDetector(1.0)

    def with_lost(start_s, stop_s, force_n, lost):
        time_s, force = level(start_s, stop_s, force_n)
        return detector.feed(ForceBlock.of(time_s, force, lost=lost), BAND)

    with_lost(0, 1, 0.0, 50)
    with_lost(1, 2, 10.0, 20)
    with_lost(2, 3, 10.0, 3)
    with_lost(3, 4, 10.0, 4)
    (press,) = with_lost(4, 5, 0.0, 2)
    assert press.lost == 3 + 4 + 2
    with_lost(5, 6, 0.0, 5)
    with_lost(6, 7, 10.0, 0)
    (press,) = with_lost(7, 8, 0.0, 0)
    assert press.lost == 0


def test_the_edges_belong_to_the_band_and_what_lies_outside_does_not():
    for force_n, inside in ((14.9, False), (15.0, True), (20.0, True), (25.0, True), (25.1, False)):
        detector = PressDetector(1.0)
        fed(detector, *level(0, 2, force_n))
        assert detector.now(2.0).time_in_band_s == pytest.approx(1.99 if inside else 0.0)
        (press,) = fed(detector, *level(2, 3, 0.0))
        assert press.time_in_band_s == pytest.approx(1.99 if inside else 0.0)


def test_a_band_that_was_there_for_a_part_counts_for_that_part():
    detector = PressDetector(1.0)
    fed(detector, *level(0, 2, 20.0), band=None)
    fed(detector, *level(2, 3, 20.0))
    fed(detector, *level(3, 4, 20.0), band=None)
    (press,) = fed(detector, *level(4, 5, 0.0), band=None)
    assert press.time_in_band_s == pytest.approx(1.0)


def test_nothing_in_band_is_counted_live_across_a_hole_longer_than_three_periods_of_a_slow_sensor():
    for step_s, counted in ((0.25, True), (0.35, False)):
        detector = PressDetector(1.0)
        fed(detector, np.arange(10) * step_s, np.full(10, 20.0))
        assert detector.now(99.0).time_in_band_s == pytest.approx(9 * step_s if counted else 0.0)


@pytest.mark.parametrize(
    ("away_n", "away_s", "flags", "again"),
    [
        (0.0, 0.2, 0, False),
        (0.0, 0.35, 0, True),
        (1.5, 2.0, 0, False),
        (0.0, 2.0, Quality.SATURATED, False),
        (0.0, 2.0, Quality.UNCALIBRATED, False),
        (0.0, 2.0, Quality.LATE, True),
    ],
)
def test_after_a_stop_only_a_measured_release_lets_the_next_press_begin(away_n, away_s, flags, again):
    detector = PressDetector(1.0)
    fed(detector, *level(0, 1, 10.0))
    assert not detector.barred
    assert detector.finish("stop").ended == "stop"
    assert (detector.barred, detector.pressing, detector.now(1.0)) == (True, False, None)
    fed(detector, *level(1, 2, 10.0))
    assert not detector.pressing
    fed(detector, *level(2, 2 + away_s, away_n), quality=int(flags))
    fed(detector, *level(2 + away_s, 4 + away_s, 10.0))
    assert detector.pressing == again
    assert detector.barred == (not again)


def test_two_short_reliefs_after_a_stop_are_not_added_up():
    detector = PressDetector(1.0)
    detector.finish("stop")
    for start in (1.0, 1.3, 1.6):
        fed(detector, *level(start, start + 0.2, 0.0))
        fed(detector, *level(start + 0.2, start + 0.3, 10.0))
    assert detector.barred
    assert not detector.pressing


def test_what_the_client_stops_is_kept_however_short_and_a_bump_at_the_end_is_not():
    for reason, kept in (("stop", True), ("session end", False), ("point changed", False)):
        detector = PressDetector(1.0)
        assert detector.finish(reason) is None
        fed(detector, *level(0, 1, 0.0))
        fed(detector, *level(1, 1.1, 10.0))
        assert (detector.finish(reason) is not None) == kept


def test_a_long_press_keeps_all_of_its_samples():
    time_s = np.arange(4000) / 80
    force_n = 10 + 5 * np.sin(time_s)
    detector = PressDetector(1.0)
    for start in range(0, 4000, 7):
        fed(detector, time_s[start : start + 7], force_n[start : start + 7])
    (press,) = fed(detector, [50.0, 50.3], [0.0, 0.0])
    assert press.dose_ns == pytest.approx(((force_n[1:] + force_n[:-1]) / 2).sum() / 80, rel=1e-5)
    inside = (force_n >= 15 - 1e-6).sum() / 80
    assert press.time_in_band_s == pytest.approx(inside, abs=0.05)
    assert press.peak_n == pytest.approx(15, abs=1e-4)


def test_a_sample_that_is_no_force_bends_no_figure_but_its_flag_stays():
    time_s, force_n = level(0, 3, 10.0)
    force_n[100:110] = [np.nan, 500.0] * 5
    flags = np.zeros(300, np.uint8)
    flags[100:110] = int(Quality.UNCALIBRATED)
    detector = PressDetector(1.0)
    fed(detector, time_s, force_n, quality=flags)
    (press,) = fed(detector, *level(3, 4, 0.0))
    assert press.peak_n == 10.0
    assert press.quality == Quality.UNCALIBRATED
    assert press.dose_ns == pytest.approx(10 * (2.99 - 0.11), abs=0.01)


def test_no_samples_are_nothing_new():
    detector = PressDetector(1.0)
    fed(detector, *level(0, 1, 10.0))
    assert fed(detector, [], []) == []
    assert detector.pressing


def test_saturated_and_uncalibrated_samples_are_no_measured_forces():
    flags = np.array([0, *(int(flag) for flag in Quality)], np.uint8)
    measured = [not flag & (Quality.SATURATED | Quality.UNCALIBRATED) for flag in flags.tolist()]
    assert is_force(flags).tolist() == measured


def test_a_touch_before_a_silence_is_no_part_of_the_press_after_it():
    detector = PressDetector(1.0)
    fed(detector, *level(0, 1, 1.5), quality=int(Quality.LATE))
    fed(detector, *level(3, 5, 10.0))
    (press,) = fed(detector, *level(5, 6, 0.0))
    assert (press.start_s, press.quality) == (3.0, 0)


def test_a_touch_that_was_on_at_a_stop_is_no_part_of_the_next_press():
    detector = PressDetector(1.0)
    fed(detector, *level(0, 1, 1.5))
    assert detector.finish("stop") is None
    off, on = level(1, 1.26, 0.0), level(1.26, 4, 10.0)  # just long enough, and at once on again
    fed(detector, *(np.concatenate(pair) for pair in zip(off, on, strict=True)))
    (press,) = fed(detector, *level(4, 5, 0.0))
    assert press.start_s == 1.26


def test_the_force_at_which_a_press_ends_is_still_contact():
    detector = PressDetector(1.0)
    fed(detector, *level(0, 1, 10.0))
    fed(detector, *level(1, 3, 1.0))
    assert detector.pressing
    assert detector.finish("stop").end_s == 2.99
    fed(detector, *level(3, 5, 1.0))
    assert detector.barred


def test_the_force_at_which_a_press_starts_is_one_and_its_hold_starts_there():
    detector = PressDetector(1.0)
    fed(detector, *level(5, 6, 2.0))
    assert detector.now(6.0).hold_s == pytest.approx(0.99)


def test_flags_and_band_of_the_rising_edge_belong_to_the_press():
    detector = PressDetector(1.0)
    fed(detector, [1.0], [1.5], quality=int(Quality.LATE))
    fed(detector, [1.01], [1.6], quality=int(Quality.UNCHECKED), band=None)
    fed(detector, *level(1.02, 3, 10.0), band=None)
    (press,) = fed(detector, *level(3, 4, 0.0), band=None)
    assert press.start_s == 1.0
    assert press.quality == Quality.LATE | Quality.UNCHECKED
    assert press.time_in_band_s == 0.0


def test_samples_of_one_moment_have_no_slope():
    detector = PressDetector(1.0)
    fed(detector, [1.0, 1.0, 1.0], [5.0, 6.0, 7.0])
    assert detector.now(1.0).ramp_kpa_per_s == 0.0
    fed(detector, [1.01], [7.0])
    assert detector.now(1.01).ramp_kpa_per_s > 0
    detector = PressDetector(1.0)
    fed(detector, [1.0, 1.01, 1.01], [5.0, 6.0, 7.0])
    assert detector.now(1.01).ramp_kpa_per_s > 0


@pytest.mark.parametrize("size", [1, 10, 1000])
def test_a_touch_that_was_let_go_is_no_part_of_a_press_soon_after(size):
    parts = level(0, 0.5, 1.5), level(0.5, 0.7, 0.0), level(0.7, 2, 10.0), level(2, 3, 0.0)
    time_s, force_n = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    (press,) = presses_in(time_s, force_n, size=size)
    assert press.start_s == 0.7


def test_a_relief_that_began_before_a_stop_does_not_count_towards_letting_go():
    detector = PressDetector(1.0)
    fed(detector, *level(0, 1, 10.0))
    fed(detector, *level(1, 1.2, 0.0))
    assert detector.finish("stop").end_s == 0.99
    fed(detector, *level(1.2, 1.3, 0.0))
    fed(detector, *level(1.3, 2, 10.0))
    assert detector.barred
