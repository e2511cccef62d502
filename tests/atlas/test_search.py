from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.atlas import Atlas, load_atlas
from feedback.points import MUSCLES, SIDES, Point, PointError

ATLAS = load_atlas()
words = st.text(st.sampled_from("abcdeilmnoprstux ,/'-"), max_size=16)


def names(typed: str, limit: int = 20) -> list[str]:
    return [found.muscle.name for found in ATLAS.search(typed, limit)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ut", "upper trapezius"), ("up trap", "upper trapezius"), ("inf", "infraspinatus"),
        ("QL", "quadratus lumborum"), ("scm", "sternocleidomastoid"), ("glut med", "gluteus medius"),
        ("lats", "latissimus dorsi"), ("tp", "tibialis posterior"), ("tib post", "tibialis posterior"),
        ("infraspinatos", "infraspinatus"), ("PIRIFORMIS", "piriformis"), ("gmax", "gluteus maximus"),
        ("sternocleidomastiod", "sternocleidomastoid"),
    ],
)  # fmt: skip
def test_what_people_type_finds_the_muscle_they_mean(typed: str, first: str) -> None:
    assert names(typed)[0] == first


def test_initials_that_several_muscles_share_offer_them_all() -> None:
    assert {"gluteus maximus", "gluteus medius", "gluteus minimus"} == set(names("gm"))


def test_a_region_finds_all_its_muscles() -> None:
    assert set(names("foot")) >= {"quadratus plantae", "abductor hallucis"}
    assert {muscle.name for muscle in ATLAS.muscles if muscle.region == "forearm"} <= set(names("forearm"))


def test_where_it_hurts_finds_the_muscles_that_send_pain_there() -> None:
    headache = names("headache")
    assert {"upper trapezius", "suboccipitals", "sternocleidomastoid", "splenius capitis"} <= set(headache)
    assert {"splenius cervicis", "sternocleidomastoid"} <= set(names("behind the eye"))
    assert ATLAS.search("behind the eye")[-1].muscle.name == "occipitalis"
    assert names("sciatica") == ["gluteus minimus"]


def test_words_may_come_from_different_places() -> None:
    assert "rectus femoris" in names("rectus knee")
    assert set(names("trapezius headache")) == {"trapezius", "upper trapezius"}


def test_a_muscle_tells_what_it_was_found_by() -> None:
    assert ATLAS.search("upper tra")[0].by == "name"
    assert (ATLAS.search("lats")[0].by, ATLAS.search("lats")[0].words) == ("other name", "lats")
    assert ATLAS.search("fdp")[0].by == "other name"
    assert ATLAS.search("gm")[0].by == "initials"
    assert ATLAS.search("ftp") == []
    assert ATLAS.search("headache")[0].by == "referred pain"
    assert ATLAS.search("low back")[0].by == "region"
    assert ATLAS.search("infraspinatos")[0].by == "likeness"


def test_nothing_typed_is_every_muscle() -> None:
    assert names("", 1000) == list(MUSCLES) == names("  ,", 1000)
    assert len(names("", 5)) == 5


@pytest.mark.parametrize("muscle", ATLAS.muscles, ids=lambda muscle: muscle.name)
def test_a_muscle_is_found_first_by_each_of_its_names(muscle) -> None:
    for name in (muscle.name, *muscle.other_names):
        assert names(name)[0] == muscle.name, name


@given(words)
def test_any_text_is_answered_with_each_muscle_once(typed: str) -> None:
    found = names(typed, 1000)
    assert len(set(found)) == len(found)
    assert set(found) <= set(MUSCLES)


@given(st.sampled_from(ATLAS.muscles), st.integers(1, 30))
def test_a_muscle_stays_in_the_list_while_its_name_is_typed(muscle, length: int) -> None:
    assert muscle.name in names(muscle.name[:length], 1000)


# Whole points, as they are offered while one is typed.


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ut l", Point("upper trapezius", "left")),
        ("inf r", Point("infraspinatus", "right")),
        ("up trap left 1", Point("upper trapezius", "left", "1")),
        ("ql, r", Point("quadratus lumborum", "right")),
        ("glut med R.", Point("gluteus medius", "right")),
        ("bf l outer m", Point("biceps femoris", "left", "outer middle thigh")),
    ],
)
def test_a_few_letters_offer_the_whole_point(typed: str, first: Point) -> None:
    assert ATLAS.offers(typed)[0] == first


def test_points_known_of_the_client_come_first() -> None:
    mine = [Point("soleus", "left", "2"), Point("upper trapezius", "left", "by the scar")]
    assert ATLAS.offers("", mine) == mine
    assert ATLAS.offers("ut", mine)[0] == mine[1]
    assert ATLAS.offers("ut l", mine)[:2] == [mine[1], Point("upper trapezius", "left")]
    assert ATLAS.offers("scar", mine)[0] == mine[1]
    assert ATLAS.offers("left", mine) == mine
    assert mine[1] not in ATLAS.offers("ut r", mine)
    assert ATLAS.offers("heel", mine)[0] != mine[1]


def test_both_sides_are_offered_until_one_is_typed() -> None:
    assert ATLAS.offers("piriformis")[:2] == [Point("piriformis", "left"), Point("piriformis", "right")]
    only = ATLAS.offers("piriformis r")
    assert {point.side for point in only} == {"right"}
    assert Point("piriformis", "right", "near the sacrum") in only


points = st.builds(
    Point,
    st.sampled_from(MUSCLES),
    st.sampled_from(("", *SIDES)),
    st.sampled_from(("", "1", "near the spine")),
)


@given(
    words | st.sampled_from(["ut l", "inf r", "headache", "l"]),
    st.lists(points, max_size=5),
    st.integers(0, 12),
)
def test_offers_are_points_that_read_back_each_once_and_no_more_than_wanted(
    typed: str, known: list[Point], limit: int
) -> None:
    offered = ATLAS.offers(typed, known, limit)
    assert len(offered) <= limit
    assert len(set(offered)) == len(offered)
    for point in offered:
        assert ATLAS.parse(str(point)) == point


@given(st.text(max_size=30))
def test_any_text_can_be_completed(typed: str) -> None:
    for point in ATLAS.offers(typed):
        assert point.muscle in MUSCLES


def test_an_atlas_reads_points_as_people_write_them(atlas: Atlas) -> None:
    assert atlas.parse("QL r 1") == Point("quadratus lumborum", "right", "1")
    with pytest.raises(PointError, match="did you mean left"):
        atlas.parse("QL, lft")
