import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from feedback.band import Band
from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.comfort import Report, ReportKind
from feedback.history import (
    BandInForce,
    History,
    HistoryError,
    HistoryFullError,
    Posterior,
    SessionJournal,
    SessionStart,
    UnwrittenError,
    open_history,
    tables,
)
from feedback.history.store import History as StoredHistory
from feedback.journal import Journal
from feedback.press import Press
from feedback.signal import Calibration, ForceBlock, Quality

from .conftest import CALIBRATION, POINT, STARTED_AT, T0_S

ROOT = Path(__file__).parents[2]
PRESS = Press(
    T0_S + 1, T0_S + 5, 31.5, 157.5, T0_S + 2, T0_S + 4, 150.25, 80.5, 2.5, 3.25, 120.75, 1, 1, "release"
)


def stored(history: History, session_id: object, **window: float) -> ForceBlock:
    blocks = list(history.samples(session_id, **window))  # type: ignore[arg-type]
    return ForceBlock(
        *(
            np.concatenate([getattr(b, name) for b in blocks])
            for name in ("time_s", "force_n", "counts", "quality", "t_us")
        )
    )


def until(what: Callable[[], object]) -> None:
    """Wait for the writer thread; pytest's own time limit ends a wait in vain."""
    while not what():
        time.sleep(0.01)


@pytest.fixture
def full_disk(history: StoredHistory, path: Path) -> Iterator[Callable[[bool], None]]:
    """Lets SQLite itself say that the disk is full: the file may not take another page."""
    engine = history._database.engine
    limits = {"pages": 1 << 30}

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limits['pages']}").fetchall()

    event.listen(engine, "checkout", limit)

    def fill(full: bool) -> None:
        limits["pages"] = 1 if full else 1 << 30

    yield fill
    fill(False)


