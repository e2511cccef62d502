"""Targets: the bytes of sensors. Every dialect by its own decoder, and all of them by what listens to a port.

A run is made of pieces of what devices really send, of frames and lines with a good checksum around any content, and
of plain bytes, all cut, repeated and flipped; it is fed whole to one decoder and in pieces to another.
"""

from __future__ import annotations

import math
import random
import re
import struct
from binascii import crc_hqx
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from feedback.signal import NO_DEVICE_CLOCK, Calibration, ForceBlock, Quality
from firmware_bridge import calibration as files
from firmware_bridge import wire
from firmware_bridge.calibration import CalibrationFile
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.dialects import dialect, dialects
from firmware_bridge.dialects.base import NO_SEQ, Log, Meta
from firmware_bridge.dialects.heard import KEY_MAX, LOG_MAX, VALUE_MAX
from firmware_bridge.dialects.lines import LINE_MAX
from firmware_bridge.dialects.native_binary import FRAME_MAX
from firmware_bridge.listener import KEPT_BYTES, Listener
from firmware_bridge.ports import Chunk
from sim.address import Address
from sim.twins.names import PREFIX, TWIN_NAMES
from tests.bridge.feeding import assert_bounded, assert_same, feed_all
from tests.fuzz.choosing import Choices
from tests.fuzz.refusals import printable, sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from firmware_bridge.dialects import Decoder, Readings

ALL_FLAGS = sum(Quality)
BYTES_PER_BYTE = 64
"""The most that a feed may give, in bytes of columns and texts, for each byte that was fed: a sample is 25 bytes."""
OWN_GROUPS = {"native-binary": ("native-binary",), "native-text": ("native-text",), "numbers": ("numbers",)}
RADIO = ("tindeq", "wh-c06")
_ODD_FIELDS = (
    *(b"0", b"-1", b"1", b"65535", b"65536", b"4294967295", b"4294967296", b"2147483647", b"-2147483648"),
    *(b"2147483648", b"99999999999999999999", b"1.5", b"-0.0", b"1e9", b"", b"+7", b"255", b"256"),
)
_ODD_LINES = (
    *(b"nan", b"inf", b"-inf", b"ovf", b"OVER", b"OL", b"ERR1", b"UNITS lb", b"time_ms,force_N", b"1:2:3.4"),
    *(b"1e99", b"9" * 400, b"0." + b"0" * 300 + b"1", b"2147483.647 N", b"2147483648", b"- 23.02 lbf"),
    *(b"force_kg:1.5", b"a:1", b" ", b"*0000", b"\xc2\xb5", b"\xff"),
)
_CHECKED_LINE = re.compile(rb"(D,[^*]*(?:\*[^*]*)*)\*([0-9A-Fa-f]{4})")


@cache
def said(name: str) -> tuple[bytes, ...]:
    """Frames or lines that devices of this dialect send, the same in every process."""
    rng = random.Random(name)
    if name == "native-binary":
        return (
            *(wire.encode_sample(i, i * 12_500, [rng.randint(-(2**23), 2**23)], i % 32) for i in range(8)),
            *(wire.encode_sample(65_535, 2**32 - 1, list(range(n)), 16) for n in (2, 3, 8, 9)),
            wire.encode_batch(7, 5, 12_500, [[1, 2], [3, 4]]),
            wire.encode_batch(65_534, 2**32 - 2, 65_535, [[i] for i in range(5)], 17),
            wire.encode_meta(1, {"proto": "1", "serial": "GP-1", "counts_per_n": "2", "zero_counts": "0"}),
            *(wire.encode_event(1, 1, 2), wire.encode_pong(4, 5), wire.encode_status(1, 2, 3, 4, 5)),
            wire.encode_log(9, "hello"),
        )
    if name == "native-text":
        return (
            *(wire.encode_text_sample(i, i * 12_500, [rng.randint(-999, 9999)], i % 32) for i in range(8)),
            wire.encode_text_sample(65_535, 2**32 - 1, [1, -2, 3], 255),
            wire.encode_text_meta({"proto": "1", "serial": "GP-1", "counts_per_n": "2"}),
            *(b"# hello\r\n", b"D,513,1000000,154446\r\n", b"D,1,2,3.5,4.5\n"),
        )
    if name == "wh-c06":
        return tuple(
            bytes((0xC6, 14)) + bytes(10) + struct.pack(">H", kg) + b"ab" for kg in (0, 5, 35_000, 35_001)
        )
    address = f"{PREFIX}{name}"
    if address not in TWIN_NAMES:
        return (b"1\n",)
    spoken = Address.parse(f"{address}?streaming=1").sensor().advance(4.0)
    if name in RADIO:
        return (spoken[:2], *(spoken[at : at + 26] for at in range(0, min(len(spoken), 260), 26)))
    lines = [line for line in re.split(rb"(?<=[\r\n])(?![\r\n])", spoken) if line.strip()]
    return tuple(dict.fromkeys(lines[:12])) or (b"1\n",)


