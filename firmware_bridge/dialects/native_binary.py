"""The native binary dialect: COBS frames with a CRC, as in docs/wire-protocol.md.

Two paths give the same readings: frames one by one, for the few that a live feed brings, and whole columns of
frames of equal length in numpy, for files and for a reader that has fallen behind (`bulk`).
"""

from __future__ import annotations

import struct
from binascii import crc_hqx
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from feedback.signal import Quality
from firmware_bridge.dialects.base import Dialect, Event, Log, Meta, Pong, Readings, Status
from firmware_bridge.dialects.bulk import SampleColumns, decode_samples
from firmware_bridge.dialects.gather import QUALITY, Gathered
from firmware_bridge.wire import FrameType, cobs_decode

FRAME_MAX = 8192
"""Longest encoded frame in bytes; a run without a zero that is longer is garbage. Bounds the memory kept."""
BULK_BYTES = 4096
"""From this many bytes on a feed is decoded by columns: about where the two paths cost the same."""

_SHORT_FRAME = 255
"""Up to this length no COBS group of 254 can be followed by another, so that decoding can be done in place."""
_FRAME_MIN = 11
_SAMPLE_LENGTH = 15
_SAMPLE = struct.Struct("<BBHIiH")
_HEADER = struct.Struct("<BBHI")
_BATCH_HEAD = struct.Struct("<HBB")
_EVENT = struct.Struct("<Bi")
_STATUS = struct.Struct("<HHHh")
_PONG = struct.Struct("<I")

_QUALITY_COLUMN: NDArray[np.uint8] = np.array(QUALITY, np.uint8)
_QUALITY_COLUMN.flags.writeable = False


class BinaryDecoder:
    """Frames out of bytes.

    The format puts a zero before and after each frame, so pieces between single zeros are pieces of one damaged
    frame: `checksum_errors` counts them once. The piece before the very first zero is the rest of a frame that
    began before we listened, and no error.
    """

    def __init__(self) -> None:
        self.checksum_errors = 0
        self.garbage_bytes = 0
        self.frames = 0
        self._pending = b""
        self._skipping = False
        self._synchronised = False
        self._in_damage = False

    def feed(self, data: bytes) -> Readings:
        """Take the next bytes; return what has become complete."""
        if self._skipping:
            end = data.find(0)
            if end < 0:
                self.garbage_bytes += len(data)
                return Gathered().readings()
            self.garbage_bytes += end
            self._skipping = False
            data = data[end + 1 :]
        buffer = self._pending + data if self._pending else data
        readings = self._columns(buffer) if len(buffer) >= BULK_BYTES else self._one_by_one(buffer)
        if len(self._pending) > FRAME_MAX:
            self._skip(len(self._pending))
            self._pending = b""
            self._skipping = True
        return readings

    def _skip(self, length: int) -> None:
        self.garbage_bytes += length
        self._synchronised = self._in_damage = True

    def _damaged(self, length: int) -> None:
        self.garbage_bytes += length
        if self._synchronised and not self._in_damage:
            self.checksum_errors += 1
        self._in_damage = True

    def _one_by_one(self, buffer: bytes) -> Readings:
        gathered = Gathered()
        pieces = buffer.split(b"\0")
        self._pending = pieces.pop()
        for piece in pieces:
            self._piece(piece, gathered)
        return gathered.readings()

    def _piece(self, piece: bytes, gathered: Gathered) -> None:
        if not piece:
            self._in_damage = False
        elif len(piece) > FRAME_MAX:
            self._skip(len(piece))
        elif _take_frame(piece, gathered):
            self.frames += 1
            self._in_damage = False
        else:
            self._damaged(len(piece))
        self._synchronised = True

    def _columns(self, buffer: bytes) -> Readings:
        columns = decode_samples(buffer)
        gathered = Gathered()
        sizes = columns.valid.astype(np.int64)
        rest_sizes: list[int] = []
        spoken_at: list[int] = []
        done = -1
        # A decoded sample ends damage like any good frame; an empty piece (two zeros in a row) as well.
        for index, start, length in columns.rest:
            if index > done + 1:
                self._in_damage = False
                self._synchronised = True
            before, said = len(gathered), len(gathered.messages)
            self._piece(buffer[start : start + length], gathered)
            rest_sizes.append(len(gathered) - before)
            if len(gathered.messages) > said:
                spoken_at.append(index)
            done = index
        if done < len(sizes) - 1:
            self._in_damage = False
            self._synchronised = True
        self.frames += columns.count
        self._pending = buffer[columns.end :]
        rest_index = np.array([index for index, _, _ in columns.rest], np.int64)
        sizes[rest_index] = rest_sizes
        return _merge(columns, gathered, sizes, rest_index, spoken_at)


def _take_frame(piece: bytes, gathered: Gathered) -> bool:
    """Decode one frame without its zeros; False when it is damaged, and then nothing was gathered."""
    if len(piece) <= _SHORT_FRAME:
        if len(piece) < _FRAME_MIN:
            return False
        stuffed = bytearray(piece)
        end = len(stuffed)
        code_at = stuffed[0]
        while code_at < end:
            step = stuffed[code_at]
            stuffed[code_at] = 0
            code_at += step
        if code_at != end:
            return False
        body = stuffed[1:]
    elif (unstuffed := cobs_decode(piece)) is None:
        return False
    else:
        body = bytearray(unstuffed)
    # A piece of at least `_FRAME_MIN` bytes holds a header and a checksum, however it is stuffed.
    if crc_hqx(body[:-2], 0xFFFF) != body[-2] | body[-1] << 8:
        return False
    if len(piece) == _SAMPLE_LENGTH and body[0] == FrameType.SAMPLE:
        flags: int
        _, flags, seq, t_us, counts, _ = _SAMPLE.unpack(body)
        gathered.t_us.append(t_us)
        gathered.seq.append(seq)
        gathered.counts.append(counts)
        gathered.quality.append(QUALITY[flags])
        return True
    return _take_other(bytes(body[:-2]), gathered)


