"""What is a whole export is taken in, all of it or nothing; whatever is not is refused and changes nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import resource
import shutil
import signal
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from feedback.comfort import Report, ReportKind
from feedback.history import (
    BadImportError,
    ExportError,
    History,
    HistoryFullError,
    SessionStart,
    export_csv,
    import_csv,
    open_history,
)
from feedback.history.export_tables import all_specs
from feedback.history.work import CancelledError
from feedback.points import Point

from .conftest import CALIBRATION, STARTED_AT, T0_S
from .histories import Values, clear, counts, csv_files, fast_folder, fill, same


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def exported() -> Iterator[Path]:
    """An export with something in every table; not to be changed."""
    with fast_folder() as folder:
        yield made_export(folder)


def made_export(folder: Path) -> Path:
    with open_history(folder / "record.db") as history:
        fill(history, Values(22, [], [], [], [STARTED_AT.replace(tzinfo=None)], ["A17", "B,2", "=C3"]))
        export_csv(history, folder / "out", app_version="1.2.3")
    with_rows = json.loads((folder / "out" / "datapackage.json").read_text())["resources"]
    assert all(one["rows"] for one in with_rows)
    return folder / "out"


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copytree(exported, tmp_path / "copy"))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A record with nothing in it, in a folder of its own."""
    (tmp_path / "empty").mkdir()
    with open_history(tmp_path / "empty" / "record.db"):
        pass
    return tmp_path / "empty" / "record.db"


def refused(record: Path, place: Path, match: str, **options: bool) -> None:
    """The import is refused so, and nothing of it stays."""
    with open_history(record) as history:
        before = counts(history)
        with pytest.raises(BadImportError, match=match):
            import_csv(history, place, **options)
        assert counts(history) == before
    assert [p.name for p in record.parent.iterdir() if p.name != "record.db.running"] == ["record.db"]


def edit(folder: Path, table: str, row: int, column: str, cell: str) -> None:
    """Change one cell, as an editor of CSV files does it."""
    path = folder / f"{table}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    rows[row][rows[0].index(column)] = cell
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def test_what_the_manifest_says_of_files_and_columns_is_so(exported: Path) -> None:
    told = json.loads((exported / "datapackage.json").read_text())
    assert told["goodpain"] == {"format": 1, "app_version": "1.2.3", "clients": ["=C3", "A17", "B,2"]}
    assert [one["path"] for one in told["resources"]] == [f"{spec.name}.csv" for spec in all_specs()]
    types = {"integer": int, "number": float}
    for one in told["resources"]:
        data = (exported / one["path"]).read_bytes()
        assert (one["bytes"], one["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
        assert len(rows) == one["rows"]
        fields = one["schema"]["fields"]
        assert list(rows[0]) == [field["name"] for field in fields]
        for field in fields:
            assert field["description"].endswith((".", "…")), field
            cells = [row[field["name"]] for row in rows]
            for cell in filter(None, cells):
                types.get(field["type"], str)(cell)
                if field["type"] == "boolean":
                    assert cell in field["trueValues"] + field["falseValues"]
                if field["type"] == "string":
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")), (one["name"], field)
            if field.get("constraints", {}).get("required"):
                assert all(cells), (one["name"], field["name"])
        for key in one["schema"].get("primaryKey", []):
            named = {row[key] for row in rows}
            assert "" not in named
            assert len(named) == len(rows)
        for key in one["schema"].get("foreignKeys", []):
            other = key["reference"]
            with (exported / f"{other['resource']}.csv").open(newline="", encoding="utf-8") as file:
                there = {row[other["fields"]] for row in csv.DictReader(file)}
            assert {row[key["fields"]] for row in rows} - {""} <= there


def test_the_same_export_taken_in_twice_adds_nothing(exported: Path, empty: Path) -> None:
    with open_history(empty) as history:
        first = import_csv(history, exported)
        before = counts(history)
        again = import_csv(history, exported)
        assert counts(history) == before
    assert again.added == {}
    assert again.there == first.added
    told = json.loads((exported / "datapackage.json").read_text())["resources"]
    derived = ("threshold_repeats", "events")
    assert {k: n for k, n in first.added.items() if k not in derived} == {
        one["name"]: one["rows"] for one in told if one["name"] not in derived
    }


@pytest.mark.parametrize("inside", ["", "A17/csv/"])
def test_a_zip_is_taken_in_like_its_folder(exported: Path, empty: Path, tmp_path: Path, inside: str) -> None:
    with zipfile.ZipFile(tmp_path / "out.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in exported.iterdir():
            archive.write(path, inside + path.name)
        archive.writestr("README.txt", "beside it")
    with open_history(empty) as history:
        import_csv(history, tmp_path / "out.zip")
        export_csv(history, tmp_path / "again")
    same(csv_files(exported), csv_files(tmp_path / "again"))
    whole = (tmp_path / "out.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "empty" / "record.db", tmp_path / "cut.zip", "neither a folder nor a whole zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        at = archive.getinfo(f"{inside}samples.csv").header_offset + 200
    (tmp_path / "bad.zip").write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    refused(tmp_path / "empty" / "record.db", tmp_path / "bad.zip", r"samples\.csv .* cannot be read")


def test_what_is_no_whole_export_is_refused(copy: Path, empty: Path, tmp_path: Path) -> None:
    refused(empty, tmp_path / "nowhere", "there is no .*nowhere")
    refused(
        empty,
        tmp_path,
        "holds no datapackage.json: it is not a Goodpain export, or one that was not finished",
    )
    (tmp_path / "text").write_text("no zip")
    refused(empty, tmp_path / "text", "neither a folder nor a whole zip")
    samples = (copy / "samples.csv").read_bytes()
    (copy / "samples.csv").write_bytes(samples[:-100])
    refused(empty, copy, r"samples\.csv .* is cut off")
    (copy / "samples.csv").write_bytes(samples.replace(b"\n", b"\r", 1))
    refused(empty, copy, r"samples\.csv .* is not as it was exported")
    (copy / "samples.csv").unlink()
    refused(empty, copy, r"lacks samples\.csv")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"goodpain": {"format": 2}}, "by a newer Goodpain .*: update Goodpain"),
        ({"goodpain": {"format": 0}}, "is not that of a Goodpain export"),
        ({"goodpain": {"format": "1"}}, "is not that of a Goodpain export"),
        ({"resources": 3}, "is not that of a Goodpain export"),
        ({"resources": []}, "lacks the table clients"),
        (None, "is not that of a Goodpain export"),
    ],
)
def test_a_manifest_of_something_else_is_refused(
    copy: Path, empty: Path, change: dict[str, object] | None, match: str
) -> None:
    told = json.loads((copy / "datapackage.json").read_text())
    text = "{" if change is None else json.dumps({**told, **change})
    (copy / "datapackage.json").write_text(text)
    refused(empty, copy, match)


