"""Fixtures of tests with a pseudo-terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bridge.pty_device import PtyDevice


@pytest.fixture
def nothing_is_left_behind() -> Iterator[None]:
    """Every test closes what it opens: no thread and no file descriptor stays."""
    threads = set(threading.enumerate())
    descriptors = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    yield
    assert set(threading.enumerate()) == threads
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.fixture
def device(tmp_path: Path) -> Iterator[PtyDevice]:
    # Imported only where there are pseudo-terminals.
    from tests.bridge.pty_device import PtyDevice

    with PtyDevice(tmp_path / "sensor") as plugged:
        yield plugged
