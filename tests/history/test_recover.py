"""What is left of a damaged record comes out, and nothing that was never in it."""

import random
import sqlite3
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.history import (
    History,
    HistoryDamagedError,
    HistoryError,
    HistoryFullError,
    LockedHistoryError,
    NoHistoryError,
    NotAHistoryError,
    SessionStart,
    open_history,
)
from feedback.history.backup import restore
from feedback.history.forget import forget
from feedback.history.salvage import recover
from feedback.history.work import CancelledError
from feedback.signal import ForceBlock

from .conftest import CALIBRATION, RATE_HZ, STARTED_AT, T0_S
from .filled import Blocks, contents, no_file_larger_than, treated

PASSPHRASE = "four quiet words"
SECTOR = 512
OWN = frozenset({"audit", "alembic_version"})
"""Tables to which the new record adds of its own."""


def blocks(force_n: np.ndarray) -> list[ForceBlock]:
    times = np.arange(len(force_n)) / RATE_HZ
    counts = np.rint(force_n * CALIBRATION.counts_per_n + CALIBRATION.zero_counts).astype(np.int32)
    force = CALIBRATION.force_n(counts)
    device = np.rint((times + 3.0) * 1e6).astype(np.int64)
    return [
        ForceBlock.of(T0_S + times[i : i + 7], force[i : i + 7], counts[i : i + 7], 0, device[i : i + 7])
        for i in range(0, len(times), 7)
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of twelve clients, well."""
    path = tmp_path_factory.mktemp("whole") / "record.db"
    with open_history(path) as history:
        for number in range(12):
            treated(history, f"A{number}", blocks, number, f"muscle {number}")
        # Chunks that are longer than a page, of noise that nothing makes smaller.
        journal = history.begin_session(SessionStart("A3", STARTED_AT, T0_S, "thumb", 2.0))
        journal.calibration(CALIBRATION, T0_S)
        for block in blocks(np.random.default_rng(5).normal(20, 3, 150 * RATE_HZ)):
            journal.samples(block)
        journal.end(T0_S + 151, {})
    return path


@pytest.fixture(scope="module")
def truth(whole: Path) -> dict[str, set[tuple]]:
    return contents(whole)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


def saved_from(
    data: bytes, folder: Path, passphrase: str | None = None
) -> tuple[dict[str, set[tuple]], tuple[str, ...]]:
    """What comes out of a damaged file; nothing at all when the sentence says that nothing is left."""
    damaged, new = folder / "damaged.db", folder / "new.db"
    damaged.write_bytes(data)
    new.unlink(missing_ok=True)
    try:
        saved = recover(damaged, new, passphrase=passphrase)
    except (NotAHistoryError, LockedHistoryError):
        assert not new.exists()
        return {}, ("nothing is left",)
    assert damaged.read_bytes() == data
    with open_history(new, passphrase=passphrase) as history:
        assert history.check() == []
        for session in history.sessions():
            for _ in history.samples(session.id):
                pass
    rows = contents(new, passphrase)
    new.unlink()
    return rows, saved.lost


def untrue(
    rows: dict[str, set[tuple]], truth: dict[str, set[tuple]], links: dict[str, tuple[int, ...]]
) -> list:
    """Rows that never were: a link to something lost may be missing, and a client or point may have a new date."""
    found = []
    for name, got in rows.items():
        if name in OWN:
            continue
        loose = {_without(row, links[name]) for row in truth[name]}
        for row in got - truth[name]:
            known = _without(row, links[name]) in loose
            if not (known or (name == "client" and row[0] in {t[0] for t in truth[name]})):
                found.append((name, row))
    return found


def _without(row: tuple, places: tuple[int, ...]) -> tuple:
    return tuple(value for place, value in enumerate(row) if place not in places)


@cache
def links() -> dict[str, tuple[int, ...]]:
    """Columns that may lose their value with what they name."""
    from feedback.history import tables

    found = {
        table.name: tuple(
            place for place, column in enumerate(table.columns) if column.nullable and column.foreign_keys
        )
        for table in tables.metadata.sorted_tables
    }
    # A point that is built again from the indexes has another time of entry.
    found["point"] = (len(tables.point.columns) - 1,)
    return found


def all_but_own(rows: dict[str, set[tuple]]) -> dict[str, set[tuple]]:
    return {name: found for name, found in rows.items() if name not in OWN}


def test_from_a_record_that_is_well_everything_comes_out(
    whole: Path, truth: dict[str, set[tuple]], tmp_path: Path
) -> None:
    rows, lost = saved_from(whole.read_bytes(), tmp_path)
    assert all_but_own(rows) == all_but_own(truth)
    assert truth["audit"] <= rows["audit"]
    assert lost == ()


@pytest.mark.parametrize("size", [16, 100, 4096])
def test_a_broken_head_costs_no_row(
    whole: Path, truth: dict[str, set[tuple]], tmp_path: Path, size: int
) -> None:
    data = bytearray(whole.read_bytes())
    data[:size] = random.Random(1).randbytes(size)
    path = tmp_path / "damaged.db"
    path.write_bytes(data)
    with pytest.raises(HistoryError, match="goodpain recover"):
        open_history(path)
    rows, _ = saved_from(bytes(data), tmp_path)
    assert all_but_own(rows) == all_but_own(truth)


def test_a_broken_index_costs_no_row_and_the_damage_is_told_when_opened(
    whole: Path, truth: dict[str, set[tuple]], tmp_path: Path
) -> None:
    data = bytearray(whole.read_bytes())
    with sqlite3.connect(whole) as connection:
        roots = connection.execute("SELECT rootpage FROM sqlite_master WHERE type = 'index'").fetchall()
    connection.close()
    for (root,) in roots:
        data[(root - 1) * 4096 : root * 4096] = b"\x55" * 4096
    path = tmp_path / "damaged.db"
    path.write_bytes(data)
    with pytest.raises(HistoryDamagedError, match="goodpain recover"), open_history(path) as history:
        history.client("A3")
    rows, _ = saved_from(bytes(data), tmp_path)
    assert all_but_own(rows) == all_but_own(truth)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sectors=st.lists(st.integers(0, 10**6), min_size=1, max_size=12),
    fill=st.sampled_from(["noise", "zeros", "ones"]),
    seed=st.integers(0, 10**6),
)
def test_sectors_overwritten_cost_rows_and_invent_none(
    whole: Path, truth: dict[str, set[tuple]], folder: Path, sectors: list[int], fill: str, seed: int
) -> None:
    data = bytearray(whole.read_bytes())
    rng = random.Random(seed)
    for sector in sectors:
        at = SECTOR * (sector % (len(data) // SECTOR))
        data[at : at + SECTOR] = {
            "noise": rng.randbytes(SECTOR), "zeros": bytes(SECTOR), "ones": b"\xff" * SECTOR
        }[fill]  # fmt: skip
    rows, lost = saved_from(bytes(data), folder)
    assert untrue(rows, truth, links()) == []
    if len(sectors) == 1 and rows:
        total = sum(map(len, all_but_own(truth).values()))
        kept = sum(map(len, all_but_own(rows).values()))
        # One sector is part of one page, of which there are dozens.
        assert kept > 0.6 * total or lost


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(share=st.floats(0, 1))
def test_what_stands_before_the_cut_of_a_truncated_record_comes_out(
    whole: Path, truth: dict[str, set[tuple]], folder: Path, share: float
) -> None:
    data = whole.read_bytes()
    rows, _ = saved_from(data[: int(share * len(data))], folder)
    assert untrue(rows, truth, links()) == []


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_bytes_are_changed_there_is_an_answer(
    whole: Path, folder: Path, data: st.DataObject
) -> None:
    damaged = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        piece = data.draw(st.binary(min_size=1, max_size=9))
        damaged[at : at + len(piece)] = piece
    saved_from(bytes(damaged), folder)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=20_000), head=st.booleans())
def test_no_file_however_strange_makes_it_stumble(folder: Path, data: bytes, head: bool) -> None:
    rows, _ = saved_from((b"SQLite format 3\x00\x10\x00" if head else b"") + data, folder)
    assert rows == {}


def test_every_page_of_an_encrypted_record_is_true_or_left_out(tmp_path: Path) -> None:
    pytest.importorskip("sqlcipher3")
    pytest.importorskip("cryptography")
    path = tmp_path / "record.db"
    with open_history(path, passphrase=PASSPHRASE) as history:
        for number in range(3):
            treated(history, f"A{number}", blocks, number)
    truth = contents(path, PASSPHRASE)
    data = path.read_bytes()
    rows, lost = saved_from(data, tmp_path, PASSPHRASE)
    assert (all_but_own(rows), lost) == (all_but_own(truth), ())
    rng = random.Random(3)
    for number in range(2):
        damaged = bytearray(data)
        for _ in range(12):
            # A single bit is enough: each page has its own checksum.
            damaged[rng.randrange(4096, len(damaged))] ^= 1 << rng.randrange(8)
        rows, lost = saved_from(bytes(damaged), tmp_path, PASSPHRASE)
        assert untrue(rows, truth, links()) == [], number
        assert any("of the file could not be read" in one for one in lost)
    damaged = bytearray(data)
    damaged[:16] = bytes(16)
    (tmp_path / "damaged.db").write_bytes(damaged)
    for passphrase in (PASSPHRASE, "another one"):
        with pytest.raises(LockedHistoryError, match="the first bytes of the file are lost"):
            recover(tmp_path / "damaged.db", tmp_path / "new.db", passphrase=passphrase)


def test_what_only_the_wal_file_held_comes_out_too(tmp_path: Path, force_blocks: Blocks) -> None:
    path = tmp_path / "record.db"
    with open_history(path) as history:
        treated(history, "A17", force_blocks)
        damaged = tmp_path / "cut" / "record.db"
        damaged.parent.mkdir()
        damaged.write_bytes(path.read_bytes())
        wal = path.with_name("record.db-wal").read_bytes()
        damaged.with_name("record.db-wal").write_bytes(wal)
        truth = contents(path)
    with_wal = recover(damaged, tmp_path / "one.db")
    assert all_but_own(contents(with_wal.path)) == all_but_own(truth)
    # A frame that is not whole ends it: what was committed before counts.
    for length in (len(wal) // 3, 40, 0):
        damaged.with_name("record.db-wal").write_bytes(wal[:length])
        try:
            saved = recover(damaged, tmp_path / f"cut{length}.db")
        except NotAHistoryError:
            continue
        assert untrue(contents(saved.path), truth, links()) == []


def test_a_client_whose_row_is_lost_keeps_the_code_that_the_index_knows(
    whole: Path, truth: dict[str, set[tuple]], tmp_path: Path
) -> None:
    data = bytearray(whole.read_bytes())
    with sqlite3.connect(whole) as connection:
        [(client,), (point,)] = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name IN ('client', 'point') ORDER BY name"
        ).fetchall()
    connection.close()
    for root in (client, point):
        data[(root - 1) * 4096 : root * 4096] = bytes(4096)
    (tmp_path / "damaged.db").write_bytes(data)
    saved = recover(tmp_path / "damaged.db", tmp_path / "new.db")
    assert saved.clients == tuple(sorted(f"A{number}" for number in range(12)))
    assert any("of 12 clients themselves" in one for one in saved.lost)
    rows = contents(saved.path)
    assert {row[:5] for row in rows["point"]} == {row[:5] for row in truth["point"]}
    assert rows["press"] == truth["press"]


def test_a_chunk_that_does_not_come_out_as_its_row_says_is_left_out_and_told(
    whole: Path, tmp_path: Path
) -> None:
    path = tmp_path / "damaged.db"
    path.write_bytes(whole.read_bytes())
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE sample_chunk SET payload = substr(payload, 1, length(payload) - 1) WHERE id = 3"
        )
        connection.execute("UPDATE sample_chunk SET n = n + 1 WHERE id = 5")
    connection.close()
    saved = recover(path, tmp_path / "new.db")
    assert saved.rows["sample_chunk"] == len(contents(path)["sample_chunk"]) - 2
    assert "2 chunks of samples did not come out as they went in, and were left out" in saved.lost
    assert sum("480 of 480 samples" in one for one in saved.lost) == 2


def test_whoever_was_forgotten_stays_forgotten(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    path.write_bytes(whole.read_bytes())
    before = path.read_bytes()
    with open_history(path) as history:
        forget(history, "A4")
    # A leaf of the old file that the disk brings back by mistake.
    data = path.read_bytes() + before[4096:]
    (tmp_path / "damaged.db").write_bytes(data)
    saved = recover(tmp_path / "damaged.db", tmp_path / "new.db")
    assert "A4" not in saved.clients
    assert b"gait of A4" not in saved.path.read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.85, 1.0])
def test_given_up_or_without_room_no_file_is_left(whole: Path, tmp_path: Path, share: float) -> None:
    class GivesUp:
        def step(self, done: float, total: float, what: str = "") -> None:
            if done / total >= share:
                raise CancelledError("it was cancelled")

    new = tmp_path / "new.db"
    with pytest.raises(CancelledError):
        recover(whole, new, work=GivesUp())
    with (
        pytest.raises(HistoryFullError, match=r"no space is left|refuses to write"),
        no_file_larger_than(200_000),
    ):
        recover(whole, new)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_and_what_is_not_there_is_said(whole: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("dear")
    with pytest.raises(HistoryError, match="there already"):
        recover(whole, there)
    assert there.read_text() == "dear"
    with pytest.raises(NoHistoryError):
        recover(tmp_path / "none.db", tmp_path / "new.db")


def test_what_was_saved_takes_the_place_of_the_damaged_record(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "A17", force_blocks)
    history.close()
    data = bytearray(path.read_bytes())
    data[:100] = bytes(100)
    path.write_bytes(data)
    saved = recover(path, path.with_name("saved.db"))
    done = restore(saved.path, path)
    assert done.aside is not None
    assert done.aside.read_bytes() == data
    with open_history(path) as again:
        assert [client.code for client in again.clients()] == ["A17"]
        assert [entry.what for entry in again.audit_entries()][-2:] == ["recovered", "restored"]
