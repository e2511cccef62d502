"""Random bytes into every decoder: `python -m tests.bench.fuzz_dialects [bytes [dialect …]]`, 10^7 each when not told.

Half of the bytes are noise and half pieces of what devices really send, cut, joined and flipped, fed in chunks of
random length. Checked on the way: no exception; a bounded memory; columns of one length and of the right types; flags
that exist; and that every sample of a native dialect is found again, by a plain search, in a whole frame or line with
a good checksum. Prints bytes, samples accepted and seconds per dialect; the samples are pieces that stayed whole.
"""

from __future__ import annotations

import random
import re
import sys
import time
from binascii import crc_hqx

import numpy as np

from firmware_bridge import wire
from firmware_bridge.dialects import Decoder, Readings, dialect, dialects
from sim.address import Address
from sim.twins.names import TWIN_NAMES
from tests.bridge.feeding import assert_bounded

BYTES = 10_000_000
BLOCK = 1 << 16
QUALITY_MAX = 63


def words_of(rng: random.Random) -> list[bytes]:
    """Pieces of what every device sends."""
    pieces = [Address.parse(f"{name}?streaming=1").sensor().advance(6.0) for name in TWIN_NAMES]
    pieces += [wire.encode_sample(i, i * 12_500, [rng.randint(-(2**23), 2**23)]) for i in range(50)]
    pieces += [wire.encode_text_sample(i, i * 12_500, [rng.randint(-(2**23), 2**23)]) for i in range(50)]
    pieces += [
        wire.encode_batch(7, 5, 12_500, [[1, 2], [3, 4]]),
        wire.encode_meta(1, {"proto": "1", "counts_per_n": "2"}),
    ]
    pieces += [wire.encode_event(1, 1, 2), wire.encode_pong(4, 5), wire.encode_status(1, 2, 3, 4, 5)]
    return pieces


def block(rng: random.Random, words: list[bytes]) -> bytes:
    """About `BLOCK` bytes, half of them noise."""
    out = bytearray()
    while len(out) < BLOCK:
        if rng.random() < 0.5:
            out += rng.randbytes(rng.randint(1, 200))
        else:
            word = rng.choice(words)
            at = rng.randrange(len(word))
            piece = bytearray(word[at : at + rng.randint(1, 300)] if rng.random() < 0.7 else word[:400])
            if piece and rng.random() < 0.3:
                piece[rng.randrange(len(piece))] ^= 1 << rng.randrange(8)
            out += piece
    return bytes(out)


def check(readings: Readings) -> None:
    """What every feed must give, whatever the bytes."""
    n = len(readings)
    assert readings.t_us.shape == readings.seq.shape == readings.quality.shape == (n,)
    assert readings.extra.shape[0] == n
    assert readings.counts.dtype == np.int32
    assert n == 0 or int(readings.quality.max()) <= QUALITY_MAX
    assert all(0 <= message.before <= n for message in readings.messages)


def good_frames(data: bytes) -> int:
    """Samples in the whole frames of `data` whose checksum is right, found without the decoder."""
    count = 0
    for piece in data.split(b"\0"):
        body = wire.cobs_decode(piece)
        if (
            body is None
            or len(body) < 10
            or crc_hqx(body[:-2], 0xFFFF) != int.from_bytes(body[-2:], "little")
        ):
            continue
        if body[0] == wire.FrameType.SAMPLE and len(body) > 10:
            count += len(body) % 4 == 2
        elif body[0] == wire.FrameType.BATCH and len(body) >= 14:
            count += body[11]
    return count


_CHECKED_LINE = re.compile(rb"(D,[^*]*)\*([0-9A-Fa-f]{4})")


def good_lines(data: bytes) -> int:
    """Lines of `data` whose checksum is right."""
    lines = re.split(rb"[\r\n]", data)
    found = (_CHECKED_LINE.fullmatch(line) for line in lines)
    return sum(match is not None and crc_hqx(match[1], 0xFFFF) == int(match[2], 16) for match in found)


def run(name: str, total: int, seed: int = 1) -> tuple[int, int, float]:
    """Feed one decoder; returns bytes, samples and seconds."""
    rng = random.Random(f"{name} {seed}")
    words = words_of(rng)
    decoder: Decoder = dialect(name).new_decoder()
    checked = {"native-binary": good_frames, "native-text": good_lines}.get(name)
    if name == "native-text":
        # A device that has sent one good checksum is held to it.
        decoder.feed(wire.encode_text_sample(0, 0, [1]))
    fed = samples = 0
    begin = time.perf_counter()
    while fed < total:
        data = block(rng, words)
        at = got = 0
        while at < len(data):
            step = rng.choice((1, 7, 64, 500, 5000))
            readings = decoder.feed(data[at : at + step])
            check(readings)
            got += len(readings)
            at += step
        # The block ends in the middle of something: a line end and a zero close it for both ways of counting.
        got += len(decoder.feed(b"\r\n\0"))
        if checked is not None:
            assert got <= checked(data + b"\r\n\0"), f"{name} accepted what has no good checksum"
        assert_bounded(decoder)
        samples += got
        fed += len(data)
    return fed, samples, time.perf_counter() - begin


def main() -> None:
    """Print the table."""
    numbers = [int(float(argument)) for argument in sys.argv[1:2]]
    total = numbers[0] if numbers else BYTES
    names = sys.argv[2:] or list(dialects())
    print(f"{'dialect':<16}{'bytes':>12}{'samples':>10}{'seconds':>9}")
    for name in names:
        fed, samples, seconds = run(name, total)
        print(f"{name:<16}{fed:>12,}{samples:>10,}{seconds:>9.1f}", flush=True)
    print("no exception, no wrong checksum accepted, memory bounded")


if __name__ == "__main__":
    main()