def _take_other(body: bytes, gathered: Gathered) -> bool:
    """Any frame that is not a SAMPLE of one channel; False when its payload does not fit its type."""
    flags: int
    frame_type, flags, seq, t_us = _HEADER.unpack_from(body)
    payload = body[_HEADER.size :]
    match frame_type:
        case FrameType.SAMPLE:
            if not payload or len(payload) % 4:
                return False
            counts, *further = struct.unpack(f"<{len(payload) // 4}i", payload)
            gathered.extras.append((len(gathered), further))
            gathered.t_us.append(t_us)
            gathered.seq.append(seq)
            gathered.counts.append(counts)
            gathered.quality.append(QUALITY[flags])
        case FrameType.BATCH:
            return _take_batch(payload, flags, seq, t_us, gathered)
        case FrameType.META:
            gathered.say(Meta(_meta_values(payload)))
        case FrameType.EVENT:
            if len(payload) != _EVENT.size:
                return False
            code, value = _EVENT.unpack(payload)
            gathered.say(Event(code, value, t_us))
        case FrameType.STATUS:
            if len(payload) != _STATUS.size:
                return False
            overruns, tx_drops, vcc_mv, temp_centi_c = _STATUS.unpack(payload)
            gathered.say(Status(overruns, tx_drops, vcc_mv, temp_centi_c, t_us))
        case FrameType.PONG:
            if len(payload) != _PONG.size:
                return False
            (nonce,) = _PONG.unpack(payload)
            gathered.say(Pong(nonce, t_us))
        case FrameType.LOG:
            gathered.say(Log(payload.decode(errors="replace")))
        case _:
            # Newer firmware may have more to say; its frame was whole.
            pass
    return True


def _take_batch(payload: bytes, flags: int, seq: int, t_us: int, gathered: Gathered) -> bool:
    if len(payload) < _BATCH_HEAD.size:
        return False
    dt_us, channels, n = _BATCH_HEAD.unpack_from(payload)
    if channels == 0 or len(payload) != _BATCH_HEAD.size + 4 * channels * n:
        return False
    values = struct.unpack_from(f"<{channels * n}i", payload, _BATCH_HEAD.size)
    if channels > 1:
        first = len(gathered)
        gathered.extras += [(first + i, values[channels * i + 1 : channels * (i + 1)]) for i in range(n)]
    gathered.counts += values[::channels]
    gathered.seq += [(seq + i) & 0xFFFF for i in range(n)]
    gathered.t_us += [(t_us + i * dt_us) & 0xFFFFFFFF for i in range(n)]
    quality = QUALITY[flags]
    # Saturation and lateness may concern any sample of the batch, a restarted clock only its first.
    gathered.quality += [quality, *[quality & ~Quality.CLOCK_RESTART] * (n - 1)][:n]
    return True


def _meta_values(payload: bytes) -> dict[str, str]:
    lines = payload.decode(errors="replace").splitlines()
    return {
        key.strip(): value.strip() for key, equals, value in (line.partition("=") for line in lines) if equals
    }


def _merge(
    columns: SampleColumns,
    gathered: Gathered,
    sizes: NDArray[np.int64],
    rest_index: NDArray[np.int64],
    spoken_at: list[int],
) -> Readings:
    """Put the samples decoded by columns and those decoded one by one into the order of their frames.

    `sizes` is the number of samples in each piece, `rest_index` the pieces decoded one by one, and `spoken_at`
    the piece of each message.
    """
    starts = np.cumsum(sizes) - sizes
    total = int(sizes.sum())
    few = gathered.readings()
    rest_sizes = sizes[rest_index]
    rest_starts = np.cumsum(rest_sizes) - rest_sizes
    few_at = np.repeat(starts[rest_index] - rest_starts, rest_sizes) + np.arange(len(few))
    width = max([few.extra.shape[1], *(group.extra.shape[1] for group in columns.groups)])
    messages = tuple(
        replace(message, before=int(starts[index]))
        for message, index in zip(few.messages, spoken_at, strict=True)
    )
    merged = Readings(
        np.empty(total, np.int64),
        np.empty(total, np.int32),
        np.empty(total, np.int32),
        np.zeros((total, width), np.int32),
        np.empty(total, np.uint8),
        messages,
    )
    merged.t_us[few_at] = few.t_us
    merged.seq[few_at] = few.seq
    merged.counts[few_at] = few.counts
    merged.quality[few_at] = few.quality
    merged.extra[few_at, : few.extra.shape[1]] = few.extra
    for group in columns.groups:
        at = starts[group.index]
        merged.t_us[at] = group.t_us
        merged.seq[at] = group.seq
        merged.counts[at] = group.counts
        merged.quality[at] = _QUALITY_COLUMN[group.flags]
        merged.extra[at, : group.extra.shape[1]] = group.extra
    return merged


def _likeness(data: bytes) -> float:
    """Two good frames are no accident (one in 2^32 for noise); one is (1 in 65,536 a piece) still likely."""
    decoder = BinaryDecoder()
    decoder.feed(data)
    return (0.0, 0.7)[decoder.frames] if decoder.frames < 2 else 1.0


DIALECT = Dialect(
    name="native-binary",
    label="Goodpain binary frames",
    has_clock=True,
    has_seq=True,
    speaks_commands=True,
    new_decoder=BinaryDecoder,
    likeness=_likeness,
    evidence="own format",
)
