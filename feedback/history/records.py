"""What the history hands in and out: plain frozen records, without a database in sight.

Times of day are aware and in UTC. Times within a session are seconds from its start (`time_s`), stored as whole
microseconds. `to_json()` gives plain dictionaries, lists, strings, numbers and None.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from feedback.history.errors import BadEntryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.band import Band
    from feedback.coach.phases import PhaseRecord, ThresholdResult
    from feedback.comfort import ReportKind
    from feedback.points import Point
    from feedback.press import Press

MAX_CODE = 40
"""Longest client code, in characters."""


def utc_now() -> datetime:
    """The time of day, aware, in UTC."""
    return datetime.now(UTC)


def iso_utc(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z, to the millisecond: `2026-03-01T09:30:00.250Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check_code(code: str) -> str:
    """A client code, trimmed: 1 to 40 printable characters. A code, never a name.

    Raises:
        BadEntryError: it is empty, too long or holds control characters.
    """
    trimmed = " ".join(code.split())
    if not 1 <= len(trimmed) <= MAX_CODE or not trimmed.isprintable():
        raise BadEntryError(
            f"a client code has 1 to {MAX_CODE} printable characters, not {len(trimmed)}: choose a short one "
            "such as “A17”"
        )
    return trimmed


def plain(value: object) -> Any:
    """Anything of this module as JSON knows it; NaN and infinity become None, times ISO 8601 in UTC."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return iso_utc(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast("Sequence[object]", value)]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in cast("dict[object, object]", value).items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return value


@dataclass(frozen=True, slots=True)
class SessionStart:
    """What is known when a session begins.

    Attributes:
        client_code: whose session; made known to the record when new.
        started_at: time of day, aware.
        t0_s: the same moment on the clock of the samples (host monotonic seconds); session time counts from it.
        applicator: `probe`, `thumb`, `finger`, `knuckle` or `elbow`.
        tip_area_cm2: its contact area, > 0.
        sensor_url: the address the sensor was opened by.
        sensor_serial: as the sensor says; may be empty.
        sensor_device: what kind it says it is; may be empty.
        dialect: the language it speaks.
        clock: where sample times come from: `device` or `arrival`.
        app_version: of Goodpain.
        therapist: code of whoever gives, up to 40 characters; may be empty. A code, never a name.
    """

    client_code: str
    started_at: datetime
    t0_s: float
    applicator: str
    tip_area_cm2: float
    sensor_url: str = ""
    sensor_serial: str = ""
    sensor_device: str = ""
    dialect: str = ""
    clock: str = ""
    app_version: str = ""
    therapist: str = ""

    def __post_init__(self) -> None:
        if self.started_at.tzinfo is None:
            raise BadEntryError("a session starts at a time with a time zone: use datetime.now(UTC)")
        if not (self.tip_area_cm2 > 0 and math.isfinite(self.tip_area_cm2)):
            raise BadEntryError("the tip area must be larger than 0 cm²")
        if not math.isfinite(self.t0_s):
            raise BadEntryError("a session needs the time of its start on the clock of the samples")
        if len(self.therapist) > MAX_CODE or not (self.therapist.isprintable() or not self.therapist):
            raise BadEntryError(
                f"a therapist's code has up to {MAX_CODE} printable characters: choose a short one"
            )


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A client as stored."""

    id: UUID
    code: str
    created_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClientSummary:
    """A client at a glance; `last_seen` is the start of the last session."""

    id: UUID
    code: str
    created_at: datetime
    note: str
    points: int
    sessions: int
    last_seen: datetime | None

    def to_json(self) -> dict[str, Any]:
        """As plain types."""
        return plain(self)


@dataclass(frozen=True, slots=True)
class PointRecord:
    """A trigger point as stored."""

    id: UUID
    client_id: UUID
    point: Point
    created_at: datetime


class BandInForce(NamedTuple):
    """The newest band and pressure ceiling of a point; either may be missing."""

    band: Band | None
    ceiling_kpa: float | None


class Posterior(NamedTuple):
    """What a band model has learned, as its own bytes, with the version of their meaning."""

    data: bytes
    version: str


@dataclass(frozen=True, slots=True)
class PointSummary:
    """A trigger point at a glance; the band is the newest with any applicator, which is named."""

    id: UUID
    point: Point
    created_at: datetime
    presses: int
    sessions: int
    last_pressed: datetime | None
    band: Band | None
    ceiling_kpa: float | None
    applicator: str | None
    tip_area_cm2: float | None

    def to_json(self) -> dict[str, Any]:
        """As plain types."""
        return plain(self)


@dataclass(frozen=True, slots=True)
class StoredPress:
    """A press with what was in force when it ended. `press` times are seconds from the start of the session.

    Attributes:
        void: it was marked void later: it counts nowhere.
        void_reason: why; None when it counts.
    """

    id: UUID
    point_id: UUID | None
    press: Press
    lower_kpa: float | None
    upper_kpa: float | None
    ceiling_kpa: float | None
    void: bool = False
    void_reason: str | None = None


@dataclass(frozen=True, slots=True)
class FirstSaid:
    """What a report said before it was corrected."""

    kind: ReportKind
    rating: int | None


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report with the pressure under which it was given.

    Attributes:
        kind: as corrected.
        rating: as corrected.
        undone: it was taken back during the session.
        corrected_from: what it said at first; None when it was never corrected.
    """

    id: UUID
    point_id: UUID | None
    press_id: UUID | None
    time_s: float
    kind: ReportKind
    rating: int | None
    pressure_kpa: float | None
    quality: int
    source: str
    undone: bool = False
    undone_time_s: float | None = None
    corrected_from: FirstSaid | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """Something that happened: kind, time from the start of the session, text for people.

    Attributes:
        text: as corrected.
        id: of its row.
        corrected_from: the text at first; None when it was never corrected.
    """

    kind: str
    time_s: float
    text: str
    id: UUID | None = None
    corrected_from: str | None = None


