"""Samples of a sensor, and losses and damage on the way: real bytes through real ports."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from feedback.signal import NoticeKind, Quality
from firmware_bridge import (
    DialectError,
    PortNotFoundError,
    open_sensor,
    wire,
)

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.bridge.pty_device import PtyDevice
from tests.bridge.sensing import STEP_US, Taken, meta, played, samples

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


def test_every_sample_arrives_those_included_by_which_the_dialect_was_recognised(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        device.send(meta() + samples(range(500)))
        taken = Taken(sensor).until_samples(500)
        assert taken.counts == list(range(500))
        assert taken.lost == 0
        assert sensor.info.dialect == "native-binary"
        assert (sensor.info.serial, sensor.info.rate_hz, sensor.info.clock) == ("T-1", 80.0, "device")
        assert sensor.health.state == "live"
        assert sensor.health.samples == 500
        assert sensor.health.problem == ""


@pytest.mark.parametrize("encode", [wire.encode_sample, wire.encode_text_sample], ids=["binary", "text"])
def test_both_native_dialects_are_recognised_and_give_the_same(
    device: PtyDevice, encode: Callable[[int, int, list[int]], bytes]
) -> None:
    with open_sensor(device.url) as sensor:
        device.send(b"".join(encode(i, i * STEP_US, [i * 7]) for i in range(100)))
        taken = Taken(sensor).until_samples(100)
    assert taken.counts == [i * 7 for i in range(100)]
    assert taken.column("t_us") == [i * STEP_US for i in range(100)]


def test_times_never_decrease_and_never_lie_ahead_of_the_clock(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        for i in range(40):
            device.send(samples([i], first_seq=i, first_us=i * STEP_US))
            time.sleep(0.005)
        taken = Taken(sensor).until_samples(40)
        times = taken.column("time_s")
        assert times == sorted(times)
        assert times[-1] <= sensor.now_s()


def test_a_sketch_that_prints_kilograms_needs_no_calibration(device: PtyDevice) -> None:
    with open_sensor(device.url) as sensor:
        for i in range(60):
            device.send(b"%.3f kg\r\n" % (1 + i / 1000))
            time.sleep(0.002)
        taken = Taken(sensor).until_samples(40)
        assert sensor.info.dialect == "numbers"
        assert sensor.info.clock == "arrival"
        assert sensor.info.calibration is not None
        assert "kg" in sensor.info.calibration.source
    force = np.array(taken.column("force_n"))
    assert np.all((force > 9.8) & (force < 10.5))
    assert all(flags & Quality.UNCHECKED for flags in map(int, taken.column("quality")))
    assert device.received() == b""


def test_a_named_dialect_is_not_guessed_at(tmp_path: Path) -> None:
    taken = played(tmp_path, [(1.0, wire.encode_text_sample(0, 0, [5]))], dialect="native-text")
    assert taken.counts == [5]


def test_an_unknown_dialect_is_refused_before_the_port_is_opened() -> None:
    with pytest.raises(DialectError, match="klingon"):
        open_sensor("/dev/ttyGOODPAIN9", dialect="klingon")


def test_a_missing_port_is_refused() -> None:
    with pytest.raises(PortNotFoundError):
        open_sensor("/dev/ttyGOODPAIN9")


def test_a_gap_in_the_numbers_is_counted_before_the_sample_that_follows_it(tmp_path: Path) -> None:
    stream = samples(range(10)) + samples(range(13, 20), first_seq=13, first_us=1_000_000 + 13 * STEP_US)
    taken = played(tmp_path, [(1.0, stream)])
    assert [(block.counts[0], block.lost) for block in taken.blocks] == [(0, 0), (13, 3)]
    assert taken.sensor.health.lost == 3


def test_a_flipped_byte_is_counted_and_never_accepted(tmp_path: Path) -> None:
    rng = random.Random(7)
    sent = 20_000
    stream = bytearray(samples([(i * 7919) % 1_000_003 for i in range(sent)]))
    for at in range(len(stream)):
        if rng.random() < 0.01:
            stream[at] ^= rng.randrange(1, 256)
    script = [(at / 100_000, bytes(stream[at : at + 700])) for at in range(0, len(stream), 700)]
    taken = played(tmp_path, script)
    numbers = [round((t - 1_000_000) / STEP_US) for t in taken.column("t_us")]
    assert len(numbers) > sent / 2
    assert taken.counts == [(i * 7919) % 1_000_003 for i in numbers]
    assert len(numbers) + taken.lost == numbers[-1] - numbers[0] + 1
    health = taken.sensor.health
    assert health.checksum_errors > 1000
    assert (health.samples, health.lost) == (len(numbers), taken.lost)


def test_a_damaged_text_line_is_counted_and_never_accepted(tmp_path: Path) -> None:
    lines = [wire.encode_text_sample(i, i * STEP_US, [i]) for i in range(50)]
    lines[20] = lines[20].replace(b",20,", b",29,")
    taken = played(tmp_path, [(1.0, b"".join(lines))])
    assert taken.counts == [i for i in range(50) if i != 20]
    assert taken.lost == 1
    assert taken.sensor.health.checksum_errors == 1


def test_a_device_that_begins_again_is_noticed_and_no_loss_is_invented(tmp_path: Path) -> None:
    before = samples(range(100), first_seq=5000, first_us=900_000_000)
    after = samples(range(100, 200), first_us=1000)
    script = [(10.0, before), (11.5, after)]
    taken = played(tmp_path, script)
    assert NoticeKind.CLOCK_RESTARTED in taken.kinds
    assert taken.lost == 0
    quality = [int(flags) for flags in taken.column("quality")]
    assert [i for i, flags in enumerate(quality) if flags & Quality.CLOCK_RESTART] == [100]


def test_the_flag_of_a_restarted_clock_is_taken_at_its_word(tmp_path: Path) -> None:
    flagged = wire.encode_sample(0, 1_260_000, [100], wire.FrameFlag.CLOCK_RESTARTED)
    script = [(10.0, samples(range(20))), (10.5, flagged + samples([101], first_seq=1, first_us=1_272_500))]
    taken = played(tmp_path, script)
    assert taken.kinds.count(NoticeKind.CLOCK_RESTARTED) == 1
    assert taken.column("time_s")[-1] == pytest.approx(10.5)
