"""Calibration files: they round-trip, and a bad one says what is wrong with it."""

from __future__ import annotations

import dataclasses
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.printable import REPLACEMENT, printable
from feedback.signal import Calibration, Quality
from firmware_bridge.assessment import Conditions, assess
from firmware_bridge.calibration import CalibrationFile, file_name, find, keep, load, save
from firmware_bridge.calibration_report import report_of
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.errors import CalibrationError, TareError
from firmware_bridge.fitting import LoadPoint

CONTENT = CalibrationFile("GP-0007", 8123.5, 4321.25, date(2026, 3, 14), 1.0, "three weights, “the red cell”")
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_a_saved_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "made" / "on" / "the way" / file_name(CONTENT.serial)
    save(path, CONTENT)
    assert load(path) == CONTENT
    assert [entry.name for entry in path.parent.iterdir()] == ["GP-0007.toml"]


def test_a_note_that_a_terminal_would_obey_is_kept_without_that(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    save(path, dataclasses.replace(CONTENT, note="weights\x1b[31m of brass\u202e"))
    assert load(path) == dataclasses.replace(CONTENT, note=f"weights{REPLACEMENT}[31m of brass{REPLACEMENT}")


def test_only_the_serial_and_the_two_numbers_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('serial = "A1"\nzero_counts = 8388\ncounts_per_n = -420\n')
    assert load(path) == CalibrationFile("A1", 8388.0, -420.0)


@given(
    serial=st.text(st.characters(exclude_categories=["Cs"])).map(printable),
    note=st.text(st.characters(exclude_categories=["Cs"])).map(printable),
    zero=st.floats(-1e12, 1e12),
    scale=st.floats(-1e12, 1e12).filter(lambda value: abs(value) > 1e-12),
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


def rich() -> CalibrationFile:
    """What `goodpain calibrate` writes for a part that is no line."""
    loads = (0.0, 1.0, 2.0, 5.0, 10.0, 5.0, 2.0, 1.0, 0.0)
    points = [
        LoadPoint(f, 12.0 + 300 * f**0.6, 1.0, 240, 4.0 * i, "up", f"{f:g} N") for i, f in enumerate(loads)
    ]
    conditions = Conditions(tip_area_cm2=1.5)
    found = assess(points, conditions=conditions)
    applied = found.calibration("")
    return CalibrationFile(
        "FSR “7”",
        applied.zero_counts,
        applied.counts_per_n,
        date(2026, 3, 14),
        1.5,
        accepted=found.accepted,
        reason="; ".join(found.reasons),
        resolution=1000.0,
        curve=applied.curve,
        report=report_of(found, conditions, 9.81, {"finger tip": 1.5}, {"device": "glove"}),
    )


def test_a_file_that_tells_everything_is_read_back_whole(tmp_path: Path) -> None:
    content = rich()
    save(tmp_path / "c.toml", content)
    again = load(tmp_path / "c.toml")
    assert again == content
    assert again.report is not None
    assert content.report is not None
    for part in ("figures", "tips", "sensor", "points", "residuals_n", "uncertainty"):
        assert getattr(again.report, part) == getattr(content.report, part)
    assert again.report.uncertainty is not None
    assert content.report.uncertainty is not None
    assert again.report.uncertainty.budget_n == content.report.uncertainty.budget_n
    assert again.calibration("x").force_n(np.array([12 + 300], np.int32))[0] == pytest.approx(1.0, rel=0.01)


def test_a_new_calibration_never_overwrites_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / file_name("A1")
    first = CalibrationFile("A1", 1.0, 2.0, date(2026, 1, 5))
    assert keep(path, first) is None
    assert keep(path, dataclasses.replace(first, zero_counts=2.0)) == tmp_path / "A1@2026-01-05.toml"
    assert keep(path, dataclasses.replace(first, zero_counts=3.0)) == tmp_path / "A1@2026-01-05-2.toml"
    names = ("A1@2026-01-05.toml", "A1@2026-01-05-2.toml", "A1.toml")
    assert [load(tmp_path / name).zero_counts for name in names] == [1.0, 2.0, 3.0]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files")
@pytest.mark.parametrize("room", [10, 300])
def test_a_disk_that_is_full_leaves_the_calibration_before_and_nothing_half(
    tmp_path: Path, room: int
) -> None:
    import resource

    path = tmp_path / "GP-1.toml"
    keep(path, CalibrationFile("GP-1", 100.0, 4000.0, date(2026, 1, 2)))
    before = path.read_bytes()
    assert 10 < len(before) <= 300
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A file that becomes too large fails as on a disk without room: in the middle of being written.
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, most[1]))
    try:
        with pytest.raises(CalibrationError, match=r"written|kept"):
            keep(path, CalibrationFile("GP-1", 200.0, 4100.0, date(2026, 3, 4), note="new" * 100))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_unreadable_file_is_kept_too_when_a_new_calibration_comes(tmp_path: Path) -> None:
    path = tmp_path / "A1.toml"
    path.write_text("not TOML = = =")
    older = keep(path, CalibrationFile("A1", 1.0, 2.0))
    assert older is not None
    assert older.read_text() == "not TOML = = ="
    assert load(path).zero_counts == 1.0


