"""One press as it went: pressure over time, with the band of that moment and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from feedback.comfort import ReportKind
from feedback.signal import NOT_A_FORCE
from feedback.units import pressure_kpa_of
from tui.report.frame import Frame
from tui.report.svg import XY, Scale, tick_text, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from feedback.history.records import StoredBand, StoredPress, StoredReport
    from feedback.press import Press
    from feedback.signal import ForceBlock
    from tui.report.words import Words

_COLUMNS = 240
_HEIGHT = 196.0
_LABEL_ROOM = 46.0


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What a chart of a press shows.

    Attributes:
        press: as stored; its times count from the start of the session.
        blocks: samples around it, on the same clock.
        bands: in force from their `time_s` on, the first at or before the beginning.
        reports: said during it, as corrected, without those taken back.
        tip_area_cm2: contact area.
    """

    press: StoredPress
    blocks: Sequence[ForceBlock]
    bands: Sequence[StoredBand]
    reports: Sequence[StoredReport]
    tip_area_cm2: float


def margin_s(press: Press) -> float:
    """So much is shown before and after a press: a short one is not lost between its neighbours."""
    return min(1.5, 0.3 + 0.1 * press.duration_s)


def said(report: StoredReport) -> str:
    """A report in a word: the number of a rating, else what was said."""
    return str(report.rating) if report.kind is ReportKind.RATING else report.kind.words


def trace_chart(name: str, title: str, trace: Trace, words: Words, limit: str = "ceiling") -> Markup:
    """Draw it, the ceiling under the name `limit`; where there is no good sample there is no line."""
    press, unit = trace.press.press, words.unit
    start_s, end_s = press.start_s - margin_s(press), press.end_s + margin_s(press)
    lines = [_line(block, trace.tip_area_cm2) for block in trace.blocks]
    ceiling_kpa = trace.press.ceiling_kpa
    tops = [float(np.nanmax(kpa)) for _, kpa in lines if np.isfinite(kpa).any()]
    tops += [band.band.upper_kpa for band in trace.bands if band.band]
    top_kpa = max([*tops, 10.0])
    if ceiling_kpa is not None and ceiling_kpa <= 1.6 * top_kpa:
        top_kpa = max(top_kpa, ceiling_kpa)
    frame = Frame(0, unit.from_kpa(top_kpa) * 1.02, unit.label, height=_HEIGHT)
    svg = frame.svg
    x = Scale(start_s, end_s, frame.left, frame.right)

    def y(kpa: float) -> float:
        return frame.y(unit.from_kpa(kpa))

    for stored, until_s in _steps(trace.bands, end_s):
        if stored.band is None:
            continue
        first, last = x(max(stored.time_s or start_s, start_s)), x(until_s)
        upper, lower = y(stored.band.upper_kpa), y(stored.band.lower_kpa)
        svg.rect(first, upper, last - first, lower - upper, "band")
        svg.line(first, upper, last, upper, "edge thin upper")
        svg.line(first, lower, last, lower, "edge thin lower")
    if ceiling_kpa is not None and ceiling_kpa <= top_kpa:
        svg.line(frame.left, y(ceiling_kpa), frame.right, y(ceiling_kpa), "ceiling")
        svg.text(frame.right - 3, y(ceiling_kpa) - 4, limit, "hint ceiling-word", "end")
    for time_s, kpa in lines:
        for points in _pieces(time_s, kpa, x, y):
            svg.way(points, "trace")
    marks = ticks(0, press.duration_s, 6)
    for mark in marks:
        place = x(press.start_s + mark)
        if place <= frame.right + 0.5:
            svg.line(place, frame.bottom, place, frame.bottom + 4, "axis")
            svg.text(place, frame.bottom + 17, tick_text(mark, marks), "tick", "middle")
    svg.text(frame.right, frame.bottom + 32, "seconds", "tick", "end")
    taken: list[float] = []
    for report in trace.reports:
        if report.pressure_kpa is None:
            continue
        place, height = x(report.time_s), y(report.pressure_kpa)
        svg.dot(place, height, 4.5, "mark said", said(report))
        row = _row(taken, place)
        anchor = "end" if place > frame.right - 30 else "start" if place < frame.left + 30 else "middle"
        svg.text(place, max(frame.top - 4, height - 9 - 13 * row), said(report), "word", anchor)
    return svg.markup(name, title, description(trace, words))


def description(trace: Trace, words: Words) -> str:
    """The press in a sentence or two."""
    press = trace.press.press
    parts = [f"{press.duration_s:.0f} seconds, at most {words.pressure(press.peak_kpa)}"]
    if press.hold_mean_kpa is not None:
        parts.append(f"held at {words.pressure(press.hold_mean_kpa)}")
    if trace.press.lower_kpa is not None:
        parts.append(f"band {words.range(trace.press.lower_kpa, trace.press.upper_kpa)}")
    if trace.reports:
        parts.append("said: " + ", ".join(said(report) for report in trace.reports))
    return "; ".join(parts) + "."


def _line(block: ForceBlock, tip_area_cm2: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    kpa = block.force_n.astype(np.float64) * pressure_kpa_of(1.0, tip_area_cm2)
    # At the converter's limit the true pressure is higher, and uncalibrated there is none.
    kpa[(block.quality & int(NOT_A_FORCE)) != 0] = np.nan
    return block.time_s, kpa


def _pieces(time_s: NDArray[np.float64], kpa: NDArray[np.float64], x: Scale, y: object) -> list[list[XY]]:
    """The line as drawn: for each column the least and the largest value in their order, broken where none is good."""
    place = y  # a function from kPa to the drawing
    found: list[list[XY]] = []
    if not len(time_s):
        return found
    columns = ((time_s - x.low) / (x.high - x.low) * _COLUMNS).astype(np.int64)
    steps_s = np.diff(time_s)
    silence_s = 3.5 * float(np.median(steps_s)) if len(steps_s) else 0.0
    piece: list[XY] = []
    cuts = np.flatnonzero(np.diff(columns)) + 1
    for rows in np.split(np.arange(len(time_s)), cuts):
        good = rows[np.isfinite(kpa[rows])]
        gap = rows[0] > 0 and time_s[rows[0]] - time_s[rows[0] - 1] > max(silence_s, 0.15)
        if piece and (gap or not len(good)):
            found.append(piece)
            piece = []
        if len(good):
            ends = sorted({int(good[np.argmin(kpa[good])]), int(good[np.argmax(kpa[good])])})
            piece += [(x(float(time_s[row])), place(max(0.0, float(kpa[row])))) for row in ends]  # type: ignore[operator]
    if piece:
        found.append(piece)
    return found


def _steps(bands: Sequence[StoredBand], end_s: float) -> list[tuple[StoredBand, float]]:
    """Each band with the time until which it was in force."""
    found: list[tuple[StoredBand, float]] = []
    for index, band in enumerate(bands):
        until_s = bands[index + 1].time_s if index + 1 < len(bands) else None
        found.append((band, end_s if until_s is None else min(until_s, end_s)))
    return found


def _row(taken: list[float], place: float) -> int:
    """In which row above its dot a word stands, so that it does not lie on the one before."""
    near = bool(taken) and place - taken[-1] < _LABEL_ROOM
    row = 0
    if near:
        back = [p for p in taken[-2:] if place - p < _LABEL_ROOM]
        row = len(back)
    taken.append(place)
    return row
