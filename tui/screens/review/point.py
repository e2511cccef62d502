"""One point over time: bands, thresholds, ratings, time in band, dose; what changed beyond error; both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from feedback.review import PRESSURES, Change, Measure, SideDifference, sides_of
from tui.screens.review import words as w
from tui.screens.review.course_chart import CourseChart
from tui.screens.review.page import PAGE_KEYS, Desk, Page

if TYPE_CHECKING:
    from feedback.points import Point
    from feedback.review import Mdc, PointCourse, PointVisit
    from feedback.units import PressureUnit


class PointScreen(Page[None]):
    """A chart of the bands, a row for each visit, what may be said of the change.

    Args:
        desk: the open record.
        client_code: whose.
        point: which point.
    """

    DEFAULT_CSS = """
    PointScreen CourseChart { height: 40%; min-height: 6; }
    PointScreen #words { height: 1fr; padding: 0 1; border-top: solid $panel; scrollbar-size-vertical: 1; }
    PointScreen.-short CourseChart { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-normal"), (34, "-tall")]
    BINDINGS = [Binding("backspace,q,left", "back", "Back", show=False), *PAGE_KEYS]
    AUTO_FOCUS = "#words"

    def __init__(self, desk: Desk, client_code: str, point: Point) -> None:
        super().__init__(desk)
        self._code = client_code
        self._point = point
        self._chart = CourseChart(desk.unit, desk.glyphs, id="course")

    def content(self) -> Iterator[Widget]:
        """The chart, the words."""
        yield self._chart
        with VerticalScroll(id="words"):
            yield Static("", id="text", markup=False)

    def on_mount(self) -> None:
        """Read all points of the client: the other side is one of them."""
        self.head(f"{self._code} · {self._point} · over time")
        desk, code = self.desk, self._code

        def read() -> list[PointCourse]:
            from feedback.history.courses import point_courses

            return point_courses(desk.history, code, desk.shelf.rules)

        self.fetch("course", read, self._show, desk.figures)

    def _show(self, courses: list[PointCourse]) -> None:
        course = next((one for one in courses if one.point == self._point), None)
        text = self.query_one("#text", Static)
        if course is None or not course.visits:
            text.update("Nothing that counts was pressed at this point yet.")
            return
        self._chart.show_visits(course.visits)
        sides = [
            side
            for side in sides_of(courses, self.desk.shelf.rules)
            if _same_but_side(side.point, self._point)
        ]
        text.update(point_text(course, sides, self.desk.unit, self.size.width - 3))


def _same_but_side(one: Point, other: Point) -> bool:
    return (one.muscle, one.label) == (other.muscle, other.label)


def point_text(course: PointCourse, sides: Sequence[SideDifference], unit: PressureUnit, width: int) -> Text:
    """Visits as rows, then changes, then both sides."""
    text = Text()
    text.append(f"{_row(_HEADS, width)}\n", "bold dim")
    for visit in reversed(course.visits):
        text.append(f"{_row(_cells(visit, unit), width)}\n")
    text.append("\nFrom the first visit to the last with the same tip\n", "bold")
    if not course.changes:
        text.append("Nothing was measured at two visits with the same tip.\n")
    for change in course.changes:
        _add(text, change.verdict.value, change_figures(change, unit), change.sentence, change.mdc, unit)
    if sides:
        text.append("\nLeft against right\n", "bold")
    for side in sides:
        figures = (
            f"left {unit.text(side.left)}, right {unit.text(side.right)} on {w.day(side.at)}, {side.tip}"
        )
        _add(text, side.verdict.value, f"{side.measure.value}: {figures}", side.sentence, side.mdc, unit)
    text.right_crop(1)
    return text


_HEADS = ("visit", "tip", "band", "threshold", "rated", "in band", "dose", "press")
_WIDTHS = (10, 12, 11, 16, 5, 7, 8, 5)


def _row(cells: Sequence[str], width: int) -> str:
    """Cells side by side; where there is no room the presses are left out first, then the tip, then the dose."""
    left_out = {column for column, least in ((7, 81), (1, 75), (6, 62)) if width < least}
    return " ".join(
        f"{cell[:n]:<{n}}"
        for i, (cell, n) in enumerate(zip(cells, _WIDTHS, strict=True))
        if i not in left_out
    ).rstrip()


def _cells(visit: PointVisit, unit: PressureUnit) -> tuple[str, ...]:
    share = visit.time_in_band_share
    return (
        w.day(visit.at),
        f"{'sim ' if visit.simulated else ''}{visit.tip}",
        w.edges(visit.lower_kpa, visit.upper_kpa, unit),
        threshold_words(visit, unit),
        w.from_to(visit.rating_before, visit.rating_after)
        if visit.rating_after is not None
        else w.number(visit.rating_before),
        w.NONE if share is None else f"{share:.0%}",
        w.number(visit.dose_ns, 0, " N·s"),
        str(visit.presses),
    )


def threshold_words(visit: PointVisit, unit: PressureUnit) -> str:
    """Mean, number of repeats, their spread: `1.84 (3×, 4 %)`."""
    taken = visit.threshold
    if taken is None:
        return w.NONE
    least = "≥" if taken.at_least else ""
    spread = "" if taken.cv_pct is None else f", {taken.cv_pct:.0f} %"
    return f"{least}{unit.text(taken.mean_kpa, unit=False)} ({taken.repeats}×{spread})"


def change_figures(change: Change, unit: PressureUnit) -> str:
    """`threshold: 1.63 → 3.52 kg/cm² (+1.89)`, with the days."""
    before, after = (value_words(change.measure, value, unit) for value in (change.before, change.after))
    sign = "+" if change.difference > 0 else "−" if change.difference < 0 else "±"
    difference = value_words(change.measure, abs(change.difference), unit)
    days = (
        f", {w.day(change.before_at)} to {w.day(change.after_at)}"
        if change.before_at and change.after_at
        else ""
    )
    tip = f", {change.tip}" if change.tip else ""
    least = "at least " if change.at_least else ""
    return f"{change.measure.value}: {before} → {least}{after} ({sign}{difference}){days}{tip}"


def value_words(measure: Measure, value: float, unit: PressureUnit) -> str:
    """A value in the unit in which people read its measure."""
    if measure in PRESSURES:
        return unit.text(value)
    if measure is Measure.RATING:
        return f"{value:g}"
    return f"{value:.0f} %" if measure is Measure.TIME_IN_BAND else f"{value:.0f} N·s"


def mdc_words(mdc: Mdc, unit: PressureUnit) -> str:
    """From which change on it counts, and who says so."""
    figure = unit.text(mdc.value) if mdc.unit == "kPa" else f"{mdc.value:g} {mdc.unit}"
    doubt = "" if mdc.verified else "; not verified for this measure"
    return f"counts from {figure} ({mdc.source}{doubt})"


def _add(text: Text, verdict: str, figures: str, sentence: str, mdc: Mdc, unit: PressureUnit) -> None:
    text.append(f"{verdict.upper() if verdict.startswith('real') else verdict}  ", "bold")
    text.append(f"{figures}\n")
    text.append(f"  {sentence}\n")
    text.append(f"  {mdc_words(mdc, unit)}\n", "dim")
