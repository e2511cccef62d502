"""CSV files of an export as rows of the record; what makes no sense is named by file, line and column."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.cells import CellError, reader_of
from feedback.history.errors import BadEntryError, BadImportError
from feedback.history.records import check_code
from feedback.history.values import check_value

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from uuid import UUID

    from feedback.history.export_spec import Spec
    from feedback.history.export_types import Column

_BITS: list[tuple[type, int]] = [(sa.BigInteger, 63), (sa.SmallInteger, 15), (sa.Integer, 31)]
_BATCH = 500
_CELL_MAX = 4 << 20
"""Characters of a cell: four times the longest that an export of ours can hold, a drill's file. A file of a few packed
bytes that says more is refused before it fills the memory."""
LINE_MAX = 2 * _CELL_MAX
"""Characters of a line, and of a row, which may go over several lines."""


class Known:
    """Ids of what has been read so far, by table of the record, so that nothing refers to what is not there."""

    def __init__(self) -> None:
        self.ids: dict[str, set[UUID]] = {}
        self.calibrations: dict[UUID, dict[int, UUID]] = {}
        """By session and number."""
        self._parents = {
            key.column.table.name for table in t.metadata.tables.values() for key in table.foreign_keys
        }

    def add(self, table: sa.Table, row_id: UUID) -> None:
        """Something others may refer to."""
        if table.name in self._parents:
            self.ids.setdefault(table.name, set()).add(row_id)

    def has(self, table: str, row_id: UUID) -> bool:
        """It was read before."""
        return row_id in self.ids.get(table, ())


@contextmanager
def long_cells() -> Generator[None]:
    """CSV cells may be long meanwhile: a drill's file, what a band model has learned."""
    before = csv.field_size_limit(_CELL_MAX)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class Lines:
    """The rows of a CSV file as lists of cells, with the line each begins in."""

    def __init__(self, file: str, stream: BinaryIO, *, line: int = 1) -> None:
        self.file = file
        self._before = line - 1
        self.line = line
        text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
        self._taken = 0
        self._reader = csv.reader(self._lines(text), strict=True)

    def __iter__(self) -> Iterator[list[str]]:
        while True:
            self.line = self._before + self._reader.line_num + 1
            try:
                self._taken = 0
                yield next(self._reader)
            except StopIteration:
                return
            except UnicodeDecodeError:
                raise self.bad("is not UTF-8") from None
            except csv.Error as error:
                raise self.bad(f"is no CSV ({error})") from None

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        # A line that never ends is cut, and then refused for its cells.
        for line in iter(partial(text.readline, LINE_MAX), ""):
            self._taken += len(line)
            if self._taken > LINE_MAX:
                raise csv.Error("a row that does not end")
            yield line

    def bad(self, reason: str, column: str = "") -> BadImportError:
        """What is wrong with the row that was read last."""
        where = f", column {column}" if column else ""
        return BadImportError(f"{self.file}, line {self.line}{where}: {reason}")


def header_places(spec: Spec, header: list[str], file: str) -> dict[str, int]:
    """Where each column that is kept stands in the file.

    Raises:
        BadImportError: one is missing or there twice.
    """
    places: dict[str, int] = {}
    for column in spec.columns:
        if header.count(column.name) > 1:
            raise BadImportError(f"{file}, line 1: there are two columns {column.name}")
        if column.name in header:
            places[column.name] = header.index(column.name)
        elif column.kept is not None and column.needed:
            raise BadImportError(f"{file}, line 1: there is no column {column.name}")
    return places


def read_rows(spec: Spec, stream: BinaryIO, known: Known) -> Iterator[list[dict[str, Any]]]:
    """The rows of the record's table, some hundred at a time.

    Raises:
        BadImportError: something makes no sense; the message names file, line and column.
    """
    table = spec.table
    assert table is not None
    lines = Lines(f"{spec.name}.csv", stream)
    rows = iter(lines)
    header = next(rows, list[str]())
    places = header_places(spec, header, lines.file)
    columns = [column for column in spec.columns if column.kept is not None and column.name in places]
    readers = [(column, places[column.name], _reader(column, table)) for column in columns]
    missing = {c.kept: None for c in spec.columns if c.kept is not None and c.name not in places}
    refers = [
        (column, str(column.kept), key.column.table.name)
        for column in columns
        for key in table.c[str(column.kept)].foreign_keys
    ]
    number = places.get("number") if table is t.calibration else None
    batch: list[dict[str, Any]] = []
    for cells in rows:
        if len(cells) != len(header):
            if not cells:
                continue
            raise lines.bad(f"there are {len(cells)} cells where the header has {len(header)}")
        row: dict[str, Any] = {**spec.fixed, **missing}
        for column, place, read in readers:
            try:
                row[str(column.kept)] = read(cells[place])
            except (CellError, BadEntryError) as error:
                raise lines.bad(str(error), column.name) from None
        if row["id"] is None:
            # Worked out, not kept: a gap that was found in the samples.
            continue
        for column, name, parent in refers:
            if row[name] is not None and not known.has(parent, row[name]):
                raise lines.bad(f"{row[name]} is not in this export", column.name)
        known.add(table, row["id"])
        if number is not None:
            _remember_number(lines, known, row, cells[number])
        batch.append(row)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _remember_number(lines: Lines, known: Known, row: dict[str, Any], cell: str) -> None:
    numbers = known.calibrations.setdefault(row["session_id"], {})
    if not cell.isdecimal() or len(cell) > 9 or int(cell) in numbers:
        raise lines.bad("each calibration of a session needs a number of its own", "number")
    numbers[int(cell)] = row["id"]


def _reader(column: Column, table: sa.Table) -> Callable[[str], Any]:
    """The column's reader, and whether the record can hold the value."""
    target = table.c[str(column.kept)]
    plain = reader_of(column)

    def read(cell: str) -> Any:
        value = plain(cell)
        try:
            check_value(table.name, target.name, value)
        except ValueError as error:
            raise CellError(str(error)) from None
        return value

    if table in (t.client, t.trainee) and target.name == "code":

        def code(cell: str) -> str:
            value = read(cell)
            if check_code(value) != value:
                raise CellError("a code has no spaces around it")
            return value

        return code
    if isinstance(target.type, sa.String) and target.type.length:
        longest = target.type.length

        def short(cell: str) -> Any:
            value = read(cell)
            if value is not None and len(value) > longest:
                raise CellError(f"it is longer than {longest} characters")
            return value

        return short
    bits = next((bits for type_, bits in _BITS if isinstance(target.type, type_)), None)
    if bits is None:
        return read

    def small(cell: str) -> Any:
        value = read(cell)
        if value is not None and not -(1 << bits) <= value < 1 << bits:
            raise CellError(f"{value} is too large")
        return value

    return small
