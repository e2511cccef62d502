"""One press from close by: replay, corrections, void."""

from __future__ import annotations

import pytest
from textual.screen import Screen
from textual.widgets import Input

from feedback.comfort import ReportKind
from feedback.history import open_history
from tests.tui.review_past import Told, write
from tests.tui.reviewing import Reviewing, reviewing
from tui.screens.review.correct import CorrectNote, CorrectReport, VoidPress
from tui.screens.review.press import PressScreen
from tui.screens.review.scrubber import Scrubber


@pytest.fixture
def past(tmp_path):
    write(tmp_path, "A17", [Told(9), Told(3, lost=True, saturated=True, note="left arm tingles")])
    return tmp_path


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The same, for tests that only look."""
    folder = tmp_path_factory.mktemp("past")
    write(folder, "A17", [Told(9), Told(3, lost=True, saturated=True, note="left arm tingles")])
    return folder


def asked(session: Reviewing, question: type[Screen]) -> bool:
    """The question is there and takes keys."""
    return isinstance(session.app.screen, question) and session.app.focused is not None


async def open_press(session: Reviewing, *, last: bool = False) -> PressScreen:
    """The first (or last) press of the newest visit."""
    await session.press("right", "right")
    await session.until_read()
    await session.press(*(["end"] if last else []), "enter")
    await session.until(lambda: isinstance(session.app.screen, PressScreen), "the press")
    screen = session.app.screen
    await session.until(lambda: bool(screen._moments), "what happened")
    return screen


async def go_to(session: Reviewing, screen: PressScreen, words: str) -> None:
    """Put the cursor on a moment, by keys; each is waited for: keys on the way would move it on later."""
    await session.press("home")
    for row in range(len(screen._list.rows)):
        await session.until(lambda row=row: screen._list.row is screen._list.rows[row], f"row {row}")
        if words in screen._list.row.words:
            return
        await session.press("down")
    raise AssertionError(f"{words} is not in the list")


def shown(screen: PressScreen) -> str:
    """What stands where the playhead is."""
    return str(screen.query_one("#at").content)


async def test_a_press_opens_at_its_end_with_figures_flags_phases_reports_and_the_band_of_then(kept):
    async with reviewing(kept, "A17") as session:
        screen = await open_press(session)
        await session.until_text("saturated")
        for words in (
            "said: 6/10 at 1.99 kg/cm²",
            "ramp 1 ends: reached the band",
            "hold 1 ends: time is up",
        ):
            await session.until_text(words)
        text = session.text()
        assert "▲ saturated: the true pressure is at least this" in text
        assert "3 samples lost" in text
        assert "band 1.53–2.65 (learned), never above 5.10 kg/cm²" in shown(screen)
        assert screen.playback.at_s == screen.playback.end_s


async def test_play_moves_the_playhead_with_the_clock_up_to_sixteen_times_as_fast(kept):
    async with reviewing(kept, "A17") as session:
        screen = await open_press(session)
        await session.press("space")
        await session.until(lambda: screen.playback.playing, "playing")
        assert screen.playback.at_s == screen.playback.start_s
        session.clock.now_s += 1.0
        await session.until(
            lambda: screen.playback.at_s == pytest.approx(screen.playback.start_s + 1), "a second"
        )
        await session.press("plus", "plus", "plus", "plus", "plus")
        await session.until(lambda: "▶ 16×" in shown(screen), "sixteen times")
        session.clock.now_s += 0.25
        await session.until(
            lambda: screen.playback.at_s == pytest.approx(screen.playback.start_s + 5), "four more"
        )
        session.clock.now_s += 60
        await session.until(lambda: not screen.playback.playing, "the end")
        assert screen.playback.at_s == screen.playback.end_s


async def test_scrubbing_back_shows_what_was_known_then_and_nothing_of_later(kept):
    async with reviewing(kept, "A17") as session:
        screen = await open_press(session)
        await go_to(session, screen, "said: 6/10")
        await session.until(lambda: "in the band" in shown(screen), "the standing")
        assert "hold 1, 2 of 10 s" in shown(screen)
        assert "said: 6/10, 0 s ago" in shown(screen)
        fed = screen._chart.picture._history.samples()[0]
        assert fed[-1] == pytest.approx(screen.playback.at_s, abs=0.02)
        await session.press("left", "left", "left", "left")
        await session.until(lambda: "said:" not in shown(screen), "before the first word")
        assert screen._chart.picture._history.samples()[0][-1] < fed[-1]


async def test_the_mouse_takes_the_playhead_along(kept):
    async with reviewing(kept, "A17") as session:
        screen = await open_press(session)
        from textual.pilot import Pilot

        scrubber = screen.query_one(Scrubber)
        middle = scrubber.size.width // 2
        await Pilot(session.app).click(scrubber, offset=(middle, 1))
        await session.until(lambda: 0.4 < screen.playback.share < 0.6, "the middle")


async def test_another_press_is_one_key_away_and_the_list_follows(kept):
    async with reviewing(kept, "A17") as session:
        await open_press(session)
        await session.until_text("press 1 of 2")
        await session.press("n")
        await session.until_text("press 2 of 2")
        await session.press("n")
        await session.until_told("This was the last press")
        await session.press("escape")
        await session.until(lambda: session.app.screen is session.browser, "the columns")
        await session.until(
            lambda: session.lists.columns[3].row is not None and session.lists.columns[3].row.number == 2,
            "the second",
        )


async def test_a_wrong_rating_is_corrected_with_a_reason_and_the_old_one_is_shown_on_demand(past):
    async with reviewing(past, "A17") as session:
        screen = await open_press(session)
        await go_to(session, screen, "said: 6/10")
        await session.press("c")
        await session.until(lambda: asked(session, CorrectReport), "the question")
        await session.press("3")
        new = session.app.screen.query_one("#new", Input)
        await session.until(lambda: new.value == "3", "the new word")
        # Two at once, as a hasty hand sends them: the second does not lead past the reason.
        for _ in range(2):
            new.post_message(Input.Submitted(new, new.value))
        await session.until(lambda: session.app.focused.id == "why", "the reason")
        await session.press("enter")
        await session.until_text("Say why")
        assert session.app.focused.id == "why"
        await session.press(*"misheard", "enter")
        await session.until(lambda: session.app.screen is screen, "the press")
        await session.until_text("said: 3/10 at 1.99 kg/cm², corrected")
        assert "at first: 6/10" not in session.text()
        await session.press("o")
        await session.until_text("at first: 6/10")
        await session.until_text("by T1: misheard")
        await session.press("escape")
        await session.until(lambda: session.app.screen is session.browser, "the columns")
        await session.until_text("there, 3/10, good")
    with open_history(past / "history.db") as history:
        reports = [r for s in history.sessions("A17") for r in s.reports if r.corrected_from is not None]
        assert [(r.kind, r.rating, r.corrected_from.rating) for r in reports] == [(ReportKind.RATING, 3, 6)]


async def test_a_void_press_is_marked_everywhere_counts_nowhere_and_can_be_restored(past):
    async with reviewing(past, "A17") as session:
        await open_press(session)
        await session.press("v")
        await session.until(lambda: asked(session, VoidPress), "the question")
        await session.press("enter")
        await session.until_text("Say why")
        await session.press(*"slipped", "enter")
        await session.until_text("VOID: slipped")
        await session.press("escape")
        await session.until_text("void, saturated")
        await session.until(
            lambda: session.lists.columns[2].row is not None and session.lists.columns[2].row.presses == 1,
            "one that counts",
        )
        await session.press("enter")
        await session.until(lambda: isinstance(session.app.screen, PressScreen), "the press")
        await session.until_text("VOID: slipped")
        await session.press("v")
        await session.until_text("Let this press count again?")
        await session.press(*"was fine", "enter")
        await session.until(
            lambda: "VOID" not in session.rows()[0] and "A17" in session.rows()[0], "restored"
        )
        await session.press("o")
        await session.until_text("press restored")


async def test_a_note_is_corrected_in_other_words(past):
    async with reviewing(past, "A17") as session:
        screen = await open_press(session, last=True)
        await go_to(session, screen, "note: left arm tingles")
        await session.press("c")
        await session.until(lambda: asked(session, CorrectNote), "the question")
        await session.press("end", "!", "enter")
        await session.until(lambda: session.app.focused.id == "why", "the reason")
        await session.press(*"typo", "enter")
        await session.until_text("note: left arm tingles!, corrected")


async def test_a_record_that_may_only_be_read_is_looked_at_and_not_corrected(kept):
    async with reviewing(kept, "A17", read_only=True) as session:
        await session.until_text("read-only")
        screen = await open_press(session)
        await session.press("v")
        await session.until_told("may only be read")
        await go_to(session, screen, "said: 6/10")
        await session.press("c")
        await session.until(lambda: session.app.screen is screen, "no question")


async def test_small_windows_keep_the_chart_and_where_the_playhead_is(kept):
    for size in ((80, 24), (50, 14), (30, 9)):
        async with reviewing(kept, "A17", size=size) as session:
            screen = await open_press(session)
            await session.until_text("0.00 kg/cm²")
            assert screen.query_one("#at").size.height == 1


def test_points_of_a_press_without_samples_are_told(tmp_path):
    from tui.screens.review.traces import trace_of, troubles

    trace = trace_of([], 1.0)
    assert trace.at(1.0) is None
    assert troubles(trace) == []
    assert trace.highest == 0.0
