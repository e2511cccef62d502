"""What the sheets of a visit are made of, without a screen."""

from __future__ import annotations

import dataclasses
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.alarm import Alarm
from feedback.atlas import load_atlas
from feedback.band.source import BandNow
from feedback.care import (
    CareError,
    CheckLevel,
    Finding,
    FindingKind,
    PainArea,
    answer,
)
from feedback.care.shipped import checks
from feedback.guidance import Cue
from feedback.points import Point
from feedback.units import KG_PER_CM2
from feedback.view import LiveView, Place
from tui.screens.visit.areas import map_values, offer_places, on_map, part_names
from tui.screens.visit.check import reminder_of
from tui.screens.visit.pains import Told
from tui.screens.visit.plan import weeks_of
from tui.screens.visit.ticks import letters_for
from tui.shelf import Shelf
from tui.wanted import number_of
from tui.widgets.live_strip import strip_of

ATLAS = load_atlas()


@given(st.lists(st.text(max_size=12), max_size=40))
def test_no_letter_is_given_twice(texts):
    letters = [letter for letter in letters_for(texts) if letter]
    assert len(set(letters)) == len(letters)
    assert len(letters) == min(len(texts), 26)


def test_letters_are_the_first_of_a_word_where_they_can_be():
    assert letters_for(["hydration", "stress", "sleep", "work posture"]) == ["h", "s", "l", "w"]
    assert letters_for(["hydration"], reserved="h") == ["y"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ne l", ("neck", "left")),
        ("low b", ("low back", "")),
        ("low back r", ("low back", "right")),
        ("kn", ("knee", "")),
        ("should ri", ("shoulder", "right")),
    ],
)
def test_a_few_letters_find_a_place_of_the_body(typed, first):
    assert offer_places(typed, ATLAS)[0] == first


def test_places_of_the_last_assessment_come_first():
    assert offer_places("k", ATLAS, [("knee", "right")])[0] == ("knee", "right")


@given(st.text(max_size=12))
def test_whatever_is_typed_offers_places_that_exist(typed):
    places = offer_places(typed, ATLAS)
    assert len(places) == len(set(places)) <= 6
    assert all(part in part_names(ATLAS) for part, _ in places)


def test_every_part_that_the_atlas_knows_stands_on_the_body_map():
    for area in ATLAS.areas:
        for side in area.sides:
            key, there = on_map(ATLAS, (area.part, side))
            assert ATLAS.area(key).part == area.part
            assert there == side
    assert on_map(ATLAS, ("scar", "")) is None


def test_the_body_map_shows_pain_now_before_usual_pain():
    values = map_values(ATLAS, [PainArea("neck", "left", now=6, usual=3), PainArea("knee", "right", usual=4)])
    assert values["neck-back", "left"] == 6
    assert values["knee-front", "right"] == 4
    assert ("neck-back", "right") not in values


@pytest.mark.parametrize(
    ("text", "weeks"),
    [("2-6", (2, 6)), ("2 to 6", (2, 6)), ("2–6", (2, 6)), ("4", (4, 4)), (" 3 5 ", (3, 5))],
)
def test_weeks_are_read_as_people_write_them(text, weeks):
    assert weeks_of(text) == weeks


@pytest.mark.parametrize("text", ["1000", "9" * 5000, f"2-{'9' * 5000}"])
def test_more_weeks_than_a_plan_can_have_are_no_weeks(text):
    with pytest.raises(CareError, match="write for example 2-6"):
        weeks_of(text)


@given(st.text(max_size=12))
def test_what_are_no_weeks_is_told(text):
    try:
        weeks = weeks_of(text)
    except CareError as error:
        told = str(error)
    else:
        assert min(weeks) >= 0
        return
    assert "write for example 2-6" in told


def test_numbers_may_have_a_comma():
    assert number_of(" 4,5 ") == number_of("4.5") == 4.5


def test_the_reminder_names_the_weightiest_first_and_is_empty_without_a_yes():
    items = {item.key: item for item in checks()}
    assert reminder_of([answer(item, False) for item in items.values()]) == ""
    light = next(item for item in items.values() if item.level is CheckLevel.NOTE)
    heavy = next(item for item in items.values() if item.level is CheckLevel.ASK_FIRST)
    reminder = reminder_of([answer(light, True), answer(heavy, True)])
    assert reminder.index(heavy.means) < reminder.index(light.means)


def test_what_is_told_is_changed_row_by_row():
    told = Told().with_area("neck", "left").with_area("knee", "").with_area("neck", "left")
    assert [str(area) for area in told.areas] == ["neck, left", "knee"]
    told = told.rated(0, now=0).rated(0, usual=10).toggled(0, FindingKind.GAIT)
    assert told.areas[0] == PainArea("neck", "left", 0, 10)
    assert told.found_at(0) == (Finding(FindingKind.GAIT, "neck", side="left"),)
    assert told.found_at(1) == ()
    assert told.toggled(0, FindingKind.GAIT).findings == ()
    assert told.without(0) == Told((PainArea("knee"),))


def view(**changes) -> LiveView:
    place = Place(uuid4(), "A17", Point("soleus", "left"), "probe", 1.0)
    seen = LiveView(
        now_s=10.0,
        place=place,
        waiting=False,
        live=True,
        age_s=0.0,
        calibrated=True,
        saturated=False,
        suspect="",
        pressure_kpa=200.0,
        shown_kpa=200.0,
        force_n=20.0,
        counts=1,
        cue=Cue.HOLD,
        bounds=BandNow(None),
        ceiling_kpa=400.0,
        press=None,
        presses=(),
        heard=(),
        prompt="",
        stopped=False,
        waits=False,
        lost=0,
    )
    return dataclasses.replace(seen, **changes)


def test_the_line_over_a_sheet_says_cue_pressure_and_ceiling():
    look, words = strip_of(view(), KG_PER_CM2)
    assert look == "in-band"
    assert words == "● HOLD  2.04 kg/cm²  never above 4.08  soleus, left"


def test_the_line_is_red_on_an_alarm_and_on_a_stop_whatever_the_cue():
    for change in ({"alarm": Alarm(9.0, 500.0)}, {"waits": True}):
        look, words = strip_of(view(**change), KG_PER_CM2)
        assert look == "stop"
        assert words.startswith("■ STOP  2.04 kg/cm²")


def test_no_signal_is_no_number():
    look, words = strip_of(view(cue=Cue.NO_SIGNAL, shown_kpa=None, live=False), KG_PER_CM2)
    assert look == "stale"
    assert "– " in words


def test_an_own_list_that_cannot_be_used_is_told_and_the_shipped_one_is_in_force(tmp_path):
    for name in ("check.toml", "atlas.toml", "care.toml"):
        (tmp_path / name).write_text("what = 1\n")
    (tmp_path / "techniques").mkdir()
    (tmp_path / "techniques" / "mine.toml").write_text("what = 1\n")
    shelf = Shelf(tmp_path)
    assert shelf.checks
    assert shelf.atlas.muscles
    assert shelf.rules.plan.visits == 4
    assert "sustained-release" in shelf.techniques
    assert len(shelf.problems) == 4
    assert all(".toml" in problem for problem in shelf.problems)


def test_a_technique_that_does_not_exist_is_told_once(tmp_path):
    shelf = Shelf(tmp_path)
    assert shelf.technique("") is None
    assert shelf.problems == []
    assert shelf.technique("tickling") is shelf.technique("tickling") is None
    (problem,) = shelf.problems
    assert "tickling" in problem
    assert "sustained-release" in problem
