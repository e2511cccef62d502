"""What happened during a press, as one list in order of time. Pure, no screen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from feedback.coach.phases import PhaseKind
from tui.report_marks import MARKS
from tui.screens.review import words as w
from tui.screens.review.scrubber import Sign, Span
from tui.screens.review.traces import troubles

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.band import Band
    from feedback.history import StoredReport
    from feedback.history.review_rows import PressDetail
    from feedback.units import PressureUnit
    from tui.screens.review.traces import Trace


class About(StrEnum):
    """What a moment is of."""

    PRESS = "press"
    REPORT = "report"
    PHASE = "phase"
    BAND = "band"
    NOTE = "note"
    EVENT = "event"
    TROUBLE = "flag"
    OLD = "old"
    """What stood there before a correction, or the correction itself."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened.

    Attributes:
        time_s: seconds from the start of the session.
        about: of what kind it is.
        words: for people.
        id: of a report or a note, which can be corrected; None otherwise.
        before: what it said before it was corrected; empty when it was not.
        undone: it was taken back during the session.
        glyph: its character below the trace; empty for none.
        style: of that character, see `StripChart.add_mark`.
    """

    time_s: float
    about: About
    words: str
    id: UUID | None = None
    before: str = ""
    undone: bool = False
    glyph: str = ""
    style: str = ""


def moments_of(detail: PressDetail, trace: Trace, unit: PressureUnit) -> list[Moment]:
    """Everything there is to say of a press, oldest first."""
    press = detail.press.press
    found = [
        Moment(press.start_s, About.PRESS, "pressed on"),
        Moment(press.end_s, About.PRESS, _ended(press.ended), glyph=".", style="quiet"),
    ]
    found += [_report(report, unit) for report in detail.reports]
    for stored in detail.phases:
        phase = stored.phase
        words = f"{phase.kind.value} {phase.round} begins"
        found.append(Moment(phase.start_s, About.PHASE, words))
        found.append(Moment(phase.end_s, About.PHASE, f"{phase.kind.value} {phase.round} ends: {phase.rule}"))
    for band in detail.bands:
        if band.time_s is not None:
            found.append(
                Moment(band.time_s, About.BAND, f"band now {band_words(band.band, band.ceiling_kpa, unit)}")
            )
    for stored in detail.thresholds:
        if not stored.superseded:
            result = stored.threshold
            spread = "" if result.cv_pct is None else f", spread {result.cv_pct:.0f} %"
            least = "at least " if result.at_least else ""
            words = f"threshold {least}{w.pressure(result.mean_kpa, unit, named=True)}{spread}"
            found.append(Moment(result.end_s, About.PHASE, words))
    for note in detail.notes:
        found.append(
            Moment(note.time_s, About.NOTE, f"note: {note.text}", note.id, note.corrected_from or "")
        )
    found += [
        Moment(event.time_s, About.EVENT, f"{event.kind}: {event.text}".rstrip(": "))
        for event in detail.events
    ]
    found += [Moment(at, About.TROUBLE, words) for at, words in troubles(trace)]
    return sorted(found, key=lambda moment: moment.time_s)


def _ended(how: str) -> str:
    return "let go" if how == "release" else f"ended: {how}"


def _report(report: StoredReport, unit: PressureUnit) -> Moment:
    glyph, style = MARKS.get(report.kind, ("", ""))
    if report.rating is not None:
        glyph = "X" if report.rating == 10 else str(report.rating)
    first = report.corrected_from
    at = "" if report.pressure_kpa is None else f" at {unit.text(report.pressure_kpa)}"
    who = "" if report.source in ("", "therapist") else f" ({report.source})"
    words = f"said: {w.said(report.kind, report.rating)}{at}{who}"
    return Moment(
        report.time_s,
        About.REPORT,
        f"{words}, taken back" if report.undone else words,
        report.id,
        w.said(first.kind, first.rating) if first else "",
        report.undone,
        "" if report.undone else glyph,
        style,
    )


def band_words(band: Band | None, ceiling_kpa: float | None, unit: PressureUnit) -> str:
    """A band and its ceiling with their unit."""
    edges = w.edges(band.lower_kpa, band.upper_kpa, unit) if band else "none yet"
    how = f" ({band.source})" if band and band.source else ""
    ceiling = "" if ceiling_kpa is None else f", never above {unit.text(ceiling_kpa, unit=False)}"
    return f"{edges}{how}{ceiling} {unit.label}"


def spans_of(detail: PressDetail) -> list[Span]:
    """The coach's phases, each with its name."""
    return [
        Span(p.phase.start_s, p.phase.end_s, f"{p.phase.kind.value} {p.phase.round}")
        for p in detail.phases
        if p.phase.kind is not PhaseKind.REST
    ]


def signs_of(moments: list[Moment]) -> list[Sign]:
    """What is marked below the trace."""
    return [Sign(m.time_s, m.glyph, m.style) for m in moments if m.glyph]


def bounds_at(detail: PressDetail, time_s: float) -> tuple[Band | None, float | None]:
    """Band and ceiling in force at a time."""
    last = detail.band
    for band in detail.bands:
        if band.time_s is not None and band.time_s <= time_s:
            last = band
    return (last.band, last.ceiling_kpa) if last else (None, detail.press.ceiling_kpa)


def phase_at(detail: PressDetail, time_s: float) -> str:
    """The coach's phase at a time, in words; empty without a coach."""
    for stored in detail.phases:
        phase = stored.phase
        if phase.start_s <= time_s < phase.end_s:
            return f"{phase.kind.value} {phase.round}, {time_s - phase.start_s:.0f} of {phase.lasted_s:.0f} s"
    return ""
