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
from tests.bench.figures import Figure, Section
from tests.cli.devices import result, start_recording
from tests.firmware import build, chip

SECONDS = 60


TITLE = "The firmware, compiled, on a simulated ATmega328P"


def main() -> None:
    """Run both and print."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    if absent := build.missing():
        print(f"skipped: {absent}")
        return Section(TITLE, "", absent=absent)
    seconds = 10 if quick else SECONDS
    print(usage := build.usage(build.firmware()))
    with tempfile.TemporaryDirectory() as folder:
        found = (*fast(Path(folder), seconds), *live(Path(folder), seconds))
    return Section(TITLE, " ".join(f"{usage}".split()) + ".", found)


def fast(folder: Path, seconds: int) -> tuple[Figure, ...]:
    """A simulated minute in binary, with a ramp up and down every ten seconds."""
    wave = chip.ramp((5.0 * i, 154_446 + (i % 2) * 400_000) for i in range(seconds // 5 + 1))
    started_s = time.perf_counter()
    run = chip.run(folder, [chip.say(0.02, "B"), *wave], seconds)
    took_s = time.perf_counter() - started_s
    decoder = dialect("native-binary").new_decoder()
    readings = decoder.feed(run.data[run.data.index(b"\0") :])
    truth = run.ready()[: len(readings)]
    lost = int(SequenceCounter().lost_before(readings.seq, readings.t_us).sum())
    wrong = int(np.sum(readings.counts != np.array([counts for _, counts in truth])))
    delay_us = np.array([t for t, _ in truth]) - readings.t_us
    print(
        f"simulated {seconds} s in {took_s:.1f} s: {len(run.ready())} conversions, {len(readings)} samples, "
        f"{lost} lost, {decoder.checksum_errors} checksum errors, {wrong} wrong; "
        f"stamps within {np.ptp(delay_us)} µs of each other"
    )
    bad = lost + decoder.checksum_errors + wrong
    return (
        Figure(
            "samples lost, spoilt or wrong, simulated time",
            f"{seconds} s of simulated time with a ramp up and down every ten seconds: losses by sequence number, bad "
            "checksums, and counts that are not those of the simulated converter",
            bad,
            f"of {len(readings):,}",
            "0",
            bad == 0,
            f"{len(run.ready()):,} conversions",
        ),
        Figure(
            "time stamps against the converter's own moments",
            "greatest less least difference between a sample's stamp and the falling edge of the converter's data line",
            float(np.ptp(delay_us)),
            "µs",
        ),
    )


def live(folder: Path, seconds: int) -> tuple[Figure, ...]:
    """A real minute through `goodpain record --json`."""
    with chip.LiveChip(folder, []) as device:
        record = result(start_recording(device.url, folder / "data", "--for", str(seconds)), seconds + 30.0)
    print(
        f"real {seconds} s, goodpain record: {record['samples']} samples, {record['lost']} lost, "
        f"{record['checksum_errors']} checksum errors, {record['rate_hz']} a second, "
        f"clock {record['clock_skew_ppm']} ppm, dialect {record['dialect']}"
    )
    bad = record["lost"] + record["checksum_errors"]
    return (
        Figure(
            "samples lost or spoilt, real time, through a port into `goodpain record`",
            f"{seconds} s of real time: losses and checksum errors as `goodpain record --json` counts them; at "
            f"{record['rate_hz']} samples a second there are {80 * seconds:,} to be had",
            bad,
            f"of {record['samples']:,}",
            "0",
            bad == 0 and record["samples"] >= 80 * seconds * 0.995,
        ),
    )


if __name__ == "__main__":
    main()
