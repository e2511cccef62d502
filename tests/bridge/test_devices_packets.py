"""Devices without lines: Sauter's seven characters, and what comes over Bluetooth LE."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.units import STANDARD_GRAVITY
from firmware_bridge.dialects import Log, Meta, dialect
from firmware_bridge.dialects.sauter import SauterDecoder
from firmware_bridge.dialects.tindeq import TindeqDecoder
from firmware_bridge.dialects.wh_c06 import WhC06Decoder, wrap
from tests.bridge.feeding import assert_bounded, assert_same, feed_all, split_at


def ask(decoder: SauterDecoder, *answers: bytes) -> list[float]:
    """Newtons of the answers to as many questions."""
    counts: list[int] = []
    for answer in answers:
        decoder.asked()
        counts += decoder.feed(answer).counts.tolist()
    return [count / 10_000 for count in counts]


def test_push_is_positive_and_pull_negative_on_a_sauter() -> None:
    assert ask(SauterDecoder(), b"0011.70", b"0011.70", b"1021.15") == [11.7, -21.15]


def test_an_answer_that_is_cut_short_never_borrows_from_the_next() -> None:
    assert ask(SauterDecoder(), b"0011.70", b"0011.71", b"0011.7", b"1021.15", b"0012.00") == [
        11.71,
        -21.15,
        12.0,
    ]


def test_three_decimals_might_be_kilonewtons_so_that_no_force_is_claimed() -> None:
    decoder = SauterDecoder()
    decoder.asked()
    decoder.feed(b"100.005")
    decoder.asked()
    readings = decoder.feed(b"100.005")
    assert readings.counts.tolist() == [-5]
    (meta,) = readings.messages
    assert isinstance(meta, Meta)
    assert meta.values["counts_per_n"] == "0"


def test_words_of_an_overloaded_sauter_are_no_force() -> None:
    assert ask(SauterDecoder(), b"0011.70", b"OVERLD ", b"0.L", b"0011.70") == [11.7]


def test_a_recording_of_answers_plays_back_and_a_lost_character_gives_no_wrong_newton() -> None:
    whole = [b"00%02d.%02d" % (i, 3 * i) for i in range(30)]
    good = {round(i + 0.03 * i, 2) for i in range(30)}
    plain = SauterDecoder().feed(b"".join(whole)).counts / 10_000
    assert set(plain.round(2).tolist()) <= good
    assert len(plain) == 28
    for lost in range(2 * 7, 7 * 20):
        data = b"".join(whole)
        found = SauterDecoder().feed(data[:lost] + data[lost + 1 :]).counts / 10_000
        assert len(found) >= 24
        assert set(found.round(2).tolist()) <= good, lost


@given(
    st.lists(
        st.one_of(st.none(), st.binary(max_size=12), st.just(b"0011.70"), st.just(b"0011.7")), max_size=60
    )
)
def test_questions_at_any_time_give_at_most_one_reading_each(happenings: list[bytes | None]) -> None:
    decoder = SauterDecoder()
    decoder.asked()
    samples, questions = 0, 1
    for happening in happenings:
        if happening is None:
            decoder.asked()
            questions += 1
        else:
            samples += len(decoder.feed(happening))
    assert samples <= questions
    assert_bounded(decoder)


PUBLISHED = bytes.fromhex("01080000 2041E803 0000".replace(" ", ""))
PUBLISHED_TWO = bytes.fromhex("01100000 2041E803 00000000 484120A1 0700".replace(" ", ""))


def test_the_published_packets_of_a_progressor_are_ten_kilograms_at_a_millisecond() -> None:
    readings = TindeqDecoder().feed(PUBLISHED)
    assert readings.t_us.tolist() == [1000]
    (meta,) = readings.messages
    assert isinstance(meta, Meta)
    assert readings.counts[0] / float(meta.values["counts_per_n"]) == pytest.approx(10 * STANDARD_GRAVITY)
    two = TindeqDecoder().feed(PUBLISHED_TWO)
    assert two.t_us.tolist() == [1000, 500_000]
    assert (two.counts / 100_000).tolist() == [10.0, 12.5]


def test_a_low_battery_is_told_once() -> None:
    readings = TindeqDecoder().feed(b"\x04\x00" * 3 + PUBLISHED)
    assert [m for m in readings.messages if isinstance(m, Log)] == [
        Log("the battery of the sensor is low", 0)
    ]


@pytest.mark.parametrize("kg", [float("nan"), float("inf"), 1e9, -3000.0])
def test_a_weight_that_cannot_be_is_left_out(kg: float) -> None:
    assert len(TindeqDecoder().feed(b"\x01\x08" + struct.pack("<fI", kg, 5))) == 0


def test_an_advertisement_of_a_wh_c06_holds_hundredths_of_a_kilogram() -> None:
    data = bytearray(17)
    data[10:12] = (1234).to_bytes(2, "big")
    readings = WhC06Decoder().feed(wrap(bytes(data)) * 2)
    (meta,) = readings.messages
    assert isinstance(meta, Meta)
    newtons = readings.counts / float(meta.values["counts_per_n"])
    np.testing.assert_allclose(newtons, 12.34 * STANDARD_GRAVITY)


@pytest.mark.parametrize("name", ["tindeq", "wh-c06", "sauter-fh"])
@given(
    pieces=st.lists(
        st.one_of(
            st.sampled_from([PUBLISHED, PUBLISHED_TWO, b"\x04\x00", wrap(bytes(17)), b"0011.70", b"1021.15"]),
            st.binary(max_size=40),
        ),
        max_size=30,
    ),
    cuts=st.lists(st.integers(0, 800), max_size=20),
)
def test_any_bytes_in_any_split_give_the_same_readings(
    name: str, pieces: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(pieces)
    one, other = dialect(name).new_decoder(), dialect(name).new_decoder()
    assert_same(one.feed(data), feed_all(other, split_at(data, cuts)))
    assert one.garbage_bytes == other.garbage_bytes
    assert_bounded(one)
