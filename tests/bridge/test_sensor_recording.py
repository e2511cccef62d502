"""Recording, replay and the end of a sensor, and readers that do not keep up."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from feedback.signal import ForceBlock, Notice, NoticeKind
from firmware_bridge import (
    PortError,
    open_sensor,
    wire,
)
from firmware_bridge.mailbox import Mailbox
from firmware_bridge.replay import RawWriter

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.bridge.pty_device import PtyDevice
from tests.bridge.sensing import STEP_US, Taken, meta, samples

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


def test_a_recorded_session_is_replayed_into_the_same_blocks(device: PtyDevice, tmp_path: Path) -> None:
    path = tmp_path / "visit.raw"
    with open_sensor(device.url, raw=path) as sensor:
        taken = Taken(sensor)
        device.send(meta())
        for i in range(100):
            device.send(samples([i], first_seq=i, first_us=i * STEP_US))
            time.sleep(0.003)
        taken.until_samples(100)
        device.unplug()
        taken.until_notice(NoticeKind.SIGNAL_LOST)
        device.plug_in()
        time.sleep(0.7)
        device.send(samples(range(100, 150)))
        taken.until_samples(150)
    with open_sensor(f"replay://{path}?speed=20") as sensor:
        again = Taken(sensor).until_notice(NoticeKind.ENDED)
        assert sensor.health.reconnects == 1
    for column in ("counts", "quality", "t_us"):
        assert again.column(column) == taken.column(column)
    np.testing.assert_allclose(again.column("time_s"), taken.column("time_s"), rtol=0, atol=1e-9)
    np.testing.assert_array_equal(again.column("force_n"), taken.column("force_n"))
    assert NoticeKind.SIGNAL_LOST in again.kinds
    assert NoticeKind.SIGNAL_BACK in again.kinds


def test_a_recording_that_cannot_be_written_closes_the_port_again(device: PtyDevice, tmp_path: Path) -> None:
    (tmp_path / "there.raw").write_text("")
    with pytest.raises(PortError, match="exists already"):
        open_sensor(device.url, raw=tmp_path / "there.raw")


def test_a_full_disk_stops_the_recording_and_not_the_signal(device: PtyDevice, tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_sensor(device.url, raw=tmp_path / "r.raw") as sensor:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        try:
            device.send(samples(range(300)))
            taken = Taken(sensor).until_samples(300)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert any("stopped" in notice.text for notice in taken.notices)
        assert "stopped" in sensor.health.problem


def test_iteration_gives_the_blocks_and_ends_with_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "r.raw"
    with RawWriter(path, url="x", baud=1) as writer:
        for i in range(80):
            writer.write(i / 80, wire.encode_sample(i, i * STEP_US, [i]))
    with open_sensor(f"replay://{path}?speed=100") as sensor:
        assert [int(count) for block in sensor for count in block.counts] == list(range(80))
        assert sensor.health.state == "ended"
        assert sensor.take() == []
        assert not sensor.wait(0.01)


def test_closing_ends_an_iteration_in_another_thread(device: PtyDevice) -> None:
    sensor = open_sensor(device.url)
    got: list[ForceBlock] = []
    reader = threading.Thread(target=lambda: got.extend(sensor))
    reader.start()
    device.send(samples(range(100)))
    while sensor.health.samples < 100:
        time.sleep(0.01)
    sensor.close()
    reader.join(5.0)
    assert not reader.is_alive()
    assert sum(map(len, got)) == 100
    sensor.close()
    assert sensor.health.state == "ended"


def test_a_sensor_that_is_ready_says_so(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        device.send(samples(range(50)))
        sensor.wait_ready(5.0)
        assert sensor.health.samples > 0


def test_what_was_heard_until_a_time_has_been_delivered(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        device.send(samples(range(50)))
        taken = Taken(sensor).until_samples(50)
        for i in range(50, 80):
            device.send(samples([i], first_seq=i, first_us=1_000_000 + i * STEP_US))
            sent_s = time.monotonic()
            while (heard_s := sensor.heard_until_s) < sent_s:
                time.sleep(0.001)
            assert heard_s <= sensor.now_s()
            taken.items += sensor.take()
            if time.monotonic() - sent_s < 0.2:  # on a machine too busy for the reader it is not relied on
                assert taken.counts[-1] == i


def test_a_reader_that_does_not_look_is_not_relied_on(device: PtyDevice) -> None:
    sensor = open_sensor(device.url)
    sensor.close()
    time.sleep(0.3)
    before_s = sensor.now_s()
    assert sensor.heard_until_s >= before_s


def test_the_reader_keeps_looking_while_the_port_is_gone(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        device.unplug()
        Taken(sensor).until_notice(NoticeKind.SIGNAL_LOST)
        time.sleep(0.6)
        assert sensor.now_s() - sensor.heard_until_s < 0.25


def test_samples_that_nobody_takes_are_dropped_oldest_first_and_counted() -> None:
    mailbox = Mailbox(capacity=3)
    calibrated = Notice(NoticeKind.CALIBRATED, 0.0)
    mailbox.put([calibrated, Notice(NoticeKind.MESSAGE, 0.0)])
    for i in range(5):
        mailbox.put([ForceBlock.of([float(i)], [0.0], lost=i)])
    items = mailbox.take()
    assert items[0] is calibrated
    blocks = [item for item in items if isinstance(item, ForceBlock)]
    assert [(block.time_s[0], block.lost) for block in blocks] == [(2.0, 2 + 2 + 1), (3.0, 3), (4.0, 4)]
    assert mailbox.dropped == 2
    mailbox.put([], end=True)
    assert mailbox.take_block() is None
