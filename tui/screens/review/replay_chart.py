"""The live chart, fed from the record: whatever the playhead does, it shows what was seen then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.strip_chart import StripChart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedback.band import Band
    from tui.raster import Glyphs
    from tui.scale import Axis
    from tui.screens.review.scrubber import Sign
    from tui.screens.review.traces import Trace

Bounds = tuple["Band | None", "float | None"]


class ReplayChart(StripChart):
    """A strip chart with a playhead at its right edge.

    Args:
        glyphs: which characters to draw with.
        window_s: seconds shown.
        now_word: what the right edge is called.
        id: the widget's id.
    """

    def __init__(
        self,
        glyphs: Glyphs,
        *,
        window_s: float = 30.0,
        now_word: str = "here",
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(glyphs=glyphs, window_s=window_s, now_word=now_word, id=id)
        self._trace: Trace | None = None
        self._signs: Sequence[Sign] = ()
        self._bounds_at: Callable[[float], Bounds] = lambda _: (None, None)
        self._fed_s = -float("inf")

    def show_trace(
        self, trace: Trace, axis: Axis, signs: Sequence[Sign], bounds_at: Callable[[float], Bounds]
    ) -> None:
        """Take a recording; nothing is seen of it before `put`."""
        self._trace, self._signs, self._bounds_at = trace, signs, bounds_at
        self.set_axis(axis)
        self._fed_s = float("inf")

    def set_window(self, window_s: float) -> None:
        """Show so many seconds from now on."""
        self.picture.set_window(window_s)
        self._fed_s = float("inf")

    def put(self, at_s: float) -> None:
        """Show what was seen at a time of the recording."""
        trace = self._trace
        if trace is None:
            return
        if at_s < self._fed_s:
            self.clear()
            self._fed_s = at_s - 1.1 * self.picture.window_s
        part = trace.between(self._fed_s, at_s)
        self.append(trace.time_s[part], trace.value[part], trace.suspect[part])
        for sign in self._signs:
            if self._fed_s < sign.time_s <= at_s:
                self.add_mark(sign.time_s, sign.glyph, sign.style)
        self._fed_s = at_s
        if trace.calibrated:
            self.set_band(*self._bounds_at(at_s))
        self.frame(at_s)
