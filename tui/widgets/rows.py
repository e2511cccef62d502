"""A widget made of finished rows: only those that changed are painted again."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class RowsWidget(Widget):
    """Base of widgets that compose all their rows at once."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: list[Strip] = []
        self._painted: list[Strip] = []
        self._key: object = None

    def rows_key(self) -> object:
        """What the rows depend on, besides size and colours; equal keys mean equal rows."""
        raise NotImplementedError

    def make_rows(self, width: int, height: int) -> list[Strip]:
        """All rows, each `width` cells."""
        raise NotImplementedError

    def show(self) -> None:
        """Paint the rows that changed."""
        self._renew()
        before, self._painted = self._painted, self._rows
        if len(before) != len(self._rows):
            self.refresh()
            return
        left, top = self.gutter.left, self.gutter.top
        changed = [y for y, (old, new) in enumerate(zip(before, self._rows, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(left, top + y, self.content_size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One row."""
        self._renew()
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.content_size.width)

    def notify_style_update(self) -> None:
        """Compose again with the new colours."""
        super().notify_style_update()
        self._key = None

    @property
    def text(self) -> tuple[str, ...]:
        """The rows as plain text."""
        self._renew()
        return tuple(row.text for row in self._rows)

    def _renew(self) -> None:
        width, height = self.content_size
        key = (width, height, self.rows_key())
        if width > 0 and height > 0 and key != self._key:
            self._key = key
            self._rows = self.make_rows(width, height)
