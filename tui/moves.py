"""What a typed line may change besides saying something: the point, and the band."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feedback.band import BandError
from feedback.history import HistoryError
from feedback.points import Point, PointError, parse_point
from tui.wanted import WantedError, parse_band

if TYPE_CHECKING:
    from feedback.band import Band
    from tui.live_loop import LiveLoop
    from tui.opening import Studio
    from tui.wanted import Visit

LEARNED = ("none", "learned")
"""Typed for a band, these give it back to learning."""


class Moves:
    """Moves a running session; every answer is a line for people, and what cannot be changes nothing.

    Args:
        studio: the open record.
        loop: the running session.
        visit: where it stands now.
    """

    def __init__(self, studio: Studio, loop: LiveLoop, visit: Visit) -> None:
        self._studio = studio
        self._loop = loop
        self._visit = visit
        self._warned: Point | None = None

    def point(self, text: str) -> str:
        """Go to another point of the same client; one near a caution site has to be typed twice."""
        try:
            point = parse_point(text)
        except PointError as error:
            return str(error)
        sites = self._studio.shelf.atlas.cautions(point)
        if sites and point != self._warned:
            self._warned = point
            why = "; ".join(f"{site.name}: {site.why.rstrip('.')}" for site in sites)
            return f"special care at {point}: {why} – type it again to go there"
        visit = replace(self._visit, point=point, band=None, ceiling_kpa=None, cautions=())
        try:
            if sites:
                self._studio.confirm_care(self._loop, point, sites)
            place, band, ceiling_kpa = self._studio.place(visit)
            with self._loop.lock:
                self._loop.go_to(place, self._studio.bands.given(place, band, ceiling_kpa), ceiling_kpa)
        except HistoryError as error:
            return f"still at the point before: {error}"
        self._visit, self._warned = visit, None
        return f"now at {point}, ceiling {self._studio.settings.unit.text(ceiling_kpa)}"

    def band(self, text: str) -> str:
        """Set the band of this point by hand, or give it back to learning."""
        unit = self._studio.settings.unit
        view = self._loop.view()
        band: Band | None = None
        if text.strip().lower() not in LEARNED:
            try:
                band = parse_band(text, unit)
            except (WantedError, BandError) as error:
                return str(error)
            if band.upper_kpa > view.ceiling_kpa:
                return f"the band reaches above the ceiling of {unit.text(view.ceiling_kpa)}: set a lower one"
        with self._loop.lock:
            self._loop.set_band(
                self._studio.bands.given(view.place, band, view.ceiling_kpa), view.ceiling_kpa
            )
        if band is None:
            return "the band is learned from the client"
        return f"band {unit.text(band.lower_kpa, unit=False)} – {unit.text(band.upper_kpa)}, set by hand"
