"""A learning curve on the screen: blind tests stand out by their own characters, not by colour alone."""

from __future__ import annotations

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui import raster
from tui.curve_picture import Curve, Picture, draw
from tui.raster import Glyphs, Kind
from tui.widgets.rows import RowsWidget

_COMPONENT_OF = {
    Kind.BLANK: "trace",
    Kind.TRACE: "trace",
    Kind.IN_BAND: "inside",
    Kind.MARK: "outside",
    Kind.MARK_QUIET: "middle",
    Kind.TARGET: "tolerance",
    Kind.AXIS_TARGET: "tolerance",
    Kind.AXIS: "axis",
}
_BOLD = {Kind.IN_BAND, Kind.MARK}


class LearningCurve(RowsWidget):
    """Attempts at one drill, oldest at the left.

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {f"learning-curve--{name}" for name in set(_COMPONENT_OF.values())}  # pyright: ignore[reportAssignmentType]
    DEFAULT_CSS = """
    LearningCurve {
        height: 1fr; width: 1fr;
        & > .learning-curve--trace { color: $axis; }
        & > .learning-curve--inside { color: $in-band; }
        & > .learning-curve--outside { color: $above; }
        & > .learning-curve--middle { color: $trace; }
        & > .learning-curve--tolerance { color: $target; }
        & > .learning-curve--axis { color: $axis; }
    }
    """

    def __init__(self, *, glyphs: Glyphs = Glyphs.BRAILLE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._curve = Curve(())

    def set_curve(self, curve: Curve) -> None:
        """Draw this one."""
        self._curve = curve
        self.show()

    def rows_key(self) -> object:
        """What is drawn."""
        return self._curve

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """The picture in the theme's colours."""
        picture = draw(self._curve, width, height, self._glyphs)
        return [self._strip(picture, y) for y in range(height)]

    def _strip(self, picture: Picture, y: int) -> Strip:
        codes, kinds = picture.codes[y], picture.kinds[y]
        text = raster.text_of(codes)
        ends = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
        segments: list[Segment] = []
        start = 0
        for end in (*ends.tolist(), len(kinds)):
            segments.append(Segment(text[start:end], self._style(Kind(int(kinds[start])))))
            start = end
        return Strip(segments, len(kinds))

    def _style(self, kind: Kind) -> Style:
        behind = self.background_colors[1]
        colour = behind + self.get_component_styles(f"learning-curve--{_COMPONENT_OF[kind]}").color
        return Style(color=colour.rich_color, bgcolor=behind.rich_color, bold=kind in _BOLD)
