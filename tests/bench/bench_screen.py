"""The live screen in a real terminal: how soon a sample can be read, at what cost, and how soon it is there.

The sensor is a pty that this process writes native frames to, 80 a second, whose force jumps between two levels at
irregular times; the program is the installed `goodpain live` in a terminal of 140 x 45. What the terminal receives is
kept with its arrival times and turned into screens afterwards, so that looking does not slow down what is looked at.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyte

from firmware_bridge.wire import encode_meta, encode_sample
from tests.bridge.pty_device import PtyDevice
from tests.terminal import Terminal

ROWS, COLUMNS = 45, 140
PANEL_ROWS = slice(1, 12)
"""Rows of the cue, the number and the figures."""
NUMBER_COLUMNS = slice(45, 100)
COUNTS_PER_N = 20000.0
META = {"proto": "1", "serial": "BENCH", "rate_hz": "80", "counts_per_n": "20000", "zero_counts": "0"}


def main(seconds: float = 40.0) -> None:
    """Print latency, processor time and cold start."""
    latency_and_cost(seconds)
    cold_start()


def latency_and_cost(seconds: float) -> None:
    """From the write of a sample at the device's end to the terminal bytes that complete its number."""
    chance = random.Random(5)
    with tempfile.TemporaryDirectory() as folder, PtyDevice(Path(folder) / "tty") as device:
        arguments = [
            "live",
            "--sensor",
            device.url,
            "--client",
            "BENCH",
            "--point",
            "infraspinatus",
            "--band",
            "1.5-2.5",
        ]
        with Terminal(*arguments, "--data", folder, rows=ROWS, columns=COLUMNS) as terminal:
            time.sleep(1.5)
            start_s, jumps, i, level_n, next_jump = time.monotonic(), [], 0, 10.0, 240
            used_s = wall_s = 0.0
            while (now_s := time.monotonic() - start_s) < seconds:
                due_s = i / 80
                if now_s < due_s:
                    terminal.read(min(0.002, due_s - now_s))
                    continue
                if i == next_jump:
                    level_n = chance.choice([n for n in (6.0, 9.0, 13.0, 18.0, 24.0, 31.0) if n != level_n])
                    next_jump = i + chance.randrange(30, 60)
                data = encode_sample(i, int(due_s * 1e6), [round(level_n * COUNTS_PER_N)])
                if i % 400 == 0:
                    data = encode_meta(int(due_s * 1e6), META) + data
                device.send(data)
                if level_n and next_jump - i in range(30, 60) and (not jumps or jumps[-1][1] != level_n):
                    jumps.append((time.monotonic(), level_n))
                if i == 240:
                    used_s, wall_s = cpu_s(terminal.pid), time.monotonic()
                i += 1
            used_s, wall_s = cpu_s(terminal.pid) - used_s, time.monotonic() - wall_s
            bytes_written = sum(len(data) for _, data in terminal.chunks)
            delays_ms = [1000 * d for d in delays(terminal.chunks, [at for at, _ in jumps])]
    p50, p99 = statistics.median(delays_ms), statistics.quantiles(delays_ms, n=100)[98]
    print(
        f"sample handed over -> readable at the terminal ({len(delays_ms)} jumps of force, {COLUMNS}x{ROWS}):"
    )
    print(f"  p50 {p50:.1f} ms (aim <= 25)   p99 {p99:.1f} ms (aim <= 50)   max {max(delays_ms):.1f} ms")
    print(
        f"  whole process {100 * used_s / wall_s:.1f} % of a core (aim <= 25), "
        f"{bytes_written / seconds / 1000:.0f} kB/s at 30 frames/s"
    )


def delays(chunks: list[tuple[float, bytes]], jumps: list[float]) -> list[float]:
    """For each jump the time until the number stood that showed just before the next jump's first sign."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    history: list[tuple[float, str]] = []
    for at_s, data in chunks:
        stream.feed(data)
        history.append((at_s, "\n".join(row[NUMBER_COLUMNS] for row in screen.display[PANEL_ROWS])))
    found = []
    for jump_s, next_s in zip(jumps, [*jumps[1:], history[-1][0]], strict=True):
        seen = [(at_s, number) for at_s, number in history if jump_s <= at_s < next_s]
        before = [number for at_s, number in history if at_s < jump_s]
        if not seen or not before or seen[-1][1] == before[-1]:
            continue
        found.append(next(at_s for at_s, number in seen if number == seen[-1][1]) - jump_s)
    return found


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def cold_start(times: int = 7) -> None:
    """From starting the command to the first frame with a live value; beside an empty Textual app."""
    ours = [first_live_s() for _ in range(times)]
    empty = [empty_app_s() for _ in range(times)]
    print("cold start to the first live frame (median of 7; aim <= 1.5 s):")
    print(
        f"  goodpain live sim://…  {statistics.median(ours):.2f} s   "
        f"an empty Textual app {statistics.median(empty):.2f} s"
    )


def first_live_s() -> float:
    """One start of the program on the simulated sensor."""
    with tempfile.TemporaryDirectory() as folder:
        sensor = "sim://upper-trapezius?seed=2"
        arguments = [
            "live",
            "--sensor",
            sensor,
            "--client",
            "BENCH",
            "--point",
            "infraspinatus",
            "--data",
            folder,
        ]
        with Terminal(*arguments, rows=24, columns=80) as terminal:
            while b" lost" not in terminal.written:
                if not terminal.read(0.01) or time.monotonic() - terminal.started_s > 20:
                    raise RuntimeError(f"it never went live:\n{terminal.text()}")
            return terminal.chunks[-1][0] - terminal.started_s


EMPTY = """
from textual.app import App
class Empty(App):
    def on_ready(self): self.exit()
Empty().run(headless=True)
"""


def empty_app_s() -> float:
    """The least that a Textual program takes."""
    start_s = time.monotonic()
    subprocess.run([sys.executable, "-c", EMPTY], check=True, capture_output=True)
    return time.monotonic() - start_s


if __name__ == "__main__":
    main()
