"""The columns of the review, and what is opened from them."""

from __future__ import annotations

import pytest

from feedback.history import open_history
from tests.tui.review_past import INFRA, LEFT, RIGHT, Told, write
from tests.tui.reviewing import reviewing
from tests.tui.sessions import running
from tui.screens.live import LiveScreen
from tui.screens.review.body import BodyScreen
from tui.screens.review.browser import ReviewScreen
from tui.screens.review.compare import ComparePresses, CompareVisits
from tui.screens.review.course import CourseScreen
from tui.screens.review.point import PointScreen
from tui.screens.review.press import PressScreen
from tui.settings import Settings
from tui.wanted import Visit
from tui.widgets.body_map import BodyMap
from tui.widgets.live_strip import LiveStrip


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """Three clients; A17 has been four times, B02 once on the simulator. Tests only read it."""
    folder = tmp_path_factory.mktemp("past")
    write(
        folder,
        "A17",
        [
            Told(40, (LEFT, RIGHT), (7, 6), newtons=18, band=(130, 220), threshold_kpa=150),
            Told(26, ratings=(7, 5), lost=True, threshold_kpa=160),
            Told(12, (LEFT, INFRA), (6, 4), saturated=True, note="tingling in the arm"),
            Told(3, (LEFT, RIGHT), (5, 3), newtons=24, band=(190, 330), threshold_kpa=345),
        ],
    )
    write(folder, "B02", [Told(9, (INFRA,), (4,), simulated=True)])
    write(folder, "C-11", [Told(100)])
    return folder


async def test_the_first_row_is_followed_through_all_columns_and_going_in_and_out_moves_the_focus(past):
    async with reviewing(past) as session:
        await session.until_read()
        assert session.codes() == ["A17", "B02", "C-11"]
        assert [line.name for line in session.lists.columns[1].rows] == [
            "all points",
            *map(str, (LEFT, RIGHT, INFRA)),
        ]
        assert len(session.lists.columns[2].rows) == 4
        assert len(session.lists.columns[3].rows) == 4
        await session.press("right", "right", "right")
        assert session.lists.level == 3
        await session.press("left")
        assert session.lists.level == 2


async def test_letters_filter_as_they_are_typed_and_escape_takes_the_filter_back(past):
    async with reviewing(past) as session:
        await session.press("b")
        await session.until(lambda: session.codes() == ["B02"], "the filter")
        await session.until(
            lambda: [str(line.name) for line in session.lists.columns[1].rows] == ["all points", str(INFRA)],
            "B02's points",
        )
        await session.press("escape")
        await session.until(lambda: len(session.codes()) == 3, "all clients")
        assert session.lists.client.code == "B02"
        await session.press("home", "right")
        await session.until_read()
        await session.press(*"tra r")
        await session.until(lambda: session.lists.columns[1].row.name == str(RIGHT), "the right trapezius")
        await session.press("q")
        await session.until_text("nothing fits")


async def test_a_point_narrows_visits_and_presses_to_itself(past):
    async with reviewing(past, "A17") as session:
        await session.until(lambda: session.lists.level == 1, "the points")
        await session.press(*"infra")
        await session.until(lambda: len(session.lists.columns[2].rows) == 1, "its one visit")
        await session.until_read()
        lines = session.lists.columns[3].rows
        assert [line.row.point for line in lines] == [INFRA, INFRA]
        await session.until_text("saturated")


async def test_what_is_under_the_cursor_is_told_below_in_words_and_as_a_chart(past):
    async with reviewing(past, "A17") as session:
        await session.until_text("beyond the error of measuring")
        await session.press("right", "right")
        await session.until_text("Band then")
        await session.until_text("1.94–3.37 (learned), never above 5.10")
        chart = session.app.screen.query_one("#preview")
        await session.until(lambda: any("⣤⣤" in row for row in chart.text), "its trace")


async def test_keys_that_are_faster_than_the_disk_are_not_lost(past):
    async with reviewing(past, size=(80, 24)) as session:
        for key in ("b", "escape", "home", "right", "down", "down", "right", "down", "right", "end", "enter"):
            await session.press(key)
        await session.until(lambda: isinstance(session.app.screen, PressScreen), "the press")
        await session.until_text("press 2 of 2")
        # The second point is the right trapezius, its second visit that of 40 days ago.
        assert str(RIGHT) in session.rows()[0]
        assert "2026-04-22" in session.rows()[0]


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (24, 8)])
async def test_every_size_shows_the_column_with_the_cursor(past, size):
    async with reviewing(past, size=size) as session:
        for level, words in enumerate(("Clients", "Points", "Visits", "Presses")):
            await session.until_text(words)
            await session.until_read(level)
            if level < 3:
                await session.press("right")
        await session.press("enter")
        await session.until(lambda: isinstance(session.app.screen, PressScreen), "the press")
        await session.until_text("A17")


