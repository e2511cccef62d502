"""Practice in the record: what is kept comes back, also when the program dies."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.drills import FeedbackMode, Purpose, Skip, Void
from feedback.history import (
    BadEntryError,
    HistoryDamagedError,
    HistoryReadOnlyError,
    UnwrittenError,
    open_history,
)
from feedback.history import tables as t
from feedback.history.locks import lock_folder
from feedback.history.training_records import AttemptEnd
from feedback.signal import Quality
from tests.practise.making import AT, T0_S, kept_attempt

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("feedback", [FeedbackMode.ALWAYS, FeedbackMode.NONE])
def test_an_attempt_comes_back_as_it_was_with_its_samples(history, feedback: FeedbackMode) -> None:
    record, kept = kept_attempt(feedback=feedback)
    history.training.add(record, kept)

    assert history.training.training("T-01").attempts == (record,)
    assert history.training.training("T-01").attempts[0].at.utcoffset() == timedelta(hours=1)
    trace = history.training.trace(record.attempt_id)
    assert trace is not None
    times, force, counts, quality, device_us = (
        np.concatenate([getattr(block, name) for block in trace.blocks])
        for name in ("time_s", "force_n", "counts", "quality", "t_us")
    )
    told = [np.concatenate([getattr(b, n) for b in kept.samples]) for n in ("time_s", "force_n", "counts")]
    assert np.abs(times - (told[0] - T0_S)).max() < 1e-6
    assert (force == told[1]).all()
    assert (counts == told[2]).all()
    assert not quality.any()
    assert (device_us == np.arange(len(times)) * 12_500).all()
    assert sum(block.lost for block in trace.blocks) == 1
    assert kept.end.go_s is not None
    assert trace.go_s == pytest.approx(kept.end.go_s - T0_S, abs=1e-6)
    assert trace.drill_text == 'title = "as it was"'
    assert record.target_kpa is not None
    at_s = trace.go_s + 6.0
    assert np.interp(at_s, trace.target_time_s, trace.target_kpa) == pytest.approx(record.target_kpa)


def test_trainees_are_made_once_and_counted(history) -> None:
    first = history.training.trainee("  T-01 ")
    assert history.training.trainee("T-01").id == first.id
    for number in range(3):
        record, kept = kept_attempt(at=AT + timedelta(minutes=number))
        history.training.add(record, kept)
    history.training.trainee("A-02")
    new, old = history.training.trainees()
    assert (new.code, new.attempts, new.last_at, new.drills) == ("A-02", 0, None, ())
    assert (old.code, old.attempts, old.void, old.drills) == ("T-01", 3, 0, ("short-hold",))
    assert old.last_at == AT + timedelta(minutes=2)
    with pytest.raises(BadEntryError):
        history.training.trainee("   ")


def test_trainees_and_clients_have_nothing_to_do_with_each_other(history) -> None:
    history.training.trainee("K-07")
    assert history.clients() == []
    history.client("K-08")
    assert [one.code for one in history.training.trainees()] == ["K-07"]


def test_nobody_knows_an_unknown_trainee(history) -> None:
    assert history.training.training("T-99").attempts == ()
    assert history.training.trainees() == []
    assert list(history.training.attempts("T-99")) == []


def test_attempts_of_many_trainees_come_in_order_and_page_by_page(history, monkeypatch) -> None:
    monkeypatch.setattr("feedback.history.training._AT_ONCE", 3)
    made = []
    record, kept = kept_attempt()

    for number in range(8):
        # Several at the very same time: a page must end between them without losing one.
        one = replace(
            record, attempt_id=uuid4(), at=AT + timedelta(seconds=number // 4), trainee=f"T-{number % 2}"
        )
        history.training.add(one, kept)
        made.append(one)
    found = list(history.training.attempts())
    assert {one.attempt_id for one in found} == {one.attempt_id for one in made}
    assert len(found) == 8
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert {one.trainee for one in history.training.attempts("T-1")} == {"T-1"}
    assert len(list(history.training.attempts("T-1"))) == 4


def test_the_same_attempt_is_kept_only_once_and_whole(history) -> None:
    record, kept = kept_attempt()
    history.training.add(record, kept)
    before = _chunks(history, record.attempt_id)
    with pytest.raises(BadEntryError):
        history.training.add(record, kept)
    assert len(history.training.training("T-01").attempts) == 1
    chunks = _chunks(history, record.attempt_id)
    assert chunks == before


def test_steps_left_out_are_kept_in_order_on_the_trainees_clock(history) -> None:
    history.training.skip(Skip("T-01", "steady-hold", Purpose.BASELINE, AT))
    # The clock of the computer was set back meanwhile.
    history.training.skip(Skip("T-01", "steady-hold", Purpose.PRACTICE, AT - timedelta(hours=2)))
    found = history.training.training("T-01").skips
    assert [skip.purpose for skip in found] == [Purpose.BASELINE, Purpose.PRACTICE]
    assert found[0].at == AT
    assert found[0].at.utcoffset() == timedelta(hours=1)


def test_a_void_attempt_keeps_its_reason_and_has_no_scores(history) -> None:

    record, kept = kept_attempt()
    void = replace(record, void=Void.SIGNAL, scores=None)
    history.training.add(void, kept)
    (found,) = history.training.training("T-01").attempts
    assert found == void
    assert not found.counts
    assert history.training.trainees()[0].void == 1


def test_every_reason_for_void_can_be_kept_and_has_a_sentence(history) -> None:

    record, kept = kept_attempt()
    for reason in Void:
        assert reason.sentence.endswith((".", "first."))
        history.training.add(replace(record, attempt_id=uuid4(), void=reason, scores=None), kept)
    assert {one.void for one in history.training.attempts()} == set(Void)


def test_a_running_attempt_is_in_no_list_until_it_ends(history) -> None:
    record, kept = kept_attempt()
    journal = history.training.begin("T-01")
    journal.begin(kept.start, AT, T0_S, kept.calibration)
    for block in kept.samples[:40]:
        journal.samples(block)
    _until(lambda: _chunks(history, journal.id) > 0)
    assert history.training.training("T-01").attempts == ()
    assert history.training.recover() == []

    journal.end(replace(record, attempt_id=journal.id), kept.end)
    journal.close()
    assert [one.attempt_id for one in history.training.training("T-01").attempts] == [journal.id]


def test_an_attempt_that_was_never_touched_leaves_nothing(history) -> None:
    journal = history.training.begin("T-01")
    journal.close()
    assert history.training.recover() == []
    with history._database.reading() as connection:
        assert connection.execute(sa.select(t.attempt)).fetchall() == []
    assert not list(lock_folder(history._database).iterdir())


def test_the_estimate_may_come_after_the_end_was_written(history) -> None:

    record, kept = kept_attempt(feedback=FeedbackMode.NONE)
    journal = history.training.begin("T-01")
    journal.begin(kept.start, AT, T0_S, kept.calibration)
    journal.end(replace(record, attempt_id=journal.id, estimate_kpa=None), kept.end)
    journal.end(replace(record, attempt_id=journal.id), kept.end)
    journal.close()
    (found,) = history.training.training("T-01").attempts
    assert found.estimate_kpa == record.estimate_kpa


def test_attempts_of_an_open_record_are_closed_with_it_as_cut_off(place: Path | str) -> None:
    _, kept = kept_attempt()
    with open_history(place) as history:
        journal = history.training.begin("T-01")
        journal.begin(kept.start, AT, T0_S, kept.calibration)
        for block in kept.samples:
            journal.samples(block)
    with open_history(place) as history:
        (found,) = history.training.recover()
        assert (found.trainee, found.drill) == ("T-01", "short-hold")
        assert found.duration_s == pytest.approx(float(kept.samples[-1].time_s[-1]) - T0_S, abs=1e-3)
        (record,) = history.training.training("T-01").attempts
        assert record.void is Void.CUT_OFF
        trace = history.training.trace(record.attempt_id)
        assert trace is not None
        assert sum(map(len, trace.blocks)) == sum(map(len, kept.samples))
        assert np.isfinite(np.concatenate([b.force_n for b in trace.blocks])).all()
        assert history.training.recover() == []
        audit = history._database.engine.connect()
        with audit:
            rows = audit.execute(sa.select(t.audit.c.what, t.audit.c.entity)).fetchall()
        assert ("recovered", "attempt") in [tuple(row) for row in rows]


KILLED = """
import sys, time
from pathlib import Path
from feedback.history import open_history
from tests.practise.making import kept_attempt, AT, T0_S
record, kept = kept_attempt()
place = sys.argv[1]
history = open_history(place if "://" in place else Path(place))
journal = history.training.begin("T-01")
journal.begin(kept.start, AT, T0_S, kept.calibration)
for block in kept.samples[:80]:
    journal.samples(block)
    time.sleep(len(block) / 640)
