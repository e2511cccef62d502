"""The report for the client: plain words, what was done, what changed beyond chance, what to do next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback.care import Measure as ToldMeasure
from feedback.comfort import ReportKind
from feedback.review import Measure, Verdict
from tui.report.charts import band_chart, rating_chart
from tui.report.content import Chart
from tui.report.names import plain_name
from tui.report.therapist import body_chart
from tui.report.trace import trace_chart
from tui.report.words import Words, count, duration, listed, planned_words, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.care.response import Change as ToldChange
    from feedback.points import Point
    from feedback.review import Change, PointCourse
    from tui.report.facts import Facts, PressFacts

MOST_TRACES = 4
"""So many presses of a visit are drawn, the longest ones: the rest look alike."""
_CHANGES = {
    (
        Measure.THRESHOLD,
        Verdict.ROSE,
    ): "It takes clearly more pressure than at first before it begins to hurt.",
    (Measure.THRESHOLD, Verdict.FELL): "It begins to hurt at clearly less pressure than at first.",
    (Measure.THRESHOLD, Verdict.WITHIN_ERROR): (
        "It begins to hurt at about the same pressure as at first. The small difference that was measured can be "
        "chance, so it is not counted."
    ),
    (
        Measure.UPPER_EDGE,
        Verdict.ROSE,
    ): "You bear clearly more pressure here than at first before it is too much.",
    (Measure.UPPER_EDGE, Verdict.FELL): "It becomes too much at clearly less pressure than at first.",
    (Measure.UPPER_EDGE, Verdict.WITHIN_ERROR): (
        "The pressure that feels right has stayed about the same; a small difference can be chance."
    ),
    (Measure.RATING, Verdict.FELL): "The same pressure feels clearly weaker to you than at first.",
    (Measure.RATING, Verdict.ROSE): "The same pressure feels clearly stronger to you than at first.",
    (Measure.RATING, Verdict.WITHIN_ERROR): (
        "What you said about the same pressure is about as it was at first; a point more or less can be chance."
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was treated, in a client's words."""

    name: str
    said: tuple[str, ...]
    charts: tuple[Chart, ...]


def client_page(facts: Facts, words: Words) -> dict[str, Any]:
    """What the template `client.html` lays out."""
    course = facts.course
    worked = [one for one in course.points if one.visits]
    names = plain_names([one.point for one in worked], facts)
    shown = [_place(one, names[one.point], number, words) for number, one in enumerate(worked, 1)]
    page: dict[str, Any] = {
        "one_visit": facts.one_visit,
        "places": shown,
        "body": body_chart(facts),
        "visit": _visit(facts, words),
        "homework": course.plan.homework,
        "plan_sentence": "" if facts.one_visit else _had(facts, words),
        "goal": course.plan.goal,
        "visits": len(facts.pressed),
        "pains": () if facts.one_visit else tuple(_pains(facts)),
        "response": "" if facts.one_visit else _response(facts),
        "since": words.date(course.since) if course.since else "",
        "soreness": _soreness(facts, words),
    }
    if facts.one_visit and facts.visit:
        page["traces"] = _traces(facts.visit.presses, names, words)
    return page


def plain_names(points: Sequence[Point], facts: Facts) -> dict[Point, str]:
    """A name for each; two points of one area are told apart by their muscle and label."""
    names = {point: plain_name(point, facts.atlas) for point in points}
    often = Counter(names.values())
    return {
        point: f"{name} ({', '.join(p for p in (point.muscle, point.label) if p)})"
        if often[name] > 1
        else name
        for point, name in names.items()
    }


def _had(facts: Facts, words: Words) -> str:
    if facts.course.plan_set:
        return f"You have had {planned_words(facts.course, words)}"
    return f"You have had {count(facts.course.plan_now.done or len(facts.pressed), 'visit')}."


