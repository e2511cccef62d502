"""Rows out of single pages of a SQLite file, each page looked at by itself.

Format: https://www.sqlite.org/fileformat2.html (1.6 B-tree pages, 1.6 cell payload overflow, 2.1 the record format).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedback.history.salvage.pages import Pages

Value = int | float | str | bytes | None
LEAF, INNER, INDEX_LEAF, INDEX_INNER = 13, 5, 10, 2
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class BadCellError(ValueError):
    """These bytes are no cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A row as it stands in a page.

    Attributes:
        start: of its bytes in the page.
        end: just after its last byte in the page.
        rowid: SQLite's number of the row; 0 in an index.
        values: its columns.
    """

    start: int
    end: int
    rowid: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a page of rows holds.

    Attributes:
        cells: those that can be read, in the order of their bytes.
        holes: (start, end) of bytes that belong to nothing that can be read.
        bad: how many cells the page claims that cannot be read.
    """

    cells: tuple[Cell, ...]
    holes: tuple[tuple[int, int], ...]
    bad: int

    def beside_damage(self, cell: Cell) -> bool:
        """Bytes next to this cell make no sense: whatever wrote over them may have touched the cell too."""
        return any(start <= cell.end and cell.start <= end for start, end in self.holes)


def kind_of(page: bytes, number: int) -> int:
    """What the page says it is."""
    return page[100 if number == 1 else 0]


def leaf(pages: Pages, number: int, page: bytes) -> Leaf | None:
    """The rows of a leaf of a table or an index; None when the page is none, or nothing of it makes sense."""
    start = 100 if number == 1 else 0
    kind = page[start]
    if kind not in (LEAF, INDEX_LEAF):
        return None
    first_free, count, content, fragments = struct.unpack(">HHHB", page[start + 1 : start + 8])
    content = content or 65536
    table_end = start + 8 + 2 * count
    if table_end > pages.usable:
        count = 0
    cells: dict[int, Cell] = {}
    bad = 0
    for at in range(start + 8, start + 8 + 2 * count, 2):
        place = int.from_bytes(page[at : at + 2], "big")
        if not table_end <= place < pages.usable:
            bad += 1
            continue
        try:
            cells[place] = _cell(pages, page, place, kind)
        except (BadCellError, IndexError, struct.error, UnicodeDecodeError):
            bad += 1
    free = _free_blocks(page, first_free, pages.usable)
    holes = _holes(sorted(cells.values(), key=lambda cell: cell.start), free, content, pages.usable)
    unaccounted = sum(end - begin for begin, end in holes)
    if (
        not bad
        and free is not None
        and unaccounted <= fragments
        and all(end - begin < 4 for begin, end in holes)
    ):
        # Up to three bytes between cells are what SQLite leaves over.
        holes = []
    return Leaf(tuple(sorted(cells.values(), key=lambda cell: cell.start)), tuple(holes), bad)


def _free_blocks(page: bytes, first: int, usable: int) -> list[tuple[int, int]] | None:
    """The free blocks of a page; None when their chain makes no sense."""
    blocks: list[tuple[int, int]] = []
    at = first
    while at:
        if not (not blocks or at > blocks[-1][1]) or at + 4 > usable:
            return None
        following = int.from_bytes(page[at : at + 2], "big")
        size = int.from_bytes(page[at + 2 : at + 4], "big")
        if size < 4 or at + size > usable:
            return None
        blocks.append((at, at + size))
        at = following
    return blocks


def _holes(
    cells: list[Cell], free: list[tuple[int, int]] | None, content: int, usable: int
) -> list[tuple[int, int]]:
    """What lies between the cells and is no free block; cells that lie over each other make one too."""
    taken: list[tuple[int, int]] = sorted([*((cell.start, cell.end) for cell in cells), *(free or [])])
    holes: list[tuple[int, int]] = []
    at = min(content, usable)
    for start, end in taken:
        if start > at:
            holes.append((at, start))
        elif start < at:
            holes.append((start, min(at, end)))
        at = max(at, end)
    if at < usable:
        holes.append((at, usable))
    return holes


def children(pages: Pages, page: bytes, number: int) -> list[int]:
    """The pages below an inner page; those whose numbers make no sense are left out."""
    start = 100 if number == 1 else 0
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    if start + 12 + 2 * count > pages.usable:
        return []
    found = [int.from_bytes(page[start + 8 : start + 12], "big")]
    for at in range(start + 12, start + 12 + 2 * count, 2):
        place = int.from_bytes(page[at : at + 2], "big")
        if place + 4 <= pages.usable:
            found.append(int.from_bytes(page[place : place + 4], "big"))
    return [one for one in found if 1 < one <= pages.count]


def inner_entries(pages: Pages, page: bytes, number: int) -> list[tuple[Value, ...]]:
    """The entries that an inner page of an index holds itself."""
    start = 100 if number == 1 else 0
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    found: list[tuple[Value, ...]] = []
    for at in range(start + 12, min(start + 12 + 2 * count, pages.usable - 1), 2):
        place = int.from_bytes(page[at : at + 2], "big")
        try:
            found.append(_cell(pages, page, place + 4, INDEX_LEAF).values)
        except (BadCellError, IndexError, struct.error, UnicodeDecodeError):
            continue
    return found


def _cell(pages: Pages, page: bytes, start: int, kind: int) -> Cell:
    size, at = _varint(page, start)
    rowid = 0
    if kind == LEAF:
        rowid, at = _varint(page, at)
        rowid -= (rowid >> 63) << 64
        most = pages.usable - 35
    else:
        most = (pages.usable - 12) * 64 // 255 - 23
    if size < 2 or size > pages.count * pages.usable:
        raise BadCellError
    local = size
    if size > most:
        least = (pages.usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (pages.usable - 4)
        local = local if local <= most else least
    end = at + local
    payload = page[at:end]
    if size > local:
        payload += _overflow(pages, int.from_bytes(page[end : end + 4], "big"), size - local)
        end += 4
    if end > pages.usable or len(payload) != size:
        raise BadCellError
    # A cell takes at least four bytes.
    return Cell(start, max(end, start + 4), rowid, _record(payload))


def _overflow(pages: Pages, number: int, size: int) -> bytes:
    parts: list[bytes] = []
    left = size
    while left > 0:
        page = pages.read(number)
        if page is None or number < 2:
            raise BadCellError
        number = int.from_bytes(page[:4], "big")
        parts.append(page[4 : min(pages.usable, 4 + left)])
        left -= pages.usable - 4
    if number:
        raise BadCellError
    return b"".join(parts)


def _record(payload: bytes) -> tuple[Value, ...]:
    header, at = _varint(payload, 0)
    if not 2 <= header <= len(payload):
        raise BadCellError
    kinds: list[int] = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if at != header or not kinds:
        raise BadCellError
    values: list[Value] = []
    for kind in kinds:
        if kind in (0, 8, 9):
            values.append((None, 0, 1)[0 if kind == 0 else kind - 7])
            continue
        if kind in (10, 11):
            raise BadCellError
        size = _INTEGERS.get(kind) or (8 if kind == 7 else (kind - 12) // 2)
        data = payload[at : at + size]
        if len(data) != size:
            raise BadCellError
        at += size
        if kind == 7:
            values.append(struct.unpack(">d", data)[0])
        elif kind < 7:
            values.append(int.from_bytes(data, "big", signed=True))
        else:
            values.append(data.decode("utf-8") if kind % 2 else data)
    if at != len(payload):
        raise BadCellError
    return tuple(values)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(8):
        byte = data[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value << 8 | data[at + 8], at + 9
