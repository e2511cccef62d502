"""A change between two moments, called real only beyond the error of measuring.

What measuring the same thing twice gives anyway is the *minimal detectable change* (MDC). A change below it is "within
error", whichever way it points. Where a figure cannot be compared at all, that is said instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Measure(StrEnum):
    """What is compared; the value is how people read it."""

    THRESHOLD = "threshold"
    """The pressure at which it begins to hurt, kPa."""
    LOWER_EDGE = "lower edge of the band"
    """kPa."""
    UPPER_EDGE = "upper edge of the band"
    """kPa."""
    RATING = "rating"
    """What the client said from 0 to 10, under a like pressure."""
    TIME_IN_BAND = "time in band"
    """Share of the time under pressure, per cent."""
    DOSE = "dose"
    """Force times time of a visit at the point, N·s."""
    SIDES = "left against right"
    """Difference of the thresholds of both sides, kPa."""


class Verdict(StrEnum):
    """What may be said of a change."""

    ROSE = "real: rose"
    FELL = "real: fell"
    WITHIN_ERROR = "within error"
    TOO_LITTLE_KNOWN = "too little known"

    @property
    def real(self) -> bool:
        """Beyond the error of measuring."""
        return self in (Verdict.ROSE, Verdict.FELL)


PRESSURES = frozenset({Measure.THRESHOLD, Measure.LOWER_EDGE, Measure.UPPER_EDGE, Measure.SIDES})
"""Measures in kPa: the reader's unit is up to the screen."""


@dataclass(frozen=True, slots=True)
class Mdc:
    """The minimal detectable change of a measure.

    Attributes:
        measure: of what.
        value: in `unit`, > 0.
        unit: `kPa`, `points` (of a rating, or of per cent for a share) or `%` (of the larger of the two values).
        source: where the figure comes from: the paper, or that none was found.
        verified: it was read in the source for this very measure; False: taken over from another or assumed.
    """

    measure: Measure
    value: float
    unit: str
    source: str
    verified: bool

    def limit(self, before: float, after: float) -> float:
        """The change that counts between these two, in the unit of the measure."""
        return self.value / 100 * max(abs(before), abs(after)) if self.unit == "%" else self.value


@dataclass(frozen=True, slots=True)
class Tip:
    """What pressed: only figures with the same tip are compared.

    Attributes:
        applicator: `probe`, `thumb`, `finger`, `knuckle` or `elbow`.
        area_cm2: its contact area.
        simulated: the sensor was simulated; such figures are never compared with measured ones.
    """

    applicator: str
    area_cm2: float
    simulated: bool = False

    def __str__(self) -> str:
        return f"{self.applicator} {self.area_cm2:g} cm²"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with what is known against it.

    Attributes:
        value: in the unit of its measure.
        interval: 90 % interval around it; None when there is none.
        at_least: the true value lies higher, nobody knows how much.
        doubt: why it cannot be compared, as part of a sentence ("one repeat only"); empty when it can.
    """

    value: float
    interval: tuple[float, float] | None = None
    at_least: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One measure at two moments.

    Attributes:
        measure: of what.
        before: the earlier value, in the unit of the measure.
        after: the later one.
        difference: `after - before`.
        mdc: what would be more than error, with its source.
        verdict: what may be said.
        sentence: the same for people; without figures, whose unit is the reader's.
        before_at: when the earlier one was taken, aware; None when it does not matter.
        after_at: when the later one was.
        tip: with what both were taken; None where nothing pressed.
        at_least: the later value lies higher, nobody knows how much.
    """

    measure: Measure
    before: float
    after: float
    difference: float
    mdc: Mdc
    verdict: Verdict
    sentence: str
    before_at: datetime | None = None
    after_at: datetime | None = None
    tip: Tip | None = None
    at_least: bool = False


def judge(
    before: Figure,
    after: Figure,
    mdc: Mdc,
    *,
    before_at: datetime | None = None,
    after_at: datetime | None = None,
    tip: Tip | None = None,
) -> Change:
    """Compare two values of one measure, taken in the same way.

    A value that is only known to lie at or above what was measured proves no rise from there and no fall to there.
    Where both have intervals, a change is real only when these lie apart as well.

    Args:
        before: the earlier value, finite.
        after: the later one, finite.
        mdc: of the measure.
        before_at: when, aware.
        after_at: when, aware.
        tip: with what.
    """
    verdict, doubt = _verdict(before, after, mdc)
    return Change(
        mdc.measure,
        before.value,
        after.value,
        after.value - before.value,
        mdc,
        verdict,
        sentence_of(mdc.measure, verdict, doubt),
        before_at,
        after_at,
        tip,
        after.at_least,
    )


def _verdict(before: Figure, after: Figure, mdc: Mdc) -> tuple[Verdict, str]:
    if doubt := before.doubt or after.doubt:
        return Verdict.TOO_LITTLE_KNOWN, doubt
    difference = after.value - before.value
    if not math.isfinite(difference):
        return Verdict.TOO_LITTLE_KNOWN, "it was not measured both times"
    rose, fell = (
        bool(
            abs(difference) >= mdc.limit(before.value, after.value)
            and difference * way > 0
            and _apart(before, after)
        )
        for way in (1, -1)
    )
    if rose:
        return (Verdict.TOO_LITTLE_KNOWN, _CEILING) if before.at_least else (Verdict.ROSE, "")
    if fell:
        return (Verdict.TOO_LITTLE_KNOWN, _CEILING) if after.at_least else (Verdict.FELL, "")
    if before.at_least or after.at_least:
        return Verdict.TOO_LITTLE_KNOWN, _CEILING
    return Verdict.WITHIN_ERROR, ""


_CEILING = "it ended at the ceiling, and lies higher than was measured"


def _apart(before: Figure, after: Figure) -> bool:
    if before.interval is None or after.interval is None:
        return True
    return before.interval[1] < after.interval[0] or after.interval[1] < before.interval[0]


_SUBJECTS = {
    Measure.THRESHOLD: "The pressure at which it begins to hurt",
    Measure.LOWER_EDGE: "The pressure at which the good pain begins",
    Measure.UPPER_EDGE: "The pressure at which it becomes too much",
    Measure.RATING: "What the client said under a like pressure",
    Measure.TIME_IN_BAND: "The share of time in the band",
    Measure.DOSE: "The dose",
    Measure.SIDES: "The difference between left and right",
}


def sentence_of(measure: Measure, verdict: Verdict, doubt: str = "") -> str:
    """The verdict for people; no figures and no medical claim."""
    subject = _SUBJECTS[measure]
    if verdict is Verdict.TOO_LITTLE_KNOWN:
        subject = subject.removesuffix(" under a like pressure")
        return f"{subject} cannot be compared: {doubt}." if doubt else f"{subject} cannot be compared."
    if verdict is Verdict.WITHIN_ERROR:
        return f"{subject} has not changed by more than the error of measuring."
    way = "risen" if verdict is Verdict.ROSE else "fallen"
    return f"{subject} has {way} by more than the error of measuring."
