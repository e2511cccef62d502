"""One column of the review: a long list of which only what is seen is written, with type-ahead."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from tui.raster import Glyphs

T = TypeVar("T")

HEAD_ROWS = 2
LONGEST_TYPED = 40
WHEEL_ROWS = 3
SEEN_STILL_S = 0.15
"""So long a list that is being read anew stays in sight: it does not flicker when it comes at once."""


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One thing that a row says.

    Attributes:
        title: written above it.
        width: cells; of the flexible field, which takes what is left, the least.
        text: what a row says.
        rank: where there is no room, fields with the highest rank go first; rank 0 stays always.
        flexible: takes what is left.
        right: written to the right edge.
    """

    title: str
    width: int
    text: Callable[[T], str]
    rank: int = 0
    flexible: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class Level(Generic[T]):
    """What a column lists.

    Attributes:
        title: of the column, for example “Points”.
        empty: said where there is nothing to list.
        fields: of a row.
        key: what a row is known by when the list is read anew.
        search: what type-ahead looks in.
        faint: a row that counts less: void, or older than what counts.
    """

    title: str
    empty: str
    fields: tuple[Field[T], ...]
    key: Callable[[T], Hashable]
    search: Callable[[T], str]
    faint: Callable[[T], bool] = lambda _: False


def fitting(fields: Sequence[Field[T]], width: int) -> list[tuple[Field[T], int]]:
    """The fields for which there is room, each with its cells; one space stands between two."""
    kept = list(fields)
    while len(kept) > 1 and sum(field.width for field in kept) + len(kept) - 1 > width:
        worst = max(kept, key=lambda field: field.rank)
        if worst.rank == 0:
            break
        kept.remove(worst)
    spare = width - sum(field.width for field in kept) - len(kept) + 1
    return [(field, max(1, field.width + (spare if field.flexible else 0))) for field in kept]


def cell(text: str, width: int, *, right: bool) -> str:
    """Text in so many cells; what does not fit ends in an ellipsis."""
    if len(text) > width:
        text = text[: max(0, width - 1)] + "…"
    return text.rjust(width) if right else text.ljust(width)


def matches(text: str, typed: str) -> bool:
    """Whether every word typed occurs in the text, in small letters both."""
    return all(word in text for word in typed.split())


