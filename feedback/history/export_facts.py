"""What an export works out once, from one moment of the record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.rows import UNDO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from feedback.history.export_types import Query


class SessionFacts(NamedTuple):
    """What the samples of a session need to know of it."""

    id: UUID
    client: str
    tip_area_cm2: float
    rate_hz: float | None
    started_at: datetime


@dataclass(slots=True)
class Gap:
    """A silence in the signal: from the last sample before it to the first after it, microseconds."""

    start_us: int
    end_us: int


class Facts:
    """The moment of the record that is exported, whose part of it, and what is worked out from it."""

    def __init__(
        self, connection: sa.Connection, client_id: UUID | None, trainee_id: UUID | None = None
    ) -> None:
        self.connection = connection
        self.client_id = client_id
        self.trainee_id = trainee_id
        self.gaps: dict[UUID, list[Gap]] = {}
        """Of sessions whose samples have been read."""
        self._results: set[sa.CursorResult[Any]] = set()

    def close(self) -> None:
        """Let go of what somebody began to read and gave up."""
        for result in list(self._results):
            result.close()

    def count(self, query: Query) -> int:
        """The one number a query gives."""
        return int(self.connection.execute(query).scalar() or 0)

    def partitions(self, query: Query, size: int) -> Iterator[list[Any]]:
        """The rows of a query, `size` at a time, without holding more."""
        result = self.connection.execute(query, execution_options={"yield_per": size})
        self._results.add(result)
        try:
            for rows in result.partitions(size):
                yield list(rows)
        finally:
            self._results.discard(result)
            result.close()

    @cached_property
    def corrections(self) -> dict[UUID, Any]:
        """The correction in force of everything that was corrected: the newest."""
        query = self._mine(sa.select(t.correction).join(t.session))
        rows = self.connection.execute(query.order_by(t.correction.c.at, t.correction.c.id))
        return {row.entity_id: row for row in rows}

    @cached_property
    def taken_back(self) -> dict[UUID, int]:
        """Reports that were taken back, with the time at which."""
        report = t.report.c
        query = sa.select(report.corrects_id, sa.func.max(report.t_us)).join_from(t.report, t.session)
        query = self._mine(query.where(report.kind == UNDO, report.corrects_id.is_not(None)))
        return {row[0]: row[1] for row in self.connection.execute(query.group_by(report.corrects_id))}

    @cached_property
    def presses_per_session(self) -> dict[UUID, int]:
        """Presses that count."""
        query = sa.select(t.press.c.session_id, sa.func.count()).join_from(t.press, t.session)
        counts: dict[UUID, int] = {
            row[0]: row[1]
            for row in self.connection.execute(self._mine(query).group_by(t.press.c.session_id))
        }
        for correction in self.corrections.values():
            if correction.entity == "press" and correction.what == "void":
                counts[correction.session_id] = counts.get(correction.session_id, 1) - 1
        return counts

    @cached_property
    def reports_per_session(self) -> dict[UUID, int]:
        """Reports that were not taken back."""
        query = sa.select(t.report.c.id, t.report.c.session_id).join_from(t.report, t.session)
        counts: dict[UUID, int] = {}
        for report_id, session_id in self.connection.execute(
            self._mine(query.where(t.report.c.kind != UNDO))
        ):
            if report_id not in self.taken_back:
                counts[session_id] = counts.get(session_id, 0) + 1
        return counts

    @cached_property
    def newest_thresholds(self) -> dict[tuple[UUID, str, int], UUID]:
        """Of each measurement, by session, technique and start, the result that counts."""
        c = t.threshold.c
        query = sa.select(c.session_id, c.technique, c.start_us, c.id).join_from(t.threshold, t.session)
        rows = self.connection.execute(self._mine(query).order_by(c.end_us, c.id))
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    @cached_property
    def calibration_numbers(self) -> dict[UUID, int]:
        """Calibrations by id, numbered from 1 in their session."""
        c = t.calibration.c
        query = sa.select(c.session_id, c.id).join_from(t.calibration, t.session)
        counts: dict[UUID, int] = {}
        numbers: dict[UUID, int] = {}
        for session_id, calibration_id in self.connection.execute(self._mine(query).order_by(c.t_us, c.id)):
            numbers[calibration_id] = counts[session_id] = counts.get(session_id, 0) + 1
        return numbers

    @cached_property
    def sessions(self) -> list[SessionFacts]:
        """The sessions, oldest first."""
        c = t.session.c
        query = sa.select(c.id, t.client.c.code, c.tip_area_cm2, c.rate_hz, c.started_at).join(t.client)
        rows = self.connection.execute(self._mine(query).order_by(c.started_at, c.id))
        return [SessionFacts(*row) for row in rows]

    def _mine(self, query: Query) -> Query:
        if self.trainee_id is not None:
            return query.where(sa.false())
        return query if self.client_id is None else query.where(t.session.c.client_id == self.client_id)
