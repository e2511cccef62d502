"""Progress of one trainee and of a group, from the record to the screen."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest

from feedback.drills.group import ATTEMPT_COLUMNS, GROUP_COLUMNS
from feedback.drills.progress import curve_of
from feedback.history import open_history
from tests.practise.at_home import MONDAY, at_home
from tests.practise.past import LIGHT_AT_FIRST, NEVER_LEARNS, keep, keep_training, steps_of
from tui.opening import HISTORY_FILE
from tui.screens.practise.group import GroupScreen
from tui.screens.practise.progress import ProgressScreen
from tui.screens.practise.save_as import SaveAsScreen
from tui.widgets.learning_curve import LearningCurve

DAYS = (0, 3)
LATER = MONDAY + timedelta(days=3, hours=2)


@pytest.fixture(scope="module")
def group(tmp_path_factory):
    """A record with two trainees: one who learns and one who does not."""
    folder = tmp_path_factory.mktemp("group")
    keep_training(folder, "T-01", LIGHT_AT_FIRST, MONDAY, DAYS, seed=8)
    keep_training(folder, "T-02", NEVER_LEARNS, MONDAY, (0,), seed=5)
    return folder


async def progress(here, *keys):
    await here.press("p")
    await here.until(lambda: isinstance(here.app.screen, ProgressScreen), "progress")
    await here.until_text("Curve")
    await here.press(*keys)


async def save_as(here, path):
    if not isinstance(here.app.screen, GroupScreen):
        await here.press("g")
        await here.until(lambda: isinstance(here.app.screen, GroupScreen), "the group")
        await here.until_text("2 trainees")
    await here.press("x")
    await here.until(lambda: isinstance(here.app.screen, SaveAsScreen), "the question")
    await here.until_text("the same care as for the record")
    here.app.screen.query_one("Input").value = str(path)
    await here.press("enter")


async def test_the_curve_marks_the_blind_tests_and_says_whether_it_got_better(group):
    async with at_home(group, now=LATER) as here:
        await progress(here, "left")
        await here.until_text(
            "learning curve · Find the pressure", "baseline", "practice", "test", "retest, days"
        )
        text = here.text()
        found = curve_of(here.studio.training("T-01"), "find-pressure")
        assert found.change.sentence in text
        assert "2 Mar" in text
        assert "5 Mar" in text
        blind = [point for point in found.points if point.test]
        drawn = "\n".join(here.app.screen.query_one(LearningCurve).text)
        assert len(blind) == 15
        assert drawn.count("◆") + drawn.count("◇") >= 13  # two may fall on one cell
        assert drawn.count("◆") >= sum(bool(p.inside) for p in blind) - 2
        await here.press("d")
        await here.until_text("best to worst")


async def test_where_light_and_where_heavy_is_said_for_blind_and_for_all(group):
    async with at_home(group, "T-02", now=LATER) as here:
        await progress(here, "m")
        await here.until_text("where light, where heavy · blind attempts", "Most light at", "▼ light")
        await here.press("b")
        await here.until_text("attempts with the screen")
        await here.press("b")
        await here.until_text("all attempts")


async def test_own_guesses_and_levels(group):
    async with at_home(group, now=LATER, size=(100, 40)) as here:
        await progress(here, "e", "left")
        await here.until_text(
            "own guesses · Find the pressure", "Your last 5 guesses", "too high on the mean"
        )
        await here.press("l")
        await here.until_text("levels", "Next: ", "attempts that count", "the retest after")


async def test_of_a_blind_block_that_goes_on_nothing_is_shown(tmp_path):
    made = list(steps_of("T-01", LIGHT_AT_FIRST, MONDAY, (0,)))[:3]
    with open_history(tmp_path / HISTORY_FILE) as history:
        for record, outcome in made:
            keep(history, record, outcome)
    async with at_home(tmp_path, now=MONDAY + timedelta(hours=1)) as here:
        assert "3 of 5" in here.text()
        await progress(here)
        await here.until_text("A blind block goes on")
        for view in "cmel":
            await here.press(view)
            shown = here.text()
            assert "◆" not in shown
            assert "◇" not in shown
            assert "%" not in shown


async def test_who_has_not_practised_is_told_so_in_every_view(tmp_path):
    async with at_home(tmp_path) as here:
        await progress(here)
        for view in "cmel":
            await here.press(view, "left", "d", "b")
            await here.until_text("Nothing was practised yet")
        await here.press("escape")
        await here.until_home()


async def test_a_teacher_sees_the_group_sorts_it_and_opens_a_trainee(group):
    async with at_home(group, now=LATER, size=(140, 30)) as here:
        await here.press("g")
        await here.until_text("Group · 2 trainees · by code")
        rows = [row for row in here.text().splitlines() if row.startswith(" T-0")]
        assert [row.split()[0] for row in rows] == sorted(row.split()[0] for row in rows)
        assert any("T-02" in row and "4 Mar" in row for row in rows)
        await here.press("s")
        await here.until_text("by who needs something first")
        first = next(row for row in here.text().splitlines() if row.startswith(" T-0"))
        assert first.split()[0] == "T-02"  # the only one with a retest that is due
        await here.press("enter")
        await here.until_text("T-02 · learning curve")
        await here.press("escape")
        await here.until_text("by who needs something first")


async def test_the_group_is_saved_as_tables_and_no_file_is_written_over_unasked(group, tmp_path):
    there = tmp_path / "out" / "group.csv"
    async with at_home(group, now=LATER, size=(140, 30)) as here:
        await save_as(here, there)
        await here.until_text("Saved: ")
        written = there.stat().st_mtime_ns
        await save_as(here, there)
        await here.until_text("is there already")
        assert there.stat().st_mtime_ns == written
        await here.press("enter")
        await here.until(lambda: there.stat().st_mtime_ns > written, "writing it anew")
    with there.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == GROUP_COLUMNS
    assert {row["trainee"] for row in rows} == {"T-01", "T-02"}
    with (tmp_path / "out" / "group-attempts.csv").open(newline="", encoding="utf-8") as file:
        attempts = list(csv.DictReader(file))
    assert tuple(attempts[0]) == ATTEMPT_COLUMNS
    assert len(attempts) == 49 + 22


async def test_a_table_that_cannot_be_written_is_said_in_a_sentence(group, tmp_path):
    (tmp_path / "file").write_text("x", "utf-8")
    async with at_home(group, now=LATER) as here:
        await save_as(here, tmp_path)
        await here.until_text("Give the name of a file")
        here.app.screen.query_one("Input").value = str(tmp_path / "file" / "group.csv")
        await here.press("enter")
        await here.until(lambda: bool(here.app.told), "being told")
