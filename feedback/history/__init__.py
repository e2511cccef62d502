"""The record: what was measured and said, per client, point and session, kept on disk.

`open_history()` is the way in. SQLAlchemy is imported when a record is opened, not with this package, so that
commands which need no record start quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedback.history.errors import (
    BadEntryError,
    BadImportError,
    ExportError,
    HistoryBusyError,
    HistoryDamagedError,
    HistoryError,
    HistoryFullError,
    HistoryOpenError,
    HistoryReadOnlyError,
    LockedHistoryError,
    NewerHistoryError,
    NoHistoryError,
    NotAHistoryError,
    SessionRunsError,
    UnknownClientError,
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
    StoredPhase,
    StoredPress,
    StoredReport,
    StoredThreshold,
    check_code,
    utc_now,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from feedback.history.care import CareStore
    from feedback.history.export import export_csv
    from feedback.history.export_tables import export_tables
    from feedback.history.importing import import_csv
    from feedback.history.journal import SessionJournal
    from feedback.history.store import History

__all__ = [
    "BadEntryError",
    "BadImportError",
    "BandInForce",
    "CareStore",
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
    "LockedHistoryError",
    "NewerHistoryError",
    "NoHistoryError",
    "NotAHistoryError",
    "PointRecord",
    "PointSummary",
    "Posterior",
    "RecoveredSession",
    "SessionJournal",
    "SessionRunsError",
    "SessionStart",
    "SessionSummary",
    "StoredPhase",
    "StoredPress",
    "StoredReport",
    "StoredThreshold",
    "UnknownClientError",
    "UnwrittenError",
    "check_code",
    "default_path",
    "export_csv",
    "export_tables",
    "import_csv",
    "open_for_reading",
    "open_history",
    "utc_now",
]


def default_path() -> Path:
    """Where the record is kept unless told otherwise: `history.db` in the user's own data folder."""
    from platformdirs import user_data_path

    return user_data_path("goodpain", appauthor=False) / "history.db"


def open_history(
    where: str | Path | None = None,
    *,
    now: Callable[[], datetime] = utc_now,
    create: bool = True,
    read_only: bool = False,
    passphrase: str | None = None,
) -> History:
    """Open the record, making or upgrading it first when needed.

    Args:
        where: a file, an SQLAlchemy URL (`postgresql+psycopg://…`), or None for `default_path()`.
        now: the time of day, aware.
        create: make it when there is none.
        read_only: open for reading alone; nothing is made, upgraded, recovered or noted in its audit.
        passphrase: of an encrypted record (one that is made with a passphrase is encrypted); where none is given for
            an encrypted one, the keeper in force is asked, see `feedback.history.keeper`.

    Raises:
        NoHistoryError: there is none, and it was not to be made.
        HistoryOpenError: it cannot be opened; the sentence says why and what to do.
    """
    from feedback.history.store import History

    return History.open(
        where if where is not None else default_path(),
        now=now,
        create=create,
        read_only=read_only,
        passphrase=passphrase,
    )


def open_for_reading(
    where: str | Path | None = None,
    *,
    now: Callable[[], datetime] = utc_now,
    passphrase: str | None = None,
) -> History:
    """Open a record that is there, to read it: never makes one, and takes one that may only be read.

    Where it may be written it is upgraded as usual, so that sessions that were cut off can be recovered.

    Raises:
        NoHistoryError: there is none.
        HistoryOpenError: it cannot be opened; the sentence says why and what to do.
    """
    import os
    from pathlib import Path

    place = where if where is not None else default_path()
    path = Path(place).expanduser() if isinstance(place, Path) or "://" not in place else None
    barred = (
        path is not None
        and path.exists()
        and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    )
    return open_history(place, now=now, create=False, read_only=barred, passphrase=passphrase)


def __getattr__(name: str) -> Any:
    if name == "History":
        from feedback.history.store import History

        return History
    if name == "SessionJournal":
        from feedback.history.journal import SessionJournal

        return SessionJournal
    if name == "CareStore":
        from feedback.history.care import CareStore

        return CareStore
    if name == "export_csv":
        from feedback.history.export import export_csv

        return export_csv
    if name == "export_tables":
        from feedback.history.export_tables import export_tables

        return export_tables
    if name == "import_csv":
        from feedback.history.importing import import_csv

        return import_csv
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
