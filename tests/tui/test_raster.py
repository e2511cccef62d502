from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from feedback.band import Band
from feedback.units import KPA
from tui import raster
from tui.columns import ColumnRing, Columns
from tui.picture import ChartPicture
from tui.raster import BAND_LEVELS, Glyphs, Kind
from tui.scale import counts_axis, pressure_axis

BARE = pressure_axis(KPA, floor_kpa=100)


def columns_of(lo: list[float], hi: list[float]) -> Columns:
    low, high = np.array(lo, float), np.array(hi, float)
    data = ~np.isnan(low)
    none = np.zeros(len(lo), bool)
    return Columns(low, high, high, data, ~data, none)


def rows(codes: raster.Codes) -> tuple[str, ...]:
    return tuple(raster.text_of(row) for row in codes)


def picture(glyphs: Glyphs, width: int, height: int, seconds: int, **options: object) -> ChartPicture:
    """A picture narrow enough to have no axis, one cell a second."""
    assert width == seconds
    return ChartPicture(BARE, glyphs=glyphs, window_s=seconds, gap_s=1.5, **options)  # type: ignore[arg-type]


def test_a_rising_line_in_braille() -> None:
    line = columns_of([0, 20, 40, 60, 80, 100, 100, 100], [0, 20, 40, 60, 80, 100, 100, 100])
    assert rows(raster.trace(line, 0, 100, 4, Glyphs.BRAILLE)) == (
        "  ⡘⠛",
        " ⢠⠁ ",
        " ⠆  ",
        "⡜   ",
    )


def test_a_braille_column_reaches_from_its_lowest_to_its_highest_value() -> None:
    nan = float("nan")
    line = columns_of([0, 0, nan, nan, 50, 0, 100, 100], [0, 50, nan, nan, 50, 50, 100, 100])
    assert rows(raster.trace(line, 0, 100, 3, Glyphs.BRAILLE)) == (
        "   ⠛",
        "⢠ ⣤ ",
        "⣼ ⢸ ",
    )


def test_a_filled_area_in_eighths() -> None:
    line = columns_of([0, 12.5, 25, 50, 75, 100], [0, 12.5, 25, 50, 75, 100])
    assert rows(raster.trace(line, 0, 100, 2, Glyphs.BLOCKS)) == (
        "    ▄█",
        "▁▂▄███",
    )


def test_an_ascii_line() -> None:
    line = columns_of([0, 0, 99, 50], [0, 99, 99, 50])
    assert rows(raster.trace(line, 0, 100, 4, Glyphs.ASCII)) == (
        " |* ",
        " |  ",
        " | *",
        "*|  ",
    )


def test_no_data_draws_nothing() -> None:
    line = columns_of([float("nan")] * 4, [float("nan")] * 4)
    for glyphs in Glyphs:
        assert not raster.trace(line, 0, 100, 3, glyphs).any()


def test_values_beyond_the_range_are_drawn_at_its_edge() -> None:
    line = columns_of([1e12, -1e12], [1e12, -1e12])
    assert rows(raster.trace(line, 0, 100, 3, Glyphs.ASCII)) == ("* ", "  ", " *")


def test_the_gap_pattern_moves_with_time() -> None:
    gap = np.ones(6, bool)
    one = rows(raster.gap_cells(gap, 100, 3, Glyphs.ASCII))
    later = rows(raster.gap_cells(gap, 101, 3, Glyphs.ASCII))
    assert [row[1:] for row in one] == [row[:-1] for row in later]
    assert any("/" in row for row in one)


def test_a_firm_band_fills_the_half_rows_within_it() -> None:
    levels = raster.band_levels((25, 25), (75, 75), 0, 100, 8)
    assert levels.tolist() == [0, 0, *[BAND_LEVELS] * 4, 0, 0]


def test_an_uncertain_edge_is_a_slope_over_its_interval() -> None:
    levels = raster.band_levels((20, 60), (80, 80), 0, 100, 20).tolist()
    rising = levels[4:16][::-1]
    assert rising == sorted(rising)
    assert 0 < levels[11] < BAND_LEVELS
    assert levels[3] == 0
    assert levels[4] == BAND_LEVELS
    assert levels[17] == 0


def test_a_band_thinner_than_half_a_row_is_still_seen() -> None:
    assert raster.band_levels((50, 50), (50.5, 50.5), 0, 100, 8).max() == BAND_LEVELS


def test_the_band_lies_behind_the_trace_and_is_half_a_row_exact() -> None:
    chart = picture(Glyphs.ASCII, 8, 4, 8)
    chart.glyphs = Glyphs.BLOCKS
    chart.set_band(Band(50, 75), None)
    frame = chart.draw(8, 4, 7.5)
    assert (chart.range.bottom, chart.range.top) == (0, 100)
    assert frame.upper.tolist() == [0, 8, 0, 0]
    assert frame.lower.tolist() == [0, 8, 0, 0]
    chart.set_band(Band(37.5, 75), None)
    frame = chart.draw(8, 4, 7.5)
    assert frame.upper.tolist() == [0, 8, 8, 0]
    assert frame.lower.tolist() == [0, 8, 0, 0]
    assert frame.text[2] == "▀" * 8


