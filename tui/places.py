"""The areas of the figure with their sides: their names, which one was typed, which one lies beside which."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from feedback.atlas import VIEWS
from tui.figure import Place, draw

if TYPE_CHECKING:
    from feedback.atlas import Atlas, View

_ROWS, _COLUMNS = 48, 44
"""Size of the drawing on which neighbours are found: independent of the window, so that keys always do the same."""
_GAP = 6.0
"""Columns between the two views on it."""
_ASIDE = 2.2
"""A neighbour may lie this much aside for each step ahead."""


class Places:
    """All places of an atlas's figure.

    Args:
        atlas: where the areas come from.
    """

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self.all: tuple[Place, ...] = tuple((area.key, side) for area in atlas.areas for side in area.sides)
        self._names = {
            (area.key, side): area.name if side == "middle" else f"{area.name}, {side}"
            for area in atlas.areas
            for side in area.sides
        }

    @property
    def first(self) -> Place:
        """Where to begin: the top of the shoulder is what is treated most, else whatever is first."""
        return self.known(("shoulder-top", "right")) or self.all[0]

    def known(self, wanted: Place | None) -> Place | None:
        """The place itself, or its area on a side that there is; None for an area that the figure has not."""
        if wanted is None or wanted in self._names:
            return wanted
        return next((place for place in self.all if place[0] == wanted[0]), None)

    def name(self, place: Place) -> str:
        """Area and side in words."""
        return self._names[place]

    def view(self, place: Place) -> View:
        """The view that shows a place."""
        area = self._atlas.area(place[0])
        return area.view if area else "front"

    def typed(self, text: str, now: Place) -> list[Place]:
        """Places whose name has words beginning with all words typed, best first.

        Args:
            text: what was typed: words of the name, and the side or its first letter.
            now: the highlighted place: its side and view are kept where nothing else is said.
        """
        words = re.findall(r"\w+", text.lower())
        found: list[tuple[tuple[bool, ...], int, Place]] = []
        for index, place in enumerate(self.all):
            side = place[1]
            name = [word for word in re.findall(r"\w+", self._names[place].lower()) if word != side]
            if words and _fits(words, name, side):
                rank = (
                    not name[0].startswith(words[0]),
                    # "low b l": the last word is the side, though “low” begins with it too.
                    not any(side.startswith(word) for word in words[1:]),
                    not any(word == one for word in words for one in name),
                    side != now[1],
                    self.view(place) != self.view(now),
                )
                found.append((rank, index, place))
        return [place for *_, place in sorted(found)]

    def beside(self, place: Place, across: int, down: int) -> Place:
        """The neighbour in a direction; the same place when there is none.

        Args:
            place: where from.
            across: -1 to the left of the screen, 1 to the right.
            down: -1 up, 1 down.
        """
        x0, y0 = self._centres[place]
        best, least = place, float("inf")
        for other, (x, y) in self._centres.items():
            ahead = (x - x0) * across + (y - y0) * down
            aside = abs(x - x0) if down else abs(y - y0)
            if other == place or ahead < 0.5 or aside > _ASIDE * ahead:
                continue
            cost = ahead + 2.0 * aside
            if cost < least:
                best, least = other, cost
        return best

    @cached_property
    def _centres(self) -> dict[Place, tuple[float, float]]:
        """Middle of every place, front and back side by side, in squares as wide as high."""
        found: dict[Place, tuple[float, float]] = {}
        for number, view in enumerate(VIEWS):
            start = number * (_COLUMNS + _GAP)
            drawing = draw(self._atlas, view, _COLUMNS, _ROWS, (2, 4))
            for place, (x, y) in drawing.centres.items():
                found[place] = (x + start, 2 * y)
        return found


def _fits(words: list[str], name: list[str], side: str) -> bool:
    """Whether every word typed begins a word of the name; the side may be typed too, after the first word."""
    return all(
        any(one.startswith(word) for one in name) or (place > 0 and side.startswith(word))
        for place, word in enumerate(words)
    )
