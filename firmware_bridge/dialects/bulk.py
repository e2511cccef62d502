"""SAMPLE frames by the thousand: all frames of one length are unstuffed and checked together, column by column."""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.wire import FrameType

CHANNELS_MAX = 8
"""Samples with more channels are left to the other path."""
GROUP_MIN = 24
"""Fewer frames of one length than this are not worth a group."""

_LENGTHS = tuple(11 + 4 * channels for channels in range(1, CHANNELS_MAX + 1))
_BODY_MAX = _LENGTHS[-1] - 3


def _crc_tables() -> NDArray[np.uint16]:
    """What a byte with k bytes behind it adds to a CRC, (k, byte).

    A CRC is linear: that of a message is the exclusive or of what each of its bytes adds, and of what the
    initial value adds, which depends on the length alone.
    """
    tables = np.empty((_BODY_MAX, 256), np.uint16)
    tables[0] = [crc_hqx(bytes([byte]), 0) for byte in range(256)]
    for k in range(1, _BODY_MAX):
        tables[k] = (tables[k - 1] << 8) ^ tables[0][tables[k - 1] >> 8]
    tables.flags.writeable = False
    return tables


_CRC = _crc_tables()


@dataclass(frozen=True, slots=True, eq=False)
class SampleGroup:
    """Good SAMPLE frames of one number of channels: columns of n, `index` counts the pieces between zeros."""

    index: NDArray[np.int64]
    flags: NDArray[np.uint8]
    seq: NDArray[np.uint16]
    t_us: NDArray[np.uint32]
    counts: NDArray[np.int32]
    extra: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class SampleColumns:
    """A buffer, decoded as far as columns go.

    Attributes:
        valid: (pieces,) which of the pieces between zeros, the empty ones counted, are in a group.
        groups: the samples found.
        rest: (index, start, length) of each other piece that is not empty, in order.
        end: where the last piece, which no zero has ended yet, begins.
    """

    valid: NDArray[np.bool_]
    groups: tuple[SampleGroup, ...]
    rest: list[tuple[int, int, int]]
    end: int

    @property
    def count(self) -> int:
        """Frames in the groups."""
        return sum(len(group.index) for group in self.groups)


def decode_samples(buffer: bytes) -> SampleColumns:
    """Find and check all SAMPLE frames of `buffer` whose length occurs often enough."""
    data = np.frombuffer(buffer, np.uint8)
    zeros = np.flatnonzero(data == 0)
    starts = np.empty(len(zeros), np.int64)
    starts[:1] = 0
    starts[1:] = zeros[:-1] + 1
    lengths = zeros - starts
    valid = np.zeros(len(zeros), np.bool_)
    groups: list[SampleGroup] = []
    for length in _LENGTHS:
        index = np.flatnonzero(lengths == length)
        if len(index) >= GROUP_MIN:
            group = _decode_group(data, index, starts[index], length)
            if len(group.index):
                valid[group.index] = True
                groups.append(group)
    rest = np.flatnonzero((lengths > 0) & ~valid)
    rows = zip(rest.tolist(), starts[rest].tolist(), lengths[rest].tolist(), strict=True)
    end = int(zeros[-1]) + 1 if len(zeros) else 0
    return SampleColumns(valid, tuple(groups), list(rows), end)


def _decode_group(
    data: NDArray[np.uint8], index: NDArray[np.int64], starts: NDArray[np.int64], length: int
) -> SampleGroup:
    windows = np.lib.stride_tricks.sliding_window_view(data, length)
    columns = np.ascontiguousarray(windows[starts].T)
    # Frames this short hold no COBS group of 254, so each code byte stands where a zero was.
    code_at = columns[0].astype(np.uint16)
    for position in range(1, length):
        step = columns[position] * (code_at == position)
        columns[position] -= step
        code_at += step
    body = columns[1:]
    crc = np.full(len(index), crc_hqx(bytes(length - 3), 0xFFFF), np.uint16)
    for position in range(length - 3):
        crc ^= _CRC[length - 4 - position][body[position]]
    sent = body[-2] | body[-1].astype(np.uint16) << 8
    good = (code_at == length) & (crc == sent) & (body[0] == FrameType.SAMPLE)
    channels = (length - 11) // 4
    row = np.dtype(
        [
            ("type", "u1"),
            ("flags", "u1"),
            ("seq", "<u2"),
            ("t_us", "<u4"),
            ("counts", "<i4", (channels,)),
            ("crc", "<u2"),
        ]
    )
    rows = np.ascontiguousarray(body.T).view(row)[:, 0][good]
    return SampleGroup(
        index[good], rows["flags"], rows["seq"], rows["t_us"], rows["counts"][:, 0], rows["counts"][:, 1:]
    )
