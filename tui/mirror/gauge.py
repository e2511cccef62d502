"""The pressure against the band as one large picture, always the same: little, good and much stand in the same place.

The way from 0 to the ceiling is drawn in three straight pieces: below the band, the band, above it. The band is always
the middle third, whatever its pressures are, so that one look tells where the hand is; figures, where they are shown,
stand at its edges. The right-hand end is the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from rich.segment import Segment
from textual.strip import Strip

from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget

if TYPE_CHECKING:
    from tui.mirror.snapshot import Snapshot

BAND_FROM, BAND_TO = 1 / 3, 2 / 3
_EIGHTHS = " ▏▎▍▌▋▊▉"


class Ink(StrEnum):
    """What a cell is painted with."""

    GROUND = "ground"
    BAND = "band"
    BELOW = "below"
    IN_BAND = "in-band"
    ABOVE = "above"
    PLAIN = "plain"
    NEEDLE = "needle"
    NEEDLE_ON_BAND = "needle-on-band"
    CEILING = "ceiling"
    TARGET = "target"
    TARGET_ON_BAND = "target-on-band"
    LABEL = "label"
    EDGE = "edge"
    END = "end"
    POINTER = "pointer"


@dataclass(frozen=True, slots=True)
class Scale:
    """Where pressures stand from the left (0) to the right (1): `stops` in kPa, strictly growing, at `places`."""

    stops: tuple[float, ...]
    places: tuple[float, ...]
    band: tuple[float, float] | None
    """Places of the band's edges."""
    safe: float | None
    """Place up to which it is safe to go while there is no band."""

    def place(self, pressure_kpa: float) -> float:
        """0 to 1; beyond the ends it stays at them."""
        return float(np.interp(pressure_kpa, self.stops, self.places))


def scale_of(
    lower_kpa: float | None, upper_kpa: float | None, ceiling_kpa: float, stay_below_kpa: float | None
) -> Scale:
    """The scale for a band (or none) below a ceiling; edges that make no sense are left out."""
    ceiling_kpa = max(ceiling_kpa, 1.0)
    if lower_kpa is not None and upper_kpa is not None and 0 < lower_kpa < min(upper_kpa, ceiling_kpa):
        if upper_kpa < ceiling_kpa:
            places = (0.0, BAND_FROM, BAND_TO, 1.0)
            return Scale((0.0, lower_kpa, upper_kpa, ceiling_kpa), places, (BAND_FROM, BAND_TO), None)
        return Scale((0.0, lower_kpa, ceiling_kpa), (0.0, BAND_FROM, 1.0), (BAND_FROM, 1.0), None)
    if stay_below_kpa is not None and 0 < stay_below_kpa < ceiling_kpa:
        return Scale((0.0, stay_below_kpa, ceiling_kpa), (0.0, BAND_TO, 1.0), None, BAND_TO)
    return Scale((0.0, ceiling_kpa), (0.0, 1.0), None, None)


@dataclass(frozen=True, slots=True)
class Label:
    """Words or a figure at a place; those at the ends stand at the ends."""

    place: float
    text: str
    ink: Ink = Ink.LABEL


@dataclass(frozen=True, slots=True)
class Picture:
    """What the gauge shows.

    Attributes:
        scale: of the pressures.
        pressure_kpa: the pressure now; None: nothing is known, and no bar is drawn.
        target_kpa: the pressure to try next.
        labels: below the bar, the most important first; those that find no room are left out.
        pointer: above the bar's end; empty for a sign alone.
    """

    scale: Scale
    pressure_kpa: float | None = None
    target_kpa: float | None = None
    labels: tuple[Label, ...] = ()
    pointer: str = ""


Row = list[tuple[str, Ink]]
"""Cells of a row: a character and its ink."""


def draw(picture: Picture, width: int, height: int, *, ascii_only: bool, hatched: bool) -> list[Row]:
    """The gauge in `width` x `height` cells; `hatched` shows the band without colour."""
    labels = 1 if height >= 2 else 0
    pointer = 1 if height >= 3 else 0
    body = height - labels - pointer
    margin = 0 if body < 3 else 1 if body < 8 else 2
    empty = _ground(picture, width, ascii_only=ascii_only, hatched=hatched)
    bar = _bar(picture, empty, width, ascii_only=ascii_only)
    rows = [list(bar if margin <= y < body - margin else empty) for y in range(body)]
    if pointer:
        rows.insert(0, _pointer(picture, width, ascii_only=ascii_only))
    if labels:
        rows.append(_labels(picture.labels, width))
    return rows


def _ground(picture: Picture, width: int, *, ascii_only: bool, hatched: bool) -> Row:
    scale = picture.scale
    row: Row = [(" ", Ink.GROUND)] * width
    if scale.band:
        first, last = round(scale.band[0] * width), max(round(scale.band[1] * width), 1)
        fill = (":" if ascii_only else "░") if hatched or ascii_only else " "
        row[first:last] = [(fill, Ink.BAND)] * (last - first)
    if scale.safe is not None:
        row[min(round(scale.safe * width), width - 1)] = (":" if ascii_only else "┊", Ink.TARGET)
    if picture.target_kpa is not None:
        x = min(int(scale.place(picture.target_kpa) * width), width - 1)
        row[x] = ("|" if ascii_only else "┃", Ink.TARGET_ON_BAND if row[x][1] is Ink.BAND else Ink.TARGET)
    row[-1] = ("!" if ascii_only else "▐", Ink.CEILING)
    return row


