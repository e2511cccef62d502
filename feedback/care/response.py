"""Does the client respond? Said only beyond the error of measuring, and said when there is nothing.

A change counts when it is larger than what measuring the same thing twice gives anyway. For the pressure pain threshold
of one person published figures lie between 127 and 174 kPa (`care.toml` lists them with their sources; 160 kPa is the
default), so that the gain of a single session, about 28 kPa on average (Geri 2022), cannot be told from error. For
ratings it is two points: one point is a rounding, and the least change that matters to people is 1.4 of 10 (Delgado
2018, for the visual analogue scale).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from feedback.care.errors import CareError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feedback.care.visits import VisitFigures


@dataclass(frozen=True, slots=True)
class ResponseRule:
    """When a change is one, and after how many visits it is asked for.

    Attributes:
        after_visits: visits with pressure before anything is judged, >= 1. Two is how neuromuscular therapy describes
            itself; it is an assumption.
        rating_points: change of a 0 to 10 rating that counts, above 0 to 10.
        threshold_kpa: change of a pressure threshold that counts, > 0.
        rating_source: where the first comes from.
        threshold_source: where the second comes from.
    """

    after_visits: int = 2
    rating_points: float = 2.0
    threshold_kpa: float = 160.0
    rating_source: str = "more than the least change that matters, 1.4 of 10 (Delgado 2018)"
    threshold_source: str = "J Manipulative Physiol Ther 2015;38:282, PMID 25925018"

    def __post_init__(self) -> None:
        if self.after_visits < 1:
            raise CareError(f"a response is judged after at least 1 visit, not {self.after_visits}")
        if not 0 < self.rating_points <= 10:
            raise CareError(f"a change of rating lies above 0 and not above 10, not {self.rating_points:g}")
        if not (self.threshold_kpa > 0 and math.isfinite(self.threshold_kpa)):
            raise CareError("a change of threshold that counts must be larger than 0")


class Measure(StrEnum):
    """What is compared."""

    PAIN_NOW = "pain now"
    PAIN_USUAL = "usual pain"
    THRESHOLD = "threshold"


class Verdict(StrEnum):
    """What became of it."""

    BETTER = "better"
    WORSE = "worse"
    WITHIN_ERROR = "within error"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was measured at two visits.

    Attributes:
        measure: what.
        place: the area or point.
        before: at the first visit at which it was measured; points of 10, or kPa.
        after: at the last one.
        needed: the change that counts, same unit.
        verdict: what became of it.
        at_least: the last threshold ended at the ceiling: it lies higher than `after`.
    """

    measure: Measure
    place: str
    before: float
    after: float
    needed: float
    verdict: Verdict
    at_least: bool = False

    @property
    def words(self) -> str:
        """The change for people; without the figures of a pressure, whose unit is the reader's."""
        if self.measure is not Measure.THRESHOLD:
            figures = f"{self.measure} {self.before:g}, then {self.after:g}"
            tail = "" if self.verdict is not Verdict.WITHIN_ERROR else " (no more than ratings vary)"
            return f"{self.place}: {figures}{tail}"
        words = {
            Verdict.BETTER: "bears clearly more pressure than before",
            Verdict.WORSE: "bears clearly less pressure than before",
            Verdict.WITHIN_ERROR: "bears as much pressure as before, within the error of measuring",
        }
        return f"{self.place}: {words[self.verdict]}"


@dataclass(frozen=True, slots=True)
class Response:
    """What can be said about the course so far.

    Attributes:
        judged: there were enough visits, and something was measured at two of them.
        detectable: something became better by more than the error of measuring; False while not judged.
        sentence: for people; no medical claim.
        because: what it rests on, a line each.
        tried: what was given: visits, techniques, points.
        changes: the figures behind `because`.
        worse: something became worse by more than the error of measuring.
    """

    judged: bool
    detectable: bool
    sentence: str
    because: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    worse: bool = False


