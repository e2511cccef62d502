"""Files that only their owner may read: what is written here is about people's bodies."""

from __future__ import annotations

import os

MODE = 0o600


def private(path: str, flags: int) -> int:
    """For `open(…, opener=private)`: a file that is made is its owner's alone; one that is there keeps its rights."""
    return os.open(path, flags, MODE)
