"""A sensor that starts in text and knows the protocol goes on in binary, which alone has buttons and pings."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.signal import ForceBlock, NoticeKind
from firmware_bridge import Sensor, open_sensor, wire
from firmware_bridge.dialects import native_binary, native_text
from firmware_bridge.forms import Forms
from tests.bridge.pty_device import PtyDevice

META = {
    "proto": "1",
    "serial": "T1",
    "rate_hz": "80",
    "channels": "1",
    "counts_per_n": "1000",
    "zero_counts": "0",
}


@pytest.fixture
def device(tmp_path: Path):
    with PtyDevice(tmp_path / "tty") as opened:
        yield opened


def gather(sensor: Sensor, items: list, done) -> list:
    end_s = time.monotonic() + 15
    while not done() and time.monotonic() < end_s:
        sensor.wait(0.05)
        items += sensor.take()
    assert done()
    return items


def blocks_of(items: list) -> list[ForceBlock]:
    return [item for item in items if isinstance(item, ForceBlock)]


def test_it_turns_without_losing_a_sample_or_the_clock():
    with open_sensor("sim://bench?dialect=text&speed=10") as sensor:
        items: list = []
        gather(sensor, items, lambda: sensor.info.dialect == "native-binary" and sensor.health.samples > 800)
        health = sensor.health
    assert (health.lost, health.checksum_errors) == (0, 0)
    kinds = {item.kind for item in items if not isinstance(item, ForceBlock)}
    assert not kinds & {NoticeKind.CLOCK_RESTARTED, NoticeKind.SIGNAL_LOST}
    t_us = np.concatenate([block.t_us for block in blocks_of(items)])
    assert np.diff(t_us).max() < 1.5 * 12_500
    time_s = np.concatenate([block.time_s for block in blocks_of(items)])
    assert (np.diff(time_s) >= 0).all()


def test_a_form_that_the_user_named_is_kept():
    with open_sensor("sim://bench?dialect=text&speed=10", dialect="native-text") as sensor:
        gather(sensor, [], lambda: sensor.health.samples > 800)
        assert sensor.info.dialect == "native-text"


def test_a_sensor_that_speaks_text_alone_is_asked_once_and_a_zero_in_its_stream_changes_nothing(
    device: PtyDevice,
):
    with open_sensor(device.url) as sensor:
        lines = [wire.encode_text_sample(i, i * 12_500, [i]) for i in range(400)]
        device.send(wire.encode_text_meta(META) + b"".join(lines[:100]))
        gather(sensor, [], lambda: sensor.health.samples == 100)
        time.sleep(0.1)
        assert device.received() == b"?B"
        time.sleep(2.1)
        for line in lines[100:200]:
            device.send(line)
        device.send(b"\0\r\n" + b"".join(lines[200:]))
        gather(sensor, [], lambda: sensor.health.samples == 400)
        assert sensor.info.dialect == "native-text"
        assert device.received() == b""


def test_a_sensor_whose_meta_names_no_protocol_gets_no_such_command(device: PtyDevice):
    with open_sensor(device.url) as sensor:
        device.send(b"".join(wire.encode_text_sample(i, i * 12_500, [i]) for i in range(100)))
        gather(sensor, [], lambda: sensor.health.samples == 100)
        time.sleep(0.1)
        assert device.received() == b"?"


@given(st.lists(st.integers(1, 40), min_size=1))
def test_both_turns_are_found_however_the_bytes_arrive(sizes: list[int]):
    text = b"".join(wire.encode_text_sample(i, i * 12_500, [i]) for i in range(3))
    binary = wire.encode_meta(0, META) + b"".join(wire.encode_sample(i, i * 12_500, [i]) for i in range(9))
    again = wire.encode_text_meta(META) + text
    cut_frame = wire.encode_sample(9, 9 * 12_500, [9])[:9]
    stream = text + binary + cut_frame + again
    forms = Forms()
    forms.asked(0.0)
    dialect = native_text.DIALECT
    parts: list[tuple[str, bytearray]] = [(dialect.name, bytearray())]
    position, turn = 0, 0
    while position < len(stream):
        data = stream[position : position + sizes[turn % len(sizes)]]
        position, turn = position + len(data), turn + 1
        for new, piece in forms.split(dialect, data, 0.1):
            if new is not dialect:
                dialect = new
                parts.append((new.name, bytearray()))
            parts[-1][1].extend(piece)
    names = [name for name, _ in parts]
    assert names == [native_text.DIALECT.name, native_binary.DIALECT.name, native_text.DIALECT.name]
    assert bytes(parts[0][1]) == text
    assert bytes(parts[1][1]).startswith(binary + cut_frame)
    assert bytes(parts[2][1]) == again
    assert forms.may_ask(dialect, META)
