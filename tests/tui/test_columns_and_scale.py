from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.units import KG_PER_CM2, KPA
from tui.columns import ColumnRing, SampleHistory
from tui.scale import StableRange, counts_axis, nice_top, pressure_axis, tick_texts, ticks


def ring(count: int = 10, column_s: float = 1.0, gap_s: float = 2.5) -> ColumnRing:
    return ColumnRing(count, column_s, gap_s)


def test_each_column_keeps_its_lowest_and_highest_value() -> None:
    columns = ring()
    columns.push([0.1, 0.5, 0.9, 1.1, 1.2], [3, 1, 2, 5, 4])
    seen = columns.view(1, 2, 1.3)
    assert seen.lo.tolist() == [1, 2]  # the second column reaches down to the last value of the first
    assert seen.hi.tolist() == [3, 5]
    assert seen.peak.tolist() == [3, 5]


def test_a_finished_column_never_changes_when_more_comes() -> None:
    columns = ring(200, 0.1)
    rng = np.random.default_rng(1)
    times = np.arange(0, 15, 1 / 80)
    values = rng.normal(200, 20, times.size)
    before = None
    for n in range(0, times.size, 7):
        columns.push(times[n : n + 7], values[n : n + 7])
        finished = columns.column_of(times[min(n + 6, times.size - 1)]) - 1
        seen = columns.view(finished, 20, times[n])
        if before is not None:
            last, old = before
            shift = finished - last
            assert np.array_equal(seen.lo[: 20 - shift], old.lo[shift:], equal_nan=True)
            assert np.array_equal(seen.hi[: 20 - shift], old.hi[shift:], equal_nan=True)
        before = finished, seen


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_blocks_of_any_size_give_the_same_columns_as_one(sizes: list[int]) -> None:
    n = sum(sizes)
    times = np.arange(n) / 33.0
    values = 100 + 50 * np.sin(times * 5)
    whole, parts = ring(50, 0.25), ring(50, 0.25)
    whole.push(times, values)
    start = 0
    for size in sizes:
        parts.push(times[start : start + size], values[start : start + size])
        start += size
    newest = whole.column_of(times[-1])
    one, many = whole.view(newest, 50, times[-1]), parts.view(newest, 50, times[-1])
    assert np.array_equal(one.lo, many.lo, equal_nan=True)
    assert np.array_equal(one.hi, many.hi, equal_nan=True)
    assert np.array_equal(one.gap, many.gap)


def test_a_slow_sensor_on_a_wide_chart_is_drawn_as_a_line_not_as_dots() -> None:
    columns = ring(10, 0.5, 2.5)
    columns.push([0.25, 2.25], [0, 40])
    seen = columns.view(4, 5, 2.3)
    assert seen.data.all()
    assert seen.lo.tolist() == pytest.approx([0, 0, 15, 25, 35])
    assert seen.hi.tolist() == pytest.approx([0, 15, 25, 35, 40])


def test_samples_far_apart_are_not_joined_and_the_columns_between_are_a_gap() -> None:
    columns = ring()
    columns.push([0.5, 5.5], [10, 50])
    seen = columns.view(5, 6, 5.6)
    assert seen.data.tolist() == [True, False, False, False, False, True]
    assert seen.gap.tolist() == [False, True, True, True, True, False]
    assert seen.lo[5] == 50


def test_a_value_that_is_not_a_number_breaks_the_line() -> None:
    columns = ring()
    columns.push([0.5, 1.5, 2.5], [10, np.nan, 50])
    seen = columns.view(2, 3, 2.6)
    assert seen.gap.tolist() == [False, True, False]
    assert seen.lo.tolist()[2] == 50


def test_silence_becomes_a_gap_only_after_the_gap_time() -> None:
    columns = ring()
    columns.push([0.5], [10])
    assert not columns.view(2, 3, 2.9).gap.any()
    assert columns.view(3, 4, 3.1).gap.tolist() == [False, True, True, True]


def test_time_before_the_first_sample_is_not_a_gap() -> None:
    columns = ring()
    columns.push([5.5], [10])
    assert not columns.view(5, 6, 5.6).gap.any()


def test_one_suspect_sample_marks_its_column() -> None:
    columns = ring()
    columns.push([0.1, 0.2, 1.5], [1, 2, 3], [False, True, False])
    assert columns.view(1, 2, 1.6).suspect.tolist() == [True, False]


def test_time_that_starts_again_starts_a_new_chart() -> None:
    columns = ring()
    columns.push([100.5], [1])
    columns.push([0.5], [2])
    assert columns.view(0, 1, 0.6).lo.tolist() == [2]


def test_the_history_keeps_its_window_and_a_copy_stands_still() -> None:
    history = SampleHistory(2.0)
    for second in range(10):
        history.push([second + 0.25, second + 0.75], [second, second])
    copy = history.copy()
    history.push([20.0], [20])
    assert history.samples()[0].tolist() == [20.0]
    assert copy.samples()[0].tolist() == [7.25, 7.75, 8.25, 8.75, 9.25, 9.75]


@pytest.mark.parametrize(("value", "top"), [(0.9, 1), (1.01, 1.5), (4.1, 5), (420, 500), (999, 1000)])
def test_tops_are_round_numbers(value: float, top: float) -> None:
    assert nice_top(value) == pytest.approx(top)


def test_ticks_are_round_in_the_users_unit_and_need_no_more_decimals_than_they_have() -> None:
    values = ticks(0, 5 * KG_PER_CM2.kpa, KG_PER_CM2.kpa, 5)
    assert tick_texts(values, KG_PER_CM2.kpa) == ["0", "1", "2", "3", "4", "5"]
    values = ticks(0, 2 * KG_PER_CM2.kpa, KG_PER_CM2.kpa, 4)
    assert tick_texts(values, KG_PER_CM2.kpa) == ["0.0", "0.5", "1.0", "1.5", "2.0"]


def test_the_range_grows_at_once_and_shrinks_only_after_a_while() -> None:
    fitted = StableRange(pressure_axis(KPA), patience_s=5)
    fitted.fit(0, 350, 0.0)
    assert fitted.top == 400
    assert fitted.fit(0, 420, 0.1)
    assert fitted.top == 500
    assert not fitted.fit(0, 100, 1.0)
    assert not fitted.fit(0, 450, 4.0)
    assert not fitted.fit(0, 100, 5.0)
    assert not fitted.fit(0, 100, 9.9)
    assert fitted.fit(0, 100, 10.1)
    assert fitted.top == 300


def test_noise_at_the_edge_of_a_range_does_not_make_it_jump() -> None:
    fitted = StableRange(pressure_axis(KPA))
    rng = np.random.default_rng(2)
    changes = sum(fitted.fit(0, 395 + rng.normal(0, 1.5), n / 30) for n in range(3000))
    assert changes <= 2


def test_a_mad_value_does_not_flatten_the_chart() -> None:
    fitted = StableRange(pressure_axis(KG_PER_CM2))
    fitted.fit(-1e12, 1e12, 0.0)
    assert fitted.top <= 40 * KG_PER_CM2.kpa


@given(st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(0, 10**12)), min_size=1, max_size=20))
def test_raw_counts_always_lie_within_their_range(needs: list[tuple[int, int]]) -> None:
    axis = counts_axis()
    fitted = StableRange(axis)
    for n, (low, span) in enumerate(needs):
        high = low + span
        fitted.fit(low, high, n / 3)
        assert fitted.bottom <= max(-axis.cap, min(low, axis.cap))
        assert fitted.top >= max(-axis.cap, min(high, axis.cap))
