"""The atlas: muscles, caution sites and body areas, found by name, by what is typed, or by where it hurts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.atlas.model import AtlasPoint, BodyArea, CautionSite, Found, Muscle, Outline, View
from feedback.atlas.offering import offer_points
from feedback.atlas.search import Index
from feedback.points import UNSPECIFIED, Point, parse_point

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Atlas:
    """Muscles, caution sites and body areas; read only.

    Args:
        muscles: in any order; names differ.
        sites: caution sites that muscles and points refer to.
        areas: body areas that muscles, points and sites refer to, those with the right of way first.
        figures: the outline of the whole body for each view, its left half from the crown round to the crotch.

    Raises:
        AtlasError: never here: `load_atlas` checks all references first.
    """

    def __init__(
        self,
        muscles: Sequence[Muscle],
        sites: Sequence[CautionSite],
        areas: Sequence[BodyArea],
        figures: Mapping[View, Outline] | None = None,
    ) -> None:
        self.muscles = tuple(muscles)
        self.sites = tuple(sites)
        self.areas = tuple(areas)
        self.figures: Mapping[View, Outline] = dict(figures or {})
        self._muscles = {muscle.name: muscle for muscle in self.muscles}
        self._sites = {site.key: site for site in self.sites}
        self._areas = {area.key: area for area in self.areas}
        self._index = Index(self.muscles)
        self._other_names = {
            other.lower(): muscle.name for muscle in reversed(self.muscles) for other in muscle.other_names
        }

    def muscle(self, name: str) -> Muscle | None:
        """The muscle of that name or other name; None when the atlas has none."""
        wanted = " ".join(name.lower().split())
        return self._muscles.get(wanted) or self._muscles.get(self._other_names.get(wanted, ""))

    def site(self, key: str) -> CautionSite | None:
        """The caution site with that key."""
        return self._sites.get(key)

    def area(self, key: str) -> BodyArea | None:
        """The body area with that key."""
        return self._areas.get(key)

    def search(self, typed: str, limit: int = 20) -> list[Found]:
        """Muscles that fit what was typed, best first: names, other names, initials, region, words of referred pain.

        Nothing typed gives every muscle by name.
        """
        return self._index.search(typed)[:limit]

    def offers(self, typed: str, known: Sequence[Point] = (), limit: int = 30) -> list[Point]:
        """Whole points to offer for what was typed so far ("ut l"): those known of this client first.

        Args:
            typed: a muscle in any short form, then a side, then a label; each may be missing or unfinished.
            known: points of this client, best first.
            limit: at most so many.
        """
        return offer_points(typed, known, self._index.search, limit)

    def parse(self, text: str) -> Point:
        """Read a point as people write it; other names and own muscles count.

        Raises:
            PointError: an unknown muscle, a misspelt side, or nothing at all.
        """
        return parse_point(text, tuple(self._muscles), self._other_names)

    def atlas_point(self, point: Point) -> AtlasPoint | None:
        """The usual point that a client's point is labelled as; None for a label of the therapist's own."""
        muscle = self.muscle(point.muscle)
        label = point.label.lower()
        return next((one for one in muscle.points if one.label.lower() == label), None) if muscle else None

    def cautions(self, point: Point) -> tuple[CautionSite, ...]:
        """Caution sites that a point lies in or near.

        A point labelled as one of the atlas's has those of its muscle and its own. Of any other label the place is
        not known, and all that the muscle's points have count.
        """
        muscle = self.muscle(point.muscle)
        if muscle is None:
            return ()
        here = self.atlas_point(point)
        points = (here,) if here else muscle.points
        keys = dict.fromkeys((*muscle.cautions, *(key for one in points for key in one.cautions)))
        return tuple(self._sites[key] for key in keys if key in self._sites)

    def area_of(self, point: Point) -> BodyArea | None:
        """The body area in which a point lies; None for a muscle that the atlas does not know."""
        muscle = self.muscle(point.muscle)
        if muscle is None or point.muscle == UNSPECIFIED:
            return None
        here = self.atlas_point(point)
        return self._areas.get(here.area if here and here.area else muscle.area)

    def in_area(self, key: str) -> list[Muscle]:
        """Muscles that are pressed in a body area."""
        return [
            muscle
            for muscle in self.muscles
            if muscle.area == key or any(point.area == key for point in muscle.points)
        ]

    def referring_to(self, key: str) -> list[Muscle]:
        """Muscles whose points refer pain to a body area: where to look when it hurts there."""
        return [muscle for muscle in self.muscles if key in muscle.pain_areas]