print("written", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs kill -9")
def test_a_killed_program_leaves_an_attempt_that_the_next_one_closes_as_void(place: Path | str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(place)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "written\n"
        time.sleep(0.4)
        program.send_signal(signal.SIGKILL)
    with open_history(place) as history:
        assert history.training.training("T-01").attempts == ()
        (found,) = history.training.recover()
        assert found.duration_s > 3.0
        (record,) = history.training.training("T-01").attempts
        assert record.void is Void.CUT_OFF
        trace = history.training.trace(record.attempt_id)
        assert trace is not None
        assert sum(map(len, trace.blocks)) == 320
        assert history.check() == []


def test_while_another_program_runs_an_attempt_nobody_closes_it(place: Path | str) -> None:
    _, kept = kept_attempt()
    with open_history(place) as one, open_history(place) as other:
        journal = one.training.begin("T-01")
        journal.begin(kept.start, AT, T0_S, kept.calibration)
        _until(lambda: _rows(other) == 1)
        assert other.training.recover() == []
        journal.close()
        assert len(other.training.recover()) == 1


def test_what_cannot_be_written_waits_and_is_rescued(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("feedback.history.driver.BUSY_TIMEOUT_S", 0.2)
    path = tmp_path / "record.db"
    record, kept = kept_attempt()
    history = open_history(path)
    journal = history.training.begin("T-01")

    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    journal.begin(kept.start, AT, T0_S, kept.calibration)
    for block in kept.samples:
        journal.samples(block)
    journal.end(replace(record, attempt_id=journal.id), kept.end)
    with pytest.raises(UnwrittenError, match="of this attempt are not in the record, they are in"):
        journal.close(0.1)
    blocker.execute("ROLLBACK")
    blocker.close()
    history.close()
    with open_history(path) as history:
        history.recover()
        assert history.training.recover() == []
        (found,) = history.training.training("T-01").attempts
        assert found == replace(record, attempt_id=journal.id)
        trace = history.training.trace(found.attempt_id)
        assert trace is not None
        assert sum(map(len, trace.blocks)) == sum(map(len, kept.samples))


def test_a_record_that_may_only_be_read_is_only_read(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    record, kept = kept_attempt()
    with open_history(path) as history:
        history.training.add(record, kept)
    with open_history(path, read_only=True) as history:
        assert history.training.training("T-01").attempts == (record,)
        assert history.training.recover() == []
        with pytest.raises(HistoryReadOnlyError):
            history.training.trainee("T-02")


@pytest.mark.parametrize(
    ("column", "value"), [("kind", "juggling"), ("void", "no idea"), ("scores", "{}"), ("scores", "not json")]
)
def test_a_row_that_makes_no_sense_is_one_sentence(history, column: str, value: str) -> None:
    record, kept = kept_attempt()
    history.training.add(record, kept)
    with history._database.writing() as connection:
        connection.execute(t.attempt.update().values({column: value}))
    with pytest.raises(HistoryDamagedError, match="makes no sense"):
        history.training.training("T-01")


def test_a_chunk_that_makes_no_sense_is_one_sentence(history) -> None:
    record, kept = kept_attempt()
    history.training.add(record, kept)
    with history._database.writing() as connection:
        connection.execute(t.attempt_chunk.update().values(payload=b"x"))
    with pytest.raises(HistoryDamagedError, match="cannot be read"):
        history.training.trace(record.attempt_id)


def test_an_attempt_without_calibration_gives_counts_and_no_forces(history) -> None:

    record, kept = kept_attempt()
    history.training.add(
        replace(record, void=Void.UNCALIBRATED, scores=None), replace(kept, calibration=None)
    )
    trace = history.training.trace(record.attempt_id)
    assert trace is not None
    for block in trace.blocks:
        assert np.isnan(block.force_n).all()
        assert (block.quality & int(Quality.UNCALIBRATED)).all()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    offset_min=st.integers(-12 * 60, 14 * 60),
    at=st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),
    looks=st.integers(0, 10_000),
    estimate=st.none() | st.floats(0, 5000),
    ease=st.floats(0.2, 5.0),
    purpose=st.sampled_from(Purpose),
)
def test_whatever_is_kept_comes_back(
    history, offset_min: int, at: datetime, looks: int, estimate: float | None, ease: float, purpose: Purpose
) -> None:

    record, kept = _shared_attempt()
    told = replace(
        record,
        attempt_id=uuid4(),
        trainee=f"T{uuid4().hex[:12]}",
        at=at.astimezone(timezone(timedelta(minutes=offset_min))),
        looks=looks,
        estimate_kpa=estimate,
        ease=ease,
        purpose=purpose,
    )
    start = replace(kept.start, ease=ease, purpose=purpose)
    end = AttemptEnd(told.at, None, T0_S, None)
    history.training.add(told, replace(kept, start=start, end=end, samples=kept.samples[:2]))
    (found,) = history.training.training(told.trainee).attempts
    assert found == told
    assert found.at.date() == told.at.date()
    assert json.dumps(found.at.isoformat()) == json.dumps(told.at.isoformat())


@cache
def _shared_attempt():
    return kept_attempt()


def _chunks(history, attempt_id) -> int:
    with history._database.reading() as connection:
        query = (
            sa.select(sa.func.count())
            .select_from(t.attempt_chunk)
            .where(t.attempt_chunk.c.attempt_id == attempt_id)
        )
        return connection.execute(query).scalar() or 0


def _rows(history) -> int:
    with history._database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(t.attempt)).scalar() or 0


def _until(condition, timeout_s: float = 15.0) -> None:
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)
