"""A disk whose power fails: what may be on it afterwards, from the log of `shims/write_log.c`.

What was synced is there. Of what was written after that, any part may be: nothing, all, the beginning, or some of the
sectors of some of the writes, in whatever order the disk saw fit. Of names that were made, moved or removed after their
folder was synced, the earlier ones are there: file systems keep a journal of those.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CREATED, WRITTEN, CUT, SYNCED, REMOVED, RENAMED, LINKED = range(1, 8)
_HEAD = struct.Struct("=diiiiqq")
_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done to a file; `time_s` is of the clock that only counts on."""

    time_s: float
    what: int
    path: str
    second: str
    at: int
    data: bytes


def entries_of(log: Path) -> Iterator[Entry]:
    """What a log holds; a last entry that is not whole is left out."""
    raw = log.read_bytes()
    place = 0
    while place + _HEAD.size <= len(raw):
        time_s, what, n_path, n_second, _, at, n_data = _HEAD.unpack_from(raw, place)
        place += _HEAD.size
        if place + n_path + n_second + n_data > len(raw):
            return
        path = raw[place : place + n_path].decode()
        place += n_path
        second = raw[place : place + n_second].decode()
        place += n_second
        yield Entry(time_s, what, path, second, at, raw[place : place + n_data])
        place += n_data


def packed(what: int, path: Path, data: bytes = b"") -> bytes:
    """An entry as the log holds it."""
    name = str(path).encode()
    return _HEAD.pack(0.0, what, len(name), 0, 0, 0, len(data)) + name + data


@dataclass(slots=True, eq=False)
class _File:
    """Its bytes as of its last sync, and what was done since: (offset, data), or (length, None) for a cut."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for at, data in self.since:
            _apply(self.synced, at, data)
        self.since.clear()


def _apply(content: bytearray, at: int, data: bytes | None) -> None:
    end = at if data is None else at + len(data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if data is None:
        del content[at:]
    else:
        content[at:end] = data


class Disk:
    """The files after each entry."""

    def __init__(self) -> None:
        self._names: dict[str, _File] = {}
        self._synced: dict[str, _File] = {}
        self._moves: list[tuple[Entry, _File]] = []

    def do(self, entry: Entry) -> None:
        """One more entry."""
        if entry.what in (CREATED, REMOVED, RENAMED, LINKED):
            new = _File()
            _move(self._names, entry, new)
            # A file that is made and gets another name is the same file.
            self._moves.append((entry, new))
            return
        file = self._names.get(entry.path)
        if file is None:
            if entry.what == SYNCED:
                # A folder: all that happened to names in it is for good.
                self._synced = dict(self._names)
                self._moves.clear()
            return
        if entry.what == WRITTEN:
            file.since.append((entry.at, entry.data))
        elif entry.what == CUT:
            file.since.append((entry.at, None))
        else:
            file.sync()

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """What may be there when the power comes back, by path."""
        names = dict(self._synced)
        kept = chance.choice((0, len(self._moves), chance.randint(0, len(self._moves))))
        for entry, new in self._moves[:kept]:
            _move(names, entry, new)
        how = chance.choice(("nothing", "all", "first", "some", "some"))
        return {path: _content(file, how, chance) for path, file in names.items()}


def _move(names: dict[str, _File], entry: Entry, new: _File) -> None:
    if entry.what == CREATED:
        names[entry.path] = new
    elif entry.what == REMOVED:
        names.pop(entry.path, None)
    elif entry.path in names:
        names[entry.second] = names[entry.path]
        if entry.what == RENAMED:
            del names[entry.path]
    else:
        # From somewhere that is not looked at.
        names.pop(entry.second, None)


def _content(file: _File, how: str, chance: random.Random) -> bytes:
    content = bytearray(file.synced)
    since = file.since
    if how == "nothing":
        since = []
    elif how == "first":
        since = since[: chance.randint(0, len(since))]
    for at, data in since:
        if how != "some":
            _apply(content, at, data)
        elif data is None:
            if chance.random() < 0.5:
                _apply(content, at, None)
        elif (share := chance.choice((0.0, 0.5, 1.0))) > 0:
            for i in range(0, len(data), _SECTOR):
                if chance.random() < share:
                    _apply(content, at + i, data[i : i + _SECTOR])
    return bytes(content)