def test_an_old_or_refused_calibration_says_so() -> None:
    made = CalibrationFile("A1", 1.0, 2.0, date(2026, 1, 1))
    assert made.warning(date(2026, 6, 30)) == ""
    assert "181 days old" in made.warning(date(2026, 7, 1))
    assert made.warning(date(2026, 7, 1), max_age_days=365) == ""
    refused = dataclasses.replace(made, accepted=False, reason="hysteresis is 3 %")
    assert "not accepted (hysteresis is 3 %)" in refused.warning(date(2026, 1, 2))
    assert dataclasses.replace(made, date=None).warning(date(2030, 1, 1)) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("accepted = 1", "accepted must be true or false"),
        ("resolution = 0", "resolution"),
        ("curve = 3", "curve must be a table"),
        ("[curve]\ncounts = [0, 1]\nforce_n = [0]", "as many counts"),
        ("[curve]\ncounts = [0, 2, 1]\nforce_n = [0, 1, 2]", "rising"),
        ("[curve]\ncounts = [0, 2, 'x']\nforce_n = [0, 1, 2]", "counts must be a number"),
        ("points = 3", "points must be tables"),
        ("[[points]]\nforce_n = 1", "counts must be a number"),
        ("[[points]]\nforce_n = 1\ncounts = 1\ndirection = 'left'", "up or down"),
        ("[uncertainty]\nforce_n = [0, 1]\nexpanded_n = [1]", "uncertainty"),
        ("[uncertainty]\nforce_n = [1, 0]\nexpanded_n = [1, 1]", "uncertainty"),
        ("[uncertainty]\nforce_n = [0, 1]\nexpanded_n = [1, 1]\ncoverage_factor = 3", "coverage_factor"),
        ("[tips]\nprobe = 'x'", "probe must be a number"),
    ],
)
def test_a_bad_table_says_what_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(f'serial = "A"\nzero_counts = 1\ncounts_per_n = 2\n{text}\n')
    with pytest.raises(CalibrationError) as caught:
        load(path)
    assert reason in str(caught.value)


def sensing(content: CalibrationFile, meta: dict[str, str], today: date = date(2026, 3, 15)) -> Calibrator:
    calibrator = Calibrator(content, None, "c.toml", today=lambda: today)
    calibrator.take_meta(meta)
    return calibrator


def test_beyond_the_end_of_a_curve_the_force_is_marked_as_at_least_that() -> None:
    content = dataclasses.replace(rich(), resolution=None)
    end = content.zero_counts + content.curve[-1][0]
    force_n, flags = sensing(content, {}).apply(
        np.array([end - 1, end + 500], np.int32), np.zeros(2, np.uint8)
    )
    assert force_n[1] == pytest.approx(11.0, rel=1e-3)
    assert [bool(flag & Quality.SATURATED) for flag in flags] == [False, True]


def test_a_calibration_follows_the_resolution_of_the_line() -> None:
    content = CalibrationFile("S", 2000.0, 500.0, resolution=1000.0)
    calibrator = sensing(content, {"serial": "S", "resolution": "1000"})
    assert calibrator.current == Calibration(2000.0, 500.0, "c.toml")
    calibrator.take_meta({"serial": "S", "resolution": "1"})
    assert calibrator.current == Calibration(2.0, 0.5, "c.toml")


def test_the_zero_of_a_curved_sensor_is_not_set_under_load() -> None:
    content = dataclasses.replace(rich(), resolution=None)
    calibrator = sensing(content, {})
    at_5_n = np.full(40, round(12 + 300 * 5**0.6), np.int32)
    with pytest.raises(TareError, match=r"5\.0 N"):
        calibrator.tare(at_5_n, under_load=False)
    set_to = calibrator.tare(np.full(40, 40, np.int32), under_load=False)
    assert set_to.zero_counts == 40
    assert set_to.curve == content.curve


def test_an_old_calibration_is_told_when_it_is_given_or_found(tmp_path: Path) -> None:
    content = CalibrationFile("A1", 1.0, 2.0, date(2025, 1, 1))
    assert "days old" in sensing(content, {}).problem
    save(tmp_path / file_name("A1"), content)
    found = Calibrator(None, tmp_path, today=lambda: date(2026, 1, 1))
    assert found.problem == ""
    found.take_meta({"serial": "A1"})
    assert "days old" in found.problem
    found.take_meta({"serial": "A2"})
    assert found.problem == ""
