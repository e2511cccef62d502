"""Names of points for people who do not know muscles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.atlas.model import PAIRED
from tui.report.words import sentence

if TYPE_CHECKING:
    from feedback.atlas import Atlas
    from feedback.points import Point


def plain_name(point: Point, atlas: Atlas) -> str:
    """`Top of the shoulder (left)`; the muscle where the atlas knows no area."""
    area = atlas.area_of(point)
    side = f" ({point.side})" if point.side in PAIRED else ""
    return sentence(f"{area.name if area else point.muscle}{side}")


def full_name(point: Point) -> str:
    """`Upper trapezius, left, 1`."""
    return sentence(str(point))
