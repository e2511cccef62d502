from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.points import (
    MUSCLES,
    SIDES,
    UNSPECIFIED,
    Point,
    PointError,
    find_muscle,
    match_muscles,
    parse_point,
)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("upper trapezius, left, 1", Point("upper trapezius", "left", "1")),
        ("upper trapezius left 1", Point("upper trapezius", "left", "1")),
        ("Upper Trapezius/R/below the spine", Point("upper trapezius", "right", "below the spine")),
        ("infraspinatus", Point("infraspinatus")),
        ("gluteus medius 2", Point("gluteus medius", "", "2")),
        ("up trap l", Point("upper trapezius", "left")),
        ("ut l, 1", Point("upper trapezius", "left", "1")),
        ("up trap left, near the neck", Point("upper trapezius", "left", "near the neck")),
    ],
)
def test_a_point_is_read_as_people_write_it(text, point):
    assert parse_point(text) == point


@given(st.sampled_from(MUSCLES), st.sampled_from(("", *SIDES)), st.sampled_from(("", "1", "near the spine")))
def test_a_written_point_reads_back_the_same(muscle, side, label):
    point = Point(muscle, side, label)
    assert parse_point(str(point)) == point


def test_an_unknown_muscle_is_named_with_the_nearest():
    with pytest.raises(PointError, match="infraspinatus"):
        find_muscle("infraspinatos")
    with pytest.raises(PointError, match="not a muscle"):
        find_muscle("xyzzy")


def test_a_beginning_that_fits_several_muscles_is_refused_with_a_choice():
    with pytest.raises(PointError, match="gluteus maximus or gluteus medius"):
        find_muscle("gluteus")


def test_typing_finds_names_by_any_word():
    assert match_muscles("trap")[0] == "trapezius"
    assert {"upper trapezius", "lower trapezius"} <= set(match_muscles("trap"))
    assert match_muscles("glut med") == ["gluteus medius"]


@given(st.text())
def test_any_text_is_a_point_or_a_clear_error(text):
    with contextlib.suppress(PointError):
        assert parse_point(text).muscle in (*MUSCLES, UNSPECIFIED)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("trapezius, lft", "left"),
        ("trapezius, rigth", "right"),
        ("trapezius, Lefft, 1", "left"),
        ("trapezius, midle 2", "middle"),
        ("upper trapezius lft 1", "left"),
        ("up trap rihgt", "right"),
        ("QL, lef", "left"),
    ],
)
def test_a_misspelt_side_is_told_instead_of_becoming_a_label(text, meant):
    with pytest.raises(PointError, match=f"did you mean {meant}"):
        parse_point(text)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("trapezius, light band", Point("trapezius", "", "light band")),
        ("trapezius, tight", Point("trapezius", "", "tight")),
        ("trapezius, left, lft", Point("trapezius", "left", "lft")),
        ("trapezius, , lft", Point("trapezius", "", "lft")),
        ("trapezius, left of the spine", Point("trapezius", "", "left of the spine")),
        ("trapezius, left 1", Point("trapezius", "left", "1")),
        ("trapezius, rt, 2", Point("trapezius", "right", "2")),
        ("trapezius, Lt. 2", Point("trapezius", "left", "2")),
        ("trapezius, mid-belly", Point("trapezius", "", "mid-belly")),
        ("trapezius lower edge", Point("trapezius", "", "lower edge")),
    ],
)
def test_an_honest_label_stays_a_label(text, point):
    assert parse_point(text) == point


labels = (
    st.lists(
        st.sampled_from(("1", "left", "lft", "right", "l", "of", "the", "spine", "rigth", "middle", "Ünder"))
    )
    .map(" ".join)
    .filter(bool)
)


@given(st.sampled_from(MUSCLES), st.sampled_from(("", *SIDES)), labels)
def test_any_label_reads_back_the_same(muscle, side, label):
    point = Point(muscle, side, label)
    assert parse_point(str(point)) == point


def test_other_names_are_read_too():
    assert parse_point("QL l") == Point("quadratus lumborum", "left")
    assert parse_point("tib ant, r, 2") == Point("tibialis anterior", "right", "2")
    assert parse_point("traps") == Point("trapezius")
