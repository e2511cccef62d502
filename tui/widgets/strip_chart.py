"""The strip chart: the last half minute of pressure over the band, the newest at the right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.segment import Segment
from textual.strip import Strip

from feedback.band import Band
from feedback.units import KG_PER_CM2
from tui import raster
from tui.picture import ChartPicture, Frame
from tui.raster import BAND_LEVELS, Glyphs, Kind
from tui.scale import Axis, pressure_axis
from tui.widgets.painted import PaintedChart

MARK_STYLES = {
    "": Kind.MARK,
    "quiet": Kind.MARK_QUIET,
    "below": Kind.BELOW,
    "in-band": Kind.IN_BAND,
    "above": Kind.ABOVE,
    "stop": Kind.MARK_STOP,
}
"""Styles that `StripChart.add_mark` knows."""

_COMPONENT_OF = {
    Kind.BLANK: "hatch",
    Kind.TRACE: "trace",
    Kind.SUSPECT: "suspect",
    Kind.CEILING: "ceiling",
    Kind.TARGET: "target",
    Kind.GAP: "stale",
    Kind.BELOW: "below",
    Kind.IN_BAND: "in-band",
    Kind.ABOVE: "above",
    Kind.AXIS: "axis",
    Kind.AXIS_BAND: "in-band",
    Kind.AXIS_CEILING: "ceiling",
    Kind.AXIS_TARGET: "target",
    Kind.MARK: "mark",
    Kind.MARK_STOP: "ceiling",
    Kind.MARK_QUIET: "axis",
}


class StripChart(PaintedChart[Frame]):
    """Pressure (or raw counts) of the last `window_s` seconds, pulled by the screen: call `frame` 30 times a second.

    Args:
        axis: how values are written; kg/cm² when left out.
        glyphs: which characters to draw with.
        window_s: seconds shown.
        gap_s: samples further apart than this have lost the signal in between (3 sample periods or more).
        now_word: what the right edge is called: "now" while it is.
        id: the widget's id.
        classes: its classes.
    """

    COMPONENTS = "strip-chart"
    COMPONENT_OF = _COMPONENT_OF
    BOLD = frozenset(
        {Kind.SUSPECT, Kind.MARK, Kind.MARK_STOP, Kind.AXIS_BAND, Kind.AXIS_CEILING, Kind.AXIS_TARGET}
    )
    AXES = frozenset({Kind.AXIS, Kind.AXIS_BAND, Kind.AXIS_CEILING, Kind.AXIS_TARGET})
    LEVELS = BAND_LEVELS
    COMPONENT_CLASSES = {f"strip-chart--{name}" for name in {*_COMPONENT_OF.values(), "band"}}  # pyright: ignore[reportAssignmentType]
    DEFAULT_CSS = """
    StripChart {
        height: 1fr;
        width: 1fr;
        & > .strip-chart--trace { color: $trace; }
        & > .strip-chart--band { color: $band; }
        & > .strip-chart--hatch { color: $band-hatch; }
        & > .strip-chart--suspect { color: $suspect; }
        & > .strip-chart--ceiling { color: $ceiling; }
        & > .strip-chart--target { color: $target; }
        & > .strip-chart--stale { color: $stale; }
        & > .strip-chart--below { color: $below; }
        & > .strip-chart--in-band { color: $in-band; }
        & > .strip-chart--above { color: $above; }
        & > .strip-chart--axis { color: $axis; }
        & > .strip-chart--mark { color: $foreground; }
    }
    """

    def __init__(
        self,
        axis: Axis | None = None,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        window_s: float = 30.0,
        gap_s: float = 0.35,
        now_word: str = "now",
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.picture = ChartPicture(
            axis or pressure_axis(KG_PER_CM2),
            glyphs=glyphs,
            window_s=window_s,
            gap_s=gap_s,
            now_word=now_word,
        )
        self._now_s = 0.0

    # What the screen tells it.

    def append(self, time_s: ArrayLike, value: ArrayLike, suspect: ArrayLike | None = None) -> None:
        """Add samples, oldest first: times in seconds, values in the axis' measure, true where not to be trusted."""
        self.picture.append(time_s, value, suspect)

    def set_band(
        self, band: Band | None, ceiling_kpa: float | None = None, target_kpa: float | None = None
    ) -> None:
        """Show a band (or none), the ceiling that must not be passed, and the pressure to try next."""
        self.picture.set_band(band, ceiling_kpa, target_kpa)

    def set_axis(self, axis: Axis) -> None:
        """Write values in another unit, or as counts; call `clear` too when the values themselves change measure."""
        self.picture.set_axis(axis)

    def set_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with another set of characters."""
        self.picture.set_look(glyphs=glyphs)

    def add_mark(self, time_s: float, glyph: str, style: str = "") -> None:
        """Show one character below the trace at a time.

        Raises:
            KeyError: `style` is none of `MARK_STYLES`.
        """
        self.picture.add_mark(time_s, glyph, MARK_STYLES[style])

    def clear(self) -> None:
        """Forget samples and marks."""
        self.picture.clear()

    def freeze(self) -> None:
        """Let the view stand still; samples go on being kept."""
        self.picture.freeze(self._now_s)

    def unfreeze(self) -> None:
        """Show what has come in since."""
        self.picture.unfreeze()

    @property
    def frozen(self) -> bool:
        """The view stands still."""
        return self.picture.frozen

    def frame(self, now_s: float) -> None:
        """Bring the view to `now_s`, on the clock of the samples; only rows that changed are painted again."""
        self._now_s = now_s
        self.repaint_changes()

    # Painting.

    @property
    def _hatched(self) -> bool:
        return self.picture.hatched

    def _draw(self, width: int, height: int) -> Frame:
        if self.app.no_color != self.picture.hatched:
            self.picture.set_look(hatched=self.app.no_color)
        return self.picture.draw(width, height, self._now_s)

    def _behind_differs(self, before: Frame, after: Frame) -> NDArray[np.bool_]:
        return (before.upper != after.upper) | (before.lower != after.lower)

    def _strip(self, frame: Frame, y: int) -> Strip:
        codes, kinds = frame.codes[y], frame.kinds[y]
        upper, lower = int(frame.upper[y]), int(frame.lower[y])
        text = raster.text_of(codes)
        if upper == lower:
            # An empty cell shows only its background, which its neighbours share: let it join their run.
            cell = np.arange(len(kinds))
            own = (codes != 0) | (cell <= self.picture.gutter)
            kinds = kinds[np.maximum.accumulate(np.where(own, cell, 0))]
        ends = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
        segments: list[Segment] = []
        start = 0
        for end in (*ends.tolist(), len(kinds)):
            segments.append(Segment(text[start:end], self._style(int(kinds[start]), upper, lower)))
            start = end
        return Strip(segments, len(kinds))
