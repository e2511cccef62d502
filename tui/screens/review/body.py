"""A client's body with what was pressed where: presses, dose or the last threshold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static

from feedback.points import Point
from feedback.review import BodyFigure, body_values
from tui.screens.review.page import PAGE_KEYS, Desk, Page
from tui.widgets.body_map import BodyMap

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedback.review import BodyValues, PointCourse

TITLES = {
    BodyFigure.PRESSES: "presses",
    BodyFigure.DOSE: "dose in N·s",
    BodyFigure.THRESHOLD: "last threshold",
}


class BodyScreen(Page[Point]):
    """The map; Tab changes what it shows, Enter gives the point last pressed at the highlighted place.

    Args:
        desk: the open record.
        client_code: whose.
    """

    DEFAULT_CSS = """
    BodyScreen BodyMap { height: 1fr; }
    BodyScreen #beside { height: auto; max-height: 4; padding: 0 1; border-top: solid $panel; }
    """
    BINDINGS = [
        Binding("tab", "figure(1)", "Presses, dose, threshold", priority=True),
        Binding("shift+tab", "figure(-1)", "The one before", show=False, priority=True),
        *PAGE_KEYS,
    ]

    def __init__(self, desk: Desk, client_code: str) -> None:
        super().__init__(desk)
        self._code = client_code
        self._figure = BodyFigure.PRESSES
        self._courses: list[PointCourse] = []
        self._map = BodyMap(desk.shelf.atlas, glyphs=desk.glyphs, id="body")

    def content(self) -> Iterator[Widget]:
        """The figure, and points that have no place on it."""
        yield self._map
        yield Static("", id="beside", markup=False)

    def on_mount(self) -> None:
        """Read the points."""
        self._map.focus()
        self._caption()
        desk, code = self.desk, self._code

        def read() -> list[PointCourse]:
            from feedback.history.courses import point_courses

            return point_courses(desk.history, code, desk.shelf.rules)

        self.fetch("body", read, self._show, desk.figures)

    def _show(self, courses: list[PointCourse]) -> None:
        self._courses = courses
        self._paint()
        for course in courses:
            if (area := self.desk.shelf.atlas.area_of(course.point)) is not None and course.visits:
                self._map.highlight(area.key, course.point.side or "middle")
                break

    def _values(self) -> BodyValues:
        from feedback.history.courses import figure_of_point

        figures = {
            course.point: value
            for course in self._courses
            if (value := figure_of_point(course, self._figure)) is not None
        }
        return body_values(figures, self.desk.shelf.atlas, self._figure)

    def _paint(self) -> None:
        values, write = self._values(), self._writer()
        self._map.set_values(values.values, write)
        self._caption()
        self._list(values)

    def _writer(self) -> Callable[[float], str]:
        unit = self.desk.unit
        if self._figure is BodyFigure.THRESHOLD:
            return lambda kpa: unit.text(kpa, unit=False)
        return lambda value: f"{value:.0f}" if value < 1000 else f"{value / 1000:.0f}k"

    def _caption(self) -> None:
        unit = f" in {self.desk.unit.label}" if self._figure is BodyFigure.THRESHOLD else ""
        self.head(f"{self._code} · body · {TITLES[self._figure]}{unit}")

    def _list(self, values: BodyValues) -> None:
        write = self._writer()
        here = [str(course.point) for course in self._at(self._map.place)]
        rows = [f"Points here: {'; '.join(here)} (Enter goes there)" if here else "No point was pressed here"]
        if values.unplaced:
            told = "; ".join(f"{point} {write(value)}" for point, value in values.unplaced.items())
            rows.append(f"Not on the figure: {told}")
        self.query_one("#beside", Static).update("\n".join(rows))

    def _at(self, place: tuple[str, str]) -> list[PointCourse]:
        """Points of the client at a place, last pressed first."""
        area_of = self.desk.shelf.atlas.area_of
        return [
            course
            for course in self._courses
            if (area := area_of(course.point)) is not None
            and area.key == place[0]
            and course.point.side in (place[1], "", "middle")
        ]

    @on(BodyMap.Moved)
    def _moved(self, event: BodyMap.Moved) -> None:
        event.stop()
        self._list(self._values())

    @on(BodyMap.Picked)
    def _picked(self, event: BodyMap.Picked) -> None:
        event.stop()
        found = self._at((event.area, event.side))
        if found:
            self.dismiss(found[0].point)
        else:
            self.notify("No point was pressed here", timeout=3)

    def action_figure(self, step: int) -> None:
        """Show something else."""
        figures = list(BodyFigure)
        self._figure = figures[(figures.index(self._figure) + step) % len(figures)]
        self._paint()