@dataclass(frozen=True, slots=True)
class PointChange:
    """From `time_s` on, presses and reports belong to this point."""

    time_s: float
    point_id: UUID


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """A calibration and the session time from which it was in force."""

    time_s: float
    zero_counts: float
    counts_per_n: float
    source: str
    tared_under_load: bool
    curve: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class StoredBand:
    """A band that came into force during a session; edges are None for "no band yet"."""

    id: UUID
    point_id: UUID | None
    at: datetime
    time_s: float | None
    band: Band | None
    ceiling_kpa: float | None


@dataclass(frozen=True, slots=True)
class StoredPhase:
    """A phase of a technique; times of `phase` are seconds from the start of the session."""

    id: UUID
    point_id: UUID | None
    phase: PhaseRecord


@dataclass(frozen=True, slots=True)
class StoredThreshold:
    """A measured threshold; times of `threshold` are seconds from the start of the session.

    Attributes:
        superseded: the measurement went on after this result, and a later one counts instead.
    """

    id: UUID
    point_id: UUID | None
    threshold: ThresholdResult
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session with all that people read of it; the samples come from `History.samples`.

    Attributes:
        ended_at: None while it runs (or until a cut-off one is recovered).
        ended_how: `ended`, `recovered`, or None.
        duration_s: up to its end, or to its last sample while it runs.
        samples: how many are stored.
        lost: samples known to be lost, from sequence numbers.
        clock_skew_ppm: of the device clock against the host's; None when unknown.
        points: the points that were worked on, by id.
        presses: all of them, void ones marked; figures are made of `counted`.
        therapist: code of whoever gave; empty when it was not told.
        phases: of the techniques that were used, in order of their end.
        thresholds: that were measured, in order of their end.
    """

    id: UUID
    client_code: str
    started_at: datetime
    ended_at: datetime | None
    ended_how: str | None
    duration_s: float
    applicator: str
    tip_area_cm2: float
    sensor_url: str
    sensor_serial: str
    sensor_device: str
    dialect: str
    clock: str
    app_version: str
    samples: int
    lost: int
    checksum_errors: int | None
    reconnects: int | None
    rate_hz: float | None
    clock_skew_ppm: float | None
    points: dict[UUID, Point] = field(default_factory=dict["UUID", "Point"])
    point_changes: list[PointChange] = field(default_factory=list[PointChange])
    calibrations: list[StoredCalibration] = field(default_factory=list[StoredCalibration])
    presses: list[StoredPress] = field(default_factory=list[StoredPress])
    reports: list[StoredReport] = field(default_factory=list[StoredReport])
    bands: list[StoredBand] = field(default_factory=list[StoredBand])
    notes: list[StoredEvent] = field(default_factory=list[StoredEvent])
    events: list[StoredEvent] = field(default_factory=list[StoredEvent])
    therapist: str = ""
    phases: list[StoredPhase] = field(default_factory=list[StoredPhase])
    thresholds: list[StoredThreshold] = field(default_factory=list[StoredThreshold])

    @property
    def counted(self) -> list[StoredPress]:
        """The presses that count: those that were not marked void."""
        return [stored for stored in self.presses if not stored.void]

    def to_json(self) -> dict[str, Any]:
        """As plain types."""
        return plain(self)


@dataclass(frozen=True, slots=True)
class RecoveredSession:
    """A session that was cut off and has been closed.

    Attributes:
        duration_s: up to its last sample on disk.
        presses: how many were computed now, because they had not been stored.
        rescued: rows that came back from a rescue file.
    """

    session_id: UUID
    client_code: str
    started_at: datetime
    duration_s: float
    presses: int
    rescued: int = 0
