"""Learning curves and maps of errors as characters."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.drills.progress import MapCell
from feedback.units import KG_PER_CM2
from tests.tui.app import WidgetApp
from tui.curve_picture import Along, Curve, Dot, draw, signs_of
from tui.raster import Glyphs, Kind, text_of
from tui.widgets.error_map import ErrorMap

DAY = date(2026, 3, 2)


def dot(value, *, test=False, inside=None, day=0, step=""):
    return Dot(DAY + timedelta(days=day), value, test, inside, step or ("test" if test else "practice"))


def rows(curve, width=60, height=14, glyphs=Glyphs.BRAILLE):
    return [text_of(row) for row in draw(curve, width, height, glyphs).codes]


def places(curve, sign, **size):
    return [(x, y) for y, row in enumerate(rows(curve, **size)) for x, c in enumerate(row) if c == sign]


@pytest.mark.parametrize("glyphs", list(Glyphs))
def test_blind_tests_are_told_from_practice_and_inside_from_outside_by_their_characters_alone(glyphs):
    signs = signs_of(glyphs)
    curve = Curve((dot(30, test=True, inside=False), dot(20), dot(18), dot(5, test=True, inside=True)))
    assert len(places(curve, signs.outside, glyphs=glyphs)) == 1
    assert len(places(curve, signs.inside, glyphs=glyphs)) == 1
    assert len({signs.inside, signs.outside, signs.seen, signs.middle, signs.day}) == 5
    without = Curve((dot(20), dot(18)))
    assert not places(without, signs.inside, glyphs=glyphs)
    assert any(kind == Kind.TRACE for kind in draw(without, 60, 14, glyphs).kinds.flat)


def test_a_smaller_error_lies_lower_and_a_later_attempt_further_right():
    curve = Curve((dot(30, test=True, inside=True), dot(2, test=True, inside=True, step="retest")))
    first, last = sorted(places(curve, "◆"))
    assert first[0] < last[0]
    assert first[1] < last[1]


def test_the_tolerance_is_a_line_with_its_value_beside_it():
    text = rows(Curve((dot(30),), line=15.0))
    (row,) = [row for row in text if "15 %" in row]
    assert "╍╍╍╍" in row


def test_signed_values_have_zero_in_the_middle():
    curve = Curve((dot(15, test=True, inside=True), dot(-15, test=True, inside=True, step="b")), signed=True)
    text = rows(curve)
    zero = next(y for y, row in enumerate(text) if row.strip().startswith("0┤"))
    high, low = sorted(places(curve, "◆"), key=lambda place: place[1])
    assert high[1] < zero < low[1]
    assert any("+20" in row for row in text)


def test_steps_and_dates_stand_below_and_no_date_is_cut():
    many = [dot(10, test=True, day=day, step=f"step {day}") for day in range(30)]
    below = rows(Curve(tuple(many)), width=70)[-1]
    days = [f"{(DAY + timedelta(days=n)).day} {DAY + timedelta(days=n):%b}" for n in range(30)]
    words = below.replace(" Mar", "_Mar").split()
    assert words
    assert all(word.replace("_", " ") in days for word in words)
    assert "practice" in "\n".join(rows(Curve(tuple(dot(10) for _ in range(12)))))


def test_days_lie_as_far_apart_as_they_were():
    dots = [dot(20, test=True, inside=False, day=d) for d in (0, 0, 0, 9, 9, 9, 90, 90, 90)]
    curve = Curve(tuple(dots), along=Along.DAYS)
    first, second, third = sorted(x for x, _ in places(curve, "◇", width=106))
    assert (second - first) / (third - first) == pytest.approx(0.1, abs=0.02)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(-1e6, 1e6)),
            st.booleans(),
            st.sampled_from([True, False, None]),
            st.integers(0, 400),
            st.sampled_from(["baseline", "practice", "free"]),
        ),
        max_size=80,
    ),
    st.one_of(st.none(), st.floats(1, 60)),
    st.booleans(),
    st.sampled_from(list(Along)),
    st.integers(1, 160),
    st.integers(1, 50),
    st.sampled_from(list(Glyphs)),
)
def test_any_training_is_drawn_into_any_size(values, line, signed, along, width, height, glyphs):
    dots = sorted((dot(v, test=t, inside=i, day=d, step=s) for v, t, i, d, s in values), key=lambda x: x.day)
    picture = draw(Curve(tuple(dots), line, signed, along), width, height, glyphs)
    assert picture.codes.shape == picture.kinds.shape == (height, width)
    assert np.all(picture.codes != 0x7F)
    if glyphs is Glyphs.ASCII:
        assert np.all(picture.codes < 128)


CELLS = (
    MapCell(78.0, 9, -12.0, 4.0, 12.0, "light"),
    MapCell(157.0, 8, 1.0, 6.0, 5.0, ""),
    MapCell(235.0, 1, 14.0, None, 14.0, "heavy"),
)


@pytest.mark.parametrize("glyphs", [Glyphs.BRAILLE, Glyphs.ASCII])
async def test_the_map_says_light_and_heavy_in_words_signs_and_places(glyphs):
    widget = ErrorMap(KG_PER_CM2, glyphs=glyphs)
    async with WidgetApp(widget).run_test(size=(78, 16)) as pilot:
        widget.set_cells(CELLS)
        await pilot.pause()
        text = widget.text
    light, even, heavy = (next(row for row in text if word in row) for word in ("-12 %", "+1 %", "+14 %"))
    assert "0.80" in light
    assert light.rstrip().endswith("light")
    assert heavy.rstrip().endswith("heavy")
    assert even.rstrip().endswith("neither")
    signs = "v^o" if glyphs is Glyphs.ASCII else "▼▲●"
    at = [row.index(sign) for row, sign in zip((light, heavy, even), signs, strict=True)]
    assert at[0] < at[2] < at[1]
    if glyphs is Glyphs.ASCII:
        assert all(row.isascii() for row in text)


async def test_a_map_with_more_targets_than_rows_keeps_those_known_best_and_says_so():
    many = [MapCell(50.0 + 10 * n, n + 1, -10.0, 2.0, 10.0, "light") for n in range(12)]
    widget = ErrorMap(KG_PER_CM2)
    async with WidgetApp(widget).run_test(size=(78, 8)) as pilot:
        widget.set_cells(many)
        await pilot.pause()
        text = widget.text
    assert "and 7 more targets" in text[-1]
    assert sum("▼" in row for row in text) == 5
    assert f"{KG_PER_CM2.text(160.0, unit=False)}" in "".join(text)


async def test_the_map_of_nothing_and_in_a_small_window_is_no_crash():
    widget = ErrorMap(KG_PER_CM2)
    async with WidgetApp(widget).run_test(size=(20, 4)) as pilot:
        await pilot.pause()
        widget.set_cells(CELLS)
        await pilot.pause()
        assert "light" in "".join(widget.text)
