"""Parts of a page: charts with captions, tables, and the sources that they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from feedback.review import Mdc


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with what it shows."""

    svg: Markup
    caption: str
    key: str = ""
    """Which signs its legend explains: `band`, `threshold`, `ratings`, `trace`, `plan` or nothing."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of words.

    Attributes:
        caption: what it holds.
        head: of its columns.
        rows: of cells; the first cell of a row names it.
        figures: columns whose cells are numbers, from 0.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: frozenset[int] = frozenset()

    def trimmed(self) -> Table:
        """Without columns in which no row says anything."""
        kept = [
            column
            for column in range(len(self.head))
            if column == 0 or any(row[column] not in ("", "–") for row in self.rows)
        ]
        return Table(
            self.caption,
            tuple(self.head[column] for column in kept),
            tuple(tuple(row[column] for column in kept) for row in self.rows),
            frozenset(new for new, old in enumerate(kept) if old in self.figures),
        )


@dataclass(slots=True)
class Sources:
    """Numbers the sources of figures in the order in which they are used."""

    _numbers: dict[tuple[str, bool], int] = field(default_factory=dict["tuple[str, bool]", int])

    def number(self, mdc: Mdc) -> int:
        """The number of a figure's source."""
        return self._numbers.setdefault((mdc.source, mdc.verified), len(self._numbers) + 1)

    @property
    def used(self) -> Sequence[tuple[int, str, bool]]:
        """Number, source, and whether the figure was read there for this very measure."""
        return [(number, source, verified) for (source, verified), number in self._numbers.items()]
