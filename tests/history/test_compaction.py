import signal
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.history import (
    History,
    HistoryDamagedError,
    HistoryError,
    SessionStart,
    compaction,
    open_history,
    tables,
)
from feedback.history import journal as journal_module
from feedback.history.codec import PLANES
from feedback.history.compaction import compact, pack_ended
from feedback.history.work import CancelledError
from feedback.signal import ForceBlock
from tests.history.conftest import CALIBRATION, RATE_HZ, T0_S

Fill = Callable[[History, float], SessionStart]


@pytest.fixture(autouse=True)
def unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions end without packing anything, so that there is something to pack."""
    monkeypatch.setattr(journal_module, "PACK_S", -1.0)


def noisy(seconds: float, seed: int = 1) -> list[ForceBlock]:
    """A noisy sensor, with a loss and a calibration that fits; blocks of two samples."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    time_s = T0_S + np.arange(n) / RATE_HZ
    counts = np.rint(1000 + 9000 * (np.sin(np.arange(n) / 40) > 0) + rng.normal(0, 38, n)).astype(np.int32)
    device_us = np.rint(np.arange(n) * 12_500 + rng.integers(0, 3, n)).astype(np.int64)
    blocks = [
        ForceBlock.of(time_s[i : i + 2], np.zeros(2), counts[i : i + 2], 0, device_us[i : i + 2])
        for i in range(0, n, 2)
    ]
    if len(blocks) > 100:
        blocks[90] = replace(blocks[90], lost=3)
    return blocks


def record(history: History, start: SessionStart, seconds: float, seed: int = 1) -> SessionStart:
    """A session whose samples stand in half-second chunks."""
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    blocks = noisy(seconds, seed)
    for number, block in enumerate(blocks):
        if number == len(blocks) // 2:
            journal.calibration(replace(CALIBRATION, zero_counts=990.0), float(block.time_s[0]))
        journal.samples(block)
        if number % 20 == 19:
            # A report is written at once, and what stood before it with it.
            journal.sensor(serial="", device="", dialect="", clock="")
    journal.end(T0_S + seconds, {})
    return replace(start, started_at=start.started_at + timedelta(hours=1))


def everything(history: History) -> list[tuple[np.ndarray, ...]]:
    """All that can be read of all samples."""
    found: list[tuple[np.ndarray, ...]] = []
    for session in history.sessions():
        blocks = list(history.samples(session.id))
        lost = np.concatenate([[0], *(np.r_[b.lost, np.zeros(len(b) - 1, int)] for b in blocks)])
        columns = [
            np.concatenate([np.zeros(0), *(getattr(b, name) for b in blocks)])
            for name in ("time_s", "force_n", "counts", "quality", "t_us")
        ]
        found.append((lost, *columns))
    return found


def same(one: list[tuple[np.ndarray, ...]], other: list[tuple[np.ndarray, ...]]) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a, b, equal_nan=True)
        for x, y in zip(one, other, strict=True)
        for a, b in zip(x, y, strict=True)
    )


def chunks(history: History) -> list[tuple[str, int]]:
    with history.database.reading() as connection:
        rows = connection.execute(
            sa.select(tables.sample_chunk.c.codec, tables.sample_chunk.c.n).order_by(tables.sample_chunk.c.id)
        )
        return [(row.codec, row.n) for row in rows]


def test_packed_samples_are_the_same_to_the_bit(history: History, start: SessionStart) -> None:
    record(history, record(history, start, 100), 20, seed=2)
    before, rows = everything(history), chunks(history)
    result = compact(history)
    assert (result.sessions, result.samples, result.damaged) == (2, 120 * RATE_HZ, 0)
    assert result.chunks_before == len(rows) > 50
    # A minute, and a new one where the calibration changes.
    assert sorted(n for _, n in chunks(history)) == [800, 800, 4000, 4000]
    assert {codec for codec, _ in chunks(history)} == {PLANES}
    assert same(everything(history), before)
    assert compact(history).sessions == 0
    assert history.check() == []


