"""The demonstration, as the installed program."""

from __future__ import annotations

import json
import sys

import pytest

from tests.terminal import Terminal, run

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals (Linux or macOS)"),
]


def plain(data, *options, speed=10, seconds=8):
    code, out, err = run("demo", "--plain", "--for", seconds, "--speed", speed, "--data", data, *options)
    assert code == 0, err
    return out


def in_order(text, *parts):
    """Each part comes after the one before."""
    at = 0
    for part in parts:
        at = text.find(part, at) + 1
        assert at, f"“{part}” does not follow in\n{text}"


def test_a_minute_of_the_demo_shows_a_coached_release_on_a_client_who_talks(tmp_path):
    out = plain(tmp_path, speed=12, seconds=50)
    in_order(
        out,
        "DEMO", "coach: press when ready", "coach: raise very slowly", "simulated client: there", "HOLD", "in band",
        "of 12 s", "coach: ease, keep touch", "coach: raise slowly", "EASE OFF", "round 2 of 3",
    )  # fmt: skip
    assert "holds of 12 s" in out.splitlines()[1]


def test_each_demo_meets_a_new_client_and_keeps_apart_from_the_record(tmp_path):
    for _ in range(2):
        plain(tmp_path, seconds=2)
    code, out, err = run("history", "--json", "--data", tmp_path / "demo")
    assert code == 0, err
    assert [client["code"] for client in json.loads(out)["clients"]] == ["DEMO", "DEMO-2"]
    code, out, err = run("history", "--json", "--data", tmp_path)
    assert not json.loads(out)["sessions"]


def test_a_free_technique_is_a_hand_that_goes_its_own_way(tmp_path):
    out = plain(tmp_path, "--technique", "free", seconds=20)
    assert "press 1 ended" in out
    assert "round" not in out


def test_another_technique_is_coached_where_it_is_named(tmp_path):
    own = tmp_path / "techniques"
    own.mkdir()
    (own / "mine.toml").write_text(
        'name = "mine"\ntitle = "Mine"\nkind = "presses"\n[settings]\npresses = 2\n'
    )
    assert "round 1 of 2" in plain(tmp_path, "--technique", "mine")
    assert "coach: keep rising evenly" in plain(tmp_path, "--technique", "threshold-5n")


def test_a_place_without_a_hand_is_shown_all_the_same(tmp_path):
    assert "2.04 kg/cm²" in plain(tmp_path, "--scenario", "bench", seconds=9)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--technique", "hammer"), "there is no technique “hammer”: use one of free, short-presses"),
        (("--scenario", "moon"), "there is no scenario “moon”: use one of upper-trapezius"),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(tmp_path, options, said):
    code, _, err = run("demo", "--plain", "--data", tmp_path, *options)
    assert code == 1
    assert said in err
    assert "Traceback" not in err


def test_on_the_screen_the_coach_is_seen_and_the_hand_answers_to_what_is_typed(tmp_path):
    with Terminal("demo", "--speed", "4", "--data", tmp_path) as terminal:
        terminal.wait_for("Demo: holds of 12 s")
        terminal.wait_for("Raise very slowly")
        terminal.wait_for("Hold here")
        terminal.type(" ")
        terminal.wait_for("The client said stop")
        terminal.wait_for("READY")
        terminal.type("q")
        terminal.wait_for("End this session?")
        terminal.type("\r")
        assert terminal.wait() == 0
