"""Samples of sessions that have ended, packed tighter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback.history.work import SILENT, Work

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.history.store import History


@dataclass(frozen=True, slots=True)
class CompactionResult:
    """What packing came to.

    Attributes:
        sessions: that were packed now.
        chunks_before: chunks of these sessions before.
        chunks_after: and after.
        samples: in them.
        bytes_before: size of the record's file before, with its -wal; 0 on a server.
        bytes_after: and after.
    """

    sessions: int
    chunks_before: int
    chunks_after: int
    samples: int
    bytes_before: int
    bytes_after: int


def compact(history: History, session_id: UUID | None = None, work: Work = SILENT) -> CompactionResult:
    """Pack the samples of one ended session, or of all of them, and give the room back to the disk.

    Raises:
        CancelledError: it was given up; everything is as before.
        HistoryError: the record cannot be written.
    """
    raise NotImplementedError
