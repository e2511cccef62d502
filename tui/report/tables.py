"""Tables of a report: visits, figures of a point, changes, presses, sensors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from feedback.review import Verdict
from tui.report.content import Sources, Table
from tui.report.trace import said
from tui.report.words import NOTHING, Words, count, duration, quality, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.history import SessionSummary
    from feedback.review import Change, PlannedVisit, PointVisit, SideDifference
    from tui.report.facts import Facts, VisitFacts

VERDICTS = {
    Verdict.ROSE: "real: rose",
    Verdict.FELL: "real: fell",
    Verdict.WITHIN_ERROR: "within error",
    Verdict.TOO_LITTLE_KNOWN: "too little known",
}


def visits_table(facts: Facts, words: Words) -> Table:
    """Every visit of the record."""
    told = {pair.visit.at: pair for pair in facts.course.soreness}
    rows: list[tuple[str, ...]] = []
    number = 0
    for visit in facts.course.visits:
        number += visit.pressed
        pair = told.get(visit.at)
        sore = NOTHING
        if pair and pair.told:
            hours = pair.told[-1].hours_after
            sore = f"{pair.rating}" + ("" if hours is None else f" ({hours:.0f} h)")
        rows.append(
            (
                str(number) if visit.pressed else "assessment",
                words.day_year(visit.at),
                visit.therapist or NOTHING,
                str(visit.presses) if visit.pressed else NOTHING,
                duration(visit.press_s) if visit.pressed else NOTHING,
                f"{visit.dose_ns:.0f}" if visit.pressed else NOTHING,
                _of_ten(visit.pain_now),
                _of_ten(visit.pain_usual),
                sore,
            )
        )
    head = (
        "Visit", "Date", "Therapist", "Presses", "Time pressed", "Dose, N·s", "Pain now", "Usual pain", "Sore after",
    )  # fmt: skip
    return Table(
        "Visits; pain and soreness from 0 to 10", head, tuple(rows), frozenset({3, 4, 5, 6, 7})
    ).trimmed()


def plan_table(planned: Sequence[PlannedVisit], words: Words) -> Table:
    """Visits against the plan; those beyond it in one line."""
    beyond = [one for one in planned if one.latest is None and one.given is not None]
    rows = tuple(
        (
            str(one.number),
            _span(one, words),
            words.day_year(one.given) if one.given else "not yet",
            str(one.timing) if one.timing else NOTHING,
        )
        for one in planned
        if one not in beyond
    )
    if beyond and beyond[0].given and beyond[-1].given:
        first, last = beyond[0], beyond[-1]
        numbers = str(first.number) if first is last else f"{first.number}–{last.number}"
        when = words.day_year(beyond[0].given)
        when += "" if first is last else f" – {words.day_year(beyond[-1].given)}"
        rows = (*rows, (numbers, "beyond the plan", when, NOTHING))
    return Table("The plan", ("Visit", "Planned", "Given", "Timing"), rows)


def _span(one: PlannedVisit, words: Words) -> str:
    if one.earliest is None or one.latest is None:
        return NOTHING
    if one.earliest == one.latest:
        return words.day_year(one.earliest)
    return f"{words.day(one.earliest)} – {words.day_year(one.latest)}"


def point_table(visits: Sequence[PointVisit], words: Words) -> Table:
    """Everything about one point at each visit, with one applicator."""
    unit = words.unit.label
    rows: list[tuple[str, ...]] = []
    for visit in visits:
        taken = visit.threshold
        threshold, cv, repeats = NOTHING, NOTHING, NOTHING
        if taken:
            least = "≥ " if taken.at_least else ""
            threshold = least + words.pressure(taken.mean_kpa, unit=False)
            cv = NOTHING if taken.cv_pct is None else f"{taken.cv_pct:.0f} %"
            repeats = str(taken.repeats)
        share = visit.time_in_band_share
        rows.append(
            (
                str(visit.visit or NOTHING),
                words.day_year(visit.at),
                words.range(visit.lower_kpa, visit.upper_kpa, unit=False),
                _interval(visit.lower_interval, words),
                _interval(visit.upper_interval, words),
                threshold,
                cv,
                repeats,
                _of_ten(visit.rating_before),
                _of_ten(visit.rating_after),
                NOTHING if share is None else f"{share * 100:.0f} %",
                f"{visit.dose_ns:.0f}" if visit.presses else NOTHING,
                str(visit.presses),
                quality(visit.quality) or "",
            )
        )
    head = (
        "Visit", "Date", f"Band, {unit}", "90 % of lower edge", "90 % of upper edge", f"Threshold, {unit}", "CV",
        "Repeats", "Rating first", "Rating last", "Time in band", "Dose, N·s", "Presses", "Signal",
    )  # fmt: skip
    figures = frozenset(range(2, 13))
    return Table("Figures of each visit; the band as it was at the end", head, tuple(rows), figures).trimmed()


def changes_table(changes: Sequence[Change], words: Words, sources: Sources) -> Table:
    """What changed, what would count, and the verdict."""
    rows = tuple(
        (
            sentence(change.measure),
            _dated(change.before, change, words, first=True),
            _dated(change.after, change, words, first=False),
            words.difference(change),
            f"{words.mdc(change.mdc)} [{sources.number(change.mdc)}]",
            VERDICTS[change.verdict],
        )
        for change in changes
    )
    head = ("Measure", "First", "Last", "Difference", "Counts from", "Verdict")
    return Table("Changes from the first visit to the last", head, rows, frozenset({1, 2, 3, 4}))


def _dated(value: float, change: Change, words: Words, *, first: bool) -> str:
    at = change.before_at if first else change.after_at
    least = "≥ " if change.at_least and not first else ""
    text = least + words.of_measure(value, change.measure)
    return text if at is None else f"{text} ({words.day(at).replace(' ', ' ')})"


def sides_table(sides: Sequence[SideDifference], words: Words, sources: Sources) -> Table:
    """Left against right."""
    rows = tuple(
        (
            sentence(
                f"{side.point.muscle}{f', {side.point.label}' if side.point.label else ''}: {side.measure}"
            ),
            words.day_year(side.at),
            words.pressure(side.left),
            words.pressure(side.right),
            words.difference(side),
            f"{words.mdc(side.mdc)} [{sources.number(side.mdc)}]",
            side.verdict.value,
        )
        for side in sides
    )
    head = ("Measure", "Visit of", "Left", "Right", "Right − left", "Counts from", "Verdict")
    return Table(
        "The last visit at which both sides were measured with the same tip",
        head,
        rows,
        frozenset({2, 3, 4, 5}),
    )


def presses_table(visit: VisitFacts, words: Words) -> Table:
    """The presses of a visit."""
    unit = words.unit.label
    rows: list[tuple[str, ...]] = []
    for one in visit.presses:
        press, stored = one.stored.press, one.stored
        rows.append(
            (
                str(one.number),
                f"{words.here(one.at):%H:%M:%S}",
                sentence(str(one.point)) if one.point else "no point",
                f"{press.duration_s:.1f} s",
                words.pressure(press.peak_kpa, unit=False),
                words.pressure(press.hold_mean_kpa, unit=False),
                words.range(stored.lower_kpa, stored.upper_kpa, unit=False),
                NOTHING if press.time_in_band_s is None else f"{press.time_in_band_s:.1f} s",
                NOTHING if press.sag_pct is None else f"{press.sag_pct:.0f} %",
                f"{press.dose_ns:.0f}" if math.isfinite(press.dose_ns) else NOTHING,
                ", ".join(said(report) for report in one.trace.reports) or NOTHING,
                "; ".join(
                    part
                    for part in (
                        "" if press.ended == "release" else press.ended,
                        quality(press.quality),
                        count(press.lost, "sample") + " lost" if press.lost else "",
                    )
                    if part
                )
                or NOTHING,
            )
        )
    head = (
        "Press", "At", "Point", "Lasted", f"Peak, {unit}", f"Hold, {unit}", f"Band, {unit}", "In band", "Sag",
        "Dose, N·s", "Said", "Signal",
    )  # fmt: skip
    return Table("Presses", head, tuple(rows), frozenset({3, 4, 5, 6, 7, 8, 9})).trimmed()


def thresholds_table(visit: VisitFacts, words: Words) -> Table:
    """Thresholds of a visit with every repeat."""
    rows: list[tuple[str, ...]] = []
    for session in visit.sessions:
        for stored in session.thresholds:
            result = stored.threshold
            if stored.superseded:
                continue
            point = session.points.get(stored.point_id) if stored.point_id else None
            repeats = ", ".join(
                words.pressure(value, unit=False) + ("" if used else " (not used)")
                for value, used in zip(result.values_kpa, result.used, strict=True)
            )
            rows.append(
                (
                    sentence(str(point)) if point else "no point",
                    result.technique,
                    repeats,
                    ("≥ " if result.at_least else "") + words.pressure(result.mean_kpa),
                    NOTHING if result.cv_pct is None else f"{result.cv_pct:.0f} %",
                )
            )
    return Table(
        "Thresholds", ("Point", "Technique", "Repeats", "Mean", "CV"), tuple(rows), frozenset({3, 4})
    )


def sensors_table(facts: Facts, sessions: Sequence[SessionSummary], words: Words) -> Table:
    """Which sensor and calibration measured which sessions, and how well."""
    groups: dict[tuple[str, ...], list[SessionSummary]] = {}
    for session in sessions:
        groups.setdefault(_sensor(session), []).append(session)
    rows: list[tuple[str, ...]] = []
    for (sensor, clock, calibration), members in groups.items():
        first, last = members[0].started_at, members[-1].started_at
        when = words.day_year(first)
        if words.day_year(last) != when:
            when = f"{words.day(first)} – {words.day_year(last)}"
        rates = [session.rate_hz for session in members if session.rate_hz]
        lost = sum(session.lost for session in members)
        bad = sum(session.checksum_errors or 0 for session in members)
        rows.append(
            (
                when,
                str(len(members)),
                sensor,
                calibration,
                clock,
                f"{sum(rates) / len(rates):.0f}" if rates else NOTHING,
                f"{sum(session.samples for session in members)}",
                f"{lost}",
                f"{bad}",
            )
        )
    head = (
        "When", "Sessions", "Sensor", "Calibration", "Clock", "Samples/s", "Samples", "Lost", "Checksum errors",
    )  # fmt: skip
    return Table("Sensors and calibrations", head, tuple(rows), frozenset({1, 5, 6, 7, 8})).trimmed()


def _sensor(session: SessionSummary) -> tuple[str, str, str]:
    from feedback.history.courses import SIMULATED

    parts = [session.sensor_device, session.sensor_serial, session.dialect]
    if session.sensor_url.startswith(SIMULATED):
        parts.insert(0, "SIMULATED")
    calibrations = list(dict.fromkeys(c.source for c in session.calibrations)) or [
        "none: no force was measured"
    ]
    if any(c.tared_under_load for c in session.calibrations):
        calibrations.append("zero set under load")
    clock = {"device": "the sensor's", "arrival": "time of arrival"}.get(session.clock, session.clock)
    return " · ".join(part for part in parts if part) or "not told", clock or NOTHING, "; ".join(calibrations)


def _of_ten(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def _interval(interval: tuple[float, float] | None, words: Words) -> str:
    return NOTHING if interval is None else words.range(*interval, unit=False)
