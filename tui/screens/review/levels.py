"""What the four columns of a review list: clients, points, visits, presses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.screens.review import words as w
from tui.screens.review.fields import Field, Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.history.review_rows import ClientRow, PointRow, PressRow, VisitRow
    from feedback.units import PressureUnit

CLIENTS, POINTS, VISITS, PRESSES = range(4)


@dataclass(frozen=True, slots=True)
class PointLine:
    """A line of the points: one of them, or all together (`row` is None)."""

    row: PointRow | None
    presses: int
    visits: int

    @property
    def name(self) -> str:
        """For people."""
        return "all points" if self.row is None else str(self.row.point)


@dataclass(frozen=True, slots=True)
class PressLine:
    """A press with its number in the list, from 1."""

    number: int
    row: PressRow


def point_lines(client: ClientRow, rows: Sequence[PointRow]) -> list[PointLine]:
    """All points together first, then each; nothing when there are neither points nor visits."""
    lines = [PointLine(row, row.presses, row.visits) for row in rows]
    return [PointLine(None, client.presses, client.visits), *lines] if lines or client.visits else []


def press_lines(rows: Sequence[PressRow]) -> list[PressLine]:
    """Numbered as they came."""
    return [PressLine(number, row) for number, row in enumerate(rows, 1)]


def client_level() -> Level[ClientRow]:
    """By code."""
    return Level(
        "Clients",
        "the record is empty",
        (
            Field("code", 6, lambda row: row.code, flexible=True),
            Field("visits", 6, lambda row: str(row.visits), 3, right=True),
            Field("last", 10, lambda row: w.day(row.last_at), 1),
        ),
        key=lambda row: row.id,
        search=lambda row: row.code,
        faint=lambda row: row.visits == 0,
    )


def point_level(unit: PressureUnit) -> Level[PointLine]:
    """Last pressed first."""

    def band(line: PointLine) -> str:
        return "" if line.row is None else w.edges(line.row.lower_kpa, line.row.upper_kpa, unit)

    def threshold(line: PointLine) -> str:
        return "" if line.row is None else w.pressure(line.row.last_threshold_kpa, unit)

    return Level(
        "Points",
        "no point yet",
        (
            Field("point", 26, lambda line: line.name, flexible=True),
            Field("press", 5, lambda line: str(line.presses), 3, right=True),
            Field("band", 10, band, 1, right=True),
            Field("thresh", 6, threshold, 4, right=True),
            Field("last", 10, lambda line: w.day(line.row.last_at) if line.row else "", 5),
        ),
        key=lambda line: line.row.id if line.row else "all",
        search=lambda line: line.name,
        faint=lambda line: line.presses == 0,
    )


def visit_level() -> Level[VisitRow]:
    """Newest first."""
    return Level(
        "Visits",
        "no visit yet",
        (
            Field("when", 16, lambda row: w.day_and_time(row.started_at), flexible=True),
            Field("press", 5, lambda row: str(row.presses), 4, right=True),
            Field("in band", 7, lambda row: w.seconds(row.time_in_band_s), 3, right=True),
            Field("N·s", 6, lambda row: w.number(row.dose_ns), 5, right=True),
            Field("rated", 5, lambda row: w.from_to(row.rating_first, row.rating_last), 1),
            Field("", 3, lambda row: "sim" if row.simulated else "", 2),
        ),
        key=lambda row: row.session_id,
        search=lambda row: (
            f"{w.day_and_time(row.started_at)} {row.applicator} {row.therapist} "
            + " ".join(map(str, row.points))
        ),
        faint=lambda row: row.presses == 0,
    )


def press_level(unit: PressureUnit) -> Level[PressLine]:
    """In order."""

    def about(line: PressLine) -> str:
        return "; ".join(
            part
            for part in (
                ", ".join(w.flags_of(line.row.press, void=line.row.void)),
                w.said_all(line.row.reports),
            )
            if part
        )

    return Level(
        "Presses",
        "no press",
        (
            Field("#", 3, lambda line: str(line.number), right=True),
            Field("at", 8, lambda line: w.clock_time(line.row.started_at), 4),
            Field("hold", 6, lambda line: w.pressure(line.row.press.hold_mean_kpa, unit), 1, right=True),
            Field("in band", 7, lambda line: w.seconds(line.row.press.time_in_band_s), 3, right=True),
            Field("said, and flags", 10, about, flexible=True),
        ),
        key=lambda line: line.row.id,
        search=lambda line: f"{line.number} {line.row.point or ''} {about(line)}",
        faint=lambda line: line.row.void,
    )
