"""The body map: every area is there at every size, keys and mouse reach it, and colour is never the only sign."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.theme import Theme
from textual.widgets import Input

from feedback.atlas import VIEWS, View, load_atlas
from tests.tui.app import WidgetApp, shown
from tests.tui.test_themes import contrast
from tui.body_picture import DOTS, LEVELS, level_of, picture
from tui.figure import NOBODY, Place, draw, mirrored, smooth
from tui.places import Places
from tui.raster import Glyphs, text_of
from tui.themes import THEMES
from tui.widgets.body_map import BodyMap

ATLAS = load_atlas()
PLACES = Places(ATLAS)
place = st.sampled_from(PLACES.all)
VALUES: dict[Place, float] = {
    ("shoulder-top", "left"): 12,
    ("low-back", "right"): 3,
    ("knee-front", "left"): 1,
}


class MapApp(WidgetApp):
    """A map between two fields; keeps what it posts."""

    def __init__(self, body: BodyMap, theme: str = "goodpain-dark") -> None:
        super().__init__(body, theme=theme)
        self.body = body
        self.told: list[tuple[str, str, str]] = []

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Input(id="after")

    def on_body_map_moved(self, event: BodyMap.Moved) -> None:
        assert event.control is self.body
        self.told.append(("moved", event.area, event.side))

    def on_body_map_picked(self, event: BodyMap.Picked) -> None:
        self.told.append(("picked", event.area, event.side))


def body_map(height: int = 20, **options: object) -> BodyMap:
    body = BodyMap(ATLAS, **options)  # type: ignore[arg-type]
    body.styles.height = height
    return body


# The figure.


@pytest.mark.parametrize("view", VIEWS)
def test_every_area_has_room_on_the_body(view: View) -> None:
    drawing = draw(ATLAS, view, 60, 60, (2, 4))
    body = drawing.owner != NOBODY
    assert 0.1 < body.mean() < 0.5
    for index, place_ in enumerate(drawing.places):
        assert (drawing.owner == index).sum() >= 12, place_


@pytest.mark.parametrize("view", VIEWS)
def test_every_place_can_be_seen_at_the_smallest_figure_for_both_views(view: View) -> None:
    drawing = draw(ATLAS, view, 17, 16, (2, 4))
    assert set(drawing.centres) == set(drawing.places)


@pytest.mark.parametrize("view", VIEWS)
def test_left_mirrors_right(view: View) -> None:
    drawing = draw(ATLAS, view, 40, 40, (2, 4))
    side = {p: np.flatnonzero((drawing.owner == i).any(axis=0)) for i, p in enumerate(drawing.places)}
    for area in {p[0] for p in drawing.places if p[1] == "left"}:
        left, right = side[area, "left"], side[area, "right"]
        assert np.allclose(left, (drawing.owner.shape[1] - 1 - right)[::-1], atol=1), area
        on_screen_right = left.mean() > right.mean()
        assert on_screen_right == (view == "front"), area


def test_an_outline_is_closed_and_stays_so_when_rounded() -> None:
    whole = mirrored(ATLAS.figures["front"])
    assert np.allclose(whole[:, 0].sum(), 0, atol=1e-9)
    rounded = smooth(whole)
    steps = np.hypot(*(rounded - np.roll(rounded, 1, 0)).T)
    assert steps.max() < 0.03


@given(st.integers(0, 90), st.integers(0, 70), st.sampled_from(VIEWS), st.sampled_from(list(Glyphs)))
def test_any_size_can_be_drawn(width: int, height: int, view: View, glyphs: Glyphs) -> None:
    drawing = draw(ATLAS, view, width, height, DOTS[glyphs])
    drawn = picture(drawing, glyphs, ("low-back", "left"), {("chest", "left"): 3}, {("chest", "left"): "123"})
    assert drawn.codes.shape == drawn.looks.shape == drawn.cells.shape == (height, width)


# Names and neighbours.


def test_arrows_reach_every_place_from_every_place() -> None:
    reached = {PLACES.first}
    waiting = [PLACES.first]
    into: dict[Place, set[Place]] = {one: set() for one in PLACES.all}
    for one in PLACES.all:
        for step in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            into[PLACES.beside(one, *step)].add(one)
    while waiting:
        here = waiting.pop()
        for step in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            there = PLACES.beside(here, *step)
            if there not in reached:
                reached.add(there)
                waiting.append(there)
    assert reached == set(PLACES.all)
    # And back: from every place the first one is reached.
    back = {PLACES.first}
    todo = [PLACES.first]
    while todo:
        for before in into[todo.pop()] - back:
            back.add(before)
            todo.append(before)
    assert back == set(PLACES.all)


@given(place, st.sampled_from(((1, 0), (-1, 0), (0, 1), (0, -1))))
def test_an_arrow_never_goes_the_other_way(here: Place, step: tuple[int, int]) -> None:
    there = PLACES.beside(here, *step)
    (x0, y0), (x1, y1) = PLACES._centres[here], PLACES._centres[there]
    assert there == here or (x1 - x0) * step[0] + (y1 - y0) * step[1] > 0


@pytest.mark.parametrize(
    ("typed", "now", "first"),
    [
        ("low b", ("chest", "right"), ("low-back", "right")),
        ("low b l", ("chest", "right"), ("low-back", "left")),
        ("knee", ("calf", "left"), ("knee-front", "left")),
        ("back knee r", ("calf", "left"), ("knee-back", "right")),
        ("kn ba", ("calf", "left"), ("knee-back", "left")),
        ("sac", ("calf", "left"), ("sacrum", "middle")),
        ("sh", ("calf", "left"), ("shoulder-blade", "left")),
        ("sole", ("chest", "right"), ("heel", "right")),
    ],
)
def test_letters_find_the_area_that_is_meant(typed: str, now: Place, first: Place) -> None:
    assert PLACES.typed(typed, now)[0] == first


@given(place, place)
def test_a_place_is_found_by_its_full_name(wanted: Place, now: Place) -> None:
    assert PLACES.typed(PLACES.name(wanted), now)[0] == wanted


@given(st.text(max_size=12), place)
def test_any_letters_find_places_each_once(typed: str, now: Place) -> None:
    found = PLACES.typed(typed, now)
    assert len(set(found)) == len(found)


def test_levels_grow_with_the_value_and_nothing_has_none() -> None:
    levels = [level_of(value, 12) for value in range(13)]
    assert levels[0] == 0
    assert levels[1] == 1
    assert levels[12] == LEVELS
    assert all(b - a in (0, 1) for a, b in pairwise(levels))
    assert level_of(0, 0) == level_of(float("nan"), 3) == 0


# What is on screen.


@pytest.mark.parametrize("glyphs", list(Glyphs))
@pytest.mark.parametrize("size", [(34, 18), (60, 24), (100, 46)])
async def test_the_highlighted_area_and_its_value_are_written_out(
    glyphs: Glyphs, size: tuple[int, int]
) -> None:
    body = body_map(size[1], glyphs=glyphs, values=VALUES, place=("low-back", "right"))
    async with MapApp(body).run_test(size=(size[0], size[1] + 3)):
        rows = body.text
        assert len(rows) == size[1]
        assert {len(row) for row in rows} == {size[0]}
        assert "low back, right: 3" in rows[-1]
        assert all(word in rows[0] for word in ("FRONT", "BACK", "left", "right"))
        assert any("12" in row for row in rows[1:-1])
        assert glyphs is not Glyphs.ASCII or all(row.isascii() for row in rows)


@pytest.mark.parametrize("glyphs", list(Glyphs))
def test_without_colour_the_highlighted_area_and_each_shade_still_differ(glyphs: Glyphs) -> None:
    drawing = draw(ATLAS, "front", 40, 44, DOTS[glyphs])

    def drawn(chosen: Place | None, level: int) -> str:
        whole = picture(drawing, glyphs, chosen, {("abdomen", "left"): level}, {})
        return "\n".join(text_of(row) for row in whole.codes)

    shades = [drawn(None, level) for level in range(LEVELS + 1)]
    solid = drawn(("abdomen", "left"), 0)
    # Blocks have three characters for five shades; there the numbers tell the rest.
    assert len({*shades, solid}) == (4 if glyphs is Glyphs.BLOCKS else LEVELS + 2)


def test_numbers_of_neighbours_do_not_run_together() -> None:
    values = {("thigh-inner", "left"): "10", ("thigh-front", "left"): "11"}
    for height in (16, 20, 30):
        drawing = draw(ATLAS, "front", 17, height, (2, 4))
        drawn = picture(drawing, Glyphs.BRAILLE, None, dict.fromkeys(values, 2), values)
        rows = [text_of(row) for row in drawn.codes]
        assert any("10" in row for row in rows)
        assert any("11" in row for row in rows)
        assert not any("1011" in row or "1110" in row for row in rows)


@pytest.mark.parametrize("theme", THEMES, ids=[theme.name for theme in THEMES])
async def test_numbers_and_outlines_are_legible(theme: Theme) -> None:
    levels = {
        ("chest", "left"): 1.0,
        ("chest", "right"): 2.0,
        ("abdomen", "left"): 3.0,
        ("abdomen", "right"): 4.0,
    }
    body = body_map(24, values=levels, place=("knee-front", "left"))
    async with MapApp(body, theme.name).run_test(size=(70, 25)):
        checked = 0
        for row in range(24):
            for segment in body.render_line(row):
                style = segment.style
                if segment.text.strip() and style and style.color and style.bgcolor:
                    least = 4.5 if segment.text.strip().isdigit() else 2.0
                    colours = style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex
                    assert contrast(*colours) >= least, segment
                    checked += segment.text.strip().isdigit()
        assert checked == 4


@pytest.mark.parametrize("size", [(1, 1), (11, 3), (12, 8), (29, 12), (80, 1), (300, 90)])
async def test_the_map_fits_any_size(size: tuple[int, int]) -> None:
    body = body_map(size[1], values=VALUES)
    async with MapApp(body).run_test(size=(size[0], size[1] + 3)):
        assert {len(row) for row in body.text} == {size[0]}
        assert len(body.text) == size[1]


async def test_where_there_is_room_for_one_view_it_is_that_of_the_highlighted_area() -> None:
    body = body_map(16, place=("knee-front", "left"))
    async with MapApp(body).run_test(size=(24, 19)):
        assert "FRONT" in body.text[0]
        assert "BACK" not in body.text[0]
        body.highlight("calf", "left")
        assert "BACK" in body.text[0]


# Keys and mouse.


async def test_arrows_move_and_enter_picks() -> None:
    body = body_map(place=("neck-back", "left"))
    app = MapApp(body)
    async with app.run_test(size=(60, 24)) as pilot:
        body.focus()
        await pilot.press("down", "right", "enter")
        assert app.told == [
            ("moved", "shoulder-top", "left"),
            ("moved", "shoulder-top", "right"),
            ("picked", "shoulder-top", "right"),
        ]
        assert body.place == ("shoulder-top", "right")
        assert body.place_name in shown(app)[19]


async def test_letters_go_to_an_area_and_are_taken_back() -> None:
    body = body_map()
    app = MapApp(body)
    async with app.run_test(size=(60, 24)) as pilot:
        body.focus()
        await pilot.press(*"low", "space", *"b", "space", "l")
        assert body.place == ("low-back", "left")
        assert "low b l_" in body.text[-1]
        await pilot.press("backspace", *"r", "enter")
        assert app.told[-1] == ("picked", "low-back", "right")
        await pilot.press(*"zz")
        assert "fits nothing" in body.text[-1]
        assert body.place == ("low-back", "right")
        await pilot.press("escape")
        assert "zz" not in body.text[-1]


async def test_escape_with_nothing_typed_is_left_to_the_screen() -> None:
    heard: list[str] = []

    class Outer(MapApp):
        BINDINGS = (("escape", "leave", "Leave"),)  # type: ignore[assignment]

        def action_leave(self) -> None:
            heard.append("leave")

    body = body_map()
    app = Outer(body)
    async with app.run_test(size=(60, 24)) as pilot:
        body.focus()
        await pilot.press("k", "escape")
        assert heard == []
        await pilot.press("escape")
        assert heard == ["leave"]


async def test_what_was_typed_does_not_wait_for_the_focus() -> None:
    body = body_map()
    app = MapApp(body)
    async with app.run_test(size=(60, 24)) as pilot:
        body.focus()
        await pilot.press(*"kne", "tab")
        assert isinstance(app.focused, Input)
        body.focus()
        await pilot.press("c", "a", "l")
        assert body.place[0] == "calf"


async def test_a_click_picks_the_area_under_it() -> None:
    body = body_map(24)
    app = MapApp(body)
    async with app.run_test(size=(70, 27)) as pilot:
        for wanted, start in ((("abdomen", "left"), 0), (("buttock", "right"), 35)):
            view: View = "front" if start == 0 else "back"
            x, y = draw(ATLAS, view, 35, 22, (2, 4)).centres[wanted]
            await pilot.click(body, offset=(start + int(x), 1 + int(y)))
            assert app.told[-1] == ("picked", *wanted)
            assert body.has_focus
        before = list(app.told)
        await pilot.click(body, offset=(1, 1))
        await pilot.click(body, offset=(5, 0))
        assert app.told == before


async def test_other_values_are_shown_at_once() -> None:
    body = body_map(24)
    async with MapApp(body).run_test(size=(70, 27)):
        assert not any("7.5" in row for row in body.text)
        body.set_values({("chest", "left"): 7.5}, "{:.1f}".format)
        assert any("7.5" in row for row in body.text)


async def test_an_unknown_area_is_left_aside_and_a_missing_side_is_the_other() -> None:
    body = body_map(place=("nowhere", "left"))
    async with MapApp(body).run_test(size=(60, 24)):
        before = body.place
        body.highlight("nowhere", "left")
        assert body.place == before
        body.highlight("sacrum", "left")
        assert body.place == ("sacrum", "middle")


def test_the_widget_needs_no_app_of_ours() -> None:
    assert issubclass(MapApp, App)
    assert BodyMap(ATLAS).place_name == "top of the shoulder, right"
