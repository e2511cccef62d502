"""The figure as characters: outline, areas, values and the highlighted area. Pure numpy, no screen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tui.figure import NOBODY, Drawing, Place
from tui.raster import Codes, Glyphs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedback.atlas import View

LEVELS = 4
"""Shades of values, the least first."""
_BRAILLE = 0x2800
_BRAILLE_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)
_QUADRANTS = np.array([ord(sign) for sign in " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"], np.uint32)
_QUADRANT_BITS = np.array([[1, 2], [4, 8]], np.uint32)
_BLOCK_SHADES = np.array([ord(sign) for sign in "░▒▒▓▓"], np.uint32)
_ORDER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
"""Bayer's order: which dots are lit first as a shade grows."""
_SHADE = (0, 2, 4, 7, 11)
"""How many of 16 dots are lit: nothing, then each level. The highlighted area has all of them."""
_ASCII_SHADE = " .:+#"
_ASCII_CHOSEN = ord("@")
_BORDERS_FROM_ROWS = 24
"""Lower figures have no room for the borders between areas."""

DOTS = {Glyphs.BRAILLE: (2, 4), Glyphs.BLOCKS: (2, 2), Glyphs.ASCII: (2, 4)}
"""Dots in a cell, (across, down), for each set of characters."""


class Look(IntEnum):
    """What a cell shows; the screen gives each its colours.

    `VALUE` and the next three are shades, `NUMBER` and the next three numbers written on them.
    """

    BLANK = 0
    OUTLINE = 1
    BORDER = 2
    CHOSEN = 3
    VALUE = 4
    NUMBER = 8
    NUMBER_CHOSEN = 12


@dataclass(frozen=True, eq=False)
class Picture:
    """Characters and what they show, (rows, columns) each.

    Attributes:
        codes: code points; 0 is an empty cell.
        looks: a `Look` for each cell.
        cells: index of the place under each cell, `NOBODY` outside; for the mouse.
        places: what the indices mean.
    """

    codes: Codes
    looks: NDArray[np.uint8]
    cells: NDArray[np.int16]
    places: tuple[Place, ...]

    def at(self, column: int, row: int) -> Place | None:
        """The place under a cell, or beside it where limbs are thin; None further away."""
        height, width = self.cells.shape
        for dx, dy in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
            x, y = column + dx, row + dy
            if 0 <= x < width and 0 <= y < height and self.cells[y, x] != NOBODY:
                return self.places[self.cells[y, x]]
        return None


def level_of(value: float, most: float) -> int:
    """The shade of a value, 1 to `LEVELS`; 0 for nothing."""
    if not value > 0 or not most > 0:
        return 0
    return min(LEVELS, max(1, int(np.ceil(value / most * LEVELS - 1e-9))))


def picture(
    drawing: Drawing,
    glyphs: Glyphs,
    chosen: Place | None,
    levels: Mapping[Place, int],
    numbers: Mapping[Place, str],
) -> Picture:
    """Draw a view.

    Args:
        drawing: the view on a grid with the `DOTS` of `glyphs`.
        glyphs: which characters.
        chosen: the highlighted place; one of the other view is left aside.
        levels: a shade for some places, 0 to `LEVELS`.
        numbers: what is written on some places.
    """
    shade = np.zeros(len(drawing.places) + 1, np.int64)
    for index, place in enumerate(drawing.places):
        shade[index] = levels.get(place, 0)
    mine = drawing.places.index(chosen) if chosen in drawing.places else len(drawing.places)
    cells = drawing.cells
    # NOBODY is -1 and so picks the last entry, which is 0.
    shades = shade[cells]
    draw_with = {Glyphs.BRAILLE: _braille, Glyphs.BLOCKS: _blocks, Glyphs.ASCII: _ascii}[glyphs]
    codes = draw_with(drawing, shade, mine)
    looks = np.where(shades > 0, Look.VALUE + shades - 1, Look.BORDER)
    looks = np.where((shades == 0) & _any(drawing.edge, drawing.dots), Look.OUTLINE, looks)
    # A small place may have most dots of no cell, and must be seen all the same.
    looks = np.where(_any(drawing.owner == mine, drawing.dots), Look.CHOSEN, looks)
    looks = np.where(codes == 0, Look.BLANK, looks).astype(np.uint8)
    _write_numbers(
        codes, looks, drawing, numbers, [_number_look(int(level), i == mine) for i, level in enumerate(shade)]
    )
    return Picture(codes, looks, cells, drawing.places)


def caption(view: View, width: int, height: int) -> str:
    """`right   FRONT   left`: the client's sides, where they are seen; as wide as a figure of so many rows."""
    left, right = ("right", "left") if view == "front" else ("left", "right")
    words = (left, view.upper(), right)
    if width < sum(map(len, words)) + 3:
        words = (left[0].upper(), view.upper(), right[0].upper())
    room = min(width - 1, max(20, height))
    gap = room - sum(map(len, words))
    if gap < 2:
        return view.upper()[:width].center(width)
    return f"{words[0]}{' ' * (gap // 2)}{words[1]}{' ' * (gap - gap // 2)}{words[2]}".center(width)