def _frame(choices: Choices) -> bytes:
    """A frame with a good checksum around any body."""
    if choices.below(2):
        body = choices.bytes(choices.below(40))
    else:
        head = wire.HEADER.pack(
            choices.pick((0x10, 0x10, 0x11, 0x11, 0x01, 0x20, 0x30, 0x31, 0x7F, choices.below(256))),
            choices.below(256),
            choices.pick((0, 1, 65_535, choices.below(65_536))),
            choices.pick((0, 12_500, 2**32 - 1, choices.below(2**32))),
        )
        body = head + choices.bytes(choices.pick((4, 4, 8, 12, 5, 1, 0, 16, choices.below(64))))
        if choices.below(16) == 0:
            # More channels than anybody has.
            body = head + bytes(range(256)) * choices.below(16)
    return b"\0" + wire.cobs_encode(body + wire.CRC.pack(wire.crc16(body))) + b"\0"


def _line(choices: Choices) -> bytes:
    """A line with a good checksum around any fields."""
    fields = [
        choices.pick(_ODD_FIELDS) if choices.below(3) else choices.bytes(choices.below(6))
        for _ in range(choices.below(6) + 1)
    ]
    text = choices.pick((b"D,", b"D,", b"D,", b"M,", b"#", b"D")) + b",".join(fields)
    return text + b"*%04X" % wire.crc16(text) + choices.pick((b"\r\n", b"\n", b"\r"))


def stream(choices: Choices, name: str) -> bytes:
    """What is fed."""
    words = said(name)
    out = bytearray()
    for _ in range(choices.below(24) + 1):
        what = choices.below(16)
        if what < 6:
            piece = choices.pick(words)
        elif what < 9:
            piece = bytearray(choices.pick(words))
            for _ in range(choices.below(3) + 1):
                if piece:
                    piece[choices.below(len(piece))] ^= 1 << choices.below(8)
        elif what == 9:
            piece = choices.pick(words)
            piece = piece[choices.below(len(piece)) :]
        elif what == 10:
            piece = choices.bytes(choices.below(12))
        elif what == 11:
            piece = choices.pick(words) * choices.pick((3, 9, 40, 300))
        elif what == 12:
            piece = choices.pick((b"\0", b"\n", b"\r\n", b"\0\0", b"\xff")) * choices.pick((1, 2, 5, 5000))
        elif what == 13 and name == "native-binary":
            piece = _frame(choices)
        elif what == 13 and name == "native-text":
            piece = _line(choices)
        elif what < 15:
            piece = choices.pick(_ODD_LINES) + choices.pick((b"\n", b"\r\n", b"\r", b""))
        else:
            piece = choices.text(40).encode("utf-8", "replace") + b"\n"
        out += piece
        if len(out) > 40_000:
            break
    return bytes(out)


def pieces(choices: Choices, data: bytes) -> list[bytes]:
    """The same bytes, cut oddly."""
    steps = [choices.pick((1, 2, 3, 7, 15, 64, 500, 4096, 5000, 20_000)) for _ in range(6)]
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        # Single bytes for a while only: the rest would take long and tell nothing new.
        step = steps[len(parts) % len(steps)] if len(parts) < 400 else 5000
        parts.append(data[at : at + step])
        at += step
    return parts


