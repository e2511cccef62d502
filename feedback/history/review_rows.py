"""What the review store hands out: plain frozen rows, ready for a list or a replay.

Pressures are kPa, forces N, doses N·s, times of day aware and in UTC, times within a session seconds from its start.
Presses that were marked void are listed and marked, and left out of every count, sum and figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback.comfort import ReportKind
from feedback.history.records import plain

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from feedback.history.records import (
        StoredBand,
        StoredEvent,
        StoredPhase,
        StoredPress,
        StoredReport,
        StoredThreshold,
    )
    from feedback.points import Point
    from feedback.press import Press


class _Json:
    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """As plain types."""
        return plain(self)


@dataclass(frozen=True, slots=True)
class ClientRow(_Json):
    """A client in the list.

    Attributes:
        visits: sessions.
        points: that were ever made for this client.
        presses: that count.
        last_at: start of the last session; None when there was none.
    """

    id: UUID
    code: str
    visits: int
    points: int
    presses: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class PointRow(_Json):
    """A trigger point of a client in the list.

    Attributes:
        presses: that count.
        visits: sessions in which it was pressed.
        last_at: start of the last of them; None when it was never pressed.
        lower_kpa: of the newest band, with whatever applicator; None when there is none.
        upper_kpa: its other edge.
        ceiling_kpa: the newest.
        last_threshold_kpa: mean of the newest measured threshold; None when none was measured.
        applicator: that the band was made with; None without a band.
        tip_area_cm2: its contact area.
    """

    id: UUID
    point: Point
    presses: int
    visits: int
    last_at: datetime | None
    lower_kpa: float | None
    upper_kpa: float | None
    ceiling_kpa: float | None
    last_threshold_kpa: float | None
    applicator: str | None = None
    tip_area_cm2: float | None = None


@dataclass(frozen=True, slots=True)
class VisitRow(_Json):
    """One session of a client in the list; what it says of presses is of those at the point asked for, if one was.

    Attributes:
        duration_s: up to its end, or to its last press while it runs.
        running: it has not ended (or was cut off and not been closed yet).
        points: that were pressed, in the order of their first press.
        presses: that count.
        void: presses that were marked void.
        time_in_band_s: sum; None when no press had a band.
        dose_ns: sum.
        rating_first: the first rating that was not taken back, as corrected; None when nobody gave one.
        rating_last: the last one.
        simulated: recorded on the simulated sensor.
    """

    session_id: UUID
    started_at: datetime
    duration_s: float
    therapist: str
    applicator: str
    tip_area_cm2: float
    points: tuple[Point, ...]
    presses: int
    time_in_band_s: float | None
    dose_ns: float
    rating_first: int | None
    rating_last: int | None
    simulated: bool
    void: int = 0
    running: bool = False
    client_code: str = ""


@dataclass(frozen=True, slots=True)
class PressRow(_Json):
    """A press in the list.

    Attributes:
        started_at: the time of day at which it began.
        press: with times in seconds from the start of the session.
        reports: said during it, as corrected, without those that were taken back; in order.
        void: it was marked void: shown, and counted nowhere.
        void_reason: why; None when it counts.
        simulated: recorded on the simulated sensor.
    """

    id: UUID
    session_id: UUID
    started_at: datetime
    point_id: UUID | None
    point: Point | None
    press: Press
    lower_kpa: float | None
    upper_kpa: float | None
    ceiling_kpa: float | None
    reports: tuple[StoredReport, ...] = ()
    void: bool = False
    void_reason: str | None = None
    simulated: bool = False

    @property
    def ratings(self) -> tuple[int, ...]:
        """The ratings among the reports, in order."""
        return tuple(r.rating for r in self.reports if r.kind is ReportKind.RATING and r.rating is not None)


@dataclass(frozen=True, slots=True)
class PressDetail(_Json):
    """Everything about one press.

    Attributes:
        press: as stored, with `void` and `void_reason`.
        session: its session, with figures of the whole of it.
        client_id: whose.
        client_code: whose.
        point: what was pressed; None when none was chosen.
        reports: of this press, as corrected (`corrected_from` has what was said first); those taken back are marked.
        band: in force when it began, with the ceiling of that moment; None when nothing was.
        bands: that came into force while it lasted.
        phases: of the coach that overlap it.
        thresholds: that were measured while it lasted, superseded ones marked.
        notes: within it, as corrected.
        events: within it: what the program noted.
        flags: what is wrong with its signal, in words (`stale`, `saturated`, `3 samples lost`, …).
        before_id: the press before it in the session; None for the first.
        after_id: the one after it.
    """

    press: StoredPress
    session: VisitRow
    client_id: UUID
    client_code: str
    point: Point | None
    reports: tuple[StoredReport, ...]
    band: StoredBand | None
    bands: tuple[StoredBand, ...]
    phases: tuple[StoredPhase, ...]
    thresholds: tuple[StoredThreshold, ...]
    notes: tuple[StoredEvent, ...]
    events: tuple[StoredEvent, ...]
    flags: tuple[str, ...]
    before_id: UUID | None = None
    after_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Correction(_Json):
    """One change of what was recorded; the newest of an entity is in force.

    Attributes:
        who: a code; empty when it was not told.
        entity: `report`, `press` or `event` (a note).
        what: `changed`, `void` or `restored`.
        value: the new words: `{"kind": …, "rating": …}` of a report, `{"text": …}` of a note; empty otherwise.
    """

    id: UUID
    session_id: UUID
    at: datetime
    who: str
    entity: str
    entity_id: UUID
    what: str
    value: dict[str, Any]
    reason: str
