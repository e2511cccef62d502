"""Numbers to characters: traces, bands and lines as arrays of code points. Pure numpy, no screen.

A picture is `height` rows of `width` cells. Vertical positions run from the top: position 0 is the top edge of
the first row, `height` the bottom edge of the last one.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from tui.columns import Columns

Codes = NDArray[np.uint32]
"""Unicode code points, one per cell; 0 is a cell with nothing in it."""
Floats = NDArray[np.float64]

BAND_LEVELS = 8
"""A row of the band is painted in one of this many steps, from outside (0) to certainly inside."""
_BRAILLE = 0x2800
_BRAILLE_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)
_EIGHTHS = np.array([0, *range(0x2581, 0x2589)], np.uint32)
_LINE = {
    "braille": tuple(map(ord, "▔━▁")),
    "blocks": tuple(map(ord, "▔━▁")),
    "ascii": tuple(map(ord, "===")),
}
_DASHED = {"braille": "╍╍", "blocks": "╍╍", "ascii": "- "}
_GAP = {"braille": "╱", "blocks": "╱", "ascii": "/"}
_SUSPECT = {"braille": "▒", "blocks": "▒", "ascii": "x"}


class Glyphs(StrEnum):
    """Which characters a terminal can be trusted with."""

    BRAILLE = "braille"
    """A fine line of dots, 2 x 4 in a cell."""
    BLOCKS = "blocks"
    """A filled area in eighths of a row: the most legible from across the room."""
    ASCII = "ascii"
    """Seven-bit characters only."""

    @property
    def columns_per_cell(self) -> int:
        """Time columns that one cell holds."""
        return 2 if self is Glyphs.BRAILLE else 1


class Kind(IntEnum):
    """What a cell shows; the screen gives each kind its colour."""

    BLANK = 0
    TRACE = 1
    SUSPECT = 2
    CEILING = 3
    TARGET = 4
    GAP = 5
    BELOW = 6
    IN_BAND = 7
    ABOVE = 8
    AXIS = 9
    AXIS_BAND = 10
    AXIS_CEILING = 11
    AXIS_TARGET = 12
    MARK = 13
    MARK_STOP = 14
    MARK_QUIET = 15


def position(value: Floats, bottom: float, top: float, height: int) -> Floats:
    """Where values lie, in rows from the top edge; clipped to the picture, NaN stays NaN."""
    span = top - bottom
    rows = (top - value) / span * height if span > 0 else np.full(np.shape(value), height / 2)
    return np.clip(rows, 0.0, height)


def trace(columns: Columns, bottom: float, top: float, height: int, glyphs: Glyphs) -> Codes:
    """Draw the columns as a line (braille, ascii) or a filled area (blocks).

    Returns:
        Codes (height, columns / `columns_per_cell`); columns without data leave their cells 0.
    """
    if glyphs is Glyphs.BLOCKS:
        return _area(position(columns.peak, bottom, top, height), height)
    lowest = position(columns.lo, bottom, top, height)
    highest = position(columns.hi, bottom, top, height)
    if glyphs is Glyphs.ASCII:
        return _ascii_line(highest, lowest, height)
    return _braille_line(highest, lowest, height)


def _braille_line(highest: Floats, lowest: Floats, height: int) -> Codes:
    """A line two dots thick: one dot is lost from across the room."""
    dots = 4 * height
    data = ~np.isnan(highest)
    first = np.where(data, np.minimum(highest * 4, dots - 2), dots).astype(np.int64)
    last = np.where(data, np.minimum(lowest * 4, dots - 1), -1).astype(np.int64)
    last = np.where(data, np.maximum(last, first + 1), -1)
    row = np.arange(dots)[:, None]
    lit = (row >= first) & (row <= last)
    cells = lit.reshape(height, 4, -1, 2)
    codes = np.einsum("hjwi,ji->hw", cells, _BRAILLE_BITS, dtype=np.uint32, casting="unsafe")
    return np.where(codes > 0, codes + _BRAILLE, 0).astype(np.uint32)


def _area(peak: Floats, height: int) -> Codes:
    filled = np.where(np.isnan(peak), -1, np.rint((height - peak) * 8))
    # A value of zero still shows a sliver: there is a signal, and it is zero.
    filled = np.where(filled == 0, 1, filled)
    below = (height - 1 - np.arange(height))[:, None] * 8
    return _EIGHTHS[np.clip(filled - below, 0, 8).astype(np.int64)]


def _ascii_line(highest: Floats, lowest: Floats, height: int) -> Codes:
    data = ~np.isnan(highest)
    first = np.where(data, np.minimum(highest, height - 1), height).astype(np.int64)
    last = np.where(data, np.minimum(lowest, height - 1), -1).astype(np.int64)
    row = np.arange(height)[:, None]
    lit = (row >= first) & (row <= last)
    tall = last > first
    return np.where(lit, np.where(tall, np.uint32(ord("|")), np.uint32(ord("*"))), 0).astype(np.uint32)


def gap_cells(gap: NDArray[np.bool_], newest_cell: int, height: int, glyphs: Glyphs) -> Codes:
    """The sparse pattern for cells without a signal; it moves with time as the trace does.

    Args:
        gap: (cells,) which cells.
        newest_cell: the absolute number of the last cell.
        height: rows.
        glyphs: character set.
    """
    number = newest_cell - len(gap) + 1 + np.arange(len(gap))
    on = (number[None, :] + np.arange(height)[:, None]) % 3 == 0
    return np.where(gap & on, ord(_GAP[glyphs]), 0).astype(np.uint32)


def suspect_code(glyphs: Glyphs) -> int:
    """The character for a trace that is not to be trusted."""
    return ord(_SUSPECT[glyphs])


def line_code(position_rows: float, height: int, glyphs: Glyphs) -> tuple[int, int]:
    """The row of a horizontal line and its character, in thirds of a row."""
    row = min(int(position_rows), height - 1)
    third = min(int((position_rows - row) * 3), 2)
    return row, _LINE[glyphs][third]


def dashed(width: int, newest_cell: int, glyphs: Glyphs) -> Codes:
    """A dashed line that moves with time."""
    first, second = map(ord, _DASHED[glyphs])
    even = (newest_cell - width + 1 + np.arange(width)) % 2 == 0
    return np.where(even, first, second).astype(np.uint32)


def band_levels(
    lower: tuple[float, float], upper: tuple[float, float], bottom: float, top: float, half_rows: int
) -> NDArray[np.int64]:
    """How much each half row belongs to the band, 0 to `BAND_LEVELS`, from the top.

    Args:
        lower: where membership rises from 0 to 1: the interval of the lower edge; equal values are a firm edge.
        upper: where it falls from 1 to 0, likewise.
        bottom: value at the bottom edge of the picture.
        top: value at its top edge.
        half_rows: twice the picture's height.

    A band that is thinner than half a row still gets one.
    """
    if not top > bottom or half_rows < 1:
        return np.zeros(max(half_rows, 0), np.int64)
    value = top - (np.arange(half_rows) + 0.5) * (top - bottom) / half_rows
    member = _ramp(value, *lower) * (1.0 - _ramp(value, *upper))
    level = np.rint(member * BAND_LEVELS).astype(np.int64)
    middle = (sum(lower) + sum(upper)) / 4
    if level.max() < BAND_LEVELS and bottom < middle < top:
        level[min(int((top - middle) / (top - bottom) * half_rows), half_rows - 1)] = BAND_LEVELS
    return level


def _ramp(value: Floats, start: float, end: float) -> Floats:
    if not end > start:
        return (value >= start).astype(np.float64)
    return np.clip((value - start) / (end - start), 0.0, 1.0)


def text_of(codes: Codes) -> str:
    """One row of code points as text; 0 becomes a space."""
    return np.where(codes == 0, 32, codes).astype("<u4").tobytes().decode("utf-32-le")
