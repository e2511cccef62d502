"""Real views: of a session that is fed with real blocks."""

from __future__ import annotations

from uuid import UUID, uuid4

from feedback.band import Band
from feedback.band.source import SetBand
from feedback.comfort import Report, ReportKind
from feedback.points import Point
from feedback.session import Session
from feedback.view import LiveView, Place
from tests.feedback.signals import blocks, trapezoid

BAND = Band(150.0, 250.0)
SAID_S = 5.0
LAST_S = 6.0


class NoJournal:
    """A journal that forgets."""

    def __getattr__(self, kind: str):
        return lambda *_: uuid4()


def pressed(
    level_n: float = 20.0,
    *,
    band: Band | None = BAND,
    said: tuple[ReportKind, int | None] | None = None,
    after_s: float = 0.0,
    client: str = "K-07",
) -> LiveView:
    """A press of `level_n` on 1 cm² that has lasted some seconds; seen `after_s` after the newest sample."""
    place = Place(UUID(int=1), client, Point("upper trapezius", "left", "1"), "probe", 1.0)
    session = Session(place, NoJournal(), SetBand(band), start_s=0.0, ceiling_kpa=350.0)
    time_s, force_n = trapezoid(level_n=level_n, ramp_s=2.0, hold_s=8.0)
    for block in blocks(time_s, force_n, 1):
        now_s = float(block.time_s[-1])
        if now_s > LAST_S:
            break
        session.feed(block)
        if said and now_s >= SAID_S:
            session.report(Report(said[0], now_s, said[1]))
            said = None
    return session.view(LAST_S + after_s)
