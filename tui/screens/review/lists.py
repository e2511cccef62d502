"""The columns of a review: where the cursor is, what each column lists, and reading it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from tui.screens.review import levels as lv
from tui.screens.review.columns import Column
from tui.screens.review.page import Desk
from tui.screens.review.words import day_and_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from feedback.history.review_rows import ClientRow
    from feedback.points import Point

WIDTHS = ((132, 4), (92, 3), (56, 2), (0, 1))
"""From how many cells on how many columns stand side by side."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a review begins: at a client, or at the visits of one of the client's points."""

    client_code: str
    point: Point | None = None


class Around(Protocol):
    """The screen that the columns stand on: it reads for them, and is told at once, so that keys keep their order."""

    def fetch(self, slot: str, query: Callable[[], Any], show: Callable[[Any], None]) -> None:
        """Read beside the screen, then show."""
        ...

    def drop(self, slot: str) -> None:
        """What is being read in this slot is not wanted any more."""
        ...

    def moved(self) -> None:
        """The cursor is elsewhere, or something was read."""
        ...

    def wanted(self, press_id: UUID) -> None:
        """This press is to be opened."""
        ...

    def nothing_at(self, point: Point) -> None:
        """The review was opened for a point that is not in the record."""
        ...


class Lists(Horizontal):
    """Clients, points, visits and presses side by side, as many as there is room for.

    Args:
        desk: the open record.
        around: the screen.
        start: where to begin; the clients when None.
    """

    DEFAULT_CSS = """
    Lists { height: 1fr; }
    Lists > Column { display: none; }
    Lists > Column.-shown { display: block; }
    Lists > Column.-divided { border-left: solid $panel; }
    Lists > #level-0 { width: 22fr; }
    Lists > #level-1 { width: 44fr; }
    Lists > #level-2 { width: 38fr; }
    Lists > #level-3 { width: 40fr; }
    """

    def __init__(self, desk: Desk, around: Around, start: Start | None) -> None:
        super().__init__()
        self._desk = desk
        self._around = around
        self._start = start
        self._level = lv.CLIENTS
        unit, glyphs = desk.unit, desk.glyphs
        levels = (lv.client_level(), lv.point_level(unit), lv.visit_level(), lv.press_level(unit))
        self.columns = tuple(Column(level, glyphs, id=f"level-{n}") for n, level in enumerate(levels))
        self._open_when_read = False

    def compose(self) -> ComposeResult:
        """The columns."""
        yield from self.columns

    def begin(self, clients: Sequence[ClientRow] | None) -> None:
        """List the clients, who may have been read already."""
        self._divide()
        self.columns[0].set_active(True)
        if clients is None:
            self.fill(lv.CLIENTS)
        else:
            self._filled(lv.CLIENTS, list(clients))

    def on_resize(self) -> None:
        """Another size, another number of columns."""
        self._divide()
        self._fill_missing()

    # Where the cursor is.

    @property
    def level(self) -> int:
        """The column in which the cursor is."""
        return self._level

    @property
    def column(self) -> Column:
        """That column."""
        return self.columns[self._level]

    @property
    def client(self) -> ClientRow | None:
        """Whose record is looked at."""
        return self.columns[lv.CLIENTS].row

    @property
    def point_id(self) -> UUID | None:
        """The chosen point; None for all of them."""
        line = self.columns[lv.POINTS].row
        return line.row.id if line and line.row else None

    def _divide(self) -> None:
        """Show the column with the cursor, the one behind it, and as many before as there is room for."""
        width = self.size.width or self.app.size.width
        count = next(n for least, n in WIDTHS if width >= least)
        last = min(lv.PRESSES, max(self._level + (count > 1), count - 1))
        shown = range(last - count + 1, last + 1)
        for n, column in enumerate(self.columns):
            column.set_class(n in shown, "-shown")
            column.set_class(n in shown and n > shown[0], "-divided")

    def go(self, level: int) -> None:
        """Put the cursor into another column."""
        self._open_when_read = False
        self._level = max(lv.CLIENTS, min(level, lv.PRESSES))
        self._divide()
        for n, column in enumerate(self.columns):
            column.set_active(n == self._level)
        self._note_opened()
        self._fill_missing()
        self._around.moved()

    def _note_opened(self) -> None:
        """Whoever goes in at a client has opened their history: the record's audit says so."""
        client, history, who = self.client, self._desk.history, self._desk.settings.therapist
        if self._level > lv.CLIENTS and client is not None:
            self._around.fetch("opened", lambda: history.opened(client.code, who), lambda _: None)

    # What keys and the mouse do.

    def take(self, key: str, character: str | None) -> bool:
        """A key that the column with the cursor may take: it moves there, or filters."""
        before = self.column.row, self.column.typed
        if not self.column.take(key, character):
            return False
        if before != (self.column.row, self.column.typed):
            self.has_moved(self._level)
        return True

    def has_moved(self, level: int) -> None:
        """Another row is under a column's cursor."""
        self._start = None
        self._open_when_read = False
        self.fill(level + 1)
        if level == self._level:
            self._around.moved()

    def go_in(self) -> None:
        """The next column, or the press."""
        self._start = None
        if self._level < lv.PRESSES:
            # Whoever is faster than the disk is let in all the same.
            if self.column.row is not None or self.column.waiting:
                self.go(self._level + 1)
        elif self.column.waiting:
            self._open_when_read = True
        elif self.column.row is not None:
            self._around.wanted(self.column.row.row.id)

    def go_out(self) -> None:
        """The column before."""
        self._start = None
        self.go(self._level - 1)

    def go_to(self, point: Point) -> None:
        """Put the cursor on one of the client's points, if it is among them."""
        lines = self.columns[lv.POINTS].every_row
        line = next((one for one in lines if one.row and one.row.point == point), None)
        if line is not None and self.columns[lv.POINTS].put_cursor(line.row.id):
            self.go(lv.POINTS)
            self.has_moved(lv.POINTS)

    def mark(self, thing_id: UUID | None) -> None:
        """Show a visit or a press as marked."""
        for column in self.columns[lv.VISITS :]:
            column.mark(thing_id)

    @on(Column.Moved)
    def _clicked(self, event: Column.Moved) -> None:
        event.stop()
        level = self.columns.index(event.column)
        if level != self._level:
            self.go(level)
        self.has_moved(level)

    @on(Column.GoIn)
    def _double_clicked(self, event: Column.GoIn) -> None:
        event.stop()
        level = self.columns.index(event.column)
        if level != self._level:
            self.go(level)
        self.go_in()

    # Reading.

    def _fill_missing(self) -> None:
        """Read the first column that is seen and has not been read."""
        waiting = (n for n, column in enumerate(self.columns) if column.waiting)
        first = next(waiting, None)
        if first is not None and self.columns[first].has_class("-shown"):
            self.fill(first)

    def fill(self, level: int) -> None:
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
            self._around.drop("lists")
            self._filled(level, [])
            return
        self._around.fetch("lists", query, lambda rows: self._filled(level, rows))

    def _query(self, level: int) -> Callable[[], list[Any]] | None:
        """What reads a column; None where there is nothing to read it for."""
        store = self._desk.history.review
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
        self.fill(level + 1)
        self._begin(level)
        self._around.moved()
        if level == lv.PRESSES and self._open_when_read and column.row is not None and self.screen.is_current:
            self._open_when_read = False
            self._around.wanted(column.row.row.id)

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
            self.go(lv.POINTS)
        elif level == lv.POINTS and start.point is not None:
            if row is None or row.row is None:
                self._start = None
                self._around.nothing_at(start.point)
                return
            self.go(lv.VISITS)
        else:
            self._start = None
