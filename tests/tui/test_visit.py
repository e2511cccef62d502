"""The sheets of a visit, in the real application on the simulated sensor."""

from __future__ import annotations

import pytest

from feedback.care import FindingKind, PainArea
from feedback.points import UNSPECIFIED, Point
from tests.tui.past import past_visit
from tests.tui.sessions import running, visit
from tui.opening import CAUTION_CONFIRMED
from tui.screens.live import LiveScreen
from tui.screens.setup import SetupScreen
from tui.screens.visit import CareMenu, TechniqueScreen
from tui.screens.visit.assessment import AssessmentScreen
from tui.screens.visit.check import CheckScreen
from tui.screens.visit.hands import HandsScreen
from tui.screens.visit.pains import PainList
from tui.screens.visit.plan import PlanScreen
from tui.screens.visit.scale import Scale
from tui.screens.visit.soreness import SorenessScreen
from tui.wanted import UNNAMED_CLIENT, Visit
from tui.widgets.live_strip import LiveStrip

NOTHING = Visit(UNNAMED_CLIENT, Point(UNSPECIFIED), "probe", 1.0)
B02 = Visit("B02", Point("infraspinatus", "left"), "probe", 1.0)


async def until_screen(session, kind):
    await session.until(lambda: isinstance(session.app.screen, kind), str(kind))


async def until_at(session, field):
    await session.until(lambda: session.app.focused is not None and session.app.focused.id == field, field)


async def open_from_the_menu(session, letter, text):
    await session.until(
        lambda: isinstance(session.app.screen, LiveScreen) and "Care" in session.rows()[-1], "the live screen"
    )
    await session.press("c")
    await session.until_text("letter, or ↑ ↓ and Enter")
    await session.press(letter)
    await session.until_text(text)


def care(session):
    return session.studio.history.care


# Before the session.


async def test_a_known_client_is_greeted_with_the_plan_and_last_time_and_soreness_is_one_digit(tmp_path):
    before = past_visit(tmp_path, "B02", days_ago=2)
    async with running(tmp_path, "sim://quiet", wanted=B02, ask=True) as session:
        await session.until_text("Whose session?")
        await session.press("ctrl+s")
        await session.until_text("Visit 2 of 4, week 1")
        assert "1 press" in session.text()
        assert "infraspinatus, left" in session.text()
        await session.until(lambda: isinstance(session.app.focused, Scale), "the scale")
        await session.press("3", "enter")
        await session.until_text("Check before the session")
        await session.press("enter")
        await session.until(lambda: care(session).sorenesses("B02"), "the soreness")
        (told,) = care(session).sorenesses("B02")
        assert (told.rating, told.session_id) == (3, before)
        assert told.hours_after == pytest.approx(48, abs=1)


async def test_escape_goes_back_one_step_at_a_time_and_records_nothing(tmp_path):
    past_visit(tmp_path, "B02", days_ago=2)
    async with running(tmp_path, "sim://quiet", wanted=B02, ask=True) as session:
        await session.until_text("Whose session?")
        await session.press("ctrl+s")
        await session.until_text("Visit 2 of 4")
        await session.press("4", "enter")
        await session.until_text("Check before the session")
        await session.press("escape")
        await session.until_text("Visit 2 of 4")
        await session.press("escape")
        await until_screen(session, SetupScreen)
        await until_at(session, "client")
        assert care(session).sorenesses("B02") == []
        assert len(session.studio.history.sessions()) == 1


async def test_without_a_change_after_two_visits_it_is_said_kindly_and_what_was_tried(tmp_path):
    past_visit(tmp_path, "B02", days_ago=10, pain_now=6)
    past_visit(tmp_path, "B02", days_ago=3, pain_now=6)
    async with running(tmp_path, "sim://quiet", wanted=B02, ask=True) as session:
        await session.until_text("Whose session?")
        await session.press("ctrl+s")
        await session.until_text("Visit 3 of 4")
        await session.until_text("this therapy may not be")
        assert "Tried so far: 2 visits" in session.text()


# The check.


async def test_one_enter_answers_no_to_all_and_a_letter_says_yes_and_what_it_means(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "k", "Check before the session")
        await session.press("enter")
        await session.until(lambda: care(session).last_check("K-07") is not None, "the answers")
        first = care(session).last_check("K-07")
        assert [answer.yes for answer in first.answers] == [False] * len(session.studio.shelf.checks)
        assert session.studio.reminder == ""
        await open_from_the_menu(session, "k", "everything was no")
        await session.press("a")
        await session.until_text("bruises come sooner")
        await session.press("enter")
        await session.until(lambda: session.studio.reminder != "", "the reminder")
        assert "anticoagulants" in session.studio.reminder
        assert "bruises come sooner" in session.studio.reminder
        await session.until_text("Special care – anticoagulants")
        assert [a.key for a in care(session).last_check("K-07").answers if a.yes] == ["anticoagulants"]


