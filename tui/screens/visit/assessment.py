"""The assessment: where it hurts and how much, what was found there, and what may keep it going."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from feedback.care import FACTORS, Assessment, Factor, Finding, FindingKind
from feedback.points import Point
from tui.screens.dialogs import PointDialog
from tui.screens.visit.areas import Place, map_number, map_values, offer_places, on_map
from tui.screens.visit.pains import KEYS, PainList
from tui.screens.visit.referred import ReferredDialog
from tui.screens.visit.sheet import Sheet
from tui.screens.visit.tickline import TickLine
from tui.widgets.body_map import BodyMap

if TYPE_CHECKING:
    from datetime import datetime

    from feedback.atlas import Atlas
    from feedback.care import PainArea
    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop
    from tui.raster import Glyphs


class AssessmentScreen(Sheet["Assessment | None"]):
    """From top to bottom: an area and its numbers, the next area, then factors and a note. Nothing is compulsory.

    Args:
        atlas: areas, muscles, referred pain.
        glyphs: which characters the body is drawn with.
        known: points of this client.
        last: the assessment before.
        last_at: when that was.
        loop: the session that goes on behind, or None.
        unit: of its pressures.
    """

    DEFAULT_CSS = """
    AssessmentScreen #sheet { width: 100; }
    AssessmentScreen.-wide.-tall #sheet { width: 120; }
    AssessmentScreen #columns { height: auto; width: 100%; }
    AssessmentScreen #form { width: 1fr; height: auto; }
    AssessmentScreen BodyMap { display: none; }
    AssessmentScreen.-wide.-tall BodyMap { display: block; width: 46; height: 30; margin-right: 2; }
    AssessmentScreen.-map BodyMap { display: block; width: 1fr; height: 20; }
    AssessmentScreen.-map.-roomy BodyMap, AssessmentScreen.-map.-tall BodyMap { height: 27; }
    AssessmentScreen.-tall #sheet { padding: 1 3; }
    AssessmentScreen.-map #form { display: none; }
    AssessmentScreen BodyMap:focus { border-left: thick $primary; }
    AssessmentScreen #offers {
        display: none; height: auto; max-height: 4; border: none; padding: 0; background: $surface;
    }
    AssessmentScreen #offers.-open { display: block; }
    AssessmentScreen #area { width: 1fr; }
    AssessmentScreen #note { width: 1fr; }
    AssessmentScreen #pains { margin: 1 0; }
    AssessmentScreen #keys { color: $text-muted; }
    AssessmentScreen .line { margin-top: 1; }
    AssessmentScreen.-tight .line { margin-top: 0; }
    AssessmentScreen.-tight #pains { margin: 0; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (124, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-tight"), (30, "-roomy"), (38, "-tall")]
    AUTO_FOCUS = "#area"
    BINDINGS = [
        Binding("f2", "map", "Body map"),
        Binding("down", "move(1)", "Choose", show=False, priority=True),
        Binding("up", "move(-1)", "Choose", show=False, priority=True),
    ]
    sheet_title = "Assessment"
    sheet_keys = "Enter: on · ↑ ↓ · F2: body map · ctrl+s: keep · Esc: back"

    def __init__(
        self,
        atlas: Atlas,
        glyphs: Glyphs,
        known: Sequence[Point] = (),
        last: Assessment | None = None,
        last_at: datetime | None = None,
        loop: LiveLoop | None = None,
        unit: PressureUnit | None = None,
    ) -> None:
        super().__init__(loop, unit)
        self._atlas = atlas
        self._glyphs = glyphs
        self._known = tuple(known)
        self._last = last
        self._last_at = last_at
        self._offered: list[Place] = []

    def content(self) -> ComposeResult | Iterator[Widget]:
        """The body beside the form."""
        with Horizontal(id="columns"):
            yield BodyMap(self._atlas, glyphs=self._glyphs, number=map_number, id="body")
            with Vertical(id="form"):
                if self._last is not None and not self._last.empty:
                    yield Static(self._last_text(), classes="hint", markup=False)
                with Horizontal(classes="line"):
                    yield Label("Where it hurts", classes="named")
                    yield Input(placeholder="a few letters: “ne l”; Enter goes on", id="area", max_length=60)
                yield OptionList(id="offers", markup=False)
                yield PainList(id="pains")
                yield Static(
                    Columns([Text(key, no_wrap=True) for key in KEYS], padding=(0, 2)),
                    id="keys",
                    markup=False,
                )
                with Horizontal(classes="line"):
                    yield Label("Keeps it going", classes="named")
                    yield TickLine(FACTORS, id="factors")
                with Horizontal(classes="line"):
                    yield Label("Note", classes="named")
                    yield Input(placeholder="no names", id="note", max_length=500)

    def on_mount(self) -> None:
        """The list beside the field is chosen from while typing."""
        self.query_one("#offers", OptionList).can_focus = False
        self.query_one(PainList).can_focus = False

    # Where it hurts.

    @on(Input.Changed, "#area")
    def _typed(self, event: Input.Changed) -> None:
        last = [(area.area, area.side) for area in self._last.areas] if self._last else []
        self._offered = offer_places(event.value, self._atlas, last) if event.value.strip() else []
        options = self.query_one("#offers", OptionList)
        options.clear_options()
        options.add_options([Option(", ".join(part for part in place if part)) for place in self._offered])
        options.set_class(bool(self._offered), "-open")
        if self._offered:
            options.highlighted = 0

    @on(Input.Submitted, "#area")
    def _area_entered(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if not text:
            self.set_focus(self.query_one("#factors"))
            return
        marked = self.query_one("#offers", OptionList).highlighted
        # A word that the list does not have is taken as it is.
        place = self._offered[marked] if marked is not None and self._offered else (text.lower(), "")
        event.input.value = ""
        self._add(place)

    @on(OptionList.OptionSelected, "#offers")
    def _area_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        place = self._offered[event.option_index]
        self.query_one("#area", Input).value = ""
        self._add(place)

    @on(BodyMap.Picked)
    def _area_picked(self, event: BodyMap.Picked) -> None:
        event.stop()
        area = self._atlas.area(event.area)
        self.remove_class("-map")
        if area is not None:
            self._add((area.part, event.side))

    def _add(self, place: Place) -> None:
        pains = self.query_one(PainList)
        pains.can_focus = True
        pains.add(*place)
        self.set_focus(pains)
        if (there := on_map(self._atlas, place)) is not None:
            self.query_one(BodyMap).highlight(*there)

    @on(PainList.Changed)
    def _changed(self, event: PainList.Changed) -> None:
        event.stop()
        pains = self.query_one(PainList)
        pains.can_focus = bool(pains.told.areas)
        if not pains.told.areas:
            self.set_focus(self.query_one("#area"))
        self.query_one(BodyMap).set_values(map_values(self._atlas, pains.told.areas))

    @on(PainList.Left)
    def _left(self, event: PainList.Left) -> None:
        event.stop()
        self.set_focus(self.query_one("#factors" if event.down else "#area"))

    # What was found there.

    @on(PainList.TriggerPointWanted)
    def _which_point(self, event: PainList.TriggerPointWanted) -> None:
        event.stop()

        def chosen(point: Point | None) -> None:
            if point is None:
                return
            there = self._atlas.atlas_point(point)
            muscle = self._atlas.muscle(point.muscle)
            usual = there or (muscle.points[0] if muscle and muscle.points else None)
            self.app.push_screen(
                ReferredDialog(point, usual.refers if usual else "", self.strip()),
                lambda referred: self._found_point(event.area, point, referred or ""),
            )

        title = f"Which trigger point, {event.area}?"
        self.app.push_screen(
            PointDialog(self._known, self._atlas, title=title, careful=False, strip=self.strip()), chosen
        )

    def _found_point(self, area: PainArea, point: Point, referred: str) -> None:
        self.query_one(PainList).add_finding(
            Finding(FindingKind.TRIGGER_POINT, area.area, "", point, referred, area.side)
        )

    # From field to field.

    def on_key(self, event: events.Key) -> None:
        """Enter in the rows goes on to the next area."""
        if event.key == "enter" and self.focused is self.query_one(PainList):
            event.stop()
            event.prevent_default()
            self.set_focus(self.query_one("#area"))

    @on(Input.Submitted, "#note")
    def _note_entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """On the body map the arrows are the map's own."""
        if action == "move" and isinstance(self.focused, BodyMap):
            return False
        return super().check_action(action, parameters)

    def action_move(self, step: int) -> None:
        """Up and down: in the list of offers, among the rows, from field to field."""
        focused = self.focused
        options = self.query_one("#offers", OptionList)
        if isinstance(focused, PainList):
            focused.action_move(step)
        elif focused is not None and focused.id == "area" and self._offered:
            options.highlighted = ((options.highlighted or 0) + step) % len(self._offered)
        else:
            (self.focus_next if step > 0 else self.focus_previous)()

    def action_map(self) -> None:
        """Pick the area on the body."""
        body = self.query_one(BodyMap)
        if not body.display:
            self.add_class("-map")
        self.set_focus(body)

    def action_back(self) -> None:
        """Escape leaves the body map first."""
        if self.has_class("-map") or self.focused is self.query_one(BodyMap):
            self.remove_class("-map")
            self.set_focus(self.query_one("#area"))
        else:
            self.dismiss(None)

    def action_go_on(self) -> None:
        """Enter where nothing else takes it."""
        if isinstance(self.focused, TickLine):
            self.set_focus(self.query_one("#note"))
        else:
            self.action_keep()

    def action_keep(self) -> None:
        """Keep what is there."""
        told = self.query_one(PainList).told
        self.dismiss(
            Assessment(
                told.areas,
                told.findings,
                tuple(Factor(name) for name in self.query_one(TickLine).on),
                self.query_one("#note", Input).value.strip(),
            )
        )

    def _last_text(self) -> str:
        assert self._last is not None
        areas = ", ".join(
            f"{area}{'' if area.now is None else f' {area.now} now'}"
            f"{'' if area.usual is None else f' {area.usual} usual'}"
            for area in self._last.areas
        )
        factors = ", ".join(factor.name for factor in self._last.factors)
        day = "" if self._last_at is None else f" ({self._last_at.astimezone():%d %b})"
        return f"Last time{day}: " + "; ".join(part for part in (areas, factors, self._last.note) if part)
