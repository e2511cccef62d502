"""The mirror's end: finds the running session and never believes an old snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tui.mirror import place
from tui.mirror.slot import SlotReader
from tui.mirror.snapshot import Snapshot, SnapshotError, from_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FRESH_S = 0.5
"""A session writes 25 times a second; one that was silent for so long may be busy, frozen or dead."""
GONE_S = 3.0
"""One that was silent for so long is taken for ended."""
SCAN_EVERY_S = 0.3
ID_MIN = 4
"""Fewer characters of an id would be taken for one where they are a client's code."""


class SeenState(StrEnum):
    """What a mirror can say."""

    NO_SESSION = "no session"
    """None is running, or none that is wanted."""
    NO_SIGNAL = "no signal"
    """One is there, but nothing new comes from it: its last figures are not shown."""
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be shown.

    Attributes:
        state: of the session looked at.
        snapshot: with `SESSION` only.
        session: its id as 32 hexadecimal digits; empty without one.
        running: how many sessions run.
        problem: why a session that runs cannot be shown; empty otherwise.
    """

    state: SeenState
    snapshot: Snapshot | None = None
    session: str = ""
    running: int = 0
    problem: str = ""


class _Watched:
    """One session's file: what it held last, and when that was new."""

    def __init__(self, reader: SlotReader) -> None:
        self.reader = reader
        self.session = place.session_of(reader.path)
        self.begun = place.begun_of(reader.path)
        self.ended = False
        self.news_s: float | None = None
        """When the record was last seen to change; None while it never was."""
        self.snapshot: Snapshot | None = None
        self.problem = ""
        self._sequence: int | None = None

    def look(self, now_s: float, *, rested: bool) -> None:
        """Take in what is new.

        A change counts only between two looks that followed each other quickly (not `rested`): what changed while
        nobody looked may have changed long ago.
        """
        record = self.reader.read()
        if record is None or record.sequence == self._sequence:
            return
        if self._sequence is not None and not rested:
            self.news_s = now_s
        self._sequence = record.sequence
        if not record.payload:
            self.ended = True
            return
        try:
            self.snapshot, self.problem = from_bytes(record.payload), ""
        except SnapshotError as error:
            self.snapshot, self.problem = None, str(error)

    def silent_s(self, now_s: float) -> float:
        """For how long nothing new has come."""
        return float("inf") if self.news_s is None else now_s - self.news_s


class MirrorReader:
    """Looks for the newest running session, and at it.

    Freshness is judged by this process alone, from changes that it saw itself: no clock is compared with another
    process' clock, and a file that a killed session left behind never changes.

    Args:
        folder: where sessions show themselves.
        data: folders of records whose sessions may be shown.
        wanted: a client's code or the beginning of a session's id; empty: the newest session.
    """

    def __init__(self, folder: Path, data: Sequence[Path], wanted: str = "") -> None:
        self._folder = folder
        self._keys = frozenset(place.key_of(one) for one in data)
        self._wanted = wanted.strip().lower()
        self._watched: dict[Path, _Watched] = {}
        self._scanned_s = float("-inf")
        self._looked_s = float("-inf")

    def look(self, now_s: float) -> Seen:
        """What is to be shown at `now_s`, seconds on any clock that only goes forward."""
        if now_s - self._scanned_s >= SCAN_EVERY_S:
            self._scanned_s = now_s
            self._scan()
        rested = now_s - self._looked_s > FRESH_S
        self._looked_s = now_s
        for one in self._watched.values():
            one.look(now_s, rested=rested)
        running = [w for w in self._watched.values() if not w.ended and w.silent_s(now_s) < GONE_S]
        fitting = [one for one in running if self._fits(one)]
        if not fitting:
            problem = next((one.problem for one in running if one.problem), "")
            return Seen(SeenState.NO_SESSION, running=len(running), problem=problem)
        newest = max(fitting, key=lambda one: one.begun)
        silent_s = newest.silent_s(now_s)
        if silent_s > FRESH_S or newest.snapshot is None:
            return Seen(
                SeenState.NO_SIGNAL, None, newest.session, running=len(running), problem=newest.problem
            )
        return Seen(SeenState.SESSION, newest.snapshot.later(silent_s), newest.session, len(running))

    def close(self) -> None:
        """Close all files."""
        for one in self._watched.values():
            one.reader.close()
        self._watched.clear()

    def _fits(self, one: _Watched) -> bool:
        if not self._wanted or (one.snapshot and one.snapshot.client_code.lower() == self._wanted):
            return True
        beginning = self._wanted.replace("-", "")
        return len(beginning) >= ID_MIN and one.session.startswith(beginning)

    def _scan(self) -> None:
        there = place.files(self._folder, self._keys)
        for path in self._watched.keys() - set(there):
            self._watched.pop(path).reader.close()
        for path in there:
            if path not in self._watched:
                try:
                    self._watched[path] = _Watched(SlotReader(path))
                except OSError:
                    continue  # it ended between the list and the look
