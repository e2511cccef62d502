import hashlib
import math
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from feedback.history import HistoryError, open_history
from feedback.history.compaction import compact
from feedback.history.work import CancelledError
from sim.electronics import ElectronicsSettings
from sim.histories import Generated, HistorySize, generate_history

SIZE = HistorySize(clients=6, visits=40, presses=200, hours=0.5)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Generated]:
    path = tmp_path_factory.mktemp("made") / "history.db"
    return path, generate_history(path, SIZE, seed=7)


def digest(path: Path) -> str:
    """Of all rows of all tables."""
    connection = sqlite3.connect(path)
    tables = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
    ]
    found = hashlib.sha256()
    for table in tables:
        if table != "audit":
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1"):
                found.update(repr(row).encode())
    connection.close()
    return found.hexdigest()


def test_a_history_has_the_size_that_was_asked_for(made: tuple[Path, Generated]) -> None:
    path, generated = made
    assert (generated.clients, generated.visits) == (6, 40)
    assert 190 <= generated.presses <= 200
    assert generated.samples == pytest.approx(0.5 * 288_000, rel=0.03)
    with open_history(path) as history:
        clients = history.review.clients()
        # One press is void, of the client whose number ends in 0: here is none.
        assert sum(client.presses for client in clients) == generated.presses
        assert sum(client.visits for client in clients) == 40
        assert min(client.visits for client in clients) >= 1
        assert history.check() == []


def test_the_same_seed_makes_the_same_history_and_another_another(
    made: tuple[Path, Generated], tmp_path: Path
) -> None:
    small = HistorySize(2, 4, 20, 0.05)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate_history(tmp_path / name, small, seed=seed)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


def test_everything_is_marked_as_simulated(made: tuple[Path, Generated]) -> None:
    with open_history(made[0]) as history:
        for client in history.review.clients():
            assert all(visit.simulated for visit in history.review.visits(client.id))
            assert client.code.startswith("S")
            assert history.care.visits(client.code)


def test_the_figures_of_the_presses_are_those_of_their_samples(made: tuple[Path, Generated]) -> None:
    with open_history(made[0]) as history:
        client = history.review.clients()[0]
        [newest, *_] = history.review.visits(client.id)
        for row in history.review.presses(newest.session_id):
            force_n = np.concatenate([block.force_n for block in history.review.trace(row.id, 0.0)])
            assert float(force_n.max()) == pytest.approx(row.press.peak_n, rel=1e-4)
            assert history.review.press(row.id).band is not None
            assert row.reports


def test_the_samples_are_as_noisy_as_the_sensors(made: tuple[Path, Generated]) -> None:
    """At rest the noise of the converter; packed, no more room than promised."""
    with open_history(made[0]) as history:
        session = history.sessions()[0]
        counts = np.concatenate([block.counts for block in history.samples(session.id)]).astype(float)
        resting = counts[np.abs(counts - ElectronicsSettings().zero_counts) < 200]
        assert np.std(resting) == pytest.approx(ElectronicsSettings().noise_counts, rel=0.15)
    connection = sqlite3.connect(made[0])
    size, n = connection.execute("SELECT sum(length(payload)), sum(n) FROM sample_chunk").fetchone()
    connection.close()
    assert 0.3e6 < size / n * 288_000 < 0.55e6


def test_unpacked_chunks_are_those_of_a_running_session_and_can_be_packed(tmp_path: Path) -> None:
    path = tmp_path / "unpacked.db"
    generated = generate_history(path, HistorySize(1, 2, 10, 0.05), unpacked=True)
    with open_history(path) as history:
        result = compact(history)
        assert result.samples == generated.samples
        assert result.chunks_before == pytest.approx(0.05 * 7200, abs=4)
        assert result.chunks_after <= 2 + math.ceil(0.05 * 60)
        assert compact(history).sessions == 0


def test_whoever_cancels_finds_no_file(tmp_path: Path) -> None:
    class GivesUp:
        def step(self, done: float, total: float, what: str = "") -> None:
            if done > total / 2:
                raise CancelledError("no more")

    with pytest.raises(CancelledError):
        generate_history(tmp_path / "history.db", SIZE, work=GivesUp())
    with pytest.raises(CancelledError):
        generate_history(tmp_path / "new" / "folder" / "history.db", SIZE, work=GivesUp())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(HistoryError, match="exists already"):
        generate_history(tmp_path / "mine", SIZE)
    assert (tmp_path / "mine").read_text() == "mine"
    with pytest.raises(ValueError, match="a visit for each client"):
        HistorySize(10, 9, 0, 1.0)


def test_the_command_makes_a_record_that_opens(tmp_path: Path) -> None:
    from tui.cli import goodpain

    runner = CliRunner()
    out = tmp_path / "history.db"
    arguments = [
        "simulate-histories",
        "--clients",
        "2",
        "--visits",
        "3",
        "--presses",
        "12",
        "--hours",
        "0.02",
    ]
    told = runner.invoke(goodpain, [*arguments, "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert "2 simulated clients, 3 visits, 12 presses" in told.stdout
    assert "S0001" in runner.invoke(goodpain, ["history", "--data", str(tmp_path)]).stdout
    again = runner.invoke(
        goodpain, ["simulate-histories", "--clients", "2", "--visits", "1", "--out", str(tmp_path / "x")]
    )
    assert again.exit_code == 2
    assert "a visit for each client" in again.output
