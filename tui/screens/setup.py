"""Before a session: whose, where, with what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, Label, OptionList, Select
from textual.widgets.option_list import Option

from feedback.history import BadEntryError, check_code
from feedback.points import UNSPECIFIED, Point, PointError, parse_point
from tui.screens.dialogs import offers
from tui.wanted import UNNAMED_CLIENT, Visit, WantedError, visit_from

if TYPE_CHECKING:
    from feedback.history import History
    from tui.settings import Settings


class SetupScreen(Screen["Visit | None"]):
    """Choose or create a client code and a point, the applicator and its area; gives the visit."""

    DEFAULT_CSS = """
    SetupScreen { align: center middle; }
    SetupScreen #form { width: 76; max-width: 100%; height: auto; max-height: 100%; padding: 0 2; }
    SetupScreen .title { text-style: bold; padding: 1 0 0 0; width: 100%; }
    SetupScreen .row { height: auto; }
    SetupScreen .row > Vertical { height: auto; width: 1fr; padding-right: 1; }
    SetupScreen OptionList { height: 5; border: none; background: $surface; }
    SetupScreen .wrong { color: $text-error; height: auto; min-height: 1; width: 100%; }
    SetupScreen .hint { color: $text-muted; width: 100%; }
    SetupScreen Input { height: 3; }
    SetupScreen Button { margin-top: 0; }
    """
    AUTO_FOCUS = "#client"
    BINDINGS = [
        Binding("ctrl+s", "start", "Start"),
        Binding("escape", "dismiss(None)", "Leave"),
        Binding("down", "move(1)", "Choose", show=False, priority=True),
        Binding("up", "move(-1)", "Choose", show=False, priority=True),
    ]

    def __init__(self, history: History, settings: Settings, visit: Visit) -> None:
        super().__init__()
        self._history = history
        self._settings = settings
        self._visit = visit
        self._clients = history.clients()
        self._codes: list[str] = []
        self._points: list[Point] = []

    def compose(self) -> ComposeResult:
        """One form from top to bottom, in the order in which it is thought of."""
        code = "" if self._visit.client_code == UNNAMED_CLIENT else self._visit.client_code
        point = "" if self._visit.point.muscle == UNSPECIFIED else str(self._visit.point)
        with VerticalScroll(id="form", can_focus=False):
            yield Label("Whose session?", classes="title")
            with Horizontal(classes="row"):
                with Vertical():
                    yield Input(code, placeholder="client code, for example A17", id="client", max_length=40)
                    yield Label("A code, never a name. A new code makes a new client.", classes="hint")
                with Vertical():
                    yield OptionList(id="clients")
            yield Label("Which point?", classes="title")
            with Horizontal(classes="row"):
                with Vertical():
                    yield Input(point, placeholder="upper trapezius, left, 1", id="point")
                    yield Label("Muscle, side, label.", classes="hint")
                with Vertical():
                    yield OptionList(id="points")
            yield Label("Pressed with what?", classes="title")
            with Horizontal(classes="row"):
                with Vertical():
                    yield Select(
                        [(name, name) for name in self._settings.areas_cm2],
                        value=self._visit.applicator,
                        allow_blank=False,
                        id="applicator",
                    )
                with Vertical():
                    yield Input(f"{self._visit.tip_area_cm2:g}", placeholder="area in cm²", id="area")
                    yield Label("Contact area in cm².", classes="hint")
            yield Label("", classes="wrong")
            yield Button("Start  (ctrl+s)", variant="primary", id="start")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Lists are chosen from while typing, so they need no focus."""
        for options in self.query(OptionList):
            options.can_focus = False
        self._offer_clients()
        self._offer_points()

    @on(Input.Changed, "#client")
    def _client_typed(self) -> None:
        self._offer_clients()
        self._offer_points()

    @on(Input.Changed, "#point")
    def _point_typed(self) -> None:
        self._offer_points()

    @on(Input.Submitted, "#client")
    def _client_taken(self) -> None:
        chosen = self.query_one("#clients", OptionList).highlighted
        if chosen is not None:
            self.query_one("#client", Input).value = self._codes[chosen]
        self.query_one("#point", Input).focus()

    @on(Input.Submitted, "#point")
    def _point_taken(self) -> None:
        chosen = self.query_one("#points", OptionList).highlighted
        field = self.query_one("#point", Input)
        if chosen is not None:
            field.value = str(self._points[chosen])
            self.query_one("#points", OptionList).highlighted = None
        try:
            parse_point(field.value)
        except PointError as error:
            self._wrong(str(error))
            return
        self._wrong("")
        self.query_one("#start", Button).focus()

    @on(Select.Changed, "#applicator")
    def _applicator_chosen(self, event: Select.Changed) -> None:
        area = self._settings.areas_cm2.get(str(event.value))
        if area is not None and str(event.value) != self._visit.applicator:
            self.query_one("#area", Input).value = f"{area:g}"
            self._visit = replace(self._visit, applicator=str(event.value))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        if event.option_list.id == "clients":
            self.query_one("#client", Input).value = self._codes[event.option_index]
            self.query_one("#point", Input).focus()
        else:
            self.query_one("#point", Input).value = str(self._points[event.option_index])
            self.query_one("#start", Button).focus()

    @on(Button.Pressed, "#start")
    @on(Input.Submitted, "#area")
    def _start_pressed(self) -> None:
        self.action_start()

    def action_move(self, step: int) -> None:
        """Up and down the list beside the field that has the focus."""
        focused = self.focused
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
            visit = visit_from(
                self._settings,
                client=check_code(self.query_one("#client", Input).value),
                point=self._point_text(),
                applicator=str(self.query_one("#applicator", Select).value),
                area_cm2=self._area(),
                band=None,
                ceiling=None,
            )
        except (BadEntryError, PointError, WantedError) as error:
            self._wrong(str(error))
            return
        self.dismiss(replace(visit, band=self._visit.band, ceiling_kpa=self._visit.ceiling_kpa))

    def _point_text(self) -> str:
        text = self.query_one("#point", Input).value.strip()
        if not text:
            raise WantedError("which point? Type a muscle, for example “upper trapezius, left, 1”")
        return text

    def _area(self) -> float:
        text = self.query_one("#area", Input).value.replace(",", ".")
        try:
            return float(text)
        except ValueError:
            raise WantedError(f"“{text}” is not an area: give the contact area in cm²") from None

    def _wrong(self, text: str) -> None:
        self.query_one(".wrong", Label).update(text)

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
        code = self.query_one("#client", Input).value.strip()
        known = [
            summary.point
            for summary in (self._history.points(code) if any(c.code == code for c in self._clients) else [])
        ]
        self._points = offers(self.query_one("#point", Input).value, known)
        options = self.query_one("#points", OptionList)
        options.clear_options()
        options.add_options([Option(str(point)) for point in self._points])
