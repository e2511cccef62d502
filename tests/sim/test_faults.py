import numpy as np
import pytest

from feedback.signal import Quality
from firmware_bridge.dialects import Meta, Status
from sim.faults import BOOT_S
from tests.sim.helpers import decoded, heard, sensor


def run(url: str, seconds: float):
    """The device, and all it said with the time at which each byte came."""
    device = sensor(url)
    pieces, times = [], []
    for at in np.arange(0.001, seconds, 0.001):
        if piece := device.advance(at):
            pieces.append(piece)
            times.append(at)
    return device, b"".join(pieces), np.array(times)


@pytest.mark.parametrize("batch", [0, 5])
def test_dropped_frames_are_missing_from_the_numbers_and_counted_exactly(batch):
    device = sensor(f"bench?drop=0.01&batch={batch}")
    readings = decoded(device.advance(300))
    lost = int((np.diff(readings.seq) % 65536 - 1).sum())

    assert 100 < device.tally.dropped < 400
    # What was lost before the first and after the last frame heard leaves no gap.
    assert 0 <= device.tally.dropped - lost - readings.seq[0] <= 2 * max(batch, 1)
    assert device.tally.samples - device.tally.dropped - len(readings) <= max(batch, 1)


def test_flipped_bits_are_counted_exactly_and_spoil_nothing_but_their_frames():
    clean, spoilt = sensor("bench?noise=1"), sensor("bench?noise=1&flip=0.001")
    before, after = clean.advance(60), spoilt.advance(60)
    different = np.frombuffer(before, np.uint8) ^ np.frombuffer(after, np.uint8)

    assert len(before) == len(after)
    assert sum(map(int.bit_count, different.tolist())) == spoilt.tally.flipped
    assert spoilt.tally.flipped == pytest.approx(len(before) * 0.001, rel=0.4)
    good, damaged = decoded(before), decoded(after)
    assert set(zip(damaged.seq, damaged.counts, strict=True)) <= set(zip(good.seq, good.counts, strict=True))


def test_a_pulled_plug_is_silence_and_then_a_device_that_boots():
    device, data, times = run("bench?unplug_at=3&replug_at=5", 9.0)
    gap = int(np.argmax(np.diff(times)))
    readings = decoded(data)
    restarts = np.flatnonzero(readings.quality & Quality.CLOCK_RESTART)

    assert 2.95 < times[gap] <= 3.0
    assert 5 + BOOT_S <= times[gap + 1] < 5.1 + BOOT_S
    assert restarts[0] == 0
    assert len(restarts) == 2
    assert readings.seq[restarts[1]] == 0
    assert readings.t_us[restarts[1]] == pytest.approx(BOOT_S * 1e6, abs=15_000)
    assert device.tally.boots == 2
    assert sum(isinstance(m, Meta) for m in readings.messages) == 2


def test_without_replug_nothing_ever_comes_again():
    device = sensor("bench?unplug_at=1")
    assert device.advance(1.0)

    assert device.advance(100.0) == b""
    assert device.next_s > 99


def test_a_restart_begins_clock_and_numbers_anew_and_says_meta_first():
    readings = heard("ramp?restart_at=2.5", 6)
    restart = int(np.flatnonzero(readings.quality & Quality.CLOCK_RESTART)[1])

    assert readings.seq[restart] == 0
    assert readings.t_us[restart] < readings.t_us[restart - 1]
    assert readings.t_us[restart - 1] < 2.5e6
    assert any(isinstance(m, Meta) and m.before == restart for m in readings.messages)


def test_a_stall_with_buffering_loses_nothing_and_delivers_late():
    _, data, times = run("bench?stall_at=2&stall_for=1.5", 6.0)
    quiet = np.diff(times)

    assert quiet.max() == pytest.approx(1.5, abs=0.03)
    assert times[int(np.argmax(quiet)) + 1] == pytest.approx(3.5, abs=0.002)
    assert data == sensor("bench").advance(5.999)


def test_a_stall_with_loss_is_counted_flagged_and_told_in_status():
    device, data, _ = run("bench?stall_at=2&stall_for=1.5&stall=loss", 8.0)
    readings = decoded(data)
    lost = np.diff(readings.seq) - 1

    assert device.tally.stalled == lost.sum() == lost.max() == 120
    statuses = [m for m in readings.messages if isinstance(m, Status)]
    assert statuses[-1].tx_drops == 120


def test_skew_makes_the_seconds_of_the_device_clock_longer():
    for ppm in (3000, -2000):
        t_us = heard(f"bench?skew={ppm}", 100).t_us
        assert (t_us[-1] - t_us[0]) / ((len(t_us) - 1) * 12_500) == pytest.approx(
            1 / (1 + ppm / 1e6), abs=1e-7
        )


def test_the_clock_wraps_when_asked():
    t_us = heard("bench?wrap_at=2", 4).t_us
    wrap = int(np.flatnonzero(np.diff(t_us) < 0)[0]) + 1

    assert wrap == 160
    assert t_us[wrap] < 12_500
    assert t_us[0] == 2**32 - 2_000_000


def test_a_latency_timer_delivers_in_bunches():
    _, data, times = run("bench?latency=16", 4.0)
    phase = np.mod(times + 1e-9, 0.016)

    assert (phase < 0.001 + 1e-6).all()
    assert data == sensor("bench").advance(3.999)[: len(data)]


def test_garbage_comes_at_each_boot_and_costs_no_sample():
    plain, noisy = sensor("bench?restart_at=2"), sensor("bench?restart_at=2&garbage=200")
    without, with_garbage = plain.advance(10), noisy.advance(10)

    assert len(with_garbage) - len(without) > 400
    first, second = decoded(without), decoded(with_garbage)
    assert (first.counts[:500] == second.counts[:500]).all()


def test_faults_do_not_change_what_the_hand_does():
    plain = heard("infraspinatus?seed=4", 20)
    faulty = heard("infraspinatus?seed=4&drop=0.1&latency=16", 20)
    by_seq = dict(zip(plain.seq.tolist(), plain.counts.tolist(), strict=True))

    assert all(
        by_seq.get(s, c) == c for s, c in zip(faulty.seq.tolist(), faulty.counts.tolist(), strict=True)
    )
