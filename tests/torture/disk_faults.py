"""What happens to the disk: it is full, slow, broken, read-only, or another program holds the record."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from feedback.history import open_history
from tests.terminal import run
from tests.torture.cases import Case
from tests.torture.ledger import Outcome, found_in
from tests.torture.preload import NEEDS_PRELOAD, BadDisk
from tests.torture.rig import RATE_HZ, Device, recording
from tests.torture.small_disk import NEEDS_DISK, fill, small_disk


def _full(folder: Path) -> Outcome:
    """Full for four seconds of a visit, and free again."""
    outcome = Outcome()
    device = Device()
    with (
        small_disk(folder / "disk") as disk,
        recording(folder / "at", data=disk / "data") as at,
    ):
        at.send_until_recorded(device, 2)
        filler = fill(disk)
        at.send(device, 4)
        filler.unlink()
        at.send(device, 3)
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words()
    outcome.kept = f"{found.recorded} of {found.sent} samples"
    outcome.must("no space is left" in outcome.seen, "the user was not told")
    outcome.must("written again" in outcome.seen, "the user was not told that it is over")
    outcome.must(found.recorded == found.sent, "a sample is missing though there was room again")
    return outcome


def _full_to_the_end(folder: Path) -> Outcome:
    """Full until after the end: the rest goes to a rescue file on another disk, and the next start takes it in."""
    outcome = Outcome()
    device = Device()
    spare = folder / "tmp"
    spare.mkdir(parents=True)
    with (
        small_disk(folder / "disk") as disk,
        recording(folder / "at", data=disk / "data", environment={"TMPDIR": str(spare)}) as at,
    ):
        at.send_until_recorded(device, 2)
        filler = fill(disk)
        at.send(device, 3)
        at.end()
        rescues = list(spare.glob("goodpain-rescue-*"))
        filler.unlink()
        # The next start, with the same place for temporary files.
        code, _, told = run("history", "--data", at.folder, TMPDIR=str(spare))
        found = at.found(device)
        outcome.must(code == 0, f"the next start failed: {told}")
        outcome.must(len(rescues) == 1, "there is no rescue file")
        outcome.must(not list(spare.glob("goodpain-rescue-*")), "the rescue file was not taken in")
    outcome.add(found)
    outcome.seen = at.words()
    outcome.kept = f"{found.recorded} of {found.sent} samples, {found.ended}"
    outcome.must(found.recorded == found.sent, "a sample is missing that was in the rescue file")
    return outcome


def _no_room_anywhere(folder: Path) -> Outcome:
    """The disk for temporary files is full as well: what is lost is said."""
    outcome = Outcome()
    device = Device()
    with (
        small_disk(folder / "disk") as disk,
        recording(folder / "at", data=disk / "data", environment={"TMPDIR": str(disk)}) as at,
    ):
        at.send_until_recorded(device, 2)
        filler = fill(disk)
        at.send(device, 3)
        at.end()
        filler.unlink()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words()
    outcome.kept = f"{found.recorded} samples, the session as cut off"
    outcome.must("lost" in outcome.seen, "the user was not told that samples are lost")
    outcome.must(at.process.returncode != 0, "it ended as if all were well")
    return outcome


def _full_from_the_start(folder: Path) -> Outcome:
    outcome = Outcome(tries=1)
    with small_disk(folder / "disk") as disk:
        fill(disk)
        code, out, err = run(
            "record", "--sensor", "sim://quiet", "--data", disk / "data", "--for", "1", "--json"
        )
    outcome.seen = err.strip().removeprefix("goodpain: ")
    outcome.kept = "nothing; no session began"
    outcome.must(code != 0 and not out.strip(), "a session began on a full disk")
    outcome.must(len(err.strip().splitlines()) == 1 and "Traceback" not in err, f"not one sentence: {err}")
    return outcome


def _slow(folder: Path) -> Outcome:
    outcome = Outcome()
    device = Device()
    disk = BadDisk(folder, folder / "at" / "data")
    with recording(folder / "at", environment=disk.environment) as at:
        disk.be(fsync_ms=200)
        at.send_until_recorded(device, 8)
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words() or "nothing: no sample waits for the disk"
    outcome.kept = f"{found.recorded} of {found.sent} samples"
    outcome.must(found.recorded == found.sent, "a slow disk cost samples")
    return outcome


def _stuck(folder: Path) -> Outcome:
    """One fsync takes four seconds (a disk that wakes up)."""
    outcome = Outcome()
    device = Device()
    disk = BadDisk(folder, folder / "at" / "data")
    with recording(folder / "at", environment=disk.environment) as at:
        at.send_until_recorded(device, 1)
        disk.be(fsync_ms=4000)
        at.send(device, 1)
        disk.be()
        at.send(device, 5)
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words() or "nothing: no sample waits for the disk"
    outcome.kept = f"{found.recorded} of {found.sent} samples"
    outcome.must(found.recorded == found.sent, "a slow disk cost samples")
    return outcome


def _refuses(error: int) -> Callable[[Path], Outcome]:
    """Every write fails for four seconds of a visit, then the disk is well again."""

    def go(folder: Path) -> Outcome:
        outcome = Outcome()
        device = Device()
        disk = BadDisk(folder, folder / "at" / "data")
        with recording(folder / "at", environment=disk.environment) as at:
            at.send_until_recorded(device, 2)
            disk.be(error)
            at.send(device, 4)
            disk.be()
            at.send(device, 3)
            at.end()
            found = at.found(device)
        outcome.add(found)
        outcome.seen = at.words()
        outcome.kept = f"{found.recorded} of {found.sent} samples"
        outcome.must(bool(outcome.seen), "the user was not told")
        outcome.must(found.recorded == found.sent, "a sample is missing though the disk was well again")
        return outcome

    return go


def _read_only(folder: Path) -> Outcome:
    """A record on a disk that is write-protected: read, not written, and said so."""
    outcome = Outcome()
    device = Device()
    with small_disk(folder / "disk") as disk:
        with recording(folder / "at", data=disk / "data") as at:
            at.send_until_recorded(device, 2)
            at.end()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True, capture_output=True)
        code, out, err = run("record", "--sensor", "sim://quiet", "--data", at.folder, "--for", "1", "--json")
        outcome.must(code != 0 and not out.strip(), "a session began where nothing can be written")
        outcome.must("Traceback" not in err, err)
        read, listed, complaint = run("history", "--json", "--data", at.folder)
        outcome.must(read == 0 and '"samples"' in listed, f"it cannot be read: {complaint}")
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True, capture_output=True)
        found = at.found(device)
    outcome.add(found)
    outcome.seen = err.strip().removeprefix("goodpain: ")
    outcome.kept = f"{found.recorded} of {found.sent} samples, as before"
    outcome.must(found.recorded == found.sent, "a sample is missing")
    return outcome


def _locked(seconds: float, how: str) -> Callable[[Path], Outcome]:
    """Another program holds the record."""

    def go(folder: Path) -> Outcome:
        outcome = Outcome()
        device = Device()
        with recording(folder) as at:
            at.send_until_recorded(device, 1)
            other = sqlite3.connect(at.record, isolation_level=None, check_same_thread=False)
            other.execute(f"BEGIN {how}")
            at.send(device, seconds)
            other.execute("ROLLBACK")
            other.close()
            at.send(device, 2)
            at.end()
            found = at.found(device)
        outcome.add(found)
        outcome.seen = at.words() or "nothing: the samples wait in memory"
        outcome.kept = f"{found.recorded} of {found.sent} samples"
        outcome.must(found.recorded == found.sent, "the other program cost samples")
        outcome.must(seconds < 7 or "locked" in outcome.seen, "the user was not told")
        return outcome

    return go


def _looked_at(folder: Path) -> Outcome:
    """Another program reads all the time, so that the -wal file cannot be folded in."""
    outcome = Outcome()
    device = Device()
    over = threading.Event()
    with recording(folder) as at:
        at.send_until_recorded(device, 1)

        def look() -> None:
            with open_history(at.record) as history:
                while not over.is_set():
                    for session in history.sessions():
                        list(history.samples(session.id))
                    history.check()

        looker = threading.Thread(target=look)
        looker.start()
        at.send(device, 5)
        at.end()
        over.set()
        looker.join()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words() or "nothing"
    outcome.kept = f"{found.recorded} of {found.sent} samples"
    outcome.must(found.recorded == found.sent, "the reader cost samples")
    return outcome


def removed(folder: Path) -> Outcome:
    """Somebody deletes the record's files while a visit goes on."""
    outcome = Outcome()
    device = Device()
    with recording(folder) as at:
        at.send_until_recorded(device, 2)
        for file in at.folder.glob("history.db*"):
            if file.is_file():
                file.unlink()
        at.send(device, 3)
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words()
    outcome.kept = f"{found.recorded} of {found.sent} samples: the record is put back"
    outcome.must("put back" in outcome.seen, "the user was not told")
    outcome.must(found.recorded == found.sent, "what was recorded before is gone")
    return outcome


