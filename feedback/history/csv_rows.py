"""Batches of rows as CSV (RFC 4180: commas, CR LF, quotes where needed), in UTF-8."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from feedback.history.cells import MAX_SCALED, flag_words, writer_of
from feedback.history.digits import squeezed, to_digits
from feedback.history.export_types import Kind, Same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from feedback.history.export_types import Batch, Column

_SMALLEST = np.iinfo(np.int64).min


class CsvRows:
    """Turns the batches of one table into bytes."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._writers: list[Callable[[Any], str]] = [writer_of(column) for column in columns]
        self._flags: NDArray[np.uint8] | None = None

    def header(self) -> bytes:
        """The first line."""
        return _lines([[column.name for column in self._columns]])

    def rows(self, batch: Batch) -> bytes:
        """The lines of a batch."""
        if batch.n and all(isinstance(column, Same | np.ndarray) for column in batch.columns):
            fast = self._columns_of_digits(batch)
            if fast is not None:
                return fast
        return self._cell_by_cell(batch)

    def _cell_by_cell(self, batch: Batch) -> bytes:
        write = self._writers
        return _lines([[w(value) for w, value in zip(write, row, strict=True)] for row in batch.rows()])

    def _columns_of_digits(self, batch: Batch) -> bytes | None:
        """All of it in numpy; None where that would not be exact."""
        parts: list[NDArray[np.uint8] | bytes] = []
        for i, (column, values) in enumerate(zip(self._columns, batch.columns, strict=True)):
            before = b"," if i else b""
            if isinstance(values, Same):
                cell = _lines([[self._writers[i](values.value), ""]])[:-3]
                if b"\0" in cell:
                    return None
                parts.append(before + cell)
                continue
            made = self._digits(column, values)
            if made is None:
                return None
            parts += [before, made] if before else [made]
        return squeezed([*parts, b"\r\n"], batch.n)

    def _digits(self, column: Column, values: Any) -> NDArray[np.uint8] | None:
        hidden: NDArray[np.bool_] | None = None
        plain: NDArray[Any] = values
        if np.ma.isMaskedArray(values):
            hidden, plain = values.mask | np.zeros(len(values), np.bool_), values.data
        if column.kind is Kind.FLAGS and plain.dtype == np.uint8:
            return self._words()[plain] if plain.any() else np.empty((len(plain), 0), np.uint8)
        if column.kind in (Kind.WHOLE, Kind.SECONDS) and plain.dtype.kind == "i":
            whole = plain.astype(np.int64, copy=False)
            if hidden is not None:
                if hidden.all():
                    return np.empty((len(plain), 0), np.uint8)
                whole = np.where(hidden, 0, whole)
            if whole.min() == _SMALLEST:
                return None
            return to_digits(whole, 6 if column.kind is Kind.SECONDS else 0, hidden)
        if column.kind is Kind.NUMBER and plain.dtype.kind == "f" and column.decimals is not None:
            nothing = np.isnan(plain) if hidden is None else hidden | np.isnan(plain)
            scaled = np.where(nothing, 0.0, plain) * 10**column.decimals
            if not (np.abs(scaled) < MAX_SCALED).all():
                return None
            return to_digits(np.rint(scaled).astype(np.int64), column.decimals, nothing)
        return None

    def _words(self) -> NDArray[np.uint8]:
        """The words of every combination of flags, a row each."""
        if self._flags is None:
            words = [flag_words(value).encode() for value in range(256)]
            width = max(map(len, words))
            joined = b"".join(word.ljust(width, b"\0") for word in words)
            self._flags = np.frombuffer(joined, np.uint8).reshape(256, width)
        return self._flags


def _lines(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
