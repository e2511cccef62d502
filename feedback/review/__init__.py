"""Looking back: one point over time, one client's course, and which changes are more than error.

Pure: figures from plain dataclasses; `feedback.history.courses` fills them from the record.
"""

from __future__ import annotations

from feedback.review.body import BodyFigure, BodyValues, Place, body_values
from feedback.review.change import PRESSURES, Change, Figure, Mdc, Measure, Tip, Verdict, judge
from feedback.review.client_course import ClientCourse, PlannedVisit, client_course
from feedback.review.comparing import point_course, visit_changes
from feedback.review.detectable import mdc_of
from feedback.review.point_course import PointCourse, PointVisit, RatingTold, ThresholdTaken
from feedback.review.sides import SideDifference, SideVerdict, left_right, sides_of

__all__ = [
    "PRESSURES",
    "BodyFigure",
    "BodyValues",
    "Change",
    "ClientCourse",
    "Figure",
    "Mdc",
    "Measure",
    "Place",
    "PlannedVisit",
    "PointCourse",
    "PointVisit",
    "RatingTold",
    "SideDifference",
    "SideVerdict",
    "ThresholdTaken",
    "Tip",
    "Verdict",
    "body_values",
    "client_course",
    "judge",
    "left_right",
    "mdc_of",
    "point_course",
    "sides_of",
    "visit_changes",
]
