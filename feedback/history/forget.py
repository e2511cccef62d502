"""A client erased for good: every row, every sample, and what lies about in files beside the record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from feedback.history.store import History
    from feedback.history.work import Work

from feedback.history.work import SILENT


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased, and which copies may still hold it.

    Attributes:
        sessions: how many sessions went.
        presses: how many presses.
        samples: how many samples.
        rows: how many rows went in all, over all tables.
        session_ids: of these sessions, for whoever keeps files named after them.
        removed: files beside the record that held something of this client and are gone.
        copies: files that were made before and may hold this client: backups, what a restore set aside, what an
            upgrade left. They are as they were.
        swept: False when another program has the record open, so that its -wal file may hold traces until that closes.
    """

    sessions: int
    presses: int
    samples: int
    rows: int
    session_ids: tuple[UUID, ...]
    removed: tuple[Path, ...]
    copies: tuple[Path, ...]
    swept: bool


def forget(history: History, client_code: str, who: str = "", work: Work = SILENT) -> Forgotten:
    """Erase a client for good. One row of the audit remains: when, who, and a number that names nobody.

    Args:
        history: open for writing.
        client_code: of a client in the record.
        who: who erases; empty for the user of this computer.
        work: told how far it is; it can be given up until the first row goes.

    Raises:
        BadEntryError: not a code.
        UnknownClientError: nobody has it.
        SessionRunsError: a session of this client is running.
        HistoryError: the record cannot be written; the client is as before.
    """
    raise NotImplementedError
