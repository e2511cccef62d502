"""The atlas's figure on a grid of dots: which dot belongs to which area. Pure numpy, no screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from feedback.atlas import Atlas, Outline, View

Place = tuple[str, str]
"""An area's key and a side."""
Grid = NDArray[np.int16]

NOBODY = -1
"""The owner of a dot outside the body."""
HALF_WIDTH = 0.228
"""Half the room that a figure needs, in body heights."""
_TOP, _BOTTOM = -0.008, 1.008
_SMOOTH_STEPS = 4


@dataclass(frozen=True, eq=False)
class Drawing:
    """One view of the body as dots.

    Attributes:
        view: `front` or `back`.
        places: areas with their sides, in the order of the atlas.
        owner: (dots down, dots across) index into `places`, `NOBODY` outside the body.
        dots: (across, down) dots in a character cell.
    """

    view: View
    places: tuple[Place, ...]
    owner: Grid
    dots: tuple[int, int]

    @cached_property
    def edge(self) -> NDArray[np.bool_]:
        """Dots of the body that border on the outside."""
        inside = np.pad(self.owner, 1, constant_values=NOBODY) != NOBODY
        middle = inside[1:-1, 1:-1]
        return middle & ~(inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:])

    @cached_property
    def borders(self) -> NDArray[np.bool_]:
        """Dots where one area ends and another begins."""
        here = self.owner
        found = np.zeros(here.shape, np.bool_)
        right, below = here[:, 1:], here[1:, :]
        found[:, :-1] |= (here[:, :-1] != right) & (here[:, :-1] != NOBODY) & (right != NOBODY)
        found[:-1, :] |= (here[:-1, :] != below) & (here[:-1, :] != NOBODY) & (below != NOBODY)
        return found

    @cached_property
    def centres(self) -> dict[Place, tuple[float, float]]:
        """Where each place lies: (cells across, cells down) of its middle; places too small for a dot are missing."""
        across, down = self.dots
        found: dict[Place, tuple[float, float]] = {}
        for index, place in enumerate(self.places):
            rows, columns = np.nonzero(self.owner == index)
            if rows.size:
                # The dot of the place nearest to its mean: the middle of a bent place may lie outside it.
                nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
                found[place] = ((columns[nearest] + 0.5) / across, (rows[nearest] + 0.5) / down)
        return found

    @cached_property
    def cells(self) -> Grid:
        """(cells down, cells across) index of the place that has most dots of each cell, `NOBODY` outside."""
        across, down = self.dots
        height, width = self.owner.shape[0] // down, self.owner.shape[1] // across
        blocks = (
            self.owner.reshape(height, down, width, across)
            .swapaxes(1, 2)
            .reshape(height, width, across * down)
        )
        best = np.full((height, width), NOBODY, np.int16)
        most = np.zeros((height, width), np.int64)
        for index in np.unique(self.owner[self.owner != NOBODY]):
            count = (blocks == index).sum(axis=2)
            more = count > most
            best[more], most[more] = index, count[more]
        return best


def draw(atlas: Atlas, view: View, width: int, height: int, dots: tuple[int, int]) -> Drawing:
    """Put one view of the figure on a grid.

    The figure is as large as fits and keeps its proportions, a cell being twice as high as wide. The client's left
    is on the right of the front view and on the left of the back view.

    Args:
        atlas: the figure and its areas.
        view: `front` or `back`.
        width: character cells across.
        height: rows.
        dots: (across, down) dots in a cell.
    """
    across, down = dots
    # Without room there is no dot to place, and any scale will do.
    scale = min(width / (2 * HALF_WIDTH), 2 * height / (_BOTTOM - _TOP)) or 1.0
    facing = 1.0 if view == "front" else -1.0
    x = ((np.arange(width * across) + 0.5) / across - width / 2) / scale * facing
    spare = 2 * height / scale - (_BOTTOM - _TOP)
    y = (np.arange(height * down) + 0.5) / down * 2 / scale + _TOP - spare / 2
    places: list[Place] = []
    owner = np.full((y.size, x.size), NOBODY, np.int16)
    half = atlas.figures.get(view, ())
    free = inside(smooth(mirrored(half)), x, y) if half else np.zeros(owner.shape, np.bool_)
    for area in atlas.areas:
        if area.view != view:
            continue
        for side in area.sides:
            shape = tuple((-cx, cy) for cx, cy in area.outline) if side == "right" else area.outline
            mine = free & inside(np.asarray(shape), x, y)
            if side != "middle":
                mine &= (x < 0) if side == "right" else (x >= 0)
            owner[mine] = len(places)
            free &= ~mine
            places.append((area.key, side))
    _adopt(owner, free)
    return Drawing(view, tuple(places), owner, dots)


def mirrored(half: Outline) -> NDArray[np.float64]:
    """The whole outline (n, 2) of its left half."""
    left = np.asarray(half, np.float64)
    right = left[::-1] * (-1.0, 1.0)
    return np.concatenate((left, right[np.abs(right[:, 0]) > 0]))


def smooth(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """A closed outline with its corners rounded: a Catmull-Rom curve through all of them."""
    before, after, beyond = np.roll(corners, 1, 0), np.roll(corners, -1, 0), np.roll(corners, -2, 0)
    steps = np.arange(_SMOOTH_STEPS) / _SMOOTH_STEPS
    t = steps[None, :, None]
    p0, p1, p2, p3 = (one[:, None, :] for one in (before, corners, after, beyond))
    curve = 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return curve.reshape(-1, 2)


def inside(corners: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points of a grid lie in a closed shape: an odd number of its edges is crossed on the way across.

    Args:
        corners: (n, 2) the shape.
        x: (columns,) where the columns of the grid are.
        y: (rows,) where its rows are, ascending.
    """
    found = np.zeros((y.size, x.size), np.bool_)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, 0), strict=True):
        if y0 == y1:
            continue
        first, last = np.searchsorted(y, sorted((y0, y1)))
        crossing = (x1 - x0) * (y[first:last] - y0) / (y1 - y0) + x0
        found[first:last] ^= x[None, :] < crossing[:, None]
    return found


def _adopt(owner: Grid, free: NDArray[np.bool_]) -> None:
    """Give dots of the body that no outline covers to the place beside them."""
    while free.any():
        before = free.sum()
        for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
            neighbour = np.roll(owner, step, axis)
            taken = free & (neighbour != NOBODY)
            owner[taken] = neighbour[taken]
            free &= ~taken
        if free.sum() == before:
            return
