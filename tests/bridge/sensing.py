"""What tests of the sensor hear and send: a device's frames and everything that a sensor delivered."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind
from firmware_bridge import (
    Sensor,
    TareError,
    open_sensor,
    wire,
)
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
