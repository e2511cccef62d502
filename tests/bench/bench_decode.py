"""How fast the decoders are, beside the usual `readline()` and `split()`: `python -m tests.bench.bench_decode`.

Every row decodes the same deterministic samples; a rate is samples a second of one process (best of several runs).
`ratio` is against the loop that reads the same bytes with `readline()`, splits at commas and converts two numbers,
and checks nothing; the binary rows compare with that loop over native text lines of the same samples. The rows
"through a pty" read from a pseudo-terminal with pyserial, which a forked child fills as fast as it can.

The second table has every other device: what its twin sends, over and over.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import time
import tty
from collections.abc import Callable

import serial

from firmware_bridge import wire
from firmware_bridge.dialects import dialect
from sim.address import Address
from sim.twins.names import PREFIX, TWIN_NAMES

SAMPLES = 100_000
LIVE_FEED = 3
PTY_LINES = 20_000
TWIN_BYTES = 1_000_000
FIXED = {"imada": slice(0, 6), "lutron": slice(7, 15)}
"""Where the number stands on lines of fixed width."""


def streams(samples: int, seed: int = 1) -> dict[str, bytes]:
    """The same samples in every dialect."""
    rng = random.Random(seed)
    counts = [150_000 + rng.randint(-40_000, 40_000) for _ in range(samples)]
    batches = [
        wire.encode_batch(i, i * 12_500, 12_500, [[value] for value in counts[i : i + 8]])
        for i in range(0, samples, 8)
    ]
    return {
        "binary": b"".join(wire.encode_sample(i, i * 12_500, [c]) for i, c in enumerate(counts)),
        "binary, batches of 8": b"".join(batches),
        "text": b"".join(wire.encode_text_sample(i, i * 12_500, [c]) for i, c in enumerate(counts)),
        "numbers": b"".join(b"%.2f\r\n" % (c / 2000) for c in counts),
        "numbers, time and unit": b"".join(
            b"%d,%.2f,lbs,\r\n" % (12 * i, c / 2000) for i, c in enumerate(counts)
        ),
    }


def twin_stream(name: str, size: int) -> bytes:
    """About `size` bytes of what a twin sends in a press of six seconds, repeated."""
    second = Address.parse(f"{name}?streaming=1").sensor().advance(6.0)
    return second * (size // len(second) + 1)


def readline_and_split(data: bytes, end: bytes, field: slice | None) -> int:
    """The loop that people write for a device they know: read a line, cut it, convert the first number that is one.

    `field` is where the number stands, for lines of fixed width.
    """
    lines = io.BytesIO(data.replace(end, b"\n")) if end != b"\n" else io.BytesIO(data)
    values: list[float] = []
    while line := lines.readline():
        if field is not None:
            with contextlib.suppress(ValueError):
                values.append(float(line[field]))
            continue
        for part in line.decode("latin-1").replace(",", " ").replace(":", " ").split():
            try:
                values.append(float(part))
            except ValueError:
                continue
            break
    return len(values)


def asked_sauter(data: bytes) -> int:
    """Samples of a Sauter gauge, each answer after its own question."""
    from firmware_bridge.dialects.sauter import ANSWER, SauterDecoder

    decoder = SauterDecoder()
    count = 0
    for i in range(0, len(data), ANSWER):
        decoder.asked()
        count += len(decoder.feed(data[i : i + ANSWER]))
    return count


def readline_loop(data: bytes) -> int:
    """What most programs do; checks nothing."""
    lines = io.BytesIO(data)
    times: list[float] = []
    values: list[float] = []
    while line := lines.readline():
        fields = line.decode().strip().split(",")
        if fields[0] == "D":
            times.append(int(fields[2]))
            values.append(int(fields[3]))
        else:
            values.append(float(fields[min(1, len(fields) - 1)]))
    return len(values)


def decoded(name: str, data: bytes, chunk: int) -> int:
    """Samples out of our decoder, fed in chunks."""
    decoder = dialect(name).new_decoder()
    return sum(len(decoder.feed(data[i : i + chunk])) for i in range(0, len(data), chunk))


def rate(work: Callable[[], int], runs: int = 3) -> float:
    """Samples a second, best of the runs."""
    best = float("inf")
    count = 0
    for _ in range(runs):
        begin = time.perf_counter()
        count = work()
        best = min(best, time.perf_counter() - begin)
    return count / best


def through_pty(data: bytes, read: Callable[[serial.Serial], int]) -> float:
    """Samples a second from a pseudo-terminal that a child process fills."""
    master, slave = os.openpty()
    tty.setraw(slave)
    child = os.fork()
    if child == 0:
        for i in range(0, len(data), 1024):
            os.write(master, data[i : i + 1024])
        os._exit(0)
    with serial.Serial(os.ttyname(slave), 115_200, timeout=1) as port:
        begin = time.perf_counter()
        count = read(port)
        elapsed = time.perf_counter() - begin
    os.waitpid(child, 0)
    os.close(master)
    os.close(slave)
    return count / elapsed


def pty_readline(port: serial.Serial) -> int:
    """`readline()` until all lines are in."""
    values: list[int] = []
    while len(values) < PTY_LINES:
        values.append(int(port.readline().decode().split(",")[3]))
    return len(values)


def pty_decoded(port: serial.Serial) -> int:
    """`read(in_waiting or 1)` and our decoder until all lines are in."""
    decoder = dialect("native-text").new_decoder()
    count = 0
    while count < PTY_LINES:
        count += len(decoder.feed(port.read(port.in_waiting or 1)))
    return count


def main() -> None:
    """Print the table."""
    data = streams(SAMPLES)
    plain = {name: rate(lambda name=name: readline_loop(data[name])) for name in data if "binary" not in name}
    print(f"{'dialect':<26}{'fed':<14}{'samples/s':>12}{'readline+split':>16}{'ratio':>8}")
    for name, stream in data.items():
        ours = "native-binary" if "binary" in name else "native-text" if name == "text" else "numbers"
        other = plain.get(name, plain["text"])
        few = LIVE_FEED * len(stream) // SAMPLES
        for fed, chunk, part in (
            ("256 KiB", 1 << 18, stream),
            (f"{LIVE_FEED} samples", few, stream[: 1 << 18]),
        ):
            got = rate(lambda ours=ours, part=part, chunk=chunk: decoded(ours, part, chunk))
            print(f"{name:<26}{fed:<14}{got:>12,.0f}{other:>16,.0f}{got / other:>8.2f}")
    lines = data["text"][: data["text"].index(b"D,%d," % PTY_LINES)]
    with_readline, with_ours = through_pty(lines, pty_readline), through_pty(lines, pty_decoded)
    fed = "through a pty"
    print(f"{'text':<26}{fed:<14}{with_ours:>12,.0f}{with_readline:>16,.0f}{with_ours / with_readline:>8.2f}")
    print(f"\n{'other devices':<26}{'fed':<14}{'samples/s':>12}{'readline+split':>16}{'ratio':>8}")
    for name in TWIN_NAMES:
        ours, stream = name.removeprefix(PREFIX), twin_stream(name, TWIN_BYTES)
        if ours == "sauter-fh":
            got = rate(lambda stream=stream: asked_sauter(stream))
            print(f"{ours:<26}{'answers':<14}{got:>12,.0f}{'-':>16}{'-':>8}")
            continue
        got = rate(lambda ours=ours, stream=stream: decoded(ours, stream, 1 << 16))
        if ours == "tindeq":
            print(f"{ours:<26}{'64 KiB':<14}{got:>12,.0f}{'-':>16}{'-':>8}")
            continue
        end = b"\r" if b"\n" not in stream else b"\n"
        other = rate(
            lambda stream=stream, end=end, ours=ours: readline_and_split(stream, end, FIXED.get(ours))
        )
        print(f"{ours:<26}{'64 KiB':<14}{got:>12,.0f}{other:>16,.0f}{got / other:>8.2f}")


if __name__ == "__main__":
    main()
