"""Looking back: clients, points, visits and presses as lists, fast in a record of any size; and corrections.

Reached as `History.review`. Every list is a few queries over indexes, whatever the size of the record; samples are
read only by `trace` and `window`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.history import corrections
from feedback.history import review_queries as queries
from feedback.history.errors import BadEntryError
from feedback.history.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from feedback.comfort import ReportKind
    from feedback.history.database import Database
    from feedback.history.review_rows import ClientRow, Correction, PointRow, PressDetail, PressRow, VisitRow
    from feedback.signal import ForceBlock


class ReviewStore:
    """What a review reads and corrects. Every method may raise a `HistoryError`; reading never writes."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def clients(self, typed: str = "") -> list[ClientRow]:
        """Clients whose code holds what was typed (upper and lower case alike), by code; all for nothing typed."""
        with self._database.reading() as connection:
            return queries.client_rows(connection, typed)

    def points(self, client_id: UUID) -> list[PointRow]:
        """A client's points, last pressed first, then those never pressed by name."""
        with self._database.reading() as connection:
            return queries.point_rows(connection, client_id)

    def visits(self, client_id: UUID, point_id: UUID | None = None) -> list[VisitRow]:
        """A client's sessions, newest first; with a point, those in which it was pressed and figures of it alone."""
        with self._database.reading() as connection:
            return queries.visit_rows(connection, client_id, point_id)

    def presses(self, session_id: UUID | None = None, point_id: UUID | None = None) -> list[PressRow]:
        """Presses of a session, of a point, or of a point within a session, oldest first.

        Raises:
            BadEntryError: neither is given.
        """
        if session_id is None and point_id is None:
            raise BadEntryError("presses are listed for a session, a point, or both: say which")
        with self._database.reading() as connection:
            return queries.press_rows(connection, session_id, point_id)

    def press(self, press_id: UUID) -> PressDetail:
        """All about one press.

        Raises:
            HistoryError: there is no such press.
        """
        with self._database.reading() as connection:
            return queries.press_detail(connection, press_id)

    def trace(self, press_id: UUID, margin_s: float = 3.0) -> list[ForceBlock]:
        """The samples of a press and so many seconds on both sides, as `History.samples` gives them.

        Raises:
            HistoryError: there is no such press.
            HistoryDamagedError: the samples cannot be read.
        """
        with self._database.reading() as connection:
            row = queries.session_of_press(connection, press_id)
        start_s, end_s = row.start_us / 1e6 - margin_s, row.end_us / 1e6 + margin_s
        return list(read_samples(self._database, row.session_id, start_s, end_s))

    def window(self, session_id: UUID, start_s: float, end_s: float) -> list[ForceBlock]:
        """The samples between two times of a session, both included; seconds from its start.

        Raises:
            HistoryError: there is no such session.
            HistoryDamagedError: the samples cannot be read.
        """
        return list(read_samples(self._database, session_id, start_s, end_s))

    def correct_report(
        self, report_id: UUID, kind: ReportKind, rating: int | None = None, *, who: str = "", reason: str = ""
    ) -> Correction:
        """Say what was really said: a new row that counts instead; the old one stays.

        Args:
            report_id: which report.
            kind: what was said.
            rating: 0 to 10 with `ReportKind.RATING`, else None.
            who: code of whoever corrects.
            reason: why; free text.

        Raises:
            BadEntryError: no such report, or a rating that is none.
        """
        with self._database.writing() as connection:
            return corrections.correct_report(
                connection, report_id, kind, rating, at=self._now(), who=who, reason=reason
            )

    def correct_note(self, event_id: UUID, text: str, *, who: str = "", reason: str = "") -> Correction:
        """Put other words in place of a note's; the old ones stay.

        Raises:
            BadEntryError: no such note, or no words.
        """
        with self._database.writing() as connection:
            return corrections.correct_note(
                connection, event_id, text, at=self._now(), who=who, reason=reason
            )

    def void_press(self, press_id: UUID, *, who: str = "", reason: str) -> Correction:
        """Leave a press out of all figures; it stays in the record and is shown as void.

        Raises:
            BadEntryError: no such press, no reason, or it is void already.
        """
        with self._database.writing() as connection:
            return corrections.void_press(connection, press_id, at=self._now(), who=who, reason=reason)

    def restore_press(self, press_id: UUID, *, who: str = "", reason: str = "") -> Correction:
        """Let a void press count again.

        Raises:
            BadEntryError: no such press, or it is not void.
        """
        with self._database.writing() as connection:
            return corrections.restore_press(connection, press_id, at=self._now(), who=who, reason=reason)

    def corrections(self, entity_id: UUID) -> list[Correction]:
        """What was changed of a report, a note or a press, oldest first."""
        with self._database.reading() as connection:
            return corrections.of_entity(connection, entity_id)
