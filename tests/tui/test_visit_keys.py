"""A whole visit in a real terminal, with every key counted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from feedback.history import open_history
from feedback.points import Point
from tests.terminal import Terminal

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals (Linux or macOS)"),
]

SENSOR = "sim://upper-trapezius?seed=7&speed=12"
"""A simulated hand that presses again and again; the keys are those of the therapist."""
MOST_KEYS = 40


class Keys:
    """Types into a terminal and counts; what the client says is not counted."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.count = 0

    def press(self, keys: str) -> None:
        self.count += len(keys)
        self.terminal.type(keys)

    def say(self, key: str) -> None:
        self.terminal.type(key)

    def see(self, text: str) -> None:
        self.terminal.wait_for(text)


def whole_visit(folder: Path) -> int:
    """Form, check, presses at two points, soreness, plan, end: so many keys besides what the client says."""

    def presses():
        with open_history(folder / "history.db") as history:
            return sum(len(session.presses) for session in history.sessions())

    with Terminal("live", "--sensor", SENSOR, "--data", folder, rows=24, columns=80) as terminal:
        keys = Keys(terminal)
        keys.see("Whose session?")
        keys.press("A17\r")
        keys.see("A17")
        keys.press("inf l")
        keys.see("infraspinatus, left")
        keys.press("\r")
        keys.see("a cautious start")
        keys.press("\r")
        keys.see("Check before the session")
        keys.press("\r")
        keys.see("A17 · infraspinatus, left")
        terminal.wait_for(lambda _: presses() >= 1, 30)
        keys.say("g")
        keys.press("p")
        keys.see("Which point?")
        keys.press("gm r")
        keys.see("gluteus medius, right")
        keys.press("\r")
        keys.see("A17 · gluteus medius, right")
        terminal.wait_for(lambda _: presses() >= 3, 30)
        keys.say("5")
        keys.press("c")
        keys.see("Soreness")
        keys.press("s")
        keys.see("How sore")
        keys.press("2\r")
        keys.see("Soreness kept")
        keys.press("c")
        keys.see("Plan and response")
        keys.press("p")
        keys.see("over weeks")
        keys.press("\r")
        keys.see("Plan kept")
        keys.press("q")
        keys.see("End this session?")
        keys.press("\r")
        assert terminal.wait() == 0
        assert "samples" in terminal.text()
    return keys.count


def test_a_whole_visit_takes_fewer_than_forty_keys(tmp_path):
    keys = whole_visit(tmp_path)
    assert keys < MOST_KEYS, f"{keys} keys"
    with open_history(tmp_path / "history.db") as history:
        (session,) = history.sessions("A17")
        assert {Point("infraspinatus", "left"), Point("gluteus medius", "right")} <= set(
            session.points.values()
        )
        assert len(session.presses) >= 3
        check = history.care.last_check("A17")
        assert check.session_id == session.id
        assert not any(answer.yes for answer in check.answers)
        assert [soreness.rating for soreness in history.care.sorenesses("A17")] == [2]
        assert (history.care.plan("A17").visits, history.care.plan("A17").weeks_max) == (4, 6)
