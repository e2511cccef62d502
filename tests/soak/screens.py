"""`goodpain review` and `goodpain practise` in a terminal, for as long as somebody who looks at everything."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from feedback.history import open_history
from sim.histories import HistorySize, generate_history
from tests.soak.gauges import Uses, look
from tests.terminal import Terminal
from tui.opening import HISTORY_FILE

WARM_SHARE = 0.2
"""Of what is opened or tried; then memory must have come to rest."""
PATIENCE_S = 30.0
UP, DOWN, RIGHT, LEFT, PAGE_UP = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~"

DRILL = """
title = "Find it, in short"
kind = "find"
about = "The first drill of the plan, with its times cut: an own file of the same name wins."
targets = ["0.8 kg/cm2", "1.2 kg/cm2", "1.6 kg/cm2"]
tolerance_pct = 30
get_set_s = 0.2
reach_s = 0.5
hold_s = 0.5
"""
ATTEMPTS_A_DAY = 22
"""Five blind, twelve of practice, five blind: then the plan has enough."""
SENSOR = "sim://upper-trapezius?hand=steered&speed=8&noise=0.2&creep=0"


@dataclass(slots=True)
class Looked:
    """What a program used while it went from one thing to the next; `Use.device_s` counts these things."""

    count: int
    uses: Uses = field(init=False)
    wall_s: float = 0.0
    failure: str = ""

    def __post_init__(self) -> None:
        self.uses = Uses(self.count * WARM_SHARE)


class Reader:
    """Somebody at the keys of a program, who reads the screen before the next one."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def see(self, found: Callable[[str], bool]) -> str:
        """Wait for it; what was written before is forgotten, so that hours of it take no room."""
        try:
            return self._terminal.wait_for(found, PATIENCE_S)
        finally:
            self._terminal.chunks.clear()
            self._terminal._shown = 0

    def press(self, keys: str) -> None:
        """Press keys."""
        self._terminal.type(keys)


def review(folder: Path, presses: int, clients: int = 40) -> Looked:
    """Open so many presses, two of each client's newest visit, from the first client to the last and again.

    Args:
        folder: new; for the record.
        presses: how many to open.
        clients: in the record, with eight presses a visit.
    """
    folder.mkdir(parents=True)
    record = folder / HISTORY_FILE
    generate_history(record, HistorySize(clients, 2 * clients, 16 * clients, 0.1 * clients))
    run, begun_s = Looked(presses), time.monotonic()
    with Terminal("review", "--data", folder, rows=40, columns=140) as terminal:
        reader = Reader(terminal)
        reader.see(lambda text: "Presses" in text)
        for opened in range(0, presses, 2):
            reader.press(RIGHT * 3 + "\r")
            reader.see(lambda text: "press 1 of" in text)
            reader.press("n")
            reader.see(lambda text: "press 2 of" in text)
            reader.press("q")
            reader.see(lambda text: "press 2 of" not in text)
            last = opened // 2 % clients == clients - 1
            reader.press(LEFT * 3 + ("\x1b[H" if last else DOWN))
            run.uses.all.append(look(opened, record, terminal.pid))
        reader.press("\x11")
        if terminal.wait() != 0:
            run.failure = f"review ended with an error:\n{terminal.text()}"
    run.wall_s = time.monotonic() - begun_s
    return run


def practise(folder: Path, attempts: int) -> Looked:
    """Let one trainee after the other go through the first day of the plan, until there are so many attempts.

    Args:
        folder: new; for the record.
        attempts: how many; by a simulated hand that the keys move.
    """
    (folder / "drills").mkdir(parents=True)
    (folder / "drills" / "find-pressure.toml").write_text(DRILL, "utf-8")
    record = folder / HISTORY_FILE
    run, begun_s = Looked(attempts), time.monotonic()
    arguments = ("practise", "--trainee", "T-01", "--sensor", SENSOR, "--data", folder)
    made = trainee = 1
    with Terminal(*arguments, rows=30, columns=100, TEXTUAL_FPS="20") as terminal:
        reader = Reader(terminal)
        while made <= attempts:
            text = reader.see(_wants_something)
            if "What do you think your pressure was?" in text:
                reader.press("1.5\r")
                reader.see(lambda text: "What do you think" not in text)
            elif "Touch" in text:
                run.uses.all.append(look(made, record, terminal.pid))
                made += 1
                reader.press(UP + PAGE_UP * 6)
                reader.see(lambda text: "Touch" not in text)
            elif "Enough for today" in text:
                trainee += 1
                reader.press("t")
                reader.see(lambda text: "How far" not in text)
                reader.press(f"T-{trainee:02}\r")
                reader.see(lambda text: "Enough for today" not in text and "How far" in text)
            elif "How far" in text:
                reader.press("\r")
                reader.see(lambda text: "How far" not in text)
            else:
                reader.press(" ")
                reader.see(lambda text: not _goes_on(text))
        terminal.type("\x11")
        terminal.wait()
    run.wall_s = time.monotonic() - begun_s
    with open_history(record) as history:
        kept = sum(1 for one in history.training.attempts())
    if kept < attempts - 1:
        run.failure = f"{kept} attempts are in the record of {attempts}"
    return run


def _goes_on(text: str) -> bool:
    return "Space: go on" in text or "Space: the next one" in text or "next attempt" in text


def _wants_something(text: str) -> bool:
    return (
        _goes_on(text)
        or "What do you think your pressure was?" in text
        or "Touch" in text
        or "How far" in text
    )