class Column(ScrollView, can_focus=True):
    """A list with a cursor, filtered by whatever is typed.

    Arrows, page keys, Home and End move; Right or Enter goes in, Left goes out; letters and digits filter, Backspace
    and Escape take that back. A click moves the cursor, a second one on the same row goes in.

    Args:
        level: what is listed and how.
        glyphs: which characters to draw with.
        id: the widget's id.
    """

    COMPONENT_CLASSES = {f"column--{name}" for name in ("title", "typed", "head", "row", "faint", "cursor", "here", "marked")}  # fmt: skip
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
    BINDINGS = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(False)", "First", show=False),
        Binding("end", "edge(True)", "Last", show=False),
        Binding("right,enter", "go_in", "In", key_display="→"),
        Binding("left", "go_out", "Out", key_display="←"),
    ]

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
        """Another row, or none, is under the cursor."""

    class GoIn(Told):
        """Right, Enter, or a second click: the row under the cursor is wanted."""

    class GoOut(Told):
        """Left: back to the column before."""

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
        self._search = [self.level.search(row).lower() for row in self._all]
        self._of = of
        if not same:
            self._typed = ""
        self._waiting = False
        self._filter(before)

    def expect(self) -> None:
        """Something else will be listed soon: until then there is no row, and soon none is seen any more."""
        if not self._waiting:
            self._waiting = True
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
        self.post_message(self.Moved(self))
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

    def on_key(self, event: events.Key) -> None:
        """Letters filter."""
        character = event.character or ""
        if event.key == "backspace":
            if not self._typed:
                self.post_message(self.GoOut(self))
            self._type(self._typed[:-1])
        elif event.key == "escape" and self._typed:
            self._type("")
        elif character.isalnum() or (self._typed and character and character in " -_.,/"):
            self._type((self._typed + character)[:LONGEST_TYPED])
        else:
            return
        event.stop()
        event.prevent_default()

    def action_move(self, step: int) -> None:
        """Up or down."""
        self._go_to(self._cursor + step)

    def action_page(self, pages: int) -> None:
        """A page up or down."""
        self._go_to(self._cursor + pages * max(1, self._shown_rows - 1))

    def action_edge(self, last: bool) -> None:
        """First or last row."""
        self._go_to(len(self._rows) - 1 if last else 0)

    def action_go_in(self) -> None:
        """Right or Enter."""
        self.post_message(self.GoIn(self))

    def action_go_out(self) -> None:
        """Left."""
        self.post_message(self.GoOut(self))

    def on_click(self, event: events.Click) -> None:
        """A row under the mouse."""
        y = event.get_content_offset_capture(self).y - HEAD_ROWS
        if not 0 <= y < self._shown_rows:
            return
        row = y + self.scroll_offset.y
        if row >= len(self._rows):
            return
        if row == self._cursor and event.chain > 1:
            self.post_message(self.GoIn(self))
        self._go_to(row)

    def on_focus(self) -> None:
        """The cursor is here."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor is elsewhere."""
        self.refresh()

    def on_resize(self) -> None:
        """Another size."""
        self._lay_out()

    # The list.

    @property
    def _shown_rows(self) -> int:
        return max(1, self.size.height - HEAD_ROWS)

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
        self.post_message(self.Moved(self))

    def _filter(self, keep: Hashable) -> None:
        typed = self._typed.lower()
        fits = [i for i, text in enumerate(self._search) if matches(text, typed)] if typed else None
        self._rows = self._all if fits is None else [self._all[i] for i in fits]
        at = next((i for i, row in enumerate(self._rows) if self.level.key(row) == keep), None)
        if typed and fits:
            # What begins with what was typed is meant before what only holds it.
            begins = next((n for n, i in enumerate(fits) if self._search[i].startswith(typed)), None)
            if begins is not None and (at is None or not self._search[fits[at]].startswith(typed)):
                at = begins
        self._cursor = at or 0
        self._lay_out()

    def _lay_out(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows) + HEAD_ROWS)
        self._keep_in_sight()
        self.refresh()

    def _go_to(self, row: int) -> None:
        row = max(0, min(row, len(self._rows) - 1))
        if row == self._cursor:
            return
        before, self._cursor = self._cursor, row
        if not self._keep_in_sight():
            for changed in (before, row):
                y = changed - self.scroll_offset.y + HEAD_ROWS
                if HEAD_ROWS <= y < self.size.height:
                    self.refresh(Region(0, y, self.size.width, 1))
        self.post_message(self.Moved(self))

    def _keep_in_sight(self) -> bool:
        top = self.scroll_offset.y
        wanted = min(max(top, self._cursor - self._shown_rows + 1), self._cursor)
        wanted = max(0, min(wanted, len(self._rows) - self._shown_rows))
        if wanted == top:
            return False
        self.scroll_to(y=wanted, animate=False, immediate=True)
        self.refresh()
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor, so that it is never out of sight."""
        event.stop()
        event.prevent_default()
        self._go_to(self._cursor + WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The same upwards."""
        event.stop()
        event.prevent_default()
        self._go_to(self._cursor - WHEEL_ROWS)

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
        width = self.size.width
        if y == 0:
            return self._title(width)
        inner = max(1, width - 2)
        if y == 1:
            if not self._rows:
                return self._line("", width, "head")
            heads = (
                cell(field.title, n, right=field.right) for field, n in fitting(self.level.fields, inner)
            )
            return self._line("  " + " ".join(heads), width, "head")
        row = y - HEAD_ROWS + self.scroll_offset.y
        if row >= len(self._rows):
            if y == HEAD_ROWS and not self._rows:
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
            look = "cursor" if self.has_focus else "here"
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
        return self._line(f" {cell(title, max(1, width - len(count) - 3), right=False)} {count}", width, "title")

    def _line(self, text: str, width: int, look: str) -> Strip:
        style = self._style(look)
        return Strip([Segment(text, style)]).adjust_cell_length(width, style).crop(0, width)
