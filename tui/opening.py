"""Opening a live session: record, sensor, band and loop brought together, and closed in the right order."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.care import ceiling_for
from feedback.history import History, SessionStart, open_history
from feedback.history.retention import due_clients, reminder
from feedback.session import Session
from feedback.signal import Notice, NoticeKind
from feedback.view import Place
from tui.bands import Bands
from tui.cli import VERSION
from tui.heap import share_one_heap
from tui.live_loop import Companion, Follower, LiveLoop
from tui.mirror.writer import MirrorWriter
from tui.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.atlas import CautionSite
    from feedback.band import Band
    from feedback.coach import Technique
    from feedback.history import RecoveredSession, SessionJournal
    from feedback.points import Point
    from firmware_bridge import Sensor, SensorInfo
    from tui.settings import Settings
    from tui.wanted import SensorWanted, Visit

HISTORY_FILE = "history.db"
CALIBRATIONS_FOLDER = "calibrations"
CAUTION_CONFIRMED = "caution confirmed"
"""Kind of the event that keeps that somebody takes special care at a point."""


@dataclass(frozen=True, slots=True)
class CeilingOffer:
    """A ceiling to start from: in kPa, and why it is that one, in a few words."""

    kpa: float
    why: str


@dataclass(frozen=True, slots=True)
class Running:
    """A session that goes on."""

    session: Session
    journal: SessionJournal
    start_s: float


class Studio:
    """What outlives a session: the open record, the open sensor, the settings. A context manager."""

    def __init__(self, data: Path, settings: Settings) -> None:
        share_one_heap()
        self.data = data
        self.settings = settings
        self.shelf = Shelf(data)
        self.running: Running | None = None
        """The session that was begun last; it may have ended."""
        self.reminder = ""
        """What the check before the session asks to keep in mind, in one line; empty when it was all no."""
        self.recovered: list[RecoveredSession] = []
        """Sessions that an earlier run left cut off, closed now."""
        self.retention = ""
        """Who has not been seen for as long as a record is kept, as a sentence; empty when there is nobody."""
        self._stack = ExitStack()
        self.history: History = self._stack.enter_context(open_history(data / HISTORY_FILE))
        self.bands = Bands(self.history)
        try:
            self.recovered = self.history.recover()
            self.retention = retention_reminder(self.history, settings)
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the sensor and the record."""
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
        ceiling_kpa = visit.ceiling_kpa or ceiling_kpa or self._cautious(visit.point).kpa
        if visit.band and visit.ceiling_kpa is None and visit.band.upper_kpa > ceiling_kpa:
            # A cautious start must not cry over a band that somebody sets on purpose.
            ceiling_kpa = max(self.settings.ceiling_kpa, ceiling_kpa)
        return place, visit.band or band, ceiling_kpa

    def ceiling_offer(
        self, client_code: str, point: Point | None, applicator: str, tip_area_cm2: float
    ) -> CeilingOffer:
        """The ceiling to fill in for a point: the one remembered there, else a cautious start.

        Args:
            client_code: of a client in the record, or empty.
            point: where; None while it is not known.
            applicator: with what.
            tip_area_cm2: its contact area.
        """
        if client_code and point is not None:
            known = (summary for summary in self.history.points(client_code) if summary.point == point)
            if summary := next(known, None):
                place = Place(summary.id, client_code, point, applicator, tip_area_cm2)
                remembered = self.bands.remembered(place)[1]
                if remembered is not None:
                    return CeilingOffer(remembered, "as last time at this point")
        return self._cautious(point)

    def _cautious(self, point: Point | None) -> CeilingOffer:
        default_kpa = self.settings.ceiling_kpa
        sites = () if point is None else self.shelf.atlas.cautions(point)
        careful = min(sites, key=lambda site: site.ceiling_share, default=None)
        if careful is None or careful.ceiling_share >= 1:
            return CeilingOffer(default_kpa, "a cautious start")
        lowered_kpa = ceiling_for(default_kpa, [careful.ceiling_share])
        return CeilingOffer(lowered_kpa, f"lowered, near: {careful.name}")

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
        self.history.opened(visit.client_code, visit.therapist)
        self.bands.settle()
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
                therapist=visit.therapist,
            )
        )
        technique = self.shelf.technique(visit.technique)
        session = Session(place, journal, source, start_s=start_s, ceiling_kpa=ceiling_kpa, coach=technique)
        self.running = Running(session, journal, start_s)
        if visit.cautions:
            journal.event(CAUTION_CONFIRMED, start_s, caution_text(visit.point, visit.cautions))
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

    def confirm_care(self, loop: LiveLoop, point: Point, sites: Sequence[CautionSite]) -> None:
        """Keep in the record that somebody takes special care at a point."""
        if self.running is None:
            return
        with loop.lock:
            text = caution_text(point, [site.name for site in sites])
            self.running.journal.event(CAUTION_CONFIRMED, loop.sensor.heard_until_s, text)

    def choose_technique(self, loop: LiveLoop, technique: Technique | None) -> None:
        """Coach another technique from now on, or none."""
        if self.running is None:
            return
        with loop.lock:
            loop.poll()
            self.running.session.set_technique(technique, loop.sensor.heard_until_s)


def retention_reminder(history: History, settings: Settings) -> str:
    """Clients for whom nothing was entered for `retention_years`, as one sentence; empty when there are none."""
    years = settings.retention_years
    return reminder(due_clients(history, years, datetime.now(UTC)), years)


def caution_text(point: Point, names: Sequence[str]) -> str:
    """The confirmation as it stands in the record."""
    return f"special care taken at {point}: {', '.join(names)}"


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
