"""Which band is in force at a point: learned from the client, or set by the therapist and locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.band import Band, BandModelError, GoodPainBand, LearnedBand
from feedback.band.source import BandSource, SetBand

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.history import History
    from feedback.view import Place


class Bands:
    """Hands out band sources; what was learned at a point is one and the same for the whole visit."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._learners: dict[tuple[UUID, str, float], LearnedBand] = {}
        self._today: dict[tuple[UUID, str, float], tuple[Band | None, float]] = {}
        self.problems: list[str] = []
        """Sentences about what could not be taken over from earlier visits."""

    def remembered(self, place: Place) -> tuple[Band | None, float | None]:
        """The band that was set by hand at a point, if it still holds, and the ceiling there.

        What was set during this visit goes before the record, which is written behind.
        """
        key = (place.point_id, place.applicator, place.tip_area_cm2)
        if key in self._today:
            return self._today[key]
        band, ceiling_kpa = self._history.band(*key)
        return (band if band and band.source == "set" else None), ceiling_kpa

    def given(self, place: Place, band: Band | None, ceiling_kpa: float) -> BandSource:
        """A band set by hand, locked, with the learner behind it; without one the learner itself.

        While a session runs, call it under the loop's lock: the learner is the one that is listening.
        """
        self._today[place.point_id, place.applicator, place.tip_area_cm2] = (band, ceiling_kpa)
        learner = self._learner(place, ceiling_kpa)
        return SetBand(band, learner) if band else learner

    def settle(self) -> None:
        """Another session begins: what was said in those before is no longer taken back."""
        for learner in self._learners.values():
            learner.settle()

    def _learner(self, place: Place, ceiling_kpa: float) -> LearnedBand:
        key = (place.point_id, place.applicator, place.tip_area_cm2)
        known = self._learners.get(key)
        if known:
            known.set_ceiling(ceiling_kpa)
        else:
            known = self._learners[key] = LearnedBand(self._model(place, ceiling_kpa))
        return known

    def _model(self, place: Place, ceiling_kpa: float) -> GoodPainBand:
        stored = self._history.load_posterior(place.point_id, place.applicator, place.tip_area_cm2)
        if stored:
            try:
                return (
                    GoodPainBand.from_bytes(stored.data).with_settings(ceiling_kpa=ceiling_kpa).carry_over()
                )
            except BandModelError as error:
                self.problems.append(f"what was learned at this point before cannot be used: {error}")
        return GoodPainBand.start(ceiling_kpa=ceiling_kpa, tip_area_cm2=place.tip_area_cm2)
