"""A record whose file is removed or replaced while it is open."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from feedback.history import HistoryError, SessionStart, open_history
from feedback.signal import ForceBlock

from .conftest import CALIBRATION, T0_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")


def counted(path: Path, table: str = "sample_chunk") -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def test_a_record_that_is_removed_while_a_session_runs_is_put_back_whole(
    path: Path, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    told: set[str] = set()
    with open_history(path) as history:
        journal = history.begin_session(start)
        journal.calibration(CALIBRATION, T0_S)
        for block in force_blocks(np.zeros(80)):
            journal.samples(block)
        while counted(path) < 1:
            time.sleep(0.02)
        for file in path.parent.glob(f"{path.name}*"):
            if file.is_file():
                file.unlink()
        for block in force_blocks(np.zeros(80), first_s=1.0):
            journal.samples(block)
        while not path.exists() or counted(path) < 4:
            told.add(journal.reason)
            time.sleep(0.02)
        journal.end(T0_S + 2, {})
        assert history.check() == []
        (session,) = history.sessions()
        assert sum(len(block) for block in history.samples(session.id)) == 160
    assert any("it has been put back" in text for text in told)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not list(path.parent.glob("*.partial"))


def test_what_another_file_takes_the_place_of_is_kept_beside_it(path: Path) -> None:
    with open_history(path) as history:
        history.client("A17")
        open_history(path.with_name("other.db")).close()
        os.replace(path.with_name("other.db"), path)
        for _ in range(2):
            with pytest.raises(HistoryError, match=r"what was recorded before is in .*kept-1"):
                history.client("B2")
    assert counted(path, "client") == 0
    assert counted(path.with_name(f"{path.name}.kept-1"), "client") == 1
    assert not path.with_name(f"{path.name}.kept-2").exists()


def test_a_record_put_back_is_used_like_any_other(path: Path) -> None:
    with open_history(path) as history:
        history.client("A17")
        path.unlink()
        with pytest.raises(HistoryError, match="put back"):
            history.client("B2")
        history.client("B2")
        assert [client.code for client in history.clients()] == ["A17", "B2"]
    assert counted(path, "client") == 2
