"""The record, open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from feedback.band import Band
    from feedback.history.journal import SessionJournal
    from feedback.history.records import (
        BandInForce,
        ClientRecord,
        ClientSummary,
        PointRecord,
        PointSummary,
        Posterior,
        RecoveredSession,
        SessionStart,
        SessionSummary,
    )
    from feedback.points import Point
    from feedback.signal import ForceBlock


class History:
    """The record of all clients; safe to use from several threads and beside other processes."""

    @classmethod
    def open(cls, where: str | Path, *, now: Callable[[], datetime]) -> History:
        """Open; see `open_history`."""
        raise NotImplementedError

    def client(self, code: str, note: str = "") -> ClientRecord:
        """The client with this code, made when new."""
        raise NotImplementedError

    def clients(self) -> list[ClientSummary]:
        """All clients by code."""
        raise NotImplementedError

    def point(self, client_code: str, point: Point) -> PointRecord:
        """This point of this client, both made when new."""
        raise NotImplementedError

    def points(self, client_code: str) -> list[PointSummary]:
        """All points of a client, last pressed first."""
        raise NotImplementedError

    def band(self, point_id: UUID, applicator: str, tip_area_cm2: float) -> BandInForce:
        """The newest band and ceiling of a point with this applicator and area."""
        raise NotImplementedError

    def set_band(
        self,
        point_id: UUID,
        applicator: str,
        tip_area_cm2: float,
        band: Band | None,
        ceiling_kpa: float | None,
        posterior: Posterior | None = None,
    ) -> UUID:
        """Put a new band in force; the old ones stay in the record."""
        raise NotImplementedError

    def save_posterior(
        self, point_id: UUID, applicator: str, tip_area_cm2: float, posterior: Posterior
    ) -> UUID:
        """Keep what the model has learned, beside the band in force."""
        raise NotImplementedError

    def load_posterior(self, point_id: UUID, applicator: str, tip_area_cm2: float) -> Posterior | None:
        """The newest that was saved."""
        raise NotImplementedError

    def begin_session(self, start: SessionStart) -> SessionJournal:
        """Begin a session; its journal writes by itself until `end`."""
        raise NotImplementedError

    def recover(self) -> list[RecoveredSession]:
        """Close sessions that were cut off and that no process holds any more."""
        raise NotImplementedError

    def sessions(self, client_code: str | None = None) -> list[SessionSummary]:
        """Sessions with presses, reports, notes and events, oldest first."""
        raise NotImplementedError

    def samples(
        self, session_id: UUID, start_s: float | None = None, end_s: float | None = None
    ) -> Iterator[ForceBlock]:
        """Stored samples in order; `time_s` counts from the start of the session."""
        raise NotImplementedError

    def check(self) -> list[str]:
        """What is wrong with the database file, as sentences; empty when all is well."""
        raise NotImplementedError

    def backup(self, path: Path) -> None:
        """Write a copy of the whole record to a new file."""
        raise NotImplementedError

    def close(self) -> None:
        """Close; running sessions are drained first."""
        raise NotImplementedError

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
