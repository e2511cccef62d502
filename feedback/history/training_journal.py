"""The journal of a running attempt: whoever calls it never waits, one thread writes (`feedback.history.writer`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.history.training_rows import AttemptRows
from feedback.history.writer import RowWriter

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from filelock import BaseFileLock

    from feedback.drills import AttemptRecord
    from feedback.history.database import Database
    from feedback.history.training_records import AttemptEnd, AttemptStart
    from feedback.signal import Calibration, ForceBlock


class AttemptJournal(RowWriter[AttemptRows]):
    """What a running attempt is written to; made by `TrainingStore.begin`.

    One that is closed without `begin` leaves nothing behind; one without `end` counts as cut off.

    Attributes:
        id: of the attempt.
        problem: a sentence for people while something cannot be written; empty when all is well. Nothing is dropped.
    """

    def __init__(
        self,
        database: Database,
        attempt_id: UUID,
        trainee_id: UUID,
        lock: BaseFileLock,
    ) -> None:
        super().__init__(
            database,
            attempt_id,
            AttemptRows(attempt_id, trainee_id),
            lock,
            what="attempt",
            look="look at the trainee's attempts with `goodpain practise --progress`",
        )

    def begin(self, start: AttemptStart, at: datetime, t0_s: float, calibration: Calibration | None) -> None:
        """The attempt begins; once, before its samples.

        Args:
            start: what is known of it.
            at: the time of day, aware, on the trainee's clock.
            t0_s: the same on the clock of the samples.
            calibration: in force for all of it.
        """
        self._put(lambda rows: rows.begin(start, at, t0_s, calibration), at_once=True)

    def samples(self, block: ForceBlock) -> None:
        """Keep a block."""
        self._put(lambda rows: rows.samples(block))

    def end(self, record: AttemptRecord, end: AttemptEnd) -> None:
        """Fill in how it ended; may be called again with the trainee's estimate. `close` then waits for the disk."""
        self._put(lambda rows: rows.end(record, end), at_once=True)
