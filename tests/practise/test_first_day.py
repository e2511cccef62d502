"""The curriculum's first day, with no hardware, by keys, in a real terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from feedback.drills import FeedbackMode, Purpose
from feedback.history import open_history
from tests.terminal import Terminal
from tui.opening import HISTORY_FILE

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals (Linux or macOS)"),
]

SHORT = """
title = "Find it, in short"
kind = "find"
about = "The first drill of the plan, with its times cut: an own file of the same name wins."
targets = ["0.8 kg/cm2", "1.2 kg/cm2", "1.6 kg/cm2"]
tolerance_pct = 30
get_set_s = 0.5
reach_s = 1.5
hold_s = 1
"""
SENSOR = "sim://upper-trapezius?hand=steered&speed=8&noise=0.2&creep=0"
UP, FAR_UP = "\x1b[A", "\x1b[5~"


class Trainee:
    """Somebody at the keys, who reads the screen before each of them."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def waits_for(self, what: str | Callable[[str], bool]) -> str:
        return self._terminal.wait_for(what, 20)

    def presses(self, keys: str) -> None:
        self._terminal.type(keys)

    def attempt(self, number: int, of: int, kind: str) -> None:
        """One attempt: touch, and press on at once, so that it goes the same way however slow the machine is."""
        self.waits_for(lambda text: kind in text and f"attempt {number} of {of}" in text and "Touch" in text)
        self.presses(UP + FAR_UP * 6)

    def blind(self, number: int, of: int, kind: str) -> None:
        """A blind attempt ends with the trainee's own word; nothing is told of it before the last."""
        self.attempt(number, of, kind)
        asked = self.waits_for("What do you think your pressure was?")
        assert "inside" not in asked.lower()
        self.presses("1.5\r")

    def block(self, of: int, kind: str) -> None:
        for number in range(1, of + 1):
            self.blind(number, of, kind)
            if number < of:
                kept = self.waits_for(f"Attempt {number} of {of} is kept")
                assert "%" not in kept
                self.presses(" ")
        self.waits_for(lambda text: "your word" in text and "Space: go on." in text and "How far" not in text)
        self.presses(" ")


def test_the_first_day_is_done_by_keys_alone_and_the_record_holds_every_attempt(tmp_path):
    drills = tmp_path / "drills"
    drills.mkdir()
    (drills / "find-pressure.toml").write_text(SHORT, "utf-8")
    arguments = ("practise", "--trainee", "T-01", "--sensor", SENSOR, "--data", tmp_path)
    with Terminal(*arguments, rows=24, columns=80, TEXTUAL_FPS="20") as terminal:
        trainee = Trainee(terminal)
        trainee.waits_for("Find it, in short: blind baseline")
        trainee.presses("\r")
        trainee.block(5, "blind baseline")
        trainee.waits_for("Find it, in short: practice")
        trainee.presses("f")
        trainee.waits_for("When do you want to see the pressure")
        trainee.presses("a")
        trainee.waits_for("afterwards: when the attempt is over")
        trainee.presses("\r")
        for number in range(1, 13):
            trainee.attempt(number, 12, "practice")
            trainee.waits_for(lambda text: "go on" in text or "next attempt" in text)
            trainee.presses(" ")
        trainee.waits_for("Find it, in short: blind test")
        trainee.presses("\r")
        trainee.block(5, "blind test")
        trainee.waits_for("Enough for today. From tomorrow: Steady hold")
        trainee.waits_for("due in 2 days")
        trainee.presses("p")
        trainee.waits_for("learning curve · Find it, in short")
        trainee.presses("q")
        trainee.waits_for("Enough for today")
        trainee.presses("q")
        assert terminal.wait() == 0
        assert b"\x1b[?1049l" in terminal.written
    with open_history(tmp_path / HISTORY_FILE) as history:
        made = [a for a in history.training.attempts("T-01") if a.counts]
        assert [a.purpose for a in made] == [
            *[Purpose.BASELINE] * 5, *[Purpose.PRACTICE] * 12, *[Purpose.TEST] * 5,
        ]  # fmt: skip
        blind = [a for a in made if a.purpose is not Purpose.PRACTICE]
        assert all(a.feedback is FeedbackMode.NONE and a.estimate_kpa is not None for a in blind)
        assert all(a.feedback is FeedbackMode.AFTER for a in made if a.purpose is Purpose.PRACTICE)
        assert all(a.scores is not None and (a.scores.mean_kpa or 0) > 40 for a in made)
        for attempt in made:
            trace = history.training.trace(attempt.attempt_id)
            assert trace is not None
            assert trace.simulated
            assert sum(len(block.time_s) for block in trace.blocks) > 100
