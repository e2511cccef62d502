"""`goodpain export` and `goodpain import`, as they are typed."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from feedback.history import SessionStart, open_history
from feedback.points import Point
from feedback.signal import Calibration, ForceBlock
from tests.bench.bench_export import fill
from tests.history.conftest import STARTED_AT
from tests.terminal import GOODPAIN, run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a small record."""
    (tmp_path / "data").mkdir()
    with open_history(tmp_path / "data" / "history.db") as history:
        for code in ("A17", "B2"):
            journal = history.begin_session(SessionStart(code, STARTED_AT, 0.0, "thumb", 2.0))
            journal.calibration(Calibration(0.0, 500.0, "test"), 0.0)
            journal.point(history.point(code, Point("soleus", "left", "1")).id, 0.0)
            journal.samples(ForceBlock.of([0.0, 0.0125], [0.0, 0.002], [0, 1], 0, [1, 12_501]))
            journal.note("=1+1, he says", 0.01)
            journal.end(1.0, {"rate_hz": 80.0})
    return tmp_path / "data"


@pytest.fixture(scope="module")
def long_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a record of two hours: its samples take most of a second."""
    folder = tmp_path_factory.mktemp("long")
    with open_history(folder / "history.db") as history:
        fill(history, 2)
    return folder


def tables(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*.csv")}


def test_what_is_exported_is_imported_by_another_computer(data: Path, tmp_path: Path) -> None:
    code, out, err = run("export", "--csv", tmp_path / "out", "--data", data)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == str(tmp_path / "out" / "datapackage.json")
    code, out, err = run("import", tmp_path / "out", "--data", tmp_path / "other")
    assert (code, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["2", "clients"],
        ["2", "points"],
        ["2", "sessions"],
        ["2", "calibrations"],
        ["2", "point", "changes"],
        ["4", "samples"],
        ["2", "events"],
        ["These", "are", "new."],
    ]
    run("export", "--csv", tmp_path / "again", "--data", tmp_path / "other")
    assert tables(tmp_path / "again") == tables(tmp_path / "out")
    code, out, _ = run("import", tmp_path / "out", "--data", data)
    assert (code, out) == (0, "Nothing was new; 16 rows were in the record already.\n")


def test_one_client_alone_can_be_handed_over(data: Path, tmp_path: Path) -> None:
    run("export", "--csv", tmp_path / "out", "--client", "B2", "--data", data)
    assert not any("A17" in text for text in tables(tmp_path / "out").values())
    code, _, err = run("export", "--csv", tmp_path / "none", "--client", "B3", "--data", data)
    assert (code, (tmp_path / "none").exists()) == (1, False)
    assert "did you mean B2?" in err


def test_an_import_that_is_refused_makes_no_record(data: Path, tmp_path: Path) -> None:
    run("export", "--csv", tmp_path / "out", "--data", data)
    samples = tmp_path / "out" / "samples.csv"
    samples.write_bytes(samples.read_bytes()[:-1])
    code, out, err = run("import", tmp_path / "out", "--data", tmp_path / "other")
    assert (code, out) == (1, "")
    assert "samples.csv" in err
    assert "is cut off" in err
    assert "Traceback" not in err
    assert list((tmp_path / "other").iterdir()) == []


def test_ctrl_c_gives_an_export_up_and_nothing_of_it_is_left(long_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [str(GOODPAIN), "--data", str(long_data), "export", "--csv", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        deadline_s = time.monotonic() + 30
        while not list(out.glob(".*/samples.csv")) and time.monotonic() < deadline_s:
            time.sleep(0.002)
        program.send_signal(signal.SIGINT)
        told, err = program.communicate(timeout=30)
    assert (program.returncode, told) == (130, "")
    assert err == "goodpain: exporting was cancelled: everything is as it was before\n"
    assert not out.exists()


def test_what_a_killed_export_left_is_no_export_and_the_next_one_removes_it(
    long_data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [str(GOODPAIN), "--data", str(long_data), "export", "--csv", str(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as program:
        deadline_s = time.monotonic() + 30
        while not list(out.glob(".*/samples.csv")) and time.monotonic() < deadline_s:
            time.sleep(0.002)
        program.kill()
    assert [path.name.startswith(".goodpain-export-") for path in out.iterdir()] == [True]
    code, _, err = run("import", out, "--data", tmp_path / "other")
    assert code == 1
    assert "one that was not finished" in err
    assert run("export", "--csv", out, "--data", long_data)[0] == 0
    assert not list(out.glob(".*"))


def test_several_formats_are_written_at_once_each_to_a_folder_of_its_own(data: Path, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("csv", "fhir", "bids", "edf")}
    options = [word for name, folder in folders.items() for word in (f"--{name}", folder)]
    code, out, err = run("export", *options, "--client", "A17", "--data", data)
    assert (code, err) == (0, "")
    assert (folders["fhir"] / "Patient.ndjson").read_text().count("\n") == 1
    assert (folders["bids"] / "sub-A17").is_dir()
    assert [path.name for path in folders["edf"].iterdir()] == [f"A17_{STARTED_AT:%Y%m%dT%H%M%S}.edf"]
    assert out.splitlines()[-2:] == [str(folders["bids"]), str(folders["edf"])]


def test_a_data_set_is_not_mixed_with_other_files(data: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    for option in ("--bids", "--edf"):
        code, out, err = run("export", option, tmp_path / "mine", "--data", data)
        assert (code, out) == (1, "")
        assert err == f"goodpain: {tmp_path / 'mine'} is not empty: choose a new folder for this export\n"
