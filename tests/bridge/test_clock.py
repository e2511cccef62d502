"""Device time on the host's clock: accurate behind a slow USB timer, never late, never backwards."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_bridge.clock import LATE_S, ArrivalClock, DeviceClock
from tests.bridge.links import Link, usb_link

SETTLED_S = 5.0


def run(link: Link, clock: DeviceClock | None = None) -> tuple[NDArray[np.float64], list[int]]:
    """Stamp all batches: the error of every sample in seconds, and the batches with a restart."""
    clock = clock or DeviceClock()
    errors: list[NDArray[np.float64]] = []
    restarts: list[int] = []
    last_s = -np.inf
    for i, (t_us, arrival_s, taken_s) in enumerate(link.batches()):
        stamps = clock.stamp(t_us, arrival_s)
        assert stamps.time_s.dtype == np.float64
        assert stamps.t_us.dtype == np.int64
        assert (stamps.time_s <= arrival_s).all()
        assert stamps.time_s[0] >= last_s
        assert (np.diff(stamps.time_s) >= 0).all()
        last_s = stamps.time_s[-1]
        errors.append(stamps.time_s - taken_s)
        if stamps.restarted_at >= 0:
            restarts.append(i)
    return np.concatenate(errors), restarts


def settled(link: Link) -> NDArray[np.bool_]:
    return link.taken_s > link.taken_s[0] + SETTLED_S


@pytest.mark.parametrize("seed", [1, 2])
def test_behind_a_usb_timer_of_16_ms_the_error_stays_below_0_6_ms(seed: int) -> None:
    link = usb_link(duration_s=120, seed=seed)
    errors, restarts = run(link)
    assert restarts == []
    assert np.percentile(np.abs(errors[settled(link)]), 99) <= 0.6e-3
    late = (link.arrival_s - link.taken_s)[settled(link)]
    assert np.median(late) > 5e-3


def test_the_first_seconds_are_sensible_from_the_first_sample() -> None:
    link = usb_link(duration_s=SETTLED_S, stalls=0)
    errors, _ = run(link)
    assert abs(errors[0]) <= 0.017
    assert np.median(np.abs(errors)) < 2e-3


def test_stalls_of_seconds_are_no_restart_and_bend_nothing() -> None:
    link = usb_link(duration_s=120, stalls=8, stall_s=2.5, seed=4)
    errors, restarts = run(link)
    assert restarts == []
    assert np.max(np.abs(errors[settled(link)])) < 1.5e-3


@pytest.mark.parametrize("stall_s", [9.0, 15.0, 30.0])
def test_a_program_that_stood_still_places_what_waited_where_it_was_taken(stall_s: float) -> None:
    link = usb_link(duration_s=70 + stall_s, stalls=0, seed=6)
    begin = 1050.0
    waited = np.flatnonzero((link.arrival_s > begin) & (link.arrival_s < begin + stall_s))
    # A port hands over 4 kB at a time: frames of 17 bytes, a millisecond from one read to the next.
    reads = np.arange(len(waited)) // (4096 // 17)
    link.arrival_s[waited] = begin + stall_s + 0.001 * reads
    link.arrival_s[:] = np.maximum.accumulate(link.arrival_s)
    errors, restarts = run(link)
    assert restarts == []
    assert np.max(np.abs(errors[settled(link)])) < 0.03
    assert np.max(np.abs(errors[link.taken_s > begin + stall_s + 1.0])) < 1.5e-3


def test_a_way_that_has_become_longer_is_learned_within_half_a_minute() -> None:
    link = usb_link(duration_s=120, stalls=0, seed=7)
    longer = link.taken_s > 1060.0
    link.arrival_s[longer] += 0.4
    errors, restarts = run(link)
    assert restarts == []
    assert np.abs(errors[link.taken_s > 1090.0] - 0.4).max() < 2e-3


def test_a_way_that_was_longer_for_a_while_and_is_short_again_is_no_other_clock() -> None:
    link = usb_link(duration_s=120, stalls=0, seed=7)
    longer = (link.taken_s > 1040.0) & (link.taken_s < 1080.0)
    link.arrival_s[longer] += 0.4
    link.arrival_s[:] = np.maximum.accumulate(link.arrival_s)
    errors, restarts = run(link)
    assert restarts == []
    assert np.abs(errors[link.taken_s > 1085.0]).max() < 0.01


def test_what_is_late_by_the_same_is_told_by_the_most_prompt_arrival_of_each_second() -> None:
    clock = DeviceClock()
    arrival_s = steady(clock, 20)
    last_s, restarts = 0.0, []
    for i in range(1, 500):
        # Every other second all arrivals but one in twenty are half a second later still.
        busy = (i // 80) % 2 == 1 and i % 20 != 0
        last_s = max(last_s, arrival_s + i / 80 + 1.5 + 0.5 * busy)
        if clock.stamp(np.array([20_000_000 + i * 12_500]), last_s).restarted_at == 0:
            restarts.append(i)
    assert len(restarts) == 1
    assert restarts[0] / 80 < 5.0


@pytest.mark.parametrize("slower_s", [0.3, 0.8])
def test_a_way_that_is_late_by_seconds_now_more_now_less_is_no_other_clock(slower_s: float) -> None:
    link = usb_link(duration_s=90, stalls=0, seed=9)
    # What arrives falls behind, up to eight seconds late, and catches up again.
    since_s = np.clip(link.taken_s - 1050.0, 0.0, 16.0)
    late_s = slower_s * (8.0 - np.abs(since_s - 8.0))
    link.arrival_s[:] = np.maximum.accumulate(link.arrival_s + late_s)
    errors, restarts = run(link)
    assert restarts == []
    assert np.max(np.abs(errors[settled(link)])) < LATE_S


def test_a_clock_of_the_device_that_wraps_is_unwrapped() -> None:
    link = usb_link(duration_s=30, start_us=2**32 - 15_000_000)
    clock = DeviceClock()
    unwrapped = np.concatenate([clock.stamp(t_us, arrival).t_us for t_us, arrival, _ in link.batches()])
    assert np.diff(unwrapped).max() < 20_000
    assert np.diff(unwrapped).min() > 0
    assert unwrapped[0] == link.t_us[0]
    assert unwrapped[-1] > 2**32
    errors, restarts = run(link)
    assert restarts == []
    assert np.percentile(np.abs(errors[settled(link)]), 99) <= 0.8e-3


def test_a_silence_longer_than_the_clock_turns_is_unwrapped_by_the_arrivals() -> None:
    clock = DeviceClock()
    for i in range(400):
        clock.stamp(np.array([i * 12_500]), 100 + i * 0.0125)
    silence_us = 5 * 3600 * 1_000_000
    stamps = clock.stamp(np.array([(399 * 12_500 + silence_us) % 2**32]), 100 + 399 * 0.0125 + 5 * 3600)
    assert stamps.restarted_at == -1
    assert stamps.t_us[0] == 399 * 12_500 + silence_us


@pytest.mark.parametrize(("skew_ppm", "seed"), [(3000.0, 1), (-3100.0, 2), (0.0, 3)])
def test_the_skew_is_positive_when_the_seconds_of_the_device_are_longer(skew_ppm: float, seed: int) -> None:
    clock = DeviceClock()
    assert clock.skew_ppm is None
    run(usb_link(duration_s=90, skew_ppm=skew_ppm, wander_ppm=5, walk_ppm=0, seed=seed), clock)
    assert clock.skew_ppm == pytest.approx(skew_ppm, abs=25)


def test_a_reboot_is_a_restart_and_samples_go_on_from_their_arrival() -> None:
    clock = DeviceClock()
    before, after = (
        usb_link(duration_s=20, start_us=500_000_000, seed=1),
        usb_link(duration_s=20, start_us=40_000, start_s=1022.0, seed=2),
    )
    assert run(before, clock)[1] == []
    errors, restarts = run(after, clock)
    assert restarts == [0]
    assert abs(errors[0]) <= 0.017
    assert np.percentile(np.abs(errors[settled(after)]), 99) <= 0.8e-3


def test_a_reboot_in_the_middle_of_an_arrival_is_found_at_its_sample() -> None:
    clock = DeviceClock()
    for i in range(800):
        clock.stamp(np.array([60_000_000 + i * 12_500]), 10 + i * 0.0125)
    stamps = clock.stamp(np.array([70_000_000, 70_012_500, 900, 13_400, 25_900]), 20.2)
    assert stamps.restarted_at == 2
    assert stamps.t_us.tolist() == [70_000_000, 70_012_500, 900, 13_400, 25_900]
    assert stamps.time_s == pytest.approx([20.0, 20.0125, 20.175, 20.1875, 20.2], abs=1e-3)


def test_a_host_that_slept_is_a_restart() -> None:
    clock = DeviceClock()
    for i in range(800):
        clock.stamp(np.array([i * 12_500]), 10 + i * 0.0125)
    stamps = clock.stamp(np.array([10_000_000 + 3_600_000_000]), 20.0125)
    assert stamps.restarted_at == 0
    assert stamps.time_s[0] == 20.0125


def test_a_device_time_that_stays_behind_for_no_reason_is_a_restart() -> None:
    clock = DeviceClock()
    for i in range(160):
        clock.stamp(np.array([1_000_000 + i * 12_500]), 10 + i * 0.0125)
    # Rebooted during five silent seconds; its new time happens to be ahead of the old one.
    restarts = [
        clock.stamp(np.array([4_000_000 + i * 12_500]), 17 + i * 0.0125).restarted_at for i in range(400)
    ]
    assert restarts.count(0) == 1
    assert 200 < restarts.index(0) < 300
    assert clock.stamp(np.array([9_000_000]), 22.0).time_s[0] == pytest.approx(22.0, abs=1e-3)


def test_an_old_backlog_at_the_beginning_is_no_restart() -> None:
    clock = DeviceClock()
    assert clock.stamp(np.arange(0, 1_000_000, 12_500), 50.0).restarted_at == -1
    assert clock.stamp(np.arange(1_000_000, 3_000_000, 12_500), 50.001).restarted_at == -1
    later = [clock.stamp(np.array([3_000_000 + i * 12_500]), 50.0135 + i * 0.0125) for i in range(80)]
    assert all(stamps.restarted_at == -1 for stamps in later)
    assert later[-1].time_s[0] == pytest.approx(50.0135 + 79 * 0.0125, abs=2e-3)


def test_the_published_vectors_in_one_arrival_get_finite_times() -> None:
    t_us = np.array([0, 1_000_000, 4294967295, 250_000, 262_500, 275_000])
    stamps = DeviceClock().stamp(t_us, 500.0)
    assert np.isfinite(stamps.time_s).all()
    assert (np.diff(stamps.time_s) >= 0).all()
    assert stamps.time_s[0] > 498
    assert stamps.time_s[-1] == 500
    assert stamps.restarted_at == 2


def test_after_a_reset_the_next_sample_is_taken_as_the_first() -> None:
    clock = DeviceClock()
    run(usb_link(duration_s=20), clock)
    clock.reset()
    stamps = clock.stamp(np.array([77]), 5000.0)
    assert (stamps.time_s[0], stamps.t_us[0], stamps.restarted_at) == (5000.0, 77, -1)


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 2**32 - 1), max_size=5), st.floats(0, 1e5)), min_size=1, max_size=30
    )
)
def test_whatever_a_device_sends_times_are_finite_in_order_and_not_late(
    batches: list[tuple[list[int], float]],
) -> None:
    clock, arrival_s, last_s = DeviceClock(), 0.0, -np.inf
    for t_us, wait_s in batches:
        arrival_s += wait_s
        stamps = clock.stamp(np.array(t_us, np.int64), arrival_s)
        assert len(stamps.time_s) == len(stamps.t_us) == len(t_us)
        assert np.isfinite(stamps.time_s).all()
        assert (np.diff(stamps.time_s, prepend=last_s) >= 0).all()
        assert (stamps.time_s <= arrival_s).all()
        assert (stamps.t_us % 2**32 == np.array(t_us, np.int64)).all()
        last_s = stamps.time_s[-1] if t_us else last_s


def no_clock(n: int) -> NDArray[np.int64]:
    return np.full(n, -1, np.int64)


def test_without_a_device_clock_one_arrival_is_spread_over_the_time_since_the_last() -> None:
    clock = ArrivalClock()
    assert clock.stamp(no_clock(2), 10.0).time_s.tolist() == [10.0, 10.0]
    stamps = clock.stamp(no_clock(4), 10.4)
    assert stamps.time_s == pytest.approx([10.1, 10.2, 10.3, 10.4])
    assert stamps.t_us.tolist() == [-1] * 4
    assert clock.skew_ppm is None


def test_without_a_device_clock_samples_after_a_silence_are_the_newest() -> None:
    clock = ArrivalClock()
    for i in range(50):
        clock.stamp(no_clock(1), 10 + i * 0.1)
    stamps = clock.stamp(no_clock(3), 60.0)
    assert stamps.time_s[0] > 59
    assert stamps.time_s[-1] == 60


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 100)), min_size=1, max_size=40))
def test_without_a_device_clock_times_are_in_order_and_not_late(batches: list[tuple[int, float]]) -> None:
    clock, arrival_s, last_s = ArrivalClock(), 0.0, -np.inf
    for n, wait_s in batches:
        arrival_s += wait_s
        times = clock.stamp(no_clock(n), arrival_s).time_s
        assert (np.diff(times, prepend=last_s) >= 0).all()
        assert (times <= arrival_s).all()
        last_s = times[-1] if n else last_s


def steady(clock: DeviceClock, seconds: float, *, skew: float = 0.0, from_s: float = 0.0) -> float:
    """A perfect link at 80 Hz whose seconds are longer by `skew`; returns the last arrival. It began at 100 s."""
    arrival_s = 0.0
    for i in range(round(from_s * 80), round(seconds * 80) + 1):
        arrival_s = 100 + i / 80 * (1 + skew)
        clock.stamp(np.array([i * 12_500]), arrival_s)
    return arrival_s


@pytest.mark.parametrize(("seconds", "known"), [(4.9, False), (5.1, True)])
def test_the_skew_is_told_after_five_seconds(seconds: float, known: bool) -> None:
    clock = DeviceClock()
    steady(clock, seconds, skew=2e-3)
    assert (clock.skew_ppm is not None) == known
    if known:
        assert clock.skew_ppm == pytest.approx(2000, abs=1)


def test_the_skew_is_measured_over_minutes_and_not_over_the_last_seconds() -> None:
    clock = DeviceClock()
    steady(clock, 300, skew=1e-3)
    last_s = 100 + 300 * 1.001
    for i in range(1, 1200):  # fifteen seconds at another rate
        clock.stamp(np.array([300_000_000 + i * 12_500]), last_s + i / 80 * 1.0011)
    assert clock.skew_ppm == pytest.approx(1000, abs=15)


def test_the_skew_follows_a_clock_that_changed_more_than_ten_minutes_ago() -> None:
    clock, arrival_s = DeviceClock(), 100.0
    for i in range(1400):
        arrival_s += 1.002 if i < 600 else 1.0
        clock.stamp(np.array([i * 1_000_000]), arrival_s)
    assert clock.skew_ppm == pytest.approx(0, abs=20)


@pytest.mark.parametrize("skew", [0.012, -0.012])
def test_no_clock_is_believed_to_be_wrong_by_more_than_one_percent(skew: float) -> None:
    clock = DeviceClock()
    steady(clock, 8, skew=skew)
    assert clock.skew_ppm == pytest.approx(np.copysign(10_000, skew))


def test_a_clock_that_changes_its_rate_is_followed_within_seconds() -> None:
    clock, i = DeviceClock(), 0
    steady(clock, 60, skew=0.0)
    for i in range(1, 80 * 25 + 1):
        stamps = clock.stamp(np.array([60_000_000 + i * 12_500]), 160 + i / 80 * (1 + 1e-4))
    # Too slow a line is corrected by each arrival; too fast a one only by forgetting.
    assert stamps.time_s[0] == pytest.approx(160 + 25 * (1 + 1e-4), abs=1e-5)
    for j in range(1, 80 * 25 + 1):
        stamps = clock.stamp(
            np.array([85_000_000 + j * 12_500]), 185.0025 + j / 80 * (1 + 2e-4) + 0.005 * (j % 7 > 0)
        )
    taken_s = 185.0025 + 25 * (1 + 2e-4)
    assert stamps.time_s[0] == pytest.approx(taken_s, abs=3e-4)


@pytest.mark.parametrize(("ahead_s", "restart"), [(0.09, False), (0.12, True)])
def test_a_device_time_ahead_of_its_arrival_by_a_tenth_is_a_new_clock(ahead_s: float, restart: bool) -> None:
    clock = DeviceClock()
    arrival_s = steady(clock, 20)
    stamps = clock.stamp(np.array([20_000_000 + round((ahead_s + 0.0125) * 1e6)]), arrival_s + 0.0125)
    assert (stamps.restarted_at == 0) == restart
    assert stamps.time_s[0] == arrival_s + 0.0125


@pytest.mark.parametrize(("ahead_s", "restart"), [(2.0, False), (2.2, True)])
def test_over_a_silence_a_clock_may_gain_what_its_rate_may_be_wrong_by(ahead_s: float, restart: bool) -> None:
    clock = DeviceClock()
    arrival_s = steady(clock, 20)
    stamps = clock.stamp(np.array([120_000_000 + round(ahead_s * 1e6)]), arrival_s + 100)
    assert (stamps.restarted_at == 0) == restart


@pytest.mark.parametrize(("behind_s", "restart"), [(0.9, False), (1.1, True)])
def test_a_second_behind_for_three_seconds_is_a_new_clock(behind_s: float, restart: bool) -> None:
    clock = DeviceClock()
    arrival_s = steady(clock, 20)
    restarts = [
        clock.stamp(np.array([20_000_000 + i * 12_500]), arrival_s + behind_s + i / 80).restarted_at
        for i in range(1, 400)
    ]
    assert [i for i, at in enumerate(restarts, 1) if at == 0] == ([242] if restart else [])


def test_one_prompt_arrival_says_that_the_clock_is_still_the_same() -> None:
    clock = DeviceClock()
    arrival_s = steady(clock, 20)
    for i in range(1, 800):
        late_s = 0.0 if i % 200 == 0 else 1.5
        at_s = arrival_s + i / 80 + late_s
        if i % 200 > 80 or not late_s:
            assert clock.stamp(np.array([20_000_000 + i * 12_500]), at_s).restarted_at == -1


@pytest.mark.parametrize(("backlog_s", "restart"), [(4.9, False), (5.2, True)])
def test_the_first_arrivals_may_be_five_seconds_old(backlog_s: float, restart: bool) -> None:
    clock = DeviceClock()
    clock.stamp(np.array([0]), 100.0)
    stamps = clock.stamp(np.array([round(backlog_s * 1e6)]), 100.0)
    assert (stamps.restarted_at == 0) == restart
    later = clock.stamp(np.array([round(backlog_s * 1e6) + 12_500]), 100.0125)
    assert later.restarted_at == -1
    assert later.time_s[0] == pytest.approx(100.0125)


def test_a_second_of_prompt_samples_is_no_backlog_any_more() -> None:
    clock = DeviceClock()
    arrival_s = steady(clock, 1.1)
    assert clock.stamp(np.array([3_000_000]), arrival_s + 0.0125).restarted_at == 0


@pytest.mark.parametrize(("step_s", "restarted_at"), [(9.0, -1), (11.0, 2)])
def test_a_step_of_ten_seconds_within_the_first_arrival_is_another_clock(
    step_s: float, restarted_at: int
) -> None:
    t_us = np.array([0, 12_500, 12_500 + round(step_s * 1e6), 25_000 + round(step_s * 1e6)])
    stamps = DeviceClock().stamp(t_us, 500.0)
    assert stamps.restarted_at == restarted_at
    first_s = 499.9875 if restarted_at > 0 else 499.9875 - step_s
    assert stamps.time_s == pytest.approx([first_s - 0.0125, first_s, 499.9875, 500.0])
    assert stamps.t_us.tolist() == t_us.tolist()


def test_samples_after_a_reset_are_spread_at_the_rate_found_before() -> None:
    clock = DeviceClock()
    steady(clock, 20, skew=5e-3)
    clock.reset()
    assert clock.skew_ppm is None
    stamps = clock.stamp(np.arange(5) * 1_000_000, 1000.0)
    assert stamps.time_s == pytest.approx(1000.0 - 1.005 * np.arange(4, -1, -1))


def test_a_rate_seen_for_less_than_five_seconds_is_no_first_guess_after_a_reset() -> None:
    clock = DeviceClock()
    steady(clock, 3, skew=5e-3)
    clock.reset()
    assert clock.stamp(np.arange(5) * 1_000_000, 1000.0).time_s.tolist() == [
        996.0,
        997.0,
        998.0,
        999.0,
        1000.0,
    ]


def test_a_clock_that_began_with_the_second_sample_of_the_first_arrival_is_said_to_have() -> None:
    stamps = DeviceClock().stamp(np.array([2**31, 77, 12_577]), 500.0)
    assert stamps.restarted_at == 1
    assert DeviceClock().stamp(np.array([77, 12_577]), 500.0).restarted_at == -1


def test_what_waited_is_told_even_when_the_first_arrivals_had_waited_as_well() -> None:
    clock = DeviceClock()
    for i in range(89):  # the first 0.4 s come late, then 0.7 s as they are taken
        clock.stamp(np.array([i * 12_500]), 100 + max(i / 80, 0.4))
    waited = np.arange(89, 217)
    stamps = clock.stamp(waited * 12_500, 103.2)
    assert stamps.time_s == pytest.approx(100 + waited / 80, abs=1e-6)
    assert clock.stamp(np.array([256 * 12_500]), 103.2).time_s == pytest.approx([103.2], abs=1e-6)


def test_after_a_reset_no_time_lies_before_one_that_was_given_out() -> None:
    clock = DeviceClock()
    arrival_s = steady(clock, 20)
    clock.reset()
    stamps = clock.stamp(np.array([0, 1_000_000]), arrival_s + 0.25)
    assert stamps.time_s.tolist() == [arrival_s, arrival_s + 0.25]


def test_nothing_arrived_is_nothing_stamped() -> None:
    clock = DeviceClock()
    arrival_s = steady(clock, 20)
    nothing = clock.stamp(np.empty(0, np.int64), arrival_s + 5)
    assert (len(nothing.time_s), len(nothing.t_us), nothing.restarted_at) == (0, 0, -1)
    assert clock.stamp(np.array([20_012_500]), arrival_s + 0.0125).time_s[0] == arrival_s + 0.0125


def test_without_a_device_clock_a_silence_stretches_the_usual_period_threefold() -> None:
    clock = ArrivalClock()
    for at_s in (10.0, 10.1, 10.2):
        clock.stamp(no_clock(1), at_s)
    assert clock.stamp(no_clock(3), 60.0).time_s == pytest.approx([59.4, 59.7, 60.0])
    # The usual period has followed a tenth of the way from 0.1 to 0.3 s.
    assert clock.stamp(no_clock(2), 160.0).time_s == pytest.approx([159.64, 160.0])


def test_without_a_device_clock_a_reset_forgets_the_period_but_not_the_order() -> None:
    clock = ArrivalClock()
    for at_s in (10.0, 10.1, 10.2):
        clock.stamp(no_clock(1), at_s)
    clock.reset()
    assert clock.stamp(no_clock(2), 20.0).time_s.tolist() == [20.0, 20.0]
    assert clock.stamp(no_clock(2), 24.0).time_s.tolist() == [22.0, 24.0]
    assert len(clock.stamp(no_clock(0), 30.0).time_s) == 0
    assert clock.stamp(no_clock(2), 23.0).time_s.tolist() == [23.0, 23.0]