async def test_what_was_yes_last_time_is_not_lost_by_one_enter(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "k", "Check before the session")
        await session.press("down", "space", "enter")
        await open_from_the_menu(session, "k", "last time: yes")
        await session.press("enter")
        await session.until_text("yes last time")
        await session.press("space", "enter")
        await until_screen(session, LiveScreen)
        checks = care(session).checks("K-07")
        assert [[a.key for a in check.answers if a.yes] for check in checks] == [["injury"], ["injury"]]


# The assessment.


async def test_areas_numbers_findings_factors_and_a_note_are_a_few_keys(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "a", "Where it hurts")
        await until_at(session, "area")
        await session.press(*"ne l")
        await session.until_text("neck, left")
        await session.press("enter")
        await until_at(session, "pains")
        await session.press("6", "x", "i", "t")
        await session.until_text("Which trigger point, neck, left?")
        await session.press(*"ut l", "enter")
        await session.until_text("where does its pain go?")
        await session.press("enter")
        await session.until_text("→ ")
        await until_at(session, "pains")
        await session.press("enter")
        await until_at(session, "area")
        await session.press("enter")
        await until_at(session, "factors")
        await session.press("s", "w", "enter")
        await until_at(session, "note")
        await session.press(*"desk", "enter")
        await session.until(lambda: care(session).assessments("K-07"), "the assessment")
        (kept,) = [stored.assessment for stored in care(session).assessments("K-07")]
        assert kept.areas == (PainArea("neck", "left", 6, 10),)
        ischemia, trigger = kept.findings
        assert (ischemia.kind, ischemia.area, ischemia.side) == (FindingKind.ISCHEMIA, "neck", "left")
        assert trigger.point == Point("upper trapezius", "left")
        assert trigger.referred
        assert [factor.name for factor in kept.factors] == ["stress", "work posture"]
        assert kept.note == "desk"


async def test_nothing_is_compulsory_and_an_empty_assessment_is_not_kept(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "a", "Where it hurts")
        for field in ("area", "factors", "note"):
            await until_at(session, field)
            await session.press("enter")
        await until_screen(session, LiveScreen)
        assert care(session).assessments("K-07") == []


async def test_backspace_takes_back_and_another_area_may_be_any_word(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "a", "Where it hurts")
        await until_at(session, "area")
        await session.press(*"scar", "enter")
        await until_at(session, "pains")
        await session.press("7", "g", "backspace")
        pains = session.app.screen.query_one(PainList)
        await session.until(lambda: pains.told.areas and not pains.told.findings, "the finding taken back")
        await session.press("enter")
        await until_at(session, "area")
        await session.press("enter")
        await until_at(session, "factors")
        await session.press("h", "ctrl+s")
        await session.until(lambda: care(session).assessments("K-07"), "the assessment")
        kept = care(session).assessments("K-07")[0].assessment
        assert kept.areas == (PainArea("scar", "", 7),)
        assert [factor.name for factor in kept.factors] == ["hydration"]


async def test_an_area_is_picked_on_the_body_map(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "a", "Where it hurts")
        await session.press("f2")
        await until_at(session, "body")
        await session.press("enter")
        await until_at(session, "pains")
        (area,) = session.app.screen.query_one(PainList).told.areas
        assert area.area in {one.part for one in session.studio.shelf.atlas.areas}
        assert isinstance(session.app.screen, AssessmentScreen)


# Plan, soreness, technique, hands.


async def test_the_plan_offered_is_agreed_to_by_one_enter(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "p", "over weeks")
        await session.press("enter")
        await session.until(lambda: care(session).plan("K-07") is not None, "the plan")
        plan = care(session).plan("K-07")
        assert (plan.visits, plan.weeks_min, plan.weeks_max, plan.homework) == (4, 2, 6, ())


async def test_homework_is_a_line_each_and_weeks_that_are_none_are_told(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "p", "over weeks")
        await until_at(session, "homework")
        await session.press(*"stretch", "enter")
        await session.until_text("· stretch")
        await session.press(*"walk")
        weeks = session.app.screen.query_one("#weeks")
        weeks.value = "soon"
        await session.press("ctrl+s")
        await session.until_text("“soon” are no weeks")
        weeks.value = "3"
        await session.press("ctrl+s")
        await session.until(lambda: care(session).plan("K-07") is not None, "the plan")
        plan = care(session).plan("K-07")
        assert plan.homework == ("stretch", "walk")
        assert (plan.weeks_min, plan.weeks_max) == (3, 3)


async def test_soreness_stands_beside_the_dose_before_it(tmp_path):
    before = past_visit(tmp_path, "K-07", days_ago=1)
    async with running(tmp_path, "sim://quiet") as session:
        await open_from_the_menu(session, "s", "24 hours ago")
        assert "not told" in session.text()
        await session.press("4", "enter")
        await session.until(lambda: care(session).sorenesses("K-07"), "the soreness")
        (told,) = care(session).sorenesses("K-07")
        assert (told.rating, told.session_id) == (4, before)
        await open_from_the_menu(session, "s", "How sore")
        assert "■■■■" in session.text()


