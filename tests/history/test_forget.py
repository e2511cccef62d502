"""A client who is forgotten is gone from every file, and nobody else is touched."""

import random
import uuid
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from feedback.history import (
    History,
    SessionRunsError,
    SessionStart,
    UnknownClientError,
    open_history,
    tables,
)
from feedback.history.copies import Backup, add_backup
from feedback.history.errors import HistoryReadOnlyError
from feedback.history.forget import erase_forgotten, forget, forgotten_tokens, token_of
from feedback.history.records import utc_now
from feedback.history.work import CancelledError

from .conftest import STARTED_AT, T0_S
from .filled import MUSCLE, Blocks, treated


def needles(history: History, code: str) -> list[bytes]:
    """Every string and every blob that only this client has, and every id, as they stand in a file."""
    client = history.known_client(code)
    found = {code.encode(), client.id.hex.encode(), client.id.bytes, str(client.id).encode()}
    owned = {client.id}
    with history.database.reading() as connection:
        for _ in range(4):
            for table in tables.metadata.sorted_tables:
                for row in connection.execute(sa.select(table)).mappings():
                    if owned & {value for value in row.values() if isinstance(value, UUID)}:
                        if isinstance(row.get("id"), UUID):
                            owned.add(row["id"])
                        found.update(
                            value for value in row.values() if isinstance(value, bytes) and len(value) > 12
                        )
                        found.update(
                            value.encode()
                            for value in row.values()
                            if isinstance(value, str) and code in value
                        )
    for one in owned - {client.id}:
        found.update((one.hex.encode(), one.bytes, str(one).encode()))
    assert len(found) > 60
    return sorted(found)


