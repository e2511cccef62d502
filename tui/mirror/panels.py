"""Large words, and the 0-10 scale with the last rating on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from tui import bigtext
from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget

if TYPE_CHECKING:
    from rich.style import Style

    from tui.mirror.faces import Words

LOWEST_LARGE = 5
"""Rows below which words stand on a line."""


class WordsPanel(RowsWidget):
    """Words as large as the panel allows, a line below them, and a bar for a time that is meant to pass.

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {"words--words", "words--caption", "words--old", "words--bar", "words--rest"}
    DEFAULT_CSS = """
    WordsPanel {
        & > .words--words { background: $background; color: $foreground; text-style: bold; }
        & > .words--caption { background: $background; color: $axis; }
        & > .words--old { background: $background; color: $stale; }
        & > .words--bar { background: $panel; color: $primary; }
        & > .words--rest { background: $panel; color: $axis; }
    }
    """

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._ascii = glyphs is Glyphs.ASCII
        self._words: Words | None = None

    def set_words(self, words: Words) -> None:
        """Show them."""
        self._words = words
        if self.is_attached:
            self.show()

    def rows_key(self) -> object:
        """Everything that is shown."""
        return self._words

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """Words, line and bar, in the middle of the panel."""
        words = self._words
        if words is None:
            return [Strip.blank(width)] * height
        style = self.get_component_rich_style("words--old" if words.old else "words--words")
        caption_style = self.get_component_rich_style("words--old" if words.old else "words--caption")
        if height < LOWEST_LARGE:
            rows = [self._row(_as_fits((words.words, *words.caption), width), width, style)]
            if words.share is not None and height > 1:
                rows.append(self._bar(words.share, width))
        else:
            room = height - 2 - (words.share is not None)
            caption = words.caption
            large = self._large(words.words, width, room)
            if not large and words.short and (large := self._large(words.short, width, room)):
                caption = (words.words, *caption)
            rows = [self._row(row, width, style) for row in large or filter(None, [words.words])]
            rows.append(self._row(_as_fits(caption, width), width, caption_style))
            if words.share is not None:
                rows.append(self._bar(words.share, width))
        rows = rows[:height]
        above = (height - len(rows)) // 2
        blank = self._row("", width, style)
        return [blank] * above + rows + [blank] * (height - len(rows) - above)

    def _large(self, words: str, width: int, height: int) -> list[str]:
        """Rows of the words drawn large; none when they do not fit."""
        text = words.upper()
        drawn = [
            bigtext.fit_lines(lines, width - 2, height, ascii_only=self._ascii)
            for lines in _splits(text)
            if text
        ]
        if any(drawn):
            return list(max(filter(None, drawn), key=lambda block: block.letter_rows).rows)
        return []

    def _bar(self, share: float, width: int) -> Strip:
        room = max(width - 4, 1)
        full = round(share * room)
        solid, empty = ("#", "-") if self._ascii else ("━", "─")
        blank = Segment("  ", self.get_component_rich_style("words--caption"))
        bar = Segment(solid * full, self.get_component_rich_style("words--bar"))
        rest = Segment(empty * (room - full), self.get_component_rich_style("words--rest"))
        return Strip([blank, bar, rest, blank]).adjust_cell_length(width)

    def _row(self, text: str, width: int, style: Style) -> Strip:
        return Strip([Segment(f"{text[:width]:^{width}}", style)], width)


def _splits(text: str) -> list[tuple[str, ...]]:
    """The words on one line, on two, and each on its own."""
    words = text.split()
    two = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    return [(text,), *two, tuple(words)]


def _as_fits(parts: tuple[str, ...], width: int) -> str:
    """The first parts, as many as have room."""
    line = ""
    for part in filter(None, parts):
        longer = f"{line} · {part}" if line else part
        if line and len(longer) > width:
            break
        line = longer
    return line


class RatingScale(RowsWidget):
    """The scale from 0 (nothing) to 10 (as bad as can be), with the last rating marked on it.

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {"scale--number", "scale--rating", "scale--old", "scale--caption"}
    DEFAULT_CSS = """
    RatingScale {
        & > .scale--number { background: $panel; color: $foreground; }
        & > .scale--rating { background: $accent; color: $background; text-style: bold; }
        & > .scale--old { background: $panel; color: $accent; text-style: bold underline; }
        & > .scale--caption { background: $background; color: $axis; }
    }
    """

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._ascii = glyphs is Glyphs.ASCII
        self._rating: int | None = None
        self._caption = ""
        self._old = False

    def set_rating(self, rating: int | None, caption: str, *, old: bool) -> None:
        """Mark a rating (None: none yet); `old`: it was given a while ago."""
        self._rating, self._caption, self._old = rating, caption, old
        if self.is_attached:
            self.show()

    def rows_key(self) -> object:
        """Everything that is shown."""
        return self._rating, self._caption, self._old

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """Eleven fields, as high as there is room, and a line below."""
        wide = width // 11
        left = (width - 11 * wide) // 2
        fields = max(1, height - (1 if height >= 2 else 0) - (1 if height >= 6 else 0))
        blank = self.get_component_rich_style("scale--caption")
        widest = bigtext.fit("10", wide, fields, ascii_only=self._ascii) if fields >= 3 else None
        numbers = [self._number(n, wide, fields, len(widest.rows) if widest else 0) for n in range(11)]
        rows: list[Strip] = []
        for y in range(fields):
            segments = [Segment(" " * left, blank)]
            segments += [Segment(numbers[n][y], self._style(n)) for n in range(11)]
            segments.append(Segment(" " * (width - left - 11 * wide), blank))
            rows.append(Strip(segments, width))
        if height >= 2:
            rows.append(Strip([Segment(self._below(width), blank)], width))
        rows += [Strip([Segment(" " * width, blank)], width)] * (height - len(rows))
        return rows[:height]

    def _number(self, n: int, wide: int, high: int, letters: int) -> list[str]:
        """One field with its number in the middle, `letters` rows high; brackets mark the rating where it is small."""
        big = bigtext.fit(str(n), wide, letters, ascii_only=self._ascii) if letters else None
        rated = n == self._rating
        lines = list(big.rows) if big else [f"[{n}]" if rated and wide >= len(str(n)) + 2 else str(n)]
        above = (high - len(lines)) // 2
        lines = [""] * above + lines + [""] * (high - len(lines) - above)
        return [f"{line[:wide]:^{wide}}" for line in lines]

    def _style(self, n: int) -> Style:
        if n != self._rating:
            return self.get_component_rich_style("scale--number")
        return self.get_component_rich_style("scale--old" if self._old else "scale--rating")

    def _below(self, width: int) -> str:
        ends = ("nothing", "as bad as can be")
        middle = width - 2 * len(ends[1]) - 2
        if len(self._caption) > middle:
            return f"{self._caption[:width]:^{width}}"
        return f"{ends[0]:<{len(ends[1])}} {self._caption:^{middle}} {ends[1]}"
