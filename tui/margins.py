"""What stands round a strip chart's plot: the labels of its axis, and the times below it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui import raster
from tui.raster import Codes, Glyphs, Kind

Kinds = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Label:
    """A value written beside the plot, at its height."""

    value: float
    text: str
    kind: Kind


def draw_axis(
    codes: Codes, kinds: Kinds, labels: list[Label], bottom: float, top: float, glyphs: Glyphs
) -> None:
    """Write labels, the most important first, into the gutter; those that would touch a written one are left out.

    Args:
        codes: (rows, gutter), written to.
        kinds: the same shape, written to.
        labels: `Kind.AXIS` labels keep a row's distance from others.
        bottom: value at the bottom edge.
        top: value at the top edge.
        glyphs: character set.
    """
    rows, gutter = codes.shape
    bar, tick = ("|", "+") if glyphs is Glyphs.ASCII else ("│", "┤")
    codes[:, -1], kinds[:] = ord(bar), Kind.AXIS
    taken: set[int] = set()
    for label in labels:
        if not bottom <= label.value <= top or len(label.text) >= gutter:
            continue
        row = min(int(raster.position(np.array([label.value]), bottom, top, rows)[0]), rows - 1)
        near = {row - 1, row, row + 1} if label.kind is Kind.AXIS else {row}
        if not near & taken:
            taken.add(row)
            _write(codes[row], kinds[row], 0, f"{label.text:>{gutter - 1}}{tick}", label.kind)


def draw_time_row(
    codes: Codes, kinds: Kinds, gutter: int, window_s: float, now: str, unit: str, glyphs: Glyphs
) -> None:
    """Write how long ago each part of the plot was, and the axis' unit below the axis.

    Args:
        codes: (width,), one row, written to.
        kinds: the same.
        gutter: cells of the axis.
        window_s: seconds from the plot's left edge to its right edge.
        now: what to call the right edge.
        unit: name of the unit; may be empty.
        glyphs: character set.
    """
    unit = unit.replace("²", "2") if glyphs is Glyphs.ASCII else unit
    _write(codes, kinds, 0, unit[: max(gutter - 1, 0)], Kind.AXIS)
    width = len(codes) - gutter
    free = len(codes)
    if len(now) <= width:
        free -= len(now)
        _write(codes, kinds, free, now, Kind.AXIS)
    step = 5 if width >= 60 else 10
    while window_s / step > max(1, width // 10):
        step *= 2
    for seconds in range(step, int(window_s), step):
        text = f"{seconds} s"
        start = len(codes) - round(seconds / window_s * width) - len(text) // 2 - 1
        if start >= gutter and start + len(text) < free:
            free = start
            _write(codes, kinds, start, text, Kind.AXIS)


def _write(codes: Codes, kinds: Kinds, start: int, text: str, kind: Kind) -> None:
    codes[start : start + len(text)] = [ord(character) for character in text]
    kinds[start : start + len(text)] = kind
