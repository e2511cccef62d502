"""What happens to the device: it restarts, its clock wraps, jumps or drifts, it stalls, it is pulled, it floods."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from feedback.history import open_history
from feedback.signal import Quality
from tests.cli.devices import wait_until_listening
from tests.cli.other_encoder import meta, sample
from tests.terminal import GOODPAIN
from tests.torture.cases import Case
from tests.torture.ledger import Outcome
from tests.torture.rig import RATE_HZ, Device, play, recording, timed

SECONDS = 6
SAMPLES = int(SECONDS * RATE_HZ)
WRAP_US = 1 << 32


def _lasted_s(record: Path) -> float:
    """From the first to the last sample of the only session."""
    with open_history(record) as history:
        (session,) = history.sessions()
        times = [block.time_s for block in history.samples(session.id)]
    return float(times[-1][-1] - times[0][0]) if times else 0.0


def _clock(device: Device, change: Callable[[Device, int], None] | None = None) -> Callable[[Path], Outcome]:
    """A case that sends evenly and changes the device's clock on the way; times must stay those of the host."""

    def run(folder: Path) -> Outcome:
        outcome = Outcome()
        with recording(folder) as at:
            frames = []
            for i in range(SAMPLES):
                if change is not None:
                    change(device, i)
                frames.append(device.frame())
            play(at.port, timed(frames))
            at.end()
            found = at.found(device)
        outcome.add(found)
        outcome.seen = at.words() or "nothing: there is nothing to do"
        lasted_s = _lasted_s(at.record)
        outcome.kept = (
            f"{found.recorded} samples over {lasted_s:.2f} s of {SECONDS}; {', '.join(found.events)}"
        )
        outcome.must(abs(lasted_s - SECONDS) < 0.5, f"{SECONDS} s became {lasted_s:.2f} s")
        outcome.must(found.recorded == SAMPLES, "not every sample was taken in")
        return outcome

    return run


def _jump(by_us: int) -> Callable[[Device, int], None]:
    def change(device: Device, i: int) -> None:
        if i == SAMPLES // 2:
            device.clock_us += by_us

    return change


def _drift(ppm: float) -> Callable[[Path], Outcome]:
    def run(folder: Path) -> Outcome:
        outcome = Outcome()
        device = Device(skew=ppm / 1e6)
        with recording(folder) as at:
            play(at.port, timed(device.frame() for _ in range(int(12 * RATE_HZ))))
            told = at.end()
            outcome.add(at.found(device))
        skew = told.get("clock_skew_ppm") or 0.0
        outcome.seen = at.words() or "nothing: there is nothing to do"
        outcome.kept = f"skew {skew:+.0f} ppm"
        outcome.must(abs(skew - ppm) < 600, f"{ppm:+.0f} ppm was taken for {skew:+.0f}")
        return outcome

    return run


def _restart(folder: Path) -> Outcome:
    outcome = Outcome()
    for number in range(3):
        device = Device()
        with recording(folder / str(number)) as at:
            play(at.port, timed(device.frame() for _ in range(200)))
            # Half a second of silence, as an HX711 board takes; once the first frame after it is lost as well.
            time.sleep(0.5)
            at.port.send(device.reboot(clock_us=500_000))
            if number == 2:
                device.frame()
            play(at.port, timed(device.frame() for _ in range(200)))
            at.end()
            found = at.found(device)
        outcome.add(found)
        outcome.must("clock restarted" in found.events, "the restart is not in the record")
        outcome.seen = outcome.seen or at.words() or "nothing: there is nothing to do"
    outcome.kept = "the restart as an event; the samples before and after it"
    return outcome


