import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from feedback.band import Band
from feedback.coach.phases import PhaseKind, PhaseRecord
from feedback.comfort import Report, ReportKind
from feedback.history import History, RecoveredSession, SessionStart, open_history
from feedback.history.compaction import compact
from feedback.press import Press, PressDetector
from feedback.signal import ForceBlock

from .conftest import CALIBRATION, POINT, T0_S

ROOT = Path(__file__).parents[2]
WRITERS = Path(__file__).with_name("writers.py")
Blocks = Callable[..., list[ForceBlock]]
unix_only = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")


def run_writer(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WRITERS), *map(str, arguments)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@unix_only
def test_twenty_kills_lose_at_most_half_a_second_each(tmp_path: Path) -> None:
    rng = random.Random(20)
    writer = run_writer("many", tmp_path, 20)
    with writer:
        assert writer.stdout is not None
        children = [int(word) for word in writer.stdout.readline().split()]
        told = [tmp_path / f"{number}.count" for number in range(20)]
        while not all(file.exists() and file.stat().st_size for file in told):
            time.sleep(0.02)
        wait_s = sorted(rng.uniform(0.3, 2.5) for _ in children)
        began_s = time.monotonic()
        for child, kill_s in zip(rng.sample(children, len(children)), wait_s, strict=True):
            time.sleep(max(0.0, began_s + kill_s - time.monotonic()))
            os.kill(child, signal.SIGKILL)
        writer.communicate()
    losses_s: list[float] = []
    for number, file in enumerate(told):
        handed = int(file.read_text())
        with open_history(tmp_path / f"{number}.db") as history:
            [recovered] = history.recover()
            [session] = history.sessions()
            counts = np.concatenate([b.counts for b in history.samples(session.id)] or [np.empty(0, int)])
            assert history.check() == []
            assert session.ended_how == "recovered"
            assert session.samples == len(counts)
            np.testing.assert_array_equal(counts, 2000 + np.arange(len(counts)) % 7)
            if len(counts) > 40:
                assert [p.press.ended for p in session.presses] == ["cut off"]
            assert recovered.session_id == session.id
        losses_s.append((handed - len(counts)) / 80)
    print(f"lost: at most {max(losses_s):.3f} s, mean {np.mean(losses_s):.3f} s")
    assert max(losses_s) <= 0.5


@unix_only
def test_a_session_that_another_process_runs_is_left_alone_until_that_dies(tmp_path: Path) -> None:
    with run_writer("one", tmp_path) as writer, open_history(tmp_path / "record.db") as history:
        assert writer.stdout is not None
        session_id = UUID(writer.stdout.readline().strip())
        assert history.recover() == []
        assert history.session(session_id).ended_at is None
        writer.kill()
        writer.wait()
        [recovered] = history.recover()
        assert (recovered.session_id, recovered.presses) == (session_id, 1)
        assert history.recover() == []


@unix_only
def test_a_session_of_another_process_goes_on_while_this_one_packs_and_corrects(
    tmp_path: Path, start: SessionStart, force_blocks: Blocks, pressed: Callable[[float], np.ndarray]
) -> None:
    with open_history(tmp_path / "record.db") as history:
        journal = history.begin_session(start)
        journal.calibration(CALIBRATION, T0_S)
        for block in force_blocks(pressed(30)):
            journal.samples(block)
        press_id = uuid4()
        journal.press(press_id, Press(T0_S + 1, T0_S + 31, 30, 150, *[None] * 6, 900.0, 0, 0, "release"))
        journal.end(T0_S + 33, {})
        with run_writer("one", tmp_path) as writer:
            assert writer.stdout is not None
            session_id = UUID(writer.stdout.readline().strip())
            compact(history)
            history.review.void_press(press_id, reason="slipped")
            client = history.known_client("A17").id
            assert {v.session_id: v.running for v in history.review.visits(client)} == {
                journal.id: False,
                session_id: True,
            }
            assert sum(len(b) for b in history.samples(session_id)) == 80
            writer.kill()
        [recovered] = history.recover()
        assert recovered.session_id == session_id
        assert sum(len(b) for b in history.samples(journal.id)) == 32 * 80
        assert compact(history).sessions == 1
        assert history.check() == []


