"""What a strip chart shows, as characters and kinds of cells: everything but the colours. No screen here."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feedback.band import Band
from tui import margins, raster
from tui.columns import ColumnRing, Columns, SampleHistory
from tui.margins import Label
from tui.raster import BAND_LEVELS, Codes, Glyphs, Kind
from tui.scale import Axis, StableRange, tick_texts, ticks

NARROWEST_WITH_AXIS = 24
LOWEST_WITH_TIME_ROW = 8
LOWEST_WITH_MARK_ROW = 5
MARKS_KEPT = 500
REACH = 1.5
"""The ceiling is shown when the range it needs is at most this factor larger than the range without it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a time, shown below the trace."""

    time_s: float
    glyph: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Frame:
    """A chart as characters.

    Attributes:
        codes: uint32 (height, width), code points; 0 is an empty cell.
        kinds: uint8 (height, width), `Kind` of each cell.
        upper: band level (0 to `BAND_LEVELS`) behind the upper half of each row.
        lower: the same for the lower half.
    """

    codes: Codes
    kinds: NDArray[np.uint8]
    upper: NDArray[np.int64]
    lower: NDArray[np.int64]

    @property
    def text(self) -> tuple[str, ...]:
        """The rows as plain text."""
        return tuple(raster.text_of(row) for row in self.codes)


class ChartPicture:
    """Samples, band, lines and marks of the last `window_s`, drawn into any size.

    Args:
        axis: how values are written.
        glyphs: character set.
        window_s: seconds shown.
        gap_s: samples further apart than this have lost the signal in between.
        hatched: show the band by characters, for screens without colour.
        now_word: what the right edge is called.
    """

    def __init__(
        self,
        axis: Axis,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        window_s: float = 30.0,
        gap_s: float = 0.35,
        hatched: bool = False,
        now_word: str = "now",
    ) -> None:
        self.now_word = now_word
        self.window_s = window_s
        self.gap_s = gap_s
        self.glyphs = glyphs
        self.hatched = hatched
        self.axis = axis
        self.range = StableRange(axis)
        self._bounds: tuple[Band | None, float | None, float | None] = (None, None, None)
        self._history = SampleHistory(window_s * 1.1)
        self._frozen: tuple[SampleHistory, float] | None = None
        self._marks: list[Mark] = []
        self._placed: dict[int, Mark] = {}
        self._width = self._height = 0
        self._gutter = 0
        self._rows = 0
        self._ring = ColumnRing(1, window_s, gap_s)
        self._state = 0
        self._drawn: tuple[object, ...] = ()
        self._frame: Frame | None = None
        self._still: Frame | None = None
        self._still_key: tuple[object, ...] = ()

    # What is shown.

    def append(self, time_s: ArrayLike, value: ArrayLike, suspect: ArrayLike | None = None) -> None:
        """Add samples, oldest first: times in seconds, values in the axis' measure, true where suspect."""
        self._history.push(time_s, value, suspect)
        if self._frozen is None:
            self._ring.push(time_s, value, suspect)

    def set_axis(self, axis: Axis) -> None:
        """Write values another way; samples of another measure must be cleared by the caller."""
        self.axis = axis
        self.range = StableRange(axis)
        self._width = 0
        self._state += 1

    def set_window(self, window_s: float) -> None:
        """Show so many seconds; samples that were dropped as older than that must be given again."""
        self.window_s = window_s
        self._history = SampleHistory(window_s * 1.1)
        self._width = 0
        self._state += 1

    def set_band(self, band: Band | None, ceiling: float | None, target: float | None = None) -> None:
        """Show a band, a ceiling and a target; None leaves one out, and so does a value that is not finite."""
        ceiling = ceiling if ceiling is not None and np.isfinite(ceiling) else None
        target = target if target is not None and np.isfinite(target) else None
        if (band, ceiling, target) != self._bounds:
            self._bounds = (band, ceiling, target)
            self._state += 1

    @property
    def band(self) -> Band | None:
        """The band shown; raw counts have none."""
        return self._bounds[0] if self.axis.from_zero else None

    @property
    def ceiling(self) -> float | None:
        """The ceiling shown, in kPa."""
        return self._bounds[1] if self.axis.from_zero else None

    @property
    def target(self) -> float | None:
        """The target shown, in kPa."""
        return self._bounds[2] if self.axis.from_zero else None

    def set_look(self, *, glyphs: Glyphs | None = None, hatched: bool | None = None) -> None:
        """Change the character set, or how the band is shown."""
        self.glyphs = self.glyphs if glyphs is None else glyphs
        self.hatched = self.hatched if hatched is None else hatched
        self._width = 0
        self._state += 1

    def add_mark(self, time_s: float, glyph: str, kind: Kind = Kind.MARK) -> None:
        """Show one character below the trace at a time."""
        if not np.isfinite(time_s):
            return
        mark = Mark(time_s, glyph if _fills_one_cell(glyph) else "?", kind)
        self._marks = [*self._marks[-MARKS_KEPT + 1 :], mark]
        self._place(mark)
        self._state += 1

    def clear(self) -> None:
        """Forget samples and marks; band and axis stay."""
        self._history = SampleHistory(self._history.window_s)
        self._ring.clear()
        self._marks, self._placed = [], {}
        self.range = StableRange(self.axis)
        self._state += 1

    @property
    def frozen(self) -> bool:
        """The view stands still while samples go on being kept."""
        return self._frozen is not None

    def freeze(self, now_s: float) -> None:
        """Stop the view at `now_s`."""
        if self._frozen is None:
            self._frozen = (self._history.copy(), now_s)
            self._state += 1

    def unfreeze(self) -> None:
        """Go on with what has come in since."""
        if self._frozen is not None:
            self._frozen = None
            self._width = 0
            self._state += 1

    # Drawing.

    def draw(self, width: int, height: int, now_s: float) -> Frame:
        """The chart at `now_s`; the same object again as long as nothing changed."""
        if self._frozen is not None:
            now_s = self._frozen[1]
        if not np.isfinite(now_s):
            now_s = 0.0
        width, height = max(width, 1), max(height, 1)
        if (width, height) != (self._width, self._height):
            self._lay_out(width, height)
        newest_cell = self._ring.column_of(now_s) // self.glyphs.columns_per_cell
        waiting = now_s - self._ring.last_good_s > self.gap_s
        self._fit_range(newest_cell, now_s)
        drawn = (self._state, self._ring.version, newest_cell, waiting, self.range.top, self.range.bottom)
        if self._frame is None or drawn != self._drawn:
            self._drawn = drawn
            self._frame = self._compose(newest_cell, now_s)
        return self._frame

    @property
    def gutter(self) -> int:
        """Cells left of the plot."""
        return self._gutter

    @property
    def cell_s(self) -> float:
        """Seconds that one cell holds."""
        return self._ring.column_s * self.glyphs.columns_per_cell

    def _lay_out(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._gutter = self.axis.gutter if width >= NARROWEST_WITH_AXIS else 0
        self._rows = height - (height >= LOWEST_WITH_TIME_ROW) - (height >= LOWEST_WITH_MARK_ROW)
        count = (width - self._gutter) * self.glyphs.columns_per_cell
        self._ring = ColumnRing(count, self.window_s / count, self.gap_s)
        self._ring.push(*(self._frozen[0] if self._frozen else self._history).samples())
        self._placed = {}
        for mark in self._marks:
            self._place(mark)
        self._state += 1
        self._still = None

    def _place(self, mark: Mark) -> None:
        """Give a mark the cell of its time, or a neighbour when that is taken; stop is never covered."""
        cell = int(np.clip(mark.time_s, -1e9, 1e9) // self.cell_s)
        free = next((c for c in (cell, cell + 1, cell - 1) if c not in self._placed), cell)
        if free in self._placed and self._placed[free].kind is Kind.MARK_STOP:
            return
        self._placed[free] = mark

    def _columns(self, newest_cell: int, now_s: float) -> Columns:
        per_cell = self.glyphs.columns_per_cell
        return self._ring.view((newest_cell + 1) * per_cell - 1, self._ring.count, now_s)

    def _fit_range(self, newest_cell: int, now_s: float) -> None:
        columns = self._columns(newest_cell, now_s)
        seen = columns.data
        low, high = (
            (float(columns.lo[seen].min()), float(columns.hi[seen].max())) if seen.any() else (0.0, 0.0)
        )
        if self.axis.from_zero:
            if self.band is not None:
                high = max(high, self.band.upper_kpa, (self.band.upper_interval_kpa or (0.0, 0.0))[1])
            if self.target is not None:
                high = max(high, self.target)
            if self.ceiling is not None and high < self.ceiling <= REACH * max(high, self.axis.floor):
                high = self.ceiling
        elif not seen.any():
            return
        self.range.fit(low, high, now_s)

    def _compose(self, newest_cell: int, now_s: float) -> Frame:
        width, height, gutter, rows = self._width, self._height, self._gutter, self._rows
        still = self._still_parts()
        codes, kinds = still.codes.copy(), still.kinds.copy()
        plot, plot_kinds = codes[:rows, gutter:], kinds[:rows, gutter:]
        if self.target is not None and self._within(self.target):
            row = min(int(self._position(self.target)), rows - 1)
            dashes = raster.dashed(width - gutter, newest_cell, self.glyphs)
            plot[row], plot_kinds[row] = dashes, Kind.TARGET
        columns = self._columns(newest_cell, now_s)
        cells = (-1, self.glyphs.columns_per_cell)
        gap = np.logical_and(columns.gap.reshape(cells).any(axis=1), ~columns.data.reshape(cells).any(axis=1))
        if gap.any():
            pattern = raster.gap_cells(gap, newest_cell, rows, self.glyphs)
            np.copyto(plot, pattern, where=pattern > 0)
            plot_kinds[pattern > 0] = Kind.GAP
        line = raster.trace(columns, self.range.bottom, self.range.top, rows, self.glyphs)
        lit = line > 0
        suspect = lit & columns.suspect.reshape(cells).any(axis=1)
        line[suspect] = raster.suspect_code(self.glyphs)
        np.copyto(plot, line, where=lit)
        np.copyto(plot_kinds, self._trace_kinds(), where=lit)
        plot_kinds[suspect] = Kind.SUSPECT
        if height >= LOWEST_WITH_MARK_ROW:
            self._draw_marks(codes[rows], kinds[rows], newest_cell)
        return Frame(codes, kinds, still.upper, still.lower)

    def _trace_kinds(self) -> NDArray[np.uint8]:
        """The kind of a lit cell in each row, (rows, 1): a filled area is coloured by where it stands to the band."""
        kinds = np.full((self._rows, 1), Kind.TRACE, np.uint8)
        if self.glyphs is Glyphs.BLOCKS and self.band is not None:
            middle = np.arange(self._rows)[:, None] + 0.5
            kinds[:] = Kind.IN_BAND
            kinds[middle > self._position(self.band.lower_kpa)] = Kind.BELOW
            kinds[middle < self._position(self.band.upper_kpa)] = Kind.ABOVE
        return kinds

    def _draw_marks(self, codes: Codes, kinds: NDArray[np.uint8], newest_cell: int) -> None:
        first = newest_cell - (self._width - self._gutter) + 1
        if len(self._placed) > 2 * MARKS_KEPT:
            self._placed = {cell: mark for cell, mark in self._placed.items() if cell >= first}
        for cell, mark in self._placed.items():
            if first <= cell <= newest_cell:
                drawable = self.glyphs is not Glyphs.ASCII or mark.glyph.isascii()
                codes[self._gutter + cell - first] = ord(mark.glyph if drawable else ".")
                kinds[self._gutter + cell - first] = mark.kind

    # The parts that stand still between changes of range, band or size.

    def _position(self, value: float) -> float:
        return float(raster.position(np.array([value]), self.range.bottom, self.range.top, self._rows)[0])

    def _within(self, value: float) -> bool:
        return self.range.bottom <= value <= self.range.top

    def _still_parts(self) -> Frame:
        key = (self._state, self.range.bottom, self.range.top)
        if self._still is None or key != self._still_key:
            self._still_key = key
            self._still = self._draw_still_parts()
        return self._still

    def _draw_still_parts(self) -> Frame:
        width, height, rows = self._width, self._height, self._rows
        codes = np.zeros((height, width), np.uint32)
        kinds = np.zeros((height, width), np.uint8)
        upper, lower = np.zeros(height, np.int64), np.zeros(height, np.int64)
        if self.band is not None:
            lower_edge = self.band.lower_interval_kpa or (self.band.lower_kpa, self.band.lower_kpa)
            upper_edge = self.band.upper_interval_kpa or (self.band.upper_kpa, self.band.upper_kpa)
            levels = raster.band_levels(lower_edge, upper_edge, self.range.bottom, self.range.top, 2 * rows)
            upper[:rows], lower[:rows] = levels[::2], levels[1::2]
            self._draw_band(codes[:rows, self._gutter :], upper[:rows], lower[:rows])
            if self.glyphs is Glyphs.ASCII:
                upper[:rows] = lower[:rows] = (upper[:rows] + lower[:rows] + 1) // 2
        if self.ceiling is not None and self._within(self.ceiling):
            row, code = raster.line_code(self._position(self.ceiling), rows, self.glyphs)
            codes[row, self._gutter :], kinds[row, self._gutter :] = code, Kind.CEILING
        if self._gutter:
            gutter = codes[:rows, : self._gutter], kinds[:rows, : self._gutter]
            margins.draw_axis(*gutter, self._labels(), self.range.bottom, self.range.top, self.glyphs)
        if height >= LOWEST_WITH_TIME_ROW:
            now = self.now_word if self._frozen is None else "view frozen"
            unit = self.axis.label if self._gutter else ""
            margins.draw_time_row(codes[-1], kinds[-1], self._gutter, self.window_s, now, unit, self.glyphs)
        return Frame(codes, kinds, upper, lower)

    def _draw_band(self, plot: Codes, upper: NDArray[np.int64], lower: NDArray[np.int64]) -> None:
        """Characters of the band's empty cells: half blocks where a row is half in, hatching without colour."""
        if not self.hatched:
            if self.glyphs is not Glyphs.ASCII:
                plot[upper < lower] = ord("▄")
                plot[upper > lower] = ord("▀")
            return
        full, soft = (":", ".") if self.glyphs is Glyphs.ASCII else ("░", "·")
        level = upper + lower
        plot[level > 0] = ord(soft)
        plot[level >= 2 * BAND_LEVELS - 1] = ord(full)
        plot[(upper != lower) & (np.abs(upper - lower) == BAND_LEVELS)] = ord(full)

    def _labels(self) -> list[Label]:
        """What is written beside the plot: lines and edges before round values, which make room for them."""
        lines = [(self.ceiling, Kind.AXIS_CEILING), (self.target, Kind.AXIS_TARGET)]
        if self.band is not None:
            lines[1:1] = [(self.band.upper_kpa, Kind.AXIS_BAND), (self.band.lower_kpa, Kind.AXIS_BAND)]
        labels = [Label(value, self.axis.text(value), kind) for value, kind in lines if value is not None]
        values = ticks(self.range.bottom, self.range.top, self.axis.per_unit, max(1, self._rows // 4))
        texts = tick_texts(values, self.axis.per_unit)
        return labels + [Label(value, text, Kind.AXIS) for value, text in zip(values, texts, strict=True)]


def _fills_one_cell(glyph: str) -> bool:
    return (
        len(glyph) == 1
        and glyph.isprintable()
        and not unicodedata.combining(glyph)
        and unicodedata.east_asian_width(glyph) not in "WF"
    )
