"""Reading a record that is there, without making one, also where nothing may be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from feedback.history import (
    HistoryOpenError,
    HistoryReadOnlyError,
    NoHistoryError,
    SessionStart,
    UnknownClientError,
    export_csv,
    open_for_reading,
    open_history,
    schema,
)
from feedback.history.database import Database
from feedback.signal import ForceBlock

from .conftest import CALIBRATION, T0_S

ROOT = Path(__file__).parents[2]
READ = """
import os, sys
# The interpreter's own files may be root's alone: everything is imported before root is given up.
import sqlalchemy.dialects.sqlite
import feedback.history.store
from feedback.history import open_for_reading
os.setuid(65534)
with open_for_reading(sys.argv[1]) as history:
    print(history.read_only, history.recover(), [c.code for c in history.clients()])
    print(sum(len(b) for s in history.sessions() for b in history.samples(s.id)))
"""


@pytest.fixture
def recorded(path: Path, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]) -> Path:
    with open_history(path) as history:
        journal = history.begin_session(start)
        journal.calibration(CALIBRATION, T0_S)
        for block in force_blocks(np.full(400, 20.0)):
            journal.samples(block)
        journal.end(T0_S + 5, {})
    return path


def test_a_missing_record_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "history.db"
    for opening in (open_for_reading, lambda p: open_history(p, create=False)):
        with pytest.raises(
            NoHistoryError, match=r"there is no record .*nowhere.* yet: record a session first"
        ):
            opening(path)
    with pytest.raises(NoHistoryError):
        open_history(path, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_no_record_and_is_not_made_one(path: Path) -> None:
    path.touch()
    for _ in range(2):
        with pytest.raises(NoHistoryError, match="still empty"):
            open_for_reading(path)
        with pytest.raises(NoHistoryError, match="still empty"):
            open_history(path, read_only=True)


def test_a_record_opened_to_be_read_takes_nothing(recorded: Path, tmp_path: Path) -> None:
    before = recorded.read_bytes()
    with open_history(recorded, read_only=True) as history:
        assert history.read_only
        assert [c.code for c in history.clients()] == ["A17"]
        assert (tmp_path / "export" / "datapackage.json") in export_csv(history, tmp_path / "export")
        assert history.recover() == []
        with pytest.raises(HistoryReadOnlyError, match="cannot be written: give yourself write access"):
            history.client("B2")
        with pytest.raises(HistoryReadOnlyError):
            history.care.add_soreness("A17", 3)
    assert recorded.read_bytes() == before


def test_a_record_is_read_while_another_program_writes_it(recorded: Path, start: SessionStart) -> None:
    with open_history(recorded) as writer, open_history(recorded, read_only=True) as reader:
        writer.client("B2")
        assert [c.code for c in reader.clients()] == ["A17", "B2"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize("wal", [False, True])
def test_somebody_who_may_only_read_can(recorded: Path, wal: bool) -> None:
    """The file and its folder belong to another user, also while that user's session runs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.db"
        shutil.copy(recorded, path)
        with open_history(path) if wal else nullcontext() as writer:
            if writer:
                writer.client("B2")
            Path(folder).chmod(0o755)
            for file in Path(folder).iterdir():
                file.chmod(0o644)
            run = subprocess.run(
                [sys.executable, "-c", READ, str(path)],
                capture_output=True,
                text=True,
                check=False,
                cwd=folder,
                env={"PYTHONPATH": str(ROOT)},
            )
    clients = ["A17", "B2"] if wal else ["A17"]
    assert run.stdout.splitlines() == [f"True [] {clients}", "400"], run.stderr


def test_a_record_that_may_be_written_is_recovered_as_usual(
    path: Path, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    with open_history(path) as history:
        journal = history.begin_session(start)
        for block in force_blocks(np.zeros(80)):
            journal.samples(block)
        journal.close()
    with open_for_reading(path) as history:
        assert not history.read_only
        assert [s.client_code for s in history.recover()] == ["A17"]


def test_an_older_record_that_may_only_be_read_is_to_be_copied(path: Path) -> None:
    old = Database(path)
    schema.upgrade(old, "0003")
    old.close()
    with pytest.raises(HistoryOpenError, match=r"older Goodpain .* copy it"):
        open_history(path, read_only=True)
    with open_history(path) as history:
        assert history.clients() == []


def test_a_file_that_is_no_database_is_left_alone_when_read(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 500)
    with pytest.raises(HistoryOpenError, match="is not a database"):
        open_history(path, read_only=True)
    with pytest.raises(HistoryOpenError, match="is not a database"):
        open_for_reading(path)


def test_another_programs_database_is_left_alone_when_read(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(HistoryOpenError, match="another program"):
        open_history(path, read_only=True)


@pytest.mark.parametrize(
    ("asked", "says"),
    [("A71", "did you mean A17"), ("a17", "did you mean A17"), ("zebra", "it knows A17, B2")],
)
def test_a_client_nobody_knows_is_told_with_those_that_are_known(path: Path, asked: str, says: str) -> None:
    with open_history(path) as history:
        history.client("A17")
        history.client("B2")
        assert history.known_client(" A17 ").code == "A17"
        with pytest.raises(
            UnknownClientError, match=f"there is no client “{asked}” in the record: {says}"
        ) as raised:
            history.known_client(asked)
        assert raised.value.code == asked
        assert len(history.clients()) == 2


def test_a_record_without_clients_says_so(path: Path, tmp_path: Path) -> None:
    with open_history(path) as history:
        with pytest.raises(UnknownClientError, match="it holds no client yet"):
            history.known_client("A17")
        with pytest.raises(UnknownClientError):
            export_csv(history, tmp_path / "export", "A17")
    assert not (tmp_path / "export").exists()
