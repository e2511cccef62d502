"""From counts to newtons: the word of the sensor, files, what is given."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind, Quality
from firmware_bridge import (
    CalibrationError,
    open_sensor,
)
from firmware_bridge.calibration import CalibrationFile, file_name, save

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)


from tests.bridge.sensing import STEP_US, meta, played, samples

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


def test_the_word_of_the_sensor_calibrates_it_from_there_on(tmp_path: Path) -> None:
    stream = samples(range(20)) + meta() + samples(range(1500, 1520), first_seq=20, first_us=1_250_000)
    taken = played(tmp_path, [(1.0, stream)])
    assert np.isnan(taken.column("force_n")[:20]).all()
    assert all(int(flags) & Quality.UNCALIBRATED for flags in taken.column("quality")[:20])
    assert taken.column("force_n")[20:] == pytest.approx([1 + i / 1000 for i in range(20)])
    assert not any(taken.column("quality")[20:])
    first, notice, second = taken.items[:3]
    assert isinstance(first, ForceBlock)
    assert isinstance(second, ForceBlock)
    assert isinstance(notice, Notice)
    assert (notice.kind, notice.time_s) == (NoticeKind.CALIBRATED, second.time_s[0])
    assert notice.calibration == Calibration(500.0, 1000.0, "sensor")


def test_a_repeated_word_is_no_news(tmp_path: Path) -> None:
    stream = b"".join(meta() + samples([i], first_seq=i, first_us=i * STEP_US) for i in range(50))
    taken = played(tmp_path, [(1.0, stream)])
    assert taken.kinds.count(NoticeKind.CALIBRATED) == 1


@pytest.mark.parametrize("counts_per_n", ["0", "nan", "inf", "", "many"])
def test_a_sensor_that_knows_no_scale_is_uncalibrated(tmp_path: Path, counts_per_n: str) -> None:
    taken = played(tmp_path, [(1.0, meta(counts_per_n=counts_per_n) + samples(range(30)))])
    assert np.isnan(taken.column("force_n")).all()
    assert taken.sensor.info.calibration is None


def test_a_file_goes_before_the_word_of_the_sensor_and_what_is_given_before_both(tmp_path: Path) -> None:
    folder = tmp_path / "calibrations"
    save(folder / file_name("T-1"), CalibrationFile("T-1", 0.0, 100.0))
    save(folder / file_name("T-2"), CalibrationFile("T-2", 0.0, 1.0))
    script = [(1.0, meta() + samples([1000] * 30))]
    assert played(tmp_path, script, calibration_folder=folder).column("force_n")[-1] == pytest.approx(10.0)
    given = Calibration(0.0, 50.0, "given")
    taken = played(tmp_path, script, calibration=given, calibration_folder=folder)
    assert taken.column("force_n")[-1] == pytest.approx(20.0)
    assert taken.notices[0].calibration == given
    path = tmp_path / "other.toml"
    save(path, CalibrationFile("T-1", 0.0, 25.0))
    taken = played(tmp_path, script, calibration=path)
    assert taken.column("force_n")[-1] == pytest.approx(40.0)
    assert taken.sensor.health.problem == ""


def test_a_zero_set_at_the_sensor_moves_the_zero_of_a_file_too(tmp_path: Path) -> None:
    save(tmp_path / file_name("T-1"), CalibrationFile("T-1", 0.0, 100.0))
    stream = meta() + samples([1000] * 30) + meta(zero_counts="900") + samples([1000] * 5, first_seq=30)
    taken = played(tmp_path, [(1.0, stream)], calibration_folder=tmp_path)
    assert taken.column("force_n")[29:31] == pytest.approx([10.0, 1.0])


def test_a_calibration_of_another_sensor_is_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    save(path, CalibrationFile("T-9", 0.0, 25.0))
    taken = played(tmp_path, [(1.0, meta() + samples([1000] * 30))], calibration=path)
    assert [
        n.text for n in taken.notices if n.kind is NoticeKind.MESSAGE and "T-9" in n.text and "T-1" in n.text
    ]


def test_a_bad_file_of_the_sensor_leaves_it_uncalibrated_and_says_so(tmp_path: Path) -> None:
    (tmp_path / file_name("T-1")).write_text('serial = "T-1"\n')
    taken = played(tmp_path, [(1.0, meta() + samples([1000] * 30))], calibration_folder=tmp_path)
    assert np.isnan(taken.column("force_n")).all()
    messages = [n.text for n in taken.notices if n.kind is NoticeKind.MESSAGE]
    assert len(messages) == 1
    assert "counts_per_n is missing" in messages[0]


def test_a_bad_file_that_was_given_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="no calibration file"):
        open_sensor("/dev/ttyGOODPAIN9", calibration=tmp_path / "none.toml")


def test_counts_at_the_end_of_the_converter_are_saturated(tmp_path: Path) -> None:
    values = [0] * 20 + [8388607, -8388608, 8388606]
    taken = played(tmp_path, [(1.0, meta() + samples(values))])
    flags = [int(value) for value in taken.column("quality")]
    assert [i for i, value in enumerate(flags) if value & Quality.SATURATED] == [20, 21]
    by_device = played(tmp_path, [(1.0, samples([1] * 20) + samples([2], first_seq=20, flags=1))])
    assert int(by_device.column("quality")[-1]) & Quality.SATURATED


def test_decimals_that_appear_late_change_no_force(tmp_path: Path) -> None:
    lines = b"".join(b"%d N\r\n" % (5 + i % 2) for i in range(60)) + b"".join(
        b"%.2f N\r\n" % 5.25 for _ in range(20)
    )
    taken = played(
        tmp_path, [(1.0 + i / 50, line + b"\r\n") for i, line in enumerate(lines.split(b"\r\n")) if line]
    )
    assert set(np.round(taken.column("force_n"), 3)) == {5.0, 6.0, 5.25}
