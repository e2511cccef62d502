"""What happens to bytes on their way: flipped, lost, doubled, shuffled, at the wrong speed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.torture.cases import Case
from tests.torture.ledger import Outcome
from tests.torture.rig import Device, play, recording, timed

SAMPLES = 480
"""Six seconds at 80 a second."""

Spoil = Callable[[list[bytes], random.Random], Iterable[bytes]]


def _spoilt(spoil: Spoil, tries: int = 3) -> Callable[[Path], Outcome]:
    """A case that spoils the stream of frames; the first and the last come through, so that every loss has an end."""

    def run(folder: Path) -> Outcome:
        outcome = Outcome()
        for seed in range(tries):
            device = Device()
            with recording(folder / str(seed)) as at:
                frames = [device.frame() for _ in range(SAMPLES)]
                inner = list(spoil(frames[1:-1], random.Random(seed)))
                play(at.port, timed([frames[0], *inner, frames[-1]]))
                told = at.end()
                found = at.found(device)
            outcome.add(found)
            lost, damaged = told.get("lost"), told.get("checksum_errors")
            outcome.seen = (
                outcome.seen
                or at.words()
                or (
                    f"nothing while it goes on; the summary of one try counts {lost} lost, {damaged} damaged frames"
                )
            )
            outcome.must(
                told.get("samples") == found.recorded,
                f"the summary has {told.get('samples')} samples, the record {found.recorded}: {at.said[-600:]}",
            )
        outcome.kept = f"{outcome.recorded} samples, {outcome.known} counted as lost"
        return outcome

    return run


def _flip(frames: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for data in frames:
        yield bytes(b ^ (1 << chance.randrange(8)) if chance.random() < 0.01 else b for b in data)


def _burst(frames: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for data in frames:
        if chance.random() < 0.05:
            at = chance.randrange(len(data))
            length = chance.randrange(1, 9)
            data = data[:at] + chance.randbytes(length) + data[at + length :]
        yield data


def _drop(frames: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for data in frames:
        yield bytes(b for b in data if chance.random() >= 0.01)


def _double(frames: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for data in frames:
        yield b"".join(bytes([b]) * (2 if chance.random() < 0.01 else 1) for b in data)


def _frames_lost(frames: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for data in frames:
        yield b"" if chance.random() < 0.1 else data


def _frames_doubled(frames: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for data in frames:
        yield data * (2 if chance.random() < 0.05 else 1)


def _reordered(frames: list[bytes], chance: random.Random) -> Iterator[bytes]:
    rest = list(frames)
    while rest:
        if len(rest) > 1 and chance.random() < 0.05:
            rest[0], rest[1] = rest[1], rest[0]
        yield rest.pop(0)


def _noise(frames: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for data in frames:
        yield data + (chance.randbytes(chance.randrange(1, 40)) if chance.random() < 0.1 else b"")


def at_another_speed(data: bytes, factor: float) -> bytes:
    """Bytes as a receiver reads them that samples `factor` times as fast as they are sent (8N1)."""
    bits: list[int] = [1] * 4
    for byte in data:
        bits += [0, *(byte >> i & 1 for i in range(8)), 1]
    bits += [1] * 12
    read: list[int] = []
    at = 0.0
    while int(at) < len(bits):
        if bits[int(at)]:
            at += 0.25 / factor
            continue
        value = 0
        for i in range(8):
            place = int(at + (1.5 + i) / factor)
            value |= (bits[place] if place < len(bits) else 1) << i
        read.append(value)
        at += 9.5 / factor
    return bytes(read)


def _wrong_speed(folder: Path) -> Outcome:
    outcome = Outcome()
    for factor in (0.5, 2.0, 1 / 12, 9600 / 115200 * 6):
        device = Device()
        with recording(folder / f"{factor:.3f}", given=False, greeting=b"") as at:
            frames = [at_another_speed(device.frame(), factor) for _ in range(SAMPLES)]
            play(at.port, timed(frames))
            at.end()
            found = at.found(device)
        outcome.add(found)
        outcome.must(found.recorded == 0, "samples were taken in at the wrong speed")
        outcome.must(bool(at.words()), "the user was told nothing")
        outcome.seen = outcome.seen or at.words()
    outcome.kept = "no sample"
    return outcome


TITLE = "The wire"
CASES = [
    Case("bits flipped (1 byte in 100)", _spoilt(_flip)),
    Case("bursts of noise over frames", _spoilt(_burst)),
    Case("bytes dropped (1 in 100)", _spoilt(_drop)),
    Case("bytes doubled (1 in 100)", _spoilt(_double)),
    Case("frames dropped (1 in 10)", _spoilt(_frames_lost)),
    Case("frames doubled (1 in 20)", _spoilt(_frames_doubled)),
    Case("frames reordered (1 in 20)", _spoilt(_reordered)),
    Case("noise between frames", _spoilt(_noise)),
    Case("wrong baud rate (4 ratios)", _wrong_speed),
]
