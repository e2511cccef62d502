"""A record that somebody removed or replaced while it was open: what a connection still sees of it is written back.

On systems where an open file can be removed, SQLite goes on writing to a file that has no name any more, and all of it
is gone with the last connection. So whoever is about to write looks first whether the file is still the one in place.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from feedback.history.errors import HistoryError
from feedback.history.files import family, new_file, settle

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

Identity = tuple[int, int]
"""Device and number of a file: another file has another one, whatever its name."""


def identity(path: Path) -> Identity | None:
    """Of the file with this name; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def companions(path: Path) -> frozenset[Identity]:
    """Of the -wal and -shm files beside a file."""
    found = (identity(companion) for companion in family(path)[1:])
    return frozenset(one for one in found if one is not None)


def write_back(connection: Any, path: Path, ours: Collection[Identity]) -> Path:
    """Write the whole record that a connection sees to a new file: under its own name, or beside it if that is taken.

    Args:
        connection: the driver's, outside of a transaction; it is of no use afterwards.
        path: where the record was.
        ours: the companions of the file that went: whoever opened another one would take them for its own.

    Returns:
        where it is now.

    Raises:
        HistoryError: no file can be made there.
        Exception: whatever the driver raises.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    for leftover in family(partial):
        with contextlib.suppress(OSError):
            leftover.unlink(missing_ok=True)
    new_file(partial, "the record")
    try:
        connection.execute("VACUUM INTO ?", (str(partial),))
        settle(partial)
        present = path.exists()
        for companion in family(path)[1:]:
            if not present or identity(companion) in ours:
                companion.unlink(missing_ok=True)
        return _take_name(partial, path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _take_name(partial: Path, path: Path) -> Path:
    names = (path, *(path.with_name(f"{path.name}.kept-{number}") for number in range(1, 1000)))
    for name in names:
        try:
            os.link(partial, name)
        except FileExistsError:
            continue
        except OSError:
            # A file system without links.
            if name.exists():
                continue
            os.replace(partial, name)
        settle(name.parent)
        return name
    raise HistoryError(
        f"the record {path} was removed while it was open: close the program and put back a backup"
    )
