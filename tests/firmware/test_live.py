"""The compiled sketch in real time behind a port, read by the bridge and by the installed program."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from feedback.signal import ForceBlock, Notice, NoticeKind
from firmware_bridge import Sensor, open_sensor
from tests.cli.devices import result, start_recording
from tests.firmware import chip
from tests.firmware.chip import LiveChip, at, ramp, say
from tests.firmware.tools import need_tools
from tests.terminal import run

need_tools()

COUNTS_PER_N = 6867.5
ZERO = 154_446


@pytest.fixture
def eeprom(tmp_path: Path) -> Path:
    """A sensor that was set up: calibrated, with a number."""
    path = tmp_path / "eeprom"
    lines = ("serial=GP-0001", f"counts_per_n={COUNTS_PER_N}", f"zero={ZERO}")
    chip.run(tmp_path, [say(0.2 * i + 0.1, f"S {line}\n") for i, line in enumerate(lines)], 1, eeprom=path)
    return path


def force(points: list[tuple[float, float]]) -> list[str]:
    return ramp((t, ZERO + newtons * COUNTS_PER_N) for t, newtons in points)


def gather(sensor: Sensor, done: Callable[[list[ForceBlock | Notice]], bool]) -> list[ForceBlock | Notice]:
    items: list[ForceBlock | Notice] = []
    end_s = time.monotonic() + 20
    while not done(items) and time.monotonic() < end_s:
        sensor.wait(0.05)
        items += sensor.take()
    assert done(items), sensor.health
    return items


def column(items: list[ForceBlock | Notice], name: str) -> np.ndarray:
    return np.concatenate([getattr(item, name) for item in items if isinstance(item, ForceBlock)])


def notices(items: list[ForceBlock | Notice], kind: NoticeKind) -> list[Notice]:
    return [item for item in items if isinstance(item, Notice) and item.kind is kind]


def test_force_buttons_and_a_reset_come_through_the_bridge(tmp_path: Path, eeprom: Path):
    points = [(0.0, 0.0), (1.5, 0.0), (3.0, 40.0), (20.0, 40.0)]
    script = [*force(points), at(2.5, "button 1 down"), at(2.8, "button 1 up"), at(3.5, "reset")]
    with LiveChip(tmp_path, script, eeprom=eeprom) as live, open_sensor(live.url) as sensor:
        items = gather(sensor, lambda items: len(notices(items, NoticeKind.BUTTON_RELEASED)) > 0)
        round_trip_s = sensor.ping(10.0)
        items += gather(
            sensor, lambda more: bool(more) and float(column(items + more, "time_s")[-1]) > _at(items, 40) + 3
        )
        health, info = sensor.health, sensor.info
        truth = live.happened()
    assert round_trip_s is not None
    assert 0 < round_trip_s < 10
    assert info.serial == "GP-0001"
    assert info.dialect == "native-binary"
    assert (health.lost, health.checksum_errors) == (0, 0)
    restarts = notices(items, NoticeKind.CLOCK_RESTARTED)
    assert len(restarts) == 1
    ready = [(h.t_us, int(h.what.split()[1])) for h in truth if h.what.startswith("ready")]
    times, counts = column(items, "time_s"), column(items, "counts")
    # The port may have been opened after the first META: until it is asked for there is no calibration.
    force_n = column(items, "force_n")
    known = np.isfinite(force_n)
    assert known[np.argmax(known) :].all()
    assert known.sum() > 0.8 * len(known)
    assert force_n[known] == pytest.approx((counts[known] - ZERO) / COUNTS_PER_N, abs=1e-5)
    before = times < restarts[0].time_s
    true_counts = [value for _, value in ready]
    first = true_counts.index(counts[counts != ZERO][0]) - int(np.argmax(counts != ZERO))
    n = int(before.sum())
    assert counts[:n].tolist() == true_counts[first : first + n]
    (press,) = notices(items, NoticeKind.BUTTON_PRESSED)
    true_press_s = next(h.t_us for h in truth if h.what == "button 1 down") * 1e-6
    nearest = int(np.argmin(np.abs(times[:n] - press.time_s)))
    true_nearest_s = ready[first + nearest][0] * 1e-6
    assert press.time_s - times[nearest] == pytest.approx(true_press_s - true_nearest_s, abs=1e-3)
    assert press.value == 1


def _at(items: list[ForceBlock | Notice], newtons: float) -> float:
    """When the force first came near this; infinite when it did not yet."""
    near = np.flatnonzero(column(items, "force_n") > newtons * 0.5)
    return float(column(items, "time_s")[near[0]]) if len(near) else np.inf


def test_goodpain_record_keeps_the_press_and_the_client_s_button(tmp_path: Path, eeprom: Path):
    data = tmp_path / "data"
    with LiveChip(tmp_path, [], eeprom=eeprom) as live:
        live.tell(f"counts {ZERO}")
        recording = start_recording(live.url, data, "--for", "7")
        _wait_until_turned(live)
        steps = [(20.0, 2.0), (0.0, 0.5)]
        for newtons, seconds in steps:
            live.tell(f"counts {ZERO + newtons * COUNTS_PER_N:.0f}")
            if newtons:
                time.sleep(1.0)
                live.tell("button 2 down")
                time.sleep(0.1)
                live.tell("button 2 up")
            time.sleep(seconds - 1.1 if newtons else seconds)
        record = result(recording)
    assert record["checksum_errors"] == 0
    assert record["lost"] == 0
    assert record["samples"] > 400
    assert record["peak_force_n"] == pytest.approx(20.0, abs=0.001)
    code, _, err = run("export", "--csv", tmp_path / "csv", "--data", data)
    assert code == 0, err
    with (tmp_path / "csv" / "reports.csv").open(newline="") as file:
        (report,) = csv.DictReader(file)
    assert report["source"] == "client"
    assert report["kind"] == "too_little"
    assert float(report["pressure_kpa"]) == pytest.approx(200.0, rel=0.01)


def _wait_until_turned(live: LiveChip) -> None:
    """Until the program has asked for binary: then a button is an EVENT."""
    end_s = time.monotonic() + 15
    while "heard B" not in {h.what for h in live.happened()} and time.monotonic() < end_s:
        time.sleep(0.05)
    time.sleep(0.3)
