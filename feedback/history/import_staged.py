"""Rows that wait for their transaction, in a nameless file that is gone when the program is."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
from typing import TYPE_CHECKING, Any

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
            pickle.dump((name, table.name, rows), self._file, pickle.HIGHEST_PROTOCOL)
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
            # Our own bytes, from a file that nobody else can open.
            name, table, rows = pickle.load(self._file)  # noqa: S301
            yield name, t.metadata.tables[table], rows

    def _full(self, error: OSError) -> HistoryFullError:
        where = self._folder or "the folder for temporary files"
        return HistoryFullError(
            f"there is no space to prepare the import in {where} ({error.strerror}): free some; the record is as it was"
        )
