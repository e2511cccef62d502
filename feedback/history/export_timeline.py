"""What happened in a session, one moment after the other: for files of signals that carry events beside them.

Free text of people (notes, the reasons of corrections) is not among it: such files are made to be shared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from feedback.history.export_grid import stretches

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from numpy.typing import NDArray

    from feedback.history.export_grid import GridBlock
    from feedback.history.records import SessionSummary

FREE_TEXT = frozenset({"note"})
"""Kinds of events that hold what people typed."""
GAP = "gap"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, or was the case, in a session.

    Attributes:
        onset_s: from the start of the session.
        duration_s: 0 for a moment.
        kind: `press`, `void press`, `report`, `phase`, `threshold`, `point`, `band`, `gap`, or that of an event.
        text: in a few words.
        point: the trigger point; empty when none is known.
        rating: 0 to 10, of a report that is one.
        pressure_kpa: at a report, the largest of a press, the mean of a phase or threshold.
    """

    onset_s: float
    duration_s: float
    kind: str
    text: str
    point: str = ""
    rating: int | None = None
    pressure_kpa: float | None = None


def timeline(session: SessionSummary) -> list[Moment]:
    """All of a session but its gaps, as corrected, in order; without reports that were taken back.

    Gaps are found in the samples by whoever writes them.
    """

    def point(point_id: UUID | None) -> str:
        found = session.points.get(point_id) if point_id is not None else None
        return "" if found is None else str(found)

    found = [
        Moment(
            stored.press.start_s,
            stored.press.end_s - stored.press.start_s,
            "void press" if stored.void else "press",
            stored.press.ended,
            point(stored.point_id),
            pressure_kpa=finite(stored.press.peak_kpa),
        )
        for stored in session.presses
    ]
    found += [
        Moment(
            report.time_s,
            0.0,
            "report",
            f"{report.rating}/10" if report.rating is not None else report.kind.words,
            point(report.point_id),
            report.rating,
            finite(report.pressure_kpa),
        )
        for report in session.reports
        if not report.undone
    ]
    for stored in session.phases:
        phase = stored.phase
        text = f"{phase.technique}: {phase.kind} {phase.round}"
        mean = finite(phase.pressure_kpa)
        found.append(Moment(phase.start_s, phase.lasted_s, "phase", text, point(stored.point_id), None, mean))
    for stored in session.thresholds:
        threshold = stored.threshold
        lasted = threshold.end_s - threshold.start_s
        if not stored.superseded:
            text = f"{threshold.technique}{': at least' if threshold.at_least else ''}"
            mean = finite(threshold.mean_kpa)
            found.append(
                Moment(threshold.start_s, lasted, "threshold", text, point(stored.point_id), None, mean)
            )
    found += [Moment(c.time_s, 0.0, "point", "chosen", point(c.point_id)) for c in session.point_changes]
    for stored in session.bands:
        if stored.time_s is not None:
            edges = f"{stored.band.lower_kpa:.1f} to {stored.band.upper_kpa:.1f}" if stored.band else "none"
            ceiling = "" if stored.ceiling_kpa is None else f", ceiling {stored.ceiling_kpa:.1f}"
            found.append(Moment(stored.time_s, 0.0, "band", f"{edges}{ceiling} kPa", point(stored.point_id)))
    found += [
        Moment(event.time_s, 0.0, event.kind, event.text)
        for event in session.events
        if event.kind != GAP and event.kind not in FREE_TEXT
    ]
    return in_order(found)


class Holes:
    """Where a regular grid has no sample, no force, or one at the converter's limit; gathered block by block."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._last: dict[str, int] = {}

    def add(self, block: GridBlock) -> None:
        """Take the next block; a stretch that goes on from the one before stays one."""
        missing = np.isnan(block.sample_s)
        self._stretches(block, missing, GAP, "no samples")
        self._stretches(block, block.no_force & ~missing, "no force", "no calibration")
        self._stretches(
            block, block.saturated, "saturated", "at least this much: the converter was at its limit"
        )

    def _stretches(self, block: GridBlock, where: NDArray[np.bool_], kind: str, text: str) -> None:
        for first, stop in stretches(where):
            onset_s, duration_s = block.start_s + first / block.rate_hz, (stop - first) / block.rate_hz
            at = self._last.get(kind)
            before = None if at is None else self.moments[at]
            if (
                at is not None
                and before is not None
                and abs(before.onset_s + before.duration_s - onset_s) < 0.5 / block.rate_hz
            ):
                self.moments[at] = replace(before, duration_s=onset_s + duration_s - before.onset_s)
            else:
                self._last[kind] = len(self.moments)
                self.moments.append(Moment(onset_s, duration_s, kind, text))


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """By time, and those of one time always the same way round."""
    return sorted(moments, key=lambda moment: (moment.onset_s, moment.kind, moment.text, moment.duration_s))


def finite(value: float | None) -> float | None:
    """The number, or None where it is none."""
    return value if value is not None and math.isfinite(value) else None