def cut_off(history: History, start: SessionStart, fill: Callable[..., None] | None = None) -> UUID:
    """A session that was written and never ended."""
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    if fill:
        fill(journal)
    journal.close()
    return journal.id


def test_a_running_session_of_this_process_is_left_alone(history: History, start: SessionStart) -> None:
    journal = history.begin_session(start)
    assert history.recover() == []
    journal.end(T0_S + 1, {})
    assert history.recover() == []
    assert history.session(journal.id).ended_how == "ended"


def test_a_session_cut_off_before_its_first_sample_is_closed_at_its_start(
    history: History, start: SessionStart
) -> None:
    session_id = cut_off(history, start)
    [recovered] = history.recover()
    assert (recovered.session_id, recovered.duration_s, recovered.presses) == (session_id, 0, 0)
    assert history.session(session_id).ended_at == start.started_at


def test_presses_that_were_not_stored_are_found_again(
    history: History,
    start: SessionStart,
    force_blocks: Blocks,
    pressed: Callable[[float], np.ndarray],
) -> None:
    point = history.point("A17", POINT)
    band = Band(100, 200)
    force = np.concatenate([pressed(4), pressed(5), pressed(6)[:-80]])
    blocks = force_blocks(force)
    detector = PressDetector(start.tip_area_cm2)
    live = [press for block in blocks for press in detector.feed(block, band)]
    assert len(live) == 2
    first_id, promised_id, third_id = uuid4(), uuid4(), uuid4()

    def fill(journal) -> None:
        journal.point(point.id, T0_S)
        journal.band(band, 400.0, T0_S)
        for block in blocks:
            journal.samples(block)
        journal.press(first_id, live[0])
        journal.report(Report(ReportKind.GOOD, live[1].end_s - 1), 150, promised_id, 0)
        journal.report(Report(ReportKind.RATING, live[1].end_s + 6, 5), 150, third_id, 0)

    session_id = cut_off(history, start, fill)
    [recovered] = history.recover()
    assert recovered.presses == 2
    session = history.session(session_id)
    assert [p.id for p in session.presses] == [first_id, promised_id, third_id]
    assert [p.press.ended for p in session.presses] == ["release", "release", "cut off"]
    assert {p.point_id for p in session.presses} == {point.id}
    assert {(p.lower_kpa, p.upper_kpa, p.ceiling_kpa) for p in session.presses} == {(100, 200, 400)}
    second, again = live[1], session.presses[1].press
    assert again.start_s + T0_S == pytest.approx(second.start_s, abs=1e-5)
    for name in ("peak_kpa", "hold_mean_kpa", "time_in_band_s", "dose_ns"):
        assert getattr(again, name) == pytest.approx(getattr(second, name), rel=1e-3)
    assert [e.kind for e in session.events] == ["recovered"]


def test_a_press_found_again_keeps_the_id_that_its_phases_know(
    history: History, start: SessionStart, force_blocks: Blocks, pressed: Callable[[float], np.ndarray]
) -> None:
    first_id, second_id = uuid4(), uuid4()

    def fill(journal) -> None:
        for block in force_blocks(np.concatenate([pressed(4), pressed(5)])):
            journal.samples(block)
        for at_s, press_id in ((2, first_id), (3.5, first_id), (8.5, second_id)):
            journal.phase(
                PhaseRecord("release", PhaseKind.HOLD, 1, T0_S + at_s, T0_S + at_s + 1, "moved on", press_id)
            )
        journal.phase(PhaseRecord("release", PhaseKind.REST, 1, T0_S + 13, T0_S + 19, "rested"))

    session_id = cut_off(history, start, fill)
    [recovered] = history.recover()
    session = history.session(session_id)
    assert [p.id for p in session.presses] == [first_id, second_id]
    assert [stored.phase.press_id for stored in session.phases] == [first_id, first_id, second_id, None]
    # The last thing that is known of the session is the rest.
    assert recovered.duration_s == 19


