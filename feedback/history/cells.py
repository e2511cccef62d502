"""Cells of an exported table: numbers, times and text as a spreadsheet takes them, and files that appear whole."""

from __future__ import annotations

import contextlib
import csv
import math
import os
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history.records import iso_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from uuid import UUID

    from feedback.history.records import SessionSummary
    from feedback.points import Point


@contextmanager
def whole_file(path: Path) -> Generator[Callable[[Iterable[object]], object]]:
    """A CSV writer to a file that takes its name only when all is written."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield csv.writer(file).writerow
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def number(value: float | None, decimals: int = 3) -> str:
    """A number, or nothing where it is not known."""
    return "" if value is None or math.isnan(value) else f"{value:.{decimals}f}"


def whole(value: int | None) -> object:
    """A whole number, or nothing where it is not known."""
    return "" if value is None else value


def text(value: str) -> str:
    """Free text that a spreadsheet cannot take for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def yes_no(value: bool) -> str:
    """A truth."""
    return "yes" if value else "no"


def at_utc(session: SessionSummary, time_s: float) -> str:
    """Time of day of a moment of a session."""
    return iso_utc(session.started_at + timedelta(seconds=time_s))


def point_cells(point: Point | None) -> tuple[str, str, str]:
    """Muscle, side, label; nothing where there is no point."""
    return ("", "", "") if point is None else (text(point.muscle), point.side, text(point.label))


def point_of(session: SessionSummary, point_id: UUID | None) -> tuple[str, str, str, str]:
    """Muscle, side, label and id of a point of a session."""
    point = session.points.get(point_id) if point_id else None
    return (*point_cells(point), str(point_id or ""))
