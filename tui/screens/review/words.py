"""The words and figures of a review: one place for how a press, a visit and what was wrong with them are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.comfort import ReportKind
from feedback.signal import Quality
from tui.texts import course_over_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from feedback.history import StoredReport
    from feedback.history.review_rows import PressRow, VisitRow
    from feedback.press import Press
    from feedback.review import ClientCourse
    from feedback.units import PressureUnit

NONE = "–"
SIMULATED = "simulated"
VOID = "void"

_QUALITIES = {
    Quality.SATURATED: "saturated",
    Quality.UNCALIBRATED: "uncalibrated",
    Quality.TARED_UNDER_LOAD: "zero set under load",
    Quality.CLOCK_RESTART: "clock restarted",
}
"""What is said of a press whose samples have such a flag; late and unchecked samples are good enough for figures."""


def flags_of(press: Press, *, void: bool = False) -> list[str]:
    """What is to be known before a press is believed, in words; none for a good one."""
    found = [VOID] if void else []
    found += [words for flag, words in _QUALITIES.items() if press.quality & flag]
    if press.lost:
        found.append(f"{press.lost} lost")
    if press.ended != "release":
        found.append(press.ended)
    return found


def day(at: datetime | None) -> str:
    """The date where the screen is."""
    return NONE if at is None else f"{at.astimezone():%Y-%m-%d}"


def day_and_time(at: datetime) -> str:
    """Date and time of day where the screen is."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def clock_time(at: datetime) -> str:
    """Time of day where the screen is."""
    return f"{at.astimezone():%H:%M:%S}"


def pressure(kpa: float | None, unit: PressureUnit, *, named: bool = False) -> str:
    """A pressure in the user's unit, a dash where there is none."""
    return NONE if kpa is None or kpa != kpa else unit.text(kpa, unit=named)


def edges(lower_kpa: float | None, upper_kpa: float | None, unit: PressureUnit) -> str:
    """A band as `1.80–2.60`."""
    if lower_kpa is None or upper_kpa is None:
        return NONE
    return f"{unit.text(lower_kpa, unit=False)}–{unit.text(upper_kpa, unit=False)}"


def seconds(value: float | None) -> str:
    """`4.2 s`, `1:05` from a minute on."""
    if value is None or value != value:
        return NONE
    return f"{value:.1f} s" if value < 60 else f"{int(value) // 60}:{int(value) % 60:02d}"


def minutes(value: float) -> str:
    """`42 s`, `13 min`."""
    return f"{value:.0f} s" if value < 90 else f"{value / 60:.0f} min"


def number(value: float | None, digits: int = 0, unit: str = "") -> str:
    """A figure with its unit, a dash where there is none."""
    return NONE if value is None or value != value else f"{value:.{digits}f}{unit}"


def from_to(first: int | None, last: int | None) -> str:
    """Ratings before and after: `6→4`."""
    if first is None and last is None:
        return NONE
    return f"{first}→{last}"


def said(kind: ReportKind, rating: int | None) -> str:
    """A report as people say it."""
    return f"{rating}/10" if kind is ReportKind.RATING else kind.words


def said_all(reports: Iterable[StoredReport]) -> str:
    """Everything that was said and stands, in order."""
    return ", ".join(said(report.kind, report.rating) for report in reports if not report.undone)


def press_figures(press: Press, unit: PressureUnit) -> list[tuple[str, str]]:
    """Names and values of what a press measures."""
    return [
        ("Lasted", seconds(press.duration_s)),
        ("Peak", pressure(press.peak_kpa, unit, named=True)),
        ("Hold", hold_words(press, unit)),
        ("Ramp", NONE if press.ramp_kpa_per_s is None else f"{unit.text(press.ramp_kpa_per_s)} a second"),
        ("In band", seconds(press.time_in_band_s)),
        ("Sag", number(press.sag_pct, 0, " %")),
        ("Dose", number(press.dose_ns, 0, " N·s")),
    ]


def hold_words(press: Press, unit: PressureUnit) -> str:
    """Mean pressure and length of the hold."""
    if press.hold_mean_kpa is None or press.hold_start_s is None or press.hold_end_s is None:
        return "none"
    return f"{unit.text(press.hold_mean_kpa)} for {seconds(press.hold_end_s - press.hold_start_s)}"


def visit_line(row: VisitRow) -> str:
    """Who, with what, how long."""
    parts = [f"{row.applicator} {row.tip_area_cm2:g} cm²", minutes(row.duration_s)]
    if row.therapist:
        parts.append(f"by {row.therapist}")
    if row.running:
        parts.append("is running")
    return " · ".join(parts)


def press_name(row: PressRow) -> str:
    """What a press is called in a comparison."""
    return f"{row.point or 'no point'}, {day_and_time(row.started_at)}"


def where_in_the_plan(course: ClientCourse) -> str:
    """The visit of the plan that is next, or that the course is over."""
    if course.over:
        return course_over_text(course.at)
    return course.plan_now.sentence