def _place(course: PointCourse, name: str, number: int, words: Words) -> Place:
    series = course.series
    tip, visits = series[-1]
    changes = [change for change in course.changes if change.tip == tip]
    said = _said(changes)
    if len(visits) == 1:
        said.append("This was pressed at one visit so far, so there is nothing to compare yet.")
    elif not said:
        said.append("There is too little to compare yet.")
    band = visits[-1].band
    if band:
        said.append(
            f"Last time the pressure that felt right lay between {words.pressure(band.lower_kpa, unit=False)} and "
            f"{words.pressure(band.upper_kpa)}."
        )
    if len(series) > 1:
        said.append("It was pressed in different ways, which cannot be compared; this is about the last way.")
    charts: list[Chart] = []
    if len(visits) > 1:
        chart = band_chart(f"c{number}-band", f"Pressure that felt right: {name}", visits, words)
        if chart is not None:
            charts.append(Chart(chart, "The pressure that felt right, visit by visit", "band-plain"))
        chart = rating_chart(f"c{number}-rating", f"What you said: {name}", visits, words)
        if chart is not None:
            charts.append(Chart(chart, "What you said, from 0 to 10", "ratings"))
    return Place(name, tuple(said), tuple(charts))


def _said(changes: Sequence[Change]) -> list[str]:
    """What changed, in the client's words; of thresholds and edges the more telling one."""
    by_measure = {change.measure: change.verdict for change in changes}
    pressure = Measure.THRESHOLD
    if by_measure.get(pressure, Verdict.TOO_LITTLE_KNOWN) is Verdict.TOO_LITTLE_KNOWN:
        pressure = Measure.UPPER_EDGE
    found = [
        _CHANGES.get((measure, by_measure[measure]))
        for measure in (pressure, Measure.RATING)
        if measure in by_measure
    ]
    return [words for words in found if words]


def _visit(facts: Facts, words: Words) -> dict[str, Any] | None:
    visit = facts.visit
    if visit is None:
        return None
    names = plain_names(list(visit.figures.points), facts)
    places = list(names.values())
    ratings = [one.rating for p in visit.presses for one in p.trace.reports if one.rating is not None]
    # Ratings of different places say nothing about each other.
    told = (ratings[0], ratings[-1]) if len(ratings) > 1 and len(places) == 1 else ()
    stops = sum(one.kind is ReportKind.STOP for p in visit.presses for one in p.trace.reports)
    return {
        "number": visit.number,
        "date": words.date(visit.figures.at),
        "places": listed([name[:1].lower() + name[1:] for name in places]),
        "presses": count(visit.figures.presses, "time"),
        "time": duration(visit.figures.press_s),
        "ratings": told,
        "stopped": stops > 0,
    }


def _response(facts: Facts) -> str:
    """Whether it helps, as the rule of care has it, in the client's words."""
    response = facts.course.response
    if not response.judged:
        return ""
    if response.detectable and response.worse:
        return "Some things have clearly become better and some worse: let us talk about it."
    if response.detectable:
        return "Something has clearly become better since your first visit."
    if response.worse:
        return "Some of it has become worse. Perhaps this is not the right treatment for you: let us talk about it."
    return (
        "Nothing that was measured has clearly changed so far. Perhaps this is not the right treatment for you: let us "
        "talk about it."
    )


def _traces(presses: Sequence[PressFacts], names: dict[Point, str], words: Words) -> list[Chart]:
    longest = sorted(presses, key=lambda one: -one.stored.press.duration_s)[:MOST_TRACES]
    found: list[Chart] = []
    for one in sorted(longest, key=lambda one: one.number):
        name = names.get(one.point, "") if one.point else ""
        title = f"{name or 'Press'}, {words.here(one.at):%H:%M}"
        found.append(Chart(trace_chart(f"press-{one.number}", title, one.trace, words, "upper limit"), title))
    return found


def _pains(facts: Facts) -> list[str]:
    """Pain now and usual pain, of each area first and last."""
    changes: Sequence[ToldChange] = facts.course.response.changes
    found: list[str] = []
    for change in changes:
        if change.measure is ToldMeasure.THRESHOLD:
            continue
        tail = " – a difference that small can be chance" if change.verdict.value == "within error" else ""
        if change.before == change.after:
            tail = ""
        what = "pain" if change.measure is ToldMeasure.PAIN_NOW else change.measure.value
        found.append(
            f"{sentence(change.place)}: {what} {change.before:g} at first, {change.after:g} at the last visit{tail}"
        )
    return found


def _soreness(facts: Facts, words: Words) -> list[str]:
    """What was told after the visits, newest last, three at most."""
    if facts.one_visit:
        return []
    told = [pair for pair in facts.course.soreness if pair.rating is not None]
    return [f"after {words.date(pair.visit.at)}: {pair.rating} of 10" for pair in told[-3:]]
