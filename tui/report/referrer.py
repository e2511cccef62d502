"""The letter to whoever referred the client: one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedback.care import Measure as ToldMeasure
from feedback.review import Measure
from tui.report.content import Sources, Table
from tui.report.names import full_name
from tui.report.tables import VERDICTS
from tui.report.words import NOTHING, Words, count, listed, sentence

if TYPE_CHECKING:
    from feedback.review import PointCourse
    from tui.report.facts import Facts

MOST_POINTS = 5
MOST_LINES = 4
_WHAT = {ToldMeasure.PAIN_NOW: "pain", ToldMeasure.PAIN_USUAL: "usual pain"}
_MEASURES = (Measure.THRESHOLD, Measure.UPPER_EDGE, Measure.RATING)


def referrer_page(facts: Facts, words: Words) -> dict[str, Any]:
    """What the template `referrer.html` lays out; it says what it leaves out."""
    course, sources = facts.course, Sources()
    visits = [facts.visit.figures] if facts.one_visit and facts.visit else list(facts.pressed)
    if course.since and not facts.one_visit:
        visits = [visit for visit in visits if visit.at >= course.since]
    points = [one for one in course.points if one.visits]
    told = facts.assessments[-1].assessment if facts.assessments else None
    findings = [
        sentence(" – ".join(part for part in (finding.kind.value, finding.area, finding.text) if part))
        for finding in (told.findings if told else ())
    ]
    techniques = list(dict.fromkeys(name for visit in visits for name in visit.techniques))
    names, more = [full_name(one.point) for one in points[:MOST_POINTS]], len(points) - MOST_POINTS
    return {
        "first": words.date(visits[0].at) if visits else "",
        "last": words.date(visits[-1].at) if visits else "",
        "visits": count(len(visits), "visit"),
        "number": facts.visit.number if facts.visit else 0,
        "one_visit": facts.one_visit,
        "planned": course.plan.visits if course.plan_set else 0,
        "goal": course.plan.goal,
        "points": listed(names + ([f"{more} more"] if more > 0 else [])),
        "techniques": listed(techniques),
        "presses": count(sum(visit.presses for visit in visits), "press", "presses"),
        "findings": findings[:MOST_LINES],
        "more_findings": max(0, len(findings) - MOST_LINES),
        "pains": _pains(facts),
        "table": _table(points[:MOST_POINTS], words, sources),
        "response": course.response.sentence if course.response.judged and not facts.one_visit else "",
        "sources": sources.used,
        "therapist": next((visit.therapist for visit in reversed(visits) if visit.therapist), ""),
    }


def _pains(facts: Facts) -> list[str]:
    if facts.one_visit:
        return []
    return [
        f"{sentence(change.place)}: {_WHAT[change.measure]} {change.before:g} of 10 at first, {change.after:g} at the "
        f"last visit ({'beyond' if change.verdict.value != 'within error' else 'within'} error)"
        for change in facts.course.response.changes
        if change.measure in _WHAT
    ][:MOST_LINES]


def _table(points: list[PointCourse], words: Words, sources: Sources) -> Table | None:
    """The most telling change of each point."""
    rows: list[tuple[str, ...]] = []
    for course in points:
        found = {
            change.measure: change
            for change in course.changes
            if course.last and change.tip == course.last.tip
        }
        change = next((found[measure] for measure in _MEASURES if measure in found), None)
        if change is None:
            rows.append((full_name(course.point), "measured once", NOTHING, NOTHING, NOTHING, NOTHING))
            continue
        rows.append(
            (
                full_name(course.point),
                change.measure.value,
                words.of_measure(change.before, change.measure),
                words.of_measure(change.after, change.measure),
                f"{words.mdc(change.mdc)} [{sources.number(change.mdc)}]",
                VERDICTS[change.verdict],
            )
        )
    if not rows:
        return None
    head = ("Point", "Measure", "First", "Last", "Counts from", "Verdict")
    return Table("What was measured", head, tuple(rows), frozenset({2, 3, 4}))
