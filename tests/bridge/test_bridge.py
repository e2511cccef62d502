"""The sensor: real bytes through real ports, with pulled plugs, damage, silence and zeros set."""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind, Quality
from firmware_bridge import (
    CalibrationError,
    DialectError,
    PortError,
    PortNotFoundError,
    Sensor,
    SilentSensorError,
    TareError,
    open_sensor,
    wire,
)
from firmware_bridge.calibration import CalibrationFile, file_name, save
from firmware_bridge.mailbox import Mailbox
from firmware_bridge.replay import RawWriter

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.bridge.pty_device import PtyDevice

STEP_US = 12_500
META = {
    "proto": "1",
    "fw": "1.0",
    "device": "test cell",
    "serial": "T-1",
    "rate_hz": "80",
    "counts_per_n": "1000",
    "zero_counts": "500",
    "adc_min": "-8388608",
    "adc_max": "8388607",
}


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """Every test closes what it opens: no thread and no file descriptor stays."""
    threads = set(threading.enumerate())
    descriptors = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    yield
    assert set(threading.enumerate()) == threads
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.fixture
def device(tmp_path: Path) -> Iterator[PtyDevice]:
    with PtyDevice(tmp_path / "sensor") as plugged:
        yield plugged


def samples(
    counts: range | list[int], *, first_seq: int = 0, first_us: int = 1_000_000, flags: int = 0
) -> bytes:
    return b"".join(
        wire.encode_sample(first_seq + i, first_us + i * STEP_US, [value], flags)
        for i, value in enumerate(counts)
    )


def meta(**changes: str) -> bytes:
    return wire.encode_meta(0, META | changes)


class Taken:
    """Everything a sensor gave so far."""

    def __init__(self, sensor: Sensor) -> None:
        self.sensor = sensor
        self.items: list[ForceBlock | Notice] = []

    def until(self, done: Callable[[Taken], bool], within_s: float = 10.0) -> Taken:
        end_s = time.monotonic() + within_s
        while not done(self):
            assert time.monotonic() < end_s, f"not in time: {self.items[-3:]} {self.sensor.health}"
            self.sensor.wait(0.02)
            self.items += self.sensor.take()
        return self

    def until_samples(self, n: int) -> Taken:
        return self.until(lambda taken: len(taken.counts) >= n)

    def until_notice(self, kind: NoticeKind) -> Taken:
        return self.until(lambda taken: kind in taken.kinds)

    @property
    def blocks(self) -> list[ForceBlock]:
        return [item for item in self.items if isinstance(item, ForceBlock)]

    @property
    def notices(self) -> list[Notice]:
        return [item for item in self.items if isinstance(item, Notice)]

    @property
    def kinds(self) -> list[NoticeKind]:
        return [notice.kind for notice in self.notices]

    def column(self, name: str) -> list[float]:
        return [value for block in self.blocks for value in getattr(block, name).tolist()]

    @property
    def counts(self) -> list[float]:
        return self.column("counts")

    @property
    def lost(self) -> int:
        return sum(block.lost for block in self.blocks)


def played(
    tmp_path: Path,
    script: list[tuple[float, bytes]],
    *,
    speed: float = 100.0,
    calibration: Calibration | Path | None = None,
    dialect: str | None = None,
    calibration_folder: Path | None = None,
) -> Taken:
    """What a sensor gives for bytes with their times of arrival, to the end."""
    path = tmp_path / f"script-{len(list(tmp_path.iterdir()))}.raw"
    with RawWriter(path, url="script", baud=115200) as writer:
        for arrival_s, data in script:
            writer.write(arrival_s, data)
    with open_sensor(
        f"replay://{path}?speed={speed}",
        calibration=calibration,
        dialect=dialect,
        calibration_folder=calibration_folder,
    ) as sensor:
        return Taken(sensor).until_notice(NoticeKind.ENDED)


def is_one_sentence(error: BaseException | str) -> bool:
    text = str(error)
    return bool(text) and "\n" not in text and ". " not in text and len(text) < 500


# --- samples -----------------------------------------------------------------------------------------------------


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


# --- losses and damage -------------------------------------------------------------------------------------------


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


# --- calibration -------------------------------------------------------------------------------------------------


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


# --- zero --------------------------------------------------------------------------------------------------------


class LiveCell:
    """A sensor on a pty that keeps sending what it is told to, 100 samples a second, and says it again when asked."""

    def __init__(self, device: PtyDevice) -> None:
        self.device = device
        self.counts = 500
        self.wobble = 0
        self.pending = b""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        seq, said = 0, b""
        start_s = time.monotonic()
        while not self._stop.wait(0.01):
            t_us = int((time.monotonic() - start_s) * 1e6)
            value = self.counts + (self.wobble if seq % 2 else -self.wobble)
            pending, self.pending = self.pending, b""
            said = pending or said
            if wire.COMMAND_META in self.device.received():
                pending = said
            self.device.send(pending + wire.encode_sample(seq, t_us, [value]))
            seq += 1

    def __enter__(self) -> LiveCell:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def cell(device: PtyDevice) -> Iterator[LiveCell]:
    with LiveCell(device) as live:
        yield live


def steady(taken: Taken, counts: int) -> None:
    """Wait until the last 0.7 s are at `counts`."""
    end_s = taken.sensor.now_s() + 0.7
    taken.until(lambda t: bool(t.blocks) and t.blocks[-1].time_s[-1] > end_s and t.counts[-1] == counts)


def tared(sensor: Sensor, *, under_load: bool = False) -> Calibration:
    """Set the zero, trying again while a busy machine keeps the signal from being there."""
    for _ in range(20):
        try:
            return sensor.tare(under_load=under_load)
        except TareError as error:
            if "steady signal" not in str(error):
                raise
            time.sleep(0.2)
    return sensor.tare(under_load=under_load)


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


# --- plugs and silence -------------------------------------------------------------------------------------------


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


# --- what the sensor says and is asked ---------------------------------------------------------------------------


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


# --- recording, replay, end --------------------------------------------------------------------------------------


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