def check(readings: Readings, fed: int) -> None:
    """What every feed must give, whatever the bytes."""
    n = len(readings)
    assert (
        readings.t_us.shape == readings.seq.shape == readings.quality.shape == readings.counts.shape == (n,)
    )
    assert readings.extra.shape[0] == n
    assert readings.counts.dtype == readings.extra.dtype == readings.seq.dtype == np.int32
    assert readings.t_us.dtype == np.int64
    if n:
        assert NO_DEVICE_CLOCK <= int(readings.t_us.min()) <= int(readings.t_us.max()) < 1 << 32
        assert NO_SEQ <= int(readings.seq.min()) <= int(readings.seq.max()) < 1 << 16
        assert int(np.bitwise_or.reduce(readings.quality)) & ~ALL_FLAGS == 0
    size = sum(
        column.nbytes
        for column in (readings.t_us, readings.seq, readings.counts, readings.quality, readings.extra)
    )
    for message in readings.messages:
        assert 0 <= message.before <= n
        printable(message)
        if isinstance(message, Log):
            assert len(message.text) <= LOG_MAX
            size += len(message.text)
        elif isinstance(message, Meta):
            assert all(len(k) <= KEY_MAX and len(v) <= VALUE_MAX for k, v in message.values.items())
    assert size <= 4096 + BYTES_PER_BYTE * fed, f"{size} bytes out of {fed}"


def frames(data: bytes) -> int:
    """Samples in the whole frames of `data` whose checksum is right, found without the decoder."""
    count = 0
    for piece in data.split(b"\0")[:-1]:
        body = wire.cobs_decode(piece) if len(piece) <= FRAME_MAX else None
        if (
            body is None
            or len(body) < 10
            or crc_hqx(body[:-2], 0xFFFF) != int.from_bytes(body[-2:], "little")
        ):
            continue
        payload = len(body) - 10
        if body[0] == wire.FrameType.SAMPLE:
            count += payload > 0 and payload % 4 == 0
        elif body[0] == wire.FrameType.BATCH and payload >= 4:
            channels, n = body[10], body[11]
            count += n if channels and payload == 4 + 4 * channels * n else 0
    return count


def lines(data: bytes) -> tuple[int, int]:
    """Lines of `data` that may be samples: whole, with a good checksum, and those before the first of them without."""
    checked = unchecked = 0
    for line in re.split(rb"[\r\n]", data)[:-1]:
        if not line.startswith(b"D,") or len(line) > LINE_MAX:
            continue
        found = _CHECKED_LINE.fullmatch(line)
        if found is None:
            unchecked += checked == 0
        elif crc_hqx(found[1], 0xFFFF) == int(found[2], 16):
            checked += 1
    return checked, unchecked


def _counts_of(decoder: Decoder) -> tuple[int, int]:
    return decoder.checksum_errors, decoder.garbage_bytes


def decode(names: tuple[str, ...], data: bytes, _: Path) -> None:
    """Whole and in pieces the same, nothing without its checksum, all in range, and no more than was fed."""
    choices = Choices(data)
    name = choices.pick(names)
    parts = pieces(choices, fed := stream(choices, name))
    whole, cut = dialect(name).new_decoder(), dialect(name).new_decoder()
    at_once = whole.feed(fed)
    check(at_once, len(fed))
    in_pieces = feed_all(cut, parts) if parts else at_once
    check(in_pieces, len(fed) + 64 * len(parts))
    assert_same(at_once, in_pieces)
    assert _counts_of(whole) == _counts_of(cut)
    assert 0 <= whole.garbage_bytes <= len(fed)
    assert_bounded(whole)
    assert_bounded(cut)
    if name == "native-binary":
        assert len(at_once) == frames(fed)
    elif name == "native-text":
        checked, unchecked = lines(fed)
        good = int(((at_once.quality & Quality.UNCHECKED) == 0).sum())
        assert good <= checked
        assert len(at_once) - good <= unchecked
    assert 0 <= dialect(name).likeness(fed[:16_384]) <= 1


