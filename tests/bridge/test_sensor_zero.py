"""Setting the zero of a sensor: at rest, under load, again and again."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from feedback.signal import Calibration, NoticeKind, Quality
from firmware_bridge import (
    TareError,
    open_sensor,
)

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.bridge.pty_device import PtyDevice
from tests.bridge.sensing import LiveCell, Taken, is_one_sentence, meta, samples, steady, tared

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


@pytest.fixture
def cell(device: PtyDevice) -> Iterator[LiveCell]:
    with LiveCell(device) as live:
        yield live


def test_the_zero_can_be_set_and_stays_when_the_sensor_repeats_itself(
    device: PtyDevice, cell: LiveCell
) -> None:
    cell.pending = meta()
    cell.counts = 1700
    with open_sensor(device.url) as sensor:
        taken = Taken(sensor)
        steady(taken, 1700)
        calibration = tared(sensor)
        assert calibration == Calibration(1700.0, 1000.0, "sensor", zero_load_n=calibration.zero_load_n)
        assert 0 < calibration.zero_load_n < 2
        assert sensor.info.calibration == calibration
        cell.pending = meta()
        taken.until_notice(NoticeKind.TARED)
        set_at = taken.kinds.index(NoticeKind.TARED)
        assert taken.kinds[set_at + 1] is NoticeKind.CALIBRATED
        n = len(taken.counts)
        taken.until_samples(n + 30)
        assert taken.column("force_n")[-20:] == pytest.approx([0.0] * 20)
        cell.counts = 2700
        n = len(taken.counts)
        taken.until_samples(n + 30)
        assert taken.column("force_n")[-1] == pytest.approx(1.0)
        # A zero set at the sensor itself is newer than ours.
        cell.pending = meta(zero_counts="2600")
        n = len(taken.counts)
        taken.until_samples(n + 30)
        assert taken.column("force_n")[-1] == pytest.approx(0.1)


def test_the_zero_is_not_set_while_something_presses_or_moves(device: PtyDevice, cell: LiveCell) -> None:
    cell.pending = meta()
    cell.counts = 10_500
    with open_sensor(device.url) as sensor:
        taken = Taken(sensor)
        steady(taken, 10_500)
        with pytest.raises(TareError, match=r"10\.0 N") as loaded:
            tared(sensor)
        assert is_one_sentence(loaded.value)
        cell.counts, cell.wobble = 500, 500
        time.sleep(1.0)
        with pytest.raises(TareError, match="moving"):
            tared(sensor)
        assert sensor.info.calibration == Calibration(500.0, 1000.0, "sensor")


def test_a_zero_under_load_marks_every_sample_until_a_clean_one(device: PtyDevice, cell: LiveCell) -> None:
    cell.pending = meta()
    cell.counts = 10_500
    with open_sensor(device.url) as sensor:
        taken = Taken(sensor)
        steady(taken, 10_500)
        assert tared(sensor, under_load=True).tared_under_load
        taken.until_notice(NoticeKind.TARED)
        n = len(taken.counts)
        taken.until_samples(n + 20)
        assert all(int(flags) & Quality.TARED_UNDER_LOAD for flags in taken.column("quality")[-10:])
        cell.counts = 600
        steady(taken, 600)
        assert not tared(sensor).tared_under_load
        taken.until(lambda t: t.kinds.count(NoticeKind.TARED) == 2)
        n = len(taken.counts)
        taken.until_samples(n + 20)
        assert not any(taken.column("quality")[-10:])


def test_setting_the_zero_again_and_again_cannot_creep(device: PtyDevice, cell: LiveCell) -> None:
    cell.pending = meta()
    with open_sensor(device.url) as sensor:
        taken = Taken(sensor)
        for counts in (500, 2000):
            cell.counts = counts
            steady(taken, counts)
            tared(sensor)
        cell.counts = 3500
        steady(taken, 3500)
        with pytest.raises(TareError, match=r"3\.0 N"):
            tared(sensor)


def test_a_sensor_without_calibration_has_no_zero(device: PtyDevice, cell: LiveCell) -> None:
    with open_sensor(device.url) as sensor:
        steady(Taken(sensor), 500)
        with pytest.raises(TareError, match="calibrat"):
            tared(sensor)


def test_without_signal_there_is_no_zero(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        with pytest.raises(TareError, match="no signal"):
            sensor.tare()
        device.send(meta() + samples(range(40)))
        Taken(sensor).until_samples(40)
        time.sleep(0.8)
        with pytest.raises(TareError, match="steady signal"):
            sensor.tare()
