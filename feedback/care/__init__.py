"""The course of care: the check before a session, the assessment, the plan, the response, soreness, and the hands.

Pure: nothing here reads a file or asks for the time, but for `shipped`, which reads the lists and rules that come with
Goodpain and those in the user's own folder. It is an aid for keeping records, no medical advice.
"""

from __future__ import annotations

from feedback.care.assessment import (
    FACTORS,
    PAIN_AREAS,
    Assessment,
    Factor,
    Finding,
    FindingKind,
    PainArea,
)
from feedback.care.ceiling import ceiling_for
from feedback.care.changes import ChangeRule
from feedback.care.check import CheckAnswer, CheckItem, CheckLevel, answer, checks_from_toml
from feedback.care.errors import CareError, CareFileError
from feedback.care.hands import HandsNow, HandsRule, hands_of, sag_pct_per_min
from feedback.care.opening import VisitOpening
from feedback.care.plan import Plan, PlanNow, Timing, visits_of_course, where_in_plan
from feedback.care.response import Change, Measure, Response, ResponseRule, Verdict, response_of
from feedback.care.rules import CareRules, DetectableChange, rules_from_toml
from feedback.care.soreness import Soreness, SorenessAfterDose, soreness_after_dose, soreness_due
from feedback.care.visits import ThresholdFigure, VisitFigures

__all__ = [
    "FACTORS",
    "PAIN_AREAS",
    "Assessment",
    "CareError",
    "CareFileError",
    "CareRules",
    "Change",
    "ChangeRule",
    "CheckAnswer",
    "CheckItem",
    "CheckLevel",
    "DetectableChange",
    "Factor",
    "Finding",
    "FindingKind",
    "HandsNow",
    "HandsRule",
    "Measure",
    "PainArea",
    "Plan",
    "PlanNow",
    "Response",
    "ResponseRule",
    "Soreness",
    "SorenessAfterDose",
    "ThresholdFigure",
    "Timing",
    "Verdict",
    "VisitFigures",
    "VisitOpening",
    "answer",
    "ceiling_for",
    "checks_from_toml",
    "hands_of",
    "response_of",
    "rules_from_toml",
    "sag_pct_per_min",
    "soreness_after_dose",
    "soreness_due",
    "visits_of_course",
    "where_in_plan",
]
