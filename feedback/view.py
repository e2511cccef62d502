"""What a screen may show: one frozen snapshot of a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback.coach.asked import asked_of

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.alarm import Alarm
    from feedback.band.source import BandNow
    from feedback.coach.phases import CoachNow
    from feedback.comfort import Report
    from feedback.guidance import Cue
    from feedback.hold import HoldNow
    from feedback.points import Point
    from feedback.press import Press, PressNow


@dataclass(frozen=True, slots=True)
class Place:
    """Who is pressed where and with what.

    Attributes:
        point_id: of the point in the history.
        client_code: a code, never a name.
        point: muscle, side, label.
        applicator: probe, thumb, finger, knuckle or elbow.
        tip_area_cm2: its contact area, > 0.
    """

    point_id: UUID
    client_code: str
    point: Point
    applicator: str
    tip_area_cm2: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A report as it was logged.

    Attributes:
        report: what was said and when.
        report_id: in the journal.
        pressure_kpa: the pressure it is tied to; None when no pressure was known.
        undone: it was taken back.
    """

    report: Report
    report_id: UUID
    pressure_kpa: float | None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class LiveView:
    """A session at one instant; nothing in it is older than it says.

    Attributes:
        now_s: the instant.
        place: who, where, with what.
        waiting: no sample has come yet.
        live: the newest sample is at most three sample periods old.
        age_s: age of the newest sample, None while waiting.
        calibrated: the newest sample is in newtons.
        saturated: the newest sample is at the sensor's limit; the pressure is at least what is shown.
        suspect: words for what is known against the newest sample (tared under load, no checksum), or empty.
        pressure_kpa: newest pressure; None unless live and calibrated.
        shown_kpa: the same, steadied for reading.
        force_n: newest force; None unless live and calibrated.
        counts: newest raw counts; None unless live.
        cue: what the hand should do by pressure, band and ceiling.
        bounds: band, target and explanation.
        ceiling_kpa: never above it.
        press: the press that is going on.
        presses: those that ended at this point in this session, oldest first.
        heard: reports of this session at this point, oldest first.
        prompt: what to ask the client now, or empty.
        stopped: the client said stop and the tip is not let go yet.
        waits: the client's stop stands: nothing is advised until somebody decides to go on.
        lost: samples known to be lost in the session.
        alarm: the ceiling was reached and the hand has not come back; it goes before everything else.
        hold: the course of the hold that is going on; None while nothing is held.
        coach: what the coach says; None when no technique is coached.
    """

    now_s: float
    place: Place
    waiting: bool
    live: bool
    age_s: float | None
    calibrated: bool
    saturated: bool
    suspect: str
    pressure_kpa: float | None
    shown_kpa: float | None
    force_n: float | None
    counts: int | None
    cue: Cue
    bounds: BandNow
    ceiling_kpa: float
    press: PressNow | None
    presses: tuple[Press, ...]
    heard: tuple[Heard, ...]
    prompt: str
    stopped: bool
    waits: bool
    lost: int
    alarm: Alarm | None = None
    hold: HoldNow | None = None
    coach: CoachNow | None = None

    @property
    def asked(self) -> Cue:
        """What the hand should do with the technique in mind: the one cue to show."""
        touching = self.press is not None or self.stopped
        return asked_of(self.cue, self.coach, self.bounds.band, self.shown_kpa, touching=touching)

    @property
    def last_heard(self) -> Heard | None:
        """The last report that still stands."""
        return next((h for h in reversed(self.heard) if not h.undone), None)
