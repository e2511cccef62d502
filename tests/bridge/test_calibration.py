"""Calibration files: they round-trip, and a bad one says what is wrong with it."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.calibration import CalibrationFile, file_name, find, load, save
from firmware_bridge.errors import CalibrationError

CONTENT = CalibrationFile("GP-0007", 8123.5, 4321.25, date(2026, 3, 14), 1.0, "three weights, “the red cell”")
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_a_saved_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "made" / "on" / "the way" / file_name(CONTENT.serial)
    save(path, CONTENT)
    assert load(path) == CONTENT
    assert [entry.name for entry in path.parent.iterdir()] == ["GP-0007.toml"]


def test_only_the_serial_and_the_two_numbers_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('serial = "A1"\nzero_counts = 8388\ncounts_per_n = -420\n')
    assert load(path) == CalibrationFile("A1", 8388.0, -420.0)


@given(
    serial=st.text(st.characters(exclude_categories=["Cs"])),
    note=st.text(st.characters(exclude_categories=["Cs"])),
    zero=FINITE,
    scale=FINITE.filter(bool),
    area=st.none() | FINITE.filter(lambda value: value > 0),
    made=st.none() | st.dates(),
)
def test_any_calibration_round_trips(
    tmp_path_factory: pytest.TempPathFactory,
    serial: str,
    note: str,
    zero: float,
    scale: float,
    area: float | None,
    made: date | None,
) -> None:
    path = tmp_path_factory.mktemp("c") / "c.toml"
    content = CalibrationFile(serial, zero, scale, made, area, note)
    save(path, content)
    assert load(path) == content


def test_a_calibration_turns_counts_into_newtons() -> None:
    calibration = CONTENT.calibration("GP-0007.toml")
    assert calibration.source == "GP-0007.toml"
    counts = np.array([8123, 12445], dtype=np.int32)
    np.testing.assert_allclose(calibration.force_n(counts), (counts - 8123.5) / 4321.25, rtol=1e-6)


def test_a_sensor_finds_its_own_file_only(tmp_path: Path) -> None:
    save(tmp_path / file_name("A/1 ~ü"), dataclasses.replace(CONTENT, serial="A/1 ~ü"))
    found = find("A/1 ~ü", tmp_path)
    assert found is not None
    assert found.parent == tmp_path
    assert load(found).serial == "A/1 ~ü"
    assert find("A1", tmp_path) is None
    assert find("", tmp_path) is None
    assert find("A1", tmp_path / "missing") is None


def test_no_serial_number_leads_out_of_the_folder() -> None:
    for serial in ("../../etc/passwd", "..", "/etc/passwd", "a\\b", "C:"):
        assert not {"/", "\\", ":"} & set(file_name(serial))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("zero_counts = 1\ncounts_per_n = 2\n", "serial is missing"),
        ('serial = "A"\ncounts_per_n = 2\n', "zero_counts is missing"),
        ('serial = "A"\nzero_counts = 1\n', "counts_per_n is missing"),
        ('serial = "A"\nzero_counts = 1\ncounts_per_n = 0\n', "counts_per_n must not be 0"),
        ('serial = "A"\nzero_counts = nan\ncounts_per_n = 2\n', "zero_counts must be a number"),
        ('serial = "A"\nzero_counts = 1\ncounts_per_n = "2"\n', "counts_per_n must be a number"),
        ('serial = "A"\nzero_counts = true\ncounts_per_n = 2\n', "zero_counts must be a number"),
        ("serial = 7\nzero_counts = 1\ncounts_per_n = 2\n", "serial must be text"),
        ('serial = "A"\nzero_counts = 1\ncounts_per_n = 2\ntip_area_cm2 = 0\n', "tip_area_cm2"),
        ('serial = "A"\nzero_counts = 1\ncounts_per_n = 2\ndate = "yesterday"\n', "date must be a day"),
        ('serial = "A"\nzero_counts = 1\ncounts_per_n = 2\nscale = 2\n', "scale"),
        ("serial = \n", "not valid TOML"),
        ("\x00", "not valid TOML"),
    ],
)
def test_a_bad_file_says_which_file_and_why(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(CalibrationError, match=r"bad\.toml") as caught:
        load(path)
    assert reason in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CalibrationError, match="not valid TOML"):
        load(path)


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="no calibration file"):
        load(tmp_path / "none.toml")
    with pytest.raises(CalibrationError, match="cannot be read"):
        load(tmp_path)


def test_an_impossible_calibration_is_not_saved_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    save(path, CONTENT)
    with pytest.raises(CalibrationError, match="counts_per_n"):
        save(path, dataclasses.replace(CONTENT, counts_per_n=0.0))
    assert load(path) == CONTENT


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CalibrationError, match="cannot be written"):
        save(tmp_path / "file" / "c.toml", CONTENT)
