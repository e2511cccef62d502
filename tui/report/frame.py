"""What charts have in common: the frame with its axes, and visits in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.report.svg import Scale, Svg, tick_text, ticks

WIDTH, HEIGHT = 420.0, 222.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 26.0, 40.0
_LABELS = 7


@dataclass(frozen=True, slots=True)
class Visited:
    """One place on the axis of visits.

    Attributes:
        number: of the visit; 0 when it is not known.
        date: in a few letters, "2 Mar".
        year: of that date.
    """

    number: int
    date: str
    year: int = 0


class Frame:
    """A drawing with a vertical axis; what is drawn below it begins at `bottom`.

    Args:
        low: the least value that must be seen.
        high: the largest one.
        unit: written above the axis.
        width: of the drawing.
        height: of the drawing.
        right: room beside the axis of visits.
        values: ticks to take instead of round ones.
    """

    def __init__(
        self,
        low: float,
        high: float,
        unit: str,
        *,
        width: float = WIDTH,
        height: float = HEIGHT,
        right: float = RIGHT,
        values: Sequence[float] | None = None,
    ) -> None:
        self.svg = Svg(width, height)
        self.left, self.right, self.top, self.bottom = LEFT, width - right, TOP, height - BOTTOM
        marks = list(values or ticks(low, high, 4))
        self.y = Scale(marks[0], marks[-1], self.bottom, self.top)
        for mark in marks:
            place = self.y(mark)
            self.svg.line(self.left, place, self.right, place, "axis" if mark == marks[0] else "grid")
            self.svg.text(self.left - 7, place + 4, tick_text(mark, marks), "tick", "end")
        self.svg.text(2, 13, unit, "unit")

    def visits(self, visits: Sequence[Visited]) -> list[float]:
        """Places of visits in a row, with as many numbers and dates below as fit."""
        room = (self.right - self.left) / max(1, len(visits))
        places = [self.left + room * (index + 0.5) for index in range(len(visits))]
        every = max(1, -(-len(visits) // _LABELS))
        last = len(visits) - 1
        shown = [i for i in range(len(visits)) if i % every == 0 and (last - i >= every or i == last)] + [
            last
        ]
        for index in sorted(set(shown)) if visits else []:
            visit, place = visits[index], places[index]
            self.svg.line(place, self.bottom, place, self.bottom + 4, "axis")
            if visit.number:
                self.svg.text(place, self.bottom + 17, str(visit.number), "tick strong", "middle")
            self.svg.text(place, self.bottom + 31, visit.date, "tick", "middle")
        return places


def runs(present: Sequence[bool]) -> list[tuple[int, int]]:
    """First and one past the last index of every run of what is there."""
    found: list[tuple[int, int]] = []
    for index, there in enumerate(present):
        if there and (not index or not present[index - 1]):
            found.append((index, index + 1))
        elif there:
            found[-1] = (found[-1][0], index + 1)
    return found