@pytest.mark.parametrize(
    ("table", "column", "cell", "reason"),
    [
        ("presses", "start_s", "soon", "“soon” is not a number of seconds"),
        ("presses", "start_s", "", "it is empty"),
        ("presses", "start_s", "1e999999", "is not a number of seconds"),
        ("presses", "session_id", "17", "“17” is not an id"),
        ("presses", "session_id", str(UUID(int=3)), "is not in this export"),
        ("presses", "peak_force_n", "1,5", "“1,5” is not a number"),
        ("presses", "peak_force_n", "nan", "“nan” is not a number"),
        ("presses", "quality", "good", "“good” is not a quality flag"),
        ("presses", "lost_samples", "1_0", "“1_0” is not a whole number"),
        ("reports", "first_rating_0_10", "40000", "40000 is too large"),
        ("sessions", "started_at_utc", "yesterday", "is not a time such as"),
        ("sessions", "started_at_utc", "2026-03-01T09:30:00", "is not a time such as"),
        ("sessions", "applicator", "x" * 41, "longer than 40 characters"),
        ("clients", "client", "", "a client code has 1 to 40"),
        ("thresholds", "at_least", "maybe", "“maybe” is neither yes nor no"),
        ("bands", "posterior", "###", "“###” is not base64"),
        ("calibrations", "number", "x", "a number of its own"),
        ("samples", "counts", "", "it is empty"),
        ("samples", "counts", "3000000000", "3000000000 cannot be"),
        ("samples", "time_s", "1.2.3", "“1.2.3” is not a number of seconds"),
        ("samples", "lost_before", "-1", "-1 cannot be"),
        ("samples", "calibration", "99", "there is no calibration 99"),
        ("samples", "quality", "bit 12", "cannot be"),
        ("samples", "session_id", str(UUID(int=3)), "is not in this export"),
    ],
)
def test_a_cell_that_makes_no_sense_is_named(
    copy: Path, empty: Path, table: str, column: str, cell: str, reason: str
) -> None:
    edit(copy, table, 1, column, cell)
    refused(empty, copy, rf"^{table}\.csv, line \d+, column {column}: .*{reason}", changed=True)
    with (
        open_history(empty) as history,
        pytest.raises(BadImportError, match=rf"^{table}\.csv"),
    ):
        import_csv(history, copy)


