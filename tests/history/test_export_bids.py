"""BIDS: regular recordings that say what is missing, events beside them, and the same bytes every time."""

import csv
import gzip
import json
import stat
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.history import ExportError, History, SessionStart
from feedback.history.export_bids import export_bids
from feedback.history.export_grid import GridBlock, grid_rate, gridded
from feedback.history.work import CancelledError
from feedback.signal import ForceBlock, Quality

from .conftest import CALIBRATION, T0_S
from .exported import FREE_TEXT, Blocks, GivenUp, Kept, visit
from .filled import no_file_larger_than

STEM = "sub-A17/ses-20260301T093000/beh/sub-A17_ses-20260301T093000_task-pressure"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def physio(folder: Path, stem: str = STEM) -> tuple[np.ndarray, dict[str, Any]]:
    """The recording (n, 4), n/a as NaN, and its sidecar."""
    text = gzip.decompress((folder / f"{stem}_physio.tsv.gz").read_bytes()).decode("ascii")
    rows = [
        [float("nan") if c == "n/a" else float(c) for c in line.split("\t")] for line in text.splitlines()
    ]
    return np.array(rows), json.loads((folder / f"{stem}_physio.json").read_text())


def joined(blocks: list[GridBlock]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([b.sample_s for b in blocks]), np.concatenate([b.force_n for b in blocks])


@pytest.fixture
def kept(history: History, force_blocks: Blocks) -> Kept:
    return visit(history, force_blocks)


@given(
    st.lists(st.integers(1, 60_000), min_size=1, max_size=60),
    st.lists(st.integers(1, 59), max_size=5),
    st.integers(5, 200),
)
def test_a_grid_holds_the_nearest_sample_or_none_however_blocks_are_cut(
    steps_us: list[int], cuts: list[int], rate: int
) -> None:
    times = np.cumsum(steps_us) / 1e6
    force = np.arange(len(times), dtype=np.float32)
    edges = sorted({0, *(c for c in cuts if c < len(times)), len(times)})
    parts = [ForceBlock.of(times[a:b], force[a:b]) for a, b in pairwise(edges)]
    sample_s, placed = joined(list(gridded(parts, rate)))
    at = times[0] + np.arange(len(placed)) / rate
    distance = np.abs(at[:, None] - times[None, :])
    near = distance.min(axis=1)
    there = ~np.isnan(placed)
    # Half a microsecond beside the limit may fall either way.
    assert np.all(there[near < 0.75 / rate - 1e-9])
    assert not np.any(there[near > 0.75 / rate + 1e-9])
    chosen = placed[there].astype(int)
    assert np.allclose(distance[np.flatnonzero(there), chosen], near[there], atol=1e-9)
    assert np.array_equal(sample_s[there], times[chosen])
    assert abs(at[-1] - times[-1]) <= 0.5 / rate + 1e-9


def test_a_grid_passes_over_times_that_do_not_move_on() -> None:
    blocks = [ForceBlock.of([0, 0.1, 0.1, 0.05], [1, 2, 9, 9]), ForceBlock.of([0.1, 0.2], [9, 3])]
    assert joined(list(gridded(blocks, 10)))[1].tolist() == [1, 2, 3]


def test_a_long_silence_begins_another_run_and_a_run_has_so_many_places_at_most() -> None:
    blocks = [ForceBlock.of(np.arange(10) / 10, np.ones(10)), ForceBlock.of([500, 500.1], [2, 2])]
    runs: dict[int, list[GridBlock]] = {}
    for block in gridded(blocks, 10, 4):
        runs.setdefault(block.run, []).append(block)
    told = [(run, parts[0].start_s, sum(map(len, parts))) for run, parts in runs.items()]
    assert told == [(1, 0, 4), (2, pytest.approx(0.4), 4), (3, pytest.approx(0.8), 2), (4, 500, 2)]


@pytest.mark.parametrize(
    ("measured", "places"), [(79.96, 80), (80.04, 80), (80.4, 81), (10.4, 11), (0.2, 1), (None, 1), (0.0, 1)]
)
def test_the_rate_is_a_whole_number_with_a_place_for_nearly_every_sample(
    measured: float | None, places: int
) -> None:
    assert grid_rate(measured) == places


def test_an_unknown_rate_is_found_in_the_samples(force_blocks: Blocks) -> None:
    assert grid_rate(None, force_blocks(np.zeros(50))) == 80


def test_the_recording_holds_the_samples_and_says_what_is_missing(
    history: History, kept: Kept, tmp_path: Path
) -> None:
    export_bids(history, tmp_path / "out")
    rows, sidecar = physio(tmp_path / "out")
    assert sidecar["Columns"] == ["sample_time", "force", "pressure", "quality"]
    assert (sidecar["SamplingFrequency"], sidecar["StartTime"]) == (80, 0)
    assert {sidecar[c]["Units"] for c in ("sample_time", "force", "pressure")} == {"s", "N", "kPa"}
    assert sidecar["Simulated"] is True
    blocks = list(history.samples(kept.session))
    times = np.concatenate([b.time_s for b in blocks])
    force = np.concatenate([b.force_n for b in blocks])
    there = ~np.isnan(rows[:, 0])
    assert np.allclose(rows[there, 0], times, atol=1e-6)
    assert np.allclose(rows[there, 1], force, atol=1e-4)
    assert np.allclose(rows[there, 2], force * 5, atol=1e-3)
    place = np.arange(len(rows)) / 80
    assert np.abs(rows[there, 0] - place[there]).max() < 0.5 / 80
    missing = place[~there]
    assert set(np.flatnonzero(~there)) == {*range(160, 200), 360, *range(441, 480)}
    assert missing[0] == 2.0
    assert np.flatnonzero(rows[:, 3] == Quality.SATURATED).tolist() == [401]


def test_events_are_told_as_corrected_and_gaps_among_them(
    history: History, kept: Kept, tmp_path: Path
) -> None:
    export_bids(history, tmp_path / "out")
    events = table(tmp_path / "out" / f"{STEM}_events.tsv")
    onsets = [float(row["onset"]) for row in events]
    assert onsets == sorted(onsets)
    of = {
        kind: [row for row in events if row["trial_type"] == kind]
        for kind in {r["trial_type"] for r in events}
    }
    assert [(r["rating"], r["description"]) for r in of["report"]] == [
        ("6", "6/10"),
        ("n/a", "good"),
        ("4", "4/10"),
    ]
    [press], [void] = of["press"], of["void press"]
    assert (press["onset"], press["duration"], press["pressure"]) == ("0.000000", "2.000000", "100.000")
    assert press["point"] == "soleus, left, 1"
    assert void["onset"] == "2.500000"
    gaps = [(float(r["onset"]), float(r["duration"])) for r in of["gap"]]
    assert gaps == [pytest.approx(gap) for gap in ((2.0, 0.5), (4.5, 0.0125), (5.5125, 0.4875))]
    assert len(of["saturated"]) == len(of["phase"]) == len(of["threshold"]) == len(of["band"]) == 1
    told = json.loads((tmp_path / "out" / "task-pressure_events.json").read_text())
    assert set(told) - {"TaskName", "TaskDescription"} == set(events[0])
    everything = "".join(
        p.read_text() for p in (tmp_path / "out").rglob("*") if p.suffix in (".tsv", ".json")
    )
    assert FREE_TEXT not in everything
    assert "slipped" not in everything


def test_a_data_set_describes_itself(
    history: History, kept: Kept, force_blocks: Blocks, tmp_path: Path
) -> None:
    visit(history, force_blocks, "a-17", "serial:///dev/ttyUSB0")
    visit(history, force_blocks, "Жанна\u2003x", "serial:///dev/ttyUSB0", therapist="")
    visit(history, force_blocks, "A17")
    history.client("never seen")
    out = tmp_path / "out"
    files = export_bids(history, out, app_version="1.2")
    people = table(out / "participants.tsv")
    assert [row["client_code"] for row in people] == sorted(row["client_code"] for row in people)
    labels = {row["participant_id"] for row in people}
    assert labels == {path.name for path in out.iterdir() if path.is_dir()}
    # One file system takes upper and lower case for the same.
    assert len({label.lower() for label in labels}) == 3
    assert all(label.removeprefix("sub-").isalnum() and label.isascii() for label in labels)
    sessions = table(out / "sub-A17" / "sub-A17_sessions.tsv")
    assert len({row["session_id"] for row in sessions}) == 2
    assert {row["simulated"] for row in sessions} == {"yes"}
    about = json.loads((out / "dataset_description.json").read_text())
    assert about["BIDSVersion"]
    assert about["GeneratedBy"] == [{"Name": "Goodpain", "Version": "1.2"}]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert sorted(files) == sorted(path for path in out.rglob("*") if path.is_file())


def test_the_same_record_gives_the_same_bytes(history: History, kept: Kept, tmp_path: Path) -> None:
    first, second = (export_bids(history, tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_samples_without_a_calibration_have_no_force(
    history: History, start: SessionStart, force_blocks: Blocks, tmp_path: Path
) -> None:
    journal = history.begin_session(start)
    for block in force_blocks(np.ones(80), calibrated=False):
        journal.samples(block)
    journal.calibration(CALIBRATION, T0_S + 1)
    for block in force_blocks(np.ones(80), first_s=1.0):
        journal.samples(block)
    journal.end(T0_S + 2, {})
    export_bids(history, tmp_path / "out")
    rows, _ = physio(tmp_path / "out")
    assert np.isnan(rows[:, 1]).tolist() == [True] * 80 + [False] * 80
    assert not np.isnan(rows[:, 0]).any()
    events = table(tmp_path / "out" / f"{STEM}_events.tsv")
    assert [(r["trial_type"], float(r["duration"])) for r in events] == [("no force", 1.0)]


def test_a_long_silence_makes_several_runs_with_a_start_each(
    history: History, start: SessionStart, force_blocks: Blocks, tmp_path: Path
) -> None:
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    for first_s in (1.0, 500.0, 1000.0):
        for block in force_blocks(np.full(40, 3.0), first_s=first_s):
            journal.samples(block)
    journal.end(T0_S + 1100, {})
    export_bids(history, tmp_path / "out")
    runs = [physio(tmp_path / "out", f"{STEM}_run-0{run}") for run in (1, 2, 3)]
    assert [(len(rows), sidecar["StartTime"]) for rows, sidecar in runs] == [
        (40, 1.0),
        (40, 500.0),
        (40, 1000.0),
    ]
    # A sidecar without a run would hold for all of them.
    assert not (tmp_path / "out" / f"{STEM}_physio.json").exists()


def test_a_session_without_samples_has_events_alone(
    history: History, start: SessionStart, tmp_path: Path
) -> None:
    journal = history.begin_session(start)
    journal.event("tare", T0_S + 1, "zero set")
    journal.end(T0_S + 2, {})
    files = export_bids(history, tmp_path / "out")
    assert not [path for path in files if "physio" in path.name]
    assert [row["description"] for row in table(tmp_path / "out" / f"{STEM}_events.tsv")] == ["zero set"]


def test_a_folder_with_something_in_it_is_refused(history: History, kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ExportError, match="not empty: choose a new folder"):
        export_bids(history, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    assert export_bids(history, tmp_path / "empty")


@pytest.mark.parametrize("at", [1, 2, 3])
def test_what_is_given_up_leaves_nothing(history: History, kept: Kept, tmp_path: Path, at: int) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(CancelledError):
        export_bids(history, tmp_path / "new" / "out", work=GivenUp(at))
    assert sorted(tmp_path.iterdir()) == before
    assert history.audit_entries(what="exported") == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing(history: History, kept: Kept, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with no_file_larger_than(600), pytest.raises(ExportError, match=r"cannot be written .*nothing of this"):
        export_bids(history, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="cannot be written"):
        export_bids(history, tmp_path / "file" / "out")


def test_only_the_client_asked_for_is_exported_and_that_is_noted(
    history: History, kept: Kept, force_blocks: Blocks, tmp_path: Path
) -> None:
    visit(history, force_blocks, "B2")
    export_bids(history, tmp_path / "out", "B2")
    assert {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()} == {"sub-B2"}
    entry = history.audit_entries(what="exported")[-1]
    assert (entry.entity, entry.detail) == ("client", "1 sessions as BIDS")
