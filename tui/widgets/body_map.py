"""The body from the front and from behind: pick an area, see what is where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.color import Color
from textual.message import Message
from textual.strip import Strip

from feedback.atlas import VIEWS, Atlas, View
from tui.body_picture import DOTS, LEVELS, Look, Picture, caption, level_of, picture
from tui.figure import Drawing, Place, draw
from tui.places import Places
from tui.raster import Glyphs, text_of
from tui.widgets.rows import RowsWidget

WIDTH_FOR_BOTH = 30
"""Narrower than this, one view is shown at a time: the one with the highlighted area."""
_LEAST_ROWS, _LEAST_COLUMNS = 8, 12
"""Smaller than this there is no figure, only the name of the highlighted area."""
_LONGEST_TYPED = 24
_SHADES = (0.5, 0.65, 0.8, 1.0)
"""How much of the colour of values each level has."""


class BodyMap(RowsWidget, can_focus=True):
    """A figure, front and back, on which an area is chosen; left is the client's left.

    Arrows go to the neighbour in that direction, letters to the area with that name ("low b", "knee r"), Enter or a
    click picks. The name of the highlighted area is always written out, and values are numbers as well as shades.

    Args:
        atlas: where the figure and its areas come from.
        glyphs: which characters to draw with.
        values: a number for some places: presses, dose, a rating; shown as shade and number.
        number: how a value is written, three characters at most on the figure.
        place: what is highlighted at first.
        id: the widget's id.
        classes: its classes.
    """

    COMPONENT_CLASSES = {
        f"body-map--{name}" for name in ("outline", "border", "value", "chosen", "caption", "name", "hint")
    }
    DEFAULT_CSS = """
    BodyMap {
        height: 20;
        width: 1fr;
        & > .body-map--outline { color: $foreground; }
        & > .body-map--border { color: $axis; }
        & > .body-map--value { color: $primary; }
        & > .body-map--chosen { color: $warning; }
        & > .body-map--caption { color: $axis; }
        & > .body-map--name { color: $foreground; text-style: bold; }
        & > .body-map--hint { color: $axis; }
    }
    """
    BINDINGS = [
        Binding("left", "move(-1, 0)", "Left", show=False),
        Binding("right", "move(1, 0)", "Right", show=False),
        Binding("up", "move(0, -1)", "Up", show=False),
        Binding("down", "move(0, 1)", "Down", show=False),
        Binding("enter", "pick", "Pick", show=False),
    ]

    class Told(Message):
        """What the map tells of a place.

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

    class Moved(Told):
        """Another area is highlighted."""

    class Picked(Told):
        """An area was picked: Enter or a click."""

    def __init__(
        self,
        atlas: Atlas,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        values: Mapping[Place, float] | None = None,
        number: Callable[[float], str] = "{:g}".format,
        place: Place | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._atlas = atlas
        self._glyphs = Glyphs(glyphs)
        self._places = Places(atlas)
        self._place = self._places.known(place) or self._places.first
        self._values = dict(values or {})
        self._number = number
        self._typed = ""
        self._stamp = 0
        self._drawings: dict[tuple[View, int, int], Drawing] = {}
        self._shown: list[tuple[int, Picture]] = []
        self._cell_styles: dict[int, Style] = {}

    # What the screen asks and tells.

    @property
    def place(self) -> Place:
        """The highlighted area's key, and the side."""
        return self._place

    @property
    def place_name(self) -> str:
        """The highlighted area and side in words."""
        return self._places.name(self._place)

    def highlight(self, area: str, side: str) -> None:
        """Highlight an area (the other side of it when it has no such side); an unknown one is left aside."""
        place = self._places.known((area, side))
        if place is not None and place != self._place:
            self._place = place
            self.show()
            self.post_message(self.Moved(self, *place))

    def set_values(self, values: Mapping[Place, float], number: Callable[[float], str] | None = None) -> None:
        """Show other numbers."""
        self._values = dict(values)
        self._number = number or self._number
        self._stamp += 1
        self.show()

    # What people do.

    def action_move(self, across: int, down: int) -> None:
        """Go to the neighbour in a direction of the screen."""
        self._typed = ""
        self.highlight(*self._places.beside(self._place, across, down))
        self.show()

    def action_pick(self) -> None:
        """Take the highlighted area."""
        self._typed = ""
        self.show()
        self.post_message(self.Picked(self, *self._place))

    def on_key(self, event: events.Key) -> None:
        """Letters go to the area with that name; Esc and Backspace take them back."""
        typed = self._typed
        if event.key == "escape" and typed:
            typed = ""
        elif event.key == "backspace" and typed:
            typed = typed[:-1]
        elif event.character and (event.character.isalpha() or (event.character == " " and typed)):
            typed = f"{typed}{event.character.lower()}"[:_LONGEST_TYPED]
        else:
            return
        event.stop()
        event.prevent_default()
        self._typed = typed
        if found := self._places.typed(typed, self._place):
            self.highlight(*found[0])
        self.show()

    def on_click(self, event: events.Click) -> None:
        """A click picks the area under it."""
        inside = event.get_content_offset(self)
        if inside is None:
            return
        for start, shown in self._shown:
            if start <= inside.x < start + shown.cells.shape[1] and (
                place := shown.at(inside.x - start, inside.y - 1)
            ):
                self.focus()
                self._typed = ""
                self.highlight(*place)
                self.post_message(self.Picked(self, *place))
                return

    def on_blur(self) -> None:
        """What was typed does not wait for the focus to come back."""
        self._typed = ""
        self.show()

    # How it looks.

    def rows_key(self) -> object:
        """Everything that the rows show."""
        return self._place, self._typed, self._stamp, self.has_focus

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self._cell_styles = {}

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """Captions, the figure, the name of what is highlighted."""
        if height < _LEAST_ROWS or width < _LEAST_COLUMNS:
            self._shown = []
            return [
                *([self._name_row(width)] if height else []),
                *([Strip.blank(width, self._ground())] * (height - 1)),
            ]
        views = VIEWS if width >= WIDTH_FOR_BOTH else (self._places.view(self._place),)
        columns = width // len(views)
        most = max(self._values.values(), default=0.0)
        self._shown = []
        captions: list[Segment] = []
        rows: list[list[Segment]] = [[] for _ in range(height - 2)]
        for number, view in enumerate(views):
            shown = self._picture(view, columns, height - 2, most)
            self._shown.append((number * columns, shown))
            captions.append(Segment(caption(view, columns, height - 2), self._style("caption")))
            for row, segments in enumerate(rows):
                segments.extend(self._segments(shown, row))
        ground = self._ground()
        return [
            *(Strip(row).adjust_cell_length(width, ground).apply_style(ground) for row in (captions, *rows)),
            self._name_row(width),
        ]

    def _picture(self, view: View, width: int, height: int, most: float) -> Picture:
        key = (view, width, height)
        if key not in self._drawings:
            # A few sizes only: a window that is being resized passes through many.
            self._drawings = {k: v for k, v in self._drawings.items() if k[1:] == key[1:]}
            self._drawings[key] = draw(self._atlas, view, width, height, DOTS[self._glyphs])
        return picture(
            self._drawings[key],
            self._glyphs,
            self._place,
            {place: level_of(value, most) for place, value in self._values.items()},
            {place: self._number(value)[:3] for place, value in self._values.items()},
        )

    def _segments(self, shown: Picture, row: int) -> list[Segment]:
        """One row of one view, cells of one look together."""
        looks = shown.looks[row]
        text = text_of(shown.codes[row])
        cuts = [0, *(np.flatnonzero(np.diff(looks)) + 1).tolist(), len(looks)]
        return [
            Segment(text[start:end], self._look_style(int(looks[start]))) for start, end in pairwise(cuts)
        ]

    def _name_row(self, width: int) -> Strip:
        """The highlighted area, its value, and what was typed."""
        value = self._values.get(self._place)
        name = self.place_name if value is None else f"{self.place_name}: {self._number(value)}"
        pointer = ">" if self._glyphs is Glyphs.ASCII else "▸"
        segments = [Segment(f"{pointer} {name}", self._style("name"))]
        if self._typed:
            fits = bool(self._places.typed(self._typed, self._place))
            segments.append(
                Segment(f"  {self._typed}_{'' if fits else ' fits nothing'}", self._style("hint"))
            )
        ground = self._ground()
        return Strip(segments).adjust_cell_length(width, ground).apply_style(ground)

    def _look_style(self, look: int) -> Style:
        if look not in self._cell_styles:
            self._cell_styles[look] = self._make_style(look)
        return self._cell_styles[look]

    def _make_style(self, look: int) -> Style:
        if look <= Look.BORDER:
            return self._style("outline" if look == Look.OUTLINE else "border")
        chosen = self.get_component_styles("body-map--chosen").color
        if look in (Look.CHOSEN, Look.NUMBER_CHOSEN):
            return self._painted_on(chosen) if look == Look.NUMBER_CHOSEN else _painted(chosen)
        level = (look - Look.VALUE) % LEVELS
        shade = self._behind().blend(self.get_component_styles("body-map--value").color, _SHADES[level])
        return self._painted_on(shade) if look >= Look.NUMBER else _painted(shade)

    def _painted_on(self, colour: Color) -> Style:
        """A number on a ground of the colour."""
        text = max((Color.parse("black"), Color.parse("white")), key=lambda one: contrast(one, colour))
        return Style(color=text.rich_color, bgcolor=colour.rich_color, bold=True)

    def _ground(self) -> Style:
        return Style(bgcolor=self._behind().rich_color)

    def _behind(self) -> Color:
        return self.background_colors[1]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"body-map--{name}", partial=True)


def _painted(colour: Color) -> Style:
    return Style(color=colour.rich_color)


def contrast(one: Color, other: Color) -> float:
    """How well one colour is read on the other, after WCAG 2.2: 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
