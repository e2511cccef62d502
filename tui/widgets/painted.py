"""A chart that is pulled by its screen and paints only the rows that changed."""

from __future__ import annotations

from typing import ClassVar, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.raster import Kind


class Drawn(Protocol):
    """A picture in characters.

    Attributes:
        codes: (rows, columns), Unicode code points, 0 for an empty cell.
        kinds: (rows, columns), `Kind` of what stands in each cell.
        text: the rows as plain text.
    """

    @property
    def codes(self) -> NDArray[np.uint32]: ...  # noqa: D102

    @property
    def kinds(self) -> NDArray[np.uint8]: ...  # noqa: D102

    @property
    def text(self) -> tuple[str, ...]: ...  # noqa: D102


F = TypeVar("F", bound=Drawn)


class PaintedChart(Widget, Generic[F]):
    """Paints pictures over a band whose strength may differ from place to place.

    A subclass draws (`_draw`), tells which rows of two pictures differ besides their characters (`_behind_differs`),
    and makes strips (`_strip`), with `_style` for its colours.
    """

    COMPONENTS: ClassVar[str]
    """What the names of its component classes begin with."""
    COMPONENT_OF: ClassVar[dict[Kind, str]]
    """Which of its component classes gives a kind its colour."""
    BOLD: ClassVar[frozenset[Kind]]
    AXES: ClassVar[frozenset[Kind]]
    """Kinds that stand beside the band, not on it."""
    LEVELS: ClassVar[int] = 1
    """The strength of the band that is its full colour."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._frame: F | None = None
        self._strips: list[Strip] = []
        self._unpainted: set[int] = set()
        self._styles: dict[tuple[int, int, int], Style] = {}
        self._colours: dict[str, Color] = {}

    def _draw(self, width: int, height: int) -> F:
        """The picture as of now; the same object as long as nothing changed."""
        raise NotImplementedError

    def _behind_differs(self, before: F, after: F) -> NDArray[np.bool_]:
        """By row: the band behind it differs."""
        raise NotImplementedError

    def _strip(self, frame: F, y: int) -> Strip:
        raise NotImplementedError

    @property
    def _hatched(self) -> bool:
        """The band is drawn by characters, not by colours."""
        raise NotImplementedError

    @property
    def text(self) -> tuple[str, ...]:
        """The rows as plain text."""
        self._bring_up_to_date()
        return self._frame.text if self._frame else ()

    def repaint_changes(self) -> None:
        """Draw again; only rows that changed are painted."""
        self._bring_up_to_date()
        if self._unpainted:
            width, left, top = self.content_size.width, self.gutter.left, self.gutter.top
            self.refresh(*(Region(left, top + y, width, 1) for y in sorted(self._unpainted)))
            self._unpainted.clear()

    def render_line(self, y: int) -> Strip:
        """One row, as it was last drawn."""
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
        before, after = self._frame, self._draw(width, height)
        if after is before:
            return
        self._frame = after
        if before is None or before.codes.shape != after.codes.shape:
            changed = list(range(height))
            self._strips = [Strip.blank(width)] * height
            self._unpainted.clear()
        else:
            differs = (before.codes != after.codes).any(axis=1) | (before.kinds != after.kinds).any(axis=1)
            changed = np.flatnonzero(differs | self._behind_differs(before, after)).tolist()
        for y in changed:
            self._strips[y] = self._strip(after, y)
            self._unpainted.add(y)

    def _style(self, kind: int, upper: int, lower: int) -> Style:
        """Of a cell of a kind, with the band so strong behind its upper and its lower half (0 to `LEVELS`)."""
        style = self._styles.get((kind, upper, lower))
        if style is None:
            style = self._styles[kind, upper, lower] = self._make_style(Kind(kind), upper, lower)
        return style

    def _make_style(self, kind: Kind, upper: int, lower: int) -> Style:
        colour = self._colour(self.COMPONENT_OF[kind])
        if kind in self.AXES:
            back = self._behind(0)
        elif kind is Kind.BLANK and upper != lower and not self._hatched:
            # The background is never drawn as a foreground: a terminal's own background can only be left alone.
            colour, back = self._behind(max(upper, lower)), self._behind(min(upper, lower))
        else:
            back = self._behind((upper + lower) / 2)
        return Style(color=colour.rich_color, bgcolor=back.rich_color, bold=kind in self.BOLD)

    def _behind(self, level: float) -> Color:
        behind = self._colour("")
        if level and behind.ansi is not None:
            behind = Color.parse("black" if self.app.current_theme.dark else "white")
        return behind.blend(self._colour("band"), level / self.LEVELS) if level else behind

    def _colour(self, name: str) -> Color:
        colour = self._colours.get(name)
        if colour is None:
            behind = self.background_colors[1]
            colour = (
                behind + self.get_component_styles(f"{self.COMPONENTS}--{name}").color if name else behind
            )
            self._colours[name] = colour
        return colour
