"""The body from the front and from behind, its areas shaded by what was done there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from feedback.atlas import VIEWS
from tui.body_picture import level_of
from tui.figure import mirrored, smooth
from tui.report.svg import Svg, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from feedback.atlas import Atlas, View
    from feedback.review import Place

_HIGH = 330.0
"""Height of a body on the drawing."""
_ACROSS = 170.0
_TOP = 26.0


def body_picture(
    name: str, title: str, values: Mapping[Place, float], atlas: Atlas, number: Callable[[float], str]
) -> Markup:
    """Draw both views; the client's left is on the right of the front view and on the left of the back view.

    Args:
        name: unlike any other in the document.
        title: what is shown.
        values: by area and side.
        atlas: where the figure comes from.
        number: how a value is written on it.
    """
    svg = Svg(2 * _ACROSS + 20, _HIGH + _TOP + 12)
    most = max(values.values(), default=0.0)
    said: list[str] = []
    for index, view in enumerate(VIEWS):
        middle = _ACROSS / 2 + index * (_ACROSS + 20)
        _view(svg, f"{name}-{view}", view, middle, values, most, atlas, number)
    for area in atlas.areas:
        for side in area.sides:
            value = values.get((area.key, side))
            if value:
                said.append(f"{area.name}{'' if side == 'middle' else f', {side}'}: {number(value)}")
    return svg.markup(name, title, f"{'; '.join(said) or 'nothing yet'}.")


def _view(
    svg: Svg,
    name: str,
    view: View,
    middle: float,
    values: Mapping[Place, float],
    most: float,
    atlas: Atlas,
    number: Callable[[float], str],
) -> None:
    facing = 1.0 if view == "front" else -1.0

    def places(corners: NDArray[np.float64]) -> list[tuple[float, float]]:
        return [(middle + facing * x * _HIGH, _TOP + y * _HIGH) for x, y in corners.tolist()]

    body = path_of(places(smooth(mirrored(atlas.figures[view])))) + "Z"
    left, right = ("right", "left") if view == "front" else ("left", "right")
    svg.text(middle, 13, view, "tick strong", "middle")
    svg.text(middle - 62, 13, left, "tick", "middle")
    svg.text(middle + 62, 13, right, "tick", "middle")
    svg.raw(
        Markup('<clipPath id="{}"><path d="{}"/></clipPath><g clip-path="url(#{})">').format(name, body, name)
    )
    svg.raw(Markup('<path class="body" d="{}"/>').format(body))
    numbers: list[tuple[float, float, str]] = []
    # Where two outlines overlap the earlier area has it, so it is drawn last.
    for area in reversed(atlas.areas):
        if area.view != view:
            continue
        for side in area.sides:
            corners = np.asarray(area.outline) * ((-1.0, 1.0) if side == "right" else (1.0, 1.0))
            if side != "middle":
                corners = _half(corners, 1.0 if side == "left" else -1.0)
            value = values.get((area.key, side), 0.0)
            level = level_of(value, most)
            drawn = path_of(places(corners)) + "Z"
            svg.raw(Markup('<path class="area level{}" d="{}"/>').format(level, drawn))
            if level:
                x, y = places(corners.mean(axis=0, keepdims=True))[0]
                numbers.append((x, y, number(value)))
    svg.raw(Markup('</g><path class="outline" d="{}"/>').format(body))
    for x, y, text in numbers:
        svg.text(x, y + 4, text, "on-body", "middle")


def _half(corners: NDArray[np.float64], side: float) -> NDArray[np.float64]:
    """What lies on one side of the midline: areas of a pair end there."""
    kept = corners.copy()
    kept[:, 0] = np.where(kept[:, 0] * side < 0, 0.0, kept[:, 0])
    return kept
