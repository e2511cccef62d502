"""The native text dialect: checksums hold, decimals round, damaged lines are counted and dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.signal import Quality
from firmware_bridge import wire
from firmware_bridge.dialects import Log, Meta, Readings
from firmware_bridge.dialects.native_text import TextDecoder
from tests.bridge.feeding import assert_bounded, assert_same, feed_all, split_at
from tests.bridge.test_wire import TEXT_513, TEXT_65535

INT32 = st.integers(-(2**31), 2**31 - 1)
SAMPLES = st.builds(
    wire.encode_text_sample,
    st.integers(0, 65535),
    st.integers(0, 2**32 - 1),
    st.lists(INT32, min_size=1, max_size=4),
    st.integers(0, 255),
)
LINES = st.one_of(
    SAMPLES,
    st.just(b"M,fw=1.0,rate_hz=80\r\n"),
    st.just(b"# tared\n"),
    st.just(b"\r"),
    st.builds("D,{},{},{}.00\r".format, st.integers(0, 99999), st.integers(0, 2**32), INT32).map(str.encode),
    st.binary(max_size=60),
)


def decode(*pieces: bytes) -> tuple[Readings, TextDecoder]:
    decoder = TextDecoder()
    return feed_all(decoder, pieces), decoder


def test_the_published_lines_decode_to_what_they_say() -> None:
    readings, decoder = decode(f"{TEXT_513}\r\n{TEXT_65535}\r\n".encode())
    assert readings.counts.tolist() == [154446, -1]
    assert readings.extra.tolist() == [[0], [8388607]]
    assert readings.seq.tolist() == [513, 65535]
    assert readings.t_us.tolist() == [1_000_000, 4294967295]
    assert readings.quality.tolist() == [0, Quality.SATURATED]
    assert decoder.checksum_errors == decoder.garbage_bytes == 0


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_any_line_end_will_do(end: bytes) -> None:
    readings, _ = decode(end.join([TEXT_513.encode()] * 3) + end)
    assert readings.counts.tolist() == [154446] * 3


def test_decimals_of_a_line_without_checksum_are_rounded_and_the_sample_is_unchecked() -> None:
    readings, decoder = decode(b"D,44,540104,-207324.00\nD,70001,4294967296,10.6,7\nD,46,560104,+3.\n")
    assert readings.counts.tolist() == [-207324, 11, 3]
    assert readings.extra.tolist() == [[0], [7], [0]]
    assert readings.seq.tolist() == [44, 70001 % 65536, 46]
    assert readings.t_us.tolist() == [540104, 0, 560104]
    assert (readings.quality == Quality.UNCHECKED).all()
    assert decoder.checksum_errors == 0


@given(st.lists(LINES, max_size=15), st.lists(st.integers(0, 2000), max_size=40))
def test_any_split_of_the_bytes_gives_the_same_readings(lines: list[bytes], cuts: list[int]) -> None:
    data = b"".join(lines)
    whole, one = decode(data)
    parts, other = decode(*split_at(data, cuts))
    assert_same(whole, parts)
    assert (one.checksum_errors, one.garbage_bytes) == (other.checksum_errors, other.garbage_bytes)


@given(st.lists(SAMPLES, min_size=3, max_size=6), st.data())
def test_a_flipped_byte_is_counted_and_never_accepted(lines: list[bytes], data: st.DataObject) -> None:
    broken = bytearray(lines[1])
    place = data.draw(st.integers(0, len(broken) - 3))
    broken[place] ^= data.draw(st.integers(1, 255))
    readings, decoder = decode(lines[0], bytes(broken), *lines[2:])
    expected, _ = decode(lines[0], *lines[2:])
    same_digits = bytes(broken).upper() == lines[1]
    if not same_digits:
        assert readings.seq.tolist() == expected.seq.tolist()
        assert readings.counts.tolist() == expected.counts.tolist()
        assert decoder.checksum_errors + decoder.garbage_bytes > 0


def test_a_sensor_that_sent_a_checksum_is_held_to_it() -> None:
    readings, decoder = decode(b"D,1,10,5\n", f"{TEXT_513}\n".encode(), b"D,514,1012500,15444\n")
    assert readings.seq.tolist() == [1, 513]
    assert decoder.checksum_errors == 1


def test_a_line_that_began_before_we_listened_is_no_error() -> None:
    _, decoder = decode(TEXT_513.encode()[3:] + b"\n", TEXT_65535.encode() + b"\n")
    assert decoder.checksum_errors == 0
    assert decoder.garbage_bytes == len(TEXT_513) - 3


def test_meta_and_comments_become_messages_in_their_place() -> None:
    checked = b"M,serial=a7,counts_per_n=210.5"
    data = (
        wire.encode_text_meta({"fw": "1.0", "rate_hz": "80"})
        + TEXT_513.encode()
        + b"\n#  warming up \n"
        + checked
        + b"*%04X\n" % wire.crc16(checked)
        + checked
        + b"*0000\nM,no pairs here\n"
    )
    readings, decoder = decode(data)
    assert readings.messages == (
        Meta({"fw": "1.0", "rate_hz": "80"}, 0),
        Log("warming up", 1),
        Meta({"serial": "a7", "counts_per_n": "210.5"}, 1),
    )
    assert decoder.checksum_errors == 1


@pytest.mark.parametrize(
    "line",
    [
        b"D",
        b"D,",
        b"D,1",
        b"D,1,2",
        b"D,1,2,",
        b"D,1,2,x",
        b"D,-1,2,3",
        b"D,1,2,2147483648",
        b"D,1,2,nan",
        b"D,1,2,1_0",
    ],
)
def test_a_line_that_is_no_sample_is_dropped(line: bytes) -> None:
    checked = line + b"*%04X" % wire.crc16(line)
    readings, decoder = decode(line + b"\n" + checked + b"\n")
    assert len(readings) == 0
    assert decoder.garbage_bytes == len(line) + len(checked)


def test_endless_bytes_without_a_line_end_are_not_kept() -> None:
    decoder = TextDecoder()
    for _ in range(100):
        decoder.feed(b"D,1" * 1000)
        assert_bounded(decoder)
    assert decoder.garbage_bytes == 300_000
    assert len(decoder.feed(b"\n" + TEXT_513.encode() + b"\n")) == 1


@pytest.mark.parametrize("length", [4095, 4096, 4097, 9000])
@pytest.mark.parametrize("step", [5, 1000, 100_000])
def test_a_line_that_is_too_long_counts_alike_in_any_split(length: int, step: int) -> None:
    data = b"#" + b"x" * (length - 1) + b"\r\n" + TEXT_513.encode() + b"\r\n"
    readings, decoder = decode(*[data[i : i + step] for i in range(0, len(data), step)])
    assert len(readings) == 1
    assert decoder.garbage_bytes == (length if length > 4096 else 0)
