"""Opening a live session: record, sensor, band and loop brought together, and closed in the right order."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history import History, SessionStart, open_history
from feedback.session import Session
from feedback.signal import Notice, NoticeKind
from feedback.view import Place
from tui.bands import Bands
from tui.cli import VERSION
from tui.live_loop import Companion, Follower, LiveLoop
from tui.mirror.writer import MirrorWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.band import Band
    from feedback.history import RecoveredSession, SessionJournal
    from firmware_bridge import Sensor, SensorInfo
    from tui.settings import Settings
    from tui.wanted import SensorWanted, Visit

HISTORY_FILE = "history.db"
CALIBRATIONS_FOLDER = "calibrations"


class Studio:
    """What outlives a session: the open record, the open sensor, the settings. A context manager."""

    def __init__(self, data: Path, settings: Settings) -> None:
        self.data = data
        self.settings = settings
        self.recovered: list[RecoveredSession] = []
        """Sessions that an earlier run left cut off, closed now."""
        self._stack = ExitStack()
        self.history: History = self._stack.enter_context(open_history(data / HISTORY_FILE))
        self.bands = Bands(self.history)
        try:
            self.recovered = self.history.recover()
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def open_sensor(self, wanted: SensorWanted) -> Sensor:
        """Open the sensor; it is closed with the studio."""
        from firmware_bridge import open_sensor

        return self._stack.enter_context(
            open_sensor(
                wanted.url,
                calibration=wanted.calibration,
                dialect=wanted.dialect,
                baud=wanted.baud,
                raw=wanted.raw,
                calibration_folder=self.data / CALIBRATIONS_FOLDER,
                calibration_max_age_days=self.settings.calibration_days,
            )
        )

    def place(self, visit: Visit) -> tuple[Place, Band | None, float]:
        """The point of a visit in the record, the band set there by hand, if any, and the ceiling.

        What is given goes before what is remembered.

        The session's journal writes down what is in force, so that it is remembered at the next visit.
        """
        record = self.history.point(visit.client_code, visit.point)
        place = Place(record.id, visit.client_code, visit.point, visit.applicator, visit.tip_area_cm2)
        band, ceiling_kpa = self.bands.remembered(place)
        return place, visit.band or band, visit.ceiling_kpa or ceiling_kpa or self.settings.ceiling_kpa

    def begin(
        self,
        visit: Visit,
        sensor: Sensor,
        companion: Companion | None = None,
        start_s: float | None = None,
        followers: Sequence[Follower] = (),
    ) -> tuple[LiveLoop, SessionJournal]:
        """Begin a session; the loop is not started yet.

        `start_s` is on the sensor's clock: hand in the time just after it was opened when samples may already wait.
        """
        place, band, ceiling_kpa = self.place(visit)
        source = self.bands.given(place, band, ceiling_kpa)
        info = sensor.info
        start_s = sensor.now_s() if start_s is None else start_s
        journal = self.history.begin_session(
            SessionStart(
                client_code=visit.client_code,
                started_at=datetime.now(UTC) - timedelta(seconds=sensor.now_s() - start_s),
                t0_s=start_s,
                applicator=visit.applicator,
                tip_area_cm2=visit.tip_area_cm2,
                sensor_url=info.url,
                sensor_serial=info.serial,
                sensor_device=info.device,
                dialect=info.dialect or "",
                clock=info.clock,
                app_version=VERSION,
            )
        )
        session = Session(place, journal, source, start_s=start_s, ceiling_kpa=ceiling_kpa)
        if info.calibration is not None:
            # The sensor may have told before this session began, to nobody.
            text = f"calibration: {info.calibration.source}"
            session.notice(Notice(NoticeKind.CALIBRATED, start_s, text, calibration=info.calibration))

        def keep(info: SensorInfo) -> None:
            journal.sensor(
                serial=info.serial, device=info.device, dialect=info.dialect or "", clock=info.clock
            )

        mirror = MirrorWriter(self.data, journal.id)
        return LiveLoop(sensor, session, companion, on_sensor=keep, followers=(mirror, *followers)), journal


def finish(loop: LiveLoop, journal: SessionJournal) -> None:
    """End the session and wait until all of it is on disk.

    Raises:
        HistoryError: something could not be written; the sentence says what and where it is now.
    """
    try:
        loop.close()
    finally:
        try:
            loop.end()
        finally:
            journal.close()
