"""Between the thread that reads and whoever takes: a bounded queue that never makes the reader wait."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace

from feedback.signal import ForceBlock, Notice, NoticeKind
from firmware_bridge.assembly import Item

CAPACITY = 60_000
"""Blocks and notices that wait at most: ten minutes at a hundred reads a second."""


class Mailbox:
    """Blocks and notices in order; when nobody takes them the oldest go, and their samples count as lost.

    Attributes:
        dropped: samples dropped so far.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.dropped = 0
        self._capacity = capacity
        self._items: deque[Item] = deque()
        self._dropped_lost = 0
        self._dropped_calibration: Notice | None = None
        self._ended = False
        self._deliveries = 0
        self._changed = threading.Condition()

    def put(self, items: list[Item], *, end: bool = False) -> None:
        """Add items; `end` says that they are the last ones."""
        with self._changed:
            self._items += items
            while len(self._items) > self._capacity:
                self._drop(self._items.popleft())
            self._ended = self._ended or end
            if items or end:
                self._deliveries += 1
                self._changed.notify_all()

    def take(self) -> list[Item]:
        """All items that wait, without waiting for more."""
        with self._changed:
            items = list(self._items)
            self._items.clear()
            return self._patched(items)

    def take_block(self) -> ForceBlock | None:
        """Wait for the next block, passing over notices; None when there will be none."""
        with self._changed:
            while True:
                while self._items:
                    # What was dropped is told by the first block that is left.
                    item = self._items.popleft()
                    if isinstance(item, ForceBlock):
                        (block,) = self._patched([item])[-1:]
                        return block if isinstance(block, ForceBlock) else None
                if self._ended:
                    return None
                self._changed.wait()

    def wait(self, timeout_s: float) -> bool:
        """Wait until there is something to take; False when there is nothing after `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._items), timeout_s)

    def wait_for_more(self, seen: int, timeout_s: float) -> int:
        """Wait until more was put than `seen` deliveries, at most `timeout_s`; returns how many there were so far."""
        with self._changed:
            self._changed.wait_for(lambda: self._deliveries > seen, timeout_s)
            return self._deliveries

    def _drop(self, item: Item) -> None:
        if isinstance(item, ForceBlock):
            self.dropped += len(item)
            self._dropped_lost += len(item) + item.lost
        elif item.kind is NoticeKind.CALIBRATED:
            self._dropped_calibration = item

    def _patched(self, items: list[Item]) -> list[Item]:
        """Account for what was dropped before `items`."""
        for index, item in enumerate(items if self._dropped_lost else ()):
            if isinstance(item, ForceBlock):
                items[index] = replace(item, lost=item.lost + self._dropped_lost)
                self._dropped_lost = 0
                break
        if self._dropped_calibration is not None:
            items.insert(0, self._dropped_calibration)
            self._dropped_calibration = None
        return items
