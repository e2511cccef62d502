"""What happens in the middle of an attempt at a drill: killed, unplugged, no room, the record held or gone."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.terminal import run
from tests.torture.attempt import LASTS_S, Attempting, attempting
from tests.torture.cases import Case
from tests.torture.ledger import Found, Outcome
from tests.torture.small_disk import NEEDS_DISK, fill, small_disk

LATE_S = 0.25
LOST_S = 0.5
VOID_CODE = 3
"""Exit code of an attempt that is void."""


def _kept(outcome: Outcome, one: Attempting, ended: str, until_s: float, code: int) -> Found:
    """What must hold of every attempt: all that was pressed up to a time is there, and how it ended."""
    found = one.found()
    outcome.add(found)
    told = [line for line in one.lines if line.startswith("VOID")]
    outcome.seen = outcome.seen or " ".join(told) or one.words() or "nothing: the attempt goes on, and counts"
    outcome.kept = outcome.kept or f"{found.recorded} samples; the attempt {_as(found)}"
    outcome.must(found.ended == (ended,), f"the attempt is kept as {found.ended}")
    due = one.sent_between(one.touched_s, until_s - LATE_S)
    outcome.must(found.recorded >= due, f"{due - found.recorded} samples are missing")
    outcome.must("Traceback" not in one.said, one.said)
    expected = 0 if ended == "counts" else VOID_CODE
    outcome.must(one.process.returncode in (expected, code), f"exit code {one.process.returncode}")
    return found


def _as(found: Found) -> str:
    return ", ".join("counts" if how == "counts" else f"as void, “{how}”" for how in found.ended)


def killed(number: int, *, politely: bool, tries: int = 4) -> Callable[[Path], Outcome]:
    """A signal at random moments of an attempt, from the first touch to the end."""

    def go(folder: Path) -> Outcome:
        outcome = Outcome()
        chance = random.Random(number)
        for i in range(tries):
            at_s = 0.8 + (i + chance.random()) * (LASTS_S - 1.0) / tries
            with attempting(folder / str(i)) as one:
                one.wait_for(at_s)
                struck_s = time.monotonic()
                one.process.send_signal(number)
                one.end()
                one.hush()
                due_s = struck_s - (0.0 if politely else LOST_S)
                if not politely:
                    # What the next one that practises is told.
                    code, _, told = run(
                        "practise", "--trainee", "T-01", "--drill", "none", "--plain", "--data", one.folder
                    )
                    outcome.must(code == 1 and "was cut off after" in told, f"the next start says: {told}")
                    outcome.seen = outcome.seen or "at the next start: " + told.splitlines()[0].removeprefix(
                        "goodpain: "
                    )
                _kept(
                    outcome, one, "given up" if politely else "cut off", due_s, 130 if politely else -number
                )
        return outcome

    return go


def unplugged(folder: Path, moments: Sequence[float] = (1.6, 4.0, 8.0)) -> Outcome:
    """The plug is pulled in the middle of an attempt; `moments` are seconds since the first touch."""
    outcome = Outcome()
    for i, at_s in enumerate(moments):
        with attempting(folder / str(i)) as one:
            one.wait_for(at_s)
            one.hush()
            pulled_s = time.monotonic()
            time.sleep(0.3)
            one.port.unplug()
            one.end()
            _kept(outcome, one, "signal lost", pulled_s, VOID_CODE)
    return outcome


def locked(folder: Path) -> Outcome:
    """Another program holds the record from the middle of an attempt until after its end."""
    outcome = Outcome()
    with attempting(folder) as one:
        one.wait_for(4.0)
        other = sqlite3.connect(one.record, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        one.wait_for(LASTS_S + 3.0)
        other.execute("ROLLBACK")
        other.close()
        one.end()
        one.hush()
        _kept(outcome, one, "counts", one.touched_s + LASTS_S - 1.0, 0)
    return outcome


def _deleted(folder: Path) -> Outcome:
    """Somebody deletes the record's files in the middle of an attempt."""
    outcome = Outcome()
    with attempting(folder) as one:
        one.wait_for(4.0)
        for file in one.folder.glob("history.db*"):
            if file.is_file():
                file.unlink()
        one.end()
        one.hush()
        _kept(outcome, one, "counts", one.touched_s + LASTS_S - 1.0, 0)
        outcome.must("put back" in " ".join(one.lines), f"the user was not told: {one.lines}")
        outcome.seen = "; ".join(line for line in one.lines if "put back" in line or "well again" in line)
    return outcome


def _full(folder: Path) -> Outcome:
    """The disk is full for four seconds of an attempt."""
    outcome = Outcome()
    with (
        small_disk(folder / "disk") as disk,
        attempting(folder / "at", data=disk / "data") as one,
    ):
        one.wait_for(2.0)
        filler = fill(disk)
        one.wait_for(6.0)
        filler.unlink()
        one.end()
        one.hush()
        _kept(outcome, one, "counts", one.touched_s + LASTS_S - 1.0, 0)
        told = [line for line in one.lines if "no space is left" in line or "well again" in line]
        outcome.must(len(told) >= 2, f"the user was not told: {one.lines}")
        outcome.seen = "; ".join(told)
    return outcome


def _full_to_the_end(folder: Path) -> Outcome:
    """The disk is full from the middle of an attempt on; the next start, with room again, takes the rest in."""
    outcome = Outcome()
    spare = folder / "tmp"
    spare.mkdir(parents=True)
    with (
        small_disk(folder / "disk") as disk,
        attempting(folder / "at", data=disk / "data", environment={"TMPDIR": str(spare)}) as one,
    ):
        one.wait_for(4.0)
        filler = fill(disk)
        code = one.end()
        one.hush()
        outcome.must(code == 1, f"exit code {code}")
        outcome.must(len(list(spare.glob("goodpain-rescue-*"))) == 1, "there is no rescue file")
        filler.unlink()
        next_code, _, told = run("history", "--data", one.folder, TMPDIR=str(spare))
        outcome.must(next_code == 0, f"the next start failed: {told}")
        outcome.must(not list(spare.glob("goodpain-rescue-*")), "the rescue file was not taken in")
        _kept(outcome, one, "counts", one.touched_s + LASTS_S - 1.0, 1)
    return outcome


TITLE = "Practising"
CASES = [
    Case("SIGKILL in an attempt at a drill", killed(signal.SIGKILL, politely=False)),
    Case("SIGTERM in an attempt at a drill", killed(signal.SIGTERM, politely=True, tries=3)),
    Case("unplugged in an attempt at a drill", unplugged),
    Case("record locked while an attempt is kept", locked),
    Case("record deleted in an attempt at a drill", _deleted),
    Case("disk full for 4 s of an attempt at a drill", _full, missing=NEEDS_DISK),
    Case("disk full while an attempt is kept", _full_to_the_end, missing=NEEDS_DISK),
]
