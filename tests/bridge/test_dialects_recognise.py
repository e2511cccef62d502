"""Which dialect: told from the first bytes, and never from noise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge import wire
from firmware_bridge.dialects import decode, dialect, dialects, recognise
from firmware_bridge.errors import DialectError

SECOND = {
    "native-binary": b"".join(wire.encode_sample(i, i * 12500, [150_000 + 7 * i]) for i in range(80)),
    "native-text": b"".join(wire.encode_text_sample(i, i * 12500, [150_000 + 7 * i]) for i in range(80)),
    "numbers": b"".join(b"%.2f lbs\r\n" % (i % 7) for i in range(80)),
}


def name_of(data: bytes) -> str | None:
    found = recognise(data)
    return found and found.name


@pytest.mark.parametrize("name", SECOND)
def test_a_dialect_is_recognised_from_anywhere_in_its_stream(name: str) -> None:
    for begin in range(40):
        for size in (60, 200, 900):
            assert name_of(SECOND[name][begin : begin + size]) == name


def test_a_text_stream_without_checksums_is_native_and_not_numbers() -> None:
    assert (
        name_of(b"04.00\r\n" + b"".join(b"D,%d,%d,-207324.00\r\n" % (i, i * 10000) for i in range(9)))
        == "native-text"
    )


def test_a_device_that_boots_in_text_and_then_turns_binary_is_binary() -> None:
    boot = b"# goodpain 1.0\r\nM,fw=1.0\r\n" + SECOND["native-text"][:200]
    assert name_of(boot + SECOND["native-binary"][:120]) == "native-binary"


def test_a_sensor_that_is_not_calibrated_yet_is_still_recognised() -> None:
    assert name_of(b"316,inf,lbs,-0.06,\r\n" * 5) == "openscale"


def test_numbers_after_a_banner_are_recognised() -> None:
    banner = (
        b"\r\nSerial Load Cell Converter version 1.2\r\nBy SparkFun Electronics\r\nNo remote sensor found\r\n"
    )
    assert (
        name_of(banner + b"".join(b"%d,2.5%d,lbs,-0.06,\r\n" % (i, i % 10) for i in range(8))) == "openscale"
    )


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\r\n", b"12", b"hello\r\nworld\r\n" * 9, b"\0\0\0\0" * 50, b"0" * 500]
)
def test_too_little_and_plain_words_are_not_recognised(data: bytes) -> None:
    assert recognise(data) is None


def test_noise_is_not_recognised() -> None:
    rng = random.Random(5)
    assert not any(recognise(rng.randbytes(600)) for _ in range(300))


@given(st.binary(max_size=600))
def test_recognising_never_raises(data: bytes) -> None:
    recognise(data)


def test_a_stream_at_the_wrong_speed_is_not_recognised() -> None:
    # What a receiver at twice the sender's speed makes of text: bytes with high bits and breaks.
    doubled = bytes(((byte & 0x0F) * 0x11) ^ 0x66 for byte in SECOND["numbers"])
    assert recognise(doubled) is None


def test_the_three_dialects_are_there_and_say_what_they_can_do() -> None:
    known = dialects()
    assert list(known)[:3] == ["native-binary", "native-text", "numbers"]
    assert [known[name].has_clock for name in list(known)[:3]] == [True, True, False]


def test_an_unknown_dialect_names_those_there_are() -> None:
    with pytest.raises(DialectError, match="native-binary, native-text, numbers"):
        dialect("morse")


@pytest.mark.parametrize("name", SECOND)
def test_bytes_at_hand_are_decoded_in_one_call(name: str) -> None:
    assert len(decode(name, SECOND[name])) in (79, 80)