async def test_a_thousand_clients_are_a_list_of_which_only_what_is_seen_is_drawn(tmp_path):
    write(tmp_path, "K0500", [Told(1, ratings=(5,))])
    with (
        open_history(tmp_path / "history.db") as history,
        history._database.writing() as connection,
    ):  # made at once: one transaction a client takes its time
        from uuid import uuid4

        from feedback.history import tables, utc_now

        connection.execute(
            tables.client.insert(),
            [
                {"id": uuid4(), "code": f"K{n:04}", "created_at": utc_now(), "note": ""}
                for n in range(1000)
                if n != 500
            ],
        )
    async with reviewing(tmp_path, size=(80, 24)) as session:
        assert len(session.codes()) == 1000
        await session.press("end")
        await session.until_text("K0999")
        await session.press("pageup", "home")
        await session.until_text("K0000")
        await session.press(*"500")
        await session.until(lambda: session.codes() == ["K0500"], "one client")
        await session.until_read(1)
        await session.until_text("all points")


async def test_two_presses_are_compared_on_the_same_scales_with_their_differences(past):
    async with reviewing(past, "A17") as session:
        await session.press("down", "right", "right")
        await session.until(lambda: session.lists.level == 3, "the presses")
        await session.until_read()
        await session.press("space")
        await session.until_text("marked:")
        await session.press("left", "end")
        await session.until_read()
        await session.press("right", "equals_sign")
        await session.until(lambda: isinstance(session.app.screen, ComparePresses), "the comparison")
        await session.until_text("difference")
        await session.until_text("+0.59 kg/cm²")
        charts = list(session.app.screen.query("ReplayChart"))
        assert charts[0].picture.range.top == charts[1].picture.range.top
        assert charts[0].picture.window_s == charts[1].picture.window_s
        await session.press("escape")
        await session.until(lambda: isinstance(session.app.screen, ReviewScreen), "the columns")


async def test_two_visits_are_compared_and_different_kinds_are_not(past):
    async with reviewing(past, "A17") as session:
        await session.press("right")
        await session.until_read()
        await session.press("space", "equals_sign")
        await session.until(lambda: isinstance(session.app.screen, CompareVisits), "the comparison")
        await session.until_text("Hold ø")
        text = session.text()
        assert "two visits" in text
        assert text.index("2026-05-20") < text.index("2026-05-29")
        await session.press("escape")
        await session.until(lambda: isinstance(session.app.screen, ReviewScreen), "the columns")
        await session.press("right", "equals_sign")
        await session.until_told("Go to another visit")


async def test_a_point_over_time_calls_a_change_real_only_with_its_figure_and_source(past):
    async with reviewing(past, "A17") as session:
        await session.press("down", "f2")
        await session.until(lambda: isinstance(session.app.screen, PointScreen), "the point")
        await session.until_text("REAL: ROSE  threshold: 1.53 kg/cm² → 3.52 kg/cm² (+1.99 kg/cm²)")
        text = session.text()
        assert "counts from 1.63 kg/cm²" in text
        assert "PMID 25925018" in text
        assert "within error  lower edge of the band" in text
        assert "3.52 (2×, 4 %)" in text
        await session.press("end")
        await session.until_text("left 3.52 kg/cm², right 3.52 kg/cm²")


async def test_the_course_shows_visits_against_the_plan_and_soreness_beside_dose(past):
    async with reviewing(past) as session:
        await session.press("f3")
        await session.until(lambda: isinstance(session.app.screen, CourseScreen), "the course")
        await session.until_text("visit 4")
        text = session.text()
        assert "given 2026-05-29" in text
        assert "Does it help?" in text
        assert "not told" in text
        assert "N·s ■" in text


async def test_the_body_shows_presses_dose_or_threshold_and_enter_goes_to_the_point(past):
    async with reviewing(past) as session:
        await session.press("f4")
        await session.until(lambda: isinstance(session.app.screen, BodyScreen), "the body")
        await session.until_text("top of the shoulder, left: 8")
        await session.press("tab")
        await session.until_text("dose in N·s")
        await session.press("tab")
        await session.until_text("last threshold in kg/cm²")
        await session.until_text("top of the shoulder, left: 3.52")
        session.app.screen.query_one(BodyMap).highlight("shoulder-top", "right")
        await session.until_text(f"Points here: {RIGHT}")
        await session.press("enter")
        await session.until(lambda: session.lists.level == 1, "the points")
        assert session.lists.columns[1].row.name == str(RIGHT)