def test_without_colour_the_band_is_hatched() -> None:
    chart = picture(Glyphs.ASCII, 8, 4, 8, hatched=True)
    chart.set_band(Band(50, 75), None)
    assert chart.draw(8, 4, 7.5).text == ("        ", "::::::::", "        ", "        ")


def test_a_gap_is_never_bridged_by_the_line() -> None:
    chart = picture(Glyphs.ASCII, 8, 4, 8)
    chart.append([0.5, 1.5, 5.5, 6.5, 7.5], [10, 10, 90, 90, 90])
    frame = chart.draw(8, 4, 7.9)
    trace = frame.kinds == Kind.TRACE
    assert trace.any(axis=0).tolist() == [True, True, False, False, False, True, True, True]
    assert (frame.kinds[:, 2:5] == Kind.GAP).any()
    assert not (frame.kinds[:, 5] == Kind.TRACE)[1:].any()


def test_suspect_samples_look_different_without_colour_too() -> None:
    chart = picture(Glyphs.ASCII, 6, 3, 6)
    chart.append(np.arange(6) + 0.5, [50] * 6, [False, False, True, True, False, False])
    frame = chart.draw(6, 3, 5.9)
    assert frame.text[1] == "**xx**"
    assert (frame.kinds[1] == Kind.SUSPECT).tolist() == [False, False, True, True, False, False]


def test_an_area_is_coloured_by_where_it_stands_to_the_band() -> None:
    chart = picture(Glyphs.BLOCKS, 4, 4, 4)
    chart.set_band(Band(25, 75), None)
    chart.append(np.arange(4) + 0.5, [90] * 4)
    kinds = chart.draw(4, 4, 3.9).kinds[:, 2].tolist()
    assert kinds == [Kind.ABOVE, Kind.IN_BAND, Kind.IN_BAND, Kind.BELOW]


