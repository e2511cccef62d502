"""What the fuzzers broke around the record: words and figures that came in and that nobody could read afterwards."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click
import pytest

from feedback.drills.storing import scores_from
from feedback.history import (
    BadImportError,
    History,
    HistoryDamagedError,
    export_csv,
    import_csv,
    open_history,
)
from feedback.history.cells import CellError, reader_of
from feedback.history.export_types import Column, Kind
from feedback.history.values import check_value
from firmware_bridge.errors import PortError
from firmware_bridge.ports import open_port
from tests.fuzz.beside_targets import _scores
from tests.history.filled import treated
from tests.history.test_recover import blocks
from tests.practise.making import kept_attempt
from tui.commands.audit import _day
from tui.commands.report import visit_of
from tui.sound.player import order_of


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with open_history(folder / "record.db") as history:
        treated(history, "A1", blocks)
        history.training.add(*kept_attempt())
        export_csv(history, folder / "out", app_version="1")
    return folder / "out"


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("reports", "first_kind", "delightful"),
        ("checks", "level", "x"),
        ("findings", "kind", "x"),
        ("calibrations", "counts_per_n", "0.0"),
        ("calibrations", "zero_counts", "INF"),
        ("calibrations", "curve", "[[1]]"),
        ("calibrations", "number", "9" * 5000),
        ("drills", "kind", "x"),
        ("drills", "purpose", "x"),
        ("drills", "void", "x"),
        ("drills", "scores", "[]"),
        ("drills", "target", "[7]"),
        ("drills", "utc_offset_min", "1440"),
    ],
)
def test_an_import_takes_nothing_in_that_could_not_be_read_afterwards(
    table, column, value, exported, tmp_path
):
    path = exported / f"{table}.csv"
    whole = path.read_bytes()
    rows = list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline="")))
    rows[1][rows[0].index(column)] = value
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    path.write_bytes(out.getvalue().encode())
    try:
        with open_history(tmp_path / "record.db") as history:
            with pytest.raises(BadImportError, match=rf"^{table}\.csv, line \d+, column {column}: "):
                import_csv(history, exported, changed=True)
            assert history.clients() == []
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("report", "kind", "x"),
        ("phase", "kind", "x"),
        ("threshold", "repeats", "[{}]"),
        ("correction", "value", '{"kind": "x"}'),
        ("correction", "value", "[" * 100_000),
        ("attempt", "curve", '[["a", 1]]'),
    ],
)
def test_a_value_that_makes_no_sense_in_its_column_is_told(table, column, value):
    with pytest.raises(ValueError, match=r"no word|makes no sense"):
        check_value(table, column, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("target_kpa", "x"),
        ("target_kpa", float("inf")),
        ("windows", [[1, 2]]),
        ("scores", {"constant": [[]]}),
    ],
)
def test_scores_that_are_no_numbers_are_none(key, value):
    whole = json.loads(json.dumps(_scores()))
    scores_from(whole)
    if key == "scores":
        value = {next(iter(whole["scores"])): [[], None, None]}
    with pytest.raises(ValueError, match="no scores"):
        scores_from(whole | {key: value})


def test_a_quality_flag_of_endless_digits_is_refused():
    with pytest.raises(CellError, match="quality flag"):
        reader_of(Column("x", Kind.FLAGS, "x", kept="x"))(f"bit {'9' * 5000}")


@pytest.mark.parametrize("url", ["ble://[", "ble://]x", "replay://\0", "replay://~nobody-of-that-name/x.raw"])
def test_an_address_that_leads_nowhere_is_refused_in_a_sentence(url):
    with pytest.raises(PortError):
        open_port(url)


@pytest.mark.parametrize("numbers", [b"nan 1", b"0.5 inf", b"1e999 1"])
def test_an_order_to_the_sound_without_end_is_not_understood(numbers):
    assert order_of(b"too_little 0.5 1") is not None
    assert order_of(b"too_little " + numbers) is None


def test_a_visit_of_endless_digits_is_refused_in_a_sentence(tmp_path):
    with open_history(tmp_path / "record.db") as history:
        treated(history, "A1", blocks)
        with pytest.raises(click.UsageError, match="is no visit"):
            visit_of(history, "A1", "9" * 5000)


def test_a_day_before_all_days_of_this_time_zone_is_refused_in_a_sentence(monkeypatch):
    assert isinstance(_day("2026-03-02"), datetime)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    import time

    time.tzset()
    try:
        with pytest.raises(click.UsageError, match="is no day"):
            _day("0001-01-01")
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("client", "created_at", "x"),
        ("session", "started_at", 9e999),
        ("report", "kind", "x"),
        ("calibration", "counts_per_n", 0),
    ],
)
def test_a_record_with_a_value_of_another_kind_is_called_damaged(table, column, value, tmp_path):
    path = tmp_path / "record.db"
    with open_history(path) as history:
        treated(history, "A1", blocks)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f'UPDATE "{table}" SET "{column}" = ?', (value,))
    with open_history(path) as history, pytest.raises(HistoryDamagedError, match="goodpain recover"):
        _read(history)


def _read(history: History) -> None:
    history.clients()
    for session in history.sessions():
        list(history.samples(session.id))


def test_a_name_in_a_damaged_file_that_is_no_text_is_called_damage(tmp_path):
    path = tmp_path / "record.db"
    with open_history(path) as history:
        treated(history, "A1", blocks)
    spoilt = path.read_bytes().replace(b"CREATE TABLE", b"CREATE T\x9a\xffLE")
    path.write_bytes(spoilt)
    with pytest.raises(HistoryDamagedError, match="damaged"):
        _opened(path)


def _opened(path: Path) -> None:
    with open_history(path) as history:
        _read(history)


def test_each_damage_that_is_found_is_a_line_of_its_own(tmp_path):
    path = tmp_path / "record.db"
    with open_history(path) as history:
        for number in range(40):
            history.client(f"A{number:02}", "x" * 300)
    whole = path.read_bytes()
    at = whole.rindex(b"A39")
    page = at - at % 4096
    # The places of two cells of a page are swapped.
    head = page + 8
    spoilt = bytearray(whole)
    spoilt[head : head + 4] = whole[head + 2 : head + 4] + whole[head : head + 2]
    path.write_bytes(spoilt)
    with open_history(path) as history:
        found = history.check()
    assert found
    assert all("\n" not in one and "***" not in one for one in found)
