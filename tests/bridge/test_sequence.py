"""Losses come from the numbers: modular, never guessed, and a rebooted device lost nothing that we know of."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.sequence import SequenceCounter


def seqs(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def times(*t_us: int) -> np.ndarray:
    return np.array(t_us, np.int64)


def test_a_gap_is_counted_before_the_sample_that_follows_it() -> None:
    counter = SequenceCounter()
    assert counter.lost_before(seqs(7, 8, 11)).tolist() == [0, 0, 2]
    assert counter.lost_before(seqs(12, 14)).tolist() == [0, 1]


def test_a_wrap_is_no_loss_and_a_gap_across_it_is_counted() -> None:
    counter = SequenceCounter()
    assert counter.lost_before(seqs(65534, 65535, 0, 1)).tolist() == [0, 0, 0, 0]
    counter.reset()
    assert counter.lost_before(seqs(65535, 3)).tolist() == [0, 3]


@given(st.lists(st.integers(0, 65534), max_size=60), st.integers(0, 65535), st.integers(1, 7))
def test_the_losses_add_up_in_any_split(gaps: list[int], first: int, size: int) -> None:
    numbers = (first + np.cumsum(np.array([0, *[gap + 1 for gap in gaps]]))) % 65536
    counter = SequenceCounter()
    lost = [counter.lost_before(numbers[i : i + size].astype(np.int32)) for i in range(0, len(numbers), size)]
    assert np.concatenate(lost).tolist() == [0, *gaps]


def test_a_device_that_began_again_lost_nothing_that_is_known() -> None:
    counter = SequenceCounter()
    counter.lost_before(seqs(30_000), times(400_000_000))
    assert counter.lost_before(seqs(3, 4, 6), times(90_000, 102_500, 127_500)).tolist() == [0, 0, 1]


def test_a_clock_that_wraps_does_not_hide_a_loss() -> None:
    counter = SequenceCounter()
    counter.lost_before(seqs(65000), times(2**32 - 10_000))
    assert counter.lost_before(seqs(4), times(5_000)).tolist() == [539]


def test_a_clock_known_to_have_restarted_is_a_device_that_began_again() -> None:
    counter = SequenceCounter()
    counter.lost_before(seqs(500))
    assert counter.lost_before(seqs(501, 0, 1), restarted_at=1).tolist() == [0, 0, 0]
    assert counter.lost_before(seqs(40_000), restarted_at=0).tolist() == [39_998]


def test_samples_without_numbers_lose_nothing() -> None:
    counter = SequenceCounter()
    assert counter.lost_before(seqs(-1, -1, -1), times(-1, -1, -1)).tolist() == [0, 0, 0]
    assert counter.lost_before(seqs()).tolist() == []


def test_the_published_vectors_as_one_stream_count_their_gaps() -> None:
    lost = SequenceCounter().lost_before(
        seqs(0, 513, 65535, 7, 8, 9), times(0, 1_000_000, 4294967295, 250_000, 262_500, 275_000)
    )
    assert lost.tolist() == [0, 512, 65021, 7, 0, 0]
