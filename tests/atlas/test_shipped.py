"""The atlas that comes with Goodpain is whole, and refers to nothing that is not there."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from feedback.atlas import PAIRED_SIDES, VIEWS, Atlas
from feedback.care import PAIN_AREAS
from feedback.muscle_names import MUSCLE_NAMES
from feedback.points import MUSCLES, Point, parse_point
from tests.atlas.names import TARGET, names_module

LONGEST_SENTENCE = 160


def test_the_list_of_names_is_that_of_the_atlas(atlas: Atlas) -> None:
    assert TARGET.read_text("utf-8") == names_module()
    assert tuple(muscle.name for muscle in atlas.muscles) == MUSCLES
    assert {muscle.name: muscle.other_names for muscle in atlas.muscles} == MUSCLE_NAMES


def test_every_muscle_has_all_that_is_promised(atlas: Atlas) -> None:
    for muscle in atlas.muscles:
        assert muscle.region, muscle.name
        assert muscle.points, muscle.name
        assert muscle.sides, muscle.name
        assert muscle.pain_areas, muscle.name
        assert atlas.area(muscle.area), muscle.name
        labels = [point.label for point in muscle.points]
        assert len(set(labels)) == len(labels), muscle.name
        for point in muscle.points:
            assert len(point.label) <= 40, point
            for sentence in (point.where, point.refers):
                assert sentence.endswith("."), point
                assert len(sentence) <= LONGEST_SENTENCE, point


def test_a_muscle_is_called_checked_exactly_when_it_names_its_sources(atlas: Atlas) -> None:
    assert [muscle.name for muscle in atlas.muscles if muscle.checked != bool(muscle.sources)] == []
    unproven = {muscle.name for muscle in atlas.muscles if not muscle.checked}
    assert unproven == {"abductor pollicis", "flexor carpi radialis", "occipitalis"}


def test_every_reference_leads_somewhere(atlas: Atlas) -> None:
    for muscle in atlas.muscles:
        keys = (*muscle.cautions, *(key for point in muscle.points for key in point.cautions))
        assert all(atlas.site(key) for key in keys), muscle.name
        areas = (muscle.area, *muscle.pain_areas, *(point.area for point in muscle.points if point.area))
        assert all(atlas.area(key) for key in areas), muscle.name
    for site in atlas.sites:
        assert all(atlas.area(key) for key in site.areas), site.key


def test_every_caution_site_says_why_and_where_from_and_is_near_some_muscle(atlas: Atlas) -> None:
    wanted = {
        "neck-front", "neck-side", "suboccipital", "jaw-joint", "below-collarbone", "armpit", "inner-upper-arm",
        "crook-of-elbow", "belly", "kidneys", "groin", "back-of-knee",
    }  # fmt: skip
    assert wanted <= {site.key for site in atlas.sites}
    used = {
        site.key
        for muscle in atlas.muscles
        for point in (Point(muscle.name), *(Point(muscle.name, "", one.label) for one in muscle.points))
        for site in atlas.cautions(point)
    }
    for site in atlas.sites:
        assert site.why.endswith("."), site.key
        assert site.where.endswith("."), site.key
        assert site.sources, site.key
        assert site.areas, site.key
        assert 0 < site.ceiling_share < 1, site.key
    assert used == {site.key for site in atlas.sites}


def test_sources_are_addresses_with_titles(atlas: Atlas) -> None:
    sources = {source for thing in (*atlas.muscles, *atlas.sites) for source in thing.sources}
    assert len(sources) > 50
    assert all(source.url.startswith(("http://", "https://")) and source.title for source in sources)


def test_the_parts_of_the_body_are_those_of_the_assessment(atlas: Atlas) -> None:
    assert {area.part for area in atlas.areas} == set(PAIN_AREAS)


def test_every_area_is_pressed_or_hurts(atlas: Atlas) -> None:
    spine = {"upper-spine", "low-spine", "sacrum", "breastbone", "elbow-front"}
    for area in atlas.areas:
        assert atlas.in_area(area.key) or atlas.referring_to(area.key) or area.key in spine, area.key
        assert area.sides in (PAIRED_SIDES, ("middle",)), area.key
    assert {area.view for area in atlas.areas} == set(VIEWS)


def test_no_other_name_means_two_muscles(atlas: Atlas) -> None:
    names = [muscle.name for muscle in atlas.muscles]
    names += [other.lower() for muscle in atlas.muscles for other in muscle.other_names]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("typed", "muscle"),
    [
        ("traps", "trapezius"), ("UT", "upper trapezius"), ("QL", "quadratus lumborum"),
        ("scm", "sternocleidomastoid"), ("TFL", "tensor fasciae latae"), ("lats", "latissimus dorsi"),
        ("psoas", "iliopsoas"), ("glute med", "gluteus medius"), ("hams", "hamstrings"),
    ],
)  # fmt: skip
def test_a_point_may_be_given_by_what_the_muscle_is_called_otherwise(typed: str, muscle: str) -> None:
    assert parse_point(f"{typed}, left, 1") == parse_point(f"{typed} l 1") == Point(muscle, "left", "1")


def test_a_point_of_the_atlas_has_its_own_cautions_and_any_other_all_of_its_muscle(atlas: Atlas) -> None:
    def keys(point: Point) -> list[str]:
        return [site.key for site in atlas.cautions(point)]

    assert keys(Point("biceps femoris", "left", "outer middle thigh")) == []
    assert keys(Point("biceps femoris", "left", "Outer Lower Thigh")) == ["back-of-knee"]
    assert keys(Point("biceps femoris", "left", "2")) == ["back-of-knee"]
    assert keys(Point("iliopsoas", "left", "beside the navel")) == ["groin", "belly"]
    assert keys(Point("rhomboids", "left")) == []
    assert keys(Point("some other muscle")) == []


def test_a_point_lies_in_the_area_of_its_atlas_point_or_its_muscle(atlas: Atlas) -> None:
    def area(point: Point) -> str | None:
        found = atlas.area_of(point)
        return found.key if found else None

    assert area(Point("gluteus minimus", "left")) == "hip-side"
    assert area(Point("gluteus minimus", "left", "back part")) == "buttock"
    assert area(Point("unspecified")) is None
    assert "upper trapezius" in [muscle.name for muscle in atlas.referring_to("temple")]


def test_the_data_lies_inside_the_package() -> None:
    names = {page.name for page in (files("feedback.atlas") / "data").iterdir()}
    assert {"areas.toml", "cautions.toml", "sources.toml"} <= names


def test_the_page_on_the_atlas_lists_every_area_and_site_and_what_is_not_verified(atlas: Atlas) -> None:
    page = " ".join((Path(__file__).parents[2] / "docs" / "atlas.md").read_text("utf-8").split())
    for key in (*(area.key for area in atlas.areas), *(site.key for site in atlas.sites)):
        assert f"`{key}`" in page, key
    for muscle in atlas.muscles:
        assert muscle.checked or f"*{muscle.name}*" in page, muscle.name
