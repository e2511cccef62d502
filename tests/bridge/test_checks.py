"""The daily check: one known load against what the calibration states."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedback.signal import Calibration
from firmware_bridge.checks import judge, log, log_path
from firmware_bridge.errors import CalibrationError
from firmware_bridge.fitting import LoadPoint
from firmware_bridge.loads import parse_load
from firmware_bridge.uncertainty import Uncertainty

CELL = Calibration(5000.0, 20000.0, "A1.toml")
STATED = Uncertainty((0.0, 20.0, 40.0), (0.05, 0.15, 0.30), 3.0)


def points(zero: float, loaded: float) -> list[LoadPoint]:
    return [LoadPoint(0.0, zero), LoadPoint(20.0, loaded)]


def test_a_reading_within_what_is_stated_is_good() -> None:
    found = judge(points(5100, 405100 + 2000), parse_load("20N"), CELL, STATED, 0.5)
    assert found.read_n == pytest.approx(20.1)
    assert found.passed
    assert found.verdict.startswith("Good")
    # The root of the squares of 0.15 N and of 0.5 % of 20 N taken as rectangular, twice.
    assert found.allowed_n == pytest.approx((0.15**2 + (2 * 0.1 / 3**0.5) ** 2) ** 0.5)
    assert found.zero_moved_n == pytest.approx(0.005)


def test_a_reading_beyond_it_is_not_good_and_says_what_to_do() -> None:
    found = judge(points(5000, 405000 + 6000), parse_load("20N"), CELL, STATED, 0.5)
    assert not found.passed
    assert "calibrate again" in found.verdict


def test_a_load_left_on_the_tip_at_the_zero_is_noticed() -> None:
    found = judge(points(5000 + 200000, 605000), parse_load("20N"), CELL, STATED, 0.5)
    assert found.read_n == pytest.approx(20.0)
    assert not found.passed
    assert "nothing on the tip" in found.verdict


def test_without_a_stated_uncertainty_an_assumed_one_is_named() -> None:
    found = judge(points(5000, 405000), parse_load("20N"), CELL, None, 0.5)
    assert found.passed
    assert "assumed" in found.verdict


def test_a_cell_wired_the_other_way_and_a_curve_are_read_too() -> None:
    backwards = Calibration(5000.0, -20000.0, "A1.toml")
    assert judge(points(5000, -395000), parse_load("20N"), backwards, STATED, 0.5).read_n == pytest.approx(20)
    curve = Calibration(10, 45, "fsr", curve=((0.0, 0.0), (600.0, 5.0), (900.0, 20.0)))
    assert judge(points(20, 770), parse_load("20N"), curve, STATED, 0.5).read_n == pytest.approx(12.5)


def test_a_load_beyond_the_calibration_is_refused() -> None:
    with pytest.raises(CalibrationError, match="smaller mass"):
        judge(points(5000, 1e6), parse_load("50N"), CELL, STATED, 0.5)


def test_checks_are_added_to_one_log(tmp_path: Path) -> None:
    path = log_path("A/1", tmp_path / "calibrations")
    for counts in (405000, 411000):
        found = judge(points(5000, counts), parse_load("20N"), CELL, STATED, 0.5)
        log(path, found, datetime(2026, 3, 14, 9, 30, tzinfo=UTC), "A1.toml\tof today")
    assert path.parent == tmp_path / "calibrations"
    rows = list(csv.DictReader(path.read_text().splitlines(), delimiter="\t"))
    assert [row["verdict"] for row in rows] == ["good", "not good"]
    assert rows[1]["difference_n"] == "+0.3000"
    assert rows[0]["at_utc"] == "2026-03-14T09:30:00Z"
    assert rows[0]["calibration"] == "A1.toml of today"


def test_a_log_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = judge(points(5000, 405000), parse_load("20N"), CELL, STATED, 0.5)
    with pytest.raises(CalibrationError, match="cannot be added"):
        log(tmp_path / "file" / "x.tsv", found, datetime(2026, 1, 1, tzinfo=UTC), "")
