"""The journal of a running session: whoever calls it never waits, one thread writes (`feedback.history.writer`)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from feedback.history.compaction import pack_ended
from feedback.history.errors import HistoryError
from feedback.history.records import Posterior
from feedback.history.rows import Rows
from feedback.history.writer import RowWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from filelock import BaseFileLock

    from feedback.band import Band
    from feedback.coach.phases import PhaseRecord, ThresholdResult
    from feedback.comfort import Report
    from feedback.history.database import Database
    from feedback.history.records import SessionStart
    from feedback.press import Press
    from feedback.signal import Calibration, ForceBlock

BAND_MODEL = "GoodPainBand"
"""Version of stored band models: their bytes carry their own."""
PACK_S = 0.08
"""For so long at most the samples of a session that has ended are packed before it is let go."""


class SessionJournal(RowWriter[Rows]):
    """What a `Session` writes to (a `feedback.journal.Journal`); made by `History.begin_session`.

    Times are on the clock of the samples, whose value at the start is `SessionStart.t0_s`. Calls keep their order.
    `calibration` must be told before the first samples that it is in force for: the record keeps raw counts.

    Attributes:
        id: of the session.
        problem: a sentence for people while something cannot be written; empty when all is well. Nothing is dropped.
    """

    def __init__(
        self,
        database: Database,
        session_id: UUID,
        start: SessionStart,
        lock: BaseFileLock,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(
            database,
            session_id,
            Rows(session_id, start),
            lock,
            what="session",
            look="look at the session with `goodpain history`",
        )
        self._now = now

    def calibration(self, calibration: Calibration | None, time_s: float) -> None:
        """From now on counts become newtons this way (None: they do not)."""
        self._put(lambda rows: rows.calibration(calibration, time_s))

    def samples(self, block: ForceBlock) -> None:
        """Keep a block."""
        self._put(lambda rows: rows.samples(block))

    def point(self, point_id: UUID, time_s: float) -> None:
        """From now on presses and reports belong to this point."""
        self._put(lambda rows: rows.point(point_id, time_s))

    def band(self, band: Band | None, ceiling_kpa: float, time_s: float) -> None:
        """The band and ceiling in force from now on."""
        at = self._now()
        self._put(lambda rows: rows.band(band, ceiling_kpa, time_s, at))

    def learned(self, data: bytes, time_s: float) -> None:
        """Keep what the band model has learned at this point, for the next visit."""
        at = self._now()
        self._put(lambda rows: rows.learned(Posterior(data, BAND_MODEL), time_s, at))

    def sensor(self, *, serial: str, device: str, dialect: str, clock: str) -> None:
        """Fill in what the sensor has told of itself since the session began."""
        values = {"sensor_serial": serial, "sensor_device": device, "dialect": dialect, "clock": clock}
        self._put(lambda rows: rows.sensor(values))

    def report(self, report: Report, pressure_kpa: float | None, press_id: UUID | None, quality: int) -> UUID:
        """Keep a report, at once; returns its id."""
        report_id = uuid4()
        self._put(lambda rows: rows.report(report_id, report, pressure_kpa, press_id, quality), at_once=True)
        return report_id

    def correct(self, report_id: UUID, time_s: float) -> None:
        """Take a report back by a correcting row."""
        self._put(lambda rows: rows.correct(report_id, time_s), at_once=True)

    def press(self, press_id: UUID, press: Press) -> None:
        """Keep a press that ended, with the point, band and ceiling in force."""
        self._put(lambda rows: rows.press(press_id, press))

    def phase(self, record: PhaseRecord) -> None:
        """Keep a phase of a technique that ended, with the point in force."""
        self._put(lambda rows: rows.phase(record))

    def threshold(self, result: ThresholdResult) -> None:
        """Keep a threshold that was measured, at once, with the point in force."""
        self._put(lambda rows: rows.threshold(result), at_once=True)

    def note(self, text: str, time_s: float) -> None:
        """Keep a note."""
        self._put(lambda rows: rows.event("note", time_s, text))

    def event(self, kind: str, time_s: float, text: str) -> None:
        """Keep something that happened."""
        self._put(lambda rows: rows.event(kind, time_s, text))

    def end(self, time_s: float, health: Mapping[str, float | int | None]) -> None:
        """Fill in the end and close.

        Of `health` these are kept: `checksum_errors`, `reconnects`, `rate_hz`, `clock_skew_ppm`. Samples and losses
        are counted here, over this session alone.

        Raises:
            UnwrittenError: see `close`.
        """
        self._put(lambda rows: rows.end(time_s, health), at_once=True)
        self.close()

    def _tidy(self) -> None:
        # What is not packed now is packed one day, by `compact`.
        with contextlib.suppress(HistoryError):
            pack_ended(self._database, self.id, PACK_S)
