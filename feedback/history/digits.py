"""Whole numbers to text and back, a column of thousands at a time.

A column becomes a matrix of bytes, a row a value, filled up with zero bytes that are left out in the end; Python
itself sees no single value. `to_digits` and `from_digits` are exact for every int64 but the smallest.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_DIGITS = 18
"""So many digits are below 2^63 whatever they are."""


@lru_cache(maxsize=1)
def _fours() -> NDArray[np.uint32]:
    """The four digits of every number below 10000, as the four bytes of one word."""
    numbers = np.arange(10_000)
    digits = np.stack([numbers // 10**place % 10 for place in (3, 2, 1, 0)], axis=1) + ord("0")
    return np.ascontiguousarray(digits.astype(np.uint8)).view(np.uint32).ravel()


def to_digits(
    values: NDArray[np.int64], decimals: int = 0, hidden: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """Each value as ASCII, with a point before the last `decimals` digits; zero bytes where there is nothing.

    Args:
        values: int64 (n,), above the smallest int64.
        decimals: 0 for whole numbers; a value v then reads v / 10^decimals, with at least one digit before the point.
        hidden: bool (n,), rows to leave blank.

    Returns:
        uint8 (n, as wide as the widest).
    """
    sizes = np.abs(values)
    largest = int(sizes.max()) if len(sizes) else 0
    width = max(len(str(largest)), decimals + 1)
    fours = -(-width // 4)
    words = np.empty((len(values), fours), np.uint32)
    rest = sizes
    for place in range(fours - 1, 0, -1):
        rest, low = np.divmod(rest, 10_000)
        words[:, place] = _fours()[low]
    words[:, 0] = _fours()[rest]
    digits = words.view(np.uint8)[:, 4 * fours - width :]
    lead = width - decimals - 1
    if lead:
        # What stands before the first digit that is not 0; the last before the point always stands.
        leading = np.logical_and.accumulate(digits[:, :lead] == ord("0"), axis=1)
        digits[:, :lead][leading] = 0
    parts: list[NDArray[np.uint8]] = []
    negative = values < 0
    if negative.any():
        parts.append(np.where(negative, np.uint8(ord("-")), np.uint8(0))[:, None])
    parts.append(digits[:, : lead + 1])
    if decimals:
        parts += [np.full((len(values), 1), ord("."), np.uint8), digits[:, lead + 1 :]]
    made = np.concatenate(parts, axis=1) if len(parts) > 1 else digits
    if hidden is not None and hidden.any():
        made = made.copy()
        made[hidden] = 0
    return made


def squeezed(columns: list[NDArray[np.uint8] | bytes], n: int) -> bytes:
    """Columns of bytes side by side, the zero bytes left out: n rows one after the other.

    Args:
        columns: matrices of n rows, or bytes that stand in every row; none of the bytes that count is zero.
        n: rows.
    """
    width = sum(len(c) if isinstance(c, bytes) else c.shape[1] for c in columns)
    table = np.empty((n, width), np.uint8)
    at = 0
    for column in columns:
        if isinstance(column, bytes):
            table[:, at : at + len(column)] = np.frombuffer(column, np.uint8)
            at += len(column)
        else:
            table[:, at : at + column.shape[1]] = column
            at += column.shape[1]
    flat = table.ravel()
    return flat[flat != 0].tobytes()


def from_digits(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], decimals: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The values that stand from `starts` to `ends` in `data`, and which of them are none (empty cells).

    Args:
        data: ASCII.
        starts: (n,) of the cells.
        ends: (n,), just after them.
        decimals: each cell that is not empty must have exactly so many after a point.

    Raises:
        ValueError: a cell is not such a number, or longer than `MAX_DIGITS`.
    """
    empty = ends == starts
    negative = ~empty & (data[np.minimum(starts, len(data) - 1)] == ord("-"))
    first = starts + negative
    digits = ends - first - (1 if decimals else 0)
    if (~empty & (digits < decimals + 1)).any() or (digits > MAX_DIGITS).any():
        raise ValueError("too few or too many digits")
    if decimals and (data[ends[~empty] - decimals - 1] != ord(".")).any():
        raise ValueError("no point where one belongs")
    values = np.zeros(len(starts), np.int64)
    scale = 1
    for place in range(int(digits.max(initial=0))):
        here = ends - 1 - place - (1 if decimals and place >= decimals else 0)
        there = (here >= first) & ~empty
        digit = data[np.where(there, here, 0)].astype(np.int64) - ord("0")
        digit[~there] = 0
        if (digit.view(np.uint64) > 9).any():
            raise ValueError("not a digit")
        values += digit * scale
        scale *= 10
    return np.where(negative, -values, values), empty
