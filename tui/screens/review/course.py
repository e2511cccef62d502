"""A client's course: visits against the plan, whether it helps, soreness beside dose, each point in a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.review import words as w
from tui.screens.review.page import PAGE_KEYS, Desk, Page

if TYPE_CHECKING:
    from feedback.review import ClientCourse, PlannedVisit
    from feedback.units import PressureUnit

BAR = 20


class CourseScreen(Page[None]):
    """Everything of the course, to be scrolled.

    Args:
        desk: the open record.
        client_code: whose.
    """

    DEFAULT_CSS = """
    CourseScreen #words { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """
    BINDINGS = [Binding("backspace,q,left", "back", "Back", show=False), *PAGE_KEYS]
    AUTO_FOCUS = "#words"

    def __init__(self, desk: Desk, client_code: str) -> None:
        super().__init__(desk)
        self._code = client_code

    def content(self) -> Iterator[Widget]:
        """The words."""
        with VerticalScroll(id="words"):
            yield Static("", id="text", markup=False)

    def on_mount(self) -> None:
        """Read the course."""
        self.head(f"{self._code} · course")
        desk, code = self.desk, self._code

        def read() -> ClientCourse:
            from feedback.history.courses import latest_course

            return latest_course(desk.history, code, desk.now(), desk.shelf.rules)

        self.fetch("course", read, self._show, desk.figures)

    def _show(self, course: ClientCourse) -> None:
        full = self.desk.sign("■", "#")
        self.query_one("#text", Static).update(course_text(course, self.desk.unit, full))


def course_text(course: ClientCourse, unit: PressureUnit, full: str = "■") -> Text:
    """The course for people; `full` is what bars are made of."""
    text = Text()
    _title(text, w.where_in_the_plan(course))
    plan = course.plan
    weeks = f"{plan.weeks_min}–{plan.weeks_max}" if plan.weeks_min < plan.weeks_max else f"{plan.weeks_max}"
    whose = "" if course.plan_set else " (the usual plan; none was agreed)"
    text.append(f"Plan: {plan.visits} visits over {weeks} weeks{whose}\n")
    if plan.goal:
        text.append(f"Goal: {plan.goal}\n")
    for planned in course.planned:
        text.append(f"  {_planned(planned)}\n")
    _title(text, "Does it help?")
    text.append(f"{course.response.sentence or 'Too little is known yet.'}\n")
    for line in course.response.because:
        text.append(f"  {line}\n")
    if course.response.judged and not course.response.detectable:
        for line in course.response.tried:
            text.append(f"  tried: {line}\n", "dim")
    _title(text, "Soreness beside dose (nothing is concluded from it)")
    _soreness(text, course, full)
    _title(text, "Points")
    for point in course.points:
        last = point.last
        band = w.edges(last.lower_kpa, last.upper_kpa, unit) if last else w.NONE
        real = [
            f"{change.measure.value} {change.verdict.value}"
            for change in point.changes
            if change.verdict.real
        ]
        verdict = "; ".join(real) or ("within error" if point.changes else "too little known")
        text.append(f"  {point.point!s:<32} {len(point.visits):>2} visits  band {band:<11} {verdict}\n")
    if not course.points:
        text.append("  none yet\n")
    text.right_crop(1)
    return text


def _title(text: Text, title: str) -> None:
    text.append(f"{chr(10) if len(text) else ''}{title}\n", "bold")


def _planned(planned: PlannedVisit) -> str:
    if planned.earliest is None or planned.latest is None:
        later = "beyond the plan" if planned.given else "counted from the first"
        when = later if planned.number > 1 else "first visit"
    else:
        first, last = w.day(planned.earliest), w.day(planned.latest)
        when = first if first == last else f"{first} to {last}"
    timing = f", {planned.timing.value}" if planned.timing else ""
    given = f"given {w.day(planned.given)}{timing}" if planned.given else "not given yet"
    return f"visit {planned.number:<2} {when:<26} {given}"


def _soreness(text: Text, course: ClientCourse, full: str) -> None:
    most = max((pair.visit.dose_ns for pair in course.soreness), default=0.0)
    for pair in course.soreness:
        visit = pair.visit
        bar = full * max(1, round(visit.dose_ns / most * BAR)) if most > 0 else ""
        told = "not told"
        if pair.told:
            last = pair.told[-1]
            hours = "" if last.hours_after is None else f", {last.hours_after:.0f} h after"
            told = f"sore {last.rating}/10{hours}"
        pain = "" if visit.pain_now is None else f"  pain {visit.pain_now}"
        text.append(f"  {w.day(visit.at)}  {visit.dose_ns:>6.0f} N·s {bar:<{BAR}} {told}{pain}\n")
    if not course.soreness:
        text.append("  nothing was pressed yet\n")
