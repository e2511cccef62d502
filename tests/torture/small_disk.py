"""A disk of its own size, in memory, that can be full, and unwritable."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOM = 3 << 20
"""Bytes of a small disk: an empty record fits, a long visit does not."""


def can_mount() -> bool:
    """A disk of its own size can be had here."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder)):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


@contextlib.contextmanager
def small_disk(at: Path, size: int = ROOM) -> Iterator[Path]:
    """A disk in memory.

    Raises:
        OSError, CalledProcessError: this user may not mount one.
    """
    at.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", at], check=True, capture_output=True
    )
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", at], check=False, capture_output=True)


def fill(disk: Path) -> Path:
    """Take all the room there is; returns the file that holds it."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 16, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    if file.write(bytes(size)) < size:
                        break
    return filler


NEEDS_DISK = "" if sys.platform == "linux" and can_mount() else "needs Linux and root, to mount a small disk"
