"""The record: what was measured and said, per client, point and session, kept on disk.

`open_history()` is the way in. SQLAlchemy is imported when a record is opened, not with this package, so that
commands which need no record start quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedback.history.errors import (
    BadEntryError,
    ExportError,
    HistoryBusyError,
    HistoryDamagedError,
    HistoryError,
    HistoryFullError,
    HistoryOpenError,
    HistoryReadOnlyError,
    NewerHistoryError,
    NotAHistoryError,
    UnwrittenError,
)
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
    StoredPress,
    StoredReport,
    check_code,
    utc_now,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from feedback.history.export import export_csv
    from feedback.history.journal import SessionJournal
    from feedback.history.store import History

__all__ = [
    "BadEntryError",
    "BandInForce",
    "ClientRecord",
    "ClientSummary",
    "ExportError",
    "History",
    "HistoryBusyError",
    "HistoryDamagedError",
    "HistoryError",
    "HistoryFullError",
    "HistoryOpenError",
    "HistoryReadOnlyError",
    "NewerHistoryError",
    "NotAHistoryError",
    "PointRecord",
    "PointSummary",
    "Posterior",
    "RecoveredSession",
    "SessionJournal",
    "SessionStart",
    "SessionSummary",
    "StoredPress",
    "StoredReport",
    "UnwrittenError",
    "check_code",
    "default_path",
    "export_csv",
    "open_history",
    "utc_now",
]


def default_path() -> Path:
    """Where the record is kept unless told otherwise: `history.db` in the user's own data folder."""
    from platformdirs import user_data_path

    return user_data_path("goodpain", appauthor=False) / "history.db"


def open_history(where: str | Path | None = None, *, now: Callable[[], datetime] = utc_now) -> History:
    """Open the record, making or upgrading it first when needed.

    Args:
        where: a file, an SQLAlchemy URL (`postgresql+psycopg://…`), or None for `default_path()`.
        now: the time of day, aware.

    Raises:
        HistoryOpenError: it cannot be opened; the sentence says why and what to do.
    """
    from feedback.history.store import History

    return History.open(where if where is not None else default_path(), now=now)


def __getattr__(name: str) -> Any:
    if name == "History":
        from feedback.history.store import History

        return History
    if name == "SessionJournal":
        from feedback.history.journal import SessionJournal

        return SessionJournal
    if name == "export_csv":
        from feedback.history.export import export_csv

        return export_csv
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
