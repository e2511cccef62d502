"""Rows that wait for their transaction, in a nameless file that is gone when the program is."""

from __future__ import annotations

import base64
import contextlib
import json
import tempfile
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from feedback.history import tables as t
from feedback.history.errors import HistoryFullError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlalchemy as sa

Rows = list[dict[str, Any]]


class Staged:
    """Batches of rows of a table, in their order.

    Attributes:
        batches: how many there are.
    """

    def __init__(self, record: Path | None) -> None:
        # On the disk of the record, which is protected as the record is.
        self._folder = record.parent if record is not None else None
        self.batches = 0

    def __enter__(self) -> Staged:
        try:
            self._file = tempfile.TemporaryFile(dir=self._folder)
        except OSError as error:
            raise self._full(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        # What could not be written is of no use any more.
        with contextlib.suppress(OSError):
            self._file.close()

    def add(self, name: str, table: sa.Table, rows: Rows) -> None:
        """Set rows aside.

        Raises:
            HistoryFullError: there is no space for them.
        """
        try:
            self._file.write(_line_of(name, table, rows))
        except OSError as error:
            raise self._full(error) from None
        self.batches += 1

    def replay(self) -> Iterator[tuple[str, sa.Table, Rows]]:
        """What was set aside: table of the export, table of the record, rows."""
        try:
            self._file.seek(0)
        except OSError as error:
            raise self._full(error) from None
        for _ in range(self.batches):
            name, table, rows = _rows_of(self._file.readline())
            yield name, t.metadata.tables[table], rows

    def _full(self, error: OSError) -> HistoryFullError:
        where = self._folder or "the folder for temporary files"
        return HistoryFullError(
            f"there is no space to prepare the import in {where} ({error.strerror}): free some; the record is as it was"
        )


def _line_of(name: str, table: sa.Table, rows: Rows) -> bytes:
    """A batch as a line of JSON: what JSON has no word for is a list of a letter and a text; rows hold no lists."""
    heads: list[tuple[str, ...]] = []
    found: dict[tuple[str, ...], int] = {}
    lines: list[list[Any]] = []
    for row in rows:
        head = tuple(row)
        if head not in found:
            found[head] = len(heads)
            heads.append(head)
        lines.append([found[head], *map(_packed, row.values())])
    return json.dumps([name, table.name, heads, lines], separators=(",", ":")).encode() + b"\n"


def _packed(value: object) -> object:
    match value:
        case UUID():
            return ["u", value.hex]
        case bytes():
            return ["b", base64.b64encode(value).decode()]
        case datetime():
            return ["t", value.isoformat()]
        case _:
            return value


def _rows_of(line: bytes) -> tuple[str, str, Rows]:
    name, table, heads, lines = json.loads(line)
    rows: Rows = [
        dict(zip(heads[which], [_unpacked(v) if type(v) is list else v for v in values], strict=True))  # pyright: ignore[reportUnknownArgumentType]
        for which, *values in lines
    ]
    return name, table, rows


def _unpacked(tagged: object) -> object:
    letter, text = cast("list[str]", tagged)
    match letter:
        case "u":
            return UUID(text)
        case "b":
            return base64.b64decode(text)
        case _:
            return datetime.fromisoformat(text)
