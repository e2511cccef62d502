"""Samples that wait for the record while there is no memory to pack them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from feedback.history import SessionStart, open_history
from feedback.history.chunks import Chunks
from feedback.signal import ForceBlock

START = SessionStart("A17", datetime(2026, 3, 1, 9, tzinfo=UTC), 0.0, "probe", 1.0)


class Hungry:
    """A block whose counts cannot be had as long as there is no memory for them."""

    def __init__(self, block: ForceBlock, times: int) -> None:
        self._block = block
        self._times = times

    def __len__(self) -> int:
        return len(self._block)

    def __getattr__(self, name: str) -> Any:
        if name == "counts" and self._times:
            self._times -= 1
            raise MemoryError
        return getattr(self._block, name)


def block(first: int, count: int = 10, lost: int = 0) -> ForceBlock:
    numbers = np.arange(first, first + count)
    return ForceBlock.of(numbers / 80, np.full(count, np.nan), numbers.astype(np.int32), 0, lost=lost)


def test_samples_that_no_memory_is_left_for_are_in_the_next_chunk() -> None:
    chunks = Chunks(0.0)
    chunks.add(Hungry(block(0, lost=2), 1))  # type: ignore[arg-type]
    with pytest.raises(MemoryError):
        chunks.take()
    assert (chunks.samples, chunks.newest_us) == (0, None)
    chunks.add(block(10))
    (row,) = chunks.take()
    assert (row["seq"], row["n"], row["lost"]) == (0, 20, 2)
    assert (chunks.samples, chunks.lost, chunks.newest_us) == (20, 2, row["t1_us"])
    assert chunks.take() == []


def test_a_session_short_of_memory_loses_nothing_and_says_so_meanwhile(tmp_path: Path) -> None:
    with open_history(tmp_path / "history.db") as history:
        journal = history.begin_session(START)
        journal.samples(Hungry(block(0), 3))  # type: ignore[arg-type]
        journal.samples(block(10))
        journal.note("meanwhile", 0.2)
        journal.end(0.3, {})
        journal.close()
        assert journal.problem == ""
        (session,) = history.sessions()
        counts = np.concatenate([one.counts for one in history.samples(session.id)])
        assert counts.tolist() == list(range(20))
        assert (session.ended_how, [note.text for note in session.notes]) == ("ended", ["meanwhile"])