def _any(lit: NDArray[np.bool_], dots: tuple[int, int]) -> NDArray[np.bool_]:
    across, down = dots
    height, width = lit.shape[0] // down, lit.shape[1] // across
    return np.asarray(lit.reshape(height, down, width, across).any(axis=(1, 3)))


def _braille(drawing: Drawing, shade: NDArray[np.int64], mine: int) -> Codes:
    """Dots of the outline, of the borders (every other one), of the shades, and all of the highlighted area."""
    owner = drawing.owner
    y, x = np.indices(owner.shape)
    lit = drawing.edge.copy()
    if _has_borders(drawing):
        lit |= drawing.borders & ((x + y) % 2 == 0)
    lit |= _ORDER[y % 4, x % 4] < np.array(_SHADE)[shade[owner]]
    lit |= owner == mine
    bits = _bits(lit, drawing.dots, _BRAILLE_BITS)
    return np.where(bits > 0, bits + _BRAILLE, 0).astype(np.uint32)


def _blocks(drawing: Drawing, shade: NDArray[np.int64], mine: int) -> Codes:
    """The body's edge in quarters of a cell, what lies within as shaded cells, the highlighted area solid."""
    bits = _bits(drawing.owner != NOBODY, drawing.dots, _QUADRANT_BITS)
    codes = _QUADRANTS[bits]
    within = (bits == len(_QUADRANTS) - 1) & ~_any(drawing.edge, drawing.dots)
    codes = np.where(within, _BLOCK_SHADES[shade[drawing.cells]], codes)
    codes = np.where(within & (drawing.cells == mine), _QUADRANTS[-1], codes)
    return np.where(bits == 0, 0, codes).astype(np.uint32)


def _ascii(drawing: Drawing, shade: NDArray[np.int64], mine: int) -> Codes:
    """The outline as strokes, shades as signs of growing weight."""
    cells = drawing.cells
    body = np.pad(cells != NOBODY, 1)
    inside = body[1:-1, 1:-1]
    left, right = body[1:-1, :-2], body[1:-1, 2:]
    above, below = body[:-2, 1:-1], body[2:, 1:-1]
    wider_left, wider_right = body[2:, :-2], body[2:, 2:]
    codes = np.full(cells.shape, ord(" "), np.uint32)
    codes = np.where(~above | ~below, ord("-"), codes)
    codes = np.where(~left, np.where(wider_left, ord("/"), np.where(below, ord("|"), ord("\\"))), codes)
    codes = np.where(~right, np.where(wider_right, ord("\\"), np.where(below, ord("|"), ord("/"))), codes)
    codes = np.where(~left & ~right, ord("|"), codes)
    signs = np.array([ord(sign) for sign in _ASCII_SHADE])
    codes = np.where(shade[cells] > 0, signs[shade[cells]], codes)
    codes = np.where(cells == mine, _ASCII_CHOSEN, codes)
    return np.where(inside, codes, 0).astype(np.uint32)


def _has_borders(drawing: Drawing) -> bool:
    return drawing.cells.shape[0] >= _BORDERS_FROM_ROWS


def _bits(lit: NDArray[np.bool_], dots: tuple[int, int], weights: NDArray[np.uint32]) -> NDArray[np.uint32]:
    across, down = dots
    blocks = lit.reshape(lit.shape[0] // down, down, lit.shape[1] // across, across)
    return np.einsum("hjwi,ji->hw", blocks, weights, dtype=np.uint32, casting="unsafe")


def _write_numbers(
    codes: Codes,
    looks: NDArray[np.uint8],
    drawing: Drawing,
    numbers: Mapping[Place, str],
    number_looks: Sequence[int],
) -> None:
    """Write numbers in the middle of their places, a row up or down where another number stands already."""
    cells = drawing.cells
    taken = np.zeros(codes.shape, np.bool_)
    height, width = codes.shape
    for place, text in numbers.items():
        middle = drawing.centres.get(place)
        if middle is None or not text:
            continue
        column = int(middle[0])
        start = min(max(0, round(middle[0] - len(text) / 2)), max(0, width - len(text)))
        span = slice(start, start + len(text))
        mine = drawing.places.index(place)
        for step in (0, -1, 1, -2, 2):
            row = int(middle[1]) + step
            near = cells[row, max(0, column - 1) : column + 2] if 0 <= row < height else cells[:0]
            if step and not (near == mine).any():
                continue
            if taken[row, max(0, start - 1) : start + len(text) + 1].any():
                continue
            codes[row, span] = [ord(letter) for letter in text]
            looks[row, span] = number_looks[mine]
            taken[row, span] = True
            break


def _number_look(level: int, chosen: bool) -> int:
    if chosen:
        return Look.NUMBER_CHOSEN
    return Look.NUMBER + level - 1 if level > 0 else Look.OUTLINE
