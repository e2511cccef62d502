"""The body from the front and from behind: pick an area, see what is where."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.message import Message

from feedback.atlas import Atlas
from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget

Place = tuple[str, str]
"""An area's key and a side."""


class BodyMap(RowsWidget, can_focus=True):
    """A figure, front and back, on which an area is chosen; left is the client's left.

    Args:
        atlas: where the figure and its areas come from.
        glyphs: which characters to draw with.
        values: a number for some places: presses, dose, a rating; shown as shade and number.
        number: how a value is written, at most three characters.
        id: the widget's id.
        classes: its classes.
    """

    class Picked(Message):
        """An area was picked: Enter or a click.

        Attributes:
            body_map: the widget.
            area: key of the area.
            side: `left`, `right` or `middle`.
        """

        def __init__(self, body_map: BodyMap, area: str, side: str) -> None:
            super().__init__()
            self.body_map = body_map
            self.area = area
            self.side = side

        @property
        def control(self) -> BodyMap:
            """The widget."""
            return self.body_map

    class Moved(Picked):
        """Another area is highlighted."""

    def __init__(
        self,
        atlas: Atlas,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        values: Mapping[Place, float] | None = None,
        number: Callable[[float], str] = "{:g}".format,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._atlas = atlas
        self._glyphs = glyphs
        self._values = dict(values or {})
        self._number = number

    @property
    def place(self) -> Place:
        """The highlighted area and side."""
        raise NotImplementedError

    def highlight(self, area: str, side: str) -> None:
        """Highlight an area; unknown ones are left aside."""
        raise NotImplementedError

    def set_values(self, values: Mapping[Place, float], number: Callable[[float], str] | None = None) -> None:
        """Show other numbers."""
        raise NotImplementedError
