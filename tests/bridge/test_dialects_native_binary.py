"""The native binary dialect: the same readings from any split, and nothing accepted that was not sent."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.signal import Quality
from firmware_bridge import wire
from firmware_bridge.dialects import Event, Log, Meta, Pong, Readings, Status
from firmware_bridge.dialects.native_binary import BULK_BYTES, DIALECT, FRAME_MAX, BinaryDecoder
from tests.bridge.feeding import assert_bounded, assert_same, feed_all, split_at
from tests.bridge.test_wire import BATCH_7, SAMPLE_0, SAMPLE_513, SAMPLE_65535

INT32 = st.integers(-(2**31), 2**31 - 1)
SEQ = st.integers(0, 65535)
T_US = st.integers(0, 2**32 - 1)
FLAGS = st.integers(0, 255)
TEXT = st.text(st.characters(codec="utf-8"), max_size=300)

FRAMES = st.one_of(
    st.builds(wire.encode_sample, SEQ, T_US, st.lists(INT32, min_size=1, max_size=10), FLAGS),
    st.builds(wire.encode_sample, SEQ, T_US, st.lists(INT32, min_size=1, max_size=1)),
    st.integers(1, 3).flatmap(
        lambda channels: st.builds(
            wire.encode_batch,
            SEQ,
            T_US,
            st.integers(0, 65535),
            st.lists(st.lists(INT32, min_size=channels, max_size=channels), min_size=1, max_size=40),
            FLAGS,
        )
    ),
    st.builds(wire.encode_event, T_US, st.integers(0, 255), INT32),
    st.builds(
        wire.encode_status,
        T_US,
        st.integers(0, 65535),
        st.integers(0, 65535),
        st.integers(0, 65535),
        st.integers(-(2**15), 2**15 - 1),
    ),
    st.builds(wire.encode_pong, T_US, T_US),
    st.builds(wire.encode_log, T_US, TEXT),
    st.just(wire.encode_meta(0, {"rate_hz": "80", "fw": "1.0"})),
    st.just(wire.encode_frame(0x55, 0, 0, 0, b"of a later version")),
)


def many_samples(n: int, *, channels: int = 1, seed: int = 1) -> list[bytes]:
    """Frames as a sensor sends them, with much variety in their zeros."""
    rng = random.Random(seed)
    return [
        wire.encode_sample(
            i, i * 12500, [rng.randint(-70000, 70000) for _ in range(channels)], rng.choice([0, 0, 1])
        )
        for i in range(n)
    ]


def decode(*pieces: bytes) -> tuple[Readings, BinaryDecoder]:
    decoder = BinaryDecoder()
    return feed_all(decoder, pieces), decoder


def one_by_one(data: bytes) -> tuple[Readings, BinaryDecoder]:
    """Only the path for live feeds."""
    size = BULK_BYTES // 2 - FRAME_MAX // 8
    return decode(*[data[i : i + size] for i in range(0, len(data), size)])


def test_the_published_frames_decode_to_what_they_say() -> None:
    readings, decoder = decode(bytes.fromhex(SAMPLE_0 + SAMPLE_513 + SAMPLE_65535 + BATCH_7))
    assert readings.counts.tolist() == [0, 154446, -1, 10, -20, 30]
    assert readings.seq.tolist() == [0, 513, 65535, 7, 8, 9]
    assert readings.t_us.tolist() == [0, 1_000_000, 4294967295, 250_000, 262_500, 275_000]
    assert readings.extra.tolist() == [[0], [0], [8388607], [0], [0], [0]]
    assert readings.quality.tolist() == [0, 0, Quality.SATURATED, 0, 0, 0]
    assert decoder.checksum_errors == decoder.garbage_bytes == 0


@given(st.lists(FRAMES, max_size=12), st.lists(st.integers(0, 5000), max_size=40))
def test_any_split_of_the_bytes_gives_the_same_readings(frames: list[bytes], cuts: list[int]) -> None:
    data = b"".join(frames)
    whole, one = decode(data)
    parts, other = decode(*split_at(data, cuts))
    assert_same(whole, parts)
    assert one.checksum_errors == other.checksum_errors == 0
    assert one.garbage_bytes == other.garbage_bytes == 0
    assert one.frames == other.frames == len(frames)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(FRAMES, max_size=30),
    st.integers(0, 2**32),
    st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), max_size=20),
    st.integers(1, 4),
)
def test_both_paths_give_the_same_readings_from_damaged_bytes(
    frames: list[bytes], seed: int, flips: list[tuple[int, int]], channels: int
) -> None:
    mixed = [*frames, *many_samples(400, seed=seed), *many_samples(30, channels=channels, seed=seed)]
    random.Random(seed).shuffle(mixed)
    data = bytearray(b"".join(mixed))
    for place, value in flips:
        data[place % len(data)] = value
    whole, one = decode(bytes(data))
    parts, other = one_by_one(bytes(data))
    assert_same(whole, parts)
    assert (one.checksum_errors, one.garbage_bytes, one.frames) == (
        other.checksum_errors,
        other.garbage_bytes,
        other.frames,
    )


@given(st.lists(st.one_of(st.binary(max_size=400), FRAMES), max_size=12), st.lists(st.integers(0, 5000)))
def test_garbage_never_raises_and_any_split_counts_it_alike(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    whole, one = decode(data)
    parts, other = decode(*split_at(data, cuts))
    assert_same(whole, parts)
    assert (one.checksum_errors, one.garbage_bytes) == (other.checksum_errors, other.garbage_bytes)


@given(st.integers(0, 400 * 17 - 1), st.integers(1, 255), st.booleans())
def test_a_flipped_byte_is_counted_and_never_accepted(place: int, flip: int, bulk: bool) -> None:
    frames = many_samples(400)
    data = bytearray(b"".join(frames))
    data[place] ^= flip
    readings, decoder = (decode if bulk else one_by_one)(bytes(data))
    sent, _ = decode(*frames)
    allowed = set(zip(sent.seq.tolist(), sent.t_us.tolist(), sent.counts.tolist(), strict=True))
    got = list(zip(readings.seq.tolist(), readings.t_us.tolist(), readings.counts.tolist(), strict=True))
    assert set(got) <= allowed
    assert len(sent) - len(got) in (0, 1)
    # A flipped delimiter may leave its frame whole when the neighbour's delimiter still ends it.
    assert decoder.checksum_errors == 1 or place in (0, len(data) - 1) or data[place] == 0


def test_a_byte_lost_or_doubled_costs_one_frame_and_counts_once() -> None:
    frames = many_samples(50)
    for damaged in (frames[20][:5] + frames[20][6:], frames[20][:5] + frames[20][4:]):
        readings, decoder = decode(*frames[:20], damaged, *frames[21:])
        assert readings.seq.tolist() == [*range(20), *range(21, 50)]
        assert decoder.checksum_errors == 1


def test_a_zero_inside_a_frame_breaks_it_into_pieces_that_count_once() -> None:
    frames = many_samples(3)
    broken = frames[1][:4] + b"\0" + frames[1][5:9] + b"\0" + frames[1][10:]
    readings, decoder = decode(frames[0], broken, frames[2])
    assert readings.seq.tolist() == [0, 2]
    assert decoder.checksum_errors == 1


def damaged(frame: bytes) -> bytes:
    """One bit of its first counts wrong."""
    return frame[:9] + bytes([frame[9] ^ 0x40]) + frame[10:]


@pytest.mark.parametrize("step", [5, 100_000])
def test_every_damaged_frame_counts_once_in_a_row_or_apart(step: int) -> None:
    frames = many_samples(400)
    bad = [100, 101, 102, 200, 399]
    data = b"".join(damaged(frame) if i in bad else frame for i, frame in enumerate(frames))
    readings, decoder = decode(*[data[i : i + step] for i in range(0, len(data), step)])
    assert readings.seq.tolist() == [i for i in range(400) if i not in bad]
    assert decoder.checksum_errors == len(bad)
    assert decoder.garbage_bytes == sum(len(frames[i]) - 2 for i in bad)
    assert decoder.frames == 395


@pytest.mark.parametrize("step", [5, 100_000])
def test_with_one_zero_between_frames_good_ones_end_damage_and_bad_neighbours_are_one_damage(
    step: int,
) -> None:
    frames = [frame[1:] for frame in many_samples(400)]
    bad = [100, 101, 103, 200, 399]
    data = b"\0" + b"".join(damaged(b"\0" + f)[1:] if i in bad else f for i, f in enumerate(frames))
    readings, decoder = decode(*[data[i : i + step] for i in range(0, len(data), step)])
    assert readings.seq.tolist() == [i for i in range(400) if i not in bad]
    assert decoder.checksum_errors == 4  # nothing tells the pieces of 100 and 101 from those of one frame


@pytest.mark.parametrize("before", [b"", damaged(many_samples(1)[0])])
@pytest.mark.parametrize("kind", ["samples", "samples and a message", "a message and samples"])
def test_damage_right_after_many_good_frames_is_a_damage_of_its_own(before: bytes, kind: str) -> None:
    frames = [frame[1:] for frame in many_samples(300)]
    message = [wire.encode_log(1, "hello")[1:]]
    frames = {
        "samples": frames,
        "samples and a message": frames + message,
        "a message and samples": message + frames,
    }[kind]
    data = b"".join(frames)
    assert len(data) > BULK_BYTES
    decoder = BinaryDecoder()
    decoder.feed(before)
    errors = decoder.checksum_errors
    assert len(decoder.feed(data)) == 300
    decoder.feed(damaged(b"\0" + frames[0])[1:])
    assert decoder.checksum_errors == errors + 1


@pytest.mark.parametrize("length", [*range(234, 262), 500, 508, 509, 900])
def test_frames_with_long_runs_without_a_zero_are_read(length: int) -> None:
    data = wire.encode_frame(0x55, 1, 0x0101, 0x01010101, b"x" * length) + many_samples(1)[0]
    for step in (64, 100_000):
        readings, decoder = decode(*[data[i : i + step] for i in range(0, len(data), step)])
        assert (len(readings), decoder.frames, decoder.garbage_bytes) == (1, 2, 0)


def test_a_batch_of_no_samples_is_no_sample_and_no_damage() -> None:
    empty = wire.encode_frame(wire.FrameType.BATCH, wire.FrameFlag.LATE, 5, 5, b"\1\0\1\0")
    readings, decoder = decode(empty + many_samples(2)[1])
    assert readings.seq.tolist() == [1]
    assert readings.quality.tolist() == decode(many_samples(2)[1])[0].quality.tolist()
    assert (decoder.frames, decoder.checksum_errors) == (2, 0)


def test_words_that_are_no_utf_8_are_read_as_far_as_they_are() -> None:
    log = wire.encode_frame(wire.FrameType.LOG, 0, 0, 0, b"tare\xff done")
    meta = wire.encode_frame(wire.FrameType.META, 0, 0, 0, b"fw=\xff1\n = \nno value\nserial = 7 \n")
    readings, decoder = decode(log, meta)
    assert readings.messages == (Log("tare\ufffd done"), Meta({"fw": "\ufffd1", "": "", "serial": "7"}))
    assert decoder.checksum_errors == 0


def test_pieces_too_short_for_a_frame_or_cut_inside_a_group_are_damaged() -> None:
    whole = wire.encode_frame(0x55, 0, 0x101, 0x01010101)[1:-1]
    assert decode(b"\0" + whole + b"\0")[1].frames == 1
    for piece in (whole[:-1], whole + b"\1", b"\x20" + whole[1:], b"\5" + b"a" * 4, b"\1", whole[:3]):
        readings, decoder = decode(b"\0" + piece + b"\0")
        assert (len(readings), readings.messages) == (0, ())
        assert (decoder.frames, decoder.checksum_errors, decoder.garbage_bytes) == (0, 1, len(piece))


def test_listening_from_the_middle_of_a_frame_is_no_error() -> None:
    data = b"".join(many_samples(5))
    for begin in range(2, 17):
        readings, decoder = decode(data[begin:])
        assert readings.seq.tolist() == [1, 2, 3, 4]
        assert decoder.checksum_errors == 0
        assert decoder.garbage_bytes == 16 - begin


def test_boot_text_before_the_first_frame_is_garbage_and_no_error() -> None:
    banner = b"goodpain 1.0\r\nD,0,1,2*0000\r\n"
    readings, decoder = decode(banner, *many_samples(3))
    assert readings.seq.tolist() == [0, 1, 2]
    assert (decoder.checksum_errors, decoder.garbage_bytes) == (0, len(banner))


def test_one_zero_between_frames_is_enough() -> None:
    frames = many_samples(4)
    readings, decoder = decode(frames[0] + b"".join(frame[1:] for frame in frames[1:]))
    assert readings.seq.tolist() == [0, 1, 2, 3]
    assert decoder.checksum_errors == 0


def test_messages_stand_before_the_sample_that_follows_them() -> None:
    samples = many_samples(400)
    data = b"".join(
        [
            wire.encode_meta(5, {"serial": "µ-7", "counts_per_n": "210.5", "note": "a=b"}),
            *samples[:3],
            wire.encode_event(9, wire.EventCode.BUTTON_PRESSED, -4),
            wire.encode_status(10, 1, 2, 4990, -275),
            *samples[3:],
            wire.encode_pong(11, 0xDEADBEEF),
            wire.encode_log(12, "hello"),
        ]
    )
    expected = (
        Meta({"serial": "µ-7", "counts_per_n": "210.5", "note": "a=b"}, 0),
        Event(1, -4, 9, 3),
        Status(1, 2, 4990, -275, 10, 3),
        Pong(0xDEADBEEF, 11, 400),
        Log("hello", 400),
    )
    assert decode(data)[0].messages == expected
    assert one_by_one(data)[0].messages == expected


@pytest.mark.parametrize(
    ("frame_type", "payload"),
    [
        (wire.FrameType.SAMPLE, b""),
        (wire.FrameType.SAMPLE, b"\1\2\3"),
        (wire.FrameType.SAMPLE, b"\1\2\3\4\5"),
        (wire.FrameType.BATCH, b"\1\2"),
        (wire.FrameType.BATCH, b"\1\0\1\2" + bytes(4)),
        (wire.FrameType.BATCH, b"\1\0\0\0"),
        (wire.FrameType.EVENT, b"\1"),
        (wire.FrameType.STATUS, bytes(9)),
        (wire.FrameType.PONG, bytes(3)),
    ],
)
def test_a_payload_that_does_not_fit_its_type_is_an_error(frame_type: int, payload: bytes) -> None:
    readings, decoder = decode(*many_samples(1), wire.encode_frame(frame_type, 0, 0, 0, payload))
    assert len(readings) == 1
    assert readings.messages == ()
    assert decoder.checksum_errors == 1


def test_a_frame_type_of_a_later_version_is_ignored_and_no_error() -> None:
    readings, decoder = decode(wire.encode_frame(0x55, 0, 0, 0, b"news"))
    assert len(readings) == len(readings.messages) == decoder.checksum_errors == decoder.garbage_bytes == 0


def test_a_batch_counts_and_times_on_across_both_wraps() -> None:
    rows = [[i, -i] for i in range(4)]
    flags = wire.FrameFlag.CLOCK_RESTARTED | wire.FrameFlag.LATE
    readings, _ = decode(wire.encode_batch(65534, 2**32 - 1000, 1000, rows, flags))
    assert readings.seq.tolist() == [65534, 65535, 0, 1]
    assert readings.t_us.tolist() == [2**32 - 1000, 0, 1000, 2000]
    assert readings.extra.tolist() == [[0], [-1], [-2], [-3]]
    first, late = Quality.CLOCK_RESTART | Quality.LATE, Quality.LATE
    assert readings.quality.tolist() == [first, late, late, late]


def test_endless_bytes_without_a_zero_are_not_kept() -> None:
    decoder = BinaryDecoder()
    decoder.feed(many_samples(1)[0])
    for _ in range(100):
        decoder.feed(b"\x55" * 5000)
        assert_bounded(decoder)
    assert decoder.garbage_bytes == 500_000
    readings = decoder.feed(b"\0" + many_samples(1)[0])
    assert len(readings) == 1
    assert decoder.checksum_errors == 0


@pytest.mark.parametrize("length", [FRAME_MAX - 1, FRAME_MAX, FRAME_MAX + 1, 3 * FRAME_MAX])
@pytest.mark.parametrize("step", [7, 997, 100_000])
def test_a_run_that_is_too_long_counts_alike_in_any_split(length: int, step: int) -> None:
    data = b"\0" + b"\x55" * length + b"\0\x44\0" + b"".join(many_samples(2))
    readings, decoder = decode(*[data[i : i + step] for i in range(0, len(data), step)])
    assert len(readings) == 2
    assert decoder.garbage_bytes == length + 1
    assert decoder.checksum_errors == (1 if length <= FRAME_MAX else 0)


def test_no_bytes_give_empty_columns_of_the_right_types() -> None:
    readings, _ = decode(b"")
    assert len(readings) == 0
    assert readings.extra.shape == (0, 0)
    assert readings.t_us.dtype == np.int64


def test_two_good_frames_are_its_own_and_one_is_a_hint() -> None:
    frames = many_samples(3)
    likeness = [DIALECT.likeness(b"".join(frames[:n])) for n in range(4)]
    assert likeness[0] == 0.0 < likeness[1] < 1.0 == likeness[2] == likeness[3]
    assert DIALECT.likeness(b"\0" + b"noise" * 9 + b"\0") == 0.0
    assert DIALECT.name == "native-binary"
    assert DIALECT.has_clock
    assert DIALECT.has_seq
    assert DIALECT.speaks_commands
    assert isinstance(DIALECT.new_decoder(), BinaryDecoder)
