"""A record with something in every table, what stands in it, and disks that are full."""

from __future__ import annotations

import resource
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np

from feedback.care import Assessment, Factor, Finding, FindingKind, PainArea, Plan, answer
from feedback.care.shipped import checks
from feedback.comfort import Report, ReportKind
from feedback.history import History, Posterior, SessionStart
from feedback.history.driver import Driver
from feedback.points import Point
from feedback.press import PressDetector
from feedback.signal import ForceBlock

from .conftest import CALIBRATION, STARTED_AT, T0_S

Blocks = Callable[..., list[ForceBlock]]
MUSCLE = "zygomaticus of Quentin"


def treated(history: History, code: str, force_blocks: Blocks, seed: int = 0, muscle: str = MUSCLE) -> UUID:
    """A visit with something in every table that a client can have; returns the session's id."""
    rng = np.random.default_rng(seed)
    point = history.point(code, Point(muscle, "left", f"label {code}"))
    history.save_posterior(point.id, "thumb", 2.0, Posterior(rng.bytes(300), "1"))
    journal = history.begin_session(SessionStart(code, STARTED_AT, T0_S, "thumb", 2.0))
    journal.calibration(CALIBRATION, T0_S)
    journal.point(point.id, T0_S)
    detector = PressDetector(2.0)
    force_n = np.concatenate([rng.uniform(0, 1, 80), rng.uniform(25, 35, 320), rng.uniform(0, 1, 80)])
    for block in force_blocks(force_n):
        journal.samples(block)
        for press in detector.feed(block, None):
            journal.press(uuid.uuid4(), press)
    journal.report(Report(ReportKind.GOOD, T0_S + 2), 140.0, None, 0)
    journal.note(f"note about {code} only", T0_S + 3)
    journal.end(T0_S + 6, {})
    history.care.check(code, [answer(item, True) for item in checks()], journal.id)
    history.care.assess(
        code,
        Assessment(
            (PainArea("neck", "left", 7, note=f"pain of {code}"),),
            (Finding(FindingKind.GAIT, text=f"gait of {code}"),),
            (Factor("sleep", f"sleep of {code}"),),
        ),
    )
    history.care.set_plan(code, Plan(goal=f"goal of {code}", homework=(f"walk {code}",)), new_course=True)
    history.care.add_soreness(code, 3, session_id=journal.id)
    return journal.id


def contents(path: Path, passphrase: str | None = None) -> dict[str, set[tuple]]:
    """Every row of every table, as SQLite itself reads them."""
    connection = Driver(path, passphrase).connect("ro")
    try:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        ]
        return {
            name: set(map(tuple, connection.execute(f'SELECT * FROM "{name}"').fetchall())) for name in names
        }
    finally:
        connection.close()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The system lets no file grow over so many bytes: what a full disk is to a program."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
