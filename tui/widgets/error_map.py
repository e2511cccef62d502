"""Where a trainee is light and where heavy: targets down, error across, words and signs beside the bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.raster import Glyphs
from tui.scale import nice_top
from tui.widgets.rows import RowsWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.drills.progress import MapCell
    from feedback.units import PressureUnit

LEAST_PCT, MOST_PCT = 20.0, 60.0
"""The scale reaches at least and at most this far to each side."""
_SIGNS = {"light": ("▼", "v"), "heavy": ("▲", "^"), "": ("●", "o")}
_WORDS = {"light": "light", "heavy": "heavy", "": "neither"}
_LEFT, _RIGHT = 10, 33


class ErrorMap(RowsWidget):
    """A row for each target: its mean error as a sign on a line, with the spread round it.

    Args:
        unit: of the targets.
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {f"error-map--{name}" for name in ("axis", "light", "heavy", "true", "spread")}
    DEFAULT_CSS = """
    ErrorMap {
        height: 1fr; width: 1fr;
        & > .error-map--axis { color: $axis; }
        & > .error-map--light { color: $below; }
        & > .error-map--heavy { color: $above; }
        & > .error-map--true { color: $in-band; }
        & > .error-map--spread { color: $trace; }
    }
    """

    def __init__(
        self,
        unit: PressureUnit,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._unit = unit
        self._ascii = glyphs is Glyphs.ASCII
        self._cells: tuple[MapCell, ...] = ()

    def set_cells(self, cells: Sequence[MapCell]) -> None:
        """Show these, lightest target first."""
        self._cells = tuple(cells)
        self.show()

    def rows_key(self) -> object:
        """What is drawn."""
        return self._cells

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """A head, the targets, a scale."""
        blank = Style(bgcolor=self.background_colors[1].rich_color)
        if not self._cells:
            return [Strip.blank(width, blank)] * height
        cells = self._cells
        room = max(height - 3, 1)
        if len(cells) > height - 2:
            # Those that are known best stay; how many do not is said.
            often = sorted(cells, key=lambda cell: -cell.presses)[:room]
            cells = tuple(cell for cell in cells if cell in often)
        bar = max(width - _LEFT - _RIGHT, 11)
        bar -= 1 - bar % 2
        span = max(abs(c.constant_pct) + (c.variable_pct or 0.0) for c in cells)
        span = min(max(nice_top(max(span, 1.0)), LEAST_PCT), MOST_PCT)
        gap = 2 if height >= 2 * len(cells) + 3 else 1
        rows = [self._head(bar)]
        for cell in cells:
            rows += [Strip([])] * (gap - 1)
            rows.append(self._row(cell, bar, span))
        rows += [Strip([])] * (gap - 1)
        rows.append(self._foot(bar, span))
        if len(cells) < len(self._cells):
            left_out = len(self._cells) - len(cells)
            rows.append(self._strip([(f"  and {left_out} more targets with fewer presses", "axis")]))
        return [row.adjust_cell_length(width, blank) for row in (*rows, *[Strip([])] * height)][:height]

    def _head(self, bar: int) -> Strip:
        light, heavy = ("< light", "heavy >") if self._ascii else ("◀ light", "heavy ▶")
        label = self._unit.label.replace("²", "2") if self._ascii else self._unit.label
        middle = light + " " * max(bar - len(light) - len(heavy), 1) + heavy
        numbers = f" {'mean':>6} {'spread':>7} {'presses':>7}"
        return self._strip([(f"{label:>{_LEFT - 1}} ", "axis"), (middle, "axis"), (numbers, "axis")])

    def _row(self, cell: MapCell, bar: int, span: float) -> Strip:
        half = bar // 2

        def at(pct: float) -> int:
            return min(max(half + round(pct / span * half), 0), bar - 1)

        line, zero = ("-", "|") if self._ascii else ("─", "│")
        cells = [" "] * bar
        sd = cell.variable_pct or 0.0
        for x in range(at(cell.constant_pct - sd), at(cell.constant_pct + sd) + 1):
            cells[x] = line
        cells[half] = zero
        sign = _SIGNS[cell.word][self._ascii]
        x = at(cell.constant_pct)
        style = cell.word or "true"
        spread = "–" if cell.variable_pct is None else f"± {cell.variable_pct:.0f} %"
        spread = spread.replace("±", "+-").replace("–", "-") if self._ascii else spread
        target = self._unit.text(cell.target_kpa, unit=False)
        return self._strip(
            [
                (f"{target:>{_LEFT - 1}} ", "axis"),
                ("".join(cells[:x]), "spread"),
                (sign, style),
                ("".join(cells[x + 1 :]), "spread"),
                (f" {f'{cell.constant_pct:+.0f} %':>6} {spread:>7} {cell.presses:>5}  ", "axis"),
                (f"{sign} {_WORDS[cell.word]}", style),
            ]
        )

    def _foot(self, bar: int, span: float) -> Strip:
        left, middle, right = f"-{span:.0f} %", "0", f"+{span:.0f} %"
        half = bar // 2
        text = f"{left:<{half}}{middle}{right:>{bar - half - 1}}"
        return self._strip([(" " * _LEFT, "axis"), (text, "axis")])

    def _strip(self, parts: Sequence[tuple[str, str]]) -> Strip:
        behind = self.background_colors[1]
        segments: list[Segment] = []
        for text, name in parts:
            colour = behind + self.get_component_styles(f"error-map--{name}").color
            bold = name in ("light", "heavy", "true")
            segments.append(
                Segment(text, Style(color=colour.rich_color, bgcolor=behind.rich_color, bold=bold))
            )
        return Strip(segments)
