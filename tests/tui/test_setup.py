from __future__ import annotations

from feedback.points import UNSPECIFIED, Point
from tests.tui.sessions import running
from tui.wanted import UNNAMED_CLIENT, Visit

NOTHING = Visit(UNNAMED_CLIENT, Point(UNSPECIFIED), "probe", 1.0)


async def test_client_point_and_applicator_are_asked_for_and_begin_the_session(tmp_path):
    async with running(tmp_path, "sim://quiet", wanted=NOTHING, ask=True) as session:
        await session.until_text("Whose session?")
        await session.press(*"A17", "enter", *"soleus right 2", "enter", "ctrl+s")
        await session.until_text("A17 · soleus, right, 2 · probe 1 cm²")
        assert session.app.live_loop.view().place.client_code == "A17"


async def test_known_clients_and_points_are_offered_and_chosen_with_the_arrows(tmp_path):
    async with running(tmp_path, "sim://quiet", wanted=NOTHING, ask=True) as session:
        session.studio.history.point("B02", Point("infraspinatus", "left", "1"))
    async with running(tmp_path, "sim://quiet", wanted=NOTHING, ask=True) as session:
        await session.until_text("B02")
        await session.press("down", "enter")
        await session.until_text("infraspinatus, left, 1")
        await session.press("down", "enter", "ctrl+s")
        await session.until_text("B02 · infraspinatus, left, 1")


async def test_what_is_wrong_is_said_and_nothing_begins(tmp_path):
    async with running(tmp_path, "sim://quiet", wanted=NOTHING, ask=True) as session:
        await session.until_text("Whose session?")
        await session.press("ctrl+s")
        await session.until_text("client code")
        await session.press(*"A17", "enter", *"xyzzy", "enter")
        await session.until_text("not a muscle")
        await session.press("ctrl+s")
        await session.until_text("not a muscle")
        assert session.app.live_loop is None


async def test_leaving_the_form_records_nothing(tmp_path):
    async with running(tmp_path, "sim://quiet", wanted=NOTHING, ask=True) as session:
        await session.until_text("Whose session?")
        await session.press("escape")
        assert session.studio.history.sessions() == []


async def test_an_area_may_be_written_with_a_comma(tmp_path):
    async with running(tmp_path, "sim://quiet", wanted=NOTHING, ask=True) as session:
        await session.until_text("Whose session?")
        await session.press(*"A17", "enter", *"soleus right", "enter")
        area = session.app.screen.query_one("#area")
        area.value = "2,5"
        await session.press("ctrl+s")
        await session.until_text("A17 · soleus, right · probe 2.5 cm²")
