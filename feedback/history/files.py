"""Files of a record: made for their owner alone, put in place in one step, set aside, overwritten before they go."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history.errors import HistoryError, HistoryFullError, HistoryOpenError
from feedback.private_file import no_empty_folder, private_folder

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from feedback.history.work import Work

_AT_ONCE = 1 << 20
_FULL = {28, 27, 122}
"""ENOSPC, EFBIG, EDQUOT."""


def prepare_file(path: Path) -> None:
    """Make folder (0700) and file (0600); SQLite gives its -wal and -shm files the rights of the file.

    Raises:
        HistoryOpenError: one of them cannot be made or written, or the path is a folder.
    """
    try:
        taken = path.is_dir()
        private_folder(path.parent)
        descriptor = -1 if taken else os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        place = error.filename or path
        raise HistoryOpenError(
            f"the record {path} cannot be made or written ({place}: {error.strerror}): choose another place for it"
        ) from None
    if taken:
        raise HistoryOpenError(
            f"{path} is a folder: give the path of a file in it, such as {path / 'history.db'}"
        )
    try:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077 and hasattr(os, "fchmod"):
            with contextlib.suppress(OSError):
                os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    if not os.access(path.parent, os.W_OK):
        raise HistoryOpenError(
            f"the folder {path.parent} cannot be written: give yourself write access or choose another place"
        )


def new_file(path: Path, what: str, named: Path | None = None) -> None:
    """Make an empty file that only its owner can read.

    Args:
        path: of a file that is not there yet.
        what: what it is, for the sentence: “the backup”.
        named: what it will be called in the end, for the sentence.

    Raises:
        HistoryError: it is there, or cannot be made.
    """
    named = named or path
    try:
        private_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise HistoryError(
            f"{what} {named} cannot be made: it is there already, choose another name"
        ) from None
    except OSError as error:
        raise HistoryError(
            f"{what} {named} cannot be made ({error.strerror}): choose another name or folder"
        ) from None


@contextlib.contextmanager
def half_made(path: Path, what: str) -> Generator[Path]:
    """A new file under a name of its own, which takes its real name when the block ends well and goes when it does not.

    Yields:
        the path to write to: empty, in the same folder, readable by its owner only.

    Raises:
        HistoryFullError: the disk is full.
        HistoryError: `path` is there already, or cannot be made.
    """
    if path.exists():
        raise HistoryError(f"{what} {path} cannot be made: it is there already, choose another name")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with no_empty_folder(path.parent):
        for leftover in family(partial):
            # What cannot be removed is told of by the attempt to make it.
            with contextlib.suppress(OSError):
                leftover.unlink(missing_ok=True)
        new_file(partial, what, path)
        try:
            yield partial
            settle(partial)
            _take_name(partial, path, what)
        except OSError as error:
            raise full_or_refused(error, what, path) from None
        finally:
            for leftover in family(partial):
                with contextlib.suppress(OSError):
                    leftover.unlink(missing_ok=True)


def _take_name(partial: Path, path: Path, what: str) -> None:
    """Never over a file that somebody has made meanwhile, where the file system can promise that."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise HistoryError(
            f"{what} {path} cannot be made: it is there already, choose another name"
        ) from None
    except OSError:
        # A file system without links.
        os.replace(partial, path)
    settle(path.parent)


def full_or_refused(error: OSError, what: str, path: Path) -> HistoryError:
    """A system's refusal as one sentence."""
    if error.errno in _FULL:
        return HistoryFullError(
            f"no space is left for {what} {path}: free some on that disk or choose another; the record is as before"
        )
    return HistoryError(
        f"{what} {path} cannot be written ({error.strerror or error}): choose another folder; the record is as before"
    )


def family(path: Path) -> list[Path]:
    """A SQLite file and the companions it may have."""
    return [path, *(path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm", "-journal"))]


def settle(path: Path) -> None:
    """Wait until a file or folder is on the disk; where folders cannot be waited for, do nothing."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def aside_name(record: Path, why: str, at: datetime, ending: str = "") -> Path:
    """A name beside a record that is not taken: `history.db.aside-20260301-093000`, and the ending."""
    base = f"{record.name}.{why}-{at:%Y%m%d-%H%M%S}"
    names = (base + ending, *(f"{base}-{number}{ending}" for number in range(2, 1000)))
    return next(path for name in names if not (path := record.with_name(name)).exists())


def put_in_place(new: Path, record: Path, aside: Path) -> bool:
    """Let a whole file take the place of a record, which gets another name; at no moment is there no record.

    Args:
        new: one file without companions, in the same folder.
        record: the one in force; its companions go with it.
        aside: a name that is not taken.

    Returns:
        whether there was a record before.

    Raises:
        OSError: the system refuses; the record is as before.
    """
    if not record.exists():
        os.replace(new, record)
        settle(record.parent)
        return False
    moved: list[tuple[Path, Path]] = []
    try:
        for old, kept in zip(family(record)[1:], family(aside)[1:], strict=True):
            if old.exists():
                os.replace(old, kept)
                moved.append((old, kept))
        try:
            os.link(record, aside)
        except OSError:
            # A file system without links: for a moment there is none.
            os.replace(record, aside)
            moved.append((record, aside))
        os.replace(new, record)
    except OSError:
        for old, kept in reversed(moved):
            with contextlib.suppress(OSError):
                os.replace(kept, old)
        with contextlib.suppress(OSError):
            if record.exists() and aside.exists() and record.samefile(aside):
                aside.unlink()
        raise
    settle(record.parent)
    return True


def erase_file(path: Path) -> None:
    """Overwrite a file with zeros and remove it. A disk that spreads its writes (an SSD) may still keep old blocks.

    Raises:
        OSError: the system refuses.
    """
    if path.is_symlink() or path.stat().st_nlink > 1:
        path.unlink()
        return
    with path.open("r+b") as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(bytes(min(left, _AT_ONCE)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def sha256_of(path: Path, work: Work, what: str = "") -> str:
    """The digest of a file, as hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        size = max(1, os.fstat(file.fileno()).st_size)
        done = 0
        while part := file.read(_AT_ONCE):
            digest.update(part)
            done += len(part)
            work.step(done, max(size, done), what)
    return digest.hexdigest()
