"""What came of an attempt: drawn, scored, held against the trainee's own earlier ones, with one sentence of advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from feedback.drills import DrillKind, FeedbackMode, Purpose
from tui.attempt_texts import FEEDBACK_TEXTS, alike, compared, score_rows, verdict_of
from tui.raster import Glyphs
from tui.widgets.drill_chart import DrillChart
from tui.widgets.key_line import KeyLine
from tui.widgets.score_table import ScoreTable

if TYPE_CHECKING:
    from feedback.drills import AttemptRecord
    from tui.drill_lines import Drawn
    from tui.settings import Settings

LEAST_CHART = 8
BESIDES = 8
"""Rows for everything but the chart and the scores."""
ONE_TARGET = (DrillKind.HOLD, DrillKind.FIND, DrillKind.REPRODUCE, DrillKind.CONTRAST)
SIMULATED = "(simulated sensor)"
CHOOSABLE = (Purpose.PRACTICE, Purpose.FREE)
"""What the trainee chooses the feedback of."""


@dataclass(frozen=True, slots=True)
class Onward:
    """What the trainee wants next.

    Attributes:
        go_on: the next attempt (or the same again); without it, enough for now.
        feedback: when the pressure is seen in it; None: as before.
    """

    go_on: bool
    feedback: FeedbackMode | None = None


class ResultScreen(Screen[Onward]):
    """Shown only where the truth may be seen.

    Args:
        record: the attempt; a void one says why it does not count.
        drawn: how it is drawn; None where that is not known.
        sentence: on this attempt.
        advice: one sentence on the last attempts together; may be empty.
        earlier: the trainee's earlier attempts, any drills.
        settings: unit and characters.
        title: of the drill.
        place: where in the curriculum it stood.
        onward: what Space does next, in a word or three.
        simulated: it was pressed on a simulated sensor, which is said.
    """

    DEFAULT_CSS = """
    ResultScreen { layout: vertical; }
    ResultScreen #top { height: 1; padding: 0 1; background: $panel; text-style: bold; text-wrap: nowrap;
        text-overflow: ellipsis; }
    ResultScreen #verdict { height: auto; padding: 0 1; background: $cue-idle; color: $cue-idle-text;
        text-style: bold; }
    ResultScreen #verdict.inside { background: $cue-in-band; color: $cue-text; }
    ResultScreen #verdict.void { background: $cue-stale; color: $cue-text; }
    ResultScreen ScoreTable { padding: 0 1; }
    ResultScreen #compared { height: auto; padding: 0 1; }
    ResultScreen #advice { height: auto; padding: 0 1; text-style: bold; }
    ResultScreen #next { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("space,enter", "onward", "Go on", key_display="space"),
        Binding("up", "mark(-1)", "Explain", key_display="↑ ↓"),
        Binding("down", "mark(1)", "Explain", show=False),
        Binding("f", "feedback", "Feedback"),
        Binding("escape,q", "enough", "Enough", key_display="esc"),
    ]

    def __init__(
        self,
        record: AttemptRecord,
        drawn: Drawn | None,
        *,
        sentence: str,
        advice: str,
        earlier: Sequence[AttemptRecord],
        settings: Settings,
        title: str = "",
        place: str = "",
        onward: str = "next attempt",
        simulated: bool = False,
    ) -> None:
        super().__init__()
        self._record = record
        self._drawn = drawn
        self._sentence = sentence
        self._advice = "" if record.void else advice
        self._earlier = alike(record, earlier)
        self._unit = settings.unit
        self._glyphs = Glyphs(settings.glyphs)
        self._title = title or record.drill
        self._place = place
        self._onward = onward
        self._simulated = simulated
        self._feedback = record.feedback
        self._rows = score_rows(record.scores, self._earlier, self._unit) if record.scores else ()

    def compose(self) -> ComposeResult:
        """What it was, how it came out, the picture, the scores, what to do about it."""
        asked = self._record.target_kpa if self._record.kind in ONE_TARGET else None
        what = f", {self._unit.text(asked)}" if asked and self._unit.label not in self._title else ""
        place = f" · {self._place}" if self._place else ""
        yield Static(f"{self._title}{what}{place}", id="top", markup=False)
        word, inside = verdict_of(self._record)
        classes = "void" if self._record.void else "inside" if inside else ""
        sign = {True: "● ", False: "○ ", None: ""}[inside]
        text = self._sentence or f"{word[:1].upper()}{word[1:]}."
        if self._record.void:
            text = f"{text} It is kept all the same."
        yield Static(f"{sign}{text}", id="verdict", classes=classes, markup=False)
        yield DrillChart(self._unit, glyphs=self._glyphs, id="chart")
        yield ScoreTable(self._rows, glyphs=self._glyphs, id="scores")
        yield Static(compared(self._record, self._earlier), id="compared", markup=False)
        yield Static(self._advice, id="advice", markup=False)
        yield Static("", id="next", markup=False)
        yield KeyLine(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Draw it."""
        chart = self.query_one(DrillChart)
        chart.display = self._drawn is not None
        if self._drawn is not None:
            chart.set_lines(self._drawn.lines)
            chart.append(self._drawn.time_s, self._drawn.pressure_kpa)
            chart.frame(None)
        for name, text in (("compared", compared(self._record, self._earlier)), ("advice", self._advice)):
            self.query_one(f"#{name}").display = bool(text)
        self.query_one(ScoreTable).display = bool(self._rows)
        self._say_next()

    def on_resize(self, event: Resize) -> None:
        """The picture and the scores share what there is."""
        room = event.size.height - BESIDES - LEAST_CHART
        self.query_one(ScoreTable).styles.height = max(min(len(self._rows) + 2, room), 4)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The feedback can be chosen in practice only."""
        return action != "feedback" or self._record.purpose in CHOOSABLE

    def action_mark(self, steps: int) -> None:
        """Explain another score."""
        self.query_one(ScoreTable).move(steps)

    def action_feedback(self) -> None:
        """Another feedback for the next attempt."""
        modes = tuple(FeedbackMode)
        self._feedback = modes[(modes.index(self._feedback) + 1) % len(modes)]
        self._say_next()

    def action_onward(self) -> None:
        """Go on."""
        self.dismiss(Onward(True, self._feedback))

    def action_enough(self) -> None:
        """Enough for now."""
        self.dismiss(Onward(False, self._feedback))

    def _say_next(self) -> None:
        onward = "the same again" if self._record.void else self._onward
        text = f"Space: {onward}."
        if self._record.purpose in CHOOSABLE:
            text += f" F: {FEEDBACK_TEXTS[self._feedback]}."
        self.query_one("#next", Static).update(f"{text} {SIMULATED}" if self._simulated else text)