def _bar(picture: Picture, empty: Row, width: int, *, ascii_only: bool) -> Row:
    row = list(empty)
    pressure_kpa, scale = picture.pressure_kpa, picture.scale
    if pressure_kpa is None:
        return row
    place = scale.place(max(0.0, pressure_kpa))
    ink = zone(scale, place)
    full, part = divmod(round(place * width * 8), 8)
    solid = "#" if ascii_only else "█"
    row[: min(full, width)] = [(solid, ink)] * min(full, width)
    if full < width and part and not ascii_only:
        row[full] = (_EIGHTHS[part], Ink.NEEDLE_ON_BAND if empty[full][1] in _BAND_INKS else Ink.NEEDLE)
    needle = slice(max(0, full - max(1, width // 60)), min(full, width))
    row[needle] = [("|" if ascii_only else solid, Ink.NEEDLE)] * (needle.stop - needle.start)
    return row


_BAND_INKS = (Ink.BAND, Ink.TARGET_ON_BAND)


def zone(scale: Scale, place: float) -> Ink:
    """Which side of the band a place is on."""
    if scale.band is None:
        return Ink.PLAIN if scale.safe is None or place <= scale.safe else Ink.ABOVE
    lower, upper = scale.band
    return Ink.BELOW if place < lower else Ink.IN_BAND if place <= upper else Ink.ABOVE


def _pointer(picture: Picture, width: int, *, ascii_only: bool) -> Row:
    row: Row = [(" ", Ink.LABEL)] * width
    if picture.pressure_kpa is None:
        return row
    sign = "v" if ascii_only else "▼"
    x = min(int(picture.scale.place(max(0.0, picture.pressure_kpa)) * width), width - 1)
    text, at = sign, x
    if picture.pointer and x + 2 + len(picture.pointer) <= width:
        text = f"{sign} {picture.pointer}"
    elif picture.pointer and x - 1 - len(picture.pointer) >= 0:
        text, at = f"{picture.pointer} {sign}", x - 1 - len(picture.pointer)
    row[at : at + len(text)] = [(c, Ink.POINTER) for c in text]
    return row


def _labels(labels: tuple[Label, ...], width: int) -> Row:
    row: Row = [(" ", Ink.LABEL)] * width
    taken = [False] * width
    for label in labels:
        wide = len(label.text)
        at = 0 if label.place <= 0 else round(label.place * width) - wide // 2
        at = max(0, min(at, width - wide))
        room = range(max(0, at - 1), min(width, at + wide + 1))
        if wide > width or any(taken[x] for x in room):
            continue
        for x, character in enumerate(label.text, at):
            row[x], taken[x] = (character, label.ink), True
    return row


def words_of(scale: Scale) -> list[Label]:
    """`little`, `good` and `much` in the middle of their parts, `stop` at the end."""
    end = Label(1.0, "stop", Ink.END)
    if scale.band is None:
        return [end] if scale.safe is None else [Label(scale.safe / 2, "still learning"), end]
    lower, upper = scale.band
    middle = [Label(lower / 2, "little"), Label((lower + upper) / 2, "good", Ink.EDGE)]
    return [*middle, *([Label((upper + 1) / 2, "much")] if upper < 1 else []), end]


def scale_for(snapshot: Snapshot) -> Scale:
    """The scale of a session's moment."""
    return scale_of(snapshot.lower_kpa, snapshot.upper_kpa, snapshot.ceiling_kpa, snapshot.stay_below_kpa)


class BandGauge(RowsWidget):
    """The picture on a screen.

    Args:
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {f"gauge--{ink.value}" for ink in Ink}
    DEFAULT_CSS = """
    BandGauge {
        & > .gauge--ground { background: $panel; color: $axis; }
        & > .gauge--band { background: $band; color: $band-hatch; }
        & > .gauge--below { background: $panel; color: $below; }
        & > .gauge--in-band { background: $panel; color: $in-band; }
        & > .gauge--above { background: $panel; color: $above; }
        & > .gauge--plain { background: $panel; color: $trace; }
        & > .gauge--needle { background: $panel; color: $trace; }
        & > .gauge--needle-on-band { background: $band; color: $trace; }
        & > .gauge--ceiling { background: $panel; color: $ceiling; text-style: bold; }
        & > .gauge--target { background: $panel; color: $target; text-style: bold; }
        & > .gauge--target-on-band { background: $band; color: $target; text-style: bold; }
        & > .gauge--label { background: $background; color: $axis; }
        & > .gauge--edge { background: $background; color: $in-band; text-style: bold; }
        & > .gauge--end { background: $background; color: $ceiling; text-style: bold; }
        & > .gauge--pointer { background: $background; color: $foreground; text-style: bold; }
    }
    """

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._ascii = glyphs is Glyphs.ASCII
        self._picture = Picture(scale_of(None, None, 1.0, None))

    def set_picture(self, picture: Picture) -> None:
        """Show it."""
        self._picture = picture
        if self.is_attached:
            self.show()

    def rows_key(self) -> object:
        """Everything that is shown."""
        return self._picture, self.app.no_color

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """The picture in colours."""
        rows = draw(self._picture, width, height, ascii_only=self._ascii, hatched=self.app.no_color)
        return [self._strip(row, width) for row in rows]

    def _strip(self, row: Row, width: int) -> Strip:
        runs = [(ink, "".join(c for c, _ in cells)) for ink, cells in groupby(row, key=lambda cell: cell[1])]
        styles = [self.get_component_rich_style(f"gauge--{ink.value}") for ink, _ in runs]
        return Strip([Segment(text, style) for (_, text), style in zip(runs, styles, strict=True)], width)
