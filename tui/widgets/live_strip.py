"""The session in one line, on top of whatever is filled in while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from feedback.guidance import Cue
from tui.widgets.cue_panel import FACES

if TYPE_CHECKING:
    from feedback.units import PressureUnit
    from feedback.view import LiveView
    from tui.live_loop import LiveLoop

LOOKS_PER_S = 10


class LiveStrip(Static):
    """Cue, pressure, ceiling and point of the running session; the whole line turns red on an alarm or a stop.

    Args:
        loop: the session that goes on.
        unit: of the pressures.
    """

    DEFAULT_CSS = """
    LiveStrip {
        dock: top; height: 1; width: 100%; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
        background: $cue-idle; color: $cue-idle-text; text-style: bold;
    }
    LiveStrip.-below { background: $cue-below; color: $cue-text; }
    LiveStrip.-in-band { background: $cue-in-band; color: $cue-text; }
    LiveStrip.-above { background: $cue-above; color: $cue-text; }
    LiveStrip.-stale { background: $cue-stale; color: $cue-text; }
    LiveStrip.-stop { background: $cue-stop; color: $cue-stop-text; }
    """

    def __init__(self, loop: LiveLoop, unit: PressureUnit) -> None:
        super().__init__("", markup=False)
        self._loop = loop
        self._unit = unit
        self._look_is = ""
        self._words = ""

    def on_mount(self) -> None:
        """Look ten times a second."""
        self._look()
        self.set_interval(1 / LOOKS_PER_S, self._look)

    @property
    def plain(self) -> str:
        """What the line says."""
        return self._words

    def _look(self) -> None:
        view = self._loop.view()
        look, words = strip_of(view, self._unit)
        if look != self._look_is:
            self.remove_class(f"-{self._look_is}")
            self.add_class(f"-{look}")
            self._look_is = look
        if words != self._words:
            self._words = words
            self.update(Text(words, no_wrap=True, overflow="ellipsis"), layout=False)


def strip_of(view: LiveView, unit: PressureUnit) -> tuple[str, str]:
    """Look (a cue panel's style) and words of the line for one view."""
    face = FACES[view.asked]
    pressure = "–" if view.shown_kpa is None else unit.text(view.shown_kpa)
    ceiling = f"never above {unit.text(view.ceiling_kpa, unit=False)}"
    if view.alarm is not None:
        return "stop", f"■ STOP  {pressure}  over the ceiling of {unit.text(view.ceiling_kpa)}: ease off"
    if view.waits:
        return "stop", f"■ STOP  {pressure}  the client said stop: release, and talk"
    parts = [f"{face.sign} {face.word}", pressure, ceiling, str(view.place.point)]
    if view.cue is not Cue.NO_SIGNAL and view.prompt:
        parts[2:] = [view.prompt]
    return face.style, "  ".join(parts)