def test_a_press_that_was_ended_by_a_stop_is_not_found_a_second_time(
    history: History, start: SessionStart, force_blocks: Blocks, pressed: Callable[[float], np.ndarray]
) -> None:
    blocks = force_blocks(pressed(4))
    detector = PressDetector(start.tip_area_cm2)
    for block in blocks[: len(blocks) // 2]:
        detector.feed(block, None)
    stopped = detector.finish("stop")
    assert stopped is not None

    def fill(journal) -> None:
        for block in blocks:
            journal.samples(block)
        journal.press(uuid4(), stopped)

    session_id = cut_off(history, start, fill)
    assert [r.presses for r in history.recover()] == [0]
    assert [p.press.ended for p in history.session(session_id).presses] == ["stop"]


def test_a_press_belongs_to_the_point_at_which_it_began(
    history: History, start: SessionStart, force_blocks: Blocks, pressed: Callable[[float], np.ndarray]
) -> None:
    first, second = history.point("A17", POINT), history.point("A17", type(POINT)("soleus"))

    def fill(journal) -> None:
        journal.point(first.id, T0_S)
        for block in force_blocks(pressed(3)):
            journal.samples(block)
        journal.point(second.id, T0_S + 5)
        for block in force_blocks(pressed(3), first_s=5):
            journal.samples(block)

    session_id = cut_off(history, start, fill)
    history.recover()
    assert [p.point_id for p in history.session(session_id).presses] == [first.id, second.id]


def test_two_who_recover_at_once_close_each_session_once(
    history: History,
    place: Path | str,
    start: SessionStart,
    force_blocks: Blocks,
    pressed: Callable[[float], np.ndarray],
) -> None:
    def fill(journal) -> None:
        for block in force_blocks(pressed(2)):
            journal.samples(block)

    sessions = {cut_off(history, start, fill) for _ in range(6)}
    found: list[RecoveredSession] = []
    gate = threading.Barrier(3)

    def recover() -> None:
        with open_history(place) as other:
            gate.wait()
            found.extend(other.recover())

    threads = [threading.Thread(target=recover) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.extend(history.recover())
    assert sorted(r.session_id for r in found) == sorted(sessions)
    assert {len(s.presses) for s in history.sessions()} == {1}
    assert {len(s.events) for s in history.sessions()} == {1}


def test_a_damaged_chunk_does_not_keep_a_session_open(
    history: History, path: Path, start: SessionStart, force_blocks: Blocks
) -> None:
    import sqlite3

    def fill(journal) -> None:
        for block in force_blocks(np.zeros(400)):
            journal.samples(block)

    session_id = cut_off(history, start, fill)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE sample_chunk SET payload = x'00'")
    connection.close()
    assert [r.session_id for r in history.recover()] == [session_id]
    [event] = history.session(session_id).events
    assert "cannot be read" in event.text


def test_somebody_elses_rescue_file_is_left_alone(history: History, path: Path) -> None:
    stray = path.with_name(f"goodpain-rescue-{uuid4().hex}.jsonl")
    stray.write_text('{"goodpain_rescue": 1, "record": "/another.db", "session_id": "x"}\n')
    broken = path.with_name(f"goodpain-rescue-{uuid4().hex}.jsonl")
    broken.write_text("not json")
    assert history.recover() == []
    assert stray.exists()
    assert broken.exists()


def test_a_rescue_file_that_does_not_fit_is_put_aside_once(history: History, path: Path) -> None:
    session_id = uuid4()
    rescue = path.with_name(f"goodpain-rescue-{session_id.hex}.jsonl")
    event = {"id": str(uuid4()), "session_id": str(session_id), "t_us": 0, "kind": "note", "text": "x"}
    lines = [
        {"goodpain_rescue": 1, "record": str(path), "session_id": str(session_id)},
        {"table": "event", "update": False, "values": event},
    ]
    rescue.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert history.recover() == []
    assert not rescue.exists()
    assert rescue.with_name(f"{rescue.name}.refused").exists()
    assert history.recover() == []
