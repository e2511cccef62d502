"""How a chunk of samples becomes bytes.

Each column of integers is stored as what a guess leaves over: host times and device times are guessed to run evenly
(second differences), device time to run with host time (so its difference to that is coded), counts to stay where
they are (first differences), flags and losses to be constant. What is left is small, so it is packed in the fewest
whole bytes per value that hold it (0 for a column that is guessed right throughout). All arithmetic wraps at 64 bits,
so that any integers come back exactly. The whole is deflated when that makes it smaller.

    codec "d1"   the columns    "d1z"   the same, zlib    "d2"   the columns, each byte of their values by itself

"d1" and "d1z" are written while a session runs, half a second a chunk. "d2" is for a minute a chunk, when it has ended.

A column of "d1": `first` int64 LE for each order of difference, `width` u8 (0, 1, 2, 4 or 8), then (n - order) x width
bytes, zigzag, LE. Columns stand in the order t_us, device_us, counts, quality, lost_before.

A column of "d2": `order` u8 (0 to 3, whichever leaves the least), `first` as above, `width` u8, and for each of these
bytes, lowest first, a plane: `length` u32 LE with the highest bit set when it is deflated, then that many bytes: that
byte of each of the n - order values. The low bytes of a noisy converter are noise, which nothing makes smaller; the
others are nearly all alike. After the last column comes the CRC-32 (u32 LE) of all
before it; it may be missing.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.history.errors import HistoryDamagedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLAIN, DEFLATED, PLANES = "d1", "d1z", "d2"
MAX_SAMPLES = 1 << 20
"""More than this in one chunk is no chunk of ours."""

_ORDERS = (2, 2, 1, 1, 1)
_MAX_ORDER = 3
_IS_DEFLATED = 1 << 31
_CRC = 4
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
    """A chunk's codec and payload, quickly made."""
    plain = b"".join(
        _pack(column, order) for column, order in zip(_to_columns(samples), _ORDERS, strict=True)
    )
    deflated = zlib.compress(plain, 6)
    return (DEFLATED, deflated) if len(deflated) < len(plain) else (PLAIN, plain)


def encode_tightly(samples: Samples) -> tuple[str, bytes]:
    """A chunk's codec and payload, as small as can be."""
    planes = b"".join(map(_pack_planes, _to_columns(samples)))
    return PLANES, planes + zlib.crc32(planes).to_bytes(_CRC, "little")


def _to_columns(samples: Samples) -> tuple[NDArray[np.uint64], ...]:
    t_us = samples.t_us.astype(np.int64)
    return (
        t_us.view(np.uint64),
        samples.device_us.astype(np.int64).view(np.uint64) - t_us.view(np.uint64),
        samples.counts.astype(np.int64).view(np.uint64),
        samples.quality.astype(np.int64).view(np.uint64),
        samples.lost_before.astype(np.int64).view(np.uint64),
    )


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
    if not 0 <= n <= MAX_SAMPLES or codec not in (PLAIN, DEFLATED, PLANES):
        raise ValueError("not one of our chunks")
    data = _inflate(payload, len(_ORDERS) * (8 * n + 17)) if codec == DEFLATED else payload
    columns: list[NDArray[np.uint64]] = []
    offset = 0
    for order in _ORDERS:
        if codec == PLANES:
            column, offset = _unpack_planes(data, offset, n)
        else:
            column, offset = _unpack(data, offset, n, order)
        columns.append(column)
    if codec == PLANES and len(data) - offset == _CRC:
        if zlib.crc32(data[:offset]).to_bytes(_CRC, "little") != data[offset:]:
            raise ValueError("another checksum")
    elif offset != len(data):
        raise ValueError("more bytes than samples")
    return columns


def _inflate(payload: bytes, most: int) -> bytes:
    """Never more than `most` bytes, whatever the payload claims."""
    inflater = zlib.decompressobj()
    data = inflater.decompress(payload, most + 1)
    if not inflater.eof or inflater.unused_data:
        raise ValueError("not one whole stream")
    return data


