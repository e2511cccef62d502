"""Collects the samples and messages of one feed, for decoders that take frames or lines one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from feedback.signal import Quality
from firmware_bridge.dialects.base import Message, Readings
from firmware_bridge.dialects.heard import as_heard
from firmware_bridge.wire import FrameFlag


def _quality_of(flags: int) -> int:
    return (
        (Quality.SATURATED.value if flags & FrameFlag.SATURATED else 0)
        | (Quality.LATE.value if flags & FrameFlag.LATE else 0)
        | (Quality.CLOCK_RESTART.value if flags & FrameFlag.CLOCK_RESTARTED else 0)
    )


CHANNELS_MAX = 16
"""Channels of a sample that are kept: one frame with thousands must not make every sample of its feed as wide."""
QUALITY = tuple(_quality_of(flags) for flags in range(256))
"""`Quality` of a frame's flags; a transmit overflow shows in the sequence, a tare in the counts."""


class Gathered:
    """Columns of one feed as they grow; cheap for a few samples, which is what a live feed brings."""

    __slots__ = ("counts", "extras", "messages", "quality", "seq", "t_us")

    def __init__(self) -> None:
        self.t_us: list[int] = []
        self.seq: list[int] = []
        self.counts: list[int] = []
        self.quality: list[int] = []
        self.extras: list[tuple[int, Sequence[int]]] = []
        self.messages: list[Message] = []

    def __len__(self) -> int:
        return len(self.counts)

    def say(self, message: Message) -> None:
        """Add a message, `as_heard`; it stands before the next sample."""
        message = as_heard(message)
        at = len(self.counts)
        self.messages.append(replace(message, before=at) if at else message)

    def extra(self) -> NDArray[np.int32]:
        """The further channels, one row a sample."""
        width = min(max((len(further) for _, further in self.extras), default=0), CHANNELS_MAX - 1)
        rows = np.zeros((len(self.counts), width), np.int32)
        for index, further in self.extras:
            rows[index, : len(further)] = further[:width]
        return rows

    def readings(self) -> Readings:
        """What was gathered."""
        return Readings(
            np.array(self.t_us, np.int64),
            np.array(self.seq, np.int32),
            np.array(self.counts, np.int32),
            self.extra(),
            np.array(self.quality, np.uint8),
            tuple(self.messages),
        )
