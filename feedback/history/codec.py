"""How a chunk of samples becomes bytes.

Each column of integers is stored as what a guess leaves over: host times and device times are guessed to run evenly
(second differences), device time to run with host time (so its difference to that is coded), counts to stay where
they are (first differences), flags and losses to be constant. What is left is small, so it is packed in the fewest
whole bytes per value that hold it (0 for a column that is guessed right throughout). All arithmetic wraps at 64 bits,
so that any integers come back exactly. The whole is deflated when that makes it smaller.

    codec "d1"   the columns    "d1z"   the same, zlib

A column: `first` int64 LE for each order of difference, `width` u8 (0, 1, 2, 4 or 8), then (n - order) x width bytes,
zigzag, LE. Columns stand in the order t_us, device_us, counts, quality, lost_before.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.history.errors import HistoryDamagedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLAIN, DEFLATED = "d1", "d1z"
MAX_SAMPLES = 1 << 20
"""More than this in one chunk is no chunk of ours."""

_ORDERS = (2, 2, 1, 1, 1)
_WIDTHS = ((0, 0), (1, 8), (2, 16), (4, 32), (8, 64))


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Columns of one length n.

    Attributes:
        t_us: int64, conversion times, microseconds from the start of the session.
        device_us: int64, the device's own clock, unwrapped; -1 where it has none.
        counts: int32, raw converter counts.
        quality: uint8, `Quality` flags.
        lost_before: int64, samples known to be lost just before each.
    """

    t_us: NDArray[np.int64]
    device_us: NDArray[np.int64]
    counts: NDArray[np.int32]
    quality: NDArray[np.uint8]
    lost_before: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.t_us)

    def part(self, start: int, stop: int) -> Samples:
        """A run of them."""
        rows = slice(start, stop)
        return Samples(
            self.t_us[rows],
            self.device_us[rows],
            self.counts[rows],
            self.quality[rows],
            self.lost_before[rows],
        )


def joined(runs: list[Samples]) -> Samples:
    """One run of several (at least one), in their order."""
    return Samples(
        np.concatenate([run.t_us for run in runs]),
        np.concatenate([run.device_us for run in runs]),
        np.concatenate([run.counts for run in runs]),
        np.concatenate([run.quality for run in runs]),
        np.concatenate([run.lost_before for run in runs]),
    )


def encode(samples: Samples) -> tuple[str, bytes]:
    """A chunk's codec and payload."""
    t_us = samples.t_us.astype(np.int64)
    columns = (
        t_us.view(np.uint64),
        samples.device_us.astype(np.int64).view(np.uint64) - t_us.view(np.uint64),
        samples.counts.astype(np.int64).view(np.uint64),
        samples.quality.astype(np.int64).view(np.uint64),
        samples.lost_before.astype(np.int64).view(np.uint64),
    )
    plain = b"".join(_pack(column, order) for column, order in zip(columns, _ORDERS, strict=True))
    deflated = zlib.compress(plain, 6)
    return (DEFLATED, deflated) if len(deflated) < len(plain) else (PLAIN, plain)


def decode(codec: str, payload: bytes, n: int) -> Samples:
    """A chunk's samples.

    Raises:
        HistoryDamagedError: the payload is not n samples in this codec.
    """
    try:
        t_us, device_us, counts, quality, lost = _columns(codec, payload, n)
    except (ValueError, IndexError, zlib.error):
        raise HistoryDamagedError(
            f"a chunk of {n} samples cannot be read (codec {codec}): the record is damaged or from a newer Goodpain"
        ) from None
    return Samples(
        t_us.view(np.int64),
        (device_us + t_us).view(np.int64),
        counts.view(np.int64).astype(np.int32),
        quality.astype(np.uint8),
        lost.view(np.int64),
    )


def _columns(codec: str, payload: bytes, n: int) -> list[NDArray[np.uint64]]:
    if not 0 <= n <= MAX_SAMPLES or codec not in (PLAIN, DEFLATED):
        raise ValueError("not one of our chunks")
    data = _inflate(payload, n) if codec == DEFLATED else payload
    columns: list[NDArray[np.uint64]] = []
    offset = 0
    for order in _ORDERS:
        column, offset = _unpack(data, offset, n, order)
        columns.append(column)
    if offset != len(data):
        raise ValueError("more bytes than samples")
    return columns


def _inflate(payload: bytes, n: int) -> bytes:
    """Never more than n samples can need, whatever the bytes claim."""
    inflater = zlib.decompressobj()
    data = inflater.decompress(payload, len(_ORDERS) * (8 * n + 17) + 1)
    if not inflater.eof or inflater.unused_data:
        raise ValueError("not one whole stream")
    return data


def _pack(values: NDArray[np.uint64], order: int) -> bytes:
    firsts: list[bytes] = []
    for _ in range(order):
        if len(values):
            firsts.append(values[0].astype("<u8").tobytes())
            values = values[1:] - values[:-1]
    signed = values.view(np.int64)
    zigzag = (values << np.uint64(1)) ^ (signed >> np.int64(63)).view(np.uint64)
    bits = int(zigzag.max()).bit_length() if len(zigzag) else 0
    width = next(width for width, holds in _WIDTHS if bits <= holds)
    packed = zigzag.astype(f"<u{width}").tobytes() if width else b""
    return b"".join([*firsts, bytes([width]), packed])


def _unpack(data: bytes, offset: int, n: int, order: int) -> tuple[NDArray[np.uint64], int]:
    orders = min(order, n)
    firsts = np.frombuffer(data, "<u8", orders, offset)
    offset += 8 * orders
    width, count = data[offset], n - orders
    offset += 1
    if width not in (0, 1, 2, 4, 8):
        raise ValueError(width)
    zigzag = (
        np.frombuffer(data, f"<u{width}", count, offset).astype(np.uint64)
        if width
        else np.zeros(count, np.uint64)
    )
    offset += width * count
    values = (zigzag >> np.uint64(1)) ^ (~(zigzag & np.uint64(1)) + np.uint64(1))
    for first in firsts[::-1]:
        values = np.cumsum(np.concatenate([first[None], values]), dtype=np.uint64)
    return values, offset
