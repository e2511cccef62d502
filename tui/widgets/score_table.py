"""The scores of an attempt: each in the trainee's unit, in newtons and per cent, beside what it was before."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.attempt_texts import ScoreRow
from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget

WIDTHS = (15, 17, 11, 7, 8)
HEADS = ("", "you", "", "in %", "before")
BESIDE = 46
"""Cells to the right of the figures from which on the meanings stand beside them."""


class ScoreTable(RowsWidget):
    """A row for each score; where it is too narrow for all meanings, that of the marked row stands below.

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
        classes: its classes.
    """

    COMPONENT_CLASSES = {
        "score-table--head",
        "score-table--row",
        "score-table--meaning",
        "score-table--marked",
    }
    DEFAULT_CSS = """
    ScoreTable {
        & > .score-table--head { color: $axis; }
        & > .score-table--row { color: $foreground; }
        & > .score-table--meaning { color: $axis; }
        & > .score-table--marked { color: $foreground; background: $panel; text-style: bold; }
    }
    """

    def __init__(
        self,
        rows: tuple[ScoreRow, ...] = (),
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._scores = rows
        self._glyphs = glyphs
        self.marked = 0
        """Which row is explained."""

    def move(self, steps: int) -> None:
        """Mark another row."""
        self.marked = min(max(self.marked + steps, 0), max(len(self._scores) - 1, 0))
        if self.is_attached:
            self.show()

    def rows_key(self) -> object:
        """Everything that is shown."""
        return self._scores, self.marked, self._glyphs

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """Head, as many rows as fit around the marked one, and its meaning."""
        if not self._scores:
            return [Strip.blank(width, self.rich_style)] * height
        beside = width >= sum(WIDTHS) + BESIDE
        head, plain, dim, marked = (
            self.get_component_rich_style(f"score-table--{name}")
            for name in ("head", "row", "meaning", "marked")
        )
        heads = HEADS if beside else (f"{self.marked + 1} of {len(self._scores)}", *HEADS[1:])
        lines = [self._line(heads, "what it says" if beside else "", width, head, head)]
        room = max(height - 1 - (not beside), 1)
        start = min(max(self.marked - room + 1, 0), max(len(self._scores) - room, 0))
        for i, row in enumerate(self._scores[start : start + room], start):
            style = marked if i == self.marked and not beside else plain
            cells = (row.title, row.value, row.newtons, row.pct, row.before)
            lines.append(self._line(cells, row.meaning if beside else "", width, style, dim))
        if not beside:
            row = self._scores[self.marked]
            lines.append(self._text(f"{row.title}: {row.meaning}", width, dim))
        blank = Strip.blank(width, self.rich_style)
        return [*lines, *[blank] * max(height - len(lines), 0)][:height]

    def _line(
        self, cells: tuple[str, ...], meaning: str, width: int, style: Style, meaning_style: Style
    ) -> Strip:
        text = self._plain(
            "".join(
                f"{cell:<{wide}}" if i == 0 else f"{cell:>{wide}}"
                for i, (cell, wide) in enumerate(zip(cells, WIDTHS, strict=True))
            )
        )
        parts = [Segment(text[:width], style)]
        if meaning:
            parts.append(Segment(f"  {self._plain(meaning)}"[: max(width - len(text), 0)], meaning_style))
        used = sum(len(part.text) for part in parts)
        return Strip(
            [*parts, Segment(" " * (width - used), style if not meaning else self.rich_style)], width
        )

    def _text(self, text: str, width: int, style: Style) -> Strip:
        text = self._plain(text)
        if len(text) > width:
            text = text[: max(width - 3, 0)] + "..."
        return Strip([Segment(text, style), Segment(" " * (width - len(text)), self.rich_style)], width)

    def _plain(self, text: str) -> str:
        return text.replace("²", "2").replace("−", "-") if self._glyphs is Glyphs.ASCII else text
