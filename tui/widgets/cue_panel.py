"""The cue: what the hand should do now, as a word, a sign, a colour and a position.

Each of the four alone tells the cues apart, so none of them has to be seen: the word sits high when pressure is above
the band, in the middle when it is in it, low when it is below; the sign says the same; STOP is light on dark, all
others dark on light.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from feedback.guidance import Cue
from tui import bigtext
from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget


@dataclass(frozen=True, slots=True)
class Face:
    """How a cue looks.

    Attributes:
        word: in capitals.
        sign: one character.
        plain_sign: the same in ASCII.
        level: where pressure stands: -1 below the band, 0 in it or unknown, 1 above, 2 far above (all of the panel).
        style: name of the panel's colours (`cue-panel--…`).
    """

    word: str
    sign: str
    plain_sign: str
    level: int
    style: str


FACES: dict[Cue, Face] = {
    Cue.PRESS: Face("PRESS", "▼", "v", -1, "below"),
    Cue.HOLD: Face("HOLD", "●", "o", 0, "in-band"),
    Cue.EASE_OFF: Face("EASE OFF", "▲", "^", 1, "above"),
    Cue.LET_GO: Face("LET GO", "▲", "^", 1, "idle"),
    Cue.STOP: Face("STOP", "■", "X", 2, "stop"),
    Cue.NO_SIGNAL: Face("NO SIGNAL", "?", "?", 0, "stale"),
    Cue.READY: Face("READY", "○", "-", 0, "idle"),
    Cue.NO_BAND: Face("NO BAND", "○", "-", 0, "idle"),
    Cue.NOT_CALIBRATED: Face("NOT CALIBRATED", "?", "?", 0, "stale"),
}
"""The arrow shows where the hand is felt to be: ▲ above the band, so ease off; ▼ below it, so press."""


class CuePanel(RowsWidget):
    """A panel filled with the colour of the cue.

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
        classes: its classes.
    """

    COMPONENT_CLASSES = {
        "cue-panel--below",
        "cue-panel--in-band",
        "cue-panel--above",
        "cue-panel--stop",
        "cue-panel--stale",
        "cue-panel--idle",
    }
    DEFAULT_CSS = """
    CuePanel {
        height: 9;
        & > .cue-panel--below { background: $cue-below; color: $cue-text; text-style: bold; }
        & > .cue-panel--in-band { background: $cue-in-band; color: $cue-text; text-style: bold; }
        & > .cue-panel--above { background: $cue-above; color: $cue-text; text-style: bold; }
        & > .cue-panel--stop { background: $cue-stop; color: $cue-stop-text; text-style: bold; }
        & > .cue-panel--stale { background: $cue-stale; color: $cue-text; text-style: bold; }
        & > .cue-panel--idle { background: $cue-idle; color: $cue-idle-text; text-style: bold; }
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
        self.face = FACES[Cue.NO_SIGNAL]
        self._detail = ""

    def set_cue(self, cue: Cue, detail: str = "") -> None:
        """Show a cue, and in a line at the panel's edge why or by how much."""
        self.set_face(FACES[cue], detail)

    def set_face(self, face: Face, detail: str = "") -> None:
        """Show anything that looks like a cue."""
        self.face, self._detail = face, detail
        if self.is_attached:
            self.show()

    @property
    def plain(self) -> str:
        """The cue in one line: `▲ EASE OFF`."""
        sign = self.face.plain_sign if self.glyphs is Glyphs.ASCII else self.face.sign
        return f"{sign} {self.face.word}"

    def rows_key(self) -> object:
        """Everything that is shown."""
        return self.face, self._detail, self.glyphs

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """The word at its level, in the largest letters that leave a margin."""
        style = self.get_component_rich_style(f"cue-panel--{self.face.style}")
        detail = self._detail if height >= 3 else ""
        room = height - (1 if detail else 0)
        lines = self._lines(width, room if self.face.level in (0, 2) else _room_to_move(room))
        spare = room - len(lines)
        level = max(-1, min(self.face.level, 1)) if self.face.level < 2 else 0
        # A full row of margin where there is one, so that a word never touches the edge of its panel.
        margin = min(1, spare // 2)
        above = {1: margin, 0: spare // 2, -1: spare - margin}[level]
        rows = [""] * above + lines + [""] * (spare - above)
        if detail:
            rows = [*rows, detail] if self.face.level > 0 else [detail, *rows]
        return [self._row(row, width, style) for row in rows]

    def _lines(self, width: int, height: int) -> list[str]:
        """The cue drawn as large as fits, always with its sign: in one line, in two, the sign alone large, or plain."""
        face, room = self.face, max(width - 2, 0)
        ascii_only = self.glyphs is Glyphs.ASCII
        options: list[tuple[str, ...]] = [(f"{face.sign} {face.word}",)]
        first, _, second = face.word.partition(" ")
        if second:
            options.append((f"{face.sign} {first}", second))
        options.append((face.word, face.sign) if face.level < 0 else (face.sign, face.word))
        drawn = [bigtext.fit_lines(lines, room, height, ascii_only=ascii_only) for lines in options]
        sizes = [block.letter_rows if block else 0 for block in drawn]
        if largest := drawn[sizes.index(max(sizes))]:
            return list(largest.rows)
        sign = bigtext.fit(face.sign, room, min(height - 1, 5), ascii_only=ascii_only)
        if sign is not None:
            return [face.word, *sign.rows] if face.level < 0 else [*sign.rows, face.word]
        return [self.plain[:width]]

    def _row(self, text: str, width: int, style: Style) -> Strip:
        return Strip([Segment(f"{text[:width]:^{width}}", style)], width)


def _room_to_move(height: int) -> int:
    """Rows for a word whose position says something: it must not fill the panel."""
    return max(height - 1, 1) if height < 9 else height * 3 // 5
