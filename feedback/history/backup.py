"""Copies of a whole record: made while it is in use, verified, listed, and put back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history.copies import Backup
from feedback.history.records import utc_now
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from feedback.history.store import History
    from feedback.history.work import Work


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place.

    Attributes:
        record: the file that is in force now.
        aside: where the record that was there before is now; None when there was none.
        rows: how many rows each table holds.
        forgotten: how many clients the copy still held who had been erased since, and who were erased again.
    """

    record: Path
    aside: Path | None
    rows: Mapping[str, int]
    forgotten: int


def backup(history: History, path: Path | None = None, work: Work = SILENT) -> Backup:
    """Write a verified copy of the whole record to a new file, readable by its owner only; sessions may run meanwhile.

    Args:
        history: open.
        path: of the new file; None for one named after the moment in the folder `backups` beside the record.
        work: told how far it is; given up, no file is left.

    Raises:
        HistoryError: the file exists or cannot be written, the disk is full, the record is damaged or on a server.
    """
    raise NotImplementedError


def restore(
    copy: Path,
    record: Path,
    *,
    passphrase: str | None = None,
    who: str = "",
    now: Callable[[], datetime] = utc_now,
    work: Work = SILENT,
) -> Restored:
    """Put a copy in the place of the record. The copy is verified first, the present record is set aside.

    Raises:
        HistoryError: the copy is damaged or none of ours, a session runs, the record is open elsewhere, the disk is
            full. Everything is as before.
    """
    raise NotImplementedError
