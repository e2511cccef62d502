"""An export taken back in: all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feedback.history.work import SILENT

if TYPE_CHECKING:
    from pathlib import Path

    from feedback.history.store import History
    from feedback.history.work import Work


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did.

    Attributes:
        added: rows that are new in the record, by table of the export (`samples` counts samples).
        there: rows that the record had already.
        merged: codes of clients and trainees who were in the record under the same code from elsewhere: what came is
            theirs now.
        left_out: sentences on what was not taken in, such as a session that had not ended when it was exported.
    """

    added: dict[str, int] = field(default_factory=dict[str, int])
    there: dict[str, int] = field(default_factory=dict[str, int])
    merged: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def import_csv(history: History, place: str | Path, work: Work = SILENT) -> ImportResult:
    """Take in what `export_csv` wrote, from its folder or from a zip of it: all of it or nothing.

    Rows whose id is in the record are passed over, so that the records of several stations can be put together, and
    the same export can be taken in twice.

    Raises:
        BadImportError: the files are no whole export of ours; the message names file, line and column.
        HistoryError: the record refuses; it is then as it was.
        CancelledError: it was given up; the record is as it was.
    """
    raise NotImplementedError