async def test_a_simulated_session_is_called_that_wherever_it_is_shown(past):
    async with reviewing(past, "B02") as session:
        await session.until_read()
        await session.press("right")
        await session.until_text("SIMULATED")
        await session.press("right", "enter")
        await session.until(lambda: isinstance(session.app.screen, PressScreen), "the press")
        await session.until(lambda: "SIMULATED · B02" in session.rows()[0], "the head line")


async def test_the_mouse_goes_in_as_far_as_it_clicks(past):
    async with reviewing(past) as session:
        await session.until_read()
        from textual.pilot import Pilot

        pilot = Pilot(session.app)
        await pilot.click(session.lists.columns[2], offset=(6, 3))
        await session.until(lambda: session.lists.level == 2, "the visits")
        assert session.lists.columns[2].row is session.lists.columns[2].rows[1]
        await session.until_read()
        await pilot.click(session.lists.columns[3], offset=(6, 3), times=2)
        await session.until(lambda: isinstance(session.app.screen, PressScreen), "the press")


@pytest.mark.parametrize("glyphs", ["ascii", "blocks"])
async def test_other_characters_and_the_light_theme_show_the_same(past, glyphs):
    settings = Settings(glyphs=glyphs, theme="goodpain-light")
    async with reviewing(past, "A17", settings=settings) as session:
        await session.until_text(("> " if glyphs == "ascii" else "▸ ") + "all points")
        await session.press("down", "f2")
        await session.until_text("# band" if glyphs == "ascii" else "█ band")


async def test_a_damaged_session_is_one_sentence_and_the_rest_stays_readable(tmp_path):
    write(tmp_path, "A17", [Told(9), Told(2)])
    with open_history(tmp_path / "history.db") as history:
        (_, newest) = history.sessions("A17")
        with history._database.writing() as connection:
            from feedback.history import tables

            connection.execute(
                tables.sample_chunk.update()
                .where(tables.sample_chunk.c.session_id == newest.id)
                .values(payload=b"rust")
            )
    async with reviewing(tmp_path, "A17") as session:
        await session.press("right", "right", "enter")
        await session.until(lambda: isinstance(session.app.screen, PressScreen), "the press")
        await session.until(
            lambda: session.app.screen.query_one("#problem").has_class("-there"), "the sentence"
        )
        await session.until_text("cannot be read")
        await session.press("escape")
        await session.until(lambda: isinstance(session.app.screen, ReviewScreen), "the columns")
        await session.press("left", "down")
        await session.until_read()
        await session.press("right", "enter")
        await session.until_text("said: 6/10")


async def test_last_time_at_this_point_opens_beside_the_session_which_stays_in_sight(tmp_path):
    write(tmp_path, "K-07", [Told(30, (RIGHT,)), Told(9), Told(3)])
    wanted = Visit("K-07", LEFT, "probe", 1.0, None, 500.0)
    async with running(tmp_path, "sim://bench?noise=0", wanted=wanted, size=(100, 30)) as session:
        await session.until(lambda: isinstance(session.app.screen, LiveScreen), "the live screen")
        await session.press("w")
        await session.until(lambda: isinstance(session.app.screen, ReviewScreen), "the review")
        screen = session.app.screen
        await session.until(
            lambda: screen.lists.level == 2 and screen.lists.columns[2].row is not None, "its visits"
        )
        assert screen.lists.columns[1].row.name == str(LEFT)
        assert not screen.lists.columns[2].row.running
        before_s = session.app.live_loop.view().now_s
        await session.press("right", "enter")
        await session.until(lambda: isinstance(session.app.screen, PressScreen), "the press")
        opened = session.app.screen
        await session.until(
            lambda: any(strip.plain for strip in opened.query(LiveStrip)), "the session in sight"
        )
        await session.until(lambda: session.app.live_loop.view().now_s > before_s, "the session going on")
        await session.press("escape")
        await session.until(lambda: isinstance(session.app.screen, ReviewScreen), "the columns")
        await session.press("escape")
        await session.until(lambda: isinstance(session.app.screen, LiveScreen), "the live screen")


async def test_records_kept_long_enough_are_reminded_of(tmp_path):
    write(tmp_path, "OLD", [Told(365 * 30)])
    async with reviewing(tmp_path, settings=Settings(retention_years=10)) as session:
        await session.until_told("For 1 client nothing was entered for more than 10 years")
