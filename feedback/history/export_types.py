"""What an export is made of: tables, their columns, and rows that come a batch at a time.

The one definition from which every file format is written: CSV here, others elsewhere. A table never stands in memory
whole: `TableOut.batches()` gives it in runs of some thousand rows, column by column, as the format needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import sqlalchemy as sa
    from numpy.typing import NDArray

    Query = sa.Select[*tuple[Any, ...]]


class Kind(Enum):
    """What the values of a column are, in Python and in words; None is "not known" in every kind."""

    ID = "id"
    """UUID."""
    TEXT = "text"
    """str."""
    WHOLE = "whole number"
    """int."""
    NUMBER = "number"
    """float."""
    TRUTH = "yes or no"
    """bool."""
    TIME = "time of day"
    """datetime, aware, in UTC, to the microsecond."""
    SECONDS = "seconds"
    """int, whole microseconds; people read them as seconds with six decimals."""
    FLAGS = "flags"
    """int, bits of `feedback.signal.Quality`; people read them as words joined by `+`."""
    BYTES = "bytes"
    """bytes; base64 where a format has only text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: with its unit, such as `peak_pressure_kpa`.
        kind: of its values.
        says: what it means, in one sentence.
        unit: of its values (`N`, `kPa`, `s`, `cm2`, …); empty where there is none.
        needed: never None.
        kept: name of the column of the record that it holds exactly; None for one that is worked out from others,
            for the convenience of whoever reads, and that an import passes over.
        decimals: of a number that is worked out, how many people need; None for an exact one.
    """

    name: str
    kind: Kind
    says: str
    unit: str = ""
    needed: bool = False
    kept: str | None = None
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Same:
    """One value in every row of a batch."""

    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some rows of a table, column by column.

    Attributes:
        n: how many rows.
        columns: as many as the table has, in their order: each a list of n, an array of n (NaN in one of floats, and
            what is masked in a masked one, is None), or a `Same`.
    """

    n: int
    columns: tuple[Sequence[Any] | NDArray[Any] | Same, ...]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Row by row, in plain Python values."""
        return zip(*(self._plain(column) for column in self.columns), strict=True)

    def _plain(self, column: Sequence[Any] | NDArray[Any] | Same) -> Sequence[Any]:
        if isinstance(column, Same):
            return [column.value] * self.n
        if isinstance(column, np.ndarray):
            values: list[Any] = column.tolist()
            if column.dtype.kind == "f":
                return [None if value is None or value != value else value for value in values]
            return values
        return column


@dataclass(frozen=True, slots=True)
class TableOut:
    """A table to be exported.

    Attributes:
        name: of the table, and of its file without the ending.
        says: what one row is.
        columns: in their order.
        key: columns that together name a row; empty where nothing does.
        refers: column to (table, column) whose values it takes.
        batches: the rows, from the beginning at each call; in an order that depends on nothing but the rows.
        size: about how many rows there are, for whoever shows how far it is.
    """

    name: str
    says: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    refers: dict[str, tuple[str, str]]
    batches: Callable[[], Iterator[Batch]]
    size: int

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Row by row, in plain Python values; for tables that are not large."""
        for batch in self.batches():
            yield from batch.rows()
