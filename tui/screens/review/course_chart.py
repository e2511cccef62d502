"""A point over time as a picture: the band of each visit with how sure its edges were, and the thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.raster import Glyphs
from tui.scale import nice_top, tick_texts, ticks
from tui.widgets.rows import RowsWidget

if TYPE_CHECKING:
    from feedback.review import PointVisit
    from feedback.units import PressureUnit

GUTTER = 7
LEAST_COLUMN = 3
MOST_COLUMN = 13

_LOOKS = ("axis", "band", "doubt", "threshold", "ceiling", "day")


class CourseChart(RowsWidget):
    """A column for each visit, the oldest at the left: band solid, doubt about its edges shaded, threshold a mark.

    Args:
        unit: of the pressures.
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {f"course-chart--{name}" for name in _LOOKS}
    DEFAULT_CSS = """
    CourseChart {
        height: 1fr; width: 1fr; padding: 0 1;
        & > .course-chart--axis { color: $axis; }
        & > .course-chart--band { color: $band; }
        & > .course-chart--doubt { color: $band; }
        & > .course-chart--threshold { color: $target; text-style: bold; }
        & > .course-chart--ceiling { color: $ceiling; }
        & > .course-chart--day { color: $foreground; }
    }
    """

    def __init__(self, unit: PressureUnit, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._unit = unit
        self._ascii = glyphs is Glyphs.ASCII
        self._visits: tuple[PointVisit, ...] = ()
        self._stamp = 0

    def show_visits(self, visits: Sequence[PointVisit]) -> None:
        """Show these, oldest first; where there are too many for the width, the newest."""
        self._visits = tuple(visits)
        self._stamp += 1
        self.show()

    def rows_key(self) -> object:
        """What the rows show."""
        return self._stamp, self.app.theme

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """The picture; the days below it."""
        room = max(1, width - GUTTER)
        count = max(1, min(len(self._visits), room // LEAST_COLUMN))
        each = min(MOST_COLUMN, room // count)
        visits = self._visits[-count:]
        plot = max(1, height - 2)
        top = self._top()
        labels = self._labels(top, plot)
        rows = [self._plot_row(row, plot, top, visits, each, labels, width) for row in range(plot)]
        rows.append(self._days(visits, each, width))
        if height >= 2:
            rows.append(self._legend(width))
        return rows[:height]

    def _top(self) -> float:
        highest = 0.0
        for visit in self._visits:
            edges = (
                visit.upper_kpa,
                visit.upper_interval[1] if visit.upper_interval else None,
                visit.threshold_mean_kpa,
            )
            highest = max([highest, *(edge for edge in edges if edge is not None)])
        return nice_top(max(highest, 100.0) * 1.05 / self._unit.kpa) * self._unit.kpa

    def _labels(self, top: float, plot: int) -> dict[int, str]:
        values = ticks(0.0, top, self._unit.kpa, max(1, plot // 3))
        texts = tick_texts(values, self._unit.kpa)
        return {
            min(plot - 1, int((top - value) / top * plot)): text
            for value, text in zip(values, texts, strict=True)
        }

    def _plot_row(
        self,
        row: int,
        plot: int,
        top: float,
        visits: Sequence[PointVisit],
        each: int,
        labels: dict[int, str],
        width: int,
    ) -> Strip:
        bar, tick = ("|", "+") if self._ascii else ("│", "┤")
        label = labels.get(row, "")
        segments = [Segment(f"{label:>{GUTTER - 2}}{tick if label else bar} ", self._look("axis"))]
        high, low = top * (plot - row) / plot, top * (plot - row - 1) / plot
        for visit in visits:
            segments += self._cell(visit, low, high, each)
        return Strip(segments).adjust_cell_length(width, self._look("axis"))

    def _cell(self, visit: PointVisit, low: float, high: float, each: int) -> list[Segment]:
        """What one visit has between two pressures: its band, and the mark of its threshold on it."""
        body = max(1, each - 1)
        sign, look = self._band_cell(visit, (low + high) / 2)
        around = self._look(look)
        threshold = visit.threshold_mean_kpa
        if threshold is None or not low <= threshold < high:
            return [Segment(sign * body, around), Segment(" " * (each - body), self._look("axis"))]
        mark = ("T" if self._ascii else "◆") + ("+" if visit.threshold and visit.threshold.at_least else "")
        left = max(0, (body - len(mark)) // 2)
        right = max(0, body - left - len(mark))
        return [
            Segment(sign * left, around),
            Segment(mark[: body - left], self._look("threshold")),
            Segment(sign * right, around),
            Segment(" " * (each - body), self._look("axis")),
        ]

    def _band_cell(self, visit: PointVisit, kpa: float) -> tuple[str, str]:
        """Character and look of a visit's band at a pressure."""
        if visit.lower_kpa is None or visit.upper_kpa is None:
            return " ", "axis"
        lower = visit.lower_interval or (visit.lower_kpa, visit.lower_kpa)
        upper = visit.upper_interval or (visit.upper_kpa, visit.upper_kpa)
        if visit.lower_kpa <= kpa <= visit.upper_kpa:
            sure = lower[1] <= kpa <= upper[0]
            return (("#" if sure else "=") if self._ascii else ("█" if sure else "▓")), "band"
        if lower[0] <= kpa <= upper[1]:
            return (":" if self._ascii else "░"), "doubt"
        return " ", "axis"

    def _days(self, visits: Sequence[PointVisit], each: int, width: int) -> Strip:
        step = -(-7 // each)
        text = [" "] * width
        for n, visit in enumerate(visits):
            if (len(visits) - 1 - n) % step == 0:
                at = visit.at.astimezone()
                words = f"{at:%Y-%m-%d}" if each > 10 else f"{at:%m-%d}"
                start = GUTTER + n * each
                text[start : start + len(words)] = words
        return Strip([Segment("".join(text)[:width], self._look("day"))]).adjust_cell_length(
            width, self._look("axis")
        )

    def _legend(self, width: int) -> Strip:
        band, doubt, mark = ("#", ":", "T") if self._ascii else ("█", "░", "◆")
        unit = self._unit.label.replace("²", "2") if self._ascii else self._unit.label
        return Strip(
            [
                Segment(f"{unit:<{GUTTER}}", self._look("axis")),
                Segment(f"{band} band  ", self._look("axis")),
                Segment(f"{doubt} its edge may lie here  ", self._look("axis")),
                Segment(f"{mark} threshold", self._look("axis")),
            ]
        ).adjust_cell_length(width, self._look("axis"))

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"course-chart--{name}")
