"""Files and folders that only their owner may look into: what is written here is about people's bodies."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

MODE = 0o600
FOLDER_MODE = 0o700


def private(path: str, flags: int) -> int:
    """For `open(…, opener=private)`: a file that is made is its owner's alone; one that is there keeps its rights."""
    return os.open(path, flags, MODE)


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place that is whole and its owner's alone; until then whatever is there stays as it is.

    It is written beside its place under a name that nobody can have laid a link at.

    Raises:
        OSError: the disk is full, or refuses; nothing half is left, and the error names `path`.
    """
    try:
        descriptor, partial = tempfile.mkstemp(
            prefix=f".{path.name[:100]}.", suffix=".partial", dir=path.parent
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(partial)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def private_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, for their owner alone; those that are there stay as they are.

    `Path.mkdir` gives those above the rights that the umask leaves, and where others may write they can put their own
    in the place of what is within.

    Raises:
        OSError: it cannot be made, or there is something else of that name.
    """
    for one in reversed([above for above in folder.parents if not above.exists()]):
        with contextlib.suppress(FileExistsError):
            one.mkdir(mode=FOLDER_MODE)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


@contextlib.contextmanager
def no_empty_folder(folder: Path) -> Generator[None]:
    """What fails in the block leaves no empty folder: those that were missing before are taken away again."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        yield
    except BaseException:
        for one in missing:
            with contextlib.suppress(OSError):
                one.rmdir()
        raise