async def test_a_technique_is_coached_from_now_on_also_at_the_next_point(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        assert session.app.live_loop.view().coach is None
        await open_from_the_menu(session, "t", "Sustained release")
        await session.press("r")
        await session.until(
            lambda: (
                (coach := session.app.live_loop.view().coach) is not None
                and coach.technique.name == "sustained-release"
            ),
            "the coach",
        )
        await until_screen(session, LiveScreen)
        await session.press("p")
        await session.until_text("Which point?")
        await session.press(*"infra r", "enter")
        await session.until_text("K-07 · infraspinatus, right")
        assert session.app.live_loop.view().coach.technique.name == "sustained-release"


async def test_the_next_point_asks_for_care_where_it_is_due(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await session.press("p")
        await session.until_text("Which point?")
        await session.press(*"scal l", "enter")
        await session.until_text("Special care at scalenes, left")
        await session.press("n")
        await session.until_text("Which point?")
        await session.press("enter")
        await session.until_text("Special care at scalenes, left")
        await session.press("y")
        await session.until_text("K-07 · scalenes, left")
        await session.until(
            lambda: any(
                event.kind == CAUTION_CONFIRMED and "scalenes, left" in event.text
                for event in session.studio.history.sessions()[0].events
            ),
            "the event",
        )


async def test_the_hands_are_looked_at_and_escape_comes_back(tmp_path):
    async with running(tmp_path, "sim://bench?noise=0&speed=15") as session:
        await session.until(lambda: session.app.live_loop.presses, "a press", 30)
        await open_from_the_menu(session, "h", "Under pressure")
        await session.press("escape")
        await until_screen(session, LiveScreen)


# While the session goes on behind.


async def test_the_alarm_stays_in_sight_over_every_sheet(tmp_path):
    bench = "sim://bench?noise=0&speed=5"  # 20 N, then 40 N on 1 cm²
    async with running(tmp_path, bench, wanted=visit(ceiling_kpa=300.0), size=(80, 24)) as session:
        await open_from_the_menu(session, "p", "over weeks")
        strip = session.app.screen.query_one(LiveStrip)
        await session.until(lambda: "2.04 kg/cm²" in session.rows()[0], "20 N", 30)
        await session.until(
            lambda: (
                strip.has_class("-stop")
                and session.rows()[0].startswith(" ■ STOP")
                and "over the ceiling" in session.rows()[0]
            ),
            "40 N, over the ceiling",
            30,
        )


async def test_a_sheet_leaves_the_session_in_sight_round_it(tmp_path):
    async with running(tmp_path, "sim://quiet", size=(140, 45)) as session:
        for letter, text in (("k", "Check before"), ("a", "Where it hurts"), ("p", "over weeks")):
            await open_from_the_menu(session, letter, text)
            sheet = session.app.screen.query_one("#sheet").region
            assert sheet.width < 130
            assert sheet.height < 42
            await session.press("escape")
            await until_screen(session, LiveScreen)


@pytest.mark.parametrize("size", [(40, 12), (20, 5)])
async def test_in_a_window_of_any_size_every_sheet_opens_and_the_cursor_is_in_sight(tmp_path, size):
    async with running(tmp_path, "sim://quiet", size=size) as session:
        for letter in "apsth":
            await until_screen(session, LiveScreen)
            await session.press("c")
            await until_screen(session, CareMenu)
            await session.press(letter)
            await until_screen(
                session, (AssessmentScreen, PlanScreen, SorenessScreen, TechniqueScreen, HandsScreen)
            )
            await session.press("escape")
        await until_screen(session, LiveScreen)
        await session.press("c")
        await until_screen(session, CareMenu)
        await session.press("k")
        await until_screen(session, CheckScreen)
        await session.press("l")  # the last question
        if size == (40, 12):
            await session.until_text("YES Anything unusual")


# The end.


async def test_ctrl_q_asks_and_escape_goes_on(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await session.press("ctrl+q")
        await session.until_text("End this session?")
        await session.press("ctrl+q", "escape")
        await until_screen(session, LiveScreen)
        assert session.studio.history.sessions()[0].ended_at is None


async def test_the_card_at_the_end_tells_of_the_hands_and_keeps_homework_and_a_note(tmp_path):
    async with running(tmp_path, "sim://bench?noise=0&speed=15") as session:
        await session.until(lambda: session.app.live_loop.presses, "a press", 30)
        await session.press("ctrl+q")
        await session.until_text("End this session?")
        assert "Next: visit 2" in session.text()
        await session.press("h")
        await until_at(session, "homework")
        await session.press(*"walk", "enter")
        await session.until(lambda: session.app.focused is None, "the card itself")
        await session.press("n")
        await until_at(session, "note")
        await session.press(*"tender", "enter")
        await session.until(lambda: session.app.focused is None, "the card itself")
        await session.press("enter")
        await session.until(lambda: not session.app.is_running, "the end")
        assert care(session).plan("K-07").homework == ("walk",)
    from feedback.history import open_history

    with open_history(tmp_path / "history.db") as history:
        assert [note.text for note in history.sessions()[0].notes] == ["tender"]
