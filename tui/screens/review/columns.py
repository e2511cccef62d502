"""One column of the review: a long list of which only what is seen is written, with type-ahead."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.screens.review.fields import Level, cell, fitting, fitting_rows, searchable

if TYPE_CHECKING:
    from tui.raster import Glyphs

LONGEST_TYPED = 40
WHEEL_ROWS = 3
SEEN_STILL_S = 0.15
"""So long a list that is being read anew stays in sight: it does not flicker when it comes at once."""


_MOVES = frozenset({"up", "down", "pageup", "pagedown", "home", "end"})
_LOOKS = ("title", "typed", "head", "row", "faint", "cursor", "here", "marked")


class Column(ScrollView, can_focus=False):
    """A list with a cursor, filtered by whatever is typed.

    Arrows, page keys, Home and End move; letters and digits filter, Backspace and Escape take that back. The screen
    hands it those keys (`take`): a column has no focus of its own, so that keys pressed faster than the screen is drawn
    are taken in order. A click moves the cursor, a second one on the same row goes in.

    Args:
        level: what is listed and how.
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {f"column--{name}" for name in _LOOKS}
    DEFAULT_CSS = """
    Column {
        height: 1fr; width: 1fr; background: $background; scrollbar-size-vertical: 1; overflow-x: hidden;
        overflow-y: auto; scrollbar-background: $background; scrollbar-color: $panel;
        & > .column--title { color: $axis; text-style: bold; }
        & > .column--typed { color: $background; background: $accent; text-style: bold; }
        & > .column--head { color: $axis; }
        & > .column--row { color: $foreground; }
        & > .column--faint { color: $axis; text-style: italic; }
        & > .column--cursor { background: $primary 35%; color: $foreground; text-style: bold; }
        & > .column--here { background: $panel; color: $foreground; text-style: bold; }
        & > .column--marked { color: $warning; text-style: bold; }
    }
    """

    class Told(Message):
        """Something about the column."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

        @property
        def control(self) -> Column:
            """The column."""
            return self.column

    class Moved(Told):
        """The mouse put the cursor on another row."""

    class GoIn(Told):
        """A second click: the row under the cursor is wanted."""

    def __init__(self, level: Level[Any], glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.level = level
        self._ascii = glyphs.value == "ascii"
        self._all: list[Any] = []
        self._search: list[str] = []
        self._rows: list[Any] = []
        self._cursor = 0
        self._typed = ""
        self._marked: Hashable = None
        self._waiting = True
        self._styles: dict[str, Style] = {}
        self._of = ""
        self._active = False
        self._pending: list[tuple[str, str | None]] = []

    # What the screen asks and tells.

    @property
    def row(self) -> Any:
        """The row under the cursor; None where there is none, or none has been read yet."""
        return None if self._waiting else self._at_cursor

    @property
    def rows(self) -> list[Any]:
        """Those that fit what was typed."""
        return self._rows

    @property
    def every_row(self) -> list[Any]:
        """All of them."""
        return self._all

    @property
    def typed(self) -> str:
        """What filters the list."""
        return self._typed

    @property
    def waiting(self) -> bool:
        """What belongs here has not been read yet."""
        return self._waiting

    def show_rows(self, rows: Sequence[Any], of: str = "", wanted: Hashable = None) -> None:
        """List these rows.

        Args:
            rows: all of them.
            of: whose they are, for the title.
            wanted: key of the row to put the cursor on; else it stays on the row that it is on, else the first.
        """
        same = of == self._of
        before = wanted if wanted is not None else self._key(self._at_cursor) if same else None
        self._all = list(rows)
        self._search = [searchable(self.level.search(row)) for row in self._all]
        self._of = of
        if not same:
            self._typed = ""
        self._waiting = False
        self._filter(before)
        pending, self._pending = self._pending, []
        for key, character in pending:
            self.take(key, character)

    def expect(self) -> None:
        """Something else will be listed soon: until then there is no row, and soon none is seen any more."""
        if not self._waiting:
            self._waiting = True
            self._pending = []
            self.set_timer(SEEN_STILL_S, self._blank)

    def _blank(self) -> None:
        if self._waiting:
            self._all, self._search, self._rows = [], [], []
            self._typed, self._of, self._cursor = "", "", 0
            self._lay_out()

    def put_cursor(self, key: Hashable) -> bool:
        """Put the cursor on a row, without a filter; False when there is none of this key."""
        keys = [self.level.key(row) for row in self._all]
        if key not in keys:
            return False
        self._typed = ""
        self._filter(key)
        return True

    def mark(self, key: Hashable) -> None:
        """Show that a row is marked; None for none."""
        self._marked = key
        self.refresh()

    def type_away(self) -> bool:
        """Take back what was typed; False when there was nothing."""
        if not self._typed:
            return False
        self._type("")
        return True

    # What people do.

    def take(self, key: str, character: str | None) -> bool:
        """Take a key; False when it is none of a list's. What comes before the list has been read waits for it."""
        if self._waiting and (key in _MOVES or (character and character.isalnum())):
            self._pending.append((key, character))
            return True
        if step := {
            "up": -1,
            "down": 1,
            "pageup": 1 - self._shown_rows,
            "pagedown": self._shown_rows - 1,
        }.get(key):
            self.go_to(self._cursor + step)
        elif key in ("home", "end"):
            self.go_to(len(self._rows) - 1 if key == "end" else 0)
        elif key == "backspace" and self._typed:
            self._type(self._typed[:-1])
        elif character and (character.isalnum() or (self._typed and character in " -_.,/")):
            self._type((self._typed + character)[:LONGEST_TYPED])
        else:
            return False
        return True

    def set_active(self, active: bool) -> None:
        """The cursor of the screen is here, or elsewhere."""
        if active != self._active:
            self._active = active
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A row under the mouse."""
        y = event.get_content_offset_capture(self).y - self._head_rows
        if not 0 <= y < self._shown_rows:
            return
        row = y + self.scroll_offset.y
        if row >= len(self._rows):
            return
        self.go_to(row)
        self.post_message(self.GoIn(self) if event.chain > 1 else self.Moved(self))

    def on_resize(self) -> None:
        """Another size."""
        self._lay_out()

    # The list.

    @property
    def _shown_rows(self) -> int:
        return max(1, self.size.height - self._head_rows)

    @property
    def _head_rows(self) -> int:
        """Title, and the names of the fields where they have any."""
        return 1 + any(field.title for field in self.level.fields)

    @property
    def _at_cursor(self) -> Any:
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    def _key(self, row: Any) -> Hashable:
        return None if row is None else self.level.key(row)

    def _type(self, typed: str) -> None:
        if typed == self._typed:
            return
        before = self._key(self._at_cursor)
        self._typed = typed
        self._filter(before)

    def _filter(self, keep: Hashable) -> None:
        fits = fitting_rows(self._search, self._typed) if self._typed else None
        self._rows = self._all if fits is None else [self._all[i] for i in fits]
        at = next((i for i, row in enumerate(self._rows) if self.level.key(row) == keep), None)
        self._cursor = at or 0
        self._lay_out()

    def _lay_out(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows) + self._head_rows)
        self._keep_in_sight()
        self.refresh()

    def go_to(self, row: int) -> None:
        """Put the cursor on a row of those shown; the nearest one when there is none."""
        row = max(0, min(row, len(self._rows) - 1))
        if row == self._cursor:
            return
        before, self._cursor = self._cursor, row
        if not self._keep_in_sight():
            for changed in (before, row):
                y = changed - self.scroll_offset.y + self._head_rows
                if self._head_rows <= y < self.size.height:
                    self.refresh(Region(0, y, self.size.width, 1))

    def _keep_in_sight(self) -> bool:
        top = self.scroll_offset.y
        wanted = min(max(top, self._cursor - self._shown_rows + 1), self._cursor)
        wanted = max(0, min(wanted, len(self._rows) - self._shown_rows))
        if wanted == top:
            return False
        self.scroll_to(y=wanted, animate=False, immediate=True, force=True)
        self.refresh()
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor, so that it is never out of sight."""
        event.stop()
        event.prevent_default()
        self.go_to(self._cursor + WHEEL_ROWS)
        self.post_message(self.Moved(self))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The same upwards."""
        event.stop()
        event.prevent_default()
        self.go_to(self._cursor - WHEEL_ROWS)
        self.post_message(self.Moved(self))

    # How it looks.

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(f"column--{name}")
        return self._styles[name]

    def render_line(self, y: int) -> Strip:
        """One row of the list, or of its head."""
        width = self.scrollable_content_region.width
        if y == 0:
            return self._title(width)
        inner = max(1, width - 2)
        if y == 1 < self._head_rows:
            if not self._rows:
                return self._line("", width, "head")
            heads = (
                cell(field.title, n, right=field.right) for field, n in fitting(self.level.fields, inner)
            )
            return self._line("  " + " ".join(heads), width, "head")
        row = y - self._head_rows + self.scroll_offset.y
        if row >= len(self._rows):
            if y == self._head_rows and not self._rows:
                words = "…" if self._waiting else "nothing fits" if self._typed else self.level.empty
                return self._line(f"  {words}", width, "faint")
            return self._line("", width, "row")
        return self._row(row, width, inner)

    def _row(self, row: int, width: int, inner: int) -> Strip:
        entry = self._rows[row]
        texts = (
            cell(field.text(entry), n, right=field.right) for field, n in fitting(self.level.fields, inner)
        )
        look = "faint" if self.level.faint(entry) else "row"
        sign = " "
        if row == self._cursor:
            look = "cursor" if self._active else "here"
            sign = ">" if self._ascii else "▸"
        words = f"{sign} " + " ".join(texts)
        if self._marked is not None and self.level.key(entry) == self._marked:
            star = "*" if self._ascii else "◆"
            marked = self._style(look) + Style(color=self._style("marked").color)
            line = [Segment(f"{sign}{star}", marked), Segment(words[2:].ljust(width - 2), self._style(look))]
            return Strip(line).adjust_cell_length(width, self._style(look))
        return self._line(words, width, look)

    def _title(self, width: int) -> Strip:
        title = self.level.title + (f" · {self._of}" if self._of else "")
        count = "" if self._waiting else f"{len(self._rows):,}".replace(",", " ")
        if self._typed:
            count = f"{count} of {len(self._all):,}".replace(",", " ")
            return self._line(f" {self._typed}_".ljust(width - len(count) - 1) + count, width, "typed")
        return self._line(
            f" {cell(title, max(1, width - len(count) - 3), right=False)} {count}", width, "title"
        )

    def _line(self, text: str, width: int, look: str) -> Strip:
        style = self._style(look)
        return Strip([Segment(text, style)]).adjust_cell_length(width, style).crop(0, width)
