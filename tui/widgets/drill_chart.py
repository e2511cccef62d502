"""The drill chart: the target line with its tolerance over the whole attempt, and the trace over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from feedback.units import KG_PER_CM2, PressureUnit
from tui import raster
from tui.drill_lines import DrillLines
from tui.drill_picture import DrillFrame, DrillPicture
from tui.raster import Glyphs, Kind
from tui.scale import pressure_axis

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
_BOLD = {Kind.AXIS_TARGET}
_AXES = {Kind.AXIS, Kind.AXIS_TARGET}


class DrillChart(Widget):
    """One attempt, pulled by the screen: call `frame` with the time from the go.

    Args:
        unit: how pressures are written.
        glyphs: which characters to draw with.
        id: the widget's id.
        classes: its classes.
    """

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
        self._frame: DrillFrame | None = None
        self._strips: list[Strip] = []
        self._unpainted: set[int] = set()
        self._styles: dict[tuple[int, bool, bool], Style] = {}
        self._colours: dict[str, Color] = {}

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
        self._bring_up_to_date()
        if self._unpainted:
            width, left, top = self.content_size.width, self.gutter.left, self.gutter.top
            self.refresh(*(Region(left, top + y, width, 1) for y in sorted(self._unpainted)))
            self._unpainted.clear()

    @property
    def text(self) -> tuple[str, ...]:
        """The rows as plain text."""
        self._bring_up_to_date()
        return self._frame.text if self._frame else ()

    # Painting.

    def render_line(self, y: int) -> Strip:
        """One row, as it was at the last `frame`."""
        if self._frame is None or self._frame.codes.shape[::-1] != self.content_size:
            self._bring_up_to_date()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.content_size.width)

    def notify_style_update(self) -> None:
        """Drop the colours: the theme changed."""
        super().notify_style_update()
        self._styles.clear()
        self._colours.clear()
        self._frame = None

    def _bring_up_to_date(self) -> None:
        width, height = self.content_size
        if width < 1 or height < 1:
            return
        self.picture.set_hatched(self.app.no_color)
        before, after = self._frame, self.picture.draw(width, height, self._now_s)
        if after is before:
            return
        self._frame = after
        if before is None or before.codes.shape != after.codes.shape:
            changed = list(range(height))
            self._strips = [Strip.blank(width)] * height
            self._unpainted.clear()
        else:
            differs = (before.codes != after.codes) | (before.kinds != after.kinds)
            differs |= (before.upper != after.upper) | (before.lower != after.lower)
            changed = np.flatnonzero(differs.any(axis=1)).tolist()
        for y in changed:
            self._strips[y] = self._strip(after, y)
            self._unpainted.add(y)

    def _strip(self, frame: DrillFrame, y: int) -> Strip:
        text = raster.text_of(frame.codes[y])
        kinds, upper, lower = frame.kinds[y], frame.upper[y], frame.lower[y]
        ends = np.flatnonzero(
            (kinds[1:] != kinds[:-1]) | (upper[1:] != upper[:-1]) | (lower[1:] != lower[:-1])
        )
        segments: list[Segment] = []
        start = 0
        for end in (*(ends + 1).tolist(), len(kinds)):
            style = self._style(int(kinds[start]), bool(upper[start]), bool(lower[start]))
            segments.append(Segment(text[start:end], style))
            start = end
        return Strip(segments, len(kinds))

    def _style(self, kind: int, upper: bool, lower: bool) -> Style:
        style = self._styles.get((kind, upper, lower))
        if style is None:
            style = self._styles[kind, upper, lower] = self._make_style(Kind(kind), upper, lower)
        return style

    def _make_style(self, kind: Kind, upper: bool, lower: bool) -> Style:
        colour = self._colour(_COMPONENT_OF[kind])
        if kind in _AXES:
            back = self._behind(0.0)
        elif kind is Kind.BLANK and upper != lower and not self.picture.hatched:
            # The background is never drawn as a foreground: a terminal's own background can only be left alone.
            colour, back = self._behind(1.0), self._behind(0.0)
        else:
            back = self._behind((upper + lower) / 2)
        return Style(color=colour.rich_color, bgcolor=back.rich_color, bold=kind in _BOLD)

    def _behind(self, level: float) -> Color:
        behind = self._colour("")
        if level and behind.ansi is not None:
            behind = Color.parse("black" if self.app.current_theme.dark else "white")
        return behind.blend(self._colour("band"), level) if level else behind

    def _colour(self, name: str) -> Color:
        colour = self._colours.get(name)
        if colour is None:
            behind = self.background_colors[1]
            colour = behind + self.get_component_styles(f"drill-chart--{name}").color if name else behind
            self._colours[name] = colour
        return colour
