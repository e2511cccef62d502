"""The report for the therapist: all figures, how they were worked out, what is known against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedback.review import Measure, mdc_of
from tui.report.body import body_picture
from tui.report.content import Chart, Sources
from tui.report.course_charts import pain_chart, plan_chart, soreness_chart
from tui.report.sections import point_section
from tui.report.tables import (
    plan_table,
    presses_table,
    sensors_table,
    sides_table,
    thresholds_table,
    visits_table,
)
from tui.report.trace import trace_chart
from tui.report.words import Words, count, duration, planned_words, quality, sentence

if TYPE_CHECKING:
    from feedback.history.records import StoredEvent
    from tui.report.facts import Facts, VisitFacts


def therapist_page(facts: Facts, words: Words) -> dict[str, Any]:
    """What the template `therapist.html` lays out."""
    sources, course = Sources(), facts.course
    points = [
        point_section(one, number, facts.rules, words, sources)
        for number, one in enumerate((c for c in course.points if c.visits), 1)
    ]
    page: dict[str, Any] = {
        "points": points,
        "body": body_chart(facts),
        "unplaced": sorted(str(point) for point in facts.body.unplaced),
        "sensors": sensors_table(facts, facts.worked, words),
        "one_visit": facts.one_visit,
        "visit": visit_page(facts.visit, words) if facts.visit else None,
        "corrected": corrected(facts, words),
        "measures": _measures(facts, words, sources),
    }
    if not facts.one_visit:
        page |= _whole(facts, words, sources)
    page["sources"] = sources.used
    return page


def _whole(facts: Facts, words: Words, sources: Sources) -> dict[str, Any]:
    course, last = facts.course, facts.assessments[-1] if facts.assessments else None
    plan = plan_chart("plan", course.planned, facts.now, words) if course.plan_set or course.since else None
    pain = pain_chart("pain", course.visits, words)
    sore = soreness_chart("soreness", course.soreness, words)
    return {
        "plan_sentence": f"Given: {planned_words(course, words)}",
        "goal": course.plan.goal,
        "homework": course.plan.homework,
        "response": course.response,
        "since": words.date(course.since) if course.since else "",
        "visits": visits_table(facts, words) if course.visits else None,
        "plan_chart": Chart(plan, "When visits were planned and given", "plan") if plan else None,
        "plan_table": plan_table(course.planned, words) if plan else None,
        "pain_chart": Chart(pain, "Pain now, 0 to 10, as it was told") if pain else None,
        "soreness_chart": Chart(
            sore, "Soreness after each visit beside its dose; nothing is concluded from it"
        )
        if sore
        else None,
        "sides": sides_table(course.sides, words, sources) if course.sides else None,
        "assessment": last.assessment if last else None,
        "assessment_date": words.date(last.at) if last else "",
        "checks": [answer for answer in course.opening.last_check if answer.yes],
        "check_date": words.date(course.opening.last_check_at) if course.opening.last_check_at else "",
    }


def visit_page(visit: VisitFacts, words: Words) -> dict[str, Any]:
    """One visit in detail."""
    figures = visit.figures
    traces = [
        Chart(
            trace_chart(f"press-{one.number}", f"Press {one.number}", one.trace, words),
            f"Press {one.number}, {words.here(one.at):%H:%M}: {one.point or 'no point'}",
        )
        for one in visit.presses
    ]
    thresholds = thresholds_table(visit, words)
    tips = dict.fromkeys(f"{s.applicator} {s.tip_area_cm2:g} cm²" for s in visit.sessions)
    notes = [note.text for session in visit.sessions for note in session.notes]
    return {
        "number": visit.number,
        "running": figures.running,
        "when": words.moment(figures.at),
        "therapist": figures.therapist,
        "tips": ", ".join(tips),
        "techniques": ", ".join(figures.techniques),
        "presses": count(figures.presses, "press", "presses"),
        "time": duration(figures.press_s),
        "dose": f"{figures.dose_ns:.0f} N·s",
        "traces": traces,
        "table": presses_table(visit, words) if visit.presses else None,
        "thresholds": thresholds if thresholds.rows else None,
        "notes": notes,
        "events": [_event(event) for session in visit.sessions for event in session.events],
        "flags": quality(_flags(visit)),
        "phases": _phases(visit),
    }


def body_chart(facts: Facts) -> Chart | None:
    """Presses on the body."""
    if not facts.body.values:
        return None
    of = "of this visit" if facts.one_visit else "of all visits"
    svg = body_picture("body", f"Presses {of}", facts.body.values, facts.atlas, "{:.0f}".format)
    return Chart(svg, f"How many presses each area had, {of}")


def corrected(facts: Facts, words: Words) -> list[str]:
    """What was corrected or marked void, in words."""
    found: list[str] = []
    for session in facts.worked:
        when = words.date(session.started_at)
        found += [
            f"{when}: a press of {stored.press.duration_s:.0f} s is void: {stored.void_reason}"
            for stored in session.presses
            if stored.void
        ]
        for report in session.reports:
            if report.corrected_from is not None:
                was = report.corrected_from
                before = was.kind.words if was.rating is None else str(was.rating)
                now = report.kind.words if report.rating is None else str(report.rating)
                found.append(f"{when}: “{before}” was corrected to “{now}”")
        found += [
            f"{when}: a note was corrected" for note in session.notes if note.corrected_from is not None
        ]
    return found


def _measures(facts: Facts, words: Words, sources: Sources) -> list[tuple[str, str, int, bool]]:
    """Every measure with what counts as a change of it, and where that is from."""
    found: list[tuple[str, str, int, bool]] = []
    for measure in Measure:
        mdc = mdc_of(measure, facts.rules)
        found.append((sentence(measure), words.mdc(mdc), sources.number(mdc), mdc.verified))
    return found


def _flags(visit: VisitFacts) -> int:
    flags = 0
    for one in visit.presses:
        flags |= one.stored.press.quality
    return flags


def _event(event: StoredEvent) -> str:
    return f"{event.time_s:.0f} s: {event.text or event.kind}"


def _phases(visit: VisitFacts) -> list[str]:
    """Which rule ended how many phases of each kind."""
    ends: dict[tuple[str, str, str], int] = {}
    for session in visit.sessions:
        for stored in session.phases:
            phase = stored.phase
            key = (phase.technique, phase.kind.value, phase.rule)
            ends[key] = ends.get(key, 0) + 1
    return [
        f"{technique}, {kind}: {rule}" + (f" ({n} times)" if n > 1 else "")
        for (technique, kind, rule), n in ends.items()
    ]
