"""Dates, lengths and figures for people, in British English."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from feedback.review import PRESSURES, Measure
from feedback.signal import Quality

if TYPE_CHECKING:
    from feedback.review import Change, ClientCourse, Mdc, SideDifference
    from feedback.units import PressureUnit

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NOTHING = "–"

QUALITY_WORDS = {
    Quality.SATURATED: "the sensor was at its limit",
    Quality.LATE: "some samples were read late",
    Quality.UNCALIBRATED: "not calibrated",
    Quality.UNCHECKED: "no checksum",
    Quality.TARED_UNDER_LOAD: "zero was set under load",
    Quality.CLOCK_RESTART: "the sensor's clock restarted",
}


class Words:
    """How figures are written in one report.

    Args:
        unit: of pressures.
        zone: of dates; None for that of the computer.
    """

    def __init__(self, unit: PressureUnit, zone: tzinfo | None) -> None:
        self.unit = unit
        self._zone = zone

    def here(self, moment: datetime) -> datetime:
        """The moment on the reader's clock."""
        return moment.astimezone(self._zone)

    def date(self, moment: datetime) -> str:
        """`2 March 2026`."""
        here = self.here(moment)
        return f"{here.day} {_MONTHS[here.month - 1]} {here.year}"

    def day(self, moment: datetime) -> str:
        """`2 Mar`."""
        here = self.here(moment)
        return f"{here.day} {_MONTHS[here.month - 1][:3]}"

    def day_year(self, moment: datetime) -> str:
        """`2 Mar 2026`, that does not break."""
        return f"{self.day(moment)} {self.here(moment).year}".replace(" ", "\u00a0")

    def moment(self, moment: datetime) -> str:
        """`2 March 2026, 09:30`."""
        return f"{self.date(moment)}, {self.here(moment):%H:%M}"

    def pressure(self, kpa: float | None, *, unit: bool = True) -> str:
        """`2.35 kg/cm²`, or a dash."""
        return (
            NOTHING
            if kpa is None or not math.isfinite(kpa)
            else self.unit.text(kpa, unit=unit).replace(" ", "\u00a0")
        )

    def range(self, low: float | None, high: float | None, *, unit: bool = True) -> str:
        """`1.50–2.35 kg/cm²`, or a dash."""
        if low is None or high is None:
            return NOTHING
        return f"{self.unit.text(low, unit=False)}–{self.pressure(high, unit=unit)}"

    def of_measure(self, value: float, measure: Measure, *, unit: bool = True) -> str:
        """A value of a measure."""
        if measure in PRESSURES:
            return self.pressure(value, unit=unit)
        if measure is Measure.TIME_IN_BAND:
            return f"{value:.0f}\u00a0%"
        if measure is Measure.DOSE:
            return f"{value:.0f}\u00a0N·s"
        return f"{value:g}"

    def difference(self, change: Change | SideDifference) -> str:
        """`+0.41 kg/cm²`, `−2`."""
        value, measure = change.difference, change.measure
        if not math.isfinite(value):
            return NOTHING
        words = self.of_measure(abs(value), measure)
        nothing = not any(digit in words for digit in "123456789")
        sign = "±" if nothing else "+" if value > 0 else "−"
        return sign + (words.replace("%", "points") if measure is Measure.TIME_IN_BAND else words)

    def mdc(self, mdc: Mdc) -> str:
        """What would count: `1.63 kg/cm²`, `2 points`, `25 %`."""
        if mdc.unit == "kPa":
            return self.pressure(mdc.value)
        return f"{mdc.value:g} %" if mdc.unit == "%" else f"{mdc.value:g} points"


def duration(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def count(number: int, one: str, many: str = "") -> str:
    """`1 press`, `3 presses`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(parts: Sequence[str], joiner: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {joiner} {parts[-1]}"


def planned_words(course: ClientCourse, words: Words) -> str:
    """How many of the planned visits were given, and when the next one is planned."""
    done, planned = course.plan_now.done, course.plan.visits
    given = (
        f"{done} of {planned} planned visits"
        if done <= planned
        else f"{count(done, 'visit')}, {planned} planned"
    )
    coming = next((one for one in course.planned if one.given is None and one.latest is not None), None)
    if coming is None or coming.earliest is None or coming.latest is None:
        return f"{given}."
    if coming.latest < course.at:
        return f"{given}; the next one was planned up to {words.date(coming.latest)}."
    return f"{given}; the next one is planned between {words.date(coming.earliest)} and {words.date(coming.latest)}."


def sentence(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]


def quality(flags: int) -> str:
    """What is known against samples; empty for good ones."""
    return ", ".join(words for flag, words in QUALITY_WORDS.items() if flags & flag)
