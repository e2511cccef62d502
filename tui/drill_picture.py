"""An attempt as characters: the target with its tolerance over the whole time asked, what was pressed on top of it.

Unlike the strip chart, nothing moves here but the trace and the mark of now: one sees where the target will go. Only an
attempt too long for that (`WHOLE_S`) scrolls. No screen here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui import margins, raster
from tui.columns import ColumnRing, Columns
from tui.drill_lines import DrillLines
from tui.margins import Label
from tui.picture import LOWEST_WITH_TIME_ROW, NARROWEST_WITH_AXIS
from tui.raster import Codes, Glyphs, Kind
from tui.scale import Axis, StableRange, tick_texts, ticks

WHOLE_S = 120.0
"""An attempt up to this long is shown whole."""
AHEAD = 0.4
"""Of one that scrolls, this share of the picture lies ahead of now."""
GAP_S = 0.35
"""Samples further apart are not joined: nothing was shown in between."""
ROOM = 1.05
"""The picture reaches at least this much above the highest edge of the tolerance."""
WIDEST_TIME = 9
"""Cells between two times written below the picture, at least."""
TIME_STEPS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
_TOP_DOTS, _BOTTOM_DOTS = 0x1B, 0xE4
"""Bits of a Braille character that lie in its upper and in its lower half."""


@dataclass(frozen=True, slots=True)
class DrillFrame:
    """A picture as characters.

    Attributes:
        codes: uint32 (height, width), code points; 0 is an empty cell.
        kinds: uint8 (height, width), `Kind` of each cell.
        upper: bool (height, width): the upper half of the cell lies inside the tolerance.
        lower: bool (height, width): so does its lower half.
        gutter: cells left of the plot.
    """

    codes: Codes
    kinds: NDArray[np.uint8]
    upper: NDArray[np.bool_]
    lower: NDArray[np.bool_]
    gutter: int

    @property
    def text(self) -> tuple[str, ...]:
        """The rows as plain text."""
        return tuple(raster.text_of(row) for row in self.codes)


class DrillPicture:
    """Draws one attempt into any size.

    Args:
        axis: how values are written.
        glyphs: character set.
        hatched: show the tolerance by characters, for screens without colour.
    """

    def __init__(self, axis: Axis, *, glyphs: Glyphs = Glyphs.BRAILLE, hatched: bool = False) -> None:
        self.axis = axis
        self.glyphs = glyphs
        self.hatched = hatched
        self._lines: DrillLines | None = None
        self._range = StableRange(axis)
        self._times: list[float] = []
        self._values: list[float] = []
        self._highest = 0.0
        self._width = self._height = self._gutter = self._rows = 0
        self._ring = ColumnRing(1, 1.0, GAP_S)
        self._state = 0
        self._drawn: tuple[object, ...] = ()
        self._frame: DrillFrame | None = None

    def set_lines(self, lines: DrillLines | None) -> None:
        """Show another target, and forget what was pressed."""
        self._lines = lines
        self._times, self._values = [], []
        self._highest = 0.0
        self._range = StableRange(self.axis)
        self._width = 0
        self._state += 1

    def append(self, time_s: ArrayLike, pressure_kpa: ArrayLike) -> None:
        """Add what was pressed, oldest first; times from the go. NaN breaks the line."""
        times, values = (
            np.atleast_1d(np.asarray(time_s, float)),
            np.atleast_1d(np.asarray(pressure_kpa, float)),
        )
        self._times += times.tolist()
        self._values += values.tolist()
        seen = values[np.isfinite(values)]
        if len(seen):
            self._highest = max(self._highest, float(seen.max()))
        self._ring.push(times, values)
        self._state += 1

    def set_hatched(self, hatched: bool) -> None:
        """Show the tolerance by characters, or by colour."""
        if hatched != self.hatched:
            self.hatched = hatched
            self._state += 1

    def draw(self, width: int, height: int, now_s: float | None) -> DrillFrame:
        """The attempt at a time from the go; None: when it is over, without a mark of now.

        The same object again as long as nothing changed.
        """
        width, height = max(width, 1), max(height, 1)
        if (width, height) != (self._width, self._height):
            self._lay_out(width, height)
        first = self._first_column(now_s)
        cell = None if now_s is None else self._cell_of(now_s, first)
        self._fit_range(0.0 if now_s is None else now_s)
        drawn = (self._state, first, cell, self._range.top)
        if self._frame is None or drawn != self._drawn:
            self._drawn = drawn
            self._frame = self._compose(first, cell)
        return self._frame

    # Layout.

    @property
    def _span_s(self) -> float:
        return min(self._lines.end_s if self._lines else 1.0, WHOLE_S)

    def _lay_out(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._gutter = self.axis.gutter if width >= NARROWEST_WITH_AXIS else 0
        self._rows = height - (height >= LOWEST_WITH_TIME_ROW)
        count = (width - self._gutter) * self.glyphs.columns_per_cell
        self._ring = ColumnRing(count, self._span_s / count, GAP_S)
        self._ring.push(self._times, self._values)
        self._state += 1

    def _first_column(self, now_s: float | None) -> int:
        """The column at the left edge; a whole cell's."""
        spare_s = (self._lines.end_s if self._lines else 1.0) - self._span_s
        if spare_s <= 0 or now_s is None:
            return 0
        start_s = min(max(now_s - (1 - AHEAD) * self._span_s, 0.0), spare_s)
        per_cell = self.glyphs.columns_per_cell
        return self._ring.column_of(start_s) // per_cell * per_cell

    def _cell_of(self, now_s: float, first: int) -> int:
        cells = self._width - self._gutter
        return min(max((self._ring.column_of(now_s) - first) // self.glyphs.columns_per_cell, 0), cells - 1)

    def _fit_range(self, now_s: float) -> None:
        asked = self._lines.top_kpa * ROOM if self._lines else 0.0
        self._range.fit(0.0, max(asked, self._highest), now_s)

    # Drawing.

    def _compose(self, first: int, now_cell: int | None) -> DrillFrame:
        width, height, gutter, rows = self._width, self._height, self._gutter, self._rows
        codes, kinds = np.zeros((height, width), np.uint32), np.zeros((height, width), np.uint8)
        upper, lower = np.zeros((height, width), np.bool_), np.zeros((height, width), np.bool_)
        plot, plot_kinds = codes[:rows, gutter:], kinds[:rows, gutter:]
        edges_s = np.arange(first, first + self._ring.count + 1, dtype=np.float64) * self._ring.column_s
        if self._lines is not None:
            self._draw_tolerance(self._lines, edges_s, upper[:rows, gutter:], lower[:rows, gutter:], plot)
        if now_cell is not None:
            plot[:, now_cell] = ord("|" if self.glyphs is Glyphs.ASCII else "│")
            plot_kinds[:, now_cell] = Kind.MARK_QUIET
        target = self._target_line(self._lines, edges_s)
        columns = self._ring.view(first + self._ring.count - 1, self._ring.count, 0.0)
        trace = raster.trace(columns, self._range.bottom, self._range.top, rows, self.glyphs)
        layers = [(target, Kind.TARGET), (trace, Kind.TRACE)]
        if self.glyphs is Glyphs.BLOCKS:
            layers.reverse()  # an area would cover the line
        for layer, kind in layers:
            np.copyto(plot, layer, where=layer > 0)
            plot_kinds[layer > 0] = kind
        _settle_halves(plot, upper[:rows, gutter:], lower[:rows, gutter:])
        if gutter:
            margins.draw_axis(
                codes[:rows, :gutter],
                kinds[:rows, :gutter],
                self._labels(),
                self._range.bottom,
                self._range.top,
                self.glyphs,
            )
        if rows < height:
            self._draw_times(codes[-1], kinds[-1], first)
        return DrillFrame(codes, kinds, upper, lower, gutter)

    def _target_line(self, lines: DrillLines | None, edges_s: NDArray[np.float64]) -> Codes:
        cells = self._width - self._gutter
        if lines is None:
            return np.zeros((self._rows, cells), np.uint32)
        value, _, _ = lines.at(edges_s)
        low, high = np.fmin(value[:-1], value[1:]), np.fmax(value[:-1], value[1:])
        there = np.isfinite(low)
        nothing = np.zeros(len(low), np.bool_)
        columns = Columns(low, high, high, there, nothing, nothing)
        if self.glyphs is Glyphs.BRAILLE:
            return raster.trace(columns, self._range.bottom, self._range.top, self._rows, self.glyphs)
        position = raster.position(high, self._range.bottom, self._range.top, self._rows)
        codes = np.zeros((self._rows, cells), np.uint32)
        for cell in np.flatnonzero(there).tolist():
            row, code = raster.line_code(float(position[cell]), self._rows, self.glyphs)
            codes[row, cell] = code
        return codes

    def _draw_tolerance(
        self,
        lines: DrillLines,
        edges_s: NDArray[np.float64],
        upper: NDArray[np.bool_],
        lower: NDArray[np.bool_],
        plot: Codes,
    ) -> None:
        per_cell = self.glyphs.columns_per_cell
        middle_s = (edges_s[:-1:per_cell] + edges_s[per_cell::per_cell]) / 2
        target, low, high = lines.at(middle_s)
        halves = 2 * self._rows
        bottom, top = self._range.bottom, self._range.top
        value = (top - (np.arange(halves) + 0.5) * (top - bottom) / halves)[:, None]
        with np.errstate(invalid="ignore"):
            inside = (value >= low) & (value <= high)
        # A tolerance thinner than half a row still gets one.
        thin = np.isfinite(low) & np.isfinite(target) & ~inside.any(axis=0) & (target < top)
        row = np.clip((top - target[thin]) / (top - bottom) * halves, 0, halves - 1).astype(np.int64)
        inside[row, np.flatnonzero(thin)] = True
        upper[:], lower[:] = inside[::2], inside[1::2]
        if self.glyphs is Glyphs.ASCII:
            upper[:] = lower[:] = upper | lower
        if self.hatched:
            full, soft = (":", ".") if self.glyphs is Glyphs.ASCII else ("░", "·")
            plot[upper | lower] = ord(soft)
            plot[upper & lower] = ord(full)
        elif self.glyphs is not Glyphs.ASCII:
            plot[upper & ~lower] = ord("▀")
            plot[lower & ~upper] = ord("▄")

    def _labels(self) -> list[Label]:
        axis, bottom, top = self.axis, self._range.bottom, self._range.top
        values = ticks(bottom, top, axis.per_unit, max(2, min(self._rows // 2, 8)))
        labels = [
            Label(v, t, Kind.AXIS) for v, t in zip(values, tick_texts(values, axis.per_unit), strict=True)
        ]
        level = self._lines.level_kpa if self._lines else None
        return labels if level is None else [Label(level, axis.text(level), Kind.AXIS_TARGET), *labels]

    def _draw_times(self, codes: Codes, kinds: NDArray[np.uint8], first: int) -> None:
        """Seconds from the go below the picture, and the unit below its axis."""
        gutter, per_cell = self._gutter, self.glyphs.columns_per_cell
        kinds[:] = Kind.AXIS
        unit = self.axis.label.replace("²", "2") if self.glyphs is Glyphs.ASCII else self.axis.label
        _write(codes, 0, unit[: max(gutter - 1, 0)])
        cells = len(codes) - gutter
        cell_s = self._ring.column_s * per_cell
        most = max(cells // WIDEST_TIME, 1)
        step_s = next((step for step in TIME_STEPS_S if self._span_s / step <= most), TIME_STEPS_S[-1])
        start_s = first * self._ring.column_s
        at_s = np.ceil(start_s / step_s) * step_s
        free = gutter
        while at_s <= start_s + self._span_s + 1e-6:
            text = f"{at_s:g} s"
            place = gutter + round((at_s - start_s) / cell_s) - (len(text) // 2 if at_s > start_s else 0)
            place = min(place, len(codes) - len(text))
            if place >= free:
                _write(codes, place, text)
                free = place + len(text) + 1
            at_s += step_s


def _settle_halves(plot: Codes, upper: NDArray[np.bool_], lower: NDArray[np.bool_]) -> None:
    """A cell with a character has one background: the tolerance's where its dots lie in it.

    Args:
        plot: (rows, cells), read only.
        upper: (rows, cells), written to.
        lower: the same.
    """
    mixed = (upper != lower) & (plot > 0) & (plot != ord("▀")) & (plot != ord("▄"))
    if not mixed.any():
        return
    dots = np.where((plot >= 0x2800) & (plot <= 0x28FF), plot - 0x2800, 0)
    high = ((dots & _TOP_DOTS) > 0) | (plot == ord("▔"))
    low = ((dots & _BOTTOM_DOTS) > 0) | ((dots == 0) & (plot != ord("▔")))
    inside = (high & upper) | (low & lower)
    upper[mixed] = lower[mixed] = inside[mixed]


def _write(codes: Codes, start: int, text: str) -> None:
    codes[start : start + len(text)] = [ord(character) for character in text]
