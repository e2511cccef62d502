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
from pathlib import Path

import serial

from firmware_bridge import wire
from firmware_bridge.dialects import dialect
from sim.address import Address
from sim.twins.names import PREFIX, TWIN_NAMES
from tests.bench.figures import Figure, Section, at_least

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
    return rates(work, runs)[0]


def rates(work: Callable[[], int], runs: int = 3) -> tuple[float, str]:
    """The same, and the slowest of the runs in words."""
    took, count = [], 0
    for _ in range(runs):
        begin = time.perf_counter()
        count = work()
        took.append(time.perf_counter() - begin)
    return count / min(took), f"slowest run {count / max(took):,.0f}"


def through_pty(data: bytes, read: Callable[[serial.Serial], int]) -> float:
    """Samples a second from a pseudo-terminal that a child process fills."""
    master, slave = os.openpty()
    tty.setraw(slave)
    # Opened first: what lies in a port when it is opened is thrown away.
    with serial.Serial(os.ttyname(slave), 115_200, timeout=1) as port:
        child = os.fork()
        if child == 0:
            for i in range(0, len(data), 1024):
                os.write(master, data[i : i + 1024])
            os._exit(0)
        begin = time.perf_counter()
        count = read(port)
        elapsed = time.perf_counter() - begin
    os.waitpid(child, 0)
    os.close(master)
    os.close(slave)
    return count / elapsed


def pty_readline(port: serial.Serial, lines: int) -> int:
    """`readline()` until all lines are in."""
    values: list[int] = []
    while len(values) < lines:
        values.append(int(port.readline().decode().split(",")[3]))
    return len(values)


def pty_decoded(port: serial.Serial, lines: int) -> int:
    """`read(in_waiting or 1)` and our decoder until all lines are in."""
    decoder = dialect("native-text").new_decoder()
    count = 0
    while count < lines:
        count += len(decoder.feed(port.read(port.in_waiting or 1)))
    return count


