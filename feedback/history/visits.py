"""Sessions put together to visits: the screen may be opened more than once while a client is there.

Sessions that follow each other within four hours are one visit. One in which nothing was pressed and no threshold was
measured is none; presses that were marked void were not pressed. An assessment belongs to the visit of its session,
else to the one it was made within four hours of; else it stands alone, as a visit without pressure.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from feedback.care import ThresholdFigure, VisitFigures, hands_of
from feedback.care.plan import SAME_VISIT
from feedback.coach.phases import PhaseKind
from feedback.measure import measure_press

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.care import HandsNow, HandsRule, PainArea
    from feedback.history.records import SessionSummary
    from feedback.press import Press
    from feedback.signal import ForceBlock

Assessed = tuple["datetime", "UUID | None", "tuple[PainArea, ...]"]
"""When an assessment was made, in which session, and the areas of pain it names."""


def visits_of(
    sessions: Iterable[SessionSummary],
    assessed: Iterable[Assessed],
    samples: Callable[[UUID, float, float], Iterable[ForceBlock]],
    rule: HandsRule | None = None,
    hands_for: int = 0,
) -> list[VisitFigures]:
    """All visits, oldest first.

    Args:
        sessions: of one client, in any order.
        assessed: their assessments, oldest first: of several at one visit the newest counts.
        samples: gives those of a session between two of its times, as `History.samples` does.
        rule: when a hand is tired.
        hands_for: the hands are looked at for so many of the last visits: it takes the samples of their holds.
    """
    groups = list(_groups(sessions))
    visits = [_visit(group) for group in groups]
    for number in range(max(0, len(visits) - hands_for), len(visits)):
        visits[number] = replace(visits[number], hands=_hands(groups[number], samples, rule))
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
        if not (session.counted or session.thresholds):
            continue
        if group and session.started_at - _end(group[-1]) >= SAME_VISIT:
            yield group
            group = []
        group.append(session)
    if group:
        yield group


def _end(session: SessionSummary) -> datetime:
    return session.ended_at or session.started_at + timedelta(seconds=session.duration_s)


def _visit(group: Sequence[SessionSummary]) -> VisitFigures:
    first = group[0]
    techniques: list[str] = []
    for session in group:
        used = [(p.phase.start_s, p.phase.technique) for p in session.phases]
        used += [(t.threshold.start_s, t.threshold.technique) for t in session.thresholds]
        techniques += [name for _, name in sorted(used)]
    presses = [stored.press for session in group for stored in session.counted]
    points = [session.points[s.point_id] for session in group for s in session.counted if s.point_id]
    return VisitFigures(
        at=first.started_at,
        session_id=first.id,
        ended_at=max(map(_end, group)),
        dose_ns=math.fsum(press.dose_ns for press in presses if math.isfinite(press.dose_ns)),
        press_s=math.fsum(press.duration_s for press in presses),
        presses=len(presses),
        thresholds=tuple(figure for session in group for figure in _thresholds(session)),
        techniques=tuple(dict.fromkeys(techniques)),
        points=tuple(dict.fromkeys(points)),
        session_ids=tuple(session.id for session in group),
        therapist=next((session.therapist for session in group if session.therapist), ""),
        running=any(session.ended_at is None for session in group),
    )


def _hands(
    group: Sequence[SessionSummary],
    samples: Callable[[UUID, float, float], Iterable[ForceBlock]],
    rule: HandsRule | None,
) -> HandsNow:
    began = group[0].started_at
    presses: list[Press] = []
    holds: list[Press] = []
    for session in group:
        after_s = (session.started_at - began).total_seconds()
        presses += [_moved(stored.press, after_s) for stored in session.counted]
        holds += [_moved(hold, after_s) for hold in _holds(session, samples)]
    return hands_of(presses, 0.0, (max(map(_end, group)) - began).total_seconds(), rule, holds)


def _holds(
    session: SessionSummary, samples: Callable[[UUID, float, float], Iterable[ForceBlock]]
) -> list[Press]:
    """What was held, in order: the presses, and of one that was eased on purpose each hold by itself."""
    void = {stored.id for stored in session.presses if stored.void}
    eased = {p.phase.press_id for p in session.phases if p.phase.kind is PhaseKind.EASE} - void
    holds = [stored.press for stored in session.counted if stored.id not in eased]
    for stored in session.phases:
        phase = stored.phase
        if phase.kind is not PhaseKind.HOLD or phase.press_id is None or phase.press_id not in eased:
            continue
        blocks = list(samples(session.id, phase.start_s, phase.end_s))
        if sum(map(len, blocks)) > 1:
            time_s, force_n = (
                np.concatenate([block.time_s for block in blocks]),
                np.concatenate([block.force_n for block in blocks]),
            )
            if np.isfinite(force_n).all() and force_n.max() > 0:
                holds.append(measure_press(time_s, force_n, None, tip_area_cm2=session.tip_area_cm2))
    return sorted(holds, key=lambda hold: hold.start_s)


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
