"""A number as large as fits with a line below it: a target, the seconds that are left, an estimate."""

from __future__ import annotations

import textwrap

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui import bigtext
from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget


class BigNumber(RowsWidget):
    """A number (or a word) and what it is.

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
        classes: its classes.
    """

    COMPONENT_CLASSES = {
        "big-number--number",
        "big-number--asked",
        "big-number--quiet",
        "big-number--caption",
    }
    DEFAULT_CSS = """
    BigNumber {
        height: 9;
        & > .big-number--number { color: $trace; text-style: bold; }
        & > .big-number--asked { color: $target; text-style: bold; }
        & > .big-number--quiet { color: $axis; }
        & > .big-number--caption { color: $axis; }
    }
    """

    def __init__(
        self,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.glyphs = glyphs
        self._number = self._caption = ""
        self._look = "number"

    def set_number(self, number: str, caption: str = "", look: str = "number") -> None:
        """Show a number; `look` is `number` (measured), `asked` (a target) or `quiet`."""
        if self.glyphs is Glyphs.ASCII:
            caption = caption.replace("²", "2").replace("±", "+-").replace("·", "-")
        self._number, self._caption, self._look = number, caption, look
        if self.is_attached:
            self.show()

    @property
    def plain(self) -> str:
        """The same in one line."""
        return f"{self._number.strip()} {self._caption}".strip()

    def rows_key(self) -> object:
        """Everything that is shown."""
        return self._number, self._caption, self._look, self.glyphs

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """The number in the middle, what it is below it."""
        style = self.get_component_rich_style(f"big-number--{self._look}")
        captions = textwrap.wrap(self._caption, max(width - 2, 1)) if height >= 2 else []
        room = height - len(captions) - (1 if height >= 8 else 0)
        big = bigtext.fit(self._number, width - 2, room, ascii_only=self.glyphs is Glyphs.ASCII)
        rows = list(big.rows) if big else [self._number.strip()] if self._number.strip() else []
        strips = [self._centred(row, width, style) for row in rows]
        small = self.get_component_rich_style("big-number--caption")
        strips += [self._centred(caption, width, small) for caption in captions]
        above = max(height - len(strips) + 1, 0) // 2
        blank = Strip.blank(width, self.rich_style)
        strips = [blank] * above + strips
        return [*strips, *[blank] * max(height - len(strips), 0)][:height]

    def _centred(self, text: str, width: int, style: Style) -> Strip:
        text = text[:width]
        left = (width - len(text)) // 2
        parts = [
            Segment(" " * left, self.rich_style),
            Segment(text, style),
            Segment(" " * (width - left - len(text)), self.rich_style),
        ]
        return Strip([part for part in parts if part.text], width)
