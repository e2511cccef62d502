"""Practice in the record: trainees, their attempts with the raw samples, and the steps they left out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from feedback.drills import AttemptRecord, Skip, TrainingHistory
    from feedback.history.database import Database
    from feedback.history.training_journal import AttemptJournal
    from feedback.history.training_records import (
        AttemptKept,
        AttemptStart,
        AttemptTrace,
        RecoveredAttempt,
        TraineeRecord,
        TraineeSummary,
    )


class TrainingStore:
    """What the record knows of practice. Every method may raise a `HistoryError`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def trainee(self, code: str, note: str = "") -> TraineeRecord:
        """The trainee with this code, made when new.

        Raises:
            BadEntryError: not a code of 1 to 40 characters.
        """
        raise NotImplementedError

    def trainees(self) -> list[TraineeSummary]:
        """All trainees by code."""
        raise NotImplementedError

    def training(self, code: str) -> TrainingHistory:
        """All that is kept of a trainee; empty for one nobody knows. Times are on the trainee's own clock."""
        raise NotImplementedError

    def attempts(self, code: str | None = None) -> Iterator[AttemptRecord]:
        """Attempts that ended, oldest first, of one trainee or of all."""
        raise NotImplementedError

    def begin(self, start: AttemptStart) -> AttemptJournal:
        """Get ready to write an attempt; the row itself is written when it is begun in earnest."""
        raise NotImplementedError

    def add(self, record: AttemptRecord, kept: AttemptKept) -> None:
        """Keep a whole attempt at once, as a generator or an import has it."""
        raise NotImplementedError

    def skip(self, skip: Skip) -> UUID:
        """Keep that a step was left out, knowingly; returns the entry's id."""
        raise NotImplementedError

    def trace(self, attempt_id: UUID) -> AttemptTrace | None:
        """An attempt as it was pressed; None when there is none with this id."""
        raise NotImplementedError

    def recover(self) -> list[RecoveredAttempt]:
        """Close attempts that were cut off and that no process holds any more, as void."""
        raise NotImplementedError
