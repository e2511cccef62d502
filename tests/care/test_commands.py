"""`goodpain care`, `plan` and `soreness`, as they are typed."""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from feedback.care import Assessment, PainArea
from feedback.history import SessionStart, open_history, utc_now
from feedback.points import Point
from feedback.press import Press
from tests.terminal import run
from tui.cli import main

POINT = Point("upper trapezius", "left", "1")
PRESS = Press(1.0, 31.0, 30.0, 150.0, 2.0, 30.0, 140.0, 60.0, None, 4.0, 800.0, 0, 0, "release")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two visits of A17, a week apart; the last one yesterday."""
    folder = tmp_path_factory.mktemp("record")
    with open_history(folder / "history.db") as history:
        point = history.point("A17", POINT)
        for days in (8, 1):
            start = SessionStart("A17", utc_now() - timedelta(days=days), 0.0, "thumb", 2.0)
            journal = history.begin_session(dataclasses.replace(start, therapist="T1"))
            journal.point(point.id, 0.0)
            journal.press(uuid4(), PRESS)
            journal.end(60.0, {})
            history.care.assess("A17", Assessment((PainArea("neck", "left", 6),)), journal.id)
        history.client("B2")
    return folder


class Typed:
    """What is typed goes to the program's own `main`, in this process: starting one takes most of a second."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def run(self, folder: Path, *arguments: str) -> tuple[object, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["goodpain", *arguments, "--data", str(folder)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        return ended.value.code, out, err

    def goodpain(self, folder: Path, *arguments: str) -> str:
        code, out, err = self.run(folder, *arguments)
        assert (code, err) == (0, "")
        return out

    def complains(self, folder: Path, *arguments: str) -> str:
        code, out, err = self.run(folder, *arguments)
        assert code in (1, 2)
        assert out == ""
        return err


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    monkeypatch.setenv("GOODPAIN_CONFIG", str(tmp_path / "none.toml"))
    return Typed(capsys, monkeypatch)


def test_the_course_is_shown_as_a_page_and_as_json(typed: Typed, recorded: Path):
    page = typed.goodpain(recorded, "care", "--client", "A17")
    assert "A17: Visit 3 of 4, week 2" in page
    assert "(the usual plan; none was agreed)" in page
    assert "    2  " in page
    assert "upper trapezius, left, 1" in page
    assert "pain: neck, left, 6 now" in page
    assert "hands (T1): rest 50%" in page
    assert "How sore was it after visit 2?" in page
    assert "may not be the right one" in page
    assert "tried: 2 visits, 2 presses, 1600 N·s" in page

    found = json.loads(typed.goodpain(recorded, "care", "--client", "A17", "--json"))
    assert (found["client_code"], found["plan_now"]["visit"], found["soreness_due"]) == ("A17", 3, 2)
    assert [visit["number"] for visit in found["visits"]] == [1, 2]
    assert [visit["dose_ns"] for visit in found["visits"]] == [800, 800]
    assert [visit["pain_now"] for visit in found["visits"]] == [6, 6]
    assert found["response"]["detectable"] is False
    assert found["over"] is False


def test_of_a_course_that_is_over_the_page_looks_back(typed: Typed, tmp_path: Path):
    with open_history(tmp_path / "history.db") as history:
        point = history.point("A17", POINT)
        for days in (400, 393):
            journal = history.begin_session(
                SessionStart("A17", utc_now() - timedelta(days=days), 0.0, "thumb", 2.0)
            )
            journal.point(point.id, 0.0)
            journal.press(uuid4(), PRESS)
            journal.end(60.0, {})
    page = typed.goodpain(tmp_path, "care", "--client", "A17")
    assert page.startswith("A17: This course is over: ")
    assert "Visit 1 of 4" not in page
    assert "How sore was it" not in page
    found = json.loads(typed.goodpain(tmp_path, "care", "--client", "A17", "--json"))
    assert (found["over"], found["plan_now"]["done"], found["soreness_due"]) == (True, 2, None)
    assert len(found["visits"]) == 2


