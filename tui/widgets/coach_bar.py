"""The coach: the phase of the technique, how far it is, how fast the pressure should grow, and what comes next."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from feedback.coach.phases import CoachNow, PhaseKind, RateCue, RateNow
from tui.raster import Glyphs
from tui.widgets.rows import RowsWidget

if TYPE_CHECKING:
    from feedback.units import PressureUnit

SIGNS: dict[PhaseKind, tuple[str, str]] = {
    PhaseKind.READY: ("○", "-"),
    PhaseKind.RAMP: ("▼", "v"),
    PhaseKind.HOLD: ("●", "o"),
    PhaseKind.EASE: ("▲", "^"),
    PhaseKind.REST: ("○", "-"),
    PhaseKind.RELEASE: ("▲", "^"),
    PhaseKind.DONE: ("✓", "="),
}
RATE_WORDS = {RateCue.SLOWER: "slower", RateCue.GOOD: "good pace", RateCue.FASTER: "faster"}
RATE_SPAN = 4.0
"""The gauge of the rate reaches from a quarter of what is wanted to four times as much."""
SHORTEST_BAR = 12


class CoachBar(RowsWidget):
    """One row, two or more: what to do, with a bar of time or a gauge of the rate; why, and what comes next.

    Args:
        unit: of the rate.
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {
        "coach-bar--do",
        "coach-bar--quiet",
        "coach-bar--done",
        "coach-bar--left",
        "coach-bar--good",
        "coach-bar--slower",
        "coach-bar--faster",
    }
    DEFAULT_CSS = """
    CoachBar {
        height: 2; background: $surface;
        & > .coach-bar--do { background: $surface; color: $foreground; text-style: bold; }
        & > .coach-bar--quiet { background: $surface; color: $axis; }
        & > .coach-bar--done { background: $surface; color: $in-band; }
        & > .coach-bar--left { background: $surface; color: $axis; }
        & > .coach-bar--good { background: $surface; color: $in-band; text-style: bold; }
        & > .coach-bar--slower { background: $surface; color: $above; text-style: bold; }
        & > .coach-bar--faster { background: $surface; color: $below; text-style: bold; }
    }
    """

    def __init__(
        self,
        unit: PressureUnit,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        super().__init__(id=id)
        self._unit = unit
        self._ascii = glyphs is Glyphs.ASCII
        self._coach: CoachNow | None = None
        self._aside = ""

    def set_coach(self, coach: CoachNow | None, aside: str = "") -> None:
        """Show this; `aside` goes before why and then, for what is known of the hold itself."""
        self._coach, self._aside = coach, aside
        if self.is_attached:
            self.show()

    def rows_key(self) -> object:
        """Everything that is shown, to the tenth of a second."""
        coach = self._coach
        if coach is None:
            return None
        return (
            coach.technique.name, coach.phase, coach.do, coach.why, coach.then, coach.round, coach.rounds,
            round(coach.elapsed_s, 1), coach.of_s, coach.rate, self._aside,
        )  # fmt: skip

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """What to do first; the rest as far as there is room."""
        coach = self._coach
        if coach is None:
            return [self._row([("", "quiet")], width)] * height
        name, when = self._what(coach), _when(coach)
        picture_width = width - len(name) - len(when) - 4
        if height >= 3:
            first = [
                (f"{name} ", "do"),
                (" " * max(1, width - len(name) - len(when) - 3), "quiet"),
                (when, "do"),
            ]
            rows = [first, self._picture(coach, width - 2)]
        else:
            picture = self._picture(coach, picture_width) if picture_width >= SHORTEST_BAR else []
            filled = sum(len(text) for text, _ in picture)
            rows = [
                [
                    (f"{name} ", "do"),
                    *picture,
                    (" " * max(1, picture_width - filled + 1), "quiet"),
                    (when, "do"),
                ]
            ]
        if height >= 2:
            rows.append([(self._reason(coach), "quiet")])
        rows += [[("", "quiet")]] * (height - len(rows))
        return [self._row(row, width) for row in rows[:height]]

    def _what(self, coach: CoachNow) -> str:
        return f"{SIGNS[coach.phase][self._ascii]} {coach.do}"

    def _reason(self, coach: CoachNow) -> str:
        then = f"Then: {coach.then}" if coach.then else ""
        return ". ".join(part.rstrip(".") for part in (self._aside, coach.why, then) if part)

    def _picture(self, coach: CoachNow, width: int) -> list[tuple[str, str]]:
        """A bar of time, or the gauge of the rate while the pressure should grow."""
        if width < SHORTEST_BAR:
            return []
        if coach.rate:
            return self._gauge(coach.rate, width)
        if coach.of_s:
            done = round(min(1.0, coach.elapsed_s / coach.of_s) * width)
            full, empty = ("=", "-") if self._ascii else ("█", "░")
            return [(full * done, "done"), (empty * (width - done), "left")]
        return []

    def _gauge(self, rate: RateNow, width: int) -> list[tuple[str, str]]:
        """The wanted rate in the middle, where the hand is on a scale of ratios, and the word for it."""
        words = f" {RATE_WORDS[rate.cue]}: {self._unit.text(rate.now_kpa_per_s)}/s of "
        words += f"{self._unit.text(rate.wanted_kpa_per_s, unit=False)}"
        if width < SHORTEST_BAR + len(words):
            words = f" {RATE_WORDS[rate.cue]}"
        size = width - len(words)
        if size < SHORTEST_BAR:
            return [(words.strip(), rate.cue.value)]

        def at(kpa_per_s: float) -> int:
            ratio = max(kpa_per_s, 1e-6) / rate.wanted_kpa_per_s
            share = 0.5 + 0.5 * math.log(ratio) / math.log(RATE_SPAN)
            return round(min(max(share, 0.0), 1.0) * (size - 1))

        low, high, here = at(rate.low_kpa_per_s), at(rate.high_kpa_per_s), at(rate.now_kpa_per_s)
        inside, outside, mark = ("=", "-", "O") if self._ascii else ("━", "─", "●")
        cells = [
            (mark, rate.cue.value)
            if x == here
            else (inside, "done")
            if low <= x <= high
            else (outside, "left")
            for x in range(size)
        ]
        return [*cells, (words, rate.cue.value)]

    def _row(self, parts: list[tuple[str, str]], width: int) -> Strip:
        segments = [Segment(" ", self._style("quiet"))]
        segments += [Segment(text, self._style(style)) for text, style in parts if text]
        return Strip(segments).adjust_cell_length(width, self._style("quiet")).simplify()

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"coach-bar--{name}")


def _when(coach: CoachNow) -> str:
    """How long, and which round: `23 of 60 s · round 1 of 3`."""
    parts = []
    if coach.of_s:
        parts.append(f"{coach.elapsed_s:.0f} of {coach.of_s:.0f} s")
    elif coach.phase is not PhaseKind.READY and coach.phase is not PhaseKind.DONE:
        parts.append(f"{coach.elapsed_s:.0f} s")
    if coach.rounds > 1:
        parts.append(f"round {min(coach.round, coach.rounds)} of {coach.rounds}")
    return " · ".join(parts)
