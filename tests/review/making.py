"""Visits of a point, made up; no record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from feedback.band import Band
from feedback.points import Point
from feedback.review import PointVisit, RatingTold, ThresholdTaken, Tip

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEFT = Point("upper trapezius", "left", "1")
RIGHT = Point("upper trapezius", "right", "1")
PROBE = Tip("probe", 1.0)


def visit(
    day: float,
    *,
    tip: Tip = PROBE,
    kpa: float | None = None,
    repeats: int = 3,
    at_least: bool = False,
    quality: int = 0,
    ratings: tuple[tuple[int, float | None], ...] = (),
    band: Band | None = None,
    dose_ns: float = 500.0,
    share: float | None = None,
) -> PointVisit:
    """A visit so many days after the first."""
    at = BEGIN + timedelta(days=day)
    taken = () if kpa is None else (ThresholdTaken(at, kpa, repeats, 5.0, at_least, quality),)
    return PointVisit(
        at,
        UUID(int=round(day * 1000) + 1),
        tip,
        band=band,
        thresholds=taken,
        ratings=tuple(RatingTold(at + timedelta(minutes=n), r, p) for n, (r, p) in enumerate(ratings)),
        press_s=60.0,
        band_press_s=60.0 if share is not None else 0.0,
        time_in_band_s=None if share is None else 60.0 * share,
        dose_ns=dose_ns,
        presses=3,
        quality=quality,
    )


tips = st.sampled_from(
    [PROBE, Tip("probe", 0.5), Tip("thumb", 1.0), Tip("thumb", 2.0), Tip("probe", 1.0, simulated=True)]
)


@st.composite
def visits(draw: st.DrawFn) -> list[PointVisit]:
    """Up to eight visits, each with whatever was measured at it."""
    found: list[PointVisit] = []
    day = 0.0
    for _ in range(draw(st.integers(0, 8))):
        day += draw(st.floats(0.5, 30))
        low = draw(st.floats(50, 400))
        gap = draw(st.floats(10, 300))
        half = draw(st.floats(0, 80))
        band = Band(
            low, low + gap, (max(1, low - half), low + half), (low + gap - half, low + gap + half), "learned"
        )
        found.append(
            visit(
                day,
                tip=draw(tips),
                kpa=draw(st.none() | st.floats(50, 900)),
                repeats=draw(st.integers(1, 3)),
                at_least=draw(st.booleans()),
                quality=draw(st.sampled_from([0, 0, 0, 1, 2, 4, 16])),
                ratings=tuple(
                    draw(st.lists(st.tuples(st.integers(0, 10), st.none() | st.floats(50, 900)), max_size=3))
                ),
                band=draw(st.none() | st.just(band)),
                dose_ns=draw(st.floats(0, 5000)),
                share=draw(st.none() | st.floats(0, 1)),
            )
        )
    return found
