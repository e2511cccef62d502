"""What the fuzzers broke with the bytes and words of sensors."""

from __future__ import annotations

import numpy as np
import pytest

from feedback.signal import Calibration, Quality
from firmware_bridge import calibration as files
from firmware_bridge import wire
from firmware_bridge.calibration import CalibrationFile
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.dialects import decode, dialect
from firmware_bridge.dialects.bulk import GROUP_MIN
from firmware_bridge.dialects.gather import CHANNELS_MAX
from tests.bridge.feeding import assert_same, feed_all

COUNTS = np.array([-(2**31), 0, 2**31 - 1], np.int32)


@pytest.mark.parametrize(
    "values",
    [
        {"counts_per_n": "5e-324"},
        {"counts_per_n": "1e-40"},
        {"counts_per_n": "4000", "zero_counts": "-1e308"},
        {"counts_per_n": "1e-300", "zero_counts": "1e300"},
    ],
)
def test_a_sensor_that_announces_forces_without_end_has_no_calibration(values, tmp_path):
    calibrator = Calibrator(None, tmp_path)
    calibrator.take_meta({"serial": "A", "counts_per_n": "4000", "zero_counts": "0"})
    assert calibrator.current is not None
    calibrator.take_meta(values)
    force_n, flags = calibrator.apply(COUNTS, np.zeros(3, np.uint8))
    assert np.isnan(force_n).all()
    assert (flags & Quality.UNCALIBRATED).all()


@pytest.mark.parametrize("zero", ["1e308", "-1e308"])
def test_a_zero_beyond_all_measure_does_not_move_the_calibration_that_was_given(zero, tmp_path):
    calibrator = Calibrator(given := Calibration(5.0, 4000.0, "given"), tmp_path)
    calibrator.take_meta({"zero_counts": "5"})
    calibrator.take_meta({"zero_counts": zero})
    assert calibrator.current == given


@pytest.mark.parametrize("resolution", ["5e-324", "1e308"])
@pytest.mark.parametrize("curve", [(), ((0.0, 0.0), (5.0, 1.0), (9.0, 2.0))])
def test_a_resolution_beyond_all_measure_leaves_the_sensor_without_calibration(resolution, curve, tmp_path):
    files.save(tmp_path / "A.toml", CalibrationFile("A", 10.0, 4000.0, resolution=1000.0, curve=curve))
    calibrator = Calibrator(None, tmp_path)
    calibrator.take_meta({"serial": "A", "resolution": "1000"})
    assert calibrator.current is not None
    calibrator.take_meta({"resolution": resolution})
    assert calibrator.current is None
    calibrator.take_meta({"resolution": "1000"})
    assert calibrator.current is not None


def test_damaged_frames_of_two_channels_do_not_widen_the_readings():
    damaged = bytearray(wire.encode_sample(1, 2, [3, 4]))
    damaged[-2] ^= 1
    data = bytes(damaged) * (GROUP_MIN + 1) + wire.encode_sample(1, 2, [3]) * 400
    whole, cut = dialect("native-binary").new_decoder(), dialect("native-binary").new_decoder()
    pieces = [data[at : at + 100] for at in range(0, len(data), 100)]
    assert_same(whole.feed(data), feed_all(cut, pieces))


def test_a_frame_of_two_thousand_channels_does_not_make_every_sample_as_wide():
    narrow = wire.encode_sample(1, 2, [3])
    readings = decode("native-binary", narrow * 3800 + wire.encode_sample(1, 2, list(range(2000))))
    assert len(readings) == 3801
    assert readings.extra.shape[1] == CHANNELS_MAX - 1
    assert readings.extra[-1].tolist() == list(range(1, CHANNELS_MAX))
