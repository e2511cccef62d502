import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa

from feedback.band import Band
from feedback.care import Assessment, Factor, Plan
from feedback.comfort import Report, ReportKind
from feedback.history import (
    BadEntryError,
    BandInForce,
    History,
    HistoryError,
    Posterior,
    SessionStart,
    check_code,
    default_path,
    open_history,
    tables,
)
from feedback.points import Point
from feedback.signal import ForceBlock

from .conftest import CALIBRATION


def test_a_client_is_made_once(history: History) -> None:
    first = history.client("  A17 ", "left-handed")
    assert history.client("A17") == first
    assert (first.code, first.note) == ("A17", "left-handed")
    assert [c.code for c in history.clients()] == ["A17"]


@pytest.mark.parametrize("code", ["", "   ", "x" * 41, "a\x00b", "a\x1bb"])
def test_a_code_that_is_none_is_refused(history: History, code: str) -> None:
    with pytest.raises(BadEntryError, match="a client code has 1 to 40"):
        history.client(code)


def test_a_code_may_be_in_any_script() -> None:
    assert check_code("Ж-7 ö") == "Ж-7 ö"


def test_a_point_is_made_once_and_is_its_clients_own(history: History) -> None:
    point = Point("soleus", "left", "1")
    first = history.point("A17", point)
    assert history.point("A17", point) == first
    assert history.point("B2", point).id != first.id
    assert history.point("A17", Point("soleus", "right", "1")).id != first.id
    assert [p.point for p in history.points("A17")] == [
        Point("soleus", "left", "1"),
        Point("soleus", "right", "1"),
    ]
    assert history.points("nobody") == []


def test_the_newest_band_counts_and_each_applicator_has_its_own(history: History) -> None:
    point_id = history.point("A17", Point("soleus")).id
    assert history.band(point_id, "thumb", 2.0) == BandInForce(None, None)
    learned = Band(100, 200, (90, 110), (180, 220), "learned", "from 2 marks")
    history.set_band(point_id, "thumb", 2.0, Band(50, 60), 300)
    history.set_band(point_id, "thumb", 2.0, learned, 400)
    history.set_band(point_id, "thumb", 1.0, Band(1, 2), 10)
    history.set_band(point_id, "elbow", 2.0, Band(3, 4), 20)
    assert history.band(point_id, "thumb", 2.0) == BandInForce(learned, 400)
    assert history.band(point_id, "elbow", 2.0) == BandInForce(Band(3, 4), 20)
    history.set_band(point_id, "thumb", 2.0, None, 350)
    assert history.band(point_id, "thumb", 2.0) == BandInForce(None, 350)


def test_the_newest_band_counts_though_the_clock_stands_still(
    place: Path | str, clock: Callable[[], datetime]
) -> None:
    with open_history(place, now=clock) as history:
        point_id = history.point("A17", Point("soleus")).id
        for upper_kpa in range(101, 121):
            history.set_band(point_id, "thumb", 2.0, Band(100, upper_kpa), 400)
        assert history.band(point_id, "thumb", 2.0) == BandInForce(Band(100, 120), 400)


def test_what_a_model_learned_stays_beside_the_band(history: History) -> None:
    point_id = history.point("A17", Point("soleus")).id
    assert history.load_posterior(point_id, "thumb", 2.0) is None
    history.set_band(point_id, "thumb", 2.0, Band(100, 200), 400)
    history.save_posterior(point_id, "thumb", 2.0, Posterior(b"\x00\xff", "grid-1"))
    assert history.load_posterior(point_id, "thumb", 2.0) == Posterior(b"\x00\xff", "grid-1")
    assert history.band(point_id, "thumb", 2.0) == BandInForce(Band(100, 200), 400)
    history.set_band(point_id, "thumb", 2.0, Band(110, 210), 400)
    assert history.load_posterior(point_id, "thumb", 2.0) == Posterior(b"\x00\xff", "grid-1")


def test_a_band_of_a_point_that_is_not_there_is_refused(history: History) -> None:
    with pytest.raises(BadEntryError, match="refuses an entry"):
        history.set_band(uuid4(), "thumb", 2.0, Band(1, 2), 3)


def test_a_time_without_a_zone_is_refused(place: Path | str, start: SessionStart) -> None:
    with pytest.raises(BadEntryError, match="time zone"):
        SessionStart("A", datetime(2026, 1, 1), 0.0, "thumb", 2.0)
    with (
        open_history(place, now=lambda: datetime(2026, 1, 1)) as history,
        pytest.raises(BadEntryError, match="time zone"),
    ):
        history.client("A17")


def test_an_unknown_session_is_told(history: History) -> None:
    with pytest.raises(HistoryError, match="there is no session"):
        history.session(uuid4())
    with pytest.raises(HistoryError, match="there is no session"):
        list(history.samples(uuid4()))


def test_a_backup_is_a_whole_record_and_overwrites_nothing(history: History, path: Path) -> None:
    history.point("A17", Point("soleus"))
    copy = path.with_name("copy.db")
    history.backup(copy)
    with pytest.raises(HistoryError, match="cannot be made"):
        history.backup(copy)
    with open_history(copy) as other:
        assert [p.point for p in other.points("A17")] == [Point("soleus")]
        assert other.check() == []


def test_summaries_are_ready_for_json(history: History, start: SessionStart) -> None:
    point_id = history.point("A17", Point("soleus")).id
    history.set_band(point_id, "thumb", 2.0, Band(1, 2), 3)
    history.begin_session(start).end(start.t0_s + 1, {"rate_hz": float("nan")})
    whole = [
        [x.to_json() for x in history.clients()],
        [x.to_json() for x in history.points("A17")],
        [x.to_json() for x in history.sessions()],
    ]
    text = json.dumps(whole, allow_nan=False)
    assert '"started_at": "2026-03-01T09:30:00.000Z"' in text


def test_deleting_a_client_leaves_nothing_of_them(history: History, start: SessionStart) -> None:
    point_id = history.point("A17", Point("soleus")).id
    history.set_band(point_id, "thumb", 2.0, Band(1, 2), 3)
    history.care.set_plan("A17", Plan(3, homework=("walk",)))
    history.care.assess("A17", Assessment(factors=(Factor("sleep"),)))
    journal = history.begin_session(start)
    journal.point(point_id, start.t0_s)
    journal.band(Band(2, 3), 4, start.t0_s)
    journal.calibration(CALIBRATION, start.t0_s)
    journal.samples(ForceBlock.of(start.t0_s + np.arange(3) / 80, np.zeros(3), np.arange(3), 0))
    report_id = journal.report(Report(ReportKind.GOOD, start.t0_s), 150.0, None, 0)
    journal.correct(report_id, start.t0_s + 0.5)
    journal.note("a note", start.t0_s)
    journal.end(start.t0_s + 1, {})
    history.review.correct_report(report_id, ReportKind.TOO_MUCH)
    with history.database.writing() as connection:
        connection.execute(tables.client.delete())
    with history.database.reading() as connection:
        left = {
            table.name
            for table in tables.metadata.sorted_tables
            if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
        }
    assert left == {"audit"}
    assert history.check() == []


def test_the_record_is_kept_in_the_users_own_data_folder() -> None:
    assert default_path().name == "history.db"
    assert "goodpain" in str(default_path().parent)
