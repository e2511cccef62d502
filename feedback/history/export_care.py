"""The course of care as tidy CSV: one row an answer, an area, a finding, a phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.history.cells import at_utc, number, point_cells, point_of, text, whole, yes_no
from feedback.history.records import iso_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from feedback.history.care import CareStore
    from feedback.history.care_records import StoredAssessment
    from feedback.history.records import SessionSummary

_PHASES = """
    phase_id session_id client at_utc muscle side label point_id press_id technique kind round start_s end_s
    duration_s ended_by mean_pressure_kpa rate_kpa_per_s
"""
_THRESHOLDS = """
    threshold_id session_id client at_utc muscle side label point_id technique start_s end_s repeat pressure_kpa
    rate_kpa_per_s used mean_kpa cv_pct at_least superseded tip_area_cm2 applicator
"""
_CHECKS = "check_id session_id client at_utc key question yes level means note"
_ASSESSMENTS = "assessment_id session_id client at_utc areas findings factors note"
_PAIN = "assessment_id client at_utc area side now_0_10 usual_0_10 note"
_FINDINGS = "assessment_id client at_utc kind area side text muscle point_side label referred"
_FACTORS = "assessment_id client at_utc factor note"
_PLANS = "plan_id client at_utc visits weeks_min weeks_max goal begun_utc"
_HOMEWORK = "plan_id client at_utc number homework"
_SORENESS = "client at_utc session_id rating_0_10 hours_after_h note"


def care_tables(
    care: CareStore, sessions: Sequence[SessionSummary], codes: Sequence[str]
) -> list[tuple[str, str, Iterable[Sequence[object]]]]:
    """Name, header and rows of every table of the course of care of these clients."""
    assessed = [(code, stored) for code in codes for stored in care.assessments(code)]
    plans = [(code, stored) for code in codes for stored in care.plans(code)]
    return [
        ("phases", _PHASES, (row for s in sessions for row in _phase_rows(s))),
        ("thresholds", _THRESHOLDS, (row for s in sessions for row in _threshold_rows(s))),
        ("checks", _CHECKS, _check_rows(care, codes)),
        ("assessments", _ASSESSMENTS, (_assessment_row(*one) for one in assessed)),
        ("pain", _PAIN, (row for one in assessed for row in _pain_rows(*one))),
        ("findings", _FINDINGS, (row for one in assessed for row in _finding_rows(*one))),
        ("factors", _FACTORS, (row for one in assessed for row in _factor_rows(*one))),
        (
            "plans",
            _PLANS,
            (
                (
                    stored.id,
                    text(code),
                    iso_utc(stored.at),
                    stored.plan.visits,
                    stored.plan.weeks_min,
                    stored.plan.weeks_max,
                    text(stored.plan.goal),
                    iso_utc(stored.plan.begun) if stored.plan.begun else "",
                )
                for code, stored in plans
            ),
        ),
        (
            "homework",
            _HOMEWORK,
            (
                (stored.id, text(code), iso_utc(stored.at), position, text(line))
                for code, stored in plans
                for position, line in enumerate(stored.plan.homework, 1)
            ),
        ),
        ("soreness", _SORENESS, _soreness_rows(care, codes)),
    ]


def _phase_rows(s: SessionSummary) -> Iterator[Sequence[object]]:
    for stored in s.phases:
        p = stored.phase
        yield (
            stored.id,
            s.id,
            text(s.client_code),
            at_utc(s, p.start_s),
            *point_of(s, stored.point_id),
            p.press_id or "",
            text(p.technique),
            p.kind.value,
            p.round,
            number(p.start_s),
            number(p.end_s),
            number(p.lasted_s),
            text(p.rule),
            number(p.pressure_kpa, 2),
            number(p.rate_kpa_per_s, 2),
        )


def _threshold_rows(s: SessionSummary) -> Iterator[Sequence[object]]:
    for stored in s.thresholds:
        t = stored.threshold
        for repeat, (kpa, rate, used) in enumerate(
            zip(t.values_kpa, t.rates_kpa_per_s, t.used, strict=True), 1
        ):
            yield (
                stored.id,
                s.id,
                text(s.client_code),
                at_utc(s, t.start_s),
                *point_of(s, stored.point_id),
                text(t.technique),
                number(t.start_s),
                number(t.end_s),
                repeat,
                number(kpa, 2),
                number(rate, 2),
                yes_no(used),
                number(t.mean_kpa, 2),
                number(t.cv_pct, 2),
                yes_no(t.at_least),
                yes_no(stored.superseded),
                f"{s.tip_area_cm2:g}",
                s.applicator,
            )


def _check_rows(care: CareStore, codes: Iterable[str]) -> Iterator[Sequence[object]]:
    for code in codes:
        for check in care.checks(code):
            for a in check.answers:
                yield (
                    check.id,
                    check.session_id or "",
                    text(code),
                    iso_utc(check.at),
                    text(a.key),
                    text(a.question),
                    yes_no(a.yes),
                    a.level.value,
                    text(a.means),
                    text(a.note),
                )


def _assessment_row(code: str, stored: StoredAssessment) -> Sequence[object]:
    a = stored.assessment
    counts = len(a.areas), len(a.findings), len(a.factors)
    return stored.id, _id(stored.session_id), text(code), iso_utc(stored.at), *counts, text(a.note)


def _pain_rows(code: str, stored: StoredAssessment) -> Iterator[Sequence[object]]:
    for area in stored.assessment.areas:
        ratings = whole(area.now), whole(area.usual)
        yield stored.id, text(code), iso_utc(stored.at), text(area.area), area.side, *ratings, text(area.note)


def _finding_rows(code: str, stored: StoredAssessment) -> Iterator[Sequence[object]]:
    for f in stored.assessment.findings:
        yield (
            stored.id,
            text(code),
            iso_utc(stored.at),
            f.kind.value,
            text(f.area),
            f.side,
            text(f.text),
            *point_cells(f.point),
            text(f.referred),
        )


def _factor_rows(code: str, stored: StoredAssessment) -> Iterator[Sequence[object]]:
    for factor in stored.assessment.factors:
        yield stored.id, text(code), iso_utc(stored.at), text(factor.name), text(factor.note)


def _soreness_rows(care: CareStore, codes: Iterable[str]) -> Iterator[Sequence[object]]:
    for code in codes:
        for told in care.sorenesses(code):
            hours = number(told.hours_after, 1)
            yield text(code), iso_utc(told.at), _id(told.session_id), told.rating, hours, text(told.note)


def _id(value: UUID | None) -> object:
    return value or ""
