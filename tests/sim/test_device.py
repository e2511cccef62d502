import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.signal import Quality
from firmware_bridge import wire
from firmware_bridge.dialects import Event, Meta, Pong, Status
from firmware_bridge.wire import EventCode
from sim.device import VirtualSensor
from tests.sim.helpers import decoded, heard, sensor

STEPS = st.lists(st.floats(0.0, 0.9), min_size=1, max_size=25)
FAULTY = (
    "upper-trapezius?seed=5&drop=0.05&flip=0.001&latency=16&stall_at=2&stall_for=0.5&restart_at=4&garbage=30"
)


@pytest.mark.parametrize("url", ["bench", "upper-trapezius?dialect=text", "ramp?batch=8", FAULTY])
@settings(max_examples=20, deadline=None)
@given(steps=STEPS)
def test_the_same_seed_gives_the_same_bytes_in_any_call_pattern(url, steps):
    times = np.cumsum(steps)
    piecewise = sensor(url)
    pieces = b"".join(piecewise.advance(t) for t in times)

    assert pieces == sensor(url).advance(times[-1])


@settings(max_examples=20, deadline=None)
@given(
    steps=STEPS,
    commands=st.lists(
        st.tuples(st.floats(0, 8), st.sampled_from([b"?", b"B", b"T", b"Z", b"P\1\2", b"\3\4"])), max_size=6
    ),
)
def test_commands_at_the_same_times_give_the_same_bytes(steps, commands):
    commands = sorted(commands)

    def run(looks: list[float]) -> bytes:
        device = sensor("infraspinatus?batch=4")
        out = b""
        for at, command in sorted([*((t, b"") for t in looks), *commands], key=lambda item: item[0]):
            if command:
                device.write(command, at)
            else:
                out += device.advance(at)
        return out + device.advance(30.0)

    assert run([]) == run(list(np.cumsum(steps)))


def test_other_seeds_give_other_bytes():
    assert sensor("upper-trapezius?seed=1").advance(3) != sensor("upper-trapezius?seed=2").advance(3)


@pytest.mark.parametrize("dialect", ["binary", "text"])
def test_every_sample_arrives_numbered_and_checked(dialect):
    readings = heard(f"gluteus-medius?dialect={dialect}", 20)

    assert 20 * 80 * 0.97 < len(readings) < 20 * 80 * 1.17
    assert (readings.seq == np.arange(len(readings))).all()
    assert not (readings.quality & Quality.UNCHECKED).any()
    assert (np.diff(readings.t_us) > 0).all()


def test_both_dialects_and_batches_carry_the_same_counts():
    single = heard("upper-trapezius", 10)
    text = heard("upper-trapezius?dialect=text", 10)
    batch = heard("upper-trapezius?batch=10", 10)
    n = min(len(single), len(text), len(batch))

    assert n > 750
    assert (single.counts[:n] == text.counts[:n]).all()
    assert (single.counts[:n] == batch.counts[:n]).all()
    assert (
        np.abs(single.t_us[:n] - batch.t_us[:n]).max() <= 10
    )  # a batch rounds its step to whole microseconds


def test_the_bench_gives_exactly_the_counts_of_its_masses():
    readings = heard("bench?noise=0", 15)
    time_s = readings.t_us / 1e6

    for from_s, to_s, newtons in ((0.1, 4.8, 0), (5.1, 9.8, 20), (10.1, 14.8, 40)):
        plateau = readings.counts[(time_s > from_s) & (time_s < to_s)]
        assert len(plateau) > 300
        assert set(plateau.tolist()) == {50000 + 20000 * newtons}


def test_meta_comes_first_then_every_five_seconds_and_tells_the_calibration():
    readings = heard("bench", 12)
    metas = [message for message in readings.messages if isinstance(message, Meta)]

    assert len(metas) == 3
    assert metas[0].before == 0
    assert metas[0].values["counts_per_n"] == "20000"
    assert metas[0].values["zero_counts"] == "50000"
    assert metas[0].values["adc_max"] == "8388607"
    assert any(isinstance(message, Status) for message in readings.messages)


def answered(device: VirtualSensor, command: bytes) -> list:
    device.advance(1.0)
    device.write(command, 1.0)
    return list(decoded(device.advance(2.0)).messages)


def test_a_question_mark_is_answered_with_meta():
    assert [type(message) for message in answered(sensor("bench"), b"?")] == [Meta]


def test_a_ping_is_answered_with_its_nonce_even_when_it_comes_in_pieces():
    device = sensor("bench")
    device.write(b"P\x78\x56", 0.5)
    pongs = [m for m in answered(device, b"\x34\x12") if isinstance(m, Pong)]

    assert [pong.nonce for pong in pongs] == [0x12345678]
    assert pongs[0].t_us == 1_000_000


def test_a_tare_is_announced_marks_the_samples_and_moves_the_zero_but_not_the_counts():
    device = sensor("bench?noise=0")
    device.advance(7.0)
    device.write(b"Z", 7.0)
    data = device.advance(8.0)
    readings = decoded(data)
    event = next(m for m in readings.messages if isinstance(m, Event))
    meta = next(m for m in readings.messages if isinstance(m, Meta))

    assert (event.code, event.value) == (EventCode.TARE, 450_000)
    assert meta.values["zero_counts"] == "450000"
    assert set(readings.counts.tolist()) == {450_000}
    assert wire.cobs_decode(data.strip(b"\0").split(b"\0")[-1])[1] & wire.FrameFlag.TARED


def test_it_changes_its_dialect_when_told_and_keeps_counting():
    device = sensor("bench")
    binary = device.advance(1.0)
    device.write(b"T", 1.0)
    text = device.advance(2.0)
    first, second = decoded(binary), decoded(text, text=True)

    assert second.seq[0] - first.seq[-1] <= 3  # those that were on the wire when the first piece was read
    assert isinstance(second.messages[0], Meta)


def test_unknown_commands_are_ignored():
    device = sensor("quiet")
    device.write(bytes(range(128, 256)), 0.0)

    assert device.advance(3.0) == sensor("quiet").advance(3.0)


def test_ten_samples_a_second_when_asked():
    assert len(heard("bench?rate=10", 30)) == pytest.approx(300, abs=2)


@pytest.mark.parametrize("url", ["bench", "bench?dialect=text", "bench?batch=8", FAULTY])
def test_nothing_arrives_before_the_time_it_names(url):
    device = sensor(url)
    for _ in range(1500):
        due = device.next_s
        assert device.advance(due - 1e-9) == b""
        device.advance(due)
