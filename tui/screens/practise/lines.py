"""A table of lines that is walked with the arrows, in the look of our other lists."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable
from textual.widgets.data_table import RowKey


class Lines(DataTable[object]):
    """One line is marked; what does not fit in width is reached with ← and →.

    Cells are words, not markup.
    """

    DEFAULT_CSS = """
    Lines {
        height: 1fr; background: $background; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0;
        overflow-x: auto;
    }
    Lines > .datatable--header { background: $background; color: $text-muted; text-style: none; }
    Lines > .datatable--cursor, Lines:focus > .datatable--cursor {
        background: $primary 35%; color: $foreground; text-style: none;
    }
    Lines:focus { background-tint: transparent; }
    """

    BINDINGS = [
        Binding("home", "scroll_top", "First", show=False),
        Binding("end", "scroll_bottom", "Last", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False)

    def add_row(self, *cells: object, **how: Any) -> RowKey:
        """As Textual's."""
        return super().add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells), **how)
