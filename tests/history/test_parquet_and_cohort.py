from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from feedback.history import ExportError, History, HistoryError, open_history
from feedback.history.cohort import TABLES, Asked, cohort_of, cohort_of_record
from feedback.history.export_parquet import export_parquet
from feedback.history.export_tables import export_tables
from feedback.history.export_types import Kind
from sim.histories import HistorySize, generate_history
from tests.terminal import run

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("past")
    generate_history(
        made / "history.db", HistorySize(clients=8, visits=48, presses=150, hours=1.0), until=UNTIL
    )
    return made


@pytest.fixture(scope="module")
def history(folder: Path) -> Iterator[History]:
    with open_history(folder / "history.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def files(history: History, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("parquet")
    export_parquet(history, made)
    return made


def test_every_table_of_the_export_is_a_parquet_file_with_the_same_cells(history, files):
    with export_tables(history) as tables:
        for table in tables:
            read = pq.read_table(files / f"{table.name}.parquet")
            assert read.column_names == [column.name for column in table.columns]
            rows = list(table.rows())
            assert read.num_rows == len(rows)
            for i, column in enumerate(table.columns):
                if column.kind in (Kind.WHOLE, Kind.NUMBER, Kind.TRUTH, Kind.TEXT, Kind.BYTES, Kind.TIME):
                    assert read.column(i).to_pylist() == [row[i] for row in rows], (table.name, column.name)
                if column.kind is Kind.ID:
                    assert read.column(i).to_pylist() == [row[i] and str(row[i]) for row in rows]
                if column.kind is Kind.SECONDS:
                    micros = [None if s is None else round(s * 1e6) for s in read.column(i).to_pylist()]
                    assert micros == [row[i] for row in rows]


def test_columns_say_what_they_mean_and_in_which_unit(files):
    field = pq.read_schema(files / "presses.parquet").field("peak_pressure_kpa")
    assert field.metadata[b"unit"] == b"kPa"
    assert field.metadata[b"says"]


def test_only_the_owner_reads_the_files(files):
    assert {path.stat().st_mode & 0o777 for path in files.iterdir()} == {0o600}


def test_another_engine_finds_the_same_presses(history, files):
    (count, mean) = duckdb.execute(
        "SELECT count(*), avg(peak_pressure_kpa) FROM read_parquet(?)", [str(files / "presses.parquet")]
    ).fetchone()
    peaks = [press.press.peak_kpa for session in history.sessions() for press in session.presses]
    assert count == len(peaks)
    assert mean == pytest.approx(sum(peaks) / len(peaks))


def test_the_export_of_one_client_holds_nobody_else(history, tmp_path):
    code = history.clients()[0].code
    export_parquet(history, tmp_path / "one", code)
    assert set(pq.read_table(tmp_path / "one" / "presses.parquet").column("client").to_pylist()) == {code}


def test_an_export_into_a_folder_that_cannot_be_made_leaves_nothing(history, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError, match="choose another"):
        export_parquet(history, tmp_path / "file" / "out")


def test_the_cohort_counts_what_the_record_holds(history, files):
    found = cohort_of(files, Asked(least=1, simulated=True))
    sessions = history.sessions()
    counted = [press for session in sessions for press in session.counted]
    assert (found.clients, found.sessions, found.presses) == (8, len(sessions), len(counted))
    points = {(p.muscle, p.side, p.label) for s in sessions for p in s.points.values()}
    assert {one.muscle for one in found.muscles} <= {muscle for muscle, _, _ in points}
    assert sum(plan.clients for plan in found.plans) <= 8
    holds = [press.press.sag_pct for press in counted if press.press.sag_pct is not None]
    assert sum(one.holds for one in found.therapists) == len(holds) > 0


def rounded(value):
    """Sums of floating-point numbers depend on their order in the last digit."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_the_record_itself_gives_the_figures_of_its_files(history, files):
    asked = Asked(least=1, simulated=True)
    (ours, theirs) = (
        rounded(cohort_of_record(history, asked).to_json()),
        rounded(cohort_of(files, asked).to_json()),
    )
    assert ours == theirs


def test_bands_of_one_muscle_are_the_newest_of_its_points(history, files):
    found = cohort_of(files, Asked(least=1, simulated=True))
    newest = {}
    for session in history.sessions():
        for band in session.bands:
            if band.point_id is not None:
                newest[band.point_id, session.applicator, session.tip_area_cm2] = (
                    session.points[band.point_id].muscle,
                    band.band,
                )
    by_muscle: dict[str, list[float]] = {}
    for muscle, band in newest.values():
        if band is not None:
            by_muscle.setdefault(muscle, []).append(band.lower_kpa)
    for one in found.muscles:
        assert one.points <= len(by_muscle[one.muscle])
        assert min(by_muscle[one.muscle]) <= one.lower_kpa <= max(by_muscle[one.muscle])


def test_small_groups_are_left_out_and_counted(files):
    everything, few = (cohort_of(files, Asked(least=least, simulated=True)) for least in (1, 1000))
    assert few.muscles == few.plans == few.therapists == ()
    assert few.left_out == len(everything.muscles) + len(everything.plans) + len(everything.therapists)


def test_simulated_sessions_are_never_mixed_with_others(files):
    assert cohort_of(files, Asked(least=1)).sessions == 0


@pytest.mark.parametrize("harm", ["missing", "damaged", "foreign"])
def test_files_that_are_no_export_are_a_sentence(files, tmp_path, harm):
    for name in TABLES:
        (tmp_path / f"{name}.parquet").write_bytes((files / f"{name}.parquet").read_bytes())
    path = tmp_path / "presses.parquet"
    if harm == "missing":
        path.unlink()
    elif harm == "damaged":
        path.write_bytes(path.read_bytes()[:100])
    else:
        path.write_bytes((files / "pain.parquet").read_bytes())
    with pytest.raises(HistoryError, match="write" if harm != "damaged" else "cannot be read"):
        cohort_of(tmp_path)


def test_the_command_prints_the_same_figures_as_json_and_says_that_they_are_simulated(folder, files):
    code, out, err = run("cohort", "--data", folder, "--simulated", "--least", "1", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["presses"] == cohort_of(files, Asked(simulated=True)).presses
    code, out, _ = run("cohort", "--parquet", files, "--simulated", "--least", "1", "--data", folder)
    assert code == 0
    assert "SIMULATED" in out
    assert "Therapists" in out
    assert "In no figure" not in out
    code, out, _ = run("cohort", "--parquet", files, "--data", folder)
    assert code == 0
    assert out.startswith("0 clients, 0 sessions, 0 presses.")
    assert f"In no figure here: {told['sessions']} simulated sessions (--simulated)." in out
