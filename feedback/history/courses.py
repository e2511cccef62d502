"""Courses of points and clients, filled from the record in few queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from feedback.atlas import Atlas
    from feedback.care import CareRules
    from feedback.history.store import History
    from feedback.review import BodyFigure, BodyValues, ClientCourse, PointCourse


def point_courses(
    history: History, client_code: str, rules: CareRules | None = None, since: datetime | None = None
) -> list[PointCourse]:
    """Every point of a client over time, last pressed first; none for an unknown client.

    Corrected reports count as corrected, void presses not at all.

    Args:
        history: the record.
        client_code: whose.
        rules: what counts as a change.
        since: compare visits from then on alone; all visits are handed out all the same.
    """
    raise NotImplementedError


def client_course(
    history: History, client_code: str, now: datetime, rules: CareRules | None = None
) -> ClientCourse:
    """The course of a client as a whole; for a client nobody knows, that of a new one.

    Args:
        history: the record.
        client_code: whose.
        now: the time of day, aware.
        rules: the plan offered to a new client, what counts as a change.
    """
    raise NotImplementedError


def body_values(history: History, client_code: str, what: BodyFigure | str, atlas: Atlas) -> BodyValues:
    """Presses, dose or the last threshold of a client for each area of the body, for a map of it."""
    raise NotImplementedError
