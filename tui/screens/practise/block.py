"""Blocks of blind attempts: between two of them nothing is told, at the end everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from feedback.drills.advice import advice_of
from tui.attempt_texts import CRITERION, block_rows, block_verdict
from tui.raster import Glyphs
from tui.screens.practise.result import SIMULATED, Onward
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from feedback.drills import AttemptRecord, Purpose
    from tui.settings import Settings


class KeptScreen(Screen[Onward]):
    """An attempt is kept and nothing is told of it but that; a void one says why it does not count.

    Args:
        record: the attempt.
        done: attempts of the block that count so far.
        of: how many it has.
        title: of the drill.
    """

    DEFAULT_CSS = """
    KeptScreen { align: center middle; }
    KeptScreen > Static { width: 100%; text-align: center; padding: 1 2; }
    KeptScreen #what { text-style: bold; }
    KeptScreen #what.void { background: $cue-stale; color: $cue-text; }
    KeptScreen #when { color: $axis; }
    """
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("space,enter", "onward(True)", "Go on", key_display="space"),
        Binding("escape,q", "onward(False)", "Enough", key_display="esc"),
    ]

    def __init__(self, record: AttemptRecord, *, done: int, of: int, title: str = "") -> None:
        super().__init__()
        self._record = record
        self._done = done
        self._of = of
        self._title = title or record.drill

    def compose(self) -> ComposeResult:
        """What was kept, and what comes next."""
        void = self._record.void
        yield Static(self._title, id="drill", markup=False)
        if void is not None:
            yield Static(f"{void.sentence} It is kept all the same.", id="what", classes="void", markup=False)
        else:
            yield Static(f"Attempt {self._done} of {self._of} is kept.", id="what", markup=False)
        again = "the same again" if void is not None else "the next one"
        yield Static(f"Take the tip off. Space: {again}.", id="how", markup=False)
        yield Static("What you pressed is shown after the last one.", id="when", markup=False)
        yield KeyLine(show_command_palette=False, compact=True)

    def action_onward(self, go_on: bool) -> None:
        """Go on, or enough for now."""
        self.dismiss(Onward(go_on))


class BlockScreen(Screen[Onward]):
    """All attempts of a blind block with their truths, and whether it is passed.

    Args:
        records: the attempts of the block, void ones too, oldest first.
        purpose: what the block was for.
        of: how many attempts it has.
        settings: unit and characters.
        title: of the drill.
        level: how far the skill is now, one sentence; may be empty.
        simulated: it was pressed on a simulated sensor, which is said.
    """

    DEFAULT_CSS = """
    BlockScreen { layout: vertical; }
    BlockScreen #top { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    BlockScreen #verdict { height: auto; padding: 1 1; background: $cue-idle; color: $cue-idle-text;
        text-style: bold; }
    BlockScreen #verdict.inside { background: $cue-in-band; color: $cue-text; }
    BlockScreen VerticalScroll { height: 1fr; padding: 1 1 0 1; }
    BlockScreen VerticalScroll > Static { height: auto; margin-bottom: 1; }
    BlockScreen #advice { text-style: bold; }
    BlockScreen #criterion, BlockScreen #voids { color: $axis; }
    BlockScreen #next { height: 1; padding: 0 1; background: $panel; }
    """
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("space,enter,escape,q", "onward", "Go on", key_display="space"),
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("down", "scroll(1)", "Down", show=False),
    ]

    def __init__(
        self,
        records: Sequence[AttemptRecord],
        *,
        purpose: Purpose,
        of: int,
        settings: Settings,
        title: str = "",
        level: str = "",
        simulated: bool = False,
    ) -> None:
        super().__init__()
        self._records = list(records)
        self._purpose = purpose
        self._of = of
        self._unit = settings.unit
        self._plain = Glyphs(settings.glyphs) is Glyphs.ASCII
        self._title = title
        self._level = level
        self._simulated = simulated

    def compose(self) -> ComposeResult:
        """The verdict, the attempts, the criterion, one sentence of advice."""
        verdict, passed = block_verdict(self._records, self._purpose, self._of)
        sign = {True: "● ", False: "○ ", None: ""}[passed]
        yield Static(f"{self._title} · {self._purpose.value}", id="top", markup=False)
        yield Static(f"{sign}{verdict}", id="verdict", classes="inside" if passed else "", markup=False)
        with VerticalScroll():
            yield Static(self.table(), id="attempts", markup=False)
            voids = [r.void.value for r in self._records if r.void is not None]
            if voids:
                yield Static(f"Kept and not counted: {', '.join(voids)}.", id="voids", markup=False)
            yield Static(advice_of(self._records).sentence, id="advice", markup=False)
            yield Static(" ".join(filter(None, (self._level, CRITERION))), id="criterion", markup=False)
        text = f"Space: go on. {SIMULATED}" if self._simulated else "Space: go on."
        yield Static(text, id="next", markup=False)
        yield KeyLine(show_command_palette=False, compact=True)

    def table(self) -> Table:
        """Each attempt: asked, pressed, off by, inside or not, the trainee's own word and how far that was off."""
        unit = self._unit.label.replace("²", "2") if self._plain else self._unit.label
        table = Table(box=None, padding=(0, 2, 0, 0), expand=False)
        for head in ("", "asked", "pressed", "error", "", "your word", "off by"):
            table.add_column(Text(head), justify="left" if head == "" else "right", header_style="dim")
        for row in block_rows(self._records, self._unit):
            cells = (row.number, row.asked, row.pressed, row.error, row.inside, row.estimate, row.guess_error)
            bold = "bold" if row.inside == "inside" else ""
            table.add_row(
                *(
                    Text(c.replace("−", "-") if self._plain else c, style=bold if i == 4 else "")
                    for i, c in enumerate(cells)
                )
            )
        table.caption = (
            f"in {unit}, errors in % of what was asked; “pressed” is what your word is held against"
        )
        table.caption_justify = "left"
        return table

    def action_scroll(self, rows: int) -> None:
        """Up and down where it does not fit."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_onward(self) -> None:
        """Go on."""
        self.dismiss(Onward(True))
