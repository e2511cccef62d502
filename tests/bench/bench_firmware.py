"""The compiled sketch on a simulated ATmega328P, for a minute: `python -m tests.bench.bench_firmware`.

First as fast as the simulation goes, against what the simulated converter really did; then a minute of real time
through a port, the bridge and `goodpain record`.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from firmware_bridge.dialects import dialect
from firmware_bridge.sequence import SequenceCounter
from tests.cli.devices import result, start_recording
from tests.firmware import build, chip

SECONDS = 60


def main() -> None:
    """Run both and print."""
    if absent := build.missing():
        print(f"skipped: {absent}")
        return
    print(build.usage(build.firmware()))
    with tempfile.TemporaryDirectory() as folder:
        fast(Path(folder))
        live(Path(folder))


def fast(folder: Path) -> None:
    """A simulated minute in binary, with a ramp up and down every ten seconds."""
    wave = chip.ramp((5.0 * i, 154_446 + (i % 2) * 400_000) for i in range(SECONDS // 5 + 1))
    started_s = time.perf_counter()
    run = chip.run(folder, [chip.say(0.02, "B"), *wave], SECONDS)
    took_s = time.perf_counter() - started_s
    decoder = dialect("native-binary").new_decoder()
    readings = decoder.feed(run.data[run.data.index(b"\0") :])
    truth = run.ready()[: len(readings)]
    lost = int(SequenceCounter().lost_before(readings.seq, readings.t_us).sum())
    wrong = int(np.sum(readings.counts != np.array([counts for _, counts in truth])))
    delay_us = np.array([t for t, _ in truth]) - readings.t_us
    print(
        f"simulated {SECONDS} s in {took_s:.1f} s: {len(run.ready())} conversions, {len(readings)} samples, "
        f"{lost} lost, {decoder.checksum_errors} checksum errors, {wrong} wrong; "
        f"stamps within {np.ptp(delay_us)} µs of each other"
    )


def live(folder: Path) -> None:
    """A real minute through `goodpain record --json`."""
    with chip.LiveChip(folder, []) as device:
        record = result(start_recording(device.url, folder / "data", "--for", str(SECONDS)), SECONDS + 30.0)
    print(
        f"real {SECONDS} s, goodpain record: {record['samples']} samples, {record['lost']} lost, "
        f"{record['checksum_errors']} checksum errors, {record['rate_hz']} a second, "
        f"clock {record['clock_skew_ppm']} ppm, dialect {record['dialect']}"
    )


if __name__ == "__main__":
    main()
