from __future__ import annotations

import pytest

from feedback.history import open_history
from feedback.points import UNSPECIFIED, Point
from tests.tui.sessions import running
from tui.opening import CAUTION_CONFIRMED
from tui.screens.setup import SetupScreen
from tui.settings import Settings, load_settings
from tui.wanted import UNNAMED_CLIENT, Visit, looks_like_a_name

NOTHING = Visit(UNNAMED_CLIENT, Point(UNSPECIFIED), "probe", 1.0)


def asking(folder, **more):
    return running(folder, "sim://quiet", wanted=NOTHING, ask=True, **more)


async def fill_in(session, code, point=""):
    """Type a code and a point, each with Enter, as fast as the form follows."""
    await session.until_text("Whose session?")
    await session.until(lambda: session.app.focused is not None, "the first field")
    await session.press(*code, "enter")
    await session.until(lambda: session.app.focused.id == "point", "the point's field")
    await session.press(*point)
    await session.until(lambda: session.app.focused.value == point, "the point as typed")
    if point:
        await session.press("enter")


async def until_at(session, field):
    await session.until(lambda: session.app.focused is not None and session.app.focused.id == field, field)


async def through_the_check(session):
    await session.until_text("Check before the session")
    await session.press("enter")


async def test_client_point_and_applicator_are_asked_for_and_begin_the_session(tmp_path):
    async with asking(tmp_path) as session:
        await fill_in(session, "A17", "infraspinatus right 2")
        await until_at(session, "ceiling")
        await session.press("ctrl+s")
        await through_the_check(session)
        await session.until_text("A17 · infraspinatus, right, 2 · probe 1 cm²")
        assert session.app.live_loop.view().place.client_code == "A17"


async def test_a_few_letters_and_enter_choose_muscle_and_side(tmp_path):
    async with asking(tmp_path) as session:
        await fill_in(session, "A17", "tib a l")
        await session.until(
            lambda: session.app.screen.query_one("#point").value == "tibialis anterior, left",
            "the whole point",
        )
        await session.press("enter")
        await through_the_check(session)
        await session.until_text("A17 · tibialis anterior, left")


async def test_known_clients_and_points_are_offered_and_chosen_with_the_arrows(tmp_path):
    with open_history(tmp_path / "history.db") as history:
        history.point("B02", Point("tibialis anterior", "left", "1"))
    async with asking(tmp_path) as session:
        await session.until_text("B02")
        await session.press("down", "enter")
        await until_at(session, "point")
        await session.until_text("tibialis anterior, left, 1")
        await session.press("down", "enter", "ctrl+s")
        await through_the_check(session)
        await session.until_text("B02 · tibialis anterior, left, 1")


async def test_what_is_wrong_is_said_and_nothing_begins(tmp_path):
    async with asking(tmp_path) as session:
        await session.until_text("Whose session?")
        await session.press("ctrl+s")
        await session.until_text("client code")
        await fill_in(session, "A17", "xyzzy")
        await session.until_text("not a muscle")
        await session.press("ctrl+s")
        await session.until_text("not a muscle")
        assert session.app.live_loop is None


async def test_leaving_the_form_records_nothing(tmp_path):
    async with asking(tmp_path) as session:
        await session.until_text("Whose session?")
        await session.press("escape")
        assert session.studio.history.sessions() == []


async def test_a_ceiling_is_always_filled_in_and_what_is_typed_instead_is_in_force(tmp_path):
    async with asking(tmp_path) as session:
        await session.until_text("a cautious start")
        field = session.app.screen.query_one("#ceiling")
        assert float(field.value) == pytest.approx(4.08, abs=0.01)
        await fill_in(session, "A17", "infra r")
        await until_at(session, "ceiling")
        field.value = "3,5"
        await session.press("enter")
        await through_the_check(session)
        await session.until(lambda: session.app.live_loop is not None, "the session")
        assert session.app.live_loop.view().ceiling_kpa == pytest.approx(3.5 * 98.0665)


async def test_without_a_ceiling_nothing_begins(tmp_path):
    async with asking(tmp_path) as session:
        await fill_in(session, "A17", "infra r")
        for empty in ("", "0", "much"):
            session.app.screen.query_one("#ceiling").value = empty
            await session.press("ctrl+s")
            await session.until_text("is not a ceiling")
        assert isinstance(session.app.screen, SetupScreen)


