"""All tables of an export, from one moment of the record."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from feedback.history.export_types import TableOut
    from feedback.history.store import History


@contextmanager
def export_tables(history: History, client_code: str | None = None) -> Generator[list[TableOut]]:
    """The tables of the record, or of one client's part of it, as they stand at this moment.

        with export_tables(history) as tables:
            for table in tables:
                for batch in table.batches():
                    ...

    What is written to the record meanwhile is not seen. Tables may be read in any order, one at a time; parents come
    before what refers to them.

    Raises:
        UnknownClientError: nobody has this code.
        HistoryDamagedError: (while rows are read) stored samples cannot be read back.
    """
    raise NotImplementedError
    yield []
