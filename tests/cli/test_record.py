from __future__ import annotations

import csv
import random
import signal
import time
from pathlib import Path

import pytest

from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import play, result, start_recording, wait_until_listening
from tests.cli.other_encoder import meta, sample
from tests.terminal import run

VECTORS = [
    "00 02 10 01 01 01 01 01 01 01 01 01 01 03 a9 b3 00",
    "00 02 10 06 01 02 40 42 0f 04 4e 5b 02 03 cc 90 00",
    "00 10 10 01 ff ff ff ff ff ff ff ff ff ff ff ff 7f 03 df 88 00",
    "00 02 11 02 07 04 90 d0 03 06 d4 30 01 03 0a 01 01 06 ec ff ff ff 1e 01 01 03 42 c5 00",
]
"""The four binary test vectors of docs/wire-protocol.md."""

RATE_HZ = 80


@pytest.fixture
def device(tmp_path):
    with PtyDevice(tmp_path / "ttySENSOR") as opened:
        yield opened


def rows_of(folder: Path, table: str) -> list[dict[str, str]]:
    code, _, err = run("export", "--csv", folder / "csv", "--data", folder)
    assert code == 0, err
    with (folder / "csv" / f"{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def press(counts_per_n: float, *, level_n: float = 20.0, hold_s: float = 3.0) -> list[float]:
    """Newtons of one press at 80 samples a second: half a second each of nothing, ramp, hold, ramp, nothing."""
    edge = int(RATE_HZ * 0.5)
    up = [level_n * i / edge for i in range(edge)]
    newtons = [0.0] * edge + up + [level_n] * int(RATE_HZ * hold_s) + up[::-1] + [0.0] * edge
    return [n * counts_per_n for n in newtons]


def timed_samples(counts: list[float], *, skew: float = 0.0, seq: int = 0) -> list[tuple[float, bytes]]:
    return [
        (i / RATE_HZ, sample(seq + i, int(i / RATE_HZ / (1 + skew) * 1e6), round(value)))
        for i, value in enumerate(counts)
    ]


def test_the_vectors_of_the_wire_format_are_recorded_with_their_counts_and_times(tmp_path, device):
    recording = start_recording(device.url, tmp_path, "--for", "2.5", "--dialect", "native-binary")
    wait_until_listening(device)
    play(device, [(0.3 * i, bytes.fromhex(vector)) for i, vector in enumerate(VECTORS)], after_s=0.3).join()
    record = result(recording)
    assert record["samples"] == 6
    assert record["checksum_errors"] == 0
    rows = rows_of(tmp_path, "samples")
    assert [int(row["counts"]) for row in rows] == [0, 154446, -1, 10, -20, 30]
    device_s = [int(row["device_t_us"]) % 2**32 for row in rows]
    assert device_s == [0, 1000000, 4294967295, 250000, 262500, 275000]
    times_s = [float(row["time_s"]) for row in rows]
    assert times_s == sorted(times_s)
    assert "saturated" in rows[2]["quality"]
    assert all(row["force_n"] == "" for row in rows)


def test_a_press_in_newtons_comes_out_as_it_was_played(tmp_path, device):
    recording = start_recording(
        device.url,
        tmp_path,
        "--for",
        "6",
        "--client",
        "A1",
        "--point",
        "infraspinatus, right",
        "--band",
        "1.5-2.5",
    )
    wait_until_listening(device)
    counts_per_n, zero = 20000.0, 1234
    frames = timed_samples([zero + value for value in press(counts_per_n)])
    frames[0] = (
        0.0,
        meta(proto=1, serial="T1", rate_hz=80, counts_per_n=counts_per_n, zero_counts=zero) + frames[0][1],
    )
    play(device, frames).join()
    record = result(recording)
    assert record["dialect"] == "native-binary"
    assert record["samples"] == len(frames)
    assert record["lost"] == 0
    assert record["sensor"]["serial"] == "T1"
    assert record["rate_hz"] == pytest.approx(80, rel=0.01)
    assert record["peak_force_n"] == pytest.approx(20.0, abs=0.001)
    (only,) = record["presses"]
    assert only["peak_kpa"] == pytest.approx(200, abs=0.1)
    assert only["hold_mean_kpa"] == pytest.approx(200, rel=0.01)
    assert only["ramp_kpa_per_s"] == pytest.approx(400, rel=0.03)
    assert only["time_in_band_s"] == pytest.approx(3.26, abs=0.05)
    assert only["dose_ns"] == pytest.approx(20 * 3.5, rel=0.02)
    code, out, _ = run("history", "--client", "A1", "--data", tmp_path)
    assert code == 0
    assert "infraspinatus, right" in out


def test_one_byte_in_a_hundred_flipped_gives_no_wrong_sample_and_counts_every_loss(tmp_path, device):
    chance = random.Random(7)
    sent = timed_samples([float(i * 3 - 500) for i in range(480)])

    def flipped(data: bytes) -> bytes:
        return bytes(b ^ (1 << chance.randrange(8)) if chance.random() < 0.01 else b for b in data)

    spoilt = [sent[0], *[(at_s, flipped(data)) for at_s, data in sent[1:-1]], sent[-1]]
    recording = start_recording(device.url, tmp_path, "--for", "7.5")
    wait_until_listening(device)
    play(device, spoilt).join()
    record = result(recording)
    counts = [int(row["counts"]) for row in rows_of(tmp_path, "samples")]
    assert set(counts) <= {i * 3 - 500 for i in range(480)}
    assert counts == sorted(counts)
    assert 20 < record["lost"] < 200
    assert record["samples"] + record["lost"] == 480
    assert record["checksum_errors"] > 0


def test_the_devices_clock_is_followed_not_the_arrival(tmp_path, device):
    recording = start_recording(device.url, tmp_path, "--for", "9")
    wait_until_listening(device)
    play(device, timed_samples([0.0] * 640, skew=0.003)).join()
    assert result(recording)["clock_skew_ppm"] == pytest.approx(3000, abs=250)


def test_an_unplugged_sensor_leaves_a_gap_and_recording_goes_on_when_it_is_back(tmp_path, device):
    recording = start_recording(device.url, tmp_path, "--for", "8.5")
    wait_until_listening(device)
    play(device, timed_samples([0.0] * 160), after_s=0.3).join()
    time.sleep(0.3)  # what is still in the wire when the plug is pulled is lost, as with a real one
    device.unplug()
    time.sleep(1.0)
    device.plug_in()
    wait_until_listening(device)
    # Opening a port throws away what had arrived: the device speaks a moment later, as one that boots does.
    play(device, timed_samples([0.0] * 160), after_s=0.3).join()
    record = result(recording)
    assert record["reconnects"] == 1
    assert record["samples"] == 320
    events = {row["kind"] for row in rows_of(tmp_path, "events")}
    assert {"gap", "signal lost", "signal back"} <= events
    assert any(row["gap_before_s"] not in ("", "0") for row in rows_of(tmp_path, "samples"))


def test_bytes_that_were_kept_play_back_as_the_same_record(tmp_path, device):
    raw = tmp_path / "kept.raw"
    recording = start_recording(device.url, tmp_path, "--for", "5", "--raw", str(raw))
    wait_until_listening(device)
    frames = timed_samples(press(20000.0, hold_s=2.0))
    frames[0] = (0.0, meta(counts_per_n=20000.0, zero_counts=0) + frames[0][1])
    play(device, frames).join()
    first = result(recording)
    again = result(start_recording(f"replay://{raw}?speed=4", tmp_path / "again"))
    assert again["samples"] == first["samples"]
    assert again["lost"] == first["lost"] == 0
    (a,), (b,) = first["presses"], again["presses"]
    for figure in ("peak_kpa", "hold_mean_kpa", "dose_ns", "duration_s"):
        assert b[figure] == pytest.approx(a[figure], rel=0.01)


def test_ctrl_c_ends_a_recording_in_order(tmp_path, device):
    recording = start_recording(device.url, tmp_path)
    wait_until_listening(device)
    play(device, timed_samples([0.0] * 160)).join()
    recording.send_signal(signal.SIGINT)
    assert result(recording)["samples"] >= 150
    code, out, _ = run("history", "--json", "--data", tmp_path)
    assert code == 0
    assert '"ended_how": "ended"' in out


def test_a_recording_goes_on_when_nobody_reads_what_it_says_any_more(tmp_path, device):
    recording = start_recording(device.url, tmp_path, "--dialect", "native-binary", "--for", "4")
    assert recording.stderr is not None
    recording.stderr.close()
    recording.stderr = None
    wait_until_listening(device)
    play(device, timed_samples([0.0] * 40), after_s=0.3).join()
    device.unplug()
    # What is said of the plug goes to nobody.
    time.sleep(0.5)
    device.plug_in()
    wait_until_listening(device)
    play(device, timed_samples([0.0] * 40, seq=40), after_s=0.3).join()
    record = result(recording)
    assert record["samples"] > 60
    assert record["reconnects"] == 1


def test_a_summary_that_nobody_reads_is_in_the_record_all_the_same(tmp_path):
    recording = start_recording("sim://bench?speed=10", tmp_path, "--for", "5")
    assert recording.stdout is not None
    recording.stdout.close()
    recording.stdout = None
    assert recording.communicate(timeout=30)[1] == ""
    assert recording.returncode == 1
    (session,) = rows_of(tmp_path, "sessions")
    assert session["ended_how"] == "ended"
