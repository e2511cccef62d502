"""Samples as they come, gathered into chunks for the record: a buffer that knows no table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from feedback.history.codec import Samples, encode

if TYPE_CHECKING:
    from feedback.signal import ForceBlock

MAX_CHUNK_US = 500_000
MAX_CHUNK_SAMPLES = 8192


class Chunks:
    """Blocks wait here until `take`, so that blocks of a few samples share a chunk. Used by one thread.

    Attributes:
        samples: in the chunks taken so far.
        lost: known to be lost before them.
        owed: known to be lost before the next sample, if one comes.
        newest_us: time of the newest sample taken, microseconds from the beginning; None before the first.
    """

    def __init__(self, t0_s: float) -> None:
        """Begin at a time on the clock of the samples."""
        self.samples = 0
        self.lost = 0
        self.owed = 0
        self.newest_us: int | None = None
        self._t0_s = t0_s
        self._blocks: list[ForceBlock] = []
        self._seq = 0

    def add(self, block: ForceBlock) -> None:
        """Keep a block; what an empty one says was lost is put before the next sample.

        Raises:
            ValueError: a sample has no time.
        """
        if not len(block):
            self.owed += block.lost
            return
        if not np.isfinite(block.time_s).all():
            raise ValueError("samples came without a time")
        if self.owed:
            block, self.owed = replace(block, lost=block.lost + self.owed), 0
        self._blocks.append(block)

    def take(self) -> list[dict[str, Any]]:
        """What waits, as values of chunk rows: `seq`, `t0_us`, `t1_us`, `n`, `lost`, `codec`, `payload`.

        Raises:
            MemoryError: no memory is left; all of it waits still, for another `take`.
        """
        if not self._blocks:
            return []
        try:
            samples = self._joined(self._blocks)
            rows: list[dict[str, Any]] = []
            start = 0
            while start < len(samples):
                stop = int(np.searchsorted(samples.t_us, int(samples.t_us[start]) + MAX_CHUNK_US))
                stop = min(max(stop, start + 1), start + MAX_CHUNK_SAMPLES)
                rows.append(_row(samples.part(start, stop), self._seq + len(rows)))
                start = stop
            newest_us, count, lost = rows[-1]["t1_us"], len(samples), sum(row["lost"] for row in rows)
        except MemoryError:
            raise
        except Exception:
            # What makes no sense would stand in the way of all that comes after it.
            self._blocks = []
            raise
        self._blocks = []
        self._seq += len(rows)
        self.newest_us = newest_us
        self.samples += count
        self.lost += lost
        return rows

    def _joined(self, blocks: list[ForceBlock]) -> Samples:
        time_s = np.concatenate([block.time_s for block in blocks])
        lost_before = np.zeros(len(time_s), np.int64)
        first = 0
        for block in blocks:
            lost_before[first] = block.lost
            first += len(block)
        return Samples(
            np.rint((time_s - self._t0_s) * 1e6).astype(np.int64),
            np.concatenate([block.t_us for block in blocks]),
            np.concatenate([block.counts for block in blocks]),
            np.concatenate([block.quality for block in blocks]),
            lost_before,
        )


def _row(samples: Samples, seq: int) -> dict[str, Any]:
    codec, payload = encode(samples)
    return {
        "seq": seq,
        "t0_us": int(samples.t_us.min()),
        "t1_us": int(samples.t_us.max()),
        "n": len(samples),
        "lost": int(samples.lost_before.sum()),
        "codec": codec,
        "payload": payload,
    }
