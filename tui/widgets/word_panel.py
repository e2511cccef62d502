"""What the hand should do, as a word, a sign, a colour and a position: the cue of an attempt.

Where the pressure may be seen, the word sits high when it is too heavy, low when it is too light, in the middle when it
is inside, as the cue of a visit does. Where it may not, the panel is always in its quiet colour with the word in the
middle.
"""

from __future__ import annotations

from itertools import combinations, pairwise

from rich.segment import Segment
from textual.strip import Strip

from feedback.drills import Aim
from tui import bigtext
from tui.attempt_texts import Word
from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget

_SIGNS = {Aim.LIGHT: ("▼", "v"), Aim.INSIDE: ("●", "o"), Aim.HEAVY: ("▲", "^")}
_LEVELS = {Aim.LIGHT: -1, Aim.INSIDE: 0, Aim.HEAVY: 1, None: 0}
MOST_LINES = 3


class WordPanel(RowsWidget):
    """A word as large as the panel allows, in one to three lines.

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
        classes: its classes.
    """

    COMPONENT_CLASSES = {
        f"word-panel--{name}" for name in ("below", "in-band", "above", "stop", "stale", "idle")
    }  # pyright: ignore[reportAssignmentType]
    DEFAULT_CSS = """
    WordPanel {
        height: 9;
        & > .word-panel--below { background: $cue-below; color: $cue-text; text-style: bold; }
        & > .word-panel--in-band { background: $cue-in-band; color: $cue-text; text-style: bold; }
        & > .word-panel--above { background: $cue-above; color: $cue-text; text-style: bold; }
        & > .word-panel--stop { background: $cue-stop; color: $cue-stop-text; text-style: bold; }
        & > .word-panel--stale { background: $cue-stale; color: $cue-text; text-style: bold; }
        & > .word-panel--idle { background: $cue-idle; color: $cue-idle-text; text-style: bold; }
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
        self.word = Word("")

    def set_word(self, word: Word) -> None:
        """Show another word."""
        self.word = word
        if self.is_attached:
            self.show()

    @property
    def plain(self) -> str:
        """The word in one line: `▲ ease off`."""
        return f"{self._sign} {self.word.text}".strip()

    @property
    def _sign(self) -> str:
        signs = _SIGNS.get(self.word.aim) if self.word.aim else None
        return "" if signs is None else signs[self.glyphs is Glyphs.ASCII]

    def rows_key(self) -> object:
        """Everything that is shown."""
        return self.word, self.glyphs

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """The word at its level, in the largest letters that leave a margin."""
        word = self.word
        style = self.get_component_rich_style(f"word-panel--{word.style}")
        detail = word.detail if height >= 3 else ""
        room = height - (1 if detail else 0)
        level = _LEVELS[word.aim]
        lines = self._lines(width, max(room - 1, 1) if level and room > 3 else room)
        spare = max(room - len(lines), 0)
        above = {1: min(1, spare // 2), 0: spare // 2, -1: spare - min(1, spare // 2)}[level]
        rows = [""] * above + lines + [""] * (spare - above)
        if detail:
            rows = [*rows, detail] if level >= 0 else [detail, *rows]
        return [Strip([Segment(f"{row[:width]:^{width}}", style)], width) for row in rows[:height]]

    def _lines(self, width: int, height: int) -> list[str]:
        text = self.word.text.upper().replace("“", "").replace("”", "")
        sign = _SIGNS[self.word.aim][0] if self.word.aim else ""
        room, ascii_only = max(width - 2, 0), self.glyphs is Glyphs.ASCII
        options = [*_broken(text)]
        if sign:
            options = [(f"{sign} {lines[0]}", *lines[1:]) for lines in options]
            options += [(sign, text) if self.word.aim is not Aim.LIGHT else (text, sign)]
        drawn = [block for lines in options if (block := _fit(lines, room, height, ascii_only))]
        if drawn:
            return list(max(drawn, key=lambda block: block.letter_rows).rows)
        return [f"{self._sign} {self.word.text.upper()}".strip()[:width]]


def _fit(lines: tuple[str, ...], width: int, height: int, ascii_only: bool) -> bigtext.BigText | None:
    return bigtext.fit_lines(lines, width, height, ascii_only=ascii_only)


def _broken(text: str) -> list[tuple[str, ...]]:
    """All ways to break a text between words into at most `MOST_LINES` lines."""
    words = text.split() or [""]
    ways: list[tuple[str, ...]] = []
    for breaks in range(min(len(words), MOST_LINES)):
        for places in combinations(range(1, len(words)), breaks):
            ends = (0, *places, len(words))
            ways.append(tuple(" ".join(words[a:b]) for a, b in pairwise(ends)))
    return ways