def _stall(seconds: float, *, buffered: bool) -> Callable[[Path], Outcome]:
    def run(folder: Path) -> Outcome:
        outcome = Outcome()
        device = Device()
        with recording(folder) as at:
            play(at.port, timed(device.frame() for _ in range(160)))
            held = [device.frame() for _ in range(int(seconds * RATE_HZ))]
            time.sleep(seconds)
            if buffered:
                for data in held:
                    at.port.send(data)
            play(at.port, timed(device.frame() for _ in range(160)))
            at.end()
            found = at.found(device)
        outcome.add(found)
        outcome.seen = at.words() or "nothing: there is nothing to do"
        outcome.kept = f"{found.recorded} samples; {', '.join(found.events) or 'no event'}"
        expected = len(device.sent) if buffered else len(device.sent) - len(held)
        outcome.must(found.recorded == expected, f"{found.recorded} of {expected} samples taken in")
        lasted_s, sent_s = _lasted_s(at.record), len(device.sent) / RATE_HZ
        outcome.must(abs(lasted_s - sent_s) < 0.5, f"{sent_s:.1f} s became {lasted_s:.1f} s")
        if seconds >= 5 or (seconds >= 1 and not buffered):
            outcome.must(
                {"signal lost", "gap"} & set(found.events) != set(), "the silence is not in the record"
            )
        return outcome

    return run


def _replug(folder: Path) -> Outcome:
    outcome = Outcome()
    device = Device()
    with recording(folder) as at:
        for times in range(3):
            if times:
                at.port.plug_in()
                wait_until_listening(at.port, 30.0)
                time.sleep(0.3)
                at.port.send(device.reboot())
            play(at.port, timed(device.frame() for _ in range(160)))
            time.sleep(0.3)
            at.port.unplug()
            time.sleep(0.8)
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words() or "nothing: there is nothing to do"
    outcome.kept = f"{found.recorded} samples; {', '.join(found.events)}"
    outcome.must("signal lost" in found.events, "the pulled plug is not in the record")
    return outcome


