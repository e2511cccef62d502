from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.band import Band
from feedback.press import PressDetector
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
