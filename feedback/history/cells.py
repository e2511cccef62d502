"""Cells of an exported table as CSV has them: written so that they read back as exactly the same, or not at all.

An empty cell is "not known". Text that a spreadsheet would run as a formula gets an apostrophe in front; so does text
that begins with one, and text that is there but empty where it might not be known: whatever begins with an apostrophe
loses it when it is read. Numbers have as many digits as bring back the same float, times six decimals.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from feedback.history.export_types import Kind
from feedback.refusal import Refusal
from feedback.signal import Quality
from feedback.spreadsheet import GUARD, guarded, unguarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedback.history.export_types import Column

MAX_SCALED = 1e15
"""From here on `fixed` writes the number as it is."""

_SECONDS = re.compile(r"(-?)([0-9]+)(?:\.([0-9]{1,6}))?")
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|INF)")
_WHOLE = re.compile(r"-?[0-9]+")
_FLAGS = {int(flag): (flag.name or "").lower().replace("_", " ") for flag in Quality}
_FLAG_OF = {word: value for value, word in _FLAGS.items()}
_BITS = 16


class CellError(Refusal, ValueError):
    """A cell is not what its column holds; the message says what is expected."""


def writer_of(column: Column) -> Callable[[Any], str]:
    """How the values of a column become cells; None becomes an empty one."""
    if column.kind is Kind.NUMBER and column.decimals is not None:
        decimals = column.decimals
        return lambda value: "" if value is None else fixed(value, decimals)
    if column.kind is Kind.TEXT:
        empty = "" if column.needed or column.kept is None else GUARD
        return lambda value: "" if value is None else (guarded(value) if value else empty)
    return _WRITERS[column.kind]


def reader_of(column: Column) -> Callable[[str], Any]:
    """How cells become values again.

    The function raises a CellError for what is no value of this kind, and for an empty cell that must not be.
    """
    read = _READERS[column.kind]
    if column.needed:
        if column.kind in (Kind.TEXT, Kind.FLAGS):
            return read

        def needed(cell: str) -> Any:
            if not cell:
                raise CellError("it is empty")
            return read(cell)

        return needed
    return lambda cell: read(cell) if cell else None


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals, rounded as numpy's `rint` does it."""
    scaled = value * 10**decimals
    if not abs(scaled) < MAX_SCALED:
        return _write_number(value)
    digits = f"{abs(round(scaled)):0{decimals + 1}d}"
    sign = "-" if round(scaled) < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"


def flag_words(quality: int) -> str:
    """Quality flags as words, `+` between them; empty for a good sample."""
    return "+".join(_FLAGS.get(1 << bit, f"bit {bit}") for bit in range(_BITS) if quality >> bit & 1)


def _write_number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return repr(float(value)) if math.isfinite(value) else ("INF" if value > 0 else "-INF")


def _write_seconds(t_us: int | None) -> str:
    if t_us is None:
        return ""
    seconds, rest = divmod(abs(t_us), 1_000_000)
    return f"{'-' if t_us < 0 else ''}{seconds}.{rest:06d}"


def _write_time(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def _write_bytes(value: bytes | None) -> str:
    if value is None:
        return ""
    return guarded(base64.b64encode(value).decode("ascii")) or GUARD


def _plain(value: object) -> str:
    return "" if value is None else str(value)


_WRITERS: dict[Kind, Callable[[Any], str]] = {
    Kind.ID: _plain,
    Kind.WHOLE: _plain,
    Kind.NUMBER: _write_number,
    Kind.TRUTH: lambda value: "" if value is None else ("yes" if value else "no"),
    Kind.TIME: _write_time,
    Kind.SECONDS: _write_seconds,
    Kind.FLAGS: lambda value: "" if value is None else flag_words(value),
    Kind.BYTES: _write_bytes,
}


def _read_whole(cell: str) -> int:
    if not _WHOLE.fullmatch(cell) or len(cell) > 20:
        raise CellError(f"“{_short(cell)}” is not a whole number")
    return int(cell)


def _read_number(cell: str) -> float:
    if not _NUMBER.fullmatch(cell):
        raise CellError(f"“{_short(cell)}” is not a number")
    return float(cell)


def _read_seconds(cell: str) -> int:
    found = _SECONDS.fullmatch(cell)
    if not found or len(cell) > 21:
        raise CellError(f"“{_short(cell)}” is not a number of seconds")
    t_us = int(found[2]) * 1_000_000 + int((found[3] or "").ljust(6, "0"))
    t_us = -t_us if found[1] else t_us
    if not -(1 << 63) <= t_us < 1 << 63:
        raise CellError(f"“{_short(cell)}” is more seconds than there are")
    return t_us


def _read_time(cell: str) -> datetime:
    try:
        value = datetime.fromisoformat(cell)
        if value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise CellError(f"“{_short(cell)}” is not a time such as 2026-03-01T09:30:00.000000Z")


def _read_id(cell: str) -> UUID:
    try:
        if len(cell) == 36:
            return UUID(cell)
    except ValueError:
        pass
    raise CellError(f"“{_short(cell)}” is not an id")


def _read_truth(cell: str) -> bool:
    if cell not in ("yes", "no"):
        raise CellError(f"“{_short(cell)}” is neither yes nor no")
    return cell == "yes"


def _read_flags(cell: str) -> int:
    flags = 0
    for word in cell.split("+") if cell else ():
        value = _FLAG_OF.get(word)
        if value is None:
            number = word.removeprefix("bit ")
            if number == word or not number.isdecimal() or len(number) > 3 or int(number) >= _BITS:
                raise CellError(f"“{_short(word)}” is not a quality flag")
            value = 1 << int(number)
        flags |= value
    return flags


def _read_bytes(cell: str) -> bytes:
    try:
        return base64.b64decode(unguarded(cell), validate=True)
    except (binascii.Error, ValueError):
        raise CellError(f"“{_short(cell)}” is not base64") from None


_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.ID: _read_id,
    Kind.TEXT: unguarded,
    Kind.WHOLE: _read_whole,
    Kind.NUMBER: _read_number,
    Kind.TRUTH: _read_truth,
    Kind.TIME: _read_time,
    Kind.SECONDS: _read_seconds,
    Kind.FLAGS: _read_flags,
    Kind.BYTES: _read_bytes,
}


def _short(cell: str) -> str:
    shown = cell if len(cell) <= 30 else f"{cell[:30]}…"
    return "".join(c if c.isprintable() else "�" for c in shown)
