"""What is kept of a running attempt: from the first contact on, while it goes on, and how it ends."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from feedback.drills import record_of
from feedback.history.training_records import AttemptEnd
from feedback.signal import ForceBlock
from tui.practise.drawn import drawn_target

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from feedback.drills import Attempt, AttemptRecord, Outcome, Purpose
    from feedback.history.training_journal import AttemptJournal
    from feedback.history.training_records import AttemptStart
    from feedback.signal import Calibration
    from firmware_bridge import SensorInfo

BEFORE_S = 2.0
"""So much of the signal before the first contact is kept: that the tip was off, and how it came on."""


class Keeping:
    """Between a run and its journal; used with the run's lock held.

    Args:
        journal: what it is written to.
        start_of: what the record keeps of the beginning, with what the sensor says of itself by then.
        trainee: whose attempt.
        purpose: what it is for.
        now: the time of day on the trainee's clock.

    Attributes:
        writing: samples go to the record now: there is contact.
        calibration: in force at the first contact.
        record: what came of it, once it is over; None for an attempt that was never touched.
        blocks: what was kept so far.
    """

    def __init__(
        self,
        journal: AttemptJournal,
        start_of: Callable[[SensorInfo], AttemptStart],
        *,
        trainee: str,
        purpose: Purpose,
        now: Callable[[], datetime],
    ) -> None:
        self.writing = False
        self.calibration: Calibration | None = None
        self.record: AttemptRecord | None = None
        self.blocks: list[ForceBlock] = []
        self._journal = journal
        self._start_of = start_of
        self._trainee = trainee
        self._purpose = purpose
        self._now = now
        self._before: deque[ForceBlock] = deque()
        self._at: datetime | None = None
        self._written: Outcome | None = None
        self._ended: AttemptRecord | None = None

    @property
    def touched(self) -> bool:
        """There was a first contact: it is in the record."""
        return self._at is not None

    def take(self, block: ForceBlock) -> None:
        """Keep a block: for good while there is contact, else for as long as it may precede one."""
        if self.writing:
            self.blocks.append(block)
            self._journal.samples(block)
            return
        if not len(block):
            return
        self._before.append(block)
        newest_s = float(block.time_s[-1])
        while float(self._before[0].time_s[-1]) < newest_s - BEFORE_S:
            self._before.popleft()

    def contact(self, info: SensorInfo) -> None:
        """Contact was made with the newest sample taken."""
        before = list(self._before)
        self._before.clear()
        if self._at is None:
            self._at, self.calibration = self._now(), info.calibration
            self._journal.begin(self._start_of(info), self._at, float(before[0].time_s[0]), info.calibration)
        self.writing = True
        for block in before:
            self.take(block)

    def lifted(self) -> None:
        """Contact was lost again before the go."""
        self.writing = False

    def end(self, attempt: Attempt) -> None:
        """Write how it ended: once when all is pressed, once more with the estimate. Nothing while it goes on."""
        outcome = attempt.pending or attempt.outcome
        if outcome is None or self._at is None:
            return
        if outcome is not self._written:
            self._written = outcome
            self._ended = record_of(
                outcome,
                attempt_id=self._journal.id,
                trainee=self._trainee,
                at=self._at,
                purpose=self._purpose,
            )
            end = AttemptEnd(self._now(), attempt.go_s, outcome.end_s, drawn_target(outcome))
            self._journal.end(self._ended, end)
        if attempt.outcome is not None:
            # Without an answer what came of it is what was written already.
            self.record = self._ended
