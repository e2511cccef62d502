"""A sensor that talks without end is not heard without end: its messages are for people, and go into the record."""

from __future__ import annotations

AT_ONCE = 20
"""So many messages in a row are taken: more than any firmware says when it starts."""
PER_S = 1.0
"""And so many a second for as long as it goes on."""


class Talk:
    """Lets messages through while there is room for them, and counts the others.

    Attributes:
        left_out: messages since the last one that was let through.
    """

    def __init__(self) -> None:
        self.left_out = 0
        self._room = float(AT_ONCE)
        self._at_s: float | None = None

    def takes(self, now_s: float) -> bool:
        """There is room for a message that came at `now_s`; times do not decrease."""
        if self._at_s is not None:
            self._room = min(float(AT_ONCE), self._room + PER_S * max(0.0, now_s - self._at_s))
        self._at_s = now_s
        if self._room < 1.0:
            self.left_out += 1
            return False
        self._room -= 1.0
        return True

    def told(self) -> str:
        """What to say about those that were left out, once; empty when there were none."""
        count, self.left_out = self.left_out, 0
        if not count:
            return ""
        return f"{count:,} message{'' if count == 1 else 's'} of the sensor left out: it sends more than can be read"
