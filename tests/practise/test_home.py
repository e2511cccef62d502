"""Home: what is next and why, how far, what is due, what is wrong, and the ways from there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.widgets import Input

from feedback.drills import Purpose, Skip, StepKind
from feedback.history import open_history
from feedback.units import KPA
from tests.practise.at_home import MONDAY, at_home
from tests.practise.foam import NO_CALIBRATION, Foam
from tests.practise.past import LIGHT_AT_FIRST, keep_training
from tui.opening import HISTORY_FILE
from tui.screens.practise.attempt import AttemptScreen
from tui.screens.practise.drill_list import DrillListScreen
from tui.screens.practise.group import GroupScreen
from tui.screens.practise.home import HomeScreen
from tui.screens.practise.progress import ProgressScreen
from tui.screens.practise.trainee import TraineeScreen
from tui.settings import Settings

OWN = """
title = "My hold"
kind = "hold"
about = "Mine."
target = "150 kPa"
hold_s = 5
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A record with the first day of T-01."""
    folder = tmp_path_factory.mktemp("trained")
    keep_training(folder, "T-01", LIGHT_AT_FIRST, MONDAY, (0,))
    return folder


async def test_who_practises_is_asked_by_code_and_a_name_is_asked_about(tmp_path):
    async with at_home(tmp_path, None) as here:
        await here.until(lambda: isinstance(here.app.screen, TraineeScreen), "the question")
        await here.press(*"Anna Smith", "enter")
        await here.until_text("looks like a name")
        await here.press(*["backspace"] * 10, "enter")
        await here.until_text("1 to 40")
        await here.press(*"T-09", "enter")
        await here.until_home()
        assert "T-09 · a simulated sensor, moved by keys" in here.text()


async def test_a_new_trainee_is_sent_to_the_blind_baseline_and_told_why(tmp_path):
    async with at_home(tmp_path, size=(80, 24)) as here:
        text = here.text()
        assert "Find the pressure: blind baseline" in text
        assert "5 attempts blind" in text
        assert "Why: only a start that was measured" in text
        assert "Enter: begin" in text
        assert "Next: blind, 4 of 5 inside" in text
        await here.until(lambda: "End" in here.text().splitlines()[-1], "the keys")


async def test_pressures_are_in_the_users_unit(tmp_path):
    async with at_home(tmp_path, settings=Settings(unit=KPA)) as here:
        assert "78 to 235 kPa" in here.text()


async def test_after_the_first_day_there_is_rest_and_the_retest_is_announced(trained):
    async with at_home(trained, now=MONDAY + timedelta(hours=1)) as here:
        text = here.text()
        assert "Enough for today. From tomorrow: Steady hold" in text
        assert "due in 2 days" in text
        assert text.count("✓") == 3
        assert "4 Mar" in text
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, DrillListScreen), "the drills")


async def test_a_retest_that_is_due_comes_first_and_is_marked(trained):
    async with at_home(trained, now=MONDAY + timedelta(days=3)) as here:
        text = here.text()
        assert "Find the pressure: blind retest after days" in text
        assert "! Find the pressure: the retest after days is due, 4 more days left" in text
    async with at_home(trained, now=MONDAY + timedelta(days=20)) as here:
        assert "It is late, and still worth doing." in here.text()


async def test_a_step_is_skipped_only_by_the_key_that_says_so_and_it_is_kept(tmp_path):
    async with at_home(tmp_path) as here:
        await here.press("s")
        await here.until_text("Skip this step?", "there is no start to compare with")
        await here.press("enter")
        await here.until_text("y skips this step")
        await here.press("n")
        await here.until_home()
        assert not here.studio.training("T-01").skips
        await here.press("s")
        await here.until_text("Skip this step?")
        await here.press("y")
        await here.until_text("Find the pressure: practice", "Skipped: Find the pressure")
        (skip,) = here.studio.training("T-01").skips
        assert (skip.drill, skip.purpose) == ("find-pressure", Purpose.BASELINE)
        assert "skip " in here.text()


async def test_the_trainee_chooses_when_to_see_the_pressure(tmp_path):
    with open_history(tmp_path / HISTORY_FILE) as history:
        history.training.trainee("T-01")
        history.training.skip(Skip("T-01", "find-pressure", Purpose.BASELINE, MONDAY))
    async with at_home(tmp_path) as here:
        await here.until_text("Find the pressure: practice", "on demand: for two seconds")
        await here.press("f")
        await here.until_text("When do you want to see the pressure")
        await here.press("a")
        await here.until_text("afterwards: when the attempt is over")
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, AttemptScreen), "the attempt")
        assert here.app.screen._run.task.feedback.value == "after"
        assert here.app.screen._run.purpose is Purpose.PRACTICE
        await here.press("escape")
        await here.until_home()


async def test_enter_begins_the_blind_attempt_and_giving_up_untouched_leaves_nothing(tmp_path):
    async with at_home(tmp_path) as here:
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, AttemptScreen), "the attempt")
        assert here.app.screen._run.task.blind
        assert not here.app.screen._run.task.reveal
        await here.press("escape")
        await here.until_home()
        assert here.studio.training("T-01").attempts == ()


async def test_the_list_of_drills_says_what_each_asks_and_what_is_wrong_with_own_files(tmp_path):
    folder = tmp_path / "drills"
    folder.mkdir()
    (folder / "my-hold.toml").write_text(OWN, "utf-8")
    (folder / "bad.toml").write_text('title = "B"\nkind = "hold"\nabout = "x"\ntarget = "2 stone"\n', "utf-8")
    async with at_home(tmp_path, size=(120, 40)) as here:
        await here.until_text("1 remark on your drills")
        await here.press("d")
        await here.until_text("My hold", "bad.toml, line 4", "stone", str(folder))
        text = here.text()
        assert "0.80 – 2.40" in text
        assert "same again" in text
        await here.press("end")
        await here.until_text("Mine.")


async def test_a_drill_above_the_ceiling_is_refused_with_the_reason_and_not_begun(tmp_path):
    async with at_home(tmp_path, ceiling_kpa=200.0, size=(120, 40)) as here:
        await here.press("d")
        await here.until_text("reaches above the ceiling", "the limit is 2.04 kg/cm²")
        await here.press("enter")
        await here.until_told("the limit is 2.04 kg/cm²")
        assert isinstance(here.app.screen, DrillListScreen)
        await here.press("escape")
        await here.until_home()
        first = here.app.told[0]
        await here.press("enter")
        await here.until(lambda: here.app.told[0] != first, "being told again")
        assert isinstance(here.app.screen, HomeScreen)


async def test_practice_as_one_likes_gives_a_baseline_up_only_knowingly(tmp_path):
    async with at_home(tmp_path) as here:
        await here.press("d")
        await here.until_text("Its next step")
        await here.press("down", "x")
        await here.until_text("Skip this step?", "Steady hold, 2.0 kg/cm²: blind baseline")
        await here.press("n")
        await here.until_home()
        assert not here.studio.training("T-01").skips
        await here.press("d")
        await here.until_text("Its next step")
        await here.press("down", "x")
        await here.until_text("Skip this step?")
        await here.press("y")
        await here.until(lambda: isinstance(here.app.screen, AttemptScreen), "the attempt")
        run = here.app.screen._run
        assert (run.task.drill.name, run.purpose) == ("steady-hold", Purpose.FREE)
        await here.press("escape")
        await here.until_home()


async def test_a_file_of_the_plan_that_is_gone_is_said_and_can_be_skipped(tmp_path):
    async with at_home(tmp_path) as here:
        here.studio.plan = here.studio.plan.__class__(drills=("gone", "find-pressure"))
        await here.press("g")
        await here.until(lambda: isinstance(here.app.screen, GroupScreen), "the group")
        await here.press("escape")
        await here.until_text("gone: this drill is not there any more")
        await here.press("enter")
        await here.until(lambda: bool(here.app.told), "being told")
        await here.press("s")
        await here.until_text("Skip this step?")
        await here.press("y")
        await here.until_home()
        await here.until(lambda: here.studio.next_step("T-01").kind is StepKind.PRACTICE, "the next step")


async def test_progress_group_and_another_trainee_are_one_key_away(trained):
    async with at_home(trained, now=MONDAY + timedelta(hours=1)) as here:
        await here.press("p")
        await here.until(lambda: isinstance(here.app.screen, ProgressScreen), "progress")
        await here.press("escape")
        await here.until_home()
        await here.press("g")
        await here.until(lambda: isinstance(here.app.screen, GroupScreen), "the group")
        await here.press("escape")
        await here.until_home()
        await here.press("t")
        await here.until_text("Who practises?", "22 attempts")
        await here.until(lambda: isinstance(here.app.focused, Input), "the field")
        await here.press(*["backspace"] * 4, *"T-02", "enter")
        await here.until_text("T-02", "blind baseline", "How far")
        await here.press("q")
        await here.until(lambda: not here.app.is_running, "the end")


@pytest.mark.parametrize(
    ("size", "glyphs"),
    [((20, 5), "ascii"), ((40, 12), "braille"), ((140, 45), "ascii")],
)
async def test_home_is_drawn_in_any_size(trained, size, glyphs):
    async with at_home(trained, size=size, settings=Settings(glyphs=glyphs), trainee=None) as here:
        await here.press(*"T-01", "enter")
        await here.until(lambda: isinstance(here.app.screen, HomeScreen), "home")
        await here.until_text("T-01")


async def test_the_sound_is_muted_by_a_key_at_home_and_stays_so_in_the_attempt(tmp_path):
    async with at_home(tmp_path) as here:
        await here.press("m")
        await here.until_told("Sound: muted")
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, AttemptScreen), "the attempt")
        await here.until_text("s Sound")
        await here.press("s")
        await here.until(lambda: here.app._tones().sound.state != "muted", "the sound")
        await here.press("m")
        await here.until(lambda: here.app._tones().sound.state == "muted", "silence")


async def test_a_key_that_comes_before_the_screen_is_there_is_nobodys(trained):
    async with at_home(trained, now=MONDAY + timedelta(hours=2)) as here:
        screen = ProgressScreen(here.studio, here.studio.training("T-01"))
        here.app.push_screen(screen)
        assert await here.app.run_action("view('map')", screen) is False
        await here.until_text("learning curve")
        assert await here.app.run_action("view('map')", screen) is True
        await here.until_text("where light, where heavy")


async def test_while_the_sensor_is_waited_for_home_goes_on_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("tui.practise.studio.READY_WITHIN_S", 2.0)
    with Foam(tmp_path, "") as foam:
        foam.speaking = False
        async with at_home(tmp_path, url=foam.url) as here:
            await here.press("enter")
            await here.until_told("Waiting for the sensor")
            # The screen is drawn and keys are heard meanwhile.
            await here.press("m")
            await here.until_told("Sound: muted")
            assert isinstance(here.app.screen, HomeScreen)
            await here.until_told("sends nothing")
            assert here.studio.training("T-01").attempts == ()


async def test_a_sensor_that_does_not_say_how_it_is_calibrated_does_not_hold_home_up(tmp_path):
    with Foam(tmp_path, NO_CALIBRATION) as foam:
        async with at_home(tmp_path, url=foam.url) as here:
            await here.press("enter")
            await here.until_told("Waiting for the sensor")
            await here.until_told("calibrate it first")
            assert isinstance(here.app.screen, HomeScreen)
