"""Text files that people write by hand: read whole, whatever else lies under that name."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 1 << 20
"""Bytes: ten times the whole atlas that comes along."""
TOO_LONG = f"it is longer than {LONGEST >> 20} MB, more than any such file needs"


def read_small(path: Path) -> str:
    """The text of a file, without waiting for one that is a pipe, and never more than `LONGEST` bytes of it.

    Raises:
        OSError: it cannot be read, or is longer.
        UnicodeDecodeError: it is no text in UTF-8; a byte order mark is no part of it.
    """
    with open(path, "rb", opener=_at_once) as file:
        # A pipe into which nobody has written yet gives None.
        data = file.read(LONGEST + 1) or b""
    if len(data) > LONGEST:
        raise OSError(errno.EFBIG, TOO_LONG, str(path))
    return data.decode("utf-8-sig").replace("\r\n", "\n")


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
