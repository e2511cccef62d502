"""The same record on a server: run with GOODPAIN_TEST_SERVER=postgresql+psycopg://user@host/empty_database."""

import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from feedback.band import Band
from feedback.care import Assessment, Factor, Finding, FindingKind, PainArea, Plan, answer
from feedback.care.shipped import checks
from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.comfort import Report, ReportKind
from feedback.history import (
    BadEntryError,
    BandInForce,
    HistoryError,
    Posterior,
    SessionStart,
    UnknownClientError,
    export_csv,
    open_history,
    tables,
    utc_now,
)
from feedback.signal import ForceBlock

from .conftest import CALIBRATION, POINT, T0_S

SERVER = os.environ.get("GOODPAIN_TEST_SERVER", "")
pytestmark = pytest.mark.skipif(not SERVER, reason="GOODPAIN_TEST_SERVER is not set")


def test_a_server_keeps_the_same_record(
    start: SessionStart,
    force_blocks: Callable[..., list[ForceBlock]],
    pressed: Callable[[float], np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with open_history(SERVER) as history:
        point = history.point("A17", POINT)
        history.set_band(point.id, "thumb", 2.0, Band(100, 200, (90, 110), (180, 220)), 400)
        history.save_posterior(point.id, "thumb", 2.0, Posterior(b"\x00\xff", "1"))
        with pytest.raises(BadEntryError):
            history.set_band(uuid4(), "thumb", 2.0, None, 1)
        blocks = force_blocks(pressed(4))
        journal = history.begin_session(start)
        journal.calibration(CALIBRATION, T0_S)
        journal.point(point.id, T0_S)
        journal.band(Band(110, 210), 390, T0_S)
        for block in blocks:
            journal.samples(block)
        report_id = journal.report(Report(ReportKind.RATING, T0_S + 3, 5), float("nan"), None, 0)
        journal.correct(report_id, T0_S + 4)
        journal.close()
        assert [r.presses for r in history.recover()] == [1]
        ended = history.begin_session(start)
        ended.end(T0_S + 1, {"rate_hz": 80.0})
        assert history.recover() == []

    with open_history(SERVER) as history:
        assert [c.sessions for c in history.clients()] == [2]
        assert history.band(point.id, "thumb", 2.0) == BandInForce(Band(110, 210), 390)
        assert history.load_posterior(point.id, "thumb", 2.0) == Posterior(b"\x00\xff", "1")
        session = history.session(journal.id)
        assert (session.started_at, session.samples) == (start.started_at, sum(map(len, blocks)))
        assert [(r.rating, r.undone, r.pressure_kpa) for r in session.reports] == [(5, True, None)]
        counts = np.concatenate([block.counts for block in history.samples(journal.id)])
        np.testing.assert_array_equal(counts, np.concatenate([block.counts for block in blocks]))
        press_id = uuid4()
        coached = history.begin_session(start)
        coached.point(point.id, T0_S)
        coached.phase(
            PhaseRecord("release", PhaseKind.HOLD, 1, T0_S, T0_S + 30, "time is up", press_id, 150.0)
        )
        coached.threshold(
            ThresholdResult("threshold", T0_S, T0_S + 9, (200.0,), (None,), (True,), 200.0, None)
        )
        coached.end(T0_S + 40, {})
        back = history.session(coached.id)
        assert [s.phase.press_id for s in back.phases] == [press_id]
        assert [s.threshold.values_kpa for s in back.thresholds] == [(200.0,)]
        care = history.care
        care.check("A17", [answer(item, True) for item in checks()], coached.id)
        assessment = Assessment(
            (PainArea("neck", "left", 7),), (Finding(FindingKind.GAIT),), (Factor("sleep"),)
        )
        care.assess("A17", assessment)
        care.set_plan("A17", Plan(homework=("walk", "stretch")), new_course=True)
        care.add_soreness("A17", 3, session_id=coached.id)
        opening = care.opening("A17", utc_now())
        assert (opening.plan.homework, opening.last_assessment) == (("walk", "stretch"), assessment)
        assert len(opening.last_check) == len(checks())
        assert [s.rating for s in care.sorenesses("A17")] == [3]
        with pytest.raises(UnknownClientError):
            history.known_client("A71")
        with open_history(SERVER, read_only=True) as reader:
            assert len(reader.sessions()) == 3
            with pytest.raises(HistoryError):
                reader.care.add_soreness("A17", 4)
        assert len(export_csv(history, tmp_path / "export")) == 17
        assert history.check() == []
        # Cascades that SQLite forgives and a server does not.
        with history._database.writing() as connection:
            connection.execute(tables.client.delete())
        assert history.sessions() == []
        assert history.care.plans("A17") == []
