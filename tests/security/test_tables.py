"""Tables for a spreadsheet hold no formulas, whoever wrote what is in them."""

from __future__ import annotations

import csv
import re
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from feedback.drills.group import csv_text
from feedback.spreadsheet import guarded, unguarded
from tests.history.histories import fast_folder
from tests.practise.test_command import filled
from tests.security.hostile import free_texts, hostile_record
from tests.tui.review_past import Told, write
from tui.cli import goodpain

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'", "'='", '"=')
RUNS = re.compile("[=+@\t\r\n＝＋－＠]|-(?![0-9.]|INF$)")
"""How a cell begins that a spreadsheet runs; a number below zero is none."""


def _cells(path: Path) -> Iterator[tuple[str, str]]:
    """(where, text) of every cell as a spreadsheet takes it: it knows quotes in tables with tabs too."""
    delimiter = "\t" if path.suffix == ".tsv" else ","
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter=delimiter)
        header = next(rows)
        for row in rows:
            for n, cell in enumerate(row):
                yield f"{path.name} {header[n] if n < len(header) else n}", cell


def _texts(record: Path) -> dict[tuple[str, str], list[Any]]:
    database = sqlite3.connect(record)
    try:
        return {
            (table, column.name): sorted(
                database.execute(f'SELECT id, "{column.name}" FROM "{table}"').fetchall(), key=str
            )
            for table, column in free_texts()
            if table != "audit"
        }
    finally:
        database.close()


def _begin_all_with(record: Path, beginning: str) -> None:
    database = sqlite3.connect(record)
    with database:
        for table, column in free_texts():
            limit = getattr(column.type, "length", None) or 1000
            database.execute(
                f'UPDATE "{table}" SET "{column.name}" = substr(? || coalesce("{column.name}", \'\'), 1, ?)',
                (beginning, limit),
            )
    database.close()


def _run(data: Path, *arguments: str) -> None:
    done = CliRunner().invoke(goodpain, ["--data", str(data), *arguments])
    assert done.exit_code == 0, done.output


def _none_runs(files: list[Path], beginning: str) -> None:
    found = [(where, cell) for file in files for where, cell in _cells(file)]
    assert sum(beginning.strip('"\r\n\t ') in cell for _, cell in found) > 3
    assert [one for one in found if RUNS.match(one[1])] == []


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """A record with visits, care and practice, from elsewhere."""
    with fast_folder() as folder:
        filled(folder)
        hostile_record(folder)
        yield folder


@pytest.mark.parametrize("beginning", ["=", "-", "\r\n=", "'", '"='])
def test_text_is_marked_wherever_it_would_run_and_read_back_without_the_mark(
    kept: Path, beginning: str
) -> None:
    with fast_folder() as folder:
        data, other = folder / "data", folder / "other"
        data.mkdir()
        (data / "history.db").write_bytes((kept / "history.db").read_bytes())
        _begin_all_with(data / "history.db", f"{beginning}1+1")
        _run(data, "export", "--csv", str(folder / "out"))
        _none_runs([*(folder / "out").rglob("*.csv")], beginning)
        _run(other, "import", str(folder / "out"))
        assert _texts(other / "history.db") == _texts(data / "history.db")


@pytest.mark.parametrize("beginning", ["=", "-", "'"])
def test_what_was_practised_is_marked_too(tmp_path: Path, beginning: str) -> None:
    filled(tmp_path)
    database = sqlite3.connect(tmp_path / "history.db")
    with database:
        database.execute("UPDATE trainee SET code = ? || code", (f"{beginning}1+1",))
        database.execute("UPDATE attempt SET drill = ? || drill", (f"{beginning}1+1",))
    database.close()
    out = tmp_path / "attempts.csv", tmp_path / "group.csv"
    _run(tmp_path, "practise", "--export", str(out[0]))
    _run(tmp_path, "practise", "--group", "--export", str(out[1]))
    for path in out:
        _none_runs([path], beginning)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("beginning", ["=", "-", "\n=", '"=', ' "='])
def test_tables_with_tabs_hold_no_formulas_either(tmp_path: Path, beginning: str) -> None:
    write(tmp_path, "A17", [Told(60, note="a note")])
    _begin_all_with(tmp_path / "history.db", f"{beginning}1+1")
    _run(tmp_path, "export", "--bids", str(tmp_path / "bids"))
    _none_runs([*(tmp_path / "bids").rglob("*.tsv")], beginning.strip())


@pytest.mark.parametrize("text", [*(f"{one}1" for one in BEGINNINGS), "", "plain", "a=1"])
def test_the_mark_is_taken_away_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not RUNS.match(guarded(text))


@pytest.mark.parametrize("code", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_trainees_code_is_no_formula(code: str) -> None:
    assert csv_text(("trainee",), [(code,)]).split("\n", 1)[1].lstrip('"').startswith("'")


def test_a_number_below_zero_stays_a_number() -> None:
    assert csv_text(("bias",), [(-1.5,)]) == "bias\r\n-1.5\r\n"
