"""Programs that write sessions, to be run and killed by tests: `writers.py WHAT FOLDER …`."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from feedback.history import History, SessionJournal, SessionStart, open_history
from feedback.signal import Calibration, ForceBlock

RATE_HZ, BLOCK = 80, 2


def begin(history: History) -> SessionJournal:
    t0_s = time.monotonic()
    journal = history.begin_session(SessionStart("A17", datetime.now(UTC), t0_s, "thumb", 2.0))
    journal.calibration(Calibration(0, 100, "test"), t0_s)
    return journal


def block(t0_s: float, first: int) -> ForceBlock:
    at = first + np.arange(BLOCK)
    # 20 N all the time: one press that never ends.
    return ForceBlock.of(t0_s + at / RATE_HZ, np.full(BLOCK, 20.0), 2000 + at % 7, 0, at * 12_500)


def in_real_time(folder: Path, number: int) -> None:
    """Hand over 80 samples a second; a file says how many so far."""
    journal = begin(open_history(folder / f"{number}.db"))
    told = os.open(folder / f"{number}.count", os.O_CREAT | os.O_WRONLY, 0o600)
    t0_s = time.monotonic()
    for first in range(0, 60 * RATE_HZ, BLOCK):
        time.sleep(max(0.0, t0_s + (first + BLOCK) / RATE_HZ - time.monotonic()))
        journal.samples(block(t0_s, first))
        os.pwrite(told, b"%8d" % (first + BLOCK), 0)


def many(folder: Path, count: int) -> None:
    """One process for each of several records; prints their ids."""
    signal.alarm(60)
    children: list[int] = []
    for number in range(count):
        child = os.fork()
        if not child:
            signal.alarm(60)
            in_real_time(folder, number)
            os._exit(0)
        children.append(child)
    print(*children, flush=True)
    for child in children:
        os.waitpid(child, 0)


def one(folder: Path) -> None:
    """One running session with half a second of samples on disk; prints its id, then waits."""
    history = open_history(folder / "record.db")
    journal = begin(history)
    t0_s = time.monotonic()
    for first in range(0, RATE_HZ, BLOCK):
        journal.samples(block(t0_s, first))
    while sum(len(b) for b in history.samples(journal.id)) < RATE_HZ:
        time.sleep(0.02)
    print(journal.id, flush=True)
    sys.stdin.read()


def no_room(folder: Path) -> None:
    """The system lets no file grow any more, then again; prints what was said and how much was handed over."""
    history = open_history(folder / "record.db")
    journal = begin(history)
    t0_s = time.monotonic()
    grown = (folder / "record.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (grown + 40_000, resource.RLIM_INFINITY))
    first = 0
    while not journal.problem:
        journal.samples(block(t0_s, first))
        first += BLOCK
        time.sleep(0.001)
    print(journal.problem, flush=True)
    for _ in range(500):
        journal.samples(block(t0_s, first))
        first += BLOCK
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    while journal.problem:
        time.sleep(0.02)
    journal.end(t0_s + first / RATE_HZ, {})
    history.close()
    print(first, flush=True)


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what == "many":
        many(where, int(sys.argv[3]))
    elif what == "one":
        one(where)
    elif what == "no-room":
        no_room(where)