def _differences(values: NDArray[np.uint64], order: int) -> tuple[bytes, NDArray[np.uint64]]:
    """The first value of each order, and what is left, zigzag."""
    firsts: list[bytes] = []
    for _ in range(order):
        if len(values):
            firsts.append(values[0].astype("<u8").tobytes())
            values = values[1:] - values[:-1]
    signed = values.view(np.int64)
    return b"".join(firsts), (values << np.uint64(1)) ^ (signed >> np.int64(63)).view(np.uint64)


def _width(zigzag: NDArray[np.uint64]) -> int:
    bits = int(zigzag.max()).bit_length() if len(zigzag) else 0
    return next(width for width, holds in _WIDTHS if bits <= holds)


def _pack(values: NDArray[np.uint64], order: int) -> bytes:
    firsts, zigzag = _differences(values, order)
    width = _width(zigzag)
    packed = zigzag.astype(f"<u{width}").tobytes() if width else b""
    return b"".join([firsts, bytes([width]), packed])


def _pack_planes(values: NDArray[np.uint64]) -> bytes:
    tried = [_differences(values, order) for order in range(min(_MAX_ORDER, len(values)) + 1)]
    sizes = [float(np.log2(zigzag.astype(np.float64) + 1.0).sum()) for _, zigzag in tried]
    order = int(np.argmin(sizes))
    firsts, zigzag = tried[order]
    width = _width(zigzag)
    parts = [bytes([order]), firsts, bytes([width])]
    if width:
        by_byte = zigzag.astype(f"<u{width}").view(np.uint8).reshape(-1, width).T
        for plane in map(np.ndarray.tobytes, by_byte):
            deflated = zlib.compress(plane, 6)
            smaller = len(deflated) < len(plane)
            head = len(deflated) | _IS_DEFLATED if smaller else len(plane)
            parts += [head.to_bytes(4, "little"), deflated if smaller else plane]
    return b"".join(parts)


def _unpack(data: bytes, offset: int, n: int, order: int) -> tuple[NDArray[np.uint64], int]:
    firsts, width, count, offset = _head(data, offset, n, order)
    zigzag = (
        np.frombuffer(data, f"<u{width}", count, offset).astype(np.uint64)
        if width
        else np.zeros(count, np.uint64)
    )
    return _summed(firsts, zigzag), offset + width * count


def _unpack_planes(data: bytes, offset: int, n: int) -> tuple[NDArray[np.uint64], int]:
    if data[offset] > _MAX_ORDER:
        raise ValueError(data[offset])
    firsts, width, count, offset = _head(data, offset + 1, n, data[offset])
    by_byte = np.zeros((width, count), np.uint8)
    for number in range(width):
        head = int.from_bytes(data[offset : offset + 4], "little")
        length, offset = head & ~_IS_DEFLATED, offset + 4
        if offset + length > len(data):
            raise ValueError("a plane is cut short")
        plane = data[offset : offset + length]
        plane = _inflate(plane, count) if head & _IS_DEFLATED else plane
        if len(plane) != count:
            raise ValueError("a plane of another length")
        by_byte[number] = np.frombuffer(plane, np.uint8)
        offset += length
    zigzag = (
        np.ascontiguousarray(by_byte.T).view(f"<u{width}").ravel().astype(np.uint64)
        if width and count
        else np.zeros(count, np.uint64)
    )
    return _summed(firsts, zigzag), offset


def _head(data: bytes, offset: int, n: int, order: int) -> tuple[NDArray[np.uint64], int, int, int]:
    """First values, width, how many values follow, and where."""
    orders = min(order, n)
    firsts = np.frombuffer(data, "<u8", orders, offset)
    offset += 8 * orders
    width = data[offset]
    if width not in (0, 1, 2, 4, 8):
        raise ValueError(width)
    return firsts, width, n - orders, offset + 1


def _summed(firsts: NDArray[np.uint64], zigzag: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The values again."""
    values = (zigzag >> np.uint64(1)) ^ (~(zigzag & np.uint64(1)) + np.uint64(1))
    for first in firsts[::-1]:
        values = np.cumsum(np.concatenate([first[None], values]), dtype=np.uint64)
    return values
