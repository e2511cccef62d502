"""A learning curve as characters: attempts one after the other, or days as they lie apart. No screen here.

Blind tests are characters of their own (◆ inside the tolerance, ◇ outside) with their middle as a line; practice is a
fine line of dots; the drill's tolerance is a dashed line. What is missing is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from tui import margins, raster
from tui.columns import Columns
from tui.margins import Label
from tui.raster import Codes, Glyphs, Kind
from tui.scale import nice_top, tick_texts, ticks

GUTTER = 6
WIDEST = 4
"""Cells between two attempts at most: a few attempts do not need the whole window."""
LOWEST_WITH_STEPS = 7
LEAST_TOP = 20.0
MOST_TOP = 100.0
"""In per cent: the scale never shows less or more, and what lies beyond is drawn at its edge."""


class Along(StrEnum):
    """What the curve runs along."""

    ATTEMPTS = "attempts"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Dot:
    """One attempt.

    Attributes:
        day: when.
        value: in per cent; None leaves it out but keeps its place.
        test: a blind test, to be marked.
        inside: whether it was inside the tolerance; None if it cannot be told.
        step: what it was for, one word.
    """

    day: date
    value: float | None
    test: bool
    inside: bool | None
    step: str


@dataclass(frozen=True, slots=True)
class Signs:
    """The characters of one set: blind inside, blind outside, practice, the middle of a block, a new day."""

    inside: str
    outside: str
    seen: str
    middle: str
    day: str


def signs_of(glyphs: Glyphs) -> Signs:
    """What stands for what, also for a legend."""
    return Signs("#", "o", ".", "-", ":") if glyphs is Glyphs.ASCII else Signs("◆", "◇", "•", "─", "┊")


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn.

    Attributes:
        dots: attempts, oldest first.
        line: a value to be drawn across (the tolerance), in per cent; None for none.
        signed: values lie on both sides of 0, which is drawn as a line.
        along: see `Along`.
    """

    dots: tuple[Dot, ...]
    line: float | None = None
    signed: bool = False
    along: Along = Along.ATTEMPTS


@dataclass(frozen=True, slots=True)
class Picture:
    """Characters, uint32 (height, width), and the `Kind` of each, uint8."""

    codes: Codes
    kinds: NDArray[np.uint8]