def _replaced(folder: Path) -> Outcome:
    """Another file takes the place of the record while a visit goes on (a shared folder does that)."""
    outcome = Outcome()
    device = Device()
    with recording(folder) as at:
        at.send_until_recorded(device, 2)
        open_history(folder / "other.db").close()
        os.replace(folder / "other.db", at.record)
        at.send(device, 3)
        at.end()
    kept = at.folder / "history.db.kept-1"
    found = found_in(kept, device.sent, at.words())
    outcome.add(found)
    outcome.seen = at.words()
    rescues = [*at.folder.glob("goodpain-rescue-*")]
    outcome.kept = f"{found.recorded} samples in history.db.kept-1, the others in {len(rescues)} rescue file"
    # The last half second may be on its way still: it is in the rescue file then.
    outcome.must(found.recorded >= 1.25 * RATE_HZ, "what was recorded before is gone")
    outcome.must(len(rescues) == 1 and at.process.returncode != 0, "what came after is gone")
    with open_history(at.record) as history:
        outcome.must(not history.check(), "the other file was damaged")
    return outcome


TITLE = "The disk and the record"
CASES = [
    Case("locked by another program for 8 s", _locked(8.0, "EXCLUSIVE")),
    Case("locked by another program for 3 s", _locked(3.0, "IMMEDIATE")),
    Case("read all the time by another program", _looked_at),
    Case("record deleted during the session", removed),
    Case("record replaced during the session", _replaced),
    Case("disk slow (every fsync 200 ms)", _slow, missing=NEEDS_PRELOAD),
    Case("disk stuck (fsync 4 s)", _stuck, missing=NEEDS_PRELOAD),
    Case("disk turns read-only for 4 s", _refuses(errno.EROFS), missing=NEEDS_PRELOAD),
    Case("disk fails (EIO) for 4 s", _refuses(errno.EIO), missing=NEEDS_PRELOAD),
    Case("quota used up for 4 s", _refuses(errno.EDQUOT), missing=NEEDS_PRELOAD),
    Case("disk full for 4 s", _full, missing=NEEDS_DISK),
    Case("disk full until the end", _full_to_the_end, missing=NEEDS_DISK),
    Case("disk full, and the one for temporary files", _no_room_anywhere, missing=NEEDS_DISK),
    Case("disk full from the start", _full_from_the_start, missing=NEEDS_DISK),
    Case("disk read-only", _read_only, missing=NEEDS_DISK),
]
