"""The record in columns: clients, points, visits, presses; what is under the cursor is told below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding
from textual.widget import Widget

from tui.screens.review import levels as lv
from tui.screens.review.detail import Detail
from tui.screens.review.lists import Lists, Start
from tui.screens.review.page import PAGE_KEYS, Desk, Marked, Page
from tui.screens.review.words import SIMULATED, day_and_time, press_name

if TYPE_CHECKING:
    from uuid import UUID

    from textual.timer import Timer

    from feedback.history.review_rows import ClientRow
    from feedback.points import Point

DETAIL_AFTER_S = 0.12
"""The cursor has rested so long before what is under it is told from close by."""


_KEYS = {
    "right": "action_go_in",
    "enter": "action_go_in",
    "left": "action_go_out",
    "backspace": "action_go_out",
    "tab": "action_step_in",
    "shift+tab": "action_go_out",
    "space": "action_mark",
    "insert": "action_mark",
    "equals_sign": "action_compare",
    "escape": "action_back",
}
"""Keys that move, taken beside the lists' own so that their order is kept; the others come by their bindings."""


class ReviewScreen(Page[None]):
    """Columns to move in; Enter on a press replays it.

    Args:
        desk: the open record.
        start: where to begin; the clients when None.
        clients: all clients, where somebody has read them already.
    """

    DEFAULT_CSS = """
    ReviewScreen Detail { height: 7; }
    ReviewScreen.-tall Detail { height: 16; }
    ReviewScreen.-short Detail { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-normal"), (34, "-tall")]
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("left", "go_out", "Out", key_display="←"),
        Binding("right,enter", "go_in", "In", key_display="→"),
        Binding("space,insert", "mark", "Mark", key_display="space"),
        Binding("equals_sign,f5", "compare", "Compare", key_display="="),
        Binding("f2", "over_time", "Over time"),
        Binding("f3", "course", "Course"),
        Binding("f4", "body", "Body"),
        Binding("tab", "step_in", "Next column", show=False),
        Binding("shift+tab", "go_out", "Column before", show=False),
        Binding("f6", "read_again", "Read again", show=False),
        *PAGE_KEYS,
    ]

    def __init__(
        self, desk: Desk, start: Start | None = None, clients: Sequence[ClientRow] | None = None
    ) -> None:
        super().__init__(desk)
        self._clients = clients
        self.lists = Lists(desk, self, start)
        self._detail = Detail(desk)
        self._rest: Timer | None = None

    def content(self) -> Iterator[Widget]:
        """The columns, and what is under the cursor."""
        yield self.lists
        yield self._detail

    def on_mount(self) -> None:
        """List the clients."""
        self.lists.begin(self._clients)
        if self.desk.loop is None:
            self.fetch("retention", self._retention, self._remind, self.desk.figures)

    def _retention(self) -> str:
        """Whose records have been kept long enough, in one sentence; empty for nobody's."""
        from tui.opening import retention_reminder

        return retention_reminder(self.desk.history, self.desk.settings)

    def _remind(self, sentence: str) -> None:
        if sentence:
            self.notify(f"{sentence[0].upper()}{sentence[1:]}.", timeout=10)

    def on_unmount(self) -> None:
        """No more reading."""
        self.desk.close()

    def on_screen_resume(self) -> None:
        """Back from a page on which something may have been corrected."""
        if self._rest is not None:
            self.lists.fill(min(lv.VISITS, self.lists.level + 1))

    # What the columns tell.

    def moved(self) -> None:
        """Tell what is under the cursor: its figures at once, what has to be read once the cursor rests."""
        self.head(self._head())
        self._detail.tell(self.lists.level, self.lists.column.row, self.lists.client)
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(DETAIL_AFTER_S, self._tell_more)

    def wanted(self, press_id: UUID) -> None:
        """Replay a press."""
        from tui.screens.review.press import PressScreen

        presses = self.lists.columns[lv.PRESSES]

        def back(last: UUID | None) -> None:
            if last is not None:
                presses.put_cursor(last)
            self._show_mark()
            self.moved()

        self.app.push_screen(
            PressScreen(self.desk, press_id, [line.row.id for line in presses.every_row]), back
        )

    def nothing_at(self, point: Point) -> None:
        """The review was opened for a point that is not in the record."""
        self.notify(f"Nothing in the record yet at {point}: these are the other points", timeout=8)

    def _tell_more(self) -> None:
        if (query := self._detail.more()) is not None:
            row = self._detail.row
            self.fetch("detail", query, lambda found: self._detail.show_more(row, found), self.desk.figures)

    def _head(self) -> str:
        client, point, visit = (self.lists.columns[n].row for n in (lv.CLIENTS, lv.POINTS, lv.VISITS))
        parts = ["Review"]
        if client is not None:
            parts.append(client.code)
        if self.lists.level >= lv.POINTS and point is not None:
            parts.append(point.name)
        if self.lists.level >= lv.VISITS and visit is not None:
            parts.append(day_and_time(visit.started_at))
            if visit.simulated:
                parts.append(SIMULATED)
        if self.desk.marked is not None:
            parts.append(f"marked: {self.desk.marked.name} (= compares)")
        if self.desk.history.read_only:
            parts.append("read-only: nothing can be corrected")
        return " · ".join(parts)

    # What people do.

    def on_key(self, event: events.Key) -> None:
        """All keys in the order in which they come: what a list does not take is looked up in `_KEYS`."""
        if not self.lists.take(event.key, event.character):
            if event.key not in _KEYS:
                return
            getattr(self, _KEYS[event.key])()
        event.stop()
        event.prevent_default()

    def action_go_in(self) -> None:
        """Right or Enter: the next column, or the press."""
        self.lists.go_in()

    def action_go_out(self) -> None:
        """Left: the column before."""
        self.lists.go_out()

    def action_step_in(self) -> None:
        """Tab: as Right, but nothing is opened."""
        if self.lists.level < lv.PRESSES:
            self.action_go_in()

    def action_back(self) -> None:
        """Escape: what was typed, then out; in a session, back to it."""
        if self.lists.column.type_away():
            return
        if self.desk.loop is not None:
            self.dismiss(None)
        elif self.lists.level > lv.CLIENTS:
            self.lists.go_out()
        else:
            self.notify("Ctrl+Q ends", timeout=3)

    def action_read_again(self) -> None:
        """Read everything anew."""
        self.lists.fill(lv.CLIENTS)

    def action_mark(self) -> None:
        """Mark the visit or the press under the cursor, to compare it; the same again takes the mark away."""
        thing = self._thing()
        if thing is None:
            self.notify("A visit or a press can be marked and compared with another: go in first", timeout=4)
            return
        marked = self.desk.marked
        self.desk.marked = None if marked is not None and marked.id == thing.id else thing
        self._show_mark()
        self.lists.take("down", None)
        self.head(self._head())

    def _show_mark(self) -> None:
        marked = self.desk.marked
        self.lists.mark(marked.id if marked else None)

    def _thing(self) -> Marked | None:
        row = self.lists.column.row
        if row is None:
            return None
        if self.lists.level == lv.VISITS:
            client = self.lists.client
            point = self.lists.columns[lv.POINTS].row
            where = f"{point.name}, " if point and point.row else f"{client.code}, " if client else ""
            return Marked(
                "visit", row.session_id, f"{where}{day_and_time(row.started_at)}", self.lists.point_id
            )
        if self.lists.level == lv.PRESSES:
            return Marked("press", row.row.id, press_name(row.row))
        return None

    def action_compare(self) -> None:
        """Put what is marked beside what is under the cursor."""
        from tui.screens.review.compare import ComparePresses, CompareVisits

        marked, thing = self.desk.marked, self._thing()
        if marked is None:
            self.notify("Mark one first: space on a visit or a press", timeout=4)
        elif thing is None or thing.kind != marked.kind or thing.id == marked.id:
            self.notify(f"Go to another {marked.kind} to compare it with the marked one", timeout=4)
        elif marked.kind == "press":
            self.app.push_screen(ComparePresses(self.desk, marked.id, thing.id))
        else:
            self.app.push_screen(CompareVisits(self.desk, marked, thing))

    def action_over_time(self) -> None:
        """A point over time."""
        client, line = self.lists.client, self.lists.columns[lv.POINTS].row
        if client is None or line is None or line.row is None or self.lists.level < lv.POINTS:
            self.notify("Go to one of a client's points: F2 then shows it over time", timeout=4)
            return
        from tui.screens.review.point import PointScreen

        self.app.push_screen(PointScreen(self.desk, client.code, line.row.point))

    def action_course(self) -> None:
        """The client's course."""
        if (client := self.lists.client) is not None:
            from tui.screens.review.course import CourseScreen

            self.app.push_screen(CourseScreen(self.desk, client.code))

    def action_body(self) -> None:
        """The client's body map; a place that is picked filters the points."""
        if (client := self.lists.client) is None:
            return
        from tui.screens.review.body import BodyScreen

        def picked(point: Point | None) -> None:
            if point is not None:
                self.lists.go_to(point)

        self.app.push_screen(BodyScreen(self.desk, client.code), picked)
