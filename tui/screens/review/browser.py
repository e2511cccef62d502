"""The record in columns: clients, points, visits, presses; what is under the cursor is told below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Resize
from textual.widget import Widget

from tui.screens.review import levels as lv
from tui.screens.review.columns import Column
from tui.screens.review.detail import Detail
from tui.screens.review.page import PAGE_KEYS, Desk, Marked, Page
from tui.screens.review.words import SIMULATED, day_and_time, press_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from textual.timer import Timer

    from feedback.history.review_rows import ClientRow
    from feedback.points import Point

WIDTHS = ((132, 4), (92, 3), (56, 2), (0, 1))
"""From how many cells on how many columns stand side by side."""
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


@dataclass(frozen=True, slots=True)
class Start:
    """Where a review begins: at a client, or at the visits of one of the client's points."""

    client_code: str
    point: Point | None = None


class ReviewScreen(Page[None]):
    """Columns to move in; Enter on a press replays it.

    Args:
        desk: the open record.
        start: where to begin; the clients when None.
        clients: all clients, where somebody has read them already.
    """

    DEFAULT_CSS = """
    ReviewScreen #lists { height: 1fr; }
    ReviewScreen #lists > Column { display: none; }
    ReviewScreen #lists > Column.-shown { display: block; }
    ReviewScreen #lists > Column.-divided { border-left: solid $panel; }
    ReviewScreen #level-0 { width: 22fr; }
    ReviewScreen #level-1 { width: 44fr; }
    ReviewScreen #level-2 { width: 38fr; }
    ReviewScreen #level-3 { width: 40fr; }
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
        self._start = start
        self._clients = clients
        self._level = lv.CLIENTS
        unit, glyphs = desk.unit, desk.glyphs
        levels = (lv.client_level(), lv.point_level(unit), lv.visit_level(), lv.press_level(unit))
        self.columns = tuple(Column(level, glyphs, id=f"level-{n}") for n, level in enumerate(levels))
        self._detail = Detail(desk)
        self._rest: Timer | None = None
        self._open_when_read = False

    def content(self) -> Iterator[Widget]:
        """The columns, and what is under the cursor."""
        with Horizontal(id="lists"):
            yield from self.columns
        yield self._detail

    def on_mount(self) -> None:
        """List the clients."""
        self._divide(self.app.size.width)
        self.columns[0].set_active(True)
        if self._clients is None:
            self._fill(lv.CLIENTS)
        else:
            self._filled(lv.CLIENTS, list(self._clients))
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

    def on_resize(self, event: Resize) -> None:
        """Another size, another number of columns."""
        self._divide(event.size.width)
        self._fill_missing()

    def on_screen_resume(self) -> None:
        """Back from a page on which something may have been corrected."""
        if self._rest is not None:
            self._fill(min(lv.VISITS, self._level + 1))

    # Where the cursor is.

    @property
    def level(self) -> int:
        """The column in which the cursor is."""
        return self._level

    @property
    def client(self) -> ClientRow | None:
        """Whose record is looked at."""
        return self.columns[lv.CLIENTS].row

    @property
    def point_id(self) -> UUID | None:
        """The chosen point; None for all of them."""
        line = self.columns[lv.POINTS].row
        return line.row.id if line and line.row else None

    def _divide(self, width: int) -> None:
        """Show the column with the cursor, the one behind it, and as many before as there is room for."""
        count = next(n for least, n in WIDTHS if width >= least)
        last = min(lv.PRESSES, max(self._level + (count > 1), count - 1))
        shown = range(last - count + 1, last + 1)
        for n, column in enumerate(self.columns):
            column.set_class(n in shown, "-shown")
            column.set_class(n in shown and n > shown[0], "-divided")

    def _go(self, level: int) -> None:
        self._open_when_read = False
        self._level = max(lv.CLIENTS, min(level, lv.PRESSES))
        self._divide(self.app.size.width)
        for n, column in enumerate(self.columns):
            column.set_active(n == self._level)
        self._note_opened()
        self._fill_missing()
        self._tell()

    def _note_opened(self) -> None:
        """Whoever goes in at a client has opened their history: the record's audit says so."""
        client, history, who = self.client, self.desk.history, self.desk.settings.therapist
        if self._level > lv.CLIENTS and client is not None:
            self.fetch("opened", lambda: history.opened(client.code, who), lambda _: None)

    # Reading.

    def _fill_missing(self) -> None:
        """Read the first column that is seen and has not been read."""
        waiting = (n for n, column in enumerate(self.columns) if column.waiting)
        first = next(waiting, None)
        if first is not None and self.columns[first].has_class("-shown"):
            self._fill(first)

    def _fill(self, level: int) -> None:
        """Read what a column lists; those behind it wait for it."""
        if level > lv.PRESSES:
            return
        for column in self.columns[level:]:
            column.expect()
        if any(column.waiting for column in self.columns[:level]):
            return  # what comes before is being read, and leads here
        if not self.columns[level].has_class("-shown") and level > self._level:
            return
        if (query := self._query(level)) is None:
            self.workers.cancel_group(self, "lists")
            self._filled(level, [])
            return
        self.fetch("lists", query, lambda rows: self._filled(level, rows))

    def _query(self, level: int) -> Callable[[], list[Any]] | None:
        """What reads a column; None where there is nothing to read it for."""
        store = self.desk.history.review
        if level == lv.CLIENTS:
            return store.clients
        client = self.client
        if client is None:
            return None
        if level == lv.POINTS:
            return lambda: lv.point_lines(client, store.points(client.id))
        if self.columns[lv.POINTS].row is None:
            return None
        point_id = self.point_id
        if level == lv.VISITS:
            return lambda: store.visits(client.id, point_id)
        visit = self.columns[lv.VISITS].row
        if visit is None:
            return None
        return lambda: lv.press_lines(store.presses(visit.session_id, point_id))

    def _filled(self, level: int, rows: list[Any]) -> None:
        column = self.columns[level]
        column.show_rows(rows, self._of(level), self._wanted(level, rows))
        self._fill(level + 1)
        self._begin(level)
        self._tell()
        if level == lv.PRESSES and self._open_when_read and column.row is not None and self.is_current:
            self._open_press(column.row.row.id)

    def _of(self, level: int) -> str:
        """Whose rows these are, for the title of a column."""
        client, point, visit = (self.columns[n].row for n in (lv.CLIENTS, lv.POINTS, lv.VISITS))
        if level == lv.POINTS and client:
            return client.code
        if level == lv.VISITS and point:
            return point.name if point.row else client.code if client else ""
        if level == lv.PRESSES and visit:
            return day_and_time(visit.started_at)
        return ""

    def _wanted(self, level: int, rows: list[Any]) -> Any:
        """The row to begin at, where a review was opened for a client or a point."""
        start = self._start
        if start is None:
            return None
        if level == lv.CLIENTS:
            return next((row.id for row in rows if row.code == start.client_code), None)
        if level == lv.POINTS and start.point is not None:
            return next((line.row.id for line in rows if line.row and line.row.point == start.point), "none")
        if level == lv.VISITS:
            # A visit that is running is not last time.
            return next((row.session_id for row in rows if not row.running), None)
        return None

    def _begin(self, level: int) -> None:
        """Go in as far as a review was opened for."""
        start = self._start
        if start is None or level != self._level:
            return
        row = self.columns[level].row
        if level == lv.CLIENTS:
            if row is None or row.code != start.client_code:
                self._start = None
                return
            self._go(lv.POINTS)
        elif level == lv.POINTS and start.point is not None:
            if row is None or row.row is None:
                self.notify(
                    f"Nothing in the record yet at {start.point}: these are the other points", timeout=8
                )
                self._start = None
                return
            self._go(lv.VISITS)
        else:
            self._start = None

    # Below the columns.

    def _tell(self) -> None:
        """Tell what is under the cursor: its figures at once, what has to be read once the cursor rests."""
        client = self.client
        self.head(self._head())
        self._detail.tell(self._level, self.columns[self._level].row, client)
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(DETAIL_AFTER_S, self._tell_more)

    def _tell_more(self) -> None:
        if (query := self._detail.more()) is not None:
            row = self._detail.row
            self.fetch("detail", query, lambda found: self._detail.show_more(row, found), self.desk.figures)

    def _head(self) -> str:
        client, point, visit = (self.columns[n].row for n in (lv.CLIENTS, lv.POINTS, lv.VISITS))
        parts = ["Review"]
        if client is not None:
            parts.append(client.code)
        if self._level >= lv.POINTS and point is not None:
            parts.append(point.name)
        if self._level >= lv.VISITS and visit is not None:
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
        column = self.columns[self._level]
        before = column.row, column.typed
        if column.take(event.key, event.character):
            if before != (column.row, column.typed):
                self._has_moved(self._level)
        elif event.key in _KEYS:
            getattr(self, _KEYS[event.key])()
        else:
            return
        event.stop()
        event.prevent_default()

    def _has_moved(self, level: int) -> None:
        """Another row is under a column's cursor."""
        self._start = None
        self._open_when_read = False
        self._fill(level + 1)
        if level == self._level:
            self._tell()

    @on(Column.Moved)
    def _clicked(self, event: Column.Moved) -> None:
        event.stop()
        level = self.columns.index(event.column)
        if level != self._level:
            self._go(level)
        self._has_moved(level)

    @on(Column.GoIn)
    def _double_clicked(self, event: Column.GoIn) -> None:
        event.stop()
        level = self.columns.index(event.column)
        if level != self._level:
            self._go(level)
        self.action_go_in()

    def action_go_in(self) -> None:
        """Right or Enter: the next column, or the press."""
        self._start = None
        column = self.columns[self._level]
        if self._level < lv.PRESSES:
            # Whoever is faster than the disk is let in all the same.
            if column.row is not None or column.waiting:
                self._go(self._level + 1)
        elif column.waiting:
            self._open_when_read = True
        elif column.row is not None:
            self._open_press(column.row.row.id)

    def action_go_out(self) -> None:
        """Left: the column before."""
        self._start = None
        self._go(self._level - 1)

    def action_step_in(self) -> None:
        """Tab: as Right, but nothing is opened."""
        if self._level < lv.PRESSES:
            self.action_go_in()

    def action_back(self) -> None:
        """Escape: what was typed, then out; in a session, back to it."""
        if self.columns[self._level].type_away():
            return
        if self.desk.loop is not None:
            self.dismiss(None)
        elif self._level > lv.CLIENTS:
            self._go(self._level - 1)
        else:
            self.notify("Ctrl+Q ends", timeout=3)

    def action_read_again(self) -> None:
        """Read everything anew."""
        self._fill(lv.CLIENTS)

    def action_mark(self) -> None:
        """Mark the visit or the press under the cursor, to compare it; the same again takes the mark away."""
        thing = self._thing()
        if thing is None:
            self.notify("A visit or a press can be marked and compared with another: go in first", timeout=4)
            return
        marked = self.desk.marked
        self.desk.marked = None if marked is not None and marked.id == thing.id else thing
        self._show_marks()
        column = self.columns[self._level]
        before = column.row
        column.take("down", None)
        if column.row is not before:
            self._has_moved(self._level)
        self.head(self._head())

    def _show_marks(self) -> None:
        marked = self.desk.marked
        for column in self.columns[lv.VISITS :]:
            column.mark(marked.id if marked else None)

    def _thing(self) -> Marked | None:
        row = self.columns[self._level].row
        if row is None:
            return None
        if self._level == lv.VISITS:
            client = self.client
            point = self.columns[lv.POINTS].row
            where = f"{point.name}, " if point and point.row else f"{client.code}, " if client else ""
            return Marked("visit", row.session_id, f"{where}{day_and_time(row.started_at)}", self.point_id)
        if self._level == lv.PRESSES:
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

    def _open_press(self, press_id: UUID) -> None:
        from tui.screens.review.press import PressScreen

        self._open_when_read = False
        line_ids = [line.row.id for line in self.columns[lv.PRESSES].every_row]

        def back(last: UUID | None) -> None:
            if last is not None:
                self.columns[lv.PRESSES].put_cursor(last)
            self._show_marks()
            self._tell()

        self.app.push_screen(PressScreen(self.desk, press_id, line_ids), back)

    def action_over_time(self) -> None:
        """A point over time."""
        client, line = self.client, self.columns[lv.POINTS].row
        if client is None or line is None or line.row is None or self._level < lv.POINTS:
            self.notify("Go to one of a client's points: F2 then shows it over time", timeout=4)
            return
        from tui.screens.review.point import PointScreen

        self.app.push_screen(PointScreen(self.desk, client.code, line.row.point))

    def action_course(self) -> None:
        """The client's course."""
        if (client := self.client) is not None:
            from tui.screens.review.course import CourseScreen

            self.app.push_screen(CourseScreen(self.desk, client.code))

    def action_body(self) -> None:
        """The client's body map; a place that is picked filters the points."""
        if (client := self.client) is None:
            return
        from tui.screens.review.body import BodyScreen

        def picked(point: Point | None) -> None:
            if point is None:
                return
            lines = self.columns[lv.POINTS].every_row
            line = next((one for one in lines if one.row and one.row.point == point), None)
            if line is not None and self.columns[lv.POINTS].put_cursor(line.row.id):
                self._go(lv.POINTS)
                self._has_moved(lv.POINTS)

        self.app.push_screen(BodyScreen(self.desk, client.code), picked)
