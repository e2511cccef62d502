"""Sessions put together to visits: the screen may be opened more than once while a client is there.

Sessions that follow each other within four hours are one visit. One in which nothing was pressed and no threshold was
measured is none. An assessment belongs to the visit of its session, else to the one it was made within four hours of;
else it stands alone, as a visit without pressure.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from feedback.care import ThresholdFigure, VisitFigures, hands_of
from feedback.care.plan import SAME_VISIT
from feedback.coach.phases import PhaseKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.care import HandsRule, PainArea
    from feedback.history.records import SessionSummary
    from feedback.press import Press

Assessed = tuple["datetime", "UUID | None", "tuple[PainArea, ...]"]
"""When an assessment was made, in which session, and the areas of pain it names."""


def visits_of(
    sessions: Iterable[SessionSummary], assessed: Iterable[Assessed], rule: HandsRule | None = None
) -> list[VisitFigures]:
    """All visits, oldest first.

    Args:
        sessions: of one client, in any order.
        assessed: their assessments, oldest first: of several at one visit the newest counts.
        rule: when a hand is tired.
    """
    visits = [_visit(group, rule) for group in _groups(sessions)]
    alone: list[VisitFigures] = []
    for at, session_id, pain in assessed:
        number = next((i for i, visit in enumerate(visits) if _belongs(visit, at, session_id)), None)
        if number is not None:
            visits[number] = replace(visits[number], pain=pain)
        elif alone and at - alone[-1].at < SAME_VISIT:
            alone[-1] = replace(alone[-1], pain=pain, ended_at=at)
        else:
            alone.append(VisitFigures(at, None, at, pain=pain))
    return sorted([*visits, *alone], key=lambda visit: visit.at)


def _belongs(visit: VisitFigures, at: datetime, session_id: UUID | None) -> bool:
    if session_id is not None and session_id in visit.session_ids:
        return True
    return visit.at - SAME_VISIT < at < visit.ended_at + SAME_VISIT


def _groups(sessions: Iterable[SessionSummary]) -> Iterator[list[SessionSummary]]:
    group: list[SessionSummary] = []
    for session in sorted(sessions, key=lambda session: session.started_at):
        if not (session.presses or session.thresholds):
            continue
        if group and session.started_at - _end(group[-1]) >= SAME_VISIT:
            yield group
            group = []
        group.append(session)
    if group:
        yield group


def _end(session: SessionSummary) -> datetime:
    return session.ended_at or session.started_at + timedelta(seconds=session.duration_s)


def _visit(group: Sequence[SessionSummary], rule: HandsRule | None) -> VisitFigures:
    first, last = group[0], max(group, key=_end)
    presses: list[Press] = []
    techniques: list[str] = []
    points = [session.points[s.point_id] for session in group for s in session.presses if s.point_id]
    for session in group:
        after_s = (session.started_at - first.started_at).total_seconds()
        presses += [_moved(press, after_s) for press in _held(session)]
        used = [(p.phase.start_s, p.phase.technique) for p in session.phases]
        used += [(t.threshold.start_s, t.threshold.technique) for t in session.thresholds]
        techniques += [name for _, name in sorted(used)]
    hands = hands_of(presses, 0.0, (_end(last) - first.started_at).total_seconds(), rule)
    return VisitFigures(
        at=first.started_at,
        session_id=first.id,
        ended_at=_end(last),
        dose_ns=hands.dose_ns,
        press_s=hands.press_s,
        presses=hands.presses,
        thresholds=tuple(figure for session in group for figure in _thresholds(session)),
        techniques=tuple(dict.fromkeys(techniques)),
        points=tuple(dict.fromkeys(points)),
        session_ids=tuple(session.id for session in group),
        therapist=next((session.therapist for session in group if session.therapist), ""),
        hands=hands,
        running=any(session.ended_at is None for session in group),
    )


def _held(session: SessionSummary) -> Iterator[Press]:
    """The presses; one whose pressure was eased on purpose tells nothing of sag."""
    eased = {p.phase.press_id for p in session.phases if p.phase.kind is PhaseKind.EASE}
    for stored in session.presses:
        yield replace(stored.press, sag_pct=None) if stored.id in eased else stored.press


def _moved(press: Press, by_s: float) -> Press:
    def later(time_s: float | None) -> float | None:
        return None if time_s is None else time_s + by_s

    return replace(
        press,
        start_s=press.start_s + by_s,
        end_s=press.end_s + by_s,
        hold_start_s=later(press.hold_start_s),
        hold_end_s=later(press.hold_end_s),
    )


def _thresholds(session: SessionSummary) -> Iterator[ThresholdFigure]:
    for stored in session.thresholds:
        result = stored.threshold
        point = session.points.get(stored.point_id) if stored.point_id else None
        if point is None or stored.superseded or not math.isfinite(result.mean_kpa):
            continue
        yield ThresholdFigure(
            point, session.applicator, session.tip_area_cm2, result.mean_kpa, result.at_least, result.cv_pct
        )
