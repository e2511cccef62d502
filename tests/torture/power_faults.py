"""The power fails: at random moments, and with any part of what was not synced on the disk."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from feedback.history import History, HistoryError, open_history
from tests.terminal import run
from tests.torture.cases import Case
from tests.torture.ledger import Outcome, found_in
from tests.torture.power import CREATED, SYNCED, WRITTEN, Disk, Entry, entries_of, packed
from tests.torture.preload import NEEDS_PRELOAD, built
from tests.torture.rig import RATE_HZ, Device, recording

PROMISED_S = 0.5
"""What is older than this is on the disk."""
LATE_S = 0.25
"""So much later may a byte come to the program, and an fsync come back, on a busy machine."""
SETTLED_S = 3.0
"""Before this, the session may not have begun."""


COPY = "a backup"
"""In a command: the path of a backup that was made before."""


def logged(folder: Path, under: Path) -> dict[str, str]:
    """Environment of a program whose writes are logged in `folder / "log"`."""
    library = built("write_log", folder)
    return {
        "LD_PRELOAD": str(library),
        "TORTURE_LOG": str(folder / "log"),
        "TORTURE_UNDER": str(under),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def cuts(
    folder: Path, under: Path, count: int, seed: int, first: int = 0
) -> Iterator[tuple[Entry, Path, random.Random]]:
    """Copies of the files as they may be after a cut, one after the other: the last entry before it, and the folder."""
    entries = list(entries_of(folder / "log"))
    chance = random.Random(seed)
    moments = set(chance.sample(range(first, len(entries)), min(count, len(entries) - first)))
    disk = Disk()
    for i, entry in enumerate(entries):
        disk.do(entry)
        if i not in moments:
            continue
        copy = folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(mode=0o700)
        for path, content in disk.after_a_cut(chance).items():
            place = copy / os.path.relpath(path, under)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        yield entry, copy, chance


def visit(seconds: float, copies: int, seed: int = 1, late_s: float = LATE_S) -> Callable[[Path], Outcome]:
    """A recording, its orderly end, and a cut at any moment of it; `late_s` is how busy the machine may be."""

    def go(folder: Path) -> Outcome:
        outcome = Outcome()
        device = Device()
        under = folder / "at" / "data"
        sent_s: list[float] = []
        with recording(folder / "at", environment=logged(folder, under)) as at:
            start_s = time.monotonic()
            for i in range(int(seconds * RATE_HZ)):
                time.sleep(max(0.0, start_s + i / RATE_HZ - time.monotonic()))
                at.port.send(device.frame())
                sent_s.append(time.monotonic())
            at.end()
        worst_s = 0.0
        for entry, copy, _ in cuts(folder, under, copies, seed):
            found = found_in(copy / "history.db", device.sent, "the power failed")
            due_s = entry.time_s - PROMISED_S - late_s
            due = sum(at_s < due_s for at_s in sent_s) if entry.time_s > start_s + SETTLED_S else 0
            late = max(0, due - found.recorded)
            if entry.time_s > start_s + SETTLED_S and found.recorded < len(sent_s):
                worst_s = max(worst_s, entry.time_s - sent_s[found.recorded])
            outcome.tries += 1
            outcome.sent += due
            outcome.recorded += due - late
            outcome.silent += late
            outcome.wrong += found.wrong
            outcome.must(not found.problems, f"{found.problems}")
            outcome.must(not late, f"{late} samples older than the promise are missing")
        outcome.seen = "at the next start: that the session was cut off, and how long it is"
        outcome.kept = f"all but the last {min(worst_s, 99):.2f} s at worst, in {outcome.tries} copies"
        return outcome

    return go


def _sessions(history: History) -> dict[str, int]:
    """Samples of each client."""
    return {
        session.client_code: sum(len(block) for block in history.samples(session.id))
        for session in history.sessions()
    }


def maintenance(
    *command: str, copies: int, whole: Callable[[dict[str, int], dict[str, int]], bool], secret: bool = False
) -> Callable[[Path], Outcome]:
    """A cut while a command works on a record of two clients.

    Args:
        command: of `goodpain`.
        copies: how many.
        whole: says of the samples of each client before and after the cut whether nothing is lost.
        secret: the command has to do with a passphrase.
    """

    def go(folder: Path) -> Outcome:
        outcome = Outcome(tries=0)
        under = folder / "data"
        for client in ("A1", "B2"):
            run("record", "--sensor", "sim://bench?speed=20", "--for", "30", "--client", client, "--point", "soleus",
                "--data", under)  # fmt: skip
        environment = logged(folder, under)
        if secret:
            (folder / "passphrase").write_text("several plain words\n")
            (folder / "passphrase").chmod(0o600)
            environment["GOODPAIN_PASSPHRASE_FILE"] = str(folder / "passphrase")
        with open_history(under / "history.db") as history:
            before = _sessions(history)
        # The log begins with the files as they are, all of them synced.
        found = [path for path in sorted(under.rglob("*")) if path.is_file()]
        with (folder / "log").open("wb") as log:
            for path in found:
                log.write(
                    b"".join(
                        (
                            packed(CREATED, path),
                            packed(WRITTEN, path, path.read_bytes()),
                            packed(SYNCED, path),
                        )
                    )
                )
            log.write(packed(SYNCED, under))
        backup = folder / "copy of the record.db"
        if COPY in command:
            run("backup", backup, "--data", under)
        arguments = [str(backup) if word == COPY else word for word in command]
        code, _, err = run(*arguments, "--data", under, **environment)
        outcome.must(code == 0, f"the command fails: {err}")
        for _, copy, _ in cuts(folder, under, copies, 3, 3 * len(found) + 1):
            outcome.tries += 1
            try:
                with _opened(copy / "history.db", folder / "passphrase") as history:
                    history.recover()
                    after = _sessions(history)
                    problems = history.check()
            except HistoryError as error:
                outcome.failures.append(f"it does not open: {error}")
                continue
            outcome.must(not problems, f"{problems}")
            outcome.must(whole(before, after), f"before {before}, after {after}")
            outcome.sent += sum(before.values())
            outcome.recorded += sum(after.values())
            outcome.known += sum(before.values()) - sum(after.values())
        outcome.seen = "nothing: the record is as before the command, or as after it"
        outcome.kept = f"as before or as after, in {outcome.tries} copies"
        return outcome

    return go


def _opened(path: Path, passphrase: Path) -> History:
    try:
        return open_history(path, create=False)
    except HistoryError:
        if not passphrase.exists():
            raise
        return open_history(path, create=False, passphrase=passphrase.read_text().strip())


def _same(before: dict[str, int], after: dict[str, int]) -> bool:
    return before == after


def _same_or_without_a1(before: dict[str, int], after: dict[str, int]) -> bool:
    return after in (before, {code: n for code, n in before.items() if code != "A1"})


TITLE = "The power"
FORGET = ("client", "forget", "A1", "--yes", "A1", "--copies", "keep")
CASES = [
    Case("power cut during a visit", visit(10.0, 60), alone=True, missing=NEEDS_PRELOAD),
    Case(
        "power cut while a client is erased",
        maintenance(*FORGET, copies=20, whole=_same_or_without_a1),
        missing=NEEDS_PRELOAD,
    ),
    Case(
        "power cut while the record is encrypted",
        maintenance("encrypt", copies=30, whole=_same, secret=True),
        missing=NEEDS_PRELOAD,
    ),
    Case(
        "power cut while a backup is put back",
        maintenance("restore", COPY, "--yes", copies=30, whole=_same),
        missing=NEEDS_PRELOAD,
    ),
]