def test_a_session_comes_back_as_it_was(
    history: History, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    point = history.point("A17", POINT)
    journal: Journal = history.begin_session(start)
    press_id = uuid4()
    band = Band(100, 200, (90, 110), (180, 220), "learned", "from 2 marks")
    journal.calibration(CALIBRATION, T0_S)
    journal.point(point.id, T0_S)
    journal.band(band, 400.0, T0_S)
    blocks = force_blocks(np.random.default_rng(2).normal(20, 5, 1000))
    for block in blocks:
        journal.samples(block)
    rating_id = journal.report(Report(ReportKind.RATING, T0_S + 2, 6), np.float32(151.5), press_id, 0)
    good_id = journal.report(Report(ReportKind.GOOD, T0_S + 3, source="client"), None, None, 1)
    journal.correct(rating_id, T0_S + 3.5)
    journal.press(press_id, PRESS)
    journal.note("rolled over", T0_S + 6)
    journal.event("tared", T0_S + 7, "by hand")
    journal.end(
        T0_S + 12.5, {"checksum_errors": 2, "reconnects": 0, "rate_hz": 80.1, "clock_skew_ppm": None, "x": 1}
    )

    [session] = history.sessions("A17")
    assert session == history.session(session.id)
    assert (session.started_at, session.ended_how, session.duration_s) == (STARTED_AT, "ended", 12.5)
    assert (session.samples, session.lost, session.checksum_errors, session.reconnects) == (1000, 0, 2, 0)
    assert (session.rate_hz, session.clock_skew_ppm) == (80.1, None)
    assert session.points == {point.id: POINT}
    [kept] = session.presses
    assert (kept.id, kept.point_id) == (press_id, point.id)
    assert (kept.lower_kpa, kept.upper_kpa, kept.ceiling_kpa) == (100, 200, 400)
    assert kept.press == Press(1, 5, 31.5, 157.5, 2, 4, 150.25, 80.5, 2.5, 3.25, 120.75, 1, 1, "release")
    rating, good = session.reports
    assert (rating.id, rating.rating, rating.pressure_kpa, rating.press_id) == (rating_id, 6, 151.5, press_id)
    assert (rating.undone, rating.undone_time_s, good.undone) == (True, 3.5, False)
    assert (good.id, good.kind, good.source, good.quality) == (good_id, ReportKind.GOOD, "client", 1)
    assert [(n.text, n.time_s) for n in session.notes] == [("rolled over", 6)]
    assert [(e.kind, e.text, e.time_s) for e in session.events] == [("tared", "by hand", 7)]
    assert history.band(point.id, "thumb", 2.0) == (band, 400)
    [summary] = history.points("A17")
    assert (summary.presses, summary.sessions, summary.band) == (1, 1, band)

    back = stored(history, session.id)
    np.testing.assert_array_equal(back.counts, np.concatenate([b.counts for b in blocks]))
    np.testing.assert_array_equal(back.t_us, np.concatenate([b.t_us for b in blocks]))
    np.testing.assert_array_equal(back.force_n, np.concatenate([b.force_n for b in blocks]))
    np.testing.assert_allclose(back.time_s + T0_S, np.concatenate([b.time_s for b in blocks]), atol=1e-6)
    window = stored(history, session.id, start_s=3.0, end_s=4.0)
    np.testing.assert_array_equal(window.counts, back.counts[(back.time_s >= 3) & (back.time_s <= 4)])


def test_no_chunk_of_a_running_session_is_longer_than_half_a_second(
    history: History, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    journal = history.begin_session(start)
    [block] = force_blocks(np.zeros(80 * 60), size=80 * 60)
    journal.samples(block)
    until(lambda: sum(len(b) for b in history.samples(journal.id)) == 80 * 60)
    chunk = tables.sample_chunk.c
    with history.database.reading() as connection:
        longest = connection.execute(sa.select(sa.func.max(chunk.t1_us - chunk.t0_us))).scalar_one()
    assert 0 < longest <= 500_000
    journal.end(T0_S + 60, {})


def test_losses_stay_before_the_sample_that_they_precede(history: History, start: SessionStart) -> None:
    journal = history.begin_session(start)
    for first, lost in ((0, 0), (4, 3), (8, 0), (12, 1)):
        times = T0_S + (first + np.arange(4)) / 80
        journal.samples(
            ForceBlock.of(times, np.full(4, np.nan), quality=int(Quality.UNCALIBRATED), lost=lost)
        )
    journal.samples(ForceBlock.of([], [], lost=5))
    journal.samples(ForceBlock.of([T0_S + 1], [np.nan], quality=int(Quality.UNCALIBRATED), lost=2))
    journal.samples(ForceBlock.of([], [], lost=4))
    journal.end(T0_S + 1, {})
    before = {round(b.time_s[0] * 80): b.lost for b in history.samples(journal.id) if b.lost}
    assert before == {4: 3, 12: 1, 80: 7}
    assert history.session(journal.id).lost == 3 + 1 + 7 + 4


def test_each_force_is_of_the_calibration_that_was_in_force(history: History, start: SessionStart) -> None:
    journal = history.begin_session(start)
    counts = np.arange(1, 5) * 100

    def take(first: int, calibration: Calibration | None) -> None:
        journal.calibration(calibration, T0_S + first)
        # Said again, as a sensor does every few seconds.
        journal.calibration(calibration, T0_S + first)
        quality = 0 if calibration else int(Quality.UNCALIBRATED)
        journal.samples(ForceBlock.of(T0_S + first + np.arange(4) / 80, counts / 100, counts, quality))

    take(0, None)
    take(1, Calibration(0, 100, "file"))
    take(2, Calibration(100, 10, "sensor", tared_under_load=True))
    take(3, None)
    journal.end(T0_S + 4, {})
    back = stored(history, journal.id)
    np.testing.assert_array_equal(
        back.force_n, np.array([*[np.nan] * 4, 1, 2, 3, 4, 0, 10, 20, 30, *[np.nan] * 4], np.float32)
    )
    assert [c.source for c in history.session(journal.id).calibrations] == ["file", "sensor"]
    assert [c.tared_under_load for c in history.session(journal.id).calibrations] == [False, True]


def test_a_curved_calibration_is_kept_with_its_knots(history: History, start: SessionStart) -> None:
    curve = Calibration(10, 40, "fsr.toml", curve=((0.0, 0.0), (300.0, 2.5), (400.0, 10.0)))
    journal = history.begin_session(start)
    journal.calibration(curve, T0_S)
    journal.samples(ForceBlock.of(T0_S + np.arange(4) / 80, [0, 2.5, 10, 10], [10, 310, 410, 900]))
    journal.end(T0_S + 1, {})
    np.testing.assert_array_equal(stored(history, journal.id).force_n, np.float32([0, 2.5, 10, 10]))
    assert history.session(journal.id).calibrations[0].curve == curve.curve


def test_forces_without_their_calibration_are_told(history: History, start: SessionStart) -> None:
    journal = history.begin_session(start)
    journal.samples(ForceBlock.of([T0_S], [1.0], [100]))
    journal.end(T0_S + 1, {})
    assert [e.kind for e in history.session(journal.id).events] == ["no calibration"]
    assert stored(history, journal.id).quality.tolist() == [Quality.UNCALIBRATED]


def test_samples_are_on_disk_while_the_session_runs(
    history: History, place: Path | str, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    journal = history.begin_session(start)
    for block in force_blocks(np.zeros(80)):
        journal.samples(block)
    with open_history(place) as other:
        until(lambda: sum(len(b) for b in other.samples(journal.id)) == 80)
        [session] = other.sessions()
        assert (session.ended_at, session.samples) == (None, 80)
    journal.end(T0_S + 1, {})


def test_a_caller_never_waits_for_a_locked_database(
    history: History, path: Path, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    journal = history.begin_session(start)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    blocks = force_blocks(np.zeros(8000))
    for block in blocks:
        journal.samples(block)
    journal.report(Report(ReportKind.STOP, T0_S + 1), None, None, 0)
    # Nothing can have been written yet, and all calls have returned.
    assert other.execute("SELECT count(*) FROM sample_chunk").fetchone() == (0,)
    other.execute("COMMIT")
    other.close()
    journal.end(T0_S + 100, {})
    assert len(stored(history, journal.id)) == 8000


def test_nothing_is_dropped_while_the_disk_is_full(
    history: History,
    start: SessionStart,
    full_disk: Callable[[bool], None],
    force_blocks: Callable[..., list[ForceBlock]],
) -> None:
    journal = history.begin_session(start)
    blocks = force_blocks(np.random.default_rng(3).normal(20, 5, 16_000))
    for block in blocks[:100]:
        journal.samples(block)
    full_disk(True)
    for block in blocks[100:1500]:
        journal.samples(block)
    until(lambda: journal.problem)
    assert "no space is left" in journal.problem
    assert "wait in memory" in journal.problem
    with pytest.raises(HistoryFullError, match="free some"):
        history.client("somebody new" * 3, "x" * 20_000)
    full_disk(False)
    for block in blocks[1500:]:
        journal.samples(block)
    until(lambda: not journal.problem)
    journal.end(T0_S + 200, {})
    np.testing.assert_array_equal(
        stored(history, journal.id).counts, np.concatenate([b.counts for b in blocks])
    )


def test_what_cannot_be_written_at_the_end_is_rescued_and_taken_in_later(
    history: History,
    path: Path,
    start: SessionStart,
    full_disk: Callable[[bool], None],
    force_blocks: Callable[..., list[ForceBlock]],
) -> None:
    point = history.point("A17", POINT)
    journal = history.begin_session(start)
    journal.point(point.id, T0_S)
    journal.calibration(CALIBRATION, T0_S)
    blocks = force_blocks(np.random.default_rng(4).normal(20, 5, 8000))
    for block in blocks[:200]:
        journal.samples(block)
    full_disk(True)
    for block in blocks[200:]:
        journal.samples(block)
    journal.band(Band(100, 200), 400, T0_S + 99)
    press_id = uuid4()
    journal.phase(PhaseRecord("release", PhaseKind.HOLD, 1, T0_S + 2, T0_S + 4, "let go", press_id, 150.0))
    journal.threshold(
        ThresholdResult("threshold", T0_S, T0_S + 9, (200.0,), (None,), (True,), 200.0, None, at_least=True)
    )
    journal.press(press_id, PRESS)
    journal._put(lambda rows: rows.end(T0_S + 100, {"rate_hz": 80.0}))
    with pytest.raises(UnwrittenError, match="of this session are not in the record, they are in") as raised:
        journal.close(timeout=0.3)
    journal.close()  # a second time there is nothing to tell
    rescue = raised.value.rescue_file
    assert rescue is not None
    assert str(rescue) in str(raised.value)
    assert stat.S_IMODE(rescue.stat().st_mode) == 0o600
    assert raised.value.unwritten_s > 0
    full_disk(False)
    history.close()

    with open_history(path) as again:
        [recovered] = again.recover()
        assert recovered.rescued > 0
        session = again.session(journal.id)
        assert (session.ended_how, session.duration_s, session.samples) == ("ended", 100, 8000)
        assert (len(session.presses), session.rate_hz) == (1, 80.0)
        assert [stored.phase.press_id for stored in session.phases] == [press_id]
        assert [stored.threshold.mean_kpa for stored in session.thresholds] == [200]
        np.testing.assert_array_equal(
            stored(again, journal.id).counts, np.concatenate([b.counts for b in blocks])
        )
        assert again.recover() == []
        assert again.check() == []
    assert not rescue.exists()


def test_a_file_that_may_not_grow_loses_nothing_either(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("writers.py")), "no-room", str(tmp_path)],
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    problem, count = run.stdout.splitlines()
    assert "refuses" in problem or "no space" in problem
    with open_history(tmp_path / "record.db") as history:
        [session] = history.sessions()
        assert session.samples == int(count)
        counts = stored(history, session.id).counts
        np.testing.assert_array_equal(counts, 2000 + np.arange(int(count)) % 7)


def test_an_entry_that_the_record_refuses_is_set_aside_and_the_rest_goes_in(
    history: History, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    journal = history.begin_session(start)
    [block] = force_blocks(np.zeros(80), size=80)
    journal.samples(block)
    journal.note("before", T0_S + 1)
    journal.point(uuid4(), T0_S)  # of no client at all
    journal.note("after", T0_S + 2)
    journal.samples(ForceBlock.of([float("nan")], [1.0]))
    until(lambda: journal.problem)
    with pytest.raises(UnwrittenError) as raised:
        journal.end(T0_S + 3, {})
    session = history.session(journal.id)
    assert (session.samples, session.ended_how) == (80, "ended")
    assert [note.text for note in session.notes] == ["before", "after"]
    assert raised.value.rescue_file is not None
    raised.value.rescue_file.unlink()


def test_an_entry_that_makes_no_sense_is_told_when_the_session_ends(
    history: History, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    journal = history.begin_session(start)
    [block] = force_blocks(np.zeros(80), size=80)
    journal.samples(block)
    journal.phase(PhaseRecord("release", PhaseKind.HOLD, 1, float("nan"), T0_S + 1, "let go"))
    journal.note("after", T0_S + 2)
    until(lambda: journal.problem)
    with pytest.raises(
        UnwrittenError, match="1 entry of this session made no sense and is not in the record"
    ) as raised:
        journal.end(T0_S + 3, {})
    assert (raised.value.rescue_file, raised.value.unwritten_s) == (None, 0)
    session = history.session(journal.id)
    assert (session.samples, session.ended_how, session.phases) == (80, "ended", [])
    assert [note.text for note in session.notes] == ["after"]


def test_the_newer_band_counts_also_when_the_clock_was_set_back(
    place: Path | str, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    with open_history(place) as history:
        point = history.point("A17", POINT)
        history.set_band(point.id, "thumb", 2.0, Band(100, 200), 400, Posterior(b"older", "1"))
    with open_history(place, now=lambda: datetime(2020, 1, 1, tzinfo=UTC)) as history:
        journal = history.begin_session(start)
        journal.point(point.id, T0_S)
        journal.band(Band(110, 210), 410, T0_S)
        journal.learned(b"newer", T0_S + 1)
        journal.end(T0_S + 2, {})
        assert history.band(point.id, "thumb", 2.0) == BandInForce(Band(110, 210), 410)
        posterior = history.load_posterior(point.id, "thumb", 2.0)
        assert posterior is not None
        assert posterior.data == b"newer"
        history.set_band(point.id, "thumb", 2.0, Band(120, 220), 420)
        assert history.band(point.id, "thumb", 2.0) == BandInForce(Band(120, 220), 420)
        assert history.points("A17")[0].band == Band(120, 220)
        assert history.session(journal.id).started_at == start.started_at


def test_a_closed_session_takes_nothing_more(history: History, start: SessionStart) -> None:
    journal = history.begin_session(start)
    journal.end(T0_S + 1, {})
    with pytest.raises(HistoryError, match="has been closed"):
        journal.note("late", T0_S + 2)


def test_closing_the_record_drains_its_sessions(
    history: History, place: Path | str, start: SessionStart, force_blocks: Callable[..., list[ForceBlock]]
) -> None:
    journal = history.begin_session(start)
    for block in force_blocks(np.zeros(400)):
        journal.samples(block)
    history.close()
    assert isinstance(journal, SessionJournal)
    with open_history(place) as again:
        assert len(stored(again, journal.id)) == 400
    assert not [thread for thread in threading.enumerate() if thread.name == "goodpain-journal"]