def test_a_window_is_the_same_in_packed_samples(history: History, start: SessionStart) -> None:
    record(history, start, 130)
    [session] = history.sessions()
    windows = [(0.0, 0.2), (1.124, 3.0), (59.9, 71.0), (64.9, 65.1), (129.0, 500.0), (200.0, 300.0)]

    def read() -> list[np.ndarray]:
        return [
            np.concatenate([np.zeros(0), *(b.counts for b in history.review.window(session.id, low, high))])
            for low, high in windows
        ]

    before = read()
    compact(history)
    for one, other in zip(before, read(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(before[2]) == round(11.1 * RATE_HZ) + 1


def test_a_running_session_goes_on_and_is_left_alone(
    history: History, start: SessionStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "WORTH_BYTES", 1)
    later = record(history, start, 20)
    journal = history.begin_session(later)
    journal.calibration(CALIBRATION, T0_S)
    blocks = noisy(30)
    for block in blocks[: len(blocks) // 2]:
        journal.samples(block)
    result = compact(history)
    assert result.sessions == 1
    on_server = history.database.path is None
    assert ("session is running" in result.room) != on_server
    assert (history.database.free_bytes() > 0) != on_server
    for block in blocks[len(blocks) // 2 :]:
        journal.samples(block)
    journal.end(T0_S + 30, {})
    assert journal.problem == ""
    assert [len(counts) for _, counts, *_ in everything(history)] == [20 * RATE_HZ, 30 * RATE_HZ]
    # Once more, now that none runs: the room is given back.
    again = compact(history)
    assert (again.sessions, again.room) == (1, "")
    assert history.database.free_bytes() == 0


def test_whoever_cancels_finds_the_record_as_it_was(history: History, start: SessionStart) -> None:
    record(history, record(history, start, 20), 20)
    before = chunks(history)

    class GivesUp:
        def __init__(self, after: int) -> None:
            self.left = after

        def step(self, done: float, total: float, what: str = "") -> None:
            assert 0 <= done <= total
            self.left -= 1
            if self.left < 0:
                raise CancelledError("no more")

    for after in range(3):
        with pytest.raises(CancelledError):
            compact(history, work=GivesUp(after))
        assert chunks(history) == before
    # Whoever gives up when the chunks are being replaced is too late.
    told: list[str] = []

    class TooLate:
        def step(self, done: float, total: float, what: str = "") -> None:
            told.append(what)
            if told.count("writing") > 1:
                raise CancelledError("too late")

    assert compact(history, work=TooLate()).sessions == 2
    assert len(chunks(history)) < len(before)


def test_what_cannot_be_read_stays_as_it_is(history: History, start: SessionStart) -> None:
    record(history, start, 150)
    [session] = history.sessions()
    with history.database.writing() as connection:
        chunk = tables.sample_chunk
        damaged = connection.execute(
            sa.select(chunk.c.id).order_by(chunk.c.id).offset(3).limit(1)
        ).scalar_one()
        connection.execute(chunk.update().where(chunk.c.id == damaged).values(payload=b"\x00broken"))
    result = compact(history)
    assert result.damaged == 1
    assert result.chunks_after == 3
    with pytest.raises(HistoryDamagedError):
        list(history.samples(session.id))
    assert sum(len(b) for b in history.samples(session.id, 80, 150)) > 60 * RATE_HZ


@pytest.mark.parametrize("stop", [1, 3, 9])
def test_a_reader_half_way_through_loses_nothing(
    history: History, start: SessionStart, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    monkeypatch.setattr("feedback.history.samples._CHUNKS_AT_ONCE", 7)
    record(history, start, 40)
    [session] = history.sessions()
    expected = np.concatenate([b.counts for b in history.samples(session.id)])
    reading = history.samples(session.id)
    got = [next(reading).counts for _ in range(stop)]
    assert compact(history).sessions == 1
    got += [block.counts for block in reading]
    np.testing.assert_array_equal(np.concatenate(got), expected)


def test_nothing_comes_back_of_a_client_who_went_meanwhile(history: History, start: SessionStart) -> None:
    record(history, start, 20)

    class Forgets:
        def step(self, done: float, total: float, what: str = "") -> None:
            if what == "writing":
                with history.database.writing() as connection:
                    connection.execute(tables.client.delete())

    compact(history, work=Forgets())
    assert chunks(history) == []


def test_two_who_pack_at_once_pack_once(place: Path | str, history: History, start: SessionStart) -> None:
    record(history, record(history, start, 70), 70, seed=2)
    before = everything(history)
    gate, problems = threading.Barrier(2), []

    def pack() -> None:
        with open_history(place) as other:
            gate.wait()
            try:
                compact(other)
            except HistoryError as error:
                problems.append(error)

    threads = [threading.Thread(target=pack) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert same(everything(history), before)
    assert len(chunks(history)) == 4


def test_a_session_packs_itself_when_it_ends(
    history: History, start: SessionStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "PACK_S", 60.0)
    record(history, start, 20)
    assert [n for _, n in chunks(history)] == [800, 800]
    [session] = history.sessions()
    assert session.samples == 20 * RATE_HZ
    assert pack_ended(history.database, session.id, 60.0) == 0


def test_samples_take_less_than_six_tenths_of_a_megabyte_an_hour(path: Path, start: SessionStart) -> None:
    with open_history(path) as history:
        for hour in range(6):
            record(
                history, replace(start, started_at=start.started_at + timedelta(hours=hour)), 120, seed=hour
            )
        compact(history)
        with history.database.reading() as connection:
            size = connection.exec_driver_sql(
                "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%sample_chunk%'"
            ).scalar_one()
    assert size / (6 * 120 / 3600) < 0.6e6


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
@pytest.mark.parametrize("after", [0, 2, 5])
def test_a_program_that_is_killed_while_it_packs_loses_nothing(
    path: Path, start: SessionStart, after: int
) -> None:
    with open_history(path) as history:
        for hour in range(8):
            record(
                history, replace(start, started_at=start.started_at + timedelta(hours=hour)), 15, seed=hour
            )
        before, rows = everything(history), len(chunks(history))
    script = (
        "import os, signal, sys\n"
        "from feedback.history import open_history, compaction\n"
        "compaction._BATCH_BYTES = 1\n"
        "class Dies:\n"
        "    left = int(sys.argv[2])\n"
        "    def step(self, done, total, what=''):\n"
        "        self.left -= what == 'writing'\n"
        "        if self.left < 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "compaction.compact(open_history(sys.argv[1]), work=Dies())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(after)], cwd=Path(__file__).parents[2], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert sorted(p.name for p in path.parent.iterdir() if p.is_file()) <= [
        path.name,
        f"{path.name}-shm",
        f"{path.name}-wal",
    ]
    with open_history(path) as history:
        assert same(everything(history), before)
        assert (len(chunks(history)) < rows) == (after > 0)
        compact(history)
        assert same(everything(history), before)
        assert history.check() == []


def test_the_command_tells_what_it_did(tmp_path: Path, start: SessionStart) -> None:
    from tui.cli import goodpain

    with open_history(tmp_path / "history.db") as history:
        record(history, start, 20)
    runner = CliRunner()
    told = runner.invoke(goodpain, ["compact", "--data", str(tmp_path)])
    assert told.exit_code == 0
    assert told.stdout.startswith("Packed 1 session (1600 samples).\n")
    assert (
        runner.invoke(goodpain, ["compact", "--data", str(tmp_path)]).stdout
        == "Everything is packed already.\n"
    )


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.integers(0, 200)), min_size=1, max_size=12))
def test_whatever_was_recorded_comes_back(parts: list[tuple[int, bool, int]]) -> None:
    """Runs of samples with gaps of up to 200 s, losses and calibrations between them."""
    import tempfile

    from tests.history.conftest import STARTED_AT

    with tempfile.TemporaryDirectory() as folder, open_history(Path(folder) / "record.db") as history:
        journal = history.begin_session(SessionStart("A17", STARTED_AT, T0_S, "thumb", 2.0))
        at_s, rng = T0_S, np.random.default_rng(len(parts))
        for number, (n, calibrates, gap_s) in enumerate(parts):
            if calibrates:
                journal.calibration(replace(CALIBRATION, zero_counts=float(number)), at_s)
            time_s = at_s + np.arange(n) / RATE_HZ
            counts = rng.integers(-(2**23), 2**23, n)
            block = ForceBlock.of(time_s, np.zeros(n), counts, 0, np.arange(n) * 12_500)
            journal.samples(replace(block, lost=gap_s % 3))
            at_s = float(time_s[-1]) + gap_s + 0.01
        journal.end(at_s, {})
        before = everything(history)
        compact(history)
        assert same(everything(history), before)


def test_packing_at_the_end_of_a_long_session_does_not_load_all_of_it(
    history: History, start: SessionStart
) -> None:
    record(history, start, 2.0)
    (only,) = history.sessions()
    with history.database.writing() as connection:
        rows = connection.execute(sa.select(tables.sample_chunk)).mappings().fetchall()
        last = dict(rows[-1])
        del last["id"]
        far = [
            {
                **last,
                "seq": last["seq"] + i,
                "t0_us": last["t0_us"] + 500_000 * i,
                "t1_us": last["t1_us"] + 500_000 * i,
            }
            for i in range(1, 20_001)
        ]
        connection.execute(tables.sample_chunk.insert(), far)
    tracemalloc.start()
    try:
        pack_ended(history.database, only.id, 0.001)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 << 20, most


def test_a_session_is_packed_whole_however_many_pages_its_chunks_take(
    history: History, start: SessionStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(history, start, 20.0)
    whole = everything(history)
    monkeypatch.setattr(compaction, "_HEADS_AT_ONCE", 3)
    result = compact(history)
    assert result.chunks_before > 3 * result.chunks_after
    for before, after in zip(whole, everything(history), strict=True):
        for one, other in zip(before, after, strict=True):
            assert np.array_equal(one, other)
