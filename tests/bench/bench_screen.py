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
from tests.bench.figures import Figure, Section, at_most, quartiles
from tests.bridge.pty_device import PtyDevice
from tests.terminal import Terminal

ROWS, COLUMNS = 45, 140
PANEL_ROWS = slice(1, 12)
"""Rows of the cue, the number and the figures."""
NUMBER_COLUMNS = slice(45, 100)
COUNTS_PER_N = 20000.0
SILENCE_S = 0.6
META = {"proto": "1", "serial": "BENCH", "rate_hz": "80", "counts_per_n": "20000", "zero_counts": "0"}


def main() -> None:
    """Print latency, processor time and cold start."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    seconds, starts = (10.0, 2) if quick else (40.0, 7)
    return Section(
        "The live screen",
        "A pty at 80 native frames a second whose force jumps between levels at irregular times, for "
        f"{seconds:.0f} s, into "
        f"the installed `goodpain live` in a terminal of {COLUMNS} x {ROWS}, 30 frames a second; what the terminal "
        "receives is made into screens afterwards.",
        (*latency_and_cost(seconds), cold_start(starts), *no_signal(3 if quick else 12)),
    )


def p50_p99(values: list[float]) -> tuple[float, float]:
    """Median and 99 % point."""
    return statistics.median(values), statistics.quantiles(values, n=100, method="inclusive")[98]


def latency_and_cost(seconds: float) -> tuple[Figure, ...]:
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
    p50, p99 = p50_p99(delays_ms)
    with tempfile.TemporaryDirectory() as folder:
        bare_ms = bare_line_ms(Path(folder), len(delays_ms))
    bare = "pyserial's `readline()`, printed to a pipe by a program that does nothing else"
    print(
        f"sample handed over -> readable at the terminal ({len(delays_ms)} jumps of force, {COLUMNS}x{ROWS}):"
    )
    print(f"  p50 {p50:.1f} ms (aim <= 25)   p99 {p99:.1f} ms (aim <= 50)   max {max(delays_ms):.1f} ms")
    print(
        f"  whole process {100 * used_s / wall_s:.1f} % of a core (aim <= 25), "
        f"{bytes_written / seconds / 1000:.0f} kB/s at 30 frames/s"
    )
    print(f"  {bare}: p50 {p50_p99(bare_ms)[0]:.1f} ms   p99 {p50_p99(bare_ms)[1]:.1f} ms")
    definition = (
        "from the write of the first sample of a new level at the device's end to the arrival of the terminal "
        "bytes that complete its number"
    )
    spread = quartiles(delays_ms, 1)
    return (
        at_most(
            "sample → readable at the terminal, p50",
            definition,
            p50,
            25,
            "ms",
            spread=spread,
            peer=bare,
            peers=p50_p99(bare_ms)[0],
        ),
        at_most(
            "sample → readable at the terminal, p99",
            definition,
            p99,
            50,
            "ms",
            spread=spread,
            peer=bare,
            peers=p50_p99(bare_ms)[1],
        ),
        at_most(
            "the whole process",
            "user and system time of the program and its threads over the run, as a share of one core",
            100 * used_s / wall_s,
            25,
            "% of a core",
            spread=f"{bytes_written / seconds / 1000:.0f} kB/s to the terminal",
        ),
    )


BARE = """
import sys, serial
with serial.Serial(sys.argv[1], 115200, timeout=5) as port:
    print("open", flush=True)
    while line := port.readline():
        print(float(line), flush=True)
"""


def bare_line_ms(folder: Path, times: int) -> list[float]:
    """The least that a sample takes into another program's output: no chart, no record, no check; ms each."""
    found = []
    with PtyDevice(folder / "tty") as device:
        command = [sys.executable, "-c", BARE, device.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as bare:
            bare.stdout.readline()
            time.sleep(0.1)
            for i in range(times):
                time.sleep(1 / 80)
                sent_s = time.monotonic()
                device.send(b"%d.5\r\n" % i)
                bare.stdout.readline()
                found.append(1000 * (time.monotonic() - sent_s))
            bare.kill()
    return found


def no_signal(times: int) -> tuple[Figure, ...]:
    """From the last sample before a silence to the words at the terminal."""
    chance = random.Random(9)
    with tempfile.TemporaryDirectory() as folder, PtyDevice(Path(folder) / "tty") as device:
        arguments = ["live", "--sensor", device.url, "--client", "BENCH", "--point", "infraspinatus"]
        with Terminal(*arguments, "--data", folder, rows=ROWS, columns=COLUMNS) as terminal:
            time.sleep(1.5)
            i, last = 0, []
            for silence in range(times + 1):
                begun_s = time.monotonic()
                for k in range(200 if not silence else chance.randrange(60, 120)):
                    while (left_s := begun_s + k / 80 - time.monotonic()) > 0:
                        terminal.read(min(0.002, left_s))
                    data = encode_sample(i, int(i * 12_500), [round(20.0 * COUNTS_PER_N)])
                    device.send((encode_meta(i * 12_500, META) if not k else b"") + data)
                    i += 1
                if silence:
                    last.append(time.monotonic())
                    terminal.read(SILENCE_S)
                    # The device's clock runs on while nothing arrives.
                    i += 48
            chunks = terminal.chunks
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    history: list[tuple[float, str]] = []
    for at_s, data in chunks:
        stream.feed(data)
        history.append((at_s, "\n".join(row[NUMBER_COLUMNS] for row in screen.display[PANEL_ROWS])))
    # The words are drawn in place of the number: what stands there at the end of a silence.
    words = [shown for at_s, shown in history if at_s < last[0] + SILENCE_S][-1]
    delays_ms = []
    for silent_s in last:
        during = [
            at_s for at_s, shown in history if silent_s < at_s < silent_s + SILENCE_S and shown == words
        ]
        delays_ms += [1000 * (during[0] - silent_s)] if during else []
    p50, p99 = p50_p99(delays_ms)
    print(f"last sample -> NO SIGNAL at the terminal ({len(delays_ms)} of {times} silences):")
    print(f"  p50 {p50:.1f} ms   p99 {p99:.1f} ms   (three sample periods are 37.5 ms)")
    return (
        at_most(
            "last sample → NO SIGNAL at the terminal, p50",
            "from the write of the last sample before a silence to the arrival of the terminal bytes that complete the "
            "words that take the number's place; three sample periods are promised, before which nothing can be said",
            p50,
            37.5,
            "ms",
            spread=f"p99 {p99:.1f}, {quartiles(delays_ms, 1)} of {times}",
        ),
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


def cold_start(times: int = 7) -> Figure:
    """From starting the command to the first frame with a live value; beside an empty Textual app."""
    ours = [first_live_s() for _ in range(times)]
    empty = [empty_app_s() for _ in range(times)]
    print(f"cold start to the first live frame (median of {times}; aim <= 1.5 s):")
    print(
        f"  goodpain live sim://…  {statistics.median(ours):.2f} s   "
        f"an empty Textual app {statistics.median(empty):.2f} s"
    )
    return at_most(
        "cold start to the first live frame",
        "from starting `goodpain live` on the simulated sensor to the first frame with a live value at the terminal of "
        "80 x 24; median",
        statistics.median(ours),
        1.5,
        "s",
        spread=f"{min(ours):.2f}–{max(ours):.2f}, n = {times}",
        peer="an empty Textual app, begun and ended",
        peers=statistics.median(empty),
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
