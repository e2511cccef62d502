"""What the compiled sketch says besides samples, in both forms, and what it does with what it is told."""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from feedback.signal import Quality
from firmware_bridge.dialects import decode, dialect
from tests.firmware import chip
from tests.firmware import other_decoder as other
from tests.firmware.chip import EEPROM_BYTES, at, ramp, say
from tests.firmware.tools import need_tools

need_tools()

BINARY = say(0.02, "B")
META = {
    "proto": "1",
    "fw": "goodpain-sensor 1.0",
    "device": "HX711 load cell",
    "rate_hz": "80",
    "channels": "1",
    "adc_min": "-8388608",
    "adc_max": "8388607",
}
"""As it comes from the box: no number, no calibration."""


def frames_of(run: chip.Run) -> list[other.Frame]:
    return other.frames(run.data[run.data.index(b"\0") :])


@pytest.fixture
def eeprom(tmp_path: Path) -> Path:
    return tmp_path / "eeprom"


def test_it_starts_in_text_with_its_meta(tmp_path: Path):
    run = chip.run(tmp_path, [], 6)
    lines = other.text_lines(run.data)
    assert other.text_meta(lines) == [META, META]
    assert lines[0].startswith("M,")
    assert lines[1] == "# no settings yet: defaults are in use"


def test_text_lines_are_those_of_the_protocol_and_lose_nothing(tmp_path: Path):
    run = chip.run(tmp_path, ramp([(0, -8e6), (10, 8e6)]), 10)
    found = other.text_samples(other.text_lines(run.data))
    truth = run.ready()
    assert [line.seq for line in found] == list(range(len(found)))
    assert [line.channels for line in found] == [[counts] for _, counts in truth[: len(found)]]
    assert [line.flags for line in found] == [16] + [0] * (len(found) - 1)
    decoder = dialect("native-text").new_decoder()
    readings = decoder.feed(run.data)
    assert len(readings) == len(found)
    assert (decoder.checksum_errors, decoder.garbage_bytes) == (0, 0)
    assert not (readings.quality & Quality.UNCHECKED).any()


def test_numbers_and_clock_go_on_when_the_form_changes(tmp_path: Path):
    run = chip.run(tmp_path, [say(1.003, "B"), say(2.003, "T"), say(3.003, "B")], 4)
    data = run.data
    first, last = data.index(b"\0"), data.rindex(b"\r\n") + 2
    text_again = data.index(b"\0\r\nM,", first) + 1
    found = [(line.seq, line.t_us) for line in other.text_samples(other.text_lines(data[:first]))]
    found += [(seq, t) for seq, t, *_ in other.samples(other.frames(data[first:text_again]))]
    found += [(line.seq, line.t_us) for line in other.text_samples(other.text_lines(data[text_again:last]))]
    found += [(seq, t) for seq, t, *_ in other.samples(other.frames(data[last:]))]
    assert [seq for seq, _ in found] == list(range(len(found)))
    assert np.abs(np.diff([t for _, t in found]) - 12_500).max() < 20


def test_meta_comes_at_start_every_five_seconds_and_when_asked(tmp_path: Path):
    run = chip.run(tmp_path, [say(0.001, "B"), say(2, "?"), say(7.5, "?")], 11)
    found = frames_of(run)
    assert all(values == META for values in other.meta(found))
    at_s = [frame.t_us * 1e-6 for frame in other.of_kind(found, 0x01)]
    assert at_s == pytest.approx([0.0, 2.0, 5.0, 7.5, 10.0], abs=0.01)  # the first for the new form


def test_a_ping_is_answered_at_once_with_its_nonce(tmp_path: Path):
    nonces = [0x00000000, 0x3F423F42, 0xFFFFFFFF, 0x12345678]
    pings = [say(0.5 + 0.1 * i, b"P" + nonce.to_bytes(4, "little")) for i, nonce in enumerate(nonces)]
    run = chip.run(tmp_path, [BINARY, *pings], 1)
    found = other.of_kind(frames_of(run), 0x31)
    assert [int.from_bytes(frame.payload, "little") for frame in found] == nonces
    for i, frame in enumerate(found):
        assert frame.t_us * 1e-6 == pytest.approx(0.5 + 0.1 * i, abs=0.0015)
    assert len(other.meta(frames_of(run))) == 1  # that of the new form: the “?” inside a nonce is no command


def test_a_nonce_that_never_comes_does_not_swallow_what_follows(tmp_path: Path):
    run = chip.run(tmp_path, [BINARY, say(0.5, b"P\1"), say(0.9, "?")], 1)
    assert len(other.meta(frames_of(run))) == 2


