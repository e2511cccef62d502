"""Lines of text in a small encrypted file: what an encrypted record has to put elsewhere is not readable there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from feedback.history.driver import Driver
from feedback.history.files import family

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def write_lines(path: Path, passphrase: str, lines: Iterable[str]) -> None:
    """Write lines to an empty file that is there, and wait until they are on the disk.

    Raises:
        OSError: the disk refuses; what is there is to be removed.
    """
    driver = Driver(path, passphrase)
    try:
        with contextlib.closing(driver.connect()) as connection:
            # One file from beginning to end: if it fails, it goes.
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN")
            connection.execute("CREATE TABLE line (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")
            connection.executemany("INSERT INTO line (text) VALUES (?)", ((line,) for line in lines))
            connection.execute("COMMIT")
    except driver.errors as error:
        raise OSError(str(error)) from error
    finally:
        for companion in family(path)[1:]:
            with contextlib.suppress(OSError):
                companion.unlink(missing_ok=True)


def read_lines(path: Path, passphrase: str, most: int | None = None) -> list[str]:
    """The lines, in order, or the first of them.

    Raises:
        OSError: it cannot be read, or not with this passphrase.
        LockedHistoryError: the passphrase is empty.
    """
    driver = Driver(path, passphrase)
    try:
        with contextlib.closing(driver.connect("immutable")) as connection:
            limit = -1 if most is None else most
            found = connection.execute("SELECT text FROM line ORDER BY number LIMIT ?", (limit,))
            return [str(row[0]) for row in found]
    except driver.errors as error:
        raise OSError(str(error)) from error
