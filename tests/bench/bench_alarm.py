"""The alarm, from the sample above the ceiling to the eye's and the ear's side of the program.

The sensor is a pty that this process writes native frames to, 80 a second, calibrated by its own META; the program is
the installed `goodpain live` in a terminal of 140 x 45 with its own sound process, on a sound card that plays to
nowhere. The pressure lies in the band and jumps above the ceiling at irregular times. What the terminal receives is
kept with its arrival times and turned into screens afterwards; the sound process writes down when it read each tone.
Beside it the least that this machine allows now: a byte through a pipe to a process that does nothing else.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyte

from firmware_bridge.wire import encode_meta, encode_sample
from tests.bench.bench_screen import COLUMNS, COUNTS_PER_N, META, PANEL_ROWS, ROWS, p50_p99
from tests.bench.figures import Section, at_most, quartiles
from tests.bridge.pty_device import PtyDevice
from tests.terminal import Terminal

CUE_COLUMNS = slice(0, 42)
IN_BAND_N, ABOVE_N = 20.0, 45.0
RATE_HZ = 80
STAYS_SAMPLES = 40
"""Half a second above the ceiling: long enough for a slow screen to be seen late rather than never."""


WAITING = """
import os, time
while os.read(0, 1):
    print(time.monotonic(), flush=True)
"""


def main() -> None:
    """Print how soon the alarm is at the terminal and at the sound process."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    alarms = 10 if quick else 80
    with tempfile.TemporaryDirectory() as folder, PtyDevice(Path(folder) / "tty") as device:
        log = Path(folder) / "tones"
        arguments = ["live", "--sensor", device.url, "--client", "BENCH", "--point", "infraspinatus"]
        arguments += ["--band", "1.5-2.5", "--ceiling", "4", "--data", folder]
        with Terminal(
            *arguments,
            rows=ROWS,
            columns=COLUMNS,
            GOODPAIN_SOUND_BACKEND="null",
            GOODPAIN_SOUND_LOG=str(log),
        ) as terminal:
            terminal.wait_for("infraspinatus")
            with subprocess.Popen(
                [sys.executable, "-c", WAITING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            ) as bare:
                jumps, sent = play(device, terminal, alarms, bare)
                least = [1000 * (float(line) - at_s) for line, at_s in zip(bare.stdout, sent, strict=True)]
            chunks = terminal.chunks
        seen = [1000 * delay for delay in seen_after(chunks, jumps)]
        heard = [1000 * delay for delay in heard_after(log, jumps)]
    print(f"sample above the ceiling, handed over at {RATE_HZ} a second -> ({len(jumps)} alarms)")
    tell("STOP stands at the terminal", seen, len(jumps), aim_ms=50)
    tell("the tone is at the sound process", heard, len(jumps), aim_ms=20)
    tell("a bare pipe, meanwhile", least, len(jumps))
    never = len(jumps) - len(seen), len(jumps) - len(heard)
    return Section(
        "The alarm",
        f"{len(jumps)} jumps of the pressure above the ceiling at irregular times, on a pty at {RATE_HZ} "
        "native frames a "
        f"second, into the installed `goodpain live` in a terminal of {COLUMNS} x {ROWS} with its own sound process.",
        (
            at_most(
                "sample above the ceiling → STOP at the terminal, p99",
                "from the write of the first sample above the ceiling at the device's end to the arrival of "
                "the terminal "
                "bytes that complete the cue; 99 % point over the alarms (without those never seen: see spread)",
                p50_p99(seen)[1],
                50,
                "ms",
                spread=f"p50 {p50_p99(seen)[0]:.1f}, {quartiles(seen, 1)}, {never[0]} never",
                peer="a byte through a pipe to a process that does nothing else, meanwhile",
                peers=p50_p99(least)[1],
            ),
            at_most(
                "sample above the ceiling → at the tone process, p99",
                "the same to the moment at which the sound process has read the tone from its standard input",
                p50_p99(heard)[1],
                20,
                "ms",
                spread=f"p50 {p50_p99(heard)[0]:.1f}, {quartiles(heard, 1)}, {never[1]} never",
                peer="a byte through a pipe to a process that does nothing else, meanwhile",
                peers=p50_p99(least)[1],
            ),
        ),
    )


def play(
    device: PtyDevice, terminal: Terminal, alarms: int, bare: subprocess.Popen[bytes]
) -> tuple[list[float], list[float]]:
    """Send samples until there were so many alarms; when the first sample of each was handed over.

    Between alarms the bare process is sent a byte, too: the second list is when.
    """
    chance = random.Random(8)
    start_s, jumps, sent, i, next_jump = time.monotonic(), [], [], 0, 5 * RATE_HZ
    while len(sent) < alarms:
        due_s = start_s + i / RATE_HZ
        if (left_s := due_s - time.monotonic()) > 0:
            terminal.read(min(0.002, left_s))
            continue
        above = next_jump <= i < next_jump + STAYS_SAMPLES
        t_us = int(i * 1e6 / RATE_HZ)
        data = encode_sample(i, t_us, [round((ABOVE_N if above else IN_BAND_N) * COUNTS_PER_N)])
        if i % RATE_HZ == 0:
            data = encode_meta(t_us, META) + data
        if i == next_jump:
            jumps.append(time.monotonic())
        device.send(data)
        if i == next_jump + STAYS_SAMPLES // 2:
            sent.append(time.monotonic())
            os.write(bare.stdin.fileno(), b".")
        i += 1
        if i >= next_jump + STAYS_SAMPLES:
            next_jump = i + chance.randrange(40, 60)
    terminal.read(0.3)
    bare.stdin.close()
    return jumps, sent


def seen_after(chunks: list[tuple[float, bytes]], jumps: list[float]) -> list[float]:
    """For each jump the time until the cue stood that stands at the end of the first alarm."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    history: list[tuple[float, str]] = []
    for at_s, data in chunks:
        stream.feed(data)
        history.append((at_s, "\n".join(row[CUE_COLUMNS] for row in screen.display[PANEL_ROWS])))
    lasts_s = STAYS_SAMPLES / RATE_HZ
    stop = [cue for at_s, cue in history if at_s < jumps[0] + lasts_s][-1]
    if stop == [cue for at_s, cue in history if at_s < jumps[0]][-1]:
        raise RuntimeError(f"the cue never changed:\n{stop}")
    found = []
    for jump_s in jumps:
        during = [at_s for at_s, cue in history if jump_s <= at_s < jump_s + lasts_s and cue == stop]
        found += [during[0] - jump_s] if during else []
    return found


def heard_after(log: Path, jumps: list[float]) -> list[float]:
    """For each jump the time until the sound process had read the first tone of the alarm."""
    stops = [float(line.split()[0]) for line in log.read_text().splitlines() if line.endswith(" stop")]
    lasts_s = STAYS_SAMPLES / RATE_HZ
    found = []
    for jump_s in jumps:
        during = [at_s for at_s in stops if jump_s <= at_s < jump_s + lasts_s]
        found += [during[0] - jump_s] if during else []
    return found


def tell(what: str, delays_ms: list[float], alarms: int, aim_ms: float | None = None) -> None:
    """One line of figures."""
    p50, p99 = p50_p99(delays_ms)
    aim = "" if aim_ms is None else f" (aim <= {aim_ms:.0f})"
    missed = alarms - len(delays_ms)
    print(
        f"  {what}: p50 {p50:.1f} ms   p99 {p99:.1f} ms{aim}   max {max(delays_ms):.1f} ms"
        + (f"   {missed} never" if missed else "")
    )


if __name__ == "__main__":
    main()
