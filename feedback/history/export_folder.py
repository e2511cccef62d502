"""A folder of files that appear together, when all of them are whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from feedback.history.errors import ExportError
from feedback.private_file import private_folder

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_PARTIAL, _LOCK = ".goodpain-export-", "lock"


@contextlib.contextmanager
def whole_folder(folder: Path, ending: str) -> Generator[Path]:
    """A folder on the same disk for files that are not whole yet; nothing stays of it, nor of `folder` if it was made.

    Args:
        folder: where the files will be; made when missing.
        ending: of the files' names, such as `.csv`: a folder of such a name in their place is refused.

    Raises:
        ExportError: the folder cannot be made or written.
    """
    made = _make_folder(folder, ending)
    try:
        with partial_folder(folder) as partial:
            yield partial
    except BaseException:
        for path in made:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise


def _make_folder(folder: Path, ending: str) -> list[Path]:
    """Make the folder; returns what was made, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        private_folder(folder)
        if taken := next((p.name for p in folder.iterdir() if p.suffix == ending and p.is_dir()), None):
            raise ExportError(f"{folder / taken} cannot be written (it is a folder): choose another place")
    except OSError as error:
        raise ExportError(
            f"the folder {folder} cannot be made ({error.strerror}): choose another place for the export"
        ) from None
    return missing


@contextlib.contextmanager
def partial_folder(folder: Path) -> Generator[Path]:
    """A folder on the same disk for files that are not whole yet; nothing stays of it.

    What an export left that was killed is removed; one that runs in another program holds a lock on its own.

    Raises:
        ExportError: `folder` cannot be written.
    """
    for left in folder.glob(f"{_PARTIAL}*"):
        if left.is_symlink():
            # Laid there by somebody: none of ours is a link.
            continue
        with contextlib.suppress(Timeout, OSError), FileLock(left / _LOCK, timeout=0):
            shutil.rmtree(left, ignore_errors=True)
    try:
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder))
        lock = FileLock(partial / _LOCK, mode=0o600)
        lock.acquire()
    except OSError as error:
        raise ExportError(
            f"{folder} cannot be written ({error.strerror}): choose another folder or free some space"
        ) from None
    try:
        yield partial
    finally:
        lock.release()
        shutil.rmtree(partial, ignore_errors=True)


def write_file(path: Path, data: bytes) -> None:
    """Write a new file in a partial folder, to the disk; readable by its owner only.

    Raises:
        ExportError: it cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise unwritable(path.parent.parent / path.name, error) from None


def publish(partial: Path, folder: Path, names: Sequence[str]) -> list[Path]:
    """Give the files their places; returns them.

    Args:
        partial: where they are.
        folder: where they are to be.
        names: of the files. The last is the one that says what the others are: from the first to the last of them it is
            not there, so that half is never taken for whole.

    Raises:
        ExportError: one of them cannot be put there.
    """
    at = folder / names[-1]
    try:
        at.unlink(missing_ok=True)
        for name in names:
            at = folder / name
            (partial / name).replace(at)
    except OSError as error:
        raise unwritable(at, error) from None
    return [folder / name for name in names]


def unwritable(path: Path, error: OSError) -> ExportError:
    """What to say when a file of an export cannot be written."""
    return ExportError(
        f"{path} cannot be written ({error.strerror}): choose another folder or free some space; nothing of this "
        "export is left"
    )
