"""A screen as SVG in which every cell has its place, whatever fonts the viewer has.

Textual's own export leaves columns to the widths of the viewer's font; here blocks and Braille dots are drawn as shapes
and every other character stands at its cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from rich.color import Color
from rich.style import Style
from textual._context import visible_screen_stack
from textual.app import App

WIDTH, HEIGHT = 9.0, 19.0
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the eight Braille dots, in the order of their bits."""
BLOCKS = {
    "█": (0, 0, 1, 1),
    "▀": (0, 0, 1, 0.5),
    "▄": (0, 0.5, 1, 0.5),
    "▌": (0, 0, 0.5, 1),
    "▐": (0.5, 0, 0.5, 1),
}


def svg_of(app: App[object]) -> str:
    """The active screen of a running app."""
    columns, rows = app.size
    # What shows through a modal screen is rendered only when Textual is told what lies behind it.
    visible_screen_stack.set(list(app._background_screens))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDTH:g} {rows * HEIGHT:g}" '
        'font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="15">'
    ]
    shapes: list[str] = []
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            front, back, bold = _colours(segment.style)
            width = len(segment.text)
            lines.append(_rect(x, y, (0, 0, width, 1), back))
            for i, character in enumerate(segment.text):
                shapes += _cell(x + i, y, character, front, bold)
            x += width
    return "\n".join([*lines, *shapes, "</svg>"]) + "\n"


def _colours(style: Style | None) -> tuple[str, str, bool]:
    front = _hex(style.color if style else None, "#e8edf2")
    back = _hex(style.bgcolor if style else None, "#0d1117")
    if style and style.reverse:
        front, back = back, front
    return front, back, bool(style and style.bold)


def _hex(color: Color | None, default: str) -> str:
    return color.get_truecolor().hex if color and not color.is_default else default


def _cell(x: int, y: int, character: str, colour: str, bold: bool) -> Iterator[str]:
    code = ord(character)
    if character == " ":
        return
    if character in BLOCKS:
        yield _rect(x, y, BLOCKS[character], colour)
    elif 0x2581 <= code <= 0x2587:
        share = (code - 0x2580) / 8
        yield _rect(x, y, (0, 1 - share, 1, share), colour)
    elif 0x2800 <= code <= 0x28FF:
        for bit, (column, row) in enumerate(DOTS):
            if (code - 0x2800) >> bit & 1:
                cx, cy = (x + 0.25 + 0.5 * column) * WIDTH, (y + 0.125 + 0.25 * row) * HEIGHT
                yield f'<circle cx="{cx:g}" cy="{cy:g}" r="1.7" fill="{colour}"/>'
    else:
        weight = ' font-weight="bold"' if bold else ""
        yield f'<text x="{x * WIDTH:g}" y="{(y + 0.76) * HEIGHT:g}" fill="{colour}"{weight}>{escape(character)}</text>'


def _rect(x: int, y: int, part: tuple[float, float, float, float], colour: str) -> str:
    left, top, width, height = part
    return (
        f'<rect x="{(x + left) * WIDTH:g}" y="{(y + top) * HEIGHT:g}" width="{width * WIDTH:g}" '
        f'height="{height * HEIGHT:g}" fill="{colour}" shape-rendering="crispEdges"/>'
    )