def test_old_cells_only_move_left() -> None:
    times = np.arange(0, 40, 1 / 80)
    values = 200 + 80 * np.sin(times * 2) + np.random.default_rng(4).normal(0, 3, times.size)
    for glyphs in Glyphs:
        chart = ChartPicture(pressure_axis(KPA), glyphs=glyphs, window_s=20)
        chart.append(times[:2400], values[:2400])
        before = chart.draw(87, 12, times[2399])
        old = before.codes[:10, 7:]
        chart.append(times[2400:], values[2400:])
        after = chart.draw(87, 12, times[-1])
        moved = int(times[-1] // chart.cell_s) - int(times[2399] // chart.cell_s)
        assert moved == 40
        assert np.array_equal(old[:, moved:-1], after.codes[:10, 7:][:, : -moved - 1])


def test_marks_stand_below_their_time_and_stop_is_never_covered() -> None:
    chart = picture(Glyphs.ASCII, 12, 6, 12)
    chart.append(np.arange(12) + 0.5, [50] * 12)
    chart.add_mark(2.2, "7")
    chart.add_mark(5.5, "!", Kind.MARK_STOP)
    for _ in range(5):
        chart.add_mark(5.6, "o")
    assert chart.draw(12, 6, 11.9).text[-1] == "  7 o!o     "
    assert chart.draw(12, 6, 12.9).text[-1] == " 7 o!o      "


@pytest.mark.parametrize("glyph", ["", "ab", "痛", "\u0301", "\n", "🙂"])
def test_a_mark_that_would_shift_its_row_is_replaced(glyph: str) -> None:
    chart = picture(Glyphs.BRAILLE, 12, 6, 12)
    chart.add_mark(2.2, glyph)
    assert chart.draw(12, 6, 11.9).text[-1] == "  ?         "


def test_a_frozen_view_stands_still_and_then_shows_what_came() -> None:
    chart = picture(Glyphs.ASCII, 8, 3, 8)
    chart.append(np.arange(4) + 0.5, [50] * 4)
    before = chart.draw(8, 3, 3.9).text
    chart.freeze(3.9)
    chart.append(np.arange(4, 8) + 0.5, [90] * 4)
    assert chart.draw(8, 3, 7.9).text == before
    assert chart.draw(9, 3, 7.9).text != before
    chart.unfreeze()
    shown = chart.draw(8, 3, 7.9).text
    assert "***" in shown[0]
    assert "****" in shown[1]


def test_the_same_frame_comes_back_when_nothing_changed() -> None:
    chart = picture(Glyphs.BRAILLE, 10, 4, 10)
    chart.append([0.5], [50])
    first = chart.draw(10, 4, 0.6)
    assert chart.draw(10, 4, 0.65) is first
    chart.append([0.66], [51])
    assert chart.draw(10, 4, 0.67) is not first


def test_axis_labels_name_the_band_the_ceiling_and_the_unit() -> None:
    chart = ChartPicture(pressure_axis(KPA))
    chart.set_band(Band(200, 300), 450, 250)
    text = chart.draw(60, 22, 0.0).text
    labels = [row[:7].strip() for row in text]
    for label in ("450┤", "300┤", "250┤", "200┤", "0┤"):
        assert label in labels
    assert text[-1].startswith("kPa")
    assert text[-1].endswith("now")


def test_a_label_is_never_cut_to_another_number() -> None:
    chart = ChartPicture(counts_axis())
    chart.append([0.0, 0.1], [-2_147_483_648, 2_147_483_647])
    labels = [row[:11].strip() for row in chart.draw(60, 20, 0.2).text if row[11] == "┤"]
    assert "0" in labels
    assert all(abs(int(label)) % 1_000_000_000 == 0 for label in labels)
    assert min(int(label) for label in labels) <= -2_000_000_000


def test_a_frozen_view_says_so() -> None:
    chart = ChartPicture(pressure_axis(KPA))
    for width in (10, 24, 40, 67, 120):
        chart.freeze(10.0)
        frozen = chart.draw(width, 12, 20.0).text[-1]
        assert frozen.endswith("view frozen") or width < 18
        chart.unfreeze()
        assert chart.draw(width, 12, 20.0).text[-1].endswith("now")


def test_a_far_ceiling_does_not_flatten_the_chart_but_a_near_one_is_shown() -> None:
    chart = ChartPicture(pressure_axis(KPA))
    chart.set_band(Band(100, 200), 1500)
    chart.draw(60, 20, 0.0)
    assert chart.range.top < 1500
    chart.set_band(Band(100, 200), 400)
    frame = chart.draw(60, 20, 1.0)
    assert chart.range.top > 400
    assert (frame.kinds == Kind.CEILING).any()


def test_raw_counts_have_their_own_axis_and_no_band() -> None:
    chart = ChartPicture(counts_axis())
    chart.set_band(Band(8_000_100, 8_000_500), 8_000_600, 8_000_300)
    chart.append(np.arange(100) / 80, 8_000_000 + np.arange(100) * 10)
    text = chart.draw(60, 20, 1.3).text
    assert text[-1].startswith("counts")
    assert chart.range.bottom > 7_900_000
    assert not chart.draw(60, 20, 1.3).upper.any()
    assert not np.isin(chart.draw(60, 20, 1.3).kinds, [Kind.CEILING, Kind.TARGET, Kind.AXIS_BAND]).any()


any_floats = st.floats(allow_nan=True, allow_infinity=True)
any_edge = st.one_of(st.none(), any_floats)


@settings(max_examples=120, deadline=None)
@given(
    times=st_np.arrays(np.float64, st.integers(0, 30), elements=any_floats),
    values=st_np.arrays(np.float64, 30, elements=any_floats),
    width=st.integers(1, 140),
    height=st.integers(1, 50),
    glyphs=st.sampled_from(Glyphs),
    hatched=st.booleans(),
    counts=st.booleans(),
    now=any_floats,
    ceiling=any_edge,
    target=any_edge,
    edges=st.lists(st.floats(1e-300, 1e300), min_size=6, max_size=6),
)
def test_no_data_and_no_size_can_break_a_picture(
    times: np.ndarray,
    values: np.ndarray,
    width: int,
    height: int,
    glyphs: Glyphs,
    hatched: bool,
    counts: bool,
    now: float,
    ceiling: float | None,
    target: float | None,
    edges: list[float],
) -> None:
    chart = ChartPicture(counts_axis() if counts else pressure_axis(KPA), glyphs=glyphs, hatched=hatched)
    lower, upper = min(edges[:2]), max(edges[:2])
    if lower < upper:
        chart.set_band(Band(lower, upper, (edges[2], edges[3]), (edges[4], edges[5])), ceiling, target)
    for time_s in times:
        chart.add_mark(time_s, "7")
    chart.append(times, values[: len(times)], values[: len(times)] > 0)
    frame = chart.draw(width, height, now)
    assert len(frame.text) == height
    assert {len(row) for row in frame.text} == {width}
    chart.append(np.sort(np.abs(times)), values[: len(times)])
    assert len(chart.draw(height, width, now + 1.0).text) == width


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 20), st.floats(-1e6, 1e6)), min_size=1, max_size=40),
    st.floats(0.05, 3),
    st.integers(1, 60),
)
def test_every_recent_sample_lies_within_its_column(
    samples: list[tuple[float, float]], column_s: float, count: int
) -> None:
    times = np.sort([time for time, _ in samples])
    values = np.array([value for _, value in samples])
    ring = ColumnRing(count, column_s, gap_s=0.5)
    ring.push(times, values)
    newest = ring.column_of(float(times[-1]))
    seen = ring.view(newest, count, float(times[-1]))
    for time, value in zip(times, values, strict=True):
        place = ring.column_of(float(time)) - newest + count - 1
        if place >= 0:
            assert seen.lo[place] <= value <= seen.hi[place]
