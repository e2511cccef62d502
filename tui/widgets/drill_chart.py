"""The drill chart: the target line with its tolerance over the whole attempt, and the trace over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.segment import Segment
from textual.strip import Strip

from feedback.units import KG_PER_CM2, PressureUnit
from tui import raster
from tui.drill_lines import DrillLines
from tui.drill_picture import DrillFrame, DrillPicture
from tui.raster import Glyphs, Kind
from tui.scale import pressure_axis
from tui.widgets.painted import PaintedChart

LEAST_TOP_KPA = 100.0
"""The picture never shows less than this: light targets stay large, a touch does not fill it."""

_COMPONENT_OF = {
    Kind.BLANK: "hatch",
    Kind.TRACE: "trace",
    Kind.TARGET: "target",
    Kind.AXIS: "axis",
    Kind.AXIS_TARGET: "target",
    Kind.MARK_QUIET: "axis",
}


class DrillChart(PaintedChart[DrillFrame]):
    """One attempt, pulled by the screen: call `frame` with the time from the go.

    Args:
        unit: how pressures are written.
        glyphs: which characters to draw with.
        id: the widget's id.
        classes: its classes.
    """

    COMPONENTS = "drill-chart"
    COMPONENT_OF = _COMPONENT_OF
    BOLD = frozenset({Kind.AXIS_TARGET})
    AXES = frozenset({Kind.AXIS, Kind.AXIS_TARGET})
    COMPONENT_CLASSES = {f"drill-chart--{name}" for name in {*_COMPONENT_OF.values(), "band"}}  # pyright: ignore[reportAssignmentType]
    DEFAULT_CSS = """
    DrillChart {
        height: 1fr;
        width: 1fr;
        & > .drill-chart--trace { color: $trace; }
        & > .drill-chart--band { color: $band; }
        & > .drill-chart--hatch { color: $band-hatch; }
        & > .drill-chart--target { color: $target; }
        & > .drill-chart--axis { color: $axis; }
    }
    """

    def __init__(
        self,
        unit: PressureUnit = KG_PER_CM2,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.picture = DrillPicture(pressure_axis(unit, floor_kpa=LEAST_TOP_KPA), glyphs=glyphs)
        self._now_s: float | None = None

    def set_lines(self, lines: DrillLines | None) -> None:
        """Show another target, and forget what was pressed."""
        self.picture.set_lines(lines)
        self._now_s = None

    def append(self, time_s: ArrayLike, pressure_kpa: ArrayLike) -> None:
        """Add what was pressed, oldest first; seconds from the go, kPa, NaN where nothing was measured."""
        self.picture.append(time_s, pressure_kpa)

    def frame(self, now_s: float | None) -> None:
        """Bring the picture to a time from the go (None: over); only rows that changed are painted again."""
        self._now_s = now_s
        self.repaint_changes()

    # Painting.

    @property
    def _hatched(self) -> bool:
        return self.picture.hatched

    def _draw(self, width: int, height: int) -> DrillFrame:
        self.picture.set_hatched(self.app.no_color)
        return self.picture.draw(width, height, self._now_s)

    def _behind_differs(self, before: DrillFrame, after: DrillFrame) -> NDArray[np.bool_]:
        return ((before.upper != after.upper) | (before.lower != after.lower)).any(axis=1)

    def _strip(self, frame: DrillFrame, y: int) -> Strip:
        text = raster.text_of(frame.codes[y])
        kinds, upper, lower = frame.kinds[y], frame.upper[y], frame.lower[y]
        ends = np.flatnonzero(
            (kinds[1:] != kinds[:-1]) | (upper[1:] != upper[:-1]) | (lower[1:] != lower[:-1])
        )
        segments: list[Segment] = []
        start = 0
        for end in (*(ends + 1).tolist(), len(kinds)):
            style = self._style(int(kinds[start]), int(upper[start]), int(lower[start]))
            segments.append(Segment(text[start:end], style))
            start = end
        return Strip(segments, len(kinds))
