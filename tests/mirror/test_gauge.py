"""The picture: whatever the pressures are, it fits, and it never points to the wrong side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.mirror.gauge import BAND_FROM, BAND_TO, Ink, Label, Picture, draw, scale_of, words_of, zone

kpa = st.floats(0.1, 2000)
maybe_kpa = st.none() | kpa


@given(maybe_kpa, maybe_kpa, kpa, maybe_kpa, st.lists(st.floats(-100, 4000), min_size=2, max_size=8))
def test_more_pressure_is_never_further_left(lower, upper, ceiling, below, pressures):
    scale = scale_of(lower, upper, ceiling, below)
    places = [scale.place(pressure) for pressure in sorted(pressures)]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= 1


@given(st.floats(1, 300), st.floats(1, 300), st.floats(1, 300), st.floats(0, 1200))
def test_the_bar_has_the_colour_of_its_side_of_the_band(lower, span, spare, pressure):
    upper, ceiling = lower + span, lower + span + spare
    scale = scale_of(lower, upper, ceiling, None)
    expected = Ink.BELOW if pressure < lower else Ink.IN_BAND if pressure <= upper else Ink.ABOVE
    near_an_edge = min(abs(pressure - lower), abs(pressure - upper)) < 1e-6
    assert near_an_edge or zone(scale, scale.place(pressure)) is expected


def test_the_band_is_always_the_middle_third():
    for lower, upper, ceiling in ((10, 12, 1000), (150, 250, 300), (1, 2, 3)):
        scale = scale_of(lower, upper, ceiling, None)
        assert (scale.place(lower), scale.place(upper)) == pytest.approx((BAND_FROM, BAND_TO))
        assert scale.place(ceiling) == 1


def test_a_band_that_reaches_the_ceiling_reaches_the_end():
    scale = scale_of(150, 400, 300, None)
    assert scale.band == (BAND_FROM, 1.0)
    assert [label.text for label in words_of(scale)] == ["little", "good", "stop"]


@given(
    st.integers(1, 200),
    st.integers(1, 60),
    st.none() | st.floats(-50, 3000),
    maybe_kpa,
    maybe_kpa,
    maybe_kpa,
    st.booleans(),
    st.booleans(),
)
def test_every_size_is_filled_exactly(width, height, pressure, lower, upper, below, ascii_only, hatched):
    scale = scale_of(lower, upper, 500.0, below)
    labels = (Label(0.0, "0"), Label(1.0, "stop 5.10", Ink.END), *words_of(scale))
    picture = Picture(scale, pressure, 200.0, labels, "2.19 kg/cm²")
    rows = draw(picture, width, height, ascii_only=ascii_only, hatched=hatched)
    assert len(rows) == height
    assert all(len(row) == width and all(len(cell) == 1 for cell, _ in row) for row in rows)
    if ascii_only:
        bar = rows[1:-1] if height >= 3 else []
        assert all(cell.isascii() for row in bar for cell, _ in row)


def bar_cells(pressure: float | None, width: int = 90) -> int:
    picture = Picture(scale_of(150, 250, 350, None), pressure)
    (row,) = draw(picture, width, 1, ascii_only=False, hatched=False)
    return sum(cell == "█" for cell, _ in row)


def test_the_bar_ends_where_the_pressure_is_and_nothing_known_is_no_bar():
    assert bar_cells(None) == 0
    assert bar_cells(0.0) == 0
    assert bar_cells(75.0) == 15
    assert bar_cells(200.0) == 45
    assert bar_cells(9999.0) == 90


def test_the_band_is_seen_without_colours():
    picture = Picture(scale_of(150, 250, 350, None), 75.0)
    (row,) = draw(picture, 90, 1, ascii_only=True, hatched=True)
    assert "".join(cell for cell, _ in row) == "#" * 14 + "|" + " " * 15 + ":" * 30 + " " * 29 + "!"
