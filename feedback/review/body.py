"""Figures of points on the areas of the body."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from feedback.atlas.model import MIDDLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedback.atlas import Atlas
    from feedback.points import Point

Place = tuple[str, str]
"""Key of a body area, and a side: `left`, `right` or `middle`."""


class BodyFigure(StrEnum):
    """What the body map shows."""

    PRESSES = "presses"
    """How many."""
    DOSE = "dose"
    """N·s."""
    THRESHOLD = "threshold"
    """The last one, kPa; of several points in an area the lowest."""


@dataclass(frozen=True, slots=True)
class BodyValues:
    """A figure for some areas.

    Attributes:
        values: by area and side.
        unplaced: points of which the atlas does not know the area, or whose side was not told.
    """

    values: dict[Place, float] = field(default_factory=dict["Place", "float"])
    unplaced: dict[Point, float] = field(default_factory=dict["Point", "float"])


def body_values(figures: Mapping[Point, float], atlas: Atlas, what: BodyFigure) -> BodyValues:
    """Put the figures of points on the areas in which they lie; a point in the middle of a paired area is on both."""
    placed: dict[Place, list[float]] = {}
    unplaced: dict[Point, float] = {}
    for point, value in figures.items():
        area = atlas.area_of(point)
        sides = _sides(point.side, area.sides) if area else ()
        if area is None or not sides:
            unplaced[point] = value
            continue
        for side in sides:
            placed.setdefault((area.key, side), []).append(value)
    together = min if what is BodyFigure.THRESHOLD else math.fsum
    return BodyValues({place: together(values) for place, values in placed.items()}, unplaced)


def _sides(told: str, there: tuple[str, ...]) -> tuple[str, ...]:
    if told in there:
        return (told,)
    if there == MIDDLE:
        return there
    return there if told == "middle" else ()
