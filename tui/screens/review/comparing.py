"""The figures of two presses or two visits, with their differences. Pure, no screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.text import Text

from tui.screens.review import words as w

if TYPE_CHECKING:
    from feedback.history.review_rows import PressDetail, PressRow, VisitRow
    from feedback.units import PressureUnit
    from tui.screens.review.traces import Trace

Visit = tuple["VisitRow", "list[PressRow]", "Trace"]
"""A visit, its presses, its samples."""


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of two things; text where it is no number."""

    name: str
    first: float | None
    second: float | None
    write: Callable[[float], str]

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """Name, both values, and the second less the first with its sign."""
        first, second = (
            w.NONE if value is None else self.write(value) for value in (self.first, self.second)
        )
        if self.first is None or self.second is None:
            return self.name, first, second, w.NONE
        difference = self.second - self.first
        words = self.write(abs(difference))
        sign = "±" if words == self.write(0.0) else "+" if difference > 0 else "−"
        return self.name, first, second, f"{sign}{words}"


def table(names: tuple[str, str], lines: Sequence[Line], said: Sequence[tuple[str, ...]], width: int) -> Text:
    """The figures as rows of one width."""
    name_width = 9
    value = min(44, max(8, (width - name_width - 16) // 2))
    rows = [("", *names, "difference"), *(line.texts for line in lines), *((*row, "") for row in said)]
    text = Text(no_wrap=True, overflow="ellipsis")
    for n, (name, first, second, difference) in enumerate(rows):
        line = f"{name:<{name_width}} {_cell(first, value)} {_cell(second, value)} {difference}"
        text.append(f"{line}\n", "bold" if n == 0 else "")
    return text


def _cell(text: str, width: int) -> str:
    return text[: width - 1] + "…" if len(text) > width else text.ljust(width)


def press_lines(first: PressDetail, second: PressDetail, unit: PressureUnit) -> list[Line]:
    """The figures of two presses."""
    one, other = first.press.press, second.press.press

    def kpa(value: float) -> str:
        return unit.text(value)

    def hold_s(detail: PressDetail) -> float | None:
        press = detail.press.press
        if press.hold_start_s is None or press.hold_end_s is None:
            return None
        return press.hold_end_s - press.hold_start_s

    def rating(detail: PressDetail) -> float | None:
        told = [r.rating for r in detail.reports if r.rating is not None and not r.undone]
        return float(told[-1]) if told else None

    return [
        Line("Hold", one.hold_mean_kpa, other.hold_mean_kpa, kpa),
        Line("held for", hold_s(first), hold_s(second), "{:.1f} s".format),
        Line("Peak", _finite(one.peak_kpa), _finite(other.peak_kpa), kpa),
        Line("Rated", rating(first), rating(second), "{:.0f}".format),
        Line("In band", one.time_in_band_s, other.time_in_band_s, "{:.1f} s".format),
        Line("Ramp", one.ramp_kpa_per_s, other.ramp_kpa_per_s, lambda kpa_s: f"{unit.text(kpa_s)}/s"),
        Line("Sag", one.sag_pct, other.sag_pct, "{:.0f} %".format),
        Line("Dose", _finite(one.dose_ns), _finite(other.dose_ns), "{:.0f} N·s".format),
        Line("Lasted", one.duration_s, other.duration_s, "{:.1f} s".format),
    ]


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def visit_lines(found: Sequence[Visit], unit: PressureUnit) -> list[Line]:
    """The figures of two visits; void presses are left out of all of them."""
    (first, one, _), (second, other, _) = found

    def over(presses: Sequence[PressRow], value: Callable[[Any], float | None]) -> float | None:
        values = [
            x for row in presses if not row.void and (x := value(row.press)) is not None and np.isfinite(x)
        ]
        return float(np.mean(values)) if values else None

    def both(name: str, value: Callable[[Any], float | None], write: Callable[[float], str]) -> Line:
        return Line(name, over(one, value), over(other, value), write)

    def rating(value: int | None) -> float | None:
        return None if value is None else float(value)

    return [
        Line("Presses", first.presses, second.presses, "{:.0f}".format),
        both("Hold ø", lambda press: press.hold_mean_kpa, unit.text),
        both("Peak ø", lambda press: press.peak_kpa, unit.text),
        Line("First", rating(first.rating_first), rating(second.rating_first), "{:.0f}/10".format),
        Line("Last", rating(first.rating_last), rating(second.rating_last), "{:.0f}/10".format),
        Line("In band", first.time_in_band_s, second.time_in_band_s, "{:.1f} s".format),
        Line("Dose", first.dose_ns, second.dose_ns, "{:.0f} N·s".format),
        both("Sag ø", lambda press: press.sag_pct, "{:.0f} %".format),
        Line("Lasted", first.duration_s, second.duration_s, lambda s: w.minutes(s)),
    ]
