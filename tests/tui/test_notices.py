"""What is told for some seconds has one row, and nothing that matters is under it; the list of keys is read whole."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from tests.practise.at_home import at_home
from tests.tui.sessions import running, visit
from tui.notices import SHORTEST_S, Notices
from tui.screens.live import LiveScreen
from tui.widgets.key_list import KeyList, in_columns

LONG = (
    "The calibration of this sensor is 14 months old and was done with other masses than those of today: "
    "`goodpain calibrate` makes a new one, `goodpain check` looks at it"
)


def told_in_order(notices: Notices, width: int, now_s: float = 0.0) -> list[str]:
    """Every line, each for its time."""
    lines: list[str] = []
    while (line := notices.next_line(width, now_s)) is not None:
        lines.append(line.text)
        now_s += line.seconds
        assert len(lines) < 500
    return lines


@given(st.text(max_size=300), st.integers(10, 120))
def test_every_word_is_told_and_every_part_fits_the_row(words: str, width: int) -> None:
    notices = Notices()
    notices.add(words, "information", 5.0, 0.0)
    lines = told_in_order(notices, width)
    assert all(cell_len(line) <= width for line in lines)
    parts = [line.removesuffix(" …") for line in lines[:-1]] + lines[-1:]
    assert "".join("".join(parts).split()) == "".join(words.split())


def test_the_newest_comes_at_once_and_what_it_put_aside_comes_back() -> None:
    notices = Notices()
    notices.add("the calibration is old", "warning", 10.0, 0.0)
    first = notices.next_line(80, 0.0)
    assert (first.text, first.seconds) == ("the calibration is old", 10.0)
    notices.add("zero set", "information", 3.0, 4.0)
    assert notices.words == ("zero set", "the calibration is old")
    assert notices.next_line(80, 4.0).text == "zero set"
    back = notices.next_line(80, 7.0)
    assert (back.text, back.seconds) == ("the calibration is old", 6.0)
    assert notices.next_line(80, 13.0) is None
    assert notices.words == ()


def test_news_of_a_thing_puts_what_was_told_of_it_before_away_for_good() -> None:
    notices = Notices()
    notices.add("the port is gone", "warning", 4.0, 0.0, "signal")
    notices.next_line(80, 0.0)
    notices.add("zero set", "information", 3.0, 1.0)
    notices.next_line(80, 1.0)
    notices.add("the signal is back", "warning", 4.0, 2.0, "signal")
    assert told_in_order(notices, 80, 2.0) == ["the signal is back", "zero set"]


def test_a_long_one_that_is_put_aside_goes_on_where_it_was() -> None:
    notices = Notices()
    notices.add(LONG, "warning", 10.0, 0.0)
    first = notices.next_line(77, 0.0)
    assert first.text.endswith(" …")
    second = notices.next_line(77, first.seconds)
    notices.add("zero set", "information", 3.0, first.seconds + 1.0)
    notices.next_line(77, first.seconds + 1.0)
    again = notices.next_line(77, first.seconds + 4.0)
    assert again.text == second.text
    assert min(first.seconds, second.seconds, again.seconds) >= SHORTEST_S


def test_the_same_is_told_once_however_often_it_is_asked_for() -> None:
    notices = Notices()
    for number in range(20):
        notices.add("nothing to take back", "information", 3.0, 0.1 * number)
        notices.next_line(80, 0.1 * number)
    assert notices.words == ("nothing to take back",)


def test_keys_stand_in_as_few_rows_as_the_width_allows() -> None:
    listed = [("a", "one"), ("b", "two"), ("c", "three"), ("d", "four"), ("e", "five")]
    assert in_columns(listed, 5) == [listed]
    assert in_columns(listed, 17) == [listed[:3], listed[3:]]
    assert len(in_columns(listed, 200)) == 5


@pytest.mark.parametrize("size", [(80, 24), (64, 20), (140, 45)])
async def test_a_notice_lies_over_the_line_of_keys_alone(tmp_path, size) -> None:
    async with running(tmp_path, "sim://quiet", size=size, notifications=True) as session:
        await session.until(lambda: isinstance(session.app.screen, LiveScreen), "the screen")
        for _ in range(3):
            session.app.notify(LONG, severity="warning", timeout=10)
        session.app.notify("Zero set", timeout=4)
        await session.until(lambda: "Zero set" in session.rows()[-1], "the notice")
        assert not any("calibration" in row for row in session.rows())
        [toast] = [one for one in session.app.screen.query("Toast") if one.region.height]
        assert (toast.region.y, toast.region.height) == (size[1] - 1, 1)
        assert LONG in session.app.told
        # A person who has read it clicks it away.
        await Pilot(session.app).click(toast)
        await session.until(lambda: "Zero set" not in session.text(), "the click")


async def test_a_notice_of_practice_lies_over_the_line_of_keys_too(tmp_path) -> None:
    async with at_home(tmp_path, size=(80, 24), notifications=True) as here:
        await here.press("m")
        await here.until(lambda: "Sound:" in here.text().splitlines()[-1], "the notice")


class Asks(Screen[None]):
    """A screen whose key needs what is on it."""

    BINDINGS: ClassVar = [("x", "answer", "Answer")]

    def compose(self):
        yield Static("?", id="question")

    def action_answer(self) -> None:
        self.query_one("#question", Static).update("!")


async def test_a_key_that_comes_before_a_screen_is_there_is_nobodys(tmp_path) -> None:
    async with running(tmp_path, "sim://quiet") as session:
        asks = Asks()
        session.app.push_screen(asks)
        assert not asks.is_mounted
        await session.app.run_action("answer", asks)
        await session.until(lambda: asks.is_mounted and bool(asks.query("#question")), "the question")
        await session.press("x")
        await session.until_text("!")


@pytest.mark.parametrize("coached", [False, True])
async def test_all_keys_are_listed_at_once_on_a_small_terminal_and_the_number_is_still_there(
    tmp_path, coached
) -> None:
    wanted = replace(visit(), technique="sustained-release" if coached else "")
    async with running(tmp_path, "sim://quiet", wanted=wanted, size=(80, 24)) as session:
        await session.until(lambda: session.app.screen.has_class("-coached") is coached, "the coach")
        await session.until_text("READY")
        before = session.rows()[1:9]
        await session.press("question_mark")
        await session.until_text("Own keys")
        await asyncio.sleep(0.1)
        text = session.text()
        for words in (
            "space Stop",
            "0-9 Rating",
            "Worsening",
            "Last time here",
            "Next phase",
            "Softer",
            "End",
        ):
            assert words in text
        [keys] = session.app.screen.query(KeyList)
        assert keys.max_scroll_y == 0
        assert session.app.screen.max_scroll_y == 0
        assert session.rows()[1:9] == before
        await session.press("question_mark")
        await session.until(lambda: "Own keys" not in session.text(), "the list gone")


async def test_a_list_that_does_not_fit_says_so_and_is_moved_by_the_arrows(tmp_path) -> None:
    async with running(tmp_path, "sim://quiet", size=(44, 16)) as session:
        await session.press("question_mark")
        await session.until_text("↑ ↓ more")
        reports = len(session.app.live_loop.view().heard)
        for _ in range(12):
            await session.press("down")
        await session.until_text("ctrl+q End")
        assert len(session.app.live_loop.view().heard) == reports
