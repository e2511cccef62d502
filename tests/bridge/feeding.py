"""Feeds decoders in pieces and compares what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from firmware_bridge.dialects import Decoder, Readings


def split_at(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    """`data` cut at those places (taken modulo its length, in any order)."""
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def feed_all(decoder: Decoder, pieces: Sequence[bytes]) -> Readings:
    """All readings of several feeds as one."""
    parts = [decoder.feed(piece) for piece in pieces]
    width = max((part.extra.shape[1] for part in parts), default=0)
    starts = np.cumsum([0, *map(len, parts)])
    return Readings(
        np.concatenate([part.t_us for part in parts]),
        np.concatenate([part.seq for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([np.pad(part.extra, ((0, 0), (0, width - part.extra.shape[1]))) for part in parts]),
        np.concatenate([part.quality for part in parts]),
        tuple(
            replace(message, before=message.before + int(start))
            for part, start in zip(parts, starts[:-1], strict=True)
            for message in part.messages
        ),
    )


def assert_same(one: Readings, other: Readings) -> None:
    """Every column with its type, and every message in its place."""
    for name, dtype in (
        ("t_us", np.int64),
        ("seq", np.int32),
        ("counts", np.int32),
        ("extra", np.int32),
        ("quality", np.uint8),
    ):
        a, b = getattr(one, name), getattr(other, name)
        assert a.dtype == b.dtype == dtype, name
        np.testing.assert_array_equal(a, b, err_msg=name)
    assert one.messages == other.messages


def assert_bounded(decoder: Decoder) -> None:
    """No attribute of a decoder holds more than a little."""

    def weight(value: object, depth: int = 0) -> int:
        if isinstance(value, bytes | str):
            return len(value)
        if isinstance(value, list | tuple):
            return sum(weight(item, depth + 1) for item in value) + len(value)
        if isinstance(value, dict):
            return sum(weight(k, depth + 1) + weight(v, depth + 1) for k, v in value.items())
        if depth < 3 and hasattr(value, "__slots__"):
            return sum(weight(getattr(value, name, None), depth + 1) for name in value.__slots__)
        return 0

    assert sum(weight(value) for value in vars(decoder).values()) < 100_000
