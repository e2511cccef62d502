"""How well samples are placed in time, beside the usual ways: `python -m tests.bench.bench_clock`.

Error: the time given to a sample less the true time of its conversion, with only the constant latency of the wire
taken out (no one-way method can know it; `tests.bridge.links` says what the link does). All samples later than 5 s
after the first count. `sd` and the percentiles are in milliseconds, of the absolute error but for the median.

arrival   the time at which the host read the sample
anchor    the first sample's arrival plus device time, anchored anew when that is 50 ms away from the arrival
ours      `firmware_bridge.clock.DeviceClock`, live: every sample is placed when it arrives, never moved later
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.clock import DeviceClock
from tests.bench.figures import Figure, Section, at_most
from tests.bridge.links import Link, usb_link

SETTLED_S = 5.0
DURATION_S = 600.0
ANCHOR_S = 0.05
LINKS: dict[str, dict[str, float]] = {
    "80 Hz, 16 ms timer": {},
    "the same, 2.5 s stalls": {"stall_s": 2.5},
    "the same, 1 ppm/sqrt(s) walk": {"walk_ppm": 1.0},
    "80.3 Hz, 16 ms timer": {"rate_hz": 80.3},
    "93 Hz, 1 ms timer": {"rate_hz": 93.0, "timer_s": 0.001},
    "10.7 Hz, 16 ms timer": {"rate_hz": 10.7},
}


PROMISED = "80 Hz, 16 ms timer"
AIM_MS = 0.6
DEFINITION = (
    "|time given live to a sample - time at which it was taken|, the constant latency of the wire taken out, from 5 s "
    "after the first count; 99 % point"
)


def hulls(link: Link) -> tuple[NDArray[np.float64], float]:
    """Our times, and the cost of a sample in microseconds."""
    clock = DeviceClock()
    batches = list(link.batches())
    begin = time.perf_counter()
    times = [clock.stamp(t_us, arrival_s).time_s for t_us, arrival_s, _ in batches]
    cost_us = (time.perf_counter() - begin) / len(link.t_us) * 1e6
    return np.concatenate(times), cost_us


def anchored(link: Link) -> NDArray[np.float64]:
    """First arrival plus device time, with a new anchor when it has drifted away."""
    times = np.empty(len(link.t_us))
    device_s = link.t_us * 1e-6
    anchor = link.arrival_s[0] - device_s[0]
    for i, (device, arrival) in enumerate(zip(device_s, link.arrival_s, strict=True)):
        if abs(device + anchor - arrival) > ANCHOR_S:
            anchor = arrival - device
        times[i] = device + anchor
    return times


def errors_ms(times_s: NDArray[np.float64], link: Link) -> NDArray[np.float64]:
    """Errors of the settled samples."""
    settled = link.taken_s > link.taken_s[0] + SETTLED_S
    return (times_s - link.taken_s)[settled] * 1e3


def row(name: str, error_ms: NDArray[np.float64], note: str = "") -> str:
    """One line of the table."""
    p50, p99 = np.percentile(np.abs(error_ms), [50, 99])
    numbers = f"{np.median(error_ms):>+9.2f}{error_ms.std():>9.2f}{p50:>9.2f}{p99:>9.2f}{np.abs(error_ms).max():>9.2f}"
    return f"  {name:<10}{numbers}  {note}"


def main() -> None:
    """Print the table."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    duration_s = 60.0 if quick else DURATION_S
    found = []
    print(f"{'':<12}{'median':>9}{'sd':>9}{'p50':>9}{'p99':>9}{'max':>9}  (ms)")
    for label, settings in LINKS.items():
        link = usb_link(duration_s=duration_s, seed=3, **settings)
        times_s, cost_us = hulls(link)
        print(f"{label}, +3000 ppm, {duration_s:.0f} s")
        ours, arrival = errors_ms(times_s, link), errors_ms(link.arrival_s, link)
        print(row("arrival", arrival))
        print(row("anchor", errors_ms(anchored(link), link)))
        print(row("ours", ours, f"{cost_us:.1f} µs a sample"))
        p50, p99 = np.percentile(np.abs(ours), [50, 99])
        name, spread = f"error of a time stamp, p99: {label}", f"p50 {p50:.2f}, n = {ours.size:,}"
        peers = float(np.percentile(np.abs(arrival), 99))
        found.append(
            at_most(
                name, DEFINITION, float(p99), AIM_MS, "ms", spread=spread, peer="time of arrival", peers=peers
            )
            if label == PROMISED
            else Figure(
                name, DEFINITION, float(p99), "ms", spread=spread, peer="time of arrival", peers=peers
            )
        )
    found.append(Figure("cost of a time stamp", "wall time of one sample of the last link", cost_us, "µs"))
    return Section(
        "Time stamps",
        f"Synthetic links with a clock that is 3000 ppm off and drifts, {duration_s:.0f} s each. The promise "
        f"is for the first: {PROMISED}.",
        tuple(found),
    )


if __name__ == "__main__":
    main()