async def test_the_ceiling_of_last_time_is_offered_first(tmp_path):
    point = Point("infraspinatus", "right")
    with open_history(tmp_path / "history.db") as history:
        history.set_band(history.point("B02", point).id, "probe", 1.0, None, 234.0)
    async with asking(tmp_path) as session:
        await session.until_text("B02")
        await session.press("down", "enter")
        await until_at(session, "point")
        await session.press("down", "enter")
        await session.until_text("as last time at this point")
        await session.press("ctrl+s")
        await through_the_check(session)
        await session.until(lambda: session.app.live_loop is not None, "the session")
        assert session.app.live_loop.view().ceiling_kpa == 234.0


async def test_a_caution_site_is_asked_about_lowers_the_ceiling_and_is_recorded(tmp_path):
    async with asking(tmp_path) as session:
        await fill_in(session, "A17", "scal l")
        await session.until_text("Special care at scalenes, left")
        (why, *_) = session.studio.shelf.atlas.cautions(Point("scalenes", "left"))
        assert why.name in session.text()
        await session.press("y")
        await session.until_text("lowered, near")
        await session.press("enter")
        await through_the_check(session)
        await session.until(lambda: session.app.live_loop is not None, "the session")
        assert session.app.live_loop.view().ceiling_kpa < Settings().ceiling_kpa
        await session.until(
            lambda: any(e.kind == CAUTION_CONFIRMED for e in session.studio.history.sessions()[0].events),
            "the event",
        )
        (event,) = [e for e in session.studio.history.sessions()[0].events if e.kind == CAUTION_CONFIRMED]
        assert "scalenes, left" in event.text


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_at_a_caution_site_one_may_go_back_and_nothing_has_begun(tmp_path, key):
    async with asking(tmp_path) as session:
        await fill_in(session, "A17", "scal l")
        await session.until_text("Special care at scalenes, left")
        await session.press(key)
        await session.until(lambda: isinstance(session.app.screen, SetupScreen), "the form")
        await until_at(session, "point")
        assert session.app.live_loop is None


async def test_what_looks_like_a_name_is_asked_about_once(tmp_path):
    async with asking(tmp_path) as session:
        await session.until_text("Whose session?")
        await session.press(*["A", "n", "n", "a", "space", "B", "e", "l", "l"], "enter")
        await session.until_text("looks like a name")
        assert session.app.focused.id == "client"
        await session.press("enter")
        await until_at(session, "point")


@pytest.mark.parametrize("code", ["Anna Bell", "Anna-Maria S. Bell", "Älva Öberg", "Jo O’Neil"])
def test_names_are_seen(code):
    assert looks_like_a_name(code)


@pytest.mark.parametrize("code", ["A17", "AB CD", "K-07", "Anna", "ward 3", "A 17", ""])
def test_codes_are_not_taken_for_names(code):
    assert not looks_like_a_name(code)


async def test_an_area_may_be_written_with_a_comma(tmp_path):
    async with asking(tmp_path) as session:
        await fill_in(session, "A17", "infraspinatus right")
        area = session.app.screen.query_one("#area")
        area.value = "2,5"
        await session.press("ctrl+s")
        await through_the_check(session)
        await session.until_text("A17 · infraspinatus, right · probe 2.5 cm²")


async def test_the_technique_is_the_one_of_the_settings_unless_another_is_chosen(tmp_path):
    wanted = Visit(UNNAMED_CLIENT, Point(UNSPECIFIED), "probe", 1.0, technique="short-presses")
    async with running(tmp_path, "sim://quiet", wanted=wanted, ask=True) as session:
        await fill_in(session, "A17", "infra r")
        await until_at(session, "ceiling")
        await session.press("enter")
        await through_the_check(session)
        await session.until(lambda: session.app.live_loop is not None, "the session")
        assert session.app.live_loop.view().coach.technique.name == "short-presses"


async def test_the_therapists_code_is_recorded_and_remembered(tmp_path):
    settings = load_settings(tmp_path / "config.toml")
    async with asking(tmp_path, settings=settings) as session:
        await fill_in(session, "A17", "infra r")
        session.app.screen.query_one("#therapist").value = "T3"
        await session.press("ctrl+s")
        await through_the_check(session)
        await session.until(lambda: session.app.live_loop is not None, "the session")
    assert load_settings(tmp_path / "config.toml").therapist == "T3"
    with open_history(tmp_path / "history.db") as history:
        assert history.sessions()[0].therapist == "T3"


async def test_escape_goes_back_from_the_check_to_the_form_as_it_was_filled_in(tmp_path):
    async with asking(tmp_path) as session:
        await fill_in(session, "A17", "infra r")
        await until_at(session, "ceiling")
        await session.press("enter")
        await session.until_text("Check before the session")
        await session.press("escape")
        await until_at(session, "client")
        assert session.app.screen.query_one("#point").value == "infraspinatus, right"
        assert session.app.screen.query_one("#client").value == "A17"
        assert session.studio.history.sessions() == []
