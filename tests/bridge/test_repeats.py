from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feedback.signal import Quality
from firmware_bridge.dialects.base import Log, Readings
from firmware_bridge.repeats import Repeats


def readings(pairs: list[tuple[int, int]], *, restart: int = -1, said: tuple[Log, ...] = ()) -> Readings:
    n = len(pairs)
    quality = np.zeros(n, np.uint8)
    if restart >= 0:
        quality[restart] = Quality.CLOCK_RESTART
    return Readings(
        t_us=np.array([t for _, t in pairs], np.int64),
        seq=np.array([s for s, _ in pairs], np.int32),
        counts=np.array([s for s, _ in pairs], np.int32),
        extra=np.zeros((n, 0), np.int32),
        quality=quality,
        messages=said,
    )


def at(seq: int) -> tuple[int, int]:
    return seq % 2**16, seq * 12500 % 2**32


def test_a_frame_that_comes_twice_is_taken_once():
    repeats = Repeats()
    kept = repeats.without(readings([at(7), at(8), at(8), at(9)]))
    assert kept.seq.tolist() == [7, 8, 9]
    assert len(repeats.without(readings([at(9)]))) == 0
    assert repeats.count == 2


def test_a_frame_that_was_overtaken_is_left_out():
    repeats = Repeats()
    assert repeats.without(readings([at(1), at(3), at(2), at(4)])).seq.tolist() == [1, 3, 4]


def test_a_device_that_begins_again_is_no_repetition():
    repeats = Repeats()
    repeats.without(readings([at(i) for i in range(5)]))
    again = readings([at(0), at(1)], restart=0)
    assert repeats.without(again) is again
    assert repeats.count == 0


def test_a_device_that_begins_again_at_other_times_needs_no_flag():
    repeats = Repeats()
    repeats.without(readings([at(i) for i in range(5)]))
    again = readings([(0, 4711), (1, 17211)])
    assert repeats.without(again).seq.tolist() == [0, 1]


def test_what_was_said_keeps_its_place_among_the_samples():
    kept = Repeats().without(readings([at(1), at(1), at(2)], said=(Log("x", before=2), Log("y", before=3))))
    assert [said.before for said in kept.messages] == [1, 2]


@given(
    st.integers(0, 2**17), st.lists(st.tuples(st.booleans(), st.booleans()), max_size=400), st.integers(1, 60)
)
def test_whatever_is_lost_or_doubled_each_sample_comes_once_and_in_order(first, fates, size):
    frames = []
    for i, (lost, doubled) in enumerate(fates):
        frames += [] if lost else [at(first + i)] * (2 if doubled else 1)
    repeats = Repeats()
    kept = []
    for start in range(0, len(frames), size):
        kept += repeats.without(readings(frames[start : start + size])).seq.tolist()
    assert kept == [(first + i) % 2**16 for i, (lost, _) in enumerate(fates) if not lost]


@given(st.integers(0, 2**17), st.lists(st.integers(1, 20), min_size=1, max_size=200))
def test_nothing_is_left_out_of_samples_in_order(first, steps):
    sent = [at(first + int(step)) for step in np.cumsum(steps)]
    repeats = Repeats()
    whole = readings(sent)
    assert repeats.without(whole) is whole