def _two_programs(folder: Path) -> Outcome:
    outcome = Outcome()
    device = Device()
    with recording(folder) as at:
        play(at.port, timed(device.frame() for _ in range(80)))
        second = subprocess.Popen(
            [
                str(GOODPAIN),
                "record",
                "--sensor",
                at.port.url,
                "--data",
                str(folder / "second"),
                "--for",
                "1",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        play(at.port, timed(device.frame() for _ in range(400)))
        _, said = second.communicate(timeout=60)
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = said.strip().removeprefix("goodpain: ")
    outcome.kept = f"{found.recorded} samples"
    outcome.must(second.returncode == 1 and bool(said.strip()), "the second program was not turned away")
    outcome.must("Traceback" not in said, "the second program ended with a traceback")
    outcome.must(found.recorded == len(device.sent), "the second program cost the first samples")
    return outcome


def _thief(folder: Path) -> Outcome:
    """A program that does not ask, run by someone who may do anything, reads some of the bytes."""
    outcome = Outcome()
    device = Device()
    with recording(folder) as at:
        play(at.port, timed(device.frame() for _ in range(80)))
        try:
            thief = os.open(at.port.link, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError as refused:
            outcome.seen = f"the other program is refused: {refused.strerror}"
            thief = -1
        for i in range(320):
            play(at.port, [(0.0, device.frame())])
            if thief >= 0 and i % 20 == 0:
                with contextlib.suppress(BlockingIOError):
                    os.read(thief, 7)
            time.sleep(1 / RATE_HZ)
        if thief >= 0:
            os.close(thief)
        play(at.port, timed(device.frame() for _ in range(20)))
        at.end()
        outcome.add(at.found(device))
    outcome.seen = outcome.seen or at.words() or "nothing: there is nothing to do"
    outcome.kept = f"{outcome.recorded} samples, {outcome.known} counted as lost"
    return outcome


def _flood(folder: Path) -> Outcome:
    """Two million baud: 200,000 bytes a second of good frames, and as many of noise."""
    outcome = Outcome()
    rate_hz = 10_000.0
    device = Device(rate_hz=rate_hz)
    frames = [device.frame() for _ in range(int(4 * rate_hz))]
    with recording(folder / "frames") as at:
        bunches = [b"".join(frames[i : i + 50]) for i in range(0, len(frames), 50)]
        play(at.port, timed(bunches, rate_hz / 50))
        at.end(2.0)
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words() or "nothing: there is nothing to do"
    outcome.kept = f"{found.recorded} of {found.sent} samples"
    noise = np.random.default_rng(1)
    quiet = Device()
    with recording(folder / "noise") as at:
        play(at.port, timed(quiet.frame() for _ in range(80)))
        play(at.port, timed((noise.bytes(1000) for _ in range(800)), 200))
        at.port.send(b"\0")
        play(at.port, timed(quiet.frame() for _ in range(160)))
        at.end()
        found = at.found(quiet)
    outcome.add(found)
    outcome.must(found.recorded >= 239, "after the noise the sensor was not understood")
    return outcome


def _trickle(folder: Path) -> Outcome:
    outcome = Outcome()
    device = Device()
    with recording(folder, greeting=b"") as at:
        data = device.frame() + device.frame()
        play(at.port, timed((data[i : i + 1] for i in range(len(data))), 1.0))
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words() or "nothing: there is nothing to do"
    outcome.kept = f"{found.recorded} samples of {found.sent}"
    return outcome


def _at_the_limit(counts: int, *, flagged: bool) -> Callable[[Path], Outcome]:
    def run(folder: Path) -> Outcome:
        outcome = Outcome(tries=1)
        said = meta(
            proto=1,
            serial="T",
            rate_hz=80,
            counts_per_n=20000,
            zero_counts=0,
            adc_min=-(2**23),
            adc_max=2**23 - 1,
        )
        with recording(folder, "--client", "T", "--point", "infraspinatus, left", greeting=said) as at:
            flags = 1 if flagged else 0
            frames = [sample(i, i * 12_500, counts, flags if 80 <= i < 400 else 0) for i in range(SAMPLES)]
            frames[:80] = [sample(i, i * 12_500, 0) for i in range(80)]
            play(at.port, timed(frames))
            told = at.end()
        with open_history(at.record) as history:
            (session,) = history.sessions()
            blocks = list(history.samples(session.id))
        quality = np.concatenate([block.quality for block in blocks])
        raw = np.concatenate([block.counts for block in blocks])
        outcome.sent, outcome.recorded = len(frames), len(raw)
        outcome.silent = outcome.sent - outcome.recorded
        limit = raw == counts
        unflagged = int(np.sum(limit & ((quality & Quality.SATURATED) == 0)))
        outcome.seen = at.words() or "nothing: there is nothing to do"
        outcome.kept = (
            f"{int(limit.sum())} samples at the limit, marked as such: {int(limit.sum()) - unflagged}"
        )
        outcome.must(not unflagged, f"{unflagged} samples at the converter's limit pass for good ones")
        outcome.must(
            told.get("peak_force_n") in (None, 0.0) or told["peak_force_n"] < 1,
            f"a peak of {told.get('peak_force_n')} N was made of samples at the limit",
        )
        return outcome

    return run


TITLE = "The device"
CASES = [
    Case("device restarts", _restart),
    Case("device clock wraps", _clock(Device(clock_us=WRAP_US - 3_000_000))),
    Case("device clock jumps 10 s ahead", _clock(Device(), _jump(10_000_000))),
    Case("device clock jumps 1 s ahead", _clock(Device(), _jump(1_000_000))),
    Case("device clock jumps 5 s back", _clock(Device(clock_us=60_000_000), _jump(-5_000_000))),
    Case("device clock drifts +5000 ppm", _drift(5000.0)),
    Case("device clock drifts -5000 ppm", _drift(-5000.0)),
    Case("stall 0.1 s, bytes kept", _stall(0.1, buffered=True)),
    Case("stall 1 s, bytes kept", _stall(1.0, buffered=True)),
    Case("stall 5 s, bytes kept", _stall(5.0, buffered=True)),
    Case("stall 30 s, bytes kept", _stall(30.0, buffered=True)),
    Case("stall 0.1 s, bytes lost", _stall(0.1, buffered=False)),
    Case("stall 1 s, bytes lost", _stall(1.0, buffered=False)),
    Case("stall 5 s, bytes lost", _stall(5.0, buffered=False)),
    Case("stall 30 s, bytes lost", _stall(30.0, buffered=False)),
    Case("unplugged, back under another name", _replug),
    Case("two programs on one port", _two_programs),
    Case("another program reads the port", _thief),
    Case("flood at 2 Mbaud", _flood),
    Case("one byte a second", _trickle),
    Case("sensor saturated", _at_the_limit(8_388_607, flagged=True)),
    Case("cell cut off (limit, not flagged)", _at_the_limit(8_388_607, flagged=False)),
    Case("cell cut off (other limit)", _at_the_limit(-8_388_608, flagged=False)),
]
