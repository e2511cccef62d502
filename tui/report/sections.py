"""Charts and tables of each point, as reports for therapists and clients show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback.review import Measure, mdc_of
from tui.report.charts import band_chart, dose_chart, rating_chart, threshold_chart
from tui.report.content import Chart, Sources, Table
from tui.report.names import full_name
from tui.report.tables import changes_table, point_table

if TYPE_CHECKING:
    from feedback.care import CareRules
    from feedback.review import PointCourse, PointVisit, Tip
    from tui.report.words import Words


@dataclass(frozen=True, slots=True)
class SeriesSection:
    """A point with one applicator: charts, figures, changes."""

    tip: str
    simulated: bool
    charts: tuple[Chart, ...]
    figures: Table
    changes: Table | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointSection:
    """A point with all its applicators, the one used last first."""

    name: str
    series: tuple[SeriesSection, ...]


def point_section(
    course: PointCourse, number: int, rules: CareRules, words: Words, sources: Sources
) -> PointSection:
    """A point for the therapist."""
    series = [
        _series(course, tip, visits, f"p{number}-{place}", rules, words, sources)
        for place, (tip, visits) in enumerate(reversed(course.series))
    ]
    return PointSection(full_name(course.point), tuple(series))


def _series(
    course: PointCourse,
    tip: Tip,
    visits: tuple[PointVisit, ...],
    name: str,
    rules: CareRules,
    words: Words,
    sources: Sources,
) -> SeriesSection:
    where = full_name(course.point)
    mdc = mdc_of(Measure.THRESHOLD, rules, tip.applicator)
    drawn = (
        (band_chart(f"{name}-band", f"Band: {where}", visits, words), "Band, with 90 % intervals", "band"),
        (
            threshold_chart(f"{name}-threshold", f"Threshold: {where}", visits, mdc, words),
            "Threshold: mean of repeats, with their spread",
            "threshold",
        ),
        (rating_chart(f"{name}-rating", f"Ratings: {where}", visits, words), "Ratings", "ratings"),
        (dose_chart(f"{name}-dose", f"Dose: {where}", visits, words), "Dose of each visit", ""),
    )
    # A single visit is told by its table.
    charts = [Chart(svg, caption, key) for svg, caption, key in drawn if svg is not None and len(visits) > 1]
    changes = [change for change in course.changes if change.tip == tip]
    notes = [change.sentence for change in changes if change.verdict.value == "too little known"]
    return SeriesSection(
        f"{tip.applicator} {tip.area_cm2:g} cm²",
        tip.simulated,
        tuple(charts),
        point_table(visits, words),
        changes_table(changes, words, sources) if changes else None,
        tuple(dict.fromkeys(notes)),
    )
