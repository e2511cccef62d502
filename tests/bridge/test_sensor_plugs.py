"""Pulled plugs, silence, wrong rates and dialects: the sensor is taken up again, or says what to do."""

from __future__ import annotations

import random
import socket
import sys
import time
from pathlib import Path

import pytest

from feedback.signal import Calibration, ForceBlock, NoticeKind, Quality
from firmware_bridge import (
    DialectError,
    SilentSensorError,
    open_sensor,
    wire,
)
from firmware_bridge.replay import RawWriter

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.bridge.pty_device import PtyDevice
from tests.bridge.sensing import (
    STEP_US,
    LiveCell,
    Taken,
    is_one_sentence,
    meta,
    played,
    samples,
    steady,
    tared,
)

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


def test_a_pulled_plug_is_told_and_the_sensor_taken_up_again(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        device.send(meta() + samples(range(50)))
        taken = Taken(sensor).until_samples(50)
        device.unplug()
        taken.until_notice(NoticeKind.SIGNAL_LOST)
        assert sensor.health.state == "lost"
        assert is_one_sentence(sensor.health.problem)
        assert sensor.health.rate_hz == 0.0
        device.plug_in()
        time.sleep(0.7)
        device.send(meta() + samples(range(50, 100), first_us=2000))
        taken.until_samples(100)
        assert taken.counts == list(range(100))
        back = taken.kinds.index(NoticeKind.SIGNAL_BACK)
        assert taken.kinds[:back].count(NoticeKind.SIGNAL_LOST) == 1
        quality = [int(flags) for flags in taken.column("quality")]
        assert [i for i, flags in enumerate(quality) if flags & Quality.CLOCK_RESTART] == [50]
        health = sensor.health
        assert (health.state, health.reconnects, health.lost, health.problem) == ("live", 1, 0, "")
        times = taken.column("time_s")
        assert times == sorted(times)


def test_a_backlog_after_a_lost_port_does_not_reach_back_before_the_loss(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        device.send(samples(range(50)))
        taken = Taken(sensor).until_samples(50)
        device.unplug()
        taken.until_notice(NoticeKind.SIGNAL_LOST)
        device.plug_in()
        time.sleep(0.7)
        device.send(samples(range(50, 850)))  # ten seconds at once
        taken.until_samples(850)
    times = taken.column("time_s")
    assert times == sorted(times)


def test_a_zero_that_was_set_survives_a_pulled_plug(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        taken = Taken(sensor)
        with LiveCell(device) as cell:
            cell.pending = meta()
            cell.counts = 800
            steady(taken, 800)
            calibration = tared(sensor)
        device.unplug()
        taken.until_notice(NoticeKind.SIGNAL_LOST)
        device.plug_in()
        with LiveCell(device) as cell:
            cell.pending = meta()
            taken.until_notice(NoticeKind.SIGNAL_BACK)
            assert sensor.info.calibration == calibration


def test_another_sensor_in_the_same_port_brings_its_own_calibration(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        device.send(meta() + samples(range(50)))
        taken = Taken(sensor).until_samples(50)
        device.unplug()
        taken.until_notice(NoticeKind.SIGNAL_LOST)
        device.plug_in()
        time.sleep(0.7)
        device.send(meta(serial="T-2", counts_per_n="10") + samples(range(50)))
        taken.until_samples(100)
        assert sensor.info.calibration == Calibration(500.0, 10.0, "sensor")
        assert sensor.info.serial == "T-2"


def test_a_lost_connection_is_made_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5.0)
        with open_sensor(f"socket://127.0.0.1:{server.getsockname()[1]}") as sensor:
            taken = Taken(sensor)
            for first in (0, 60):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(samples(range(first, first + 60)))
                    taken.until_samples(first + 60)
            taken.until(lambda t: t.kinds.count(NoticeKind.SIGNAL_LOST) == 2)
            assert taken.counts == list(range(120))
            assert sensor.health.reconnects == 1


def test_a_silent_sensor_says_what_to_check(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        with pytest.raises(SilentSensorError, match="sends nothing") as caught:
            sensor.wait_ready(0.2)
        assert is_one_sentence(caught.value)
    assert device.received() == b""


def test_silence_is_a_lost_signal_and_its_end_is_told(tmp_path: Path) -> None:
    taken = played(tmp_path, [(0.0, samples(range(50))), (9.0, samples(range(50, 100), first_seq=50))])
    assert [k for k in taken.kinds if k is not NoticeKind.CLOCK_RESTARTED] == [
        NoticeKind.SIGNAL_LOST,
        NoticeKind.SIGNAL_BACK,
        NoticeKind.ENDED,
    ]
    lost, back = (n for n in taken.notices if n.kind in (NoticeKind.SIGNAL_LOST, NoticeKind.SIGNAL_BACK))
    assert "sends nothing" in lost.text
    assert lost.time_s >= 3.0
    assert back.time_s == 9.0
    assert taken.sensor.health.reconnects == 0


def test_bytes_at_a_wrong_baud_rate_are_never_force_and_the_sensor_gets_no_byte(device: PtyDevice) -> None:
    rng = random.Random(3)
    with open_sensor(device.url) as sensor:
        for _ in range(60):
            device.send(bytes(rng.choice((0x00, 0x80, 0xF8, 0xE0, 0xFE, 0x78, 0x06)) for _ in range(60)))
            time.sleep(0.03)
        with pytest.raises(DialectError, match="--baud") as caught:
            sensor.wait_ready(0.1)
        assert is_one_sentence(caught.value)
        assert sensor.health.samples == 0
        assert sensor.info.dialect is None
    assert device.received() == b""


def test_what_is_not_understood_is_a_problem_with_advice(tmp_path: Path) -> None:
    rng = random.Random(5)
    script = [(i / 20, rng.randbytes(50)) for i in range(100)]
    path = tmp_path / "noise.raw"
    with RawWriter(path, url="x", baud=1) as writer:
        for arrival_s, data in script:
            writer.write(arrival_s, data)
    with open_sensor(f"replay://{path}?speed=10") as sensor:
        taken = Taken(sensor).until(lambda t: sensor.health.problem != "" or NoticeKind.ENDED in t.kinds)
        assert "--dialect" in sensor.health.problem
        assert sensor.health.state == "recognising"
        assert not taken.blocks


def test_a_named_dialect_that_the_sensor_does_not_speak_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "text.raw"
    with RawWriter(path, url="x", baud=1) as writer:
        for i in range(100):
            writer.write(i / 20, wire.encode_text_sample(i, i * 50_000, [i]))
    with open_sensor(f"replay://{path}?speed=10", dialect="native-binary") as sensor:
        Taken(sensor).until(lambda t: sensor.health.problem != "" or NoticeKind.ENDED in t.kinds)
        assert "native-binary" in sensor.health.problem
        with pytest.raises(DialectError, match="native-binary"):
            sensor.wait_ready(0.01)


def test_a_sensor_that_restarts_in_another_dialect_is_understood_again(tmp_path: Path) -> None:
    binary = [(i / 80, wire.encode_sample(i, i * STEP_US, [i])) for i in range(160)]
    text = [(2.5 + i / 80, wire.encode_text_sample(i, i * STEP_US, [1000 + i])) for i in range(480)]
    taken = played(tmp_path, binary + text, speed=50)
    assert taken.counts[:160] == list(range(160))
    assert taken.counts[-1] == 1479
    assert taken.sensor.info.dialect == "native-text"


def test_a_native_sensor_is_asked_for_its_description_once(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        device.send(samples(range(300)))
        taken = Taken(sensor).until_samples(300)
        device.send(samples(range(300, 310), first_seq=300, first_us=1_000_000 + 300 * STEP_US))
        taken.until_samples(310)
        time.sleep(0.05)
        assert device.received() == b"?"


def test_the_button_and_the_text_of_the_sensor_are_notices_in_order_and_in_time(tmp_path: Path) -> None:
    stream = (
        samples(range(40))
        + wire.encode_event(1_000_000 + 39 * STEP_US + 5000, wire.EventCode.BUTTON_PRESSED, 3)
        + samples(range(40, 80), first_seq=40, first_us=1_000_000 + 40 * STEP_US)
        + wire.encode_log(0, "battery low")
        + wire.encode_event(1_000_000 + 79 * STEP_US, wire.EventCode.BUTTON_RELEASED)
        + wire.encode_event(1_000_000 + 79 * STEP_US, wire.EventCode.TARE)
    )
    taken = played(tmp_path, [(10.0, stream)])
    assert taken.kinds[:-1] == [
        NoticeKind.BUTTON_PRESSED,
        NoticeKind.MESSAGE,
        NoticeKind.BUTTON_RELEASED,
        NoticeKind.TARED,
    ]
    pressed = taken.notices[0]
    times = taken.column("time_s")
    assert pressed.time_s == pytest.approx(times[39] + 0.005)
    assert pressed.value == 3
    assert taken.notices[1].text == "battery low"
    assert isinstance(taken.items[0], ForceBlock)
    assert taken.items[1] is pressed


def test_the_rate_and_the_clock_are_measured(tmp_path: Path) -> None:
    path = tmp_path / "r.raw"
    with RawWriter(path, url="x", baud=1) as writer:
        for i in range(2000):
            writer.write(i / 80, wire.encode_sample(i, round(i * 12_500 * 1.003), [i]))
    with open_sensor(f"replay://{path}?speed=20") as sensor:
        Taken(sensor).until(lambda t: len(t.counts) > 1500)
        health = sensor.health
    assert health.rate_hz == pytest.approx(80 / 1.003, rel=0.01)
    assert health.clock_skew_ppm == pytest.approx(-3000, abs=50)
