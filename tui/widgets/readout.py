"""The big number: the pressure now, legible from two metres, and never a stale one."""

from __future__ import annotations

import math
from enum import StrEnum

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from feedback.units import KG_PER_CM2, PressureUnit
from tui import bigtext
from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget


class Reading(StrEnum):
    """What the number is worth."""

    LIVE = "live"
    NO_SIGNAL = "no signal"
    AT_LIMIT = "at limit"
    """The sensor is at its limit: the pressure is at least this."""
    NOT_CALIBRATED = "not calibrated"
    """The number is raw counts."""


_FIELDS = {"kg/cm2": "8.88", "n/cm2": "88.8", "kpa": "888", "lb/in2": "88.8"}
"""The space a number gets: common pressures fill it, so that nothing moves sideways when it changes."""


def number_text(value: float, field: str) -> str:
    """A number in a field such as `8.88`: as wide as the field where it can be, with fewer decimals when larger.

    Raises:
        ValueError: the value is not finite.
    """
    if not math.isfinite(value):
        raise ValueError("only a finite number can be written")
    decimals = len(field.partition(".")[2])
    while True:
        text = f"{value:.{decimals}f}"
        if not float(text):
            text = text.lstrip("-")
        if len(text) <= len(field) or not decimals:
            return f"{text:>{len(field)}}"
        decimals -= 1


class Readout(RowsWidget):
    """A number as large as the widget allows, its unit small, and one line that says what is wrong with it.

    Args:
        unit: the user's unit of pressure.
        glyphs: which characters to draw with.
        id: the widget's id.
        classes: its classes.
    """

    COMPONENT_CLASSES = {"readout--number", "readout--unit", "readout--warning", "readout--stale"}
    DEFAULT_CSS = """
    Readout {
        height: 9;
        & > .readout--number { color: $trace; text-style: bold; }
        & > .readout--unit { color: $axis; }
        & > .readout--warning { color: $suspect; text-style: bold; }
        & > .readout--stale { color: $stale; }
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
        self.unit = unit
        self.glyphs = glyphs
        self._reading = Reading.NO_SIGNAL
        self._number = ""
        self._note = ""

    def set_unit(self, unit: PressureUnit) -> None:
        """Write pressures in another unit, from the next reading on."""
        self.unit = unit

    def set_reading(self, reading: Reading, value: float | None = None, note: str = "") -> None:
        """Show what is known now.

        Args:
            reading: what the value is worth; with `NO_SIGNAL` no number is shown, whatever `value` is.
            value: kPa, or raw counts with `NOT_CALIBRATED`; None or not finite is no signal.
            note: what else should be known of it, in a few words ("zero was set under load").
        """
        if value is None or not math.isfinite(value):
            reading = Reading.NO_SIGNAL if reading is not Reading.NOT_CALIBRATED else reading
            self._number = ""
        elif reading is Reading.NOT_CALIBRATED:
            self._number = f"{value:.0f}" if abs(value) < 1e12 else ""
        else:
            self._number = number_text(self.unit.from_kpa(value), _FIELDS.get(self.unit.key, "8.88"))
        if reading is Reading.NO_SIGNAL:
            self._number = ""
        self._reading, self._note = reading, note
        if self.is_attached:
            self.show()

    @property
    def plain(self) -> str:
        """The reading in words: `2.35 kg/cm²`, `no signal`, `≥ 9.87 kg/cm² (sensor at its limit)`."""
        number, unit = self._number.strip(), self._unit_text
        if self._reading is Reading.NO_SIGNAL:
            return self._with_note("no signal")
        if self._reading is Reading.NOT_CALIBRATED:
            return self._with_note(f"{number} counts (not calibrated)" if number else "not calibrated")
        if self._reading is Reading.AT_LIMIT:
            return self._with_note(f"{self._at_least} {number} {unit} (sensor at its limit)")
        return self._with_note(f"{number} {unit}")

    def rows_key(self) -> object:
        """Everything that is shown."""
        return self._reading, self._number, self._note, self.unit, self.glyphs

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """The number, drawn as large as fits above the unit and the line below it."""
        number, caption = self._number_and_caption()
        spare = 1 if height >= 2 else 0
        room = height - spare - (1 if height >= 8 else 0)
        ascii_only = self.glyphs is Glyphs.ASCII
        big = bigtext.fit(number, width - 2, room, ascii_only=ascii_only)
        if big is None:
            big = bigtext.fit_lines(tuple(number.split() or [number]), width - 2, room, ascii_only=ascii_only)
        if big is None:
            return self._plain_rows(width, height)
        number_style = self.get_component_rich_style(
            "readout--stale" if self._reading is Reading.NO_SIGNAL else "readout--number"
        )
        rows = [self._centred(row, width, number_style) for row in big.rows]
        if spare:
            wrong = self._reading is not Reading.LIVE or bool(self._note)
            style = self.get_component_rich_style("readout--warning" if wrong else "readout--unit")
            rows.append(self._centred(caption, width, style))
        above = (height - len(rows) + 1) // 2
        blank = Strip.blank(width, self.rich_style)
        return [blank] * above + rows + [blank] * (height - len(rows) - above)

    @property
    def _unit_text(self) -> str:
        return self.unit.label.replace("²", "2") if self.glyphs is Glyphs.ASCII else self.unit.label

    @property
    def _at_least(self) -> str:
        return ">=" if self.glyphs is Glyphs.ASCII else "≥"

    def _with_note(self, text: str) -> str:
        return f"{text}, {self._note}" if self._note else text

    def _number_and_caption(self) -> tuple[str, str]:
        if self._reading is Reading.NO_SIGNAL:
            return "NO SIGNAL", self._note
        if self._reading is Reading.NOT_CALIBRATED:
            return self._number or "?", self._with_note("raw counts, not calibrated")
        if self._reading is Reading.AT_LIMIT:
            return f"≥{self._number.strip()}", self._with_note(f"{self._unit_text}, sensor at its limit")
        return self._number, self._with_note(self._unit_text)

    def _plain_rows(self, width: int, height: int) -> list[Strip]:
        name = {Reading.LIVE: "number", Reading.NO_SIGNAL: "stale"}.get(self._reading, "warning")
        line = self._centred(self.plain, width, self.get_component_rich_style(f"readout--{name}"))
        above = (height - 1) // 2
        blank = Strip.blank(width, self.rich_style)
        return [blank] * above + [line] + [blank] * (height - 1 - above)

    def _centred(self, text: str, width: int, style: Style) -> Strip:
        text = text[:width]
        left = (width - len(text)) // 2
        segments = [
            Segment(" " * left, self.rich_style),
            Segment(text, style),
            Segment(" " * (width - left - len(text)), self.rich_style),
        ]
        return Strip([s for s in segments if s.text], width)
