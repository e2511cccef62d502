"""Where running sessions show themselves: one small file each, in a folder that only the user can read."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.private_file import private_folder

if TYPE_CHECKING:
    from uuid import UUID

SUFFIX = ".mirror"
LEFT_BEHIND_S = 86400.0
"""A file that was not written for so long belongs to a session whose process was killed; it is removed."""


def mirror_folder() -> Path:
    """The user's own folder for it. Not the folder of the record, which may be one that is synchronised."""
    from platformdirs import user_cache_path

    return user_cache_path("goodpain", appauthor=False) / "mirror"


def key_of(data: Path) -> str:
    """Tells records apart: sessions of one data folder begin with the same characters."""
    path = os.path.normcase(os.path.realpath(data))
    return sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def file_name(data: Path, session_id: UUID) -> str:
    """The file of a session that begins now; sorted by name, the newest session is last."""
    return f"{key_of(data)}-{time.time_ns():020d}-{session_id.hex}{SUFFIX}"


def begun_of(path: Path) -> str:
    """What orders sessions: later ones compare greater."""
    return path.stem.split("-")[1]


def session_of(path: Path) -> str:
    """The session's id as 32 hexadecimal digits."""
    return path.stem.split("-")[2]


def files(folder: Path, keys: frozenset[str]) -> list[Path]:
    """Files of sessions whose record is one of `keys`, oldest first; none when there is no folder."""
    try:
        found = [path for path in folder.iterdir() if path.suffix == SUFFIX and path.name.count("-") == 2]
    except OSError:
        return []
    return sorted((path for path in found if path.name.split("-")[0] in keys), key=begun_of)


def make_private(folder: Path) -> None:
    """Make the folder so that nobody else can look into it.

    Raises:
        OSError: it cannot be made, or is not ours.
    """
    private_folder(folder)
    if sys.platform != "win32" and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def sweep(folder: Path) -> None:
    """Remove what killed sessions have left behind."""
    oldest_s = time.time() - LEFT_BEHIND_S
    with contextlib.suppress(OSError):
        for path in folder.glob(f"*{SUFFIX}"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest_s:
                    path.unlink()