def response_of(visits: Sequence[VisitFigures], rule: ResponseRule | None = None) -> Response:
    """Judge a course from its visits; the first value of everything is compared with the last.

    Args:
        visits: of this course, in any order; one without pressure (an assessment before the visit begins) counts for
            what was told, not as a visit given.
        rule: what counts.
    """
    rule = rule or ResponseRule()
    ordered = sorted(visits, key=lambda visit: visit.at)
    given = sum(visit.pressed for visit in ordered)
    tried = _tried(ordered)
    if given < rule.after_visits:
        more = rule.after_visits - given
        return Response(
            False,
            False,
            f"The response is looked at after {_visits(rule.after_visits)}: {more} to go.",
            (),
            tried,
        )
    changes = tuple(_changes(ordered, rule))
    because = tuple(change.words for change in changes)
    if not changes:
        return Response(
            False,
            False,
            "The response cannot be told: nothing was measured at two visits. Ask for the pain from 0 to 10, or "
            "measure a threshold again.",
            (),
            tried,
        )
    better = any(change.verdict is Verdict.BETTER for change in changes)
    worse = any(change.verdict is Verdict.WORSE for change in changes)
    return Response(True, better, _sentence(given, better, worse), because, tried, changes, worse)


def _sentence(given: int, better: bool, worse: bool) -> str:
    after = f"After {_visits(given)}"
    if better and worse:
        return f"{after} some of it is better and some worse, both beyond the error of measuring."
    if better:
        return f"{after} there is a change for the better beyond the error of measuring."
    found = "what was measured is worse" if worse else "there is no change beyond the error of measuring"
    return (
        f"{after} {found}: this therapy may not be the right one here. Talk it over, and think of another way or of "
        "somebody else to ask."
    )


def _changes(visits: Sequence[VisitFigures], rule: ResponseRule) -> Iterator[Change]:
    given = 0
    first: dict[tuple[Measure, object], tuple[int, float, bool]] = {}
    last: dict[tuple[Measure, object], tuple[int, float, bool]] = {}
    places: dict[tuple[Measure, object], str] = {}
    for number, visit in enumerate(visits):
        given += visit.pressed
        for key, place, value, at_least in _measured(visit):
            seen = first.setdefault(key, (number, value, at_least))
            places.setdefault(key, place)
            if number > seen[0] and given >= rule.after_visits:
                last[key] = (number, value, at_least)
    for key, (_, after, at_least) in last.items():
        measure = key[0]
        _, before, floor = first[key]
        if measure is Measure.THRESHOLD:
            # A threshold that was only known to lie above a value says nothing about a rise.
            if floor and after >= before:
                continue
            needed, gain = rule.threshold_kpa, after - before
        else:
            needed, gain = rule.rating_points, before - after
        verdict = Verdict.BETTER if gain >= needed else Verdict.WITHIN_ERROR
        if -gain >= needed and not at_least:
            verdict = Verdict.WORSE
        yield Change(measure, places[key], before, after, needed, verdict, at_least)


def _measured(visit: VisitFigures) -> Iterator[tuple[tuple[Measure, object], str, float, bool]]:
    for area in visit.pain:
        for measure, value in ((Measure.PAIN_NOW, area.now), (Measure.PAIN_USUAL, area.usual)):
            if value is not None:
                yield (measure, (area.area, area.side)), str(area), float(value), False
    # A later one of the same visit comes after treatment: the first ones of two visits are compared.
    seen: set[object] = set()
    for figure in visit.thresholds:
        same = (figure.point, figure.applicator, round(figure.tip_area_cm2, 3))
        if same not in seen and math.isfinite(figure.mean_kpa):
            seen.add(same)
            yield (Measure.THRESHOLD, same), str(figure.point), figure.mean_kpa, figure.at_least


def _tried(visits: Sequence[VisitFigures]) -> tuple[str, ...]:
    given = [visit for visit in visits if visit.pressed]
    if not given:
        return ()
    presses = sum(visit.presses for visit in given)
    lines = [
        f"{_visits(len(given))}, {presses} {'press' if presses == 1 else 'presses'}, "
        f"{sum(visit.dose_ns for visit in given):.0f} N·s"
    ]
    techniques = Counter(name for visit in given for name in visit.techniques)
    lines += [f"{name} at {_visits(count)}" for name, count in techniques.items()]
    points = Counter(point for visit in given for point in visit.points)
    lines += [f"{point} at {_visits(count)}" for point, count in points.items()]
    return tuple(lines)


def _visits(count: int) -> str:
    return "1 visit" if count == 1 else f"{count} visits"
