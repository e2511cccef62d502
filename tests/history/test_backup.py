"""Copies of a record: made while it is in use, whole or not at all, put back without losing what was there."""

import re
import sqlite3
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from feedback.history import (
    History,
    HistoryBusyError,
    HistoryDamagedError,
    HistoryError,
    HistoryFullError,
    NewerHistoryError,
    NoHistoryError,
    NotAHistoryError,
    SessionRunsError,
    SessionStart,
    export_csv,
    import_csv,
    open_history,
)
from feedback.history.backup import backup, check_copy, restore
from feedback.history.copies import backups
from feedback.history.forget import forget
from feedback.history.salvage import recover
from feedback.history.work import CancelledError
from feedback.signal import ForceBlock

from .conftest import STARTED_AT, T0_S
from .filled import Blocks, contents, no_file_larger_than, treated


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class GivesUp:
    """Gives up at a share of the work."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.last = 0.0

    def step(self, done: float, total: float, what: str = "") -> None:
        assert done / total >= self.last - 1e-9
        self.last = done / total
        if self.last >= self.at:
            raise CancelledError("it was cancelled")


def files_in(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*") if file.is_file() and not file.name.endswith(".lock")}


def test_a_backup_holds_every_row_and_only_its_owner_can_read_it(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "A17", force_blocks)
    made = history.backup()
    assert (made.path.parent.name, mode(made.path), mode(made.path.parent)) == ("backups", 0o600, 0o700)
    history.close()
    there, copied = contents(path), contents(made.path)
    assert [row for row in there.pop("audit") if "backed up" in row] != []
    copied.pop("audit")
    assert copied == there
    assert made.rows == {name: len(rows) for name, rows in contents(made.path).items() if name in made.rows}
    assert check_copy(made.path, path) == (made.rows, True)
    assert files_in(made.path.parent) == {made.path.name}


def test_a_session_that_writes_meanwhile_neither_disturbs_nor_is_disturbed(
    history: History, path: Path, force_blocks: Blocks, start: SessionStart
) -> None:
    for number in range(8):
        treated(history, f"A{number}", force_blocks, number)
    journal = history.begin_session(start)
    stop = threading.Event()

    def write() -> None:
        first = 0
        while not stop.is_set():
            times = T0_S + (first + np.arange(80)) / 80
            journal.samples(ForceBlock.of(times, np.full(80, 20.0), np.full(80, 2000)))
            journal.note("on and on", times[-1])
            first += 80
            stop.wait(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [history.backup(path.with_name(f"copy{number}.db")) for number in range(3)]
    finally:
        stop.set()
        writer.join()
    journal.end(T0_S + 5000, {})
    for one in made:
        assert check_copy(one.path, path)[0] == one.rows
        with open_history(one.path, read_only=True) as copy:
            assert copy.check() == []
            assert len(copy.clients()) == 9


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 0.95])
def test_given_up_no_file_is_left(history: History, path: Path, force_blocks: Blocks, share: float) -> None:
    treated(history, "A17", force_blocks)
    before = files_in(path.parent)
    with pytest.raises(CancelledError):
        history.backup(path.with_name("copy.db"), GivesUp(share))
    with pytest.raises(CancelledError):
        history.backup(path.parent / "new" / "folder" / "copy.db", GivesUp(share))
    assert files_in(path.parent) == before
    assert not (path.parent / "new").exists()
    assert backups(path) == []


def test_a_full_disk_leaves_no_half_backup_and_says_so(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "A17", force_blocks)
    size = path.stat().st_size
    before = files_in(path.parent)
    wanted = path.with_name("copy.db")
    told = re.escape(f"no space is left for {wanted}, ")
    with pytest.raises(HistoryFullError, match=told), no_file_larger_than(size // 2):
        backup(history, wanted)
    assert files_in(path.parent) == before
    assert history.check() == []


def test_a_damaged_record_is_not_backed_up_as_if_it_were_well(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "A17", force_blocks)
    history.close()
    data = bytearray(path.read_bytes())
    data[4096 * 8 : 4096 * 40] = b"\x5a" * 4096 * 32
    path.write_bytes(data)
    with pytest.raises(HistoryDamagedError, match="goodpain recover"), open_history(path) as again:
        again.backup()
    assert files_in(path.parent) == {"record.db"}


def test_a_backup_overwrites_nothing(history: History, path: Path) -> None:
    there = path.with_name("letter.txt")
    there.write_text("dear")
    with pytest.raises(HistoryError, match="there already"):
        history.backup(there)
    assert there.read_text() == "dear"


def test_the_list_names_what_is_still_there_in_order(history: History, path: Path) -> None:
    first, second, third = (history.backup(path.with_name(f"{name}.db")) for name in "abc")
    second.path.unlink()
    assert [one.path for one in backups(path)] == [first.path, third.path]
    assert backups(path)[0] == first
    listed = path.with_name(f"{path.name}.backups")
    listed.write_text(listed.read_text().replace("a.db", f"{'a' * 5000}.db"))
    assert [one.path for one in backups(path)] == [third.path]
    listed.write_text("{broken")
    assert backups(path) == []


def test_restored_the_record_is_as_it_was_and_the_one_between_is_set_aside(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "A17", force_blocks)
    made = history.backup()
    then = contents(made.path)
    treated(history, "B18", force_blocks, 1)
    history.close()
    between = contents(path)
    done = restore(made.path, path, now=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC), who="T1")
    assert done.aside == path.with_name("record.db.aside-20260302-090000")
    assert done.aside is not None
    assert mode(done.aside) == mode(path) == 0o600
    assert contents(done.aside) == between
    with open_history(path) as again:
        assert again.check() == []
        assert [(e.what, e.who) for e in again.audit_entries()][-1] == ("restored", "T1")
    now = contents(path)
    now.pop("audit")
    then.pop("audit")
    assert now == then


def test_a_record_on_a_server_is_left_to_the_servers_own_tools(history: History, place: Path | str) -> None:
    if isinstance(place, Path):
        assert history.backup().path.exists()
    else:
        with pytest.raises(HistoryError, match="pg_dump"):
            history.backup()


def test_where_there_is_no_record_a_backup_becomes_it(history: History, path: Path, tmp_path: Path) -> None:
    history.client("A17")
    made = history.backup()
    new = tmp_path / "new" / "history.db"
    new.parent.mkdir()
    assert restore(made.path, new).aside is None
    with open_history(new, create=False) as opened:
        assert [client.code for client in opened.clients()] == ["A17"]


def test_who_was_forgotten_since_does_not_come_back(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "Quentin-77", force_blocks)
    treated(history, "B18", force_blocks, 1)
    made = history.backup(path.with_name("monday.db"))
    forget(history, "Quentin-77")
    history.close()
    assert restore(made.path, path).forgotten == 1
    with open_history(path) as again:
        assert [client.code for client in again.clients()] == ["B18"]
        assert [entry.what for entry in again.audit_entries()][-2:] == ["forgot", "restored"]
    assert b"Quentin-77" not in path.read_bytes()


def test_who_was_forgotten_and_then_taken_back_stays(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "Quentin-77", force_blocks)
    before = history.backup(path.with_name("monday.db"))
    exported = path.with_name("exported")
    export_csv(history, exported)
    forget(history, "Quentin-77")
    assert import_csv(history, exported).taken_back == ("Quentin-77",)
    assert import_csv(history, exported).taken_back == ()
    after = history.backup(path.with_name("tuesday.db"))
    history.close()
    for made in (after, before):
        assert restore(made.path, path).forgotten == 0
        with open_history(path) as again:
            assert [client.code for client in again.clients()] == ["Quentin-77"]
    saved = recover(path, path.with_name("saved.db"))
    assert saved.clients == ("Quentin-77",)
    with open_history(path) as again:
        forget(again, "Quentin-77")
    assert restore(after.path, path).forgotten == 1


@pytest.mark.parametrize("where", [105, 4096 * 3 + 50, -600])
def test_a_damaged_backup_is_refused_and_the_record_stays(
    history: History, path: Path, force_blocks: Blocks, where: int
) -> None:
    treated(history, "A17", force_blocks)
    made = history.backup()
    history.close()
    data = bytearray(made.path.read_bytes())
    data[where : where + 40] = b"\xa5" * 40
    made.path.write_bytes(data)
    before = contents(path)
    with pytest.raises(HistoryDamagedError, match="not as it was made"):
        restore(made.path, path)
    # Under another name it is on no list: then only what is inside can tell.
    other = made.path.rename(made.path.with_name("other.db"))
    if where == 105:
        with pytest.raises(HistoryError, match=r"damaged|database"):
            restore(other, path)
    assert contents(path) == before or where != 105


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda file: file.write_bytes(b"hello" * 1000), NotAHistoryError),
        (lambda file: file.write_bytes(b""), NotAHistoryError),
        (lambda file: _other_program(file), NotAHistoryError),
        (lambda file: _newer(file), NewerHistoryError),
        (lambda file: file.mkdir(), NoHistoryError),
        (lambda file: None, NoHistoryError),
    ],
)
def test_what_is_no_backup_is_refused_with_a_sentence(
    history: History, path: Path, make, error: type[HistoryError]
) -> None:
    history.client("A17")
    history.close()
    file = path.with_name("what.db")
    make(file)
    before = files_in(path.parent)
    with pytest.raises(error):
        restore(file, path)
    assert files_in(path.parent) == before
    with open_history(path) as again:
        assert len(again.clients()) == 1


def _other_program(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE recipe (name)")
    connection.close()


def _newer(file: Path) -> None:
    open_history(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def test_nothing_is_restored_under_a_running_session_or_an_open_window(
    history: History, path: Path, start: SessionStart
) -> None:
    made = history.backup()
    journal = history.begin_session(start)
    with pytest.raises(SessionRunsError, match="a session is running"):
        restore(made.path, path)
    journal.end(T0_S + 1, {})
    with history.database.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM client").fetchone()
        with pytest.raises(HistoryBusyError, match="close every window"):
            restore(made.path, path)
    assert [client.code for client in history.clients()] == ["A17"]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.95])
def test_a_restore_given_up_or_without_room_leaves_all_as_it_was(
    history: History, path: Path, force_blocks: Blocks, share: float
) -> None:
    treated(history, "A17", force_blocks)
    made = history.backup()
    treated(history, "B18", force_blocks, 1)
    history.close()
    before, names = contents(path), files_in(path.parent)
    with pytest.raises(CancelledError):
        restore(made.path, path, work=GivesUp(share))
    with pytest.raises(HistoryFullError), no_file_larger_than(made.size // 2):
        restore(made.path, path)
    assert contents(path) == before
    assert files_in(path.parent) == names


def test_a_damaged_record_is_set_aside_as_it_is_and_the_backup_says_what_it_cannot_know(
    history: History, path: Path
) -> None:
    history.client("A17")
    made = history.backup()
    history.close()
    path.write_bytes(b"\xff" * 5000)
    done = restore(made.path, path)
    assert (done.unread, done.forgotten) == (True, 0)
    assert done.aside is not None
    assert done.aside.read_bytes() == b"\xff" * 5000
    with open_history(path) as again:
        assert [client.code for client in again.clients()] == ["A17"]


def test_a_backup_of_an_older_goodpain_is_brought_up_to_date(path: Path) -> None:
    from feedback.history.database import Database
    from feedback.history.schema import REVISIONS, upgrade

    old = path.with_name("old.db")
    database = Database(old)
    upgrade(database, "0001")
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO client (id, code, created_at, note) VALUES (?, 'A17', ?, '')",
            ("0" * 31 + "1", STARTED_AT.strftime("%Y-%m-%d %H:%M:%S.%f")),
        )
    database.close()
    restore(old, path)
    assert contents(path)["alembic_version"] == {(REVISIONS[-1],)}
    assert not list(path.parent.glob("*partial*"))
    with open_history(path) as again:
        assert [client.code for client in again.clients()] == ["A17"]


def test_a_folder_that_cannot_be_is_told_by_the_name_that_was_asked_for(history: History, path: Path) -> None:
    (path.parent / "file").touch()
    asked = path.parent / "file" / "monday.db"
    with pytest.raises(HistoryError, match=rf"the backup {asked} cannot be made"):
        history.backup(asked)
