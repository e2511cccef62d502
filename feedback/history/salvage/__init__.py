"""What can be saved from a damaged record, row by row, into a new one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedback.history.work import Work


@dataclass(frozen=True, slots=True)
class Saved:
    """What came out of a damaged file.

    Attributes:
        path: the new record.
        rows: how many rows each table of the new record holds.
        lost: sentences about what could not be saved; empty when nothing is missing.
        clients: codes of the clients in the new record.
        sessions: how many sessions it holds.
        samples: how many samples.
        hours: of samples.
    """

    path: Path
    rows: Mapping[str, int]
    lost: tuple[str, ...]
    clients: tuple[str, ...]
    sessions: int
    samples: int
    hours: float


def recover(damaged: Path, to: Path, *, passphrase: str | None = None, work: Work = SILENT) -> Saved:
    """Save what can be saved from a damaged record into a new file. The damaged one is only read.

    Args:
        damaged: the file; a -wal file beside it is read too.
        to: the new record, which must not exist yet.
        passphrase: of an encrypted record; the new one gets the same.
        work: told how far it is; given up, no file is left.

    Raises:
        HistoryError: nothing of a record is in it, it cannot be read, `to` exists or cannot be written.
    """
    raise NotImplementedError
