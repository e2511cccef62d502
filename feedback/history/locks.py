"""One lock per running session, held by its process and let go by the system when that dies, even by kill -9."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from feedback.history.errors import HistoryOpenError
from feedback.private_file import private_folder

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from filelock import BaseFileLock

    from feedback.history.database import Database


def lock_folder(database: Database) -> Path:
    """Beside a file; for a server in the user's own state folder."""
    if database.path:
        return running_folder(database.path)
    from platformdirs import user_state_path

    return user_state_path("goodpain", appauthor=False) / "running"


def running_folder(record: Path) -> Path:
    """Where the locks of a file's sessions are."""
    return record.with_name(f"{record.name}.running")


def try_lock_file(path: Path) -> BaseFileLock | None:
    """A lock that is there already, or None when a process holds it. To be given back with `release`."""
    lock = FileLock(path, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return None
    return lock


def try_lock(folder: Path, session_id: UUID) -> BaseFileLock | None:
    """The session's lock, or None when a process holds it.

    Raises:
        HistoryOpenError: the folder for locks cannot be made or written.
    """
    try:
        private_folder(folder)
        # Taken by whoever begins or recovers, given back by the writer thread: not bound to one thread.
        lock = FileLock(folder / f"{session_id.hex}.lock", mode=0o600, thread_local=False)
        lock.acquire(timeout=0)
    except Timeout:
        return None
    except (OSError, NotImplementedError) as error:
        raise HistoryOpenError(
            f"a running session cannot be marked in {folder} ({error}): give yourself write access to it"
        ) from None
    return lock


def unlock(lock: BaseFileLock) -> None:
    """Let go and clean up. Whoever locks later looks into the record again, so a race here does no harm."""
    from pathlib import Path

    path = Path(lock.lock_file)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    lock.release()
    # Windows does not remove an open file.
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
