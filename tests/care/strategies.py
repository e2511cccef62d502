"""Visits and plans as they may come, for properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from feedback.care import PainArea, Plan, ThresholdFigure, VisitFigures
from feedback.points import Point

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POINT = Point("upper trapezius", "left", "1")


def visit(
    day: float,
    *,
    now: int | None = None,
    usual: int | None = None,
    kpa: float | None = None,
    presses: int = 3,
    at_least: bool = False,
    area: str = "neck",
    tip_area_cm2: float = 1.0,
    number: int = 0,
    minutes: float = 30,
) -> VisitFigures:
    """A visit so many days after the first, with three presses unless told otherwise."""
    at = BEGIN + timedelta(days=day)
    session_id = UUID(int=number + 1) if presses else None
    pain = () if now is None and usual is None else (PainArea(area, "left", now, usual),)
    figure = () if kpa is None else (ThresholdFigure(POINT, "probe", tip_area_cm2, kpa, at_least),)
    return VisitFigures(
        at,
        session_id,
        at + timedelta(minutes=minutes),
        dose_ns=100.0 * presses,
        press_s=30.0 * presses,
        presses=presses,
        thresholds=figure,
        pain=pain,
        techniques=("sustained release",) if presses else (),
        points=(POINT,) if presses else (),
        session_ids=(session_id,) if session_id else (),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    low = draw(st.integers(0, 20))
    return Plan(draw(st.integers(1, 20)), low, draw(st.integers(max(1, low), 30)))


days = st.lists(st.floats(0, 400, allow_nan=False), max_size=12)


@st.composite
def courses(draw: st.DrawFn) -> list[VisitFigures]:
    """Visits a day or more apart, with whatever was asked and measured at them."""
    found: list[VisitFigures] = []
    day = 0.0
    for number in range(draw(st.integers(0, 6))):
        day += draw(st.floats(1, 20))
        found.append(
            visit(
                day,
                now=draw(st.none() | st.integers(0, 10)),
                usual=draw(st.none() | st.integers(0, 10)),
                kpa=draw(st.none() | st.floats(50, 900)),
                presses=draw(st.integers(0, 5)),
                at_least=draw(st.booleans()),
                number=number,
            )
        )
    return found