def test_a_file_that_is_no_table_any_more_is_refused(copy: Path, empty: Path) -> None:
    whole = (copy / "events.csv").read_bytes()
    for spoilt, match in [
        (whole.replace(b"kind", b"kinder", 1), "line 1: there is no column kind"),
        (whole.replace(b"duration_s", b"text", 1), "line 1: there are two columns text"),
        (whole + b"1,2,3\r\n", r"line \d+: there are 3 cells where the header has 9"),
        (whole + b'"open', r"line \d+: is no CSV"),
        (whole + b"\xff\xfe\r\n", r"line \d+: is not UTF-8"),
        (b"", "line 1: there is no column session_id"),
    ]:
        (copy / "events.csv").write_bytes(spoilt)
        refused(empty, copy, f"events.csv, {match}", changed=True)


def test_what_somebody_changed_is_taken_in_when_asked_for(copy: Path, empty: Path, tmp_path: Path) -> None:
    """Among it samples that a spreadsheet wrote its own way."""
    edit(copy, "clients", 1, "note", "'-5 °C")
    lines = (copy / "samples.csv").read_bytes().decode().split("\r\n")
    (copy / "samples.csv").write_text(
        "\n".join(",".join(f'"{c}"' for c in next(csv.reader([x]), [])) for x in lines)
    )
    with open_history(empty) as history:
        import_csv(history, copy, changed=True)
        export_csv(history, tmp_path / "again")
        assert history.clients()[0].note != history.clients()[1].note
    before = csv_files(copy)
    after = csv_files(tmp_path / "again")
    assert after["clients.csv"] == before["clients.csv"]
    assert after["samples.csv"].decode().split("\r\n") == lines


def test_records_of_two_stations_become_one(tmp_path: Path) -> None:
    point = Point("soleus", "left", "1")
    for station in ("one", "two"):
        with open_history(tmp_path / f"{station}.db") as history:
            history.client("A17", note=station)
            journal = history.begin_session(SessionStart("A17", STARTED_AT, T0_S, "thumb", 2.0))
            journal.point(history.point("A17", point).id, T0_S)
            journal.report(Report(ReportKind.GOOD, T0_S + 1), 100.0, None, 0)
            journal.end(T0_S + 2, {})
            export_csv(history, tmp_path / station)
    with open_history(tmp_path / "one.db") as history:
        result = import_csv(history, tmp_path / "two")
        assert result.merged == ("A17",)
        assert result.there == {"clients": 1, "points": 1}
        [client] = history.clients()
        assert (client.note, client.sessions, client.points) == ("one", 2, 1)
        assert [list(s.points.values()) for s in history.sessions("A17")] == [[point], [point]]
        assert import_csv(history, tmp_path / "two").added == {}
        assert history.check() == []


def test_a_session_that_runs_is_left_out_until_it_has_ended(history: History, tmp_path: Path) -> None:
    journal = history.begin_session(SessionStart("A17", STARTED_AT, T0_S, "thumb", 2.0))
    journal.calibration(CALIBRATION, T0_S)
    journal.report(Report(ReportKind.GOOD, T0_S + 1), 100.0, None, 0)
    export_csv(history, tmp_path / "running")
    journal.end(T0_S + 2, {})
    export_csv(history, tmp_path / "ended")
    with open_history(tmp_path / "other.db") as other:
        result = import_csv(other, tmp_path / "running")
        assert other.sessions() == []
        [sentence] = result.left_out
        assert "2026-03-01 09:30 UTC had not ended" in sentence
        import_csv(other, tmp_path / "ended")
        assert [len(s.reports) for s in other.sessions()] == [1]
    with open_history(tmp_path / "asked.db") as asked:
        import_csv(asked, tmp_path / "running", unended=True)
        assert [s.ended_at for s in asked.sessions()] == [None]


