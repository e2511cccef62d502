"""The framing itself, and the test vectors that docs/wire-protocol.md publishes."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from cobs import cobs
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge import wire

SAMPLE_0 = "00 02 10 01 01 01 01 01 01 01 01 01 01 03 a9 b3 00"
SAMPLE_513 = "00 02 10 06 01 02 40 42 0f 04 4e 5b 02 03 cc 90 00"
SAMPLE_65535 = "00 10 10 01 ff ff ff ff ff ff ff ff ff ff ff ff 7f 03 df 88 00"
BATCH_7 = "00 02 11 02 07 04 90 d0 03 06 d4 30 01 03 0a 01 01 06 ec ff ff ff 1e 01 01 03 42 c5 00"
TEXT_513 = "D,513,1000000,154446,0*69C6"
TEXT_65535 = "D,65535,4294967295,-1,8388607,1*49DA"


def document() -> str:
    return (Path(__file__).parents[2] / "docs" / "wire-protocol.md").read_text(encoding="utf-8")


ENCODED = [
    (SAMPLE_0, wire.encode_sample(0, 0, [0])),
    (SAMPLE_513, wire.encode_sample(513, 1_000_000, [154446])),
    (SAMPLE_65535, wire.encode_sample(65535, 4294967295, [-1, 8388607], wire.FrameFlag.SATURATED)),
    (BATCH_7, wire.encode_batch(7, 250_000, 12_500, [[10], [-20], [30]])),
]


@pytest.mark.parametrize(("published", "encoded"), ENCODED)
def test_a_published_frame_is_what_the_encoder_writes(published: str, encoded: bytes) -> None:
    assert encoded == bytes.fromhex(published)


def test_a_published_line_is_what_the_encoder_writes() -> None:
    assert wire.encode_text_sample(513, 1_000_000, [154446]) == TEXT_513.encode() + b"\r\n"
    assert wire.encode_text_sample(65535, 4294967295, [-1, 8388607], 1) == TEXT_65535.encode() + b"\r\n"


def test_the_document_publishes_these_vectors() -> None:
    words = re.sub(r"\s+", " ", document())
    for vector in (SAMPLE_0, SAMPLE_513, SAMPLE_65535, BATCH_7, TEXT_513, TEXT_65535):
        assert vector in words


def test_the_checksum_has_the_published_check_value() -> None:
    assert wire.crc16(b"123456789") == 0x29B1


@given(st.binary(max_size=1200))
def test_stuffing_leaves_no_zero_and_can_be_undone(data: bytes) -> None:
    stuffed = wire.cobs_encode(data)
    assert 0 not in stuffed
    assert wire.cobs_decode(stuffed) == data
    assert len(stuffed) <= len(data) + len(data) // 254 + 1


@pytest.mark.parametrize("length", [253, 254, 255, 508, 509, 762])
def test_stuffing_a_last_full_group_needs_no_further_code_byte(length: int) -> None:
    assert len(wire.cobs_encode(b"\7" * length)) == length + -(-length // 254)


@pytest.mark.parametrize("length", [253, 254, 255, 508, 509, 762])
def test_stuffing_long_runs_without_a_zero_can_be_undone(length: int) -> None:
    for data in (b"\x07" * length, b"\x07" * length + b"\0", b"\0" + b"\x07" * length):
        assert wire.cobs_decode(wire.cobs_encode(data)) == data


FIELDS = [
    (wire.encode_meta(70_000, {"fw": "1.0", "serial": "µ7"}), 0x01, 70_000, "fw=1.0\nserial=µ7".encode()),
    (wire.encode_event(9, 3, -70_000), 0x20, 9, struct.pack("<Bi", 3, -70_000)),
    (wire.encode_event(9, 2), 0x20, 9, struct.pack("<Bi", 2, 0)),
    (wire.encode_status(10, 1, 2, 4990, -275), 0x30, 10, struct.pack("<HHHh", 1, 2, 4990, -275)),
    (wire.encode_pong(2**32 + 11, 0xDEADBEEF), 0x31, 11, b"\xef\xbe\xad\xde"),
    (wire.encode_log(12, "µ"), 0x7F, 12, "µ".encode()),
    (wire.encode_frame(0x55, 0, 0, 5), 0x55, 5, b""),
]


@pytest.mark.parametrize(("frame", "frame_type", "t_us", "payload"), FIELDS)
def test_every_frame_that_is_no_sample_has_the_published_fields(
    frame: bytes, frame_type: int, t_us: int, payload: bytes
) -> None:
    assert (frame[0], frame[-1]) == (0, 0)
    # Read by another implementation of COBS: what both our ends agree on could still be wrong.
    body = cobs.decode(frame[1:-1])
    assert struct.unpack("<BBHI", body[:8]) == (frame_type, 0, 0, t_us)
    assert body[8:-2] == payload
    assert struct.unpack("<H", body[-2:]) == (wire.crc16(body[:-2]),)


def test_a_sample_and_a_batch_carry_their_flags_and_none_unless_told() -> None:
    flagged = wire.encode_batch(1, 2, 3, [[4]], wire.FrameFlag.LATE), wire.encode_sample(1, 2, [3], 16)
    assert [cobs.decode(frame[1:-1])[1] for frame in flagged] == [2, 16]
    plain = wire.encode_batch(1, 2, 3, [[4]]), wire.encode_sample(1, 2, [3]), wire.encode_meta(1, {})
    assert [cobs.decode(frame[1:-1])[1] for frame in plain] == [0, 0, 0]
    assert wire.encode_text_sample(1, 2, [3, 4]).startswith(b"D,1,2,3,4,0*")
    assert cobs.decode(wire.encode_meta(1, {}, wire.FrameFlag.TARED)[1:-1])[1] == 8


def test_the_text_form_of_meta_is_one_line() -> None:
    assert wire.encode_text_meta({"fw": "1.0", "rate_hz": "80"}) == b"M,fw=1.0,rate_hz=80\r\n"


def test_types_flags_and_commands_are_the_published_ones() -> None:
    types = {name: int(number, 16) for number, name in re.findall(r"\| (0x..) \| ([A-Z]+) \|", document())}
    assert types == {member.name: member.value for member in wire.FrameType}
    bits = [int(bit) for bit in re.findall(r"\| bit (\d), ", document())]
    assert [1 << bit for bit in bits] == [int(flag) for flag in wire.FrameFlag]
    commands = [name.encode() for name in re.findall(r"^\| `(.)`(?: and a nonce u32)? \|", document(), re.M)]
    assert commands == [
        *(wire.COMMAND_META, wire.COMMAND_BINARY, wire.COMMAND_TEXT, wire.COMMAND_TARE, wire.COMMAND_PING)
    ]
    assert [code.value for code in wire.EventCode] == [1, 2, 3]


@given(st.binary(max_size=1200) | st.integers(250, 260).map(lambda n: b"\7" * n + b"\0\0" + b"\7" * 254))
def test_stuffing_agrees_with_another_implementation(data: bytes) -> None:
    assert wire.cobs_encode(data) == cobs.encode(data)
    assert wire.cobs_decode(cobs.encode(data)) == data
    # Some encoders end a last full group with a code byte that is not needed.
    assert wire.cobs_decode(wire.cobs_encode(b"\7" * 254) + b"\1") == b"\7" * 254


@pytest.mark.parametrize("damaged", [b"\0", b"\2", b"\5abc", b"\2a\3b", b"\2a\0", b"\xff" + b"a" * 253])
def test_what_is_no_stuffing_is_refused(damaged: bytes) -> None:
    assert wire.cobs_decode(damaged) is None