def test_unknown_bytes_are_ignored(tmp_path: Path):
    noise = bytes(byte for byte in range(256) if chr(byte) not in "?BTZPS")
    run = chip.run(tmp_path, [BINARY, say(0.5, noise), say(0.8, "SSS?")], 1.5)
    found = frames_of(run)
    assert len(other.meta(found)) == 2
    assert {frame.kind for frame in found} == {0x10, 0x01}
    assert [seq for seq, *_ in other.samples(found)] == list(range(len(other.samples(found))))


def test_z_takes_the_present_counts_as_zero_and_leaves_the_counts_raw(tmp_path: Path):
    script = [BINARY, say(0.3, "S counts_per_n=6867.5\n"), at(0, "counts 154446"), say(1, "Z")]
    found = frames_of(chip.run(tmp_path, script, 2))
    assert [(code, value) for _, code, value in other.events(found)] == [(3, 154_446)]
    assert other.meta(found)[-1]["zero_counts"] == "154446"
    tared_us = other.events(found)[0][0]
    for _, t_us, counts, flags in other.samples(found)[1:]:
        assert counts == 154_446
        assert flags == (8 if t_us >= tared_us else 0)


def test_a_zero_is_not_taken_at_the_end_of_the_range(tmp_path: Path):
    found = frames_of(chip.run(tmp_path, [BINARY, at(0, "counts 8388607"), say(1, "Z")], 2))
    assert other.events(found) == []
    assert other.logs(found) == ["not tared: the converter is at its limit"]


def test_status_tells_overruns_drops_and_the_supply(tmp_path: Path):
    found = frames_of(chip.run(tmp_path, [BINARY], 11))
    (frame,) = other.of_kind(found, 0x30)
    overruns, drops, vcc_mv, temp_centi_c = struct.unpack("<HHHh", frame.payload)
    assert (overruns, drops, temp_centi_c) == (0, 0, -32768)
    assert vcc_mv == pytest.approx(5000, abs=30)


def test_samples_that_a_slow_port_cannot_take_are_counted_and_use_up_their_numbers(
    tmp_path: Path, eeprom: Path
):
    chip.run(tmp_path, [say(0.2, "S baud=9600\n")], 1, eeprom=eeprom)
    run = chip.run(tmp_path, [], 30, eeprom=eeprom)
    lines = other.text_lines(run.data)
    found = other.text_samples(lines)
    sent = len(found)
    missing = found[-1].seq + 1 - sent
    assert missing > 1000
    gaps = [line for before, line in pairwise(found) if line.seq != before.seq + 1]
    assert all(line.flags & 4 for line in gaps)
    assert [line for line in found if line.flags & 4] == gaps
    status = [line for line in lines if line.startswith("# status")][-1]
    told = int(status.split("tx_drops=")[1].split()[0])
    assert 0.5 * missing < told <= missing + 100
    assert len(other.text_meta(lines)) >= 5
    truth = dict(enumerate(counts for _, counts in run.ready()))
    assert all(line.channels == [truth[line.seq]] for line in found)


def test_settings_survive_a_reset_and_a_power_cut(tmp_path: Path, eeprom: Path):
    changes = [
        "serial=GP-0001",
        "counts_per_n=-6867.512345",
        "zero=-154446",
        "rate=10",
        "channels=2",
        "start=binary",
    ]
    script = [say(0.3 + 0.2 * i, f"S {change}\n") for i, change in enumerate(changes)]
    first = chip.run(tmp_path, [*script, at(2.5, "reset")], 4, eeprom=eeprom)
    second = chip.run(tmp_path, [], 4, eeprom=eeprom)
    told = [line for line in other.text_lines(first.data[: first.data.index(b"\0")]) if "stored" in line]
    assert told == [f"# stored: {change.split('=')[0]}" for change in changes]
    expected = META | {
        "serial": "GP-0001",
        "counts_per_n": "-6867.512345",
        "zero_counts": "-154446",
        "rate_hz": "10",
        "channels": "2",
    }
    assert other.meta(frames_of(first))[-1] == expected
    assert other.meta(frames_of(second))[-1] == expected
    assert second.data[0] == 0
    assert eeprom.stat().st_size == EEPROM_BYTES


