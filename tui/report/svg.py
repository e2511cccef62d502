"""Small drawings as inline SVG: everything that is text is escaped, every colour is a class of the style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

Anchor = Literal["start", "middle", "end"]
XY = tuple[float, float]

_LINE = Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>')
_RECT = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>')
_DOT = Markup('<circle class="{}" cx="{}" cy="{}" r="{}">{}</circle>')
_SHAPE = Markup('<path class="{}" d="{}Z">{}</path>')
_WAY = Markup('<path class="{}" d="{}"/>')
_TEXT = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
_SVG = Markup(
    '<svg viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d" focusable="false">'
    '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>'
)


class Svg:
    """A drawing under way; coordinates are its own, x to the right and y down.

    Args:
        width: of the drawing.
        height: of the drawing.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self._parts: list[Markup] = []

    def line(self, x0: float, y0: float, x1: float, y1: float, look: str) -> None:
        """A straight line."""
        self._parts.append(_LINE.format(look, *_short(x0, y0, x1, y1)))

    def rect(
        self, x: float, y: float, width: float, height: float, look: str, *, round_by: float = 0
    ) -> None:
        """A rectangle; one without width or height is left out."""
        if width > 0 and height > 0:
            self._parts.append(_RECT.format(look, *_short(x, y, width, height, round_by)))

    def dot(self, x: float, y: float, radius: float, look: str, hint: str = "") -> None:
        """A circle, with words that show when the pointer rests on it."""
        self._parts.append(_DOT.format(look, *_short(x, y, radius), _title(hint)))

    def diamond(self, x: float, y: float, radius: float, look: str, hint: str = "") -> None:
        """A square that stands on its corner."""
        self.shape([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], look, hint)

    def shape(self, corners: Sequence[XY], look: str, hint: str = "") -> None:
        """A closed shape."""
        self._parts.append(_SHAPE.format(look, path_of(corners), _title(hint)))

    def way(self, points: Sequence[XY], look: str) -> None:
        """A line through all the points; fewer than two are left out."""
        if len(points) > 1:
            self._parts.append(_WAY.format(look, path_of(points)))

    def text(self, x: float, y: float, words: str, look: str = "label", anchor: Anchor = "start") -> None:
        """Words, their base line at y."""
        self._parts.append(_TEXT.format(look, *_short(x, y), anchor, words))

    def raw(self, part: Markup) -> None:
        """A part that is SVG already."""
        self._parts.append(part)

    def markup(self, name: str, title: str, description: str) -> Markup:
        """The whole of it.

        Args:
            name: unlike any other in the document.
            title: what it shows, in a few words.
            description: the same in a sentence or two, for those who do not see it.
        """
        size = _short(self.width, self.height)
        inside = Markup("").join(self._parts)
        return _SVG.format(*size, name, name, name, title, name, description, inside)


def path_of(points: Sequence[XY]) -> str:
    """`M x y L x y …`, a tenth of a unit exact."""
    return "M" + "L".join(f"{_trim(x)} {_trim(y)}" for x, y in points)


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places on the drawing.

    Attributes:
        low: the value at `start`.
        high: the value at `stop`, unlike `low`.
        start: place.
        stop: place.
    """

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values that cover a range, ascending; the first is at or below it, the last at or above."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return [0.0, 1.0]
    span = high - low
    if span < 1e-6 * max(abs(high), 1.0):
        span = max(abs(high), 1.0)
    rough = span / max(1, about)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]


def tick_text(value: float, values: Sequence[float]) -> str:
    """A tick with as many decimals as its neighbours need."""
    decimals = next(
        (n for n in range(4) if all(math.isclose(v, round(v, n), abs_tol=1e-9) for v in values)), 4
    )
    return f"{value:.{decimals}f}"


def _title(hint: str) -> Markup:
    return Markup("<title>{}</title>").format(hint) if hint else Markup("")


def _trim(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _short(*values: float) -> tuple[str, ...]:
    return tuple(_trim(value) for value in values)
