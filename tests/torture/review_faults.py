"""What happens while somebody looks through the record and corrects it."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from feedback.history import HistoryError, open_history
from tests.terminal import Terminal, run
from tests.torture.cases import Case
from tests.torture.ledger import Outcome
from tests.torture.small_disk import NEEDS_DISK, fill, small_disk
from tests.tui.review_past import Told, write

KEPT = "Kept; what was recorded first stays"
NOT_KEPT = "Not kept: "


@contextlib.contextmanager
def _at_a_press(data: Path) -> Iterator[Terminal]:
    """`goodpain review` in a terminal, at the newest press of a client who was there twice."""
    write(data, "A17", [Told(9), Told(3)])
    with Terminal("review", "--data", data, rows=40, columns=140) as terminal:
        terminal.wait_for("▸ A17", 60)
        terminal.type("\x1b[C\x1b[C\x1b[C\r")
        terminal.wait_for("ends: let go", 60)
        yield terminal


def _void(terminal: Terminal, seen: str) -> str:
    """Make the press void; returns the screen once it shows `seen`."""
    terminal.type("v")
    terminal.wait_for("Leave this press out of all figures?", 30)
    terminal.type("slipped\r")
    return terminal.wait_for(seen, 30)


def _said(screen: str) -> str:
    """What went wrong, from a screen; the chart begins below it."""
    rows = [row.strip() for row in screen.splitlines()]
    at = next(i for i, row in enumerate(rows) if row.startswith(NOT_KEPT))
    told = [rows[at]]
    while len(told[-1]) > 100 and "┤" not in rows[at + len(told)]:
        told.append(rows[at + len(told)])
    return " ".join(told)


def _leave(terminal: Terminal, outcome: Outcome) -> None:
    terminal.type("\x11")
    code = terminal.wait(30)
    outcome.must(code == 0, f"exit code {code}")
    outcome.must("Traceback" not in terminal.text(), terminal.text())


def _samples(record: Path) -> tuple[int, int, list[str]]:
    """Samples and void presses of a record, and what is wrong with it."""
    with open_history(record) as history:
        count = sum(len(block) for one in history.sessions() for block in history.samples(one.id))
        void = sum(
            press.void for one in history.sessions() for press in history.review.presses(session_id=one.id)
        )
        return count, void, history.check()


def _whole(outcome: Outcome, record: Path, before: int, void: int) -> None:
    """All samples are there still, and so many presses are void."""
    count, found, problems = _samples(record)
    outcome.tries += 1
    outcome.sent += before
    outcome.recorded += count
    outcome.silent += before - count
    outcome.failures += problems
    outcome.must(found == void, f"{found} presses are void, not {void}")
    outcome.kept = outcome.kept or f"all {count} samples, and the correction once it was told to be kept"


def locked(folder: Path) -> Outcome:
    """Another program holds the record while a correction is written."""
    outcome = Outcome()
    with _at_a_press(folder) as terminal:
        record = folder / "history.db"
        before, _, _ = _samples(record)
        other = sqlite3.connect(record, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        outcome.seen = _said(_void(terminal, NOT_KEPT))
        other.execute("ROLLBACK")
        other.close()
        _void(terminal, KEPT)
        _leave(terminal, outcome)
    outcome.must("locked" in outcome.seen, outcome.seen)
    _whole(outcome, record, before, 1)
    return outcome


def deleted(folder: Path) -> Outcome:
    """Somebody deletes the record's files while it is looked through."""
    outcome = Outcome()
    with _at_a_press(folder) as terminal:
        record = folder / "history.db"
        before, _, _ = _samples(record)
        for file in folder.glob("history.db*"):
            if file.is_file():
                file.unlink()
        outcome.seen = _said(_void(terminal, NOT_KEPT))
        _void(terminal, KEPT)
        _leave(terminal, outcome)
    outcome.must("put back" in outcome.seen, outcome.seen)
    _whole(outcome, record, before, 1)
    return outcome


