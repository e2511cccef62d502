"""Before a session: whose, where, with what, and how hard is never harder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Button, Input, Label, OptionList, Select
from textual.widgets.option_list import Option

from feedback.history import BadEntryError, check_code
from feedback.points import UNSPECIFIED, Point, PointError
from tui.screens.ceiling_field import CeilingField
from tui.screens.dialogs import CautionDialog, takes_first
from tui.wanted import UNNAMED_CLIENT, Visit, WantedError, looks_like_a_name, number_of, visit_from
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.opening import Studio

FREE = "–"
"""The name under which “no technique” stands in the list."""


class SetupScreen(Screen["Visit | None"]):
    """Choose or create a client code and a point, the applicator, its area and the ceiling; gives the visit.

    Args:
        studio: the open record and all lists.
        visit: what is filled in at first.
    """

    DEFAULT_CSS = """
    SetupScreen { align: center middle; }
    SetupScreen #form { width: 96; max-width: 100%; height: auto; max-height: 100%; padding: 0 2; }
    SetupScreen .title { text-style: bold; width: 16; height: 100%; padding-right: 1; }
    SetupScreen .row { height: auto; margin-bottom: 1; }
    SetupScreen .row:focus-within > .title { color: $primary; }
    SetupScreen .field { height: auto; width: 1fr; padding-right: 2; }
    SetupScreen OptionList {
        width: 1fr; height: 5; max-height: 5; border: none; padding: 0; background: $surface;
    }
    SetupScreen .hint { color: $text-muted; width: 100%; height: auto; }
    SetupScreen .wrong { color: $text-error; text-style: bold; height: auto; min-height: 1; width: 100%; }
    SetupScreen .short { width: 16; }
    SetupScreen .beside { width: 1fr; padding: 0 1; color: $text-muted; height: auto; }
    SetupScreen Input { height: 3; }
    SetupScreen #start { width: 100%; }
    SetupScreen.-tight .row { margin-bottom: 0; }
    SetupScreen.-tight #client-row, SetupScreen.-tight #point-row { margin-bottom: 1; }
    SetupScreen.-tight #ceiling-row { margin-top: 1; }
    SetupScreen.-tight Input { height: 1; border: none; padding: 0 1; background: $panel; }
    SetupScreen.-tight Input:focus { background: $primary 35%; }
    SetupScreen.-tight SelectCurrent { height: 1; border: none; padding: 0 1; background: $panel; }
    SetupScreen.-tight Select:focus > SelectCurrent { background: $primary 35%; border: none; }
    SetupScreen.-tight OptionList { height: 4; }
    SetupScreen.-roomy .beside { padding-top: 1; }
    SetupScreen.-roomy .title { padding-top: 1; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-tight"), (36, "-roomy")]
    AUTO_FOCUS = "#client"
    BINDINGS = [
        Binding("ctrl+s", "start", "Start"),
        Binding("escape", "dismiss(None)", "Leave"),
        Binding("down", "move(1)", "Choose", show=False, priority=True),
        Binding("up", "move(-1)", "Choose", show=False, priority=True),
    ]

    def __init__(self, studio: Studio, visit: Visit) -> None:
        super().__init__()
        self._studio = studio
        self._settings = studio.settings
        self._unit = studio.settings.unit
        self._visit = visit
        self._clients = studio.history.clients()
        self._codes: list[str] = []
        self._points: list[Point] = []
        self._known: dict[str, list[Point]] = {}
        self._looks_like_a_name = ""
        self._confirmed: dict[Point, tuple[str, ...]] = (
            {visit.point: visit.cautions} if visit.cautions else {}
        )

    def compose(self) -> ComposeResult:
        """One form from top to bottom, in the order in which it is thought of."""
        code = "" if self._visit.client_code == UNNAMED_CLIENT else self._visit.client_code
        point = "" if self._visit.point.muscle == UNSPECIFIED else str(self._visit.point)
        techniques = [(Text(t.title), t.name) for t in self._studio.shelf.techniques.values()]
        with VerticalScroll(id="form", can_focus=False):
            with Horizontal(classes="row", id="client-row"):
                yield Label("Whose session?", classes="title")
                with Vertical(classes="field"):
                    yield Input(code, placeholder="client code, for example A17", id="client", max_length=40)
                    yield Label("A code, never a name.", classes="hint")
                yield OptionList(id="clients", markup=False)
            with Horizontal(classes="row", id="point-row"):
                yield Label("Which point?", classes="title")
                with Vertical(classes="field"):
                    yield Input(point, placeholder="upper trapezius, left, 1", id="point")
                    yield Label("A few letters: “ut l”.", classes="hint")
                yield OptionList(id="points", markup=False)
            with Horizontal(classes="row"):
                yield Label("Pressed with", classes="title")
                with Vertical(classes="field"):
                    yield Select(
                        [(Text(name), name) for name in self._settings.areas_cm2],
                        value=self._visit.applicator,
                        allow_blank=False,
                        id="applicator",
                    )
                with Horizontal(classes="field"):
                    area = Input(
                        f"{self._visit.tip_area_cm2:g}", placeholder="1.0", id="area", classes="short"
                    )
                    yield area
                    yield Label("cm²", classes="beside")
            with Horizontal(classes="row"):
                yield Label("Technique", classes="title")
                with Vertical(classes="field"):
                    yield Select(
                        [*techniques, (Text("none: no coach"), FREE)],
                        value=self._visit.technique
                        if self._studio.shelf.technique(self._visit.technique)
                        else FREE,
                        allow_blank=False,
                        id="technique",
                    )
                with Horizontal(classes="field"):
                    therapist = self._visit.therapist
                    yield Input(therapist, placeholder="T1", id="therapist", max_length=40, classes="short")
                    yield Label("therapist", classes="beside")
            with Horizontal(classes="row", id="ceiling-row"):
                yield Label("Never above", classes="title")
                yield CeilingField(self._unit, classes="field")
            yield Label("", classes="wrong", markup=False)
            yield Button("Start   (Enter, or ctrl+s from anywhere)", variant="primary", id="start")
        yield KeyLine(show_command_palette=False)

    def on_mount(self) -> None:
        """Lists are chosen from while typing, so they need no focus."""
        for options in self.query(OptionList):
            options.can_focus = False
        self._offer_clients()
        self._offer_points()
        self._offer_ceiling()

    # While it is filled in.

    @on(Input.Changed, "#client")
    def _client_typed(self) -> None:
        self._offer_clients()
        self._offer_points()
        self._offer_ceiling()

    @on(Input.Changed, "#point")
    def _point_typed(self) -> None:
        self._offer_points()
        self._offer_ceiling()

    @on(Input.Changed, "#area")
    def _area_typed(self) -> None:
        self._offer_ceiling()

    @on(Select.Changed, "#applicator")
    def _applicator_chosen(self, event: Select.Changed) -> None:
        area = self._settings.areas_cm2.get(str(event.value))
        if area is not None and str(event.value) != self._visit.applicator:
            self.query_one("#area", Input).value = f"{area:g}"
            self._visit = replace(self._visit, applicator=str(event.value))
        self._offer_ceiling()

    # Enter goes on.

    @on(Input.Submitted, "#client")
    def _client_taken(self) -> None:
        chosen = self.query_one("#clients", OptionList).highlighted
        field = self.query_one("#client", Input)
        if chosen is not None:
            self._take_client(self._codes[chosen])
        elif not self._code_is_meant(field.value):
            return
        self.wrong("")
        self.set_focus(self.query_one("#point"))

    @on(Input.Submitted, "#point")
    def _point_taken(self) -> None:
        try:
            point = self._point()
        except (PointError, WantedError) as error:
            self.wrong(str(error))
            return
        self.wrong("")
        self._take(point)
        self._with_care(point, lambda: self.set_focus(self.query_one("#ceiling")))

    @on(Button.Pressed, "#start")
    @on(Input.Submitted, "#area")
    @on(Input.Submitted, "#therapist")
    @on(Input.Submitted, "#ceiling")
    def _start_pressed(self) -> None:
        self.action_start()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        if event.option_list.id == "clients":
            self._take_client(self._codes[event.option_index])
            self.set_focus(self.query_one("#point"))
        else:
            point = self._points[event.option_index]
            self._take(point)
            self._with_care(point, lambda: self.set_focus(self.query_one("#ceiling")))

    def action_move(self, step: int) -> None:
        """Up and down the list beside the field that has the focus."""
        focused = self.focused
        if isinstance(focused, Select) and focused.expanded:
            return
        beside = {"client": "#clients", "point": "#points"}.get(focused.id or "") if focused else None
        if beside is None:
            (self.focus_next if step > 0 else self.focus_previous)()
            return
        options = self.query_one(beside, OptionList)
        if options.option_count:
            at = options.highlighted
            options.highlighted = (-1 if at is None and step > 0 else at or 0) + step
            options.highlighted %= options.option_count

    def action_start(self) -> None:
        """Check what is filled in and begin."""
        try:
            code = check_code(self.query_one("#client", Input).value)
            if not self._code_is_meant(code):
                return
            point = self._point()
            visit = visit_from(
                self._settings,
                client=code,
                point=None,
                applicator=str(self.query_one("#applicator", Select).value),
                area_cm2=self._area(),
                band=None,
                ceiling=None,
            )
            self._take(point)
            ceiling_kpa = self.query_one(CeilingField).kpa
        except (BadEntryError, PointError, WantedError) as error:
            self.wrong(str(error))
            return
        self.wrong("")
        technique = str(self.query_one("#technique", Select).value)
        visit = replace(
            visit,
            point=point,
            band=self._visit.band,
            ceiling_kpa=ceiling_kpa,
            technique="" if technique == FREE else technique,
            therapist=self.query_one("#therapist", Input).value.strip(),
        )
        self._with_care(point, lambda: self.dismiss(replace(visit, cautions=self._confirmed.get(point, ()))))

    def wrong(self, text: str) -> None:
        """Say what is wrong; empty takes it away."""
        self.query_one(".wrong", Label).update(text)

    # What the fields hold.

    def _code_is_meant(self, code: str) -> bool:
        """A code that reads like a name is asked about once."""
        code = code.strip()
        if code == self._looks_like_a_name or not looks_like_a_name(code):
            return True
        self._looks_like_a_name = code
        self.wrong(
            f"“{code}” looks like a name. A code keeps the client private; Enter again keeps it as it is."
        )
        self.set_focus(self.query_one("#client"))
        return False

    def _point(self) -> Point:
        """The point that is marked in the list, else the one that is typed."""
        chosen = self.query_one("#points", OptionList).highlighted
        if chosen is not None and self._points:
            return self._points[chosen]
        text = self.query_one("#point", Input).value.strip()
        if not text:
            raise WantedError("which point? Type a muscle, for example “upper trapezius, left, 1”")
        return self._studio.shelf.atlas.parse(text)

    def _take_client(self, code: str) -> None:
        """Write a client's code out, at once: what is typed next is for the next field."""
        field = self.query_one("#client", Input)
        with field.prevent(Input.Changed):
            field.value = code
        self._client_typed()

    def _take(self, point: Point) -> None:
        """Write a point out, so that nothing is left to guess."""
        field = self.query_one("#point", Input)
        if field.value != str(point):
            with field.prevent(Input.Changed):
                field.value = str(point)
            self._offer_points()
        self._offer_ceiling()

    def _area(self) -> float:
        text = self.query_one("#area", Input).value
        try:
            return number_of(text)
        except ValueError:
            raise WantedError(f"“{text}” is not an area: give the contact area in cm²") from None

    def _with_care(self, point: Point, go_on: Callable[[], object]) -> None:
        """Go on, after a confirmation where the point lies in or near a caution site."""
        sites = self._studio.shelf.atlas.cautions(point)
        if not sites or point in self._confirmed:
            go_on()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._confirmed[point] = tuple(site.name for site in sites)
                go_on()
            else:
                self.set_focus(self.query_one("#point"))

        self.app.push_screen(CautionDialog(point, sites), answered)

    # What is offered.

    def _offer_clients(self) -> None:
        typed = self.query_one("#client", Input).value.strip().lower()
        fitting = [client for client in self._clients if typed in client.code.lower()]
        self._codes = [client.code for client in fitting]
        options = self.query_one("#clients", OptionList)
        options.clear_options()
        for client in fitting:
            seen = f"last seen {client.last_seen.astimezone():%d %b %Y}" if client.last_seen else "new"
            options.add_option(Option(f"{client.code}  ({seen})"))

    def _offer_points(self) -> None:
        typed = self.query_one("#point", Input).value
        self._points = self._studio.shelf.atlas.offers(typed, self._known_points())
        options = self.query_one("#points", OptionList)
        options.clear_options()
        options.add_options([Option(str(point)) for point in self._points])
        options.highlighted = 0 if takes_first(typed, self._points, self._studio.shelf.atlas) else None

    def _known_points(self) -> list[Point]:
        code = self.query_one("#client", Input).value.strip()
        if not any(client.code == code for client in self._clients):
            return []
        if code not in self._known:
            self._known[code] = [summary.point for summary in self._studio.history.points(code)]
        return self._known[code]

    def _offer_ceiling(self) -> None:
        """Prefill the ceiling for what is filled in so far, unless another was typed."""
        field = self.query_one(CeilingField)
        if field.typed:
            return
        try:
            point = self._point()
        except (PointError, WantedError):
            point = None
        try:
            area_cm2 = self._area()
        except WantedError:
            area_cm2 = self._visit.tip_area_cm2
        code = self.query_one("#client", Input).value.strip()
        known = any(client.code == code for client in self._clients)
        applicator = str(self.query_one("#applicator", Select).value)
        offer = self._studio.ceiling_offer(code if known else "", point, applicator, area_cm2)
        if self._visit.ceiling_kpa is not None and self._visit.point in (Point(UNSPECIFIED), point):
            offer = replace(offer, kpa=self._visit.ceiling_kpa, why="as given")
        field.offer(offer)