def listener(data: bytes, folder: Path) -> None:
    """Whatever comes, blocks and notices stand in order of finite times, and the words are for people."""
    choices = Choices(data)
    known = list(dialects())
    given = dialect(choices.pick(known)) if choices.below(3) == 0 else None
    heard = Listener("/dev/ttyX", Calibrator(None, folder), given, 10.0)
    now_s, latest_s, waited = 10.0, -math.inf, 0
    for _ in range(choices.below(4) + 1):
        spoken = stream(choices, given.name if given else choices.pick(known))
        for part in pieces(choices, spoken)[:200]:
            until_s = now_s
            now_s += choices.pick((0.0, 0.0125, 0.1, 0.6, 4.0)) if waited < 400 else 0.0125
            waited += 1
            for item in heard.hear(Chunk(part, now_s, until_s)):
                if isinstance(item, ForceBlock):
                    assert len(item) > 0
                    assert np.isfinite(item.time_s).all()
                    assert (np.diff(item.time_s) >= 0).all()
                    assert item.time_s[0] >= latest_s
                    assert item.time_s[-1] <= now_s + 1e-9
                    latest_s = float(item.time_s[-1])
                    assert item.lost >= 0
                    uncalibrated = (item.quality & np.uint8(Quality.UNCALIBRATED)) != 0
                    assert (np.isfinite(item.force_n) | uncalibrated).all()
                else:
                    assert math.isfinite(item.time_s)
                    assert len(item.text) <= LOG_MAX
                    printable(item)
            assert len(heard.to_send(now_s)) < 64
        if choices.below(4) == 0:
            heard.lose_port(now_s)
            heard.port_is_back(now_s)
        assert heard._kept_bytes <= KEPT_BYTES + 20_000
        if heard.problem:
            sentence(heard.problem)
        printable(heard.info())


def meta(data: bytes, folder: Path) -> None:
    """What a sensor says of itself never makes a force without end, or a sentence that nobody can read."""
    choices = Choices(data)
    if not (folder / "GP-1.toml").exists():
        files.save(folder / "GP-1.toml", CalibrationFile("GP-1", 10.0, 4000.0, resolution=1000.0))
    curved = CalibrationFile("", 0.0, 100.0, resolution=10.0, curve=((0.0, 0.0), (5.0, 1.0), (9.0, 2.0)))
    calibrator = Calibrator(choices.pick((None, None, Calibration(0.0, 1000.0, "x"), curved)), folder)
    counts = np.array([-(2**31), -1, 0, 1, 2**23, 2**31 - 1], np.int32)
    for _ in range(choices.below(5) + 1):
        values = {
            (choices.pick(_META_KEYS) if choices.below(6) else choices.text(30)): (
                choices.pick(_META_VALUES) if choices.below(4) else choices.text(30)
            )
            for _ in range(choices.below(7))
        }
        # As the bytes of a frame, so that it comes the way of all words.
        decoder = dialect("native-binary").new_decoder()
        for message in decoder.feed(wire.encode_meta(0, values)).messages:
            assert isinstance(message, Meta)
            calibrator.take_meta(message.values)
        if choices.below(4) == 0 and calibrator.current is not None:
            calibrator.tare(np.array([5, 5, 5, 5], np.int32), under_load=True)
        force_n, flags = calibrator.apply(counts, np.zeros(len(counts), np.uint8))
        uncalibrated = (flags & np.uint8(Quality.UNCALIBRATED)) != 0
        assert (np.isfinite(force_n) | uncalibrated).all(), (values, force_n)
        printable(calibrator.meta)
        if calibrator.problem:
            sentence(calibrator.problem)


_META_KEYS = (
    *(
        "serial",
        "counts_per_n",
        "zero_counts",
        "adc_min",
        "adc_max",
        "resolution",
        "unit",
        "rate_hz",
        "proto",
    ),
    *("device", "fw", "channels"),
)
_META_VALUES = (
    *("0", "1", "-1", "4000", "5e-324", "1e-40", "1e308", "-1e308", "nan", "inf", "1e400", "kg", "N", "GP-1"),
    *(
        "../../x",
        "/etc/passwd",
        "x" * 500,
        "\x1b[31m",
        "\u202e",
        "²",
        "1_0",
        "8388607",
        "-8388608",
        "1000000",
    ),
)

_GAUGES = tuple(
    name for name in dialects() if name not in ("native-binary", "native-text", "numbers", *RADIO)
)
TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    **{name: partial(decode, group) for name, group in OWN_GROUPS.items()},
    "gauges": partial(decode, _GAUGES),
    "radio": partial(decode, RADIO),
    "listener": listener,
    "meta": meta,
}
