"""The compiled sketch on the simulated chip, faster than real time; its bytes are read by an independent decoder."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from feedback.signal import Calibration, Quality
from firmware_bridge.dialects import decode, dialect
from firmware_bridge.sequence import SequenceCounter
from tests.firmware import build, chip
from tests.firmware import other_decoder as other
from tests.firmware.chip import at, ramp, say
from tests.firmware.tools import need_tools

need_tools()

BINARY = say(0.02, "B")
"""Before the first sample, which comes after 50 ms."""
COUNTS_PER_N = 6867.5
ZERO = 154_446


def binary_part(data: bytes) -> bytes:
    """From the first frame on; the device starts in text."""
    return data[data.index(b"\0") :]


def frames_of(run: chip.Run) -> list[other.Frame]:
    return other.frames(binary_part(run.data))


def test_the_sketch_fits_on_the_smallest_board():
    built = build.firmware()
    print(build.usage(built))
    assert built.flash_bytes < 0.5 * build.FLASH_BYTES
    assert built.ram_bytes < 0.7 * build.RAM_BYTES


def test_a_minute_at_80_samples_a_second_loses_nothing_and_each_sample_has_its_time_and_counts(
    tmp_path: Path,
):
    wave = ramp((0.5 * i, ZERO + 40_000 * (i % 7) - 90_000 * (i % 3)) for i in range(121))
    run = chip.run(tmp_path, [BINARY, *wave], 60.1)
    truth = run.ready()
    found = other.samples(frames_of(run))
    assert len(truth) >= 4795
    assert [seq for seq, *_ in found] == list(range(len(found)))
    assert len(truth) - len(found) <= 1
    assert [counts for _, _, counts, _ in found] == [counts for _, counts in truth[: len(found)]]
    late_us = np.array([t for _, t, *_ in found]) - np.array([t for t, _ in truth[: len(found)]])
    assert np.ptp(late_us) < 20
    assert run.end.startswith(f"end conversions={len(truth)} unread=0 disturbed=0")

    decoder = dialect("native-binary").new_decoder()
    readings = decoder.feed(binary_part(run.data))
    assert len(readings) == len(found)
    assert decoder.checksum_errors == 0
    assert decoder.garbage_bytes == 0
    assert int(SequenceCounter().lost_before(readings.seq, readings.t_us).sum()) == 0


def test_a_ramp_at_the_pins_comes_out_in_newtons_within_the_quantisation(tmp_path: Path):
    newtons = [(0.0, 0.0), (0.5, 0.0), (3.5, 60.0), (4.0, 60.0), (5.0, 0.0), (6.0, 0.0)]
    run = chip.run(tmp_path, [BINARY, *ramp((t, ZERO + n * COUNTS_PER_N) for t, n in newtons)], 5.5)
    readings = decode("native-binary", binary_part(run.data))
    force_n = Calibration(ZERO, COUNTS_PER_N, "test").force_n(readings.counts)
    true_n = np.interp([t * 1e-6 for t, _ in run.ready()], *zip(*newtons, strict=True))[: len(force_n)]
    quantum_n = 1 / COUNTS_PER_N
    assert np.abs(force_n - true_n).max() <= 0.5 * quantum_n + 1e-5
    assert force_n.max() == pytest.approx(60.0, abs=quantum_n)


def test_the_converter_s_clock_stays_within_its_limits(tmp_path: Path):
    run = chip.run(tmp_path, [BINARY, say(0.3, b"P\1\2\3\4?P\1\2\3\4?"), at(0.4, "button 1 down")], 1)
    low, high = map(float, run.end.rsplit("=", 1)[1].split(".."))
    assert low >= 200
    assert high < 50_000


def test_the_stack_stays_clear_of_the_variables(tmp_path: Path):
    eeprom = tmp_path / "eeprom"
    script = [say(0.2 + 0.1 * i, f"S {line}\n") for i, line in enumerate(("channels=3", "serial=ABC", "x=1"))]
    script += [say(0.8, "Z?T?B?"), at(0.8, "button 1 down"), say(1.2, b"P\1\2\3\4")]
    run = chip.run(tmp_path, script, 11, eeprom=eeprom)
    stack = int(run.end.split("stack=")[1].split()[0])
    assert stack < 0.5 * (build.RAM_BYTES - build.firmware().ram_bytes)


def test_buttons_are_on_the_clock_of_the_samples(tmp_path: Path):
    presses = [(0.7 + 0.3137 * i, 1 + i % 2) for i in range(9)]
    script = [at(t, f"button {n} down") for t, n in presses] + [
        at(t + 0.1, f"button {n} up") for t, n in presses
    ]
    run = chip.run(tmp_path, [BINARY, *script], 4)
    found = frames_of(run)
    offset_us = run.ready()[0][0] - other.samples(found)[0][1]
    expected = sorted(
        (h.t_us, 1 if h.what.endswith("down") else 2, int(h.what.split()[1]))
        for h in run.happened
        if h.what.startswith("button")
    )
    said = other.events(found)
    assert [(code, value) for _, code, value in said] == [(code, value) for _, code, value in expected]
    errors_us = [t + offset_us - true for (t, *_), (true, *_) in zip(said, expected, strict=True)]
    assert max(map(abs, errors_us)) < 100


def test_a_contact_that_bounces_is_one_press_at_its_first_touch(tmp_path: Path):
    run = chip.run(tmp_path, [BINARY, at(0.5, "bounce 1 down"), at(0.9, "bounce 1 up")], 1.2)
    found = frames_of(run)
    offset_us = run.ready()[0][0] - other.samples(found)[0][1]
    said = other.events(found)
    assert [(code, value) for _, code, value in said] == [(1, 1), (2, 1)]
    assert said[0][0] + offset_us == pytest.approx(run.times("button 1 down")[0], abs=100)
    assert said[1][0] + offset_us == pytest.approx(run.times("button 1 up")[0], abs=100)


def test_a_reset_in_mid_stream_begins_clock_and_numbers_anew_and_says_so(tmp_path: Path):
    run = chip.run(tmp_path, [BINARY, at(2.0031, "reset"), say(2.02, "B")], 4)
    reset_us = run.times("reset")[0]
    before, after = (decode("native-binary", binary_part(part)) for part in _split_at_restart(run.data))
    assert len(before) == pytest.approx(156, abs=2)
    assert len(after) == pytest.approx(155, abs=2)
    assert after.seq[0] == 0
    assert after.t_us[0] < 60_000
    assert after.quality[0] == Quality.CLOCK_RESTART
    assert not after.quality[1:].any()
    assert [counts for t, counts in run.ready() if t > reset_us][: len(after)] == after.counts.tolist()


def _split_at_restart(data: bytes) -> tuple[bytes, bytes]:
    """The bytes before and after a reset; each start begins with a META line in text."""
    second = data.index(b"M,proto", 1)
    return data[:second], data[second:]


def test_the_clock_wraps_at_2_to_the_32_and_goes_on(tmp_path: Path):
    # 1.6 s before the wrap, in turns of 32.768 ms.
    run = chip.run(tmp_path, [BINARY], 3, defines=(f"GOODPAIN_CLOCK_TURNS={2**17 - 49}",))
    t_us = np.array([t for _, t, *_ in other.samples(frames_of(run))])
    assert t_us.max() > 2**32 - 13_000
    assert t_us.min() < 13_000
    steps = np.diff(t_us) % 2**32
    assert np.abs(steps - 12_500).max() < 20


def test_saturation_is_flagged_at_both_ends_and_only_there(tmp_path: Path):
    wave = ramp(
        [(0.4, 8_388_606), (0.41, 8_388_607), (0.6, 9e6), (0.61, 0), (0.8, 0), (0.81, -9e6), (1.0, -9e6)]
    )
    run = chip.run(tmp_path, [BINARY, *wave], 0.95)
    for _, _, counts, flags in other.samples(frames_of(run)):
        assert bool(flags & 1) == (counts in (-8_388_608, 8_388_607))
    flags = {bool(flags & 1) for _, _, _, flags in other.samples(frames_of(run))}
    assert flags == {True, False}


def test_a_conversion_whose_edge_went_unseen_is_read_flagged_late_and_counted(tmp_path: Path):
    run = chip.run(tmp_path, [BINARY, at(0.5, "hide")], 10.5)
    found = frames_of(run)
    samples = other.samples(found)
    assert [seq for seq, *_ in samples] == list(range(len(samples)))
    late = [(t, flags) for _, t, _, flags in samples if flags & 2]
    assert len(late) == run.what_count("hidden") == 1
    overruns, drops, *_ = struct.unpack("<HHHh", other.of_kind(found, 0x30)[-1].payload)
    assert (overruns, drops) == (1, 0)


def test_a_converter_that_is_not_connected_gives_a_sentence_and_no_samples(tmp_path: Path):
    run = chip.run(tmp_path, [BINARY, at(1, "unwire"), at(4, "wire"), at(5, "short"), at(6, "wire")], 7)
    found = frames_of(run)
    logs = other.logs(found)
    assert [log for log in logs if "no conversion for 2 s" in log]
    assert [log for log in logs if "DOUT stays low" in log]
    t_s = np.array([t for _, t, *_ in other.samples(found)]) * 1e-6
    assert not ((t_s > 1.02) & (t_s < 3.99)).any()
    assert not ((t_s > 5.02) & (t_s < 5.98)).any()
    assert (t_s > 6.1).sum() > 60
    # In the air DOUT reads as ones, at ground as zeros: neither may be taken for a force.
    assert all(flags & ~16 == 0 for _, _, _, flags in other.samples(found) if flags & 1)


def test_ten_samples_a_second(tmp_path: Path):
    run = chip.run(tmp_path, [BINARY, say(0.2, "S rate=10\n")], 5)
    found = frames_of(run)
    t_us = np.array([t for _, t, *_ in other.samples(found)])
    assert np.abs(np.diff(t_us)[-20:] - 100_000).max() < 20
    assert other.meta(found)[-1]["rate_hz"] == "10"


def test_a_module_strapped_to_the_other_rate_is_named(tmp_path: Path):
    run = chip.run(tmp_path, [BINARY, at(0, "strap 10")], 9)
    found = frames_of(run)
    assert len([log for log in other.logs(found) if "RATE pin must be high" in log]) == 1
    assert [seq for seq, *_ in other.samples(found)] == list(range(len(other.samples(found))))
    assert not [flags for _, _, _, flags in other.samples(found) if flags & ~16]