def traces(path: Path, wanted: list[bytes]) -> list[bytes]:
    files = [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", ".backups")]
    data = b"\n".join(file.read_bytes() for file in files if file.exists())
    return [needle for needle in wanted if needle in data]


def everything(history: History, code: str) -> dict[str, list]:
    """All rows of all tables that do not belong to a client."""
    owned = {history.known_client(code).id} if code else set()
    found: dict[str, list] = {}
    with history.database.reading() as connection:
        for table in tables.metadata.sorted_tables:
            rows = found[table.name] = []
            for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings():
                if not owned & {value for value in row.values() if isinstance(value, UUID)}:
                    rows.append(tuple(row.values()))
                elif isinstance(row.get("id"), UUID):
                    owned.add(row["id"])
    return found


def test_no_string_and_no_sample_of_a_forgotten_client_is_left_in_any_file(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    for number in range(6):
        treated(history, f"Other-{number}", force_blocks, number, "soleus")
    treated(history, "Quentin-77", force_blocks, 99)
    for number in range(6, 9):
        treated(history, f"Other-{number}", force_blocks, number, "soleus")
    history.opened("Quentin-77")
    history.audit("exported", "client", "Quentin-77", "1 sessions as CSV")
    add_backup(path, Backup(path.with_name("Quentin-77.db"), utc_now(), 1, "0", {}))
    path.with_name("Quentin-77.db").touch()
    wanted = [*needles(history, "Quentin-77"), MUSCLE.encode()]
    others = everything(history, "Quentin-77")
    assert traces(path, [b"Quentin-77", MUSCLE.encode()])

    gone = forget(history, "Quentin-77", who="T1")

    assert (gone.sessions, gone.samples, gone.unclean, gone.doubtful) == (
        1,
        480,
        "",
        (path.with_name("Quentin-77.db"),),
    )
    assert traces(path, wanted) == []
    history.close()
    assert traces(path, wanted) == []
    with open_history(path) as again:
        left = everything(again, "")
        [entry] = again.audit_entries(what="forgot")
        assert (entry.who, entry.entity, entry.detail) == ("T1", "client", "1 session")
        left.pop("audit")
        others.pop("audit")
        assert left == others
        with pytest.raises(UnknownClientError):
            forget(again, "Quentin-77")


def test_no_copy_that_a_split_page_has_left_behind_outlives_the_client(tmp_path: Path) -> None:
    rng = random.Random(7)
    path = tmp_path / "record.db"

    def an_id() -> UUID:
        return UUID(int=rng.getrandbits(128))

    clients = [(an_id(), f"{rng.choice('QXZ')}{rng.randrange(10**9):09d}") for _ in range(1500)]
    rows = [
        {"id": client_id, "code": code, "created_at": STARTED_AT, "note": "x" * rng.randrange(99)}
        for client_id, code in clients
    ]
    points = [
        {
            "id": an_id(),
            "client_id": client_id,
            "muscle": f"muscle {rng.randrange(10**6)}",
            "side": "left",
            "label": "x" * rng.randrange(200),
            "created_at": STARTED_AT,
        }
        for client_id, _ in clients
        for _ in range(1 + rng.randrange(3))
    ]
    with open_history(path) as history, history.database.writing() as connection:
        connection.execute(tables.client.insert(), rows)
        connection.execute(tables.point.insert(), points)
    data = path.read_bytes()
    # A code stands in its row and in the index of codes: more is what SQLite has left lying in a split page.
    more = [(client_id, code) for client_id, code in clients if data.count(code.encode()) > 2]
    with open_history(path) as history:
        for client_id, code in (more or clients)[:3]:
            assert forget(history, code).unclean == ""
            assert traces(path, [code.encode(), client_id.hex.encode()]) == []


def test_a_client_whose_session_runs_is_not_forgotten(history: History, start: SessionStart) -> None:
    journal = history.begin_session(start)
    with pytest.raises(SessionRunsError, match="a session of A17 is running"):
        forget(history, "A17")
    assert history.known_client("A17")
    journal.end(T0_S + 1, {})
    assert forget(history, "A17").sessions == 1


def test_a_session_that_was_cut_off_goes_with_its_rescue_file_and_its_lock(
    history: History, path: Path, start: SessionStart
) -> None:
    journal = history.begin_session(start)
    journal.close()
    beside = [
        path.with_name(f"goodpain-rescue-{journal.id.hex}.jsonl"),
        path.with_name(f"goodpain-rescue-{journal.id.hex}.jsonl.refused"),
    ]
    other = path.with_name(f"goodpain-rescue-{uuid.uuid4().hex}.jsonl")
    for file in (*beside, other):
        file.write_text("samples")
    gone = forget(history, "A17")
    assert sorted(gone.removed) == sorted(beside)
    assert gone.session_ids == (journal.id,)
    assert other.exists()
    assert not any(journal.id.hex in file.name for file in path.parent.rglob("*"))
    assert history.recover() == []


def test_given_up_half_way_a_client_is_as_before(history: History, force_blocks: Blocks) -> None:
    treated(history, "A17", force_blocks)
    before = everything(history, "")

    class GivesUp:
        def step(self, done: float, total: float, what: str = "") -> None:
            if done > total / 2:
                raise CancelledError("it was cancelled")

    with pytest.raises(CancelledError):
        forget(history, "A17", work=GivesUp())
    assert everything(history, "") == before
    assert history.check() == []


def test_another_program_that_reads_is_told_of_and_a_sweep_finishes(
    path: Path, force_blocks: Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.history.driver.BUSY_TIMEOUT_S", 0.1)
    monkeypatch.setattr("feedback.history.database.BUSY_TIMEOUT_S", 0.1)
    with open_history(path) as history:
        treated(history, "A17", force_blocks)
        wanted = needles(history, "A17")
        with open_history(path) as other, other.database.reading() as connection:
            connection.execute(sa.select(tables.client)).fetchone()
            gone = forget(history, "A17")
            assert "another program reads" in gone.unclean
        assert history.database.sweep() == ""
        assert traces(path, wanted) == []


def test_copies_that_hold_the_client_are_named_and_others_are_not(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    early = path.with_name("record.db.before-0001")
    history.backup(early)
    treated(history, "A17", force_blocks)
    treated(history, "B18", force_blocks, 1)
    late = path.with_name("record.db.aside-20260301-093000")
    history.backup(late)
    damaged = path.with_name("record.db.damaged-20260302-093000")
    damaged.write_bytes(b"SQLite format 3\0" + bytes(5000))
    assert set(forget(history, "A17").copies) == {late, damaged}


def test_a_client_who_came_back_with_an_old_copy_is_known_again_and_erased(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "A17", force_blocks)
    treated(history, "B18", force_blocks, 1)
    tmp_path = path.parent
    history.backup(tmp_path / "copy.db")
    client_id = history.known_client("A17").id
    forget(history, "A17")
    with history.database.reading() as connection:
        tokens = forgotten_tokens(connection)
    assert tokens == {token_of(client_id)}
    with open_history(tmp_path / "copy.db") as copy:
        with copy.database.erasing() as connection:
            assert erase_forgotten(connection, tokens) == 1
        assert [client.code for client in copy.clients()] == ["B18"]
        assert copy.check() == []


def test_a_record_that_may_only_be_read_forgets_nobody(history: History, path: Path) -> None:
    history.client("A17")
    with open_history(path, read_only=True) as reader, pytest.raises(HistoryReadOnlyError):
        forget(reader, "A17")


def test_a_code_of_digits_does_not_take_other_notes_of_the_audit_with_it(history: History) -> None:
    history.client("3")
    history.audit("recovered", "session", str(uuid.uuid4()), "3 presses")
    history.opened("3")
    forget(history, "3")
    assert [entry.what for entry in history.audit_entries()] == ["recovered", "forgot"]


def test_in_the_tables_nothing_of_the_client_is_left_and_the_others_are(
    history: History, force_blocks: Blocks
) -> None:
    treated(history, "Quentin-77", force_blocks)
    treated(history, "B18", force_blocks, 1)
    history.opened("Quentin-77")
    wanted = needles(history, "Quentin-77")
    others = everything(history, "Quentin-77")
    gone = forget(history, "Quentin-77", who="T1")
    assert (gone.sessions, gone.samples, gone.copies, gone.unclean) == (1, 480, (), "")
    left = everything(history, "")
    told = repr(left).encode()
    # Ids stand in the tables as UUIDs and as text; raw bytes look otherwise there.
    assert [needle for needle in wanted if needle.isascii() and needle in told] == []
    for rows in (left, others):
        rows.pop("audit")
    assert left == others
    assert [(entry.what, entry.who) for entry in history.audit_entries()] == [("forgot", "T1")]
