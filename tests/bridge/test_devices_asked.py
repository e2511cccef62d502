"""Devices that have to be asked: when a byte is sent, and above all when none is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from firmware_bridge import Sensor, open_sensor
from firmware_bridge.dialects import dialect
from firmware_bridge.polling import ANSWER_S, LISTEN_S, START_AGAIN_S, Asker
from tests.bridge.pty_device import PtyDevice

STEP_S = 0.01


def asked(name: str, samples_at: list[float], until_s: float) -> list[tuple[float, bytes]]:
    """What is sent, looking every 10 ms, while samples come at those times."""
    asker = Asker(dialect(name), 0.0, 0)
    sent: list[tuple[float, bytes]] = []
    for i in range(round(until_s / STEP_S)):
        now_s = i * STEP_S
        if data := asker.due(now_s, sum(at_s <= now_s for at_s in samples_at)):
            sent.append((now_s, data))
    return sent


def test_a_device_that_speaks_by_itself_is_never_asked() -> None:
    assert asked("mark-10", [0.1 * i for i in range(100)], 9.9) == []


def test_a_silent_device_is_asked_and_asked_again_when_it_does_not_answer() -> None:
    sent = asked("mark-10", [], 2.0)
    assert {data for _, data in sent} == {b"?\r"}
    assert sent[0][0] == pytest.approx(LISTEN_S, abs=2 * STEP_S)
    assert all(b - a >= ANSWER_S - STEP_S / 2 for (a, _), (b, _) in pairwise(sent))


def test_after_an_answer_the_next_question_waits_no_longer_than_the_device_needs() -> None:
    every_s = dialect("mark-10").poll_every_s
    sent = asked("mark-10", [LISTEN_S + 0.02 + 0.05 * i for i in range(40)], 2.0)
    gaps = [b - a for (a, _), (b, _) in pairwise(sent)]
    assert all(every_s - STEP_S / 2 <= gap <= every_s + 3 * STEP_S for gap in gaps)


def test_a_device_that_is_told_to_start_is_told_again_only_after_a_silence() -> None:
    sent = asked("shimpo-fgv", [0.4 + 0.1 * i for i in range(30)], 8.0)
    assert [data for _, data in sent[:2]] == [b"BB\r", b"BB\r"]
    assert sent[1][0] == pytest.approx(0.4 + 2.9 + START_AGAIN_S, abs=0.05)


@contextmanager
def pty_sensor(folder, name: str | None) -> Iterator[tuple[PtyDevice, Sensor]]:
    with PtyDevice(folder / "ttyGAUGE") as device, open_sensor(device.url, dialect=name) as sensor:
        yield device, sensor


def received_within(device: PtyDevice, sensor: Sensor, seconds: float) -> bytes:
    end_s, data = sensor.now_s() + seconds, b""
    while sensor.now_s() < end_s:
        sensor.wait(0.02)
        sensor.take()
        data += device.received()
    return data


def test_no_byte_is_ever_sent_to_a_device_that_nobody_named(tmp_path) -> None:
    with pty_sensor(tmp_path, None) as (device, sensor):
        assert received_within(device, sensor, 0.5) == b""
        device.send(b"-18.78 lbF\r\n" * 40)
        assert received_within(device, sensor, 1.5) == b""
        assert sensor.info.dialect == "mark-10"


def test_a_device_that_was_named_is_asked_and_its_answers_are_samples(tmp_path) -> None:
    with pty_sensor(tmp_path, "mark-10") as (device, sensor):
        question = received_within(device, sensor, 0.6)
        assert question.startswith(b"?\r")
        for _ in range(8):
            device.send(b"4.285 N\r\n")
            received_within(device, sensor, 0.06)
        assert sensor.health.samples == 6
        assert sensor.health.problem == ""


def test_a_device_that_was_told_to_start_is_told_to_stop_at_the_end(tmp_path) -> None:
    with PtyDevice(tmp_path / "ttyGAUGE") as device:
        with open_sensor(device.url, dialect="shimpo-fgv") as sensor:
            assert received_within(device, sensor, 0.6) == b"BB\r"
        assert device.received() == b"AB\r"


def test_a_ping_is_answered_by_the_native_device_and_by_nothing_else() -> None:
    with open_sensor("sim://bench") as sensor:
        sensor.wait_ready(5.0)
        rounds = [sensor.ping(1.0) for _ in range(3)]
    assert all(round_s is not None and 0 < round_s < 1.0 for round_s in rounds)
    with open_sensor("sim://twin-lutron") as sensor:
        sensor.wait_ready(5.0)
        assert sensor.ping(0.1) is None
