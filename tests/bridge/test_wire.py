"""The framing itself, and the test vectors that docs/wire-protocol.md publishes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge import wire

SAMPLE_0 = "00 02 10 01 01 01 01 01 01 01 01 01 01 03 a9 b3 00"
SAMPLE_513 = "00 02 10 06 01 02 40 42 0f 04 4e 5b 02 03 cc 90 00"
SAMPLE_65535 = "00 10 10 01 ff ff ff ff ff ff ff ff ff ff ff ff 7f 03 df 88 00"
BATCH_7 = "00 02 11 02 07 04 90 d0 03 06 d4 30 01 03 0a 01 01 06 ec ff ff ff 1e 01 01 03 42 c5 00"
TEXT_513 = "D,513,1000000,154446,0*69C6"
TEXT_65535 = "D,65535,4294967295,-1,8388607,1*49DA"

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
    document = (Path(__file__).parents[2] / "docs" / "wire-protocol.md").read_text(encoding="utf-8")
    words = re.sub(r"\s+", " ", document)
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
def test_stuffing_long_runs_without_a_zero_can_be_undone(length: int) -> None:
    for data in (b"\x07" * length, b"\x07" * length + b"\0", b"\0" + b"\x07" * length):
        assert wire.cobs_decode(wire.cobs_encode(data)) == data
