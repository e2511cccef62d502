"""A record's file from elsewhere runs nothing of its own, and what lies beside it leads nowhere else."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tui.review_past import Told, write
from tui.cli import goodpain

TRIGGER = "CREATE TRIGGER quiet BEFORE INSERT ON sample_chunk BEGIN SELECT RAISE(IGNORE); END"
FOREIGN = {
    "trigger": [TRIGGER],
    "view": ["CREATE VIEW quiet AS SELECT 1"],
    "table": [
        "CREATE TABLE kept AS SELECT * FROM audit",
        "DROP TABLE audit",
        "CREATE TABLE audit (id CHAR(32) PRIMARY KEY, at DATETIME, who TEXT, what TEXT UNIQUE ON/**/\nconflict REPLACE,"
        " entity TEXT, entity_id TEXT, detail TEXT)",
    ],
}


def _run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(goodpain, ["--data", str(data), *arguments])


def _with(record: Path, statements: list[str]) -> None:
    database = sqlite3.connect(record)
    with database:
        for statement in statements:
            database.execute(statement)
    database.close()


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_would_run_sql_of_its_own_is_neither_opened_nor_restored(
    tmp_path: Path, kind: str
) -> None:
    write(tmp_path, "A17", [Told(60)])
    _with(tmp_path / "history.db", FOREIGN[kind])
    for arguments in (
        ("history",),
        ("record", "--sensor", "sim://bench?speed=100", "--for", "1"),
        ("restore", str(tmp_path / "history.db"), "--yes"),
        ("backup", "--check", str(tmp_path / "history.db")),
    ):
        data = tmp_path / "other" if arguments[0] == "restore" else tmp_path
        done = _run(data, *arguments)
        assert done.exit_code == 1, done.output
        assert f"holds a {kind}, “" in str(done.exception)
        assert not (data / "history.db").exists() or data == tmp_path


def test_what_it_held_is_saved_without_its_sql(tmp_path: Path) -> None:
    write(tmp_path, "A17", [Told(60)])
    _with(tmp_path / "history.db", [TRIGGER])
    new = tmp_path / "new" / "history.db"
    assert _run(tmp_path, "recover", "--to", str(new)).exit_code == 0
    done = _run(new.parent, "history")
    assert done.exit_code == 0
    assert "A17" in done.output


def test_a_list_of_backups_leads_to_no_file_of_somebody_else(tmp_path: Path) -> None:
    """Erasing a client with its copies erases copies, whatever the list beside a record names."""
    data, home = tmp_path / "data", tmp_path / "home"
    home.mkdir()
    write(data, "A17", [Told(60)])
    made = Path(_run(data, "backup").output.splitlines()[0])
    theirs = {home / "letter.txt": b"dear", home / "photo.jpg": os.urandom(9000), home / "other.db": b""}
    for path, content in theirs.items():
        path.write_bytes(content)
    other = sqlite3.connect(home / "other.db")
    with other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    theirs[home / "other.db"] = (home / "other.db").read_bytes()
    os.mkfifo(home / "pipe")
    record = data / "history.db.backups"
    told = json.loads(record.read_text())
    for path in (*theirs, home / "pipe", home):
        size = path.stat().st_size
        told["backups"].append({**told["backups"][0], "path": str(path), "size": size})
    record.write_text(json.dumps(told))
    done = _run(data, "client", "forget", "A17", "--yes", "A17", "--copies", "delete")
    assert done.exit_code == 0, done.output
    assert {path: path.read_bytes() for path in theirs} == theirs
    assert done.stderr.count("it is left as it is") == len(theirs)
    assert not made.exists()