def draw(curve: Curve, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The curve in so many cells."""
    codes = np.zeros((max(height, 1), max(width, 1)), np.uint32)
    kinds = np.zeros(codes.shape, np.uint8)
    gutter = GUTTER if width >= 4 * GUTTER else 0
    rows = height - (height >= LOWEST_WITH_STEPS) - (height > 3)
    if rows < 1 or width - gutter < 4:
        return Picture(codes, kinds)
    bottom, top = _range(curve)
    canvas = _Canvas(codes[:rows, gutter:], kinds[:rows, gutter:], bottom, top, glyphs)
    if curve.signed:
        canvas.across(0.0, Kind.AXIS, dashed=False)
    if curve.line is not None:
        for value in (curve.line, -curve.line) if curve.signed else (curve.line,):
            canvas.across(value, Kind.TARGET, dashed=True)
    places = _places(curve, width - gutter)
    if curve.along is Along.DAYS:
        _draw_days(canvas, curve, places)
    else:
        _draw_attempts(canvas, curve, places)
    if gutter:
        _draw_axis(codes[:rows, :gutter], kinds[:rows, :gutter], curve, bottom, top, glyphs)
    below = [_dates(curve, places)]
    if height >= LOWEST_WITH_STEPS:
        below.insert(0, _steps(curve, places) if curve.along is Along.ATTEMPTS else [])
    for row, words in zip(range(rows, height), below, strict=False):
        _write(codes[row, gutter:], kinds[row, gutter:], words)
    return Picture(codes, kinds)


class _Canvas:
    """The plot itself: values become rows, cells are written once or over what is fainter."""

    def __init__(
        self, codes: Codes, kinds: NDArray[np.uint8], bottom: float, top: float, glyphs: Glyphs
    ) -> None:
        self.codes, self.kinds = codes, kinds
        self.bottom, self.top, self.glyphs = bottom, top, glyphs
        self.signs = signs_of(glyphs)
        self.rows, self.width = codes.shape

    def row(self, value: float) -> int:
        return min(int(self.position(value)), self.rows - 1)

    def position(self, value: float) -> float:
        return float(raster.position(np.array([value]), self.bottom, self.top, self.rows)[0])

    def across(self, value: float, kind: Kind, *, dashed: bool) -> None:
        if not self.bottom <= value <= self.top:
            return
        row, code = raster.line_code(self.position(value), self.rows, self.glyphs)
        if dashed:
            self.codes[row], self.kinds[row] = raster.dashed(self.width, 0, self.glyphs), kind
        else:
            self.codes[row], self.kinds[row] = code, kind

    def put(self, x: int, row: int, character: str, kind: Kind, *, over: bool = True) -> None:
        if 0 <= x < self.width and (over or self.kinds[row, x] in (Kind.BLANK, Kind.TARGET, Kind.AXIS)):
            self.codes[row, x], self.kinds[row, x] = ord(character), kind

    def line(self, x: NDArray[np.float64], value: NDArray[np.float64]) -> None:
        """A fine line through points; x in cells."""
        if self.glyphs is not Glyphs.BRAILLE:
            for at, height in zip(x, value, strict=True):
                self.put(int(at), self.row(float(height)), self.signs.seen, Kind.TRACE)
            return
        per_cell = self.glyphs.columns_per_cell
        count = self.width * per_cell
        # Four times as fine as the columns, so that a steep stretch is joined and no attempt falls between two.
        fine = np.union1d(np.arange(x[0] * per_cell, x[-1] * per_cell, 0.25), x * per_cell)
        heights = np.interp(fine, x * per_cell, value)
        column = np.clip(fine.astype(np.int64), 0, count - 1)
        lo, hi = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(lo, column, heights)
        np.maximum.at(hi, column, heights)
        data = np.isfinite(lo)
        lo, hi = np.where(data, lo, np.nan), np.where(data, hi, np.nan)
        nothing = np.zeros(count, np.bool_)
        columns = Columns(lo, hi, hi, data, nothing, nothing)
        drawn = raster.trace(columns, self.bottom, self.top, self.rows, self.glyphs)
        np.copyto(self.codes, drawn, where=drawn > 0)
        self.kinds[drawn > 0] = Kind.TRACE


def _range(curve: Curve) -> tuple[float, float]:
    values = [abs(dot.value) for dot in curve.dots if dot.value is not None]
    need: float = max([LEAST_TOP, *values, 1.2 * (curve.line or 0.0)])
    top = min(nice_top(need * 1.02), MOST_TOP)
    return (-top, top) if curve.signed else (0.0, top)


def _places(curve: Curve, width: int) -> list[float]:
    """Where each attempt lies, in cells from the left, never quite at the right edge."""
    dots = curve.dots
    if curve.along is Along.ATTEMPTS:
        step = min(width / max(len(dots), 1), WIDEST)
        return [(number + 0.5) * step for number in range(len(dots))]
    first = dots[0].day if dots else date.min
    days = max((dots[-1].day - first).days, 1) if dots else 1
    return [1 + (dot.day - first).days / days * (width - 3) for dot in dots]


def _draw_attempts(canvas: _Canvas, curve: Curve, places: Sequence[float]) -> None:
    days = [dot.day for dot in curve.dots]
    for before, after, left, right in zip(days, days[1:], places, places[1:], strict=False):
        if before != after:
            for row in range(canvas.rows):
                canvas.put(int((left + right) / 2), row, canvas.signs.day, Kind.AXIS, over=False)
    pairs = [(dot, x, dot.value) for dot, x in zip(curve.dots, places, strict=True) if dot.value is not None]
    for (test, *_), run in groupby(pairs, key=lambda pair: (pair[0].test, pair[0].step, pair[0].day)):
        group = list(run)
        xs, values = np.array([x for _, x, _ in group]), np.array([v for _, _, v in group])
        if not test:
            canvas.line(xs, values)
            continue
        row = canvas.row(float(np.median(values)))
        for x in range(int(xs[0]), int(xs[-1]) + 1):
            canvas.put(x, row, canvas.signs.middle, Kind.MARK_QUIET)
        for dot, x, value in group:
            canvas.put(int(x), canvas.row(value), _sign(canvas, dot.inside), _kind(dot.inside))


def _draw_days(canvas: _Canvas, curve: Curve, places: Sequence[float]) -> None:
    """Of each day the middle of what was blind with its span, and of what was seen."""
    pairs = [
        (dot, int(x), dot.value) for dot, x in zip(curve.dots, places, strict=True) if dot.value is not None
    ]
    for test in (False, True):
        mine = [pair for pair in pairs if pair[0].test is test]
        for x, run in groupby(mine, key=lambda pair: pair[1]):
            group = list(run)
            values = [value for _, _, value in group]
            row = canvas.row(float(np.median(values)))
            if not test:
                canvas.put(x, row, canvas.signs.seen, Kind.TRACE)
                continue
            bar = "|" if canvas.glyphs is Glyphs.ASCII else "│"
            for between in range(canvas.row(max(values)), canvas.row(min(values)) + 1):
                canvas.put(x, between, bar, Kind.MARK_QUIET, over=True)
            inside = 2 * sum(dot.inside is True for dot, _, _ in group) > len(group)
            canvas.put(x, row, _sign(canvas, inside), _kind(inside))


def _sign(canvas: _Canvas, inside: bool | None) -> str:
    return canvas.signs.inside if inside else canvas.signs.outside


def _kind(inside: bool | None) -> Kind:
    return Kind.IN_BAND if inside else Kind.MARK


def _draw_axis(
    codes: Codes, kinds: NDArray[np.uint8], curve: Curve, bottom: float, top: float, glyphs: Glyphs
) -> None:
    values = ticks(bottom, top, 1.0, max(1, codes.shape[0] // 3))
    texts = tick_texts(values, 1.0)
    if curve.signed:
        texts = [f"+{text}" if value > 0 else text for value, text in zip(values, texts, strict=True)]
    labels = [Label(value, text, Kind.AXIS) for value, text in zip(values, texts, strict=True)]
    if curve.line is not None:
        labels.insert(0, Label(curve.line, f"{curve.line:.0f} %", Kind.AXIS_TARGET))
    margins.draw_axis(codes, kinds, labels, bottom, top, glyphs)


_Words = list[tuple[int, int, str]]
"""Place, room and text of what is written below the plot."""


def _steps(curve: Curve, places: Sequence[float]) -> _Words:
    return list(_spans([dot.step for dot in curve.dots], places))


def _dates(curve: Curve, places: Sequence[float]) -> _Words:
    # A date that is cut short is a lie: for want of room the next one is left out instead.
    words = _spans([f"{dot.day.day} {dot.day:%b}" for dot in curve.dots], places)
    return [(x, len(text) + 1, text) for x, _, text in words]


def _spans(names: Sequence[str], places: Sequence[float]) -> Iterator[tuple[int, int, str]]:
    """Each run of one name: where it begins, its room up to the next run, the name."""
    runs: list[tuple[int, str]] = []
    start = 0
    for name, group in groupby(names):
        runs.append((int(places[start]), name))
        start += len(list(group))
    last = int(places[-1]) + WIDEST + 12 if places else 0
    for (x, name), (following, _) in zip(runs, [*runs, (last, "")][1:], strict=True):
        yield x, following - x, name


def _write(codes: Codes, kinds: NDArray[np.uint8], words: _Words) -> None:
    free = 0
    for x, room, text in words:
        x = min(x, len(codes) - len(text)) if x + len(text) > len(codes) else x
        shown = text if room > len(text) else text[: max(room - 1, 1)]
        if x < free or x < 0:
            continue
        shown = shown[: len(codes) - x]
        codes[x : x + len(shown)] = [ord(character) for character in shown]
        kinds[x : x + len(shown)] = Kind.AXIS
        free = x + len(shown) + 1