def wrong_after_flips(samples: int) -> Figure:
    """One byte in a hundred is spoilt by one bit: what is taken for a sample that was never sent?"""
    rng = random.Random(3)
    counts = [rng.randint(-(2**23), 2**23 - 1) for _ in range(samples)]
    sent = {(i, i * 12_500, value) for i, value in enumerate(counts)}

    def spoilt(data: bytes) -> bytes:
        out = bytearray(data)
        for at in rng.sample(range(len(out)), len(out) // 100):
            out[at] ^= 1 << rng.randrange(8)
        return bytes(out)

    stream = spoilt(b"".join(wire.encode_sample(i, i * 12_500, [c]) for i, c in enumerate(counts)))
    readings = dialect("native-binary").new_decoder().feed(stream)
    got = zip(readings.seq.tolist(), readings.t_us.tolist(), readings.counts.tolist(), strict=True)
    wrong = sum(one not in sent for one in got)
    by_text = 0
    for line in io.BytesIO(spoilt(b"".join(b"%d,%d,%d\n" % one for one in sorted(sent)))):
        with contextlib.suppress(ValueError):
            seq, t_us, value = (int(field) for field in line.decode("latin-1").split(","))
            by_text += (seq, t_us, value) not in sent
    print(
        f"1 % of bytes flipped: {len(readings):,} of {samples:,} samples accepted, {wrong} wrong; text: "
        f"{by_text:,} wrong"
    )
    return Figure(
        "wrong samples accepted, 1 % of bytes flipped",
        f"{samples:,} native frames, one bit changed in one byte of a hundred: samples whose number, time or "
        "counts were never sent so",
        wrong,
        "samples",
        "0",
        wrong == 0,
        f"{len(readings):,} accepted",
        "the same samples as lines of three numbers, `readline()` and `split()`",
        by_text,
    )


def main() -> None:
    """Print the table."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    data = streams(SAMPLES // 10 if quick else SAMPLES)
    found = []
    beside = "`readline()` and `split()` of lines with the same samples, in memory, nothing checked"
    definition = "samples a second of one process, the best of three runs; fed in pieces of"
    plain = {name: rate(lambda name=name: readline_loop(data[name])) for name in data if "binary" not in name}
    print(f"{'dialect':<26}{'fed':<14}{'samples/s':>12}{'readline+split':>16}{'ratio':>8}")
    for name, stream in data.items():
        ours = "native-binary" if "binary" in name else "native-text" if name == "text" else "numbers"
        other = plain.get(name, plain["text"])
        few = max(1, LIVE_FEED * len(stream) * (10 if quick else 1) // SAMPLES)
        for fed, chunk, part in (
            ("256 KiB", 1 << 18, stream),
            (f"{LIVE_FEED} samples", few, stream[: 1 << 18]),
        ):
            got, spread = rates(lambda ours=ours, part=part, chunk=chunk: decoded(ours, part, chunk))
            print(f"{name:<26}{fed:<14}{got:>12,.0f}{other:>16,.0f}{got / other:>8.2f}")
            about = {"unit": "samples/s", "peer": beside, "peers": other, "spread": spread}
            what = f"native {name}" if ours.startswith("native") else name
            promise = name == "binary" and fed == "256 KiB"
            found.append(
                at_least(f"{what}, {fed}", f"{definition} {fed}", got, 500_000, **about)
                if promise
                else Figure(f"{what}, {fed}", f"{definition} {fed}", got, **about)
            )
    pty_lines = PTY_LINES // 10 if quick else PTY_LINES
    lines = data["text"][: data["text"].find(b"D,%d," % pty_lines)]
    lines = lines[: lines.rindex(b"\n") + 1]
    pty_lines = lines.count(b"\n")
    with_readline = through_pty(lines, lambda port: pty_readline(port, pty_lines))
    with_ours = through_pty(lines, lambda port: pty_decoded(port, pty_lines))
    found.append(
        Figure(
            "native text through a pty",
            f"{pty_lines:,} lines from a pseudo-terminal that a child process fills as fast as it can, read "
            "with pyserial",
            with_ours,
            "samples/s",
            peer="pyserial's `readline()` and `split()`",
            peers=with_readline,
        )
    )
    fed = "through a pty"
    print(f"{'text':<26}{fed:<14}{with_ours:>12,.0f}{with_readline:>16,.0f}{with_ours / with_readline:>8.2f}")
    print(f"\n{'other devices':<26}{'fed':<14}{'samples/s':>12}{'readline+split':>16}{'ratio':>8}")
    for name in TWIN_NAMES:
        ours, stream = name.removeprefix(PREFIX), twin_stream(name, TWIN_BYTES // 10 if quick else TWIN_BYTES)
        if ours == "sauter-fh":
            got = rate(lambda stream=stream: asked_sauter(stream))
            print(f"{ours:<26}{'answers':<14}{got:>12,.0f}{'-':>16}{'-':>8}")
            found.append(Figure(ours, f"{definition} one answer", got, "samples/s"))
            continue
        got, spread = rates(lambda ours=ours, stream=stream: decoded(ours, stream, 1 << 16))
        if ours == "tindeq":
            print(f"{ours:<26}{'64 KiB':<14}{got:>12,.0f}{'-':>16}{'-':>8}")
            found.append(
                Figure(ours, f"{definition} 64 KiB of what the device's twin sends", got, "samples/s")
            )
            continue
        end = b"\r" if b"\n" not in stream else b"\n"
        other = rate(
            lambda stream=stream, end=end, ours=ours: readline_and_split(stream, end, FIXED.get(ours))
        )
        print(f"{ours:<26}{'64 KiB':<14}{got:>12,.0f}{other:>16,.0f}{got / other:>8.2f}")
        found.append(
            Figure(
                ours,
                f"{definition} 64 KiB of what the device's twin sends",
                got,
                "samples/s",
                spread=spread,
                peer="`readline()` and `split()` of the same bytes, nothing checked",
                peers=other,
            )
        )
    found.insert(0, wrong_after_flips(5_000 if quick else 50_000))
    return Section(
        "Decoding",
        f"{len(data['binary']):,} bytes of native frames and the same samples in other dialects, then every "
        "other device's "
        "twin; one core. A ratio above 1 means that the plain loop, which checks nothing, is quicker.",
        tuple(found),
    )


if __name__ == "__main__":
    main()