def damaged(folder: Path) -> Outcome:
    """The disk returns rubbish for all but the first page of the record while it is looked through."""
    outcome = Outcome(tries=1)
    with _at_a_press(folder) as terminal:
        record = folder / "history.db"
        with record.open("r+b") as file:
            size = file.seek(0, 2)
            file.seek(8192)
            file.write(b"\xa5" * (size - 8192))
        terminal.type("v")
        terminal.wait_for("Leave this press out of all figures?", 30)
        terminal.type("slipped\r")
        # Pages that are in memory still may be good enough for it.
        seen = terminal.wait_for(lambda text: NOT_KEPT in text or KEPT in text, 30)
        outcome.must(NOT_KEPT in seen, "a correction was kept in a damaged record")
        outcome.seen = _said(seen) if NOT_KEPT in seen else ""
        terminal.type("\x1b")
        terminal.wait_for("Presses", 30)
        terminal.type("\x11")
        code = terminal.wait(30)
        outcome.must(code in (0, 1), f"exit code {code}")
        outcome.must("Traceback" not in terminal.text(), terminal.text())
    outcome.must("damaged" in outcome.seen, f"it says {outcome.seen}")
    outcome.kept = "what the disk still has: `goodpain recover` saves it into a new record"
    with contextlib.suppress(HistoryError), open_history(record) as history:
        outcome.must(bool(history.check()), "the damage is not found")
    return outcome


def _full(folder: Path) -> Outcome:
    """The disk is full while a correction is written, and has room again."""
    outcome = Outcome()
    with small_disk(folder / "disk") as disk, _at_a_press(disk / "data") as terminal:
        record = disk / "data" / "history.db"
        before, _, _ = _samples(record)
        filler = fill(disk)
        outcome.seen = _said(_void(terminal, NOT_KEPT))
        filler.unlink()
        _void(terminal, KEPT)
        _leave(terminal, outcome)
        _whole(outcome, record, before, 1)
    outcome.must("no space is left" in outcome.seen, outcome.seen)
    return outcome


def struck(number: int, tries: int) -> Callable[[Path], Outcome]:
    """A signal just after a correction was entered."""

    def go(folder: Path) -> Outcome:
        outcome = Outcome()
        chance = random.Random(number)
        for i in range(tries):
            data = folder / str(i)
            with _at_a_press(data) as terminal:
                before, _, _ = _samples(data / "history.db")
                terminal.type("v")
                terminal.wait_for("Leave this press out of all figures?", 30)
                terminal.type("slipped\r")
                terminal.read(chance.random() * 0.3)
                told = KEPT in terminal.text()
                terminal.signal(number)
                code = terminal.wait(30)
                outcome.must("Traceback" not in terminal.text(), terminal.text())
                outcome.must(code == (0 if number != signal.SIGKILL else -number), f"exit code {code}")
            code, _, said = run("history", "--data", data)
            outcome.must(code == 0, said)
            _, void, _ = _samples(data / "history.db")
            outcome.must(void == 1 or not told, "a correction that was told to be kept is not there")
            _whole(outcome, data / "history.db", before, void)
        outcome.seen = "nothing: the correction is in the record, or was never told to be kept"
        return outcome

    return go


def _unread(folder: Path) -> Outcome:
    """A polite kill while nobody reads the terminal."""
    outcome = Outcome()
    with _at_a_press(folder) as terminal:
        before, _, _ = _samples(folder / "history.db")
        # Played sixteen times as fast it fills what the terminal takes.
        terminal.type("++++ ")
        time.sleep(3.0)
        terminal.signal(signal.SIGTERM)
        ended = ends(terminal, 10.0)
        outcome.must(ended, "it does not end while nobody reads")
        if not ended:
            terminal.signal(signal.SIGKILL)
        terminal.wait(30)
    _whole(outcome, folder / "history.db", before, 0)
    outcome.seen = "nothing: nobody reads; the program ends within seconds"
    outcome.kept = "all samples"
    return outcome


def ends(terminal: Terminal, within_s: float) -> bool:
    """Whether the program ends within a time, while nobody reads its terminal (Linux)."""
    end_s = time.monotonic() + within_s
    while time.monotonic() < end_s:
        status = Path(f"/proc/{terminal.pid}/stat").read_text()
        if status.rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


TITLE = "Looking through the record"
CASES = [
    Case("record locked while a correction is written", locked),
    Case("record deleted while it is looked through", deleted),
    Case("record damaged while it is looked through", damaged),
    Case("disk full while a correction is written", _full, missing=NEEDS_DISK),
    Case("SIGKILL while a correction is written", struck(signal.SIGKILL, 4)),
    Case("SIGTERM while a correction is written", struck(signal.SIGTERM, 3)),
    Case("SIGTERM in the review, terminal not read", _unread),
]