def test_soreness_and_plan_are_kept_and_shown(typed: Typed, recorded: Path):
    told = typed.goodpain(recorded, "soreness", "--client", "A17", "3", "--note", "on the stairs")
    assert told == "Kept: A17, soreness 3 of 10, 24 h after 800 N·s in 1 press.\n"
    typed.goodpain(recorded, "soreness", "--client", "A17", "6", "--visit", "1")
    planned = typed.goodpain(
        recorded, "plan", "--client", "A17", "--visits", "6", "--weeks", "3-8", "--homework", "chin tucks",
        "--homework", "walk  daily",
    )  # fmt: skip
    assert "Plan: 6 visits over 3 to 8 weeks\nHomework: chin tucks\nHomework: walk daily\n" in planned
    # What is not said stays as it was.
    assert "Homework: walk daily" in typed.goodpain(recorded, "plan", "--client", "A17", "--goal", "sleep")
    assert "Homework" not in typed.goodpain(recorded, "plan", "--client", "A17", "--homework", "")
    page = typed.goodpain(recorded, "care", "--client", "A17")
    assert "3 (24 h after) on the stairs" in page
    assert "Goal: sleep" in page
    found = json.loads(typed.goodpain(recorded, "care", "--client", "A17", "--json"))
    assert [visit["soreness"][0]["rating"] for visit in found["visits"]] == [6, 3]
    assert found["plan"]["visits"] == 6


def test_a_client_without_visits_has_a_plan_and_no_response(typed: Typed, recorded: Path):
    page = typed.goodpain(recorded, "care", "--client", "B2")
    assert "Visit 1 of 4" in page
    assert "No visit in the record yet." in page
    assert "after no visit that is known" in typed.goodpain(recorded, "soreness", "--client", "B2", "1")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["care", "--client", "A71"], "did you mean A17?"),
        (["care"], "--client"),
        (["care", "--client", ""], "a client code has 1 to 40"),
        (["soreness", "--client", "A17", "11"], "0<=x<=10"),
        (["soreness", "--client", "A17"], "RATING"),
        (["soreness", "--client", "A17", "3", "--visit", "9"], "A17 has no visit 9: there are 2"),
        (["soreness", "--client", "B2", "3", "--visit", "1"], "B2 has no visit 1: there is none yet"),
        (["plan", "--client", "A71", "--visits", "3"], "did you mean A17?"),
        (["plan", "--client", "A17", "--weeks", "soon"], "write 2-6"),
        (["plan", "--client", "A17", "--weeks", "6-2"], "the smaller number first"),
        (["plan", "--client", "A17", "--visits", "0"], "1<=x<=100"),
    ],
)
def test_what_cannot_be_is_one_sentence(typed: Typed, recorded: Path, arguments: list[str], says: str):
    assert says in typed.complains(recorded, *arguments)


@pytest.mark.parametrize("arguments", [["care"], ["plan"], ["plan", "--visits", "3"], ["soreness", "3"]])
def test_a_folder_without_a_record_stays_without_one(typed: Typed, tmp_path: Path, arguments: list[str]):
    assert "there is no record" in typed.complains(tmp_path / "none", *arguments, "--client", "A17")
    assert list(tmp_path.iterdir()) == []


def test_rules_that_cannot_be_used_are_named(typed: Typed, recorded: Path, tmp_path: Path):
    (tmp_path / "history.db").write_bytes((recorded / "history.db").read_bytes())
    (tmp_path / "care.toml").write_text("[plan]\nvisits = 0\n")
    said = typed.complains(tmp_path, "care", "--client", "A17")
    assert f"{tmp_path / 'care.toml'}: plan cannot be used: a plan has 1 to 100 visits" in said


def test_the_installed_program_knows_them(recorded: Path):
    code, out, err = run("care", "--client", "A71", "--data", str(recorded))
    assert (code, out) == (1, "")
    assert err == "goodpain: there is no client “A71” in the record: did you mean A17?\n"
