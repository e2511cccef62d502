import csv
import stat
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from feedback.band import Band
from feedback.comfort import Report, ReportKind
from feedback.history import ExportError, History, SessionStart, export_csv
from feedback.points import Point
from feedback.press import Press
from feedback.signal import ForceBlock, Quality

from .conftest import CALIBRATION, T0_S

Blocks = Callable[..., list[ForceBlock]]


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def recorded(history: History, start: SessionStart, force_blocks: Blocks) -> History:
    """One session: a second of samples, a gap of half a second, a second with a loss and a saturated sample."""
    point = history.point("A17", Point("soleus", "left", "=1+1"))
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    journal.point(point.id, T0_S)
    journal.band(Band(100, 200, (90, 110), (180, 220), "learned", "from 2 marks"), 400, T0_S)
    for block in force_blocks(np.full(80, 20.0)):
        journal.samples(block)
    journal.event("gap", T0_S + 79 / 80, "no samples for 0.513 s")
    for block in force_blocks(np.full(80, 20.0), first_s=1.5):
        journal.samples(block)
    times = T0_S + 4 + np.arange(3) / 80
    journal.samples(
        ForceBlock.of(times, [1, 1, 1], [488, 488, 488], [0, Quality.SATURATED | Quality.LATE, 4], lost=6)
    )
    press_id = uuid4()
    undone = journal.report(Report(ReportKind.RATING, T0_S + 1, 7), 150.125, press_id, 0)
    journal.report(Report(ReportKind.GOOD, T0_S + 2), None, None, int(Quality.SATURATED))
    journal.correct(undone, T0_S + 1.5)
    journal.press(
        press_id, Press(T0_S, T0_S + 3, 20, 100, None, None, None, None, 2.5, None, 60, 6, 1, "release")
    )
    journal.note("-5 kg, he says", T0_S + 2.5)
    journal.end(T0_S + 5, {"rate_hz": 80.0})
    history.begin_session(SessionStart("B2", start.started_at, 0.0, "probe", 1.0)).end(1.0, {})
    return history


def test_every_file_is_written_whole_and_for_its_owner_only(recorded: History, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "export"
    files = export_csv(recorded, folder)
    session = {
        "sessions",
        "presses",
        "reports",
        "bands",
        "calibrations",
        "samples",
        "events",
        "phases",
        "thresholds",
        "threshold_repeats",
        "clients",
        "points",
        "point_changes",
        "undone",
        "corrections",
    }
    care = {"checks", "assessments", "pain", "findings", "factors", "plans", "homework", "soreness"}
    practice = {"trainees", "drills", "drill_skips", "drill_samples"}
    assert {file.stem for file in files} == session | care | practice | {"datapackage"}
    assert sorted(folder.iterdir()) == sorted(files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_samples_show_force_pressure_quality_losses_and_gaps(recorded: History, tmp_path: Path) -> None:
    export_csv(recorded, tmp_path, "A17")
    samples = rows(tmp_path, "samples")
    assert len(samples) == 163
    first = samples[0]
    assert (first["time_s"], first["device_t_us"], first["client"]) == ("0.000000", "3000000", "A17")
    force_n = float(CALIBRATION.force_n(np.array([int(first["counts"])], np.int32))[0])
    assert float(first["force_n"]) == pytest.approx(force_n, abs=1e-3)
    assert float(first["pressure_kpa"]) == pytest.approx(force_n * 5, abs=1e-2)
    assert [s["quality"] for s in samples[-3:]] == ["", "saturated+late", "uncalibrated"]
    assert samples[-1]["force_n"] == samples[-1]["pressure_kpa"] == samples[-1]["device_t_us"] == ""
    assert {i: s["lost_before"] for i, s in enumerate(samples) if s["lost_before"] != "0"} == {160: "6"}
    gaps = {i: float(s["gap_before_s"]) for i, s in enumerate(samples) if s["gap_before_s"]}
    assert gaps == pytest.approx({80: 0.5125, 160: 1.5125}, abs=1e-5)
    assert len({s["point_id"] for s in samples}) == 1


def test_gaps_stand_among_the_events_once_each(recorded: History, tmp_path: Path) -> None:
    export_csv(recorded, tmp_path)
    gaps = [row for row in rows(tmp_path, "events") if row["kind"] == "gap"]
    assert [(float(row["time_s"]), float(row["duration_s"])) for row in gaps] == [
        pytest.approx((79 / 80, 0.5125), abs=1e-3),
        pytest.approx((1.5 + 79 / 80, 1.5125), abs=1e-3),
    ]


def test_a_gap_is_found_without_a_known_rate(
    history: History, start: SessionStart, force_blocks: Blocks, tmp_path: Path
) -> None:
    journal = history.begin_session(start)
    for block in force_blocks(np.zeros(40)) + force_blocks(np.zeros(40), first_s=2):
        journal.samples(block)
    journal.end(T0_S + 3, {})
    export_csv(history, tmp_path)
    assert [row["gap_before_s"] for row in rows(tmp_path, "samples") if row["gap_before_s"]] == ["1.512500"]


def test_a_report_that_was_taken_back_is_marked_not_dropped(recorded: History, tmp_path: Path) -> None:
    export_csv(recorded, tmp_path)
    rating, good = rows(tmp_path, "reports")
    assert (rating["kind"], rating["rating_0_10"], rating["undone"], rating["undone_time_s"]) == (
        "rating",
        "7",
        "yes",
        "1.500000",
    )
    assert (good["undone"], good["quality"], good["pressure_kpa"]) == ("no", "saturated", "")
    assert good["at_utc"] == "2026-03-01T09:30:02.000000Z"
    sessions = {row["client"]: row for row in rows(tmp_path, "sessions")}
    assert (sessions["A17"]["reports"], sessions["A17"]["lost_samples"]) == ("1", "6")
    [press] = rows(tmp_path, "presses")
    assert press["press_id"] == rating["press_id"]
    assert (press["peak_pressure_kpa"], press["hold_start_s"], press["band_upper_kpa"]) == (
        "100.0",
        "",
        "200.0",
    )


def test_only_the_client_asked_for_is_exported_and_that_is_noted(
    recorded: History, tmp_path: Path, path: Path
) -> None:
    import sqlite3

    export_csv(recorded, tmp_path / "one", "B2")
    assert {row["client"] for row in rows(tmp_path / "one", "sessions")} == {"B2"}
    assert rows(tmp_path / "one", "samples") == []
    with sqlite3.connect(path) as connection:
        audit = connection.execute("SELECT what, entity, entity_id, detail FROM audit").fetchall()
    connection.close()
    assert audit == [("exported", "client", str(recorded.known_client("B2").id), "1 sessions as CSV")]


def test_text_that_a_spreadsheet_would_run_is_defused(recorded: History, tmp_path: Path) -> None:
    export_csv(recorded, tmp_path)
    assert {row["label"] for row in rows(tmp_path, "presses")} == {"'=1+1"}
    assert [row["text"] for row in rows(tmp_path, "events") if row["kind"] == "note"] == ["'-5 kg, he says"]


def test_a_folder_that_cannot_be_written_is_told(recorded: History, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="choose another place"):
        export_csv(recorded, tmp_path / "file" / "export")
    (tmp_path / "taken" / "sessions.csv").mkdir(parents=True)
    with pytest.raises(ExportError, match=r"sessions\.csv cannot be written"):
        export_csv(recorded, tmp_path / "taken")
    assert [f.name for f in (tmp_path / "taken").iterdir()] == ["sessions.csv"]