class GivenUp:
    """Somebody who gives up at a step."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.steps: list[tuple[float, float, str]] = []

    def step(self, done: float, total: float, what: str = "") -> None:
        self.steps.append((done, total, what))
        self.left -= 1
        if not self.left:
            raise CancelledError("given up")


def test_an_import_that_is_given_up_was_never_begun(exported: Path, empty: Path) -> None:
    with open_history(empty) as history:
        watched = GivenUp(0)
        import_csv(history, exported, watched)
        clear(history)
        shares = [done / total for done, total, _ in watched.steps]
        assert shares == sorted(shares)
        assert shares[-1] <= 1
        before = counts(history)
        for at in (1, len(shares) // 2, len(shares) - 3, len(shares)):
            with pytest.raises(CancelledError):
                import_csv(history, exported, GivenUp(at))
            assert counts(history) == before
        files = {path.name for path in empty.parent.iterdir()}
    assert files <= {"record.db", "record.db-wal", "record.db-shm", "record.db.running"}


def test_an_export_that_is_given_up_leaves_what_was_there(
    exported: Path, empty: Path, tmp_path: Path
) -> None:
    with open_history(empty) as history:
        import_csv(history, exported)
        watched = GivenUp(0)
        export_csv(history, tmp_path / "out", None, watched)
        assert all(0 <= done <= total for done, total, _ in watched.steps)
        (tmp_path / "out" / "mine.txt").write_text("mine")
        before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        for at in (1, len(watched.steps) // 2, len(watched.steps)):
            for folder in ("out", "new/deep"):
                with pytest.raises(CancelledError):
                    export_csv(history, tmp_path / folder, None, GivenUp(at))
        assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
        assert not (tmp_path / "new").exists()


@pytest.fixture
def small_files() -> object:
    """No file may grow beyond 20 kB, as if the disk were full then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def limit(size: int = 20_000) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


def test_a_disk_that_fills_up_leaves_no_export_that_looks_whole(
    history: History, tmp_path: Path, small_files: object
) -> None:
    journal = history.begin_session(SessionStart("A17", STARTED_AT, T0_S, "thumb", 2.0))
    from feedback.signal import ForceBlock

    journal.samples(ForceBlock.of(T0_S + np.arange(400) / 80, np.zeros(400)))
    journal.end(T0_S + 5, {})
    small_files()  # type: ignore[operator]
    with pytest.raises(
        ExportError, match=r"samples\.csv cannot be written .* nothing of this export is left"
    ):
        export_csv(history, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_space_to_prepare_an_import_is_told(exported: Path, empty: Path, small_files: object) -> None:
    with open_history(empty) as history:
        before = counts(history)
        small_files(2_000)  # type: ignore[operator]
        with pytest.raises(HistoryFullError, match="no space to prepare the import"):
            import_csv(history, exported)
        small_files(10**8)  # type: ignore[operator]
        assert counts(history) == before


def test_a_real_full_disk_leaves_nothing_behind(exported: Path, empty: Path, full_disk: Path) -> None:
    with open_history(empty) as history:
        import_csv(history, exported)
        with pytest.raises(ExportError, match="No space left on device"):
            export_csv(history, full_disk / "out")
    assert list(full_disk.iterdir()) == []


@pytest.fixture
def full_disk(tmp_path: Path) -> object:
    """A file system of 64 kB; only root can have one."""
    import subprocess

    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here: a full disk was only tried by a limit on file sizes")
    yield place
    subprocess.run(["umount", str(place)], check=True, capture_output=True)


def test_an_export_shows_one_moment_while_a_session_runs(history: History, tmp_path: Path) -> None:
    """Whatever refers to something finds it, though rows are written all the time."""
    done = threading.Event()

    def press_on() -> None:
        i = 0
        while not done.is_set():
            start = SessionStart(f"C{i}", STARTED_AT, T0_S, "thumb", 2.0)
            journal = history.begin_session(start)
            journal.point(history.point(f"C{i}", Point("soleus", "left", "1")).id, T0_S)
            journal.report(Report(ReportKind.GOOD, T0_S + 1), 100.0, None, 0)
            journal.end(T0_S + 2, {})
            i += 1

    writer = threading.Thread(target=press_on)
    writer.start()
    try:
        for i in range(5):
            export_csv(history, tmp_path / str(i))
    finally:
        done.set()
        writer.join()
    for i in range(5):
        with open_history(tmp_path / f"{i}.db") as other:
            import_csv(other, tmp_path / str(i), unended=True)
