"""The playhead of a replay. Time is handed in; nothing here waits or draws."""

from __future__ import annotations

SPEEDS = (1, 2, 4, 8, 16)


class Playback:
    """Where a replay stands between its start and its end.

    Args:
        start_s: first moment, seconds on the clock of the recording.
        end_s: last moment, >= `start_s`.
        at_s: where it stands at first; the end when None.
    """

    def __init__(self, start_s: float, end_s: float, at_s: float | None = None) -> None:
        self.start_s = start_s
        self.end_s = max(start_s, end_s)
        self.playing = False
        self.speed = SPEEDS[0]
        self._at_s = self.end_s if at_s is None else min(max(at_s, start_s), self.end_s)
        self._now_s = 0.0

    @property
    def at_s(self) -> float:
        """Where the playhead is."""
        return self._at_s

    @property
    def share(self) -> float:
        """The same as a share of the whole, 0 to 1."""
        length_s = self.end_s - self.start_s
        return (self._at_s - self.start_s) / length_s if length_s > 0 else 1.0

    def advance(self, now_s: float) -> bool:
        """Bring the playhead to the wall's `now_s` (any clock that only grows); true when it moved."""
        passed_s, self._now_s = max(0.0, now_s - self._now_s), now_s
        if not self.playing:
            return False
        self._at_s = min(self.end_s, self._at_s + passed_s * self.speed)
        self.playing = self._at_s < self.end_s
        return True

    def toggle(self, now_s: float) -> None:
        """Play, or stand still; from the end it begins again."""
        self.playing = not self.playing
        self._now_s = now_s
        if self.playing and self._at_s >= self.end_s:
            self._at_s = self.start_s

    def go_to(self, at_s: float) -> None:
        """Put the playhead somewhere; it goes on from there when it was playing."""
        self._at_s = min(max(at_s, self.start_s), self.end_s)

    def move(self, by_s: float) -> None:
        """Move the playhead; it stands still then."""
        self.playing = False
        self.go_to(self._at_s + by_s)

    def faster(self, steps: int = 1) -> int:
        """Go through the speeds, down with a negative number; the new speed."""
        at = SPEEDS.index(self.speed) + steps
        self.speed = SPEEDS[max(0, min(at, len(SPEEDS) - 1))]
        return self.speed
