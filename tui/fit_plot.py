"""Small plots of a calibration as rows of text: the points and the fitted curve, and what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from firmware_bridge.assessment import Assessment

Floats = NDArray[np.float64]

UP, DOWN, BOTH = "▲", "▼", "◆"
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def fit_rows(found: Assessment, width: int, height: int, *, ascii_only: bool = False) -> list[str]:
    """Counts (vertical) over force: the fitted curve, and the points as ▲ (on the way up), ▼ (down) or ◆ (both)."""
    force = np.linspace(0.0, found.largest_n, 4 * width)
    counts = found.fit.counts(force)
    points = [(p.force_n, p.counts, p.direction) for p in found.points]
    return plot_rows(
        [(force, counts)],
        points,
        width,
        height,
        title=f"counts over N: {found.fit.model}",
        x_end=found.largest_n,
        ascii_only=ascii_only,
    )


def residual_rows(found: Assessment, width: int, height: int, *, ascii_only: bool = False) -> list[str]:
    """Residuals (vertical, N) over force, between two lines that are the stated uncertainty."""
    force = np.linspace(0.0, found.largest_n, 4 * width)
    stated = np.interp(force, found.uncertainty.force_n, found.uncertainty.expanded_n)
    points = [
        (p.force_n, residual, p.direction)
        for p, residual in zip(found.points, found.residuals_n, strict=True)
    ]
    return plot_rows(
        [(force, stated), (force, -stated)],
        points,
        width,
        height,
        title="residual N over N, ± stated",
        x_end=found.largest_n,
        ascii_only=ascii_only,
    )


def plot_rows(
    curves: Sequence[tuple[Floats, Floats]],
    points: Sequence[tuple[float, float, str]],
    width: int,
    height: int,
    *,
    title: str,
    x_end: float,
    ascii_only: bool = False,
) -> list[str]:
    """A plot of `width` by `height` cells, title and axes included.

    Args:
        curves: (x, y) each (n,).
        points: (x, y, direction).
        width: cells, at least 24.
        height: rows, at least 5.
        title: above it.
        x_end: right end of the horizontal axis, which begins at 0.
        ascii_only: no character beyond 7 bits.
    """
    values = np.concatenate([*(y for _, y in curves), [y for _, y, _ in points]])
    low, high = float(values.min()), float(values.max())
    if high <= low:
        low, high = low - 1.0, high + 1.0
    margin = 0.04 * (high - low)
    low, high = low - margin, high + margin
    labels = [_label(v, high - low) for v in (high - margin, (low + high) / 2, low + margin)]
    left = max(map(len, labels)) + 1
    inside, rows = max(width - left - 1, 10), max(height - 3, 2)

    dots = np.zeros((4 * rows, 2 * inside), np.bool_)
    for x, y in curves:
        column = np.clip(np.rint(x / x_end * (2 * inside - 1)), 0, 2 * inside - 1).astype(int)
        row = np.clip(np.rint((high - y) / (high - low) * (4 * rows - 1)), 0, 4 * rows - 1).astype(int)
        dots[row, column] = True
    cells = [
        [_cell(dots[4 * r : 4 * r + 4, 2 * c : 2 * c + 2], ascii_only) for c in range(inside)]
        for r in range(rows)
    ]
    both_mark = "x" if ascii_only else BOTH
    marks = {"up": "^", "down": "v"} if ascii_only else {"up": UP, "down": DOWN}
    for x, y, direction in points:
        column = min(int(x / x_end * (inside - 1) + 0.5), inside - 1)
        row = min(round((high - y) / (high - low) * (4 * rows - 1)) // 4, rows - 1)
        mark, there = marks[direction], cells[row][column]
        both = there in (*marks.values(), both_mark) and there != mark
        cells[row][column] = both_mark if both else mark

    bar, corner, dash = ("|", "+", "-") if ascii_only else ("│", "└", "─")
    at = {0: labels[0], rows // 2: labels[1], rows - 1: labels[2]}
    body = [f"{at.get(r, ''):>{left - 1}} {bar}{''.join(row)}" for r, row in enumerate(cells)]
    end = f"{x_end:.3g} N"
    return [
        f"{'':{left}} {title}"[:width],
        *body,
        f"{'':{left}}{corner}{dash * inside}",
        f"{'':{left}} 0{end:>{inside - 1}}",
    ]


def _cell(dots: NDArray[np.bool_], ascii_only: bool) -> str:
    if not dots.any():
        return " "
    if ascii_only:
        return "."
    return chr(0x2800 + sum(_BITS[r][c] for r in range(4) for c in range(2) if dots[r, c]))


def _label(value: float, span: float) -> str:
    digits = max(0, 2 - int(np.floor(np.log10(span)))) if span > 0 else 0
    return f"{value:+.{min(digits, 4)}f}" if span < 50 else f"{value:.0f}"