def test_settings_with_a_bad_checksum_are_left_for_the_defaults_and_that_is_said(
    tmp_path: Path, eeprom: Path
):
    chip.run(tmp_path, [say(0.2, "S counts_per_n=6867.5\n"), say(0.5, "S rate=10\n")], 1, eeprom=eeprom)
    content = bytearray(eeprom.read_bytes())
    content[20] ^= 0x01
    eeprom.write_bytes(content)
    lines = other.text_lines(chip.run(tmp_path, [], 1, eeprom=eeprom).data)
    assert other.text_meta(lines) == [META]
    assert "# the settings were damaged: defaults are in use" in lines


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("rate=40", "not a possible value: 40"),
        ("counts_per_n=0.0", "not a possible value: 0.0"),
        ("counts_per_n=1e5", "not a possible value: 1e5"),
        ("counts_per_n=1234567890.123456", "not a possible value: 1234567890.123456"),
        ("serial=a,b", "not a possible value: a,b"),
        ("channels=4", "not a possible value: 4"),
        ("baud=12345", "not a possible value: 12345"),
        ("zero=12x", "not a possible value: 12x"),
        ("colour=red", "there is no such setting: colour"),
        ("rate", "not understood; S key=value, for example S rate=80, or S defaults"),
        ("serial=" + "Z" * 80, "the line is too long"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_a_reason_and_changes_nothing(
    tmp_path: Path, line: str, answer: str
):
    found = frames_of(chip.run(tmp_path, [BINARY, say(0.2, f"S {line}\r\n"), say(0.5, "?")], 0.8))
    assert other.logs(found) == [answer]
    assert other.meta(found) == [META, META]
    assert other.events(found) == []


def test_defaults_can_be_had_back(tmp_path: Path):
    script = [BINARY, say(0.2, "S serial=X\n"), say(0.4, "S rate=10\n"), say(0.7, "S defaults\n")]
    assert other.meta(frames_of(chip.run(tmp_path, script, 1.5)))[-1] == META


def test_further_channels_carry_the_analogue_inputs(tmp_path: Path):
    script = [say(0.02, "S channels=3\n"), say(0.25, "B"), at(0, "adc 0 1250"), at(0, "adc 1 3750")]
    run = chip.run(tmp_path, [*script, at(1, "adc 0 2500")], 1.5)
    readings = decode("native-binary", run.data[run.data.index(b"\0") :])
    assert readings.extra.shape[1] == 2
    t_s = readings.t_us * 1e-6
    assert readings.extra[t_s < 0.99, 0] == pytest.approx(16 * 256, abs=16)
    assert readings.extra[t_s > 1.02, 0] == pytest.approx(16 * 512, abs=16)
    assert readings.extra[:, 1] == pytest.approx(16 * 768, abs=16)
    lines = other.text_samples(other.text_lines(run.data[: run.data.index(b"\0")]))
    assert len(lines[-1].channels) == 3


def test_a_force_sensing_resistor_as_channel_0_gives_its_conductance(tmp_path: Path):
    script = [say(0.02, "S force=fsr\n"), say(0.3, "B")]
    levels = [(1, 0.0), (2, 1000), (3, 2500), (4, 4000), (5, 4990)]
    script += [at(t, f"adc 0 {millivolts:.0f}") for t, millivolts in levels]
    found = frames_of(chip.run(tmp_path, script, 6))
    samples = other.samples(found)
    assert np.abs(np.diff([t for _, t, *_ in samples]) - 12_500).max() < 20
    assert np.diff([seq for seq, *_ in samples]).tolist() == [1] * (len(samples) - 1)
    for t, millivolts in levels[:-1]:
        (counts,) = {counts for _, t_us, counts, _ in samples if t + 0.05 < t_us * 1e-6 < t + 0.99}
        assert counts == pytest.approx(10_000 * millivolts / (5000 - millivolts), rel=0.01)
    saturated = [t_us * 1e-6 for _, t_us, _, flags in samples if flags & 1]
    assert saturated[0] == pytest.approx(5, abs=0.02)
    meta = other.meta(found)[-1]
    assert meta["device"] == "force-sensing resistor"
    assert int(meta["adc_max"]) == max(counts for _, _, counts, _ in samples)
    assert "adc_min" not in meta


def test_a_dial_tells_its_position_once_it_rests_and_not_where_it_stood_at_start(tmp_path: Path):
    volts = [(0.0, 2300), (1.0, 2700), (1.1, 3600), (2.0, 3650), (3.0, 0), (4.0, 5000)]
    script = [BINARY, say(0.03, "S dial=1\n")] + [at(t, f"adc 2 {mv}") for t, mv in volts]
    said = other.events(frames_of(chip.run(tmp_path, script, 5)))
    assert [(code, value) for _, code, value in said] == [(1, 107), (1, 100), (1, 110)]
    assert [t * 1e-6 for t, *_ in said] == pytest.approx([1.1, 3.0, 4.0], abs=0.01)
