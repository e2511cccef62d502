"""What the screen of a press reads, and its words. No screen here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feedback.band import Band
from tui.screens.review.fields import Field, Level
from tui.screens.review.moments import About, Moment

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.history import History
    from feedback.history.review_rows import Correction, PressDetail
    from feedback.signal import ForceBlock
    from tui.screens.review.traces import Trace

MARGIN_S = 3.0
"""Seconds of signal before and after a press."""

Everything = tuple["PressDetail", "list[ForceBlock]", "dict[UUID, list[Correction]]"]


def read_press(history: History, press_id: UUID) -> Everything:
    """A press, its samples, and what was changed of it: with what was said or noted after it, up to the next press."""
    review = history.review
    detail = review.press(press_id)
    summary = history.session(detail.session.session_id)
    starts_s = sorted(stored.press.start_s for stored in summary.presses)
    start_s = detail.press.press.start_s
    first_s = start_s if starts_s and start_s > starts_s[0] else 0.0
    next_s = next((at for at in starts_s if at > start_s), float("inf"))
    detail = replace(
        detail,
        notes=tuple(note for note in summary.notes if first_s <= note.time_s < next_s),
        reports=tuple(
            report
            for report in summary.reports
            if report.press_id == press_id or (report.press_id is None and first_s <= report.time_s < next_s)
        ),
    )
    changed = {press_id: review.corrections(press_id)}
    for one in (*detail.reports, *detail.notes):
        if one.corrected_from is not None and one.id is not None:
            changed[one.id] = review.corrections(one.id)
    return detail, review.trace(press_id, MARGIN_S), changed


def moment_level(start_s: float, flag: str) -> Level[Moment]:
    """What happened, with its time from the beginning of the press."""
    return Level(
        "What happened",
        "nothing",
        (
            Field("", 7, lambda moment: f"{moment.time_s - start_s:+.1f} s", right=True),
            Field("", 10, lambda moment: moment_words(moment, flag), flexible=True),
        ),
        key=lambda moment: (moment.time_s, moment.about, moment.id or moment.words),
        search=lambda _: "",
        faint=lambda moment: moment.undone,
    )


def moment_words(moment: Moment, flag: str) -> str:
    """A line of the list; a flag stands out, and a corrected word says that it is one."""
    corrected = ", corrected" if moment.before else ""
    return f"{flag} {moment.words}" if moment.about is About.TROUBLE else f"{moment.words}{corrected}"


CHANGED_TO = {"void": "made void", "restored": "restored"}


def value_words(one: Correction) -> str:
    """What a correction put in place."""
    value = one.value
    if "text" in value:
        return str(value["text"])
    rating = value.get("rating")
    return f"{rating}/10" if rating is not None else str(value.get("kind", one.what)).replace("_", " ")


def doubt_words(trace: Trace, at_s: float) -> str:
    """Whether the pressure at a time is to be believed."""
    part = trace.between(at_s - 0.2, at_s)
    return " (not to be trusted)" if trace.suspect[part].any() else ""


def standing_words(kpa: float, band: object, ceiling_kpa: float | None) -> str:
    """Where a pressure stands, in words."""
    if ceiling_kpa is not None and kpa >= ceiling_kpa:
        return "over the ceiling"
    if not isinstance(band, Band):
        return "no band yet"
    if kpa < band.lower_kpa:
        return "below the band"
    return "above the band" if kpa > band.upper_kpa else "in the band"
