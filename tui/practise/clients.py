"""The simulated client of a release or a threshold: whoever the drill asks for, with thresholds within reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.client import STOP_RATIO, SimulatedClient, draw_traits

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.comfort import Report
    from feedback.drills import Task

TRIES = 200
"""Clients drawn until one can be treated below the limit; then the last one is taken."""
REACHED_SHARE = 0.85
"""A threshold shall come well before the end of the ramp that looks for it."""


class DrillClient:
    """Feels what is pressed in one attempt; the same attempt always meets the same client.

    Args:
        attempt_id: chance follows from it.
        task: which kind of client, and under which tip.
        limit_kpa: pressure that may be reached; the client says “stop” below it.
    """

    def __init__(self, attempt_id: UUID, task: Task, limit_kpa: float) -> None:
        character = task.drill.client or "default"
        there_by = math.inf
        if task.rate_kpa_per_s:
            there_by = REACHED_SHARE * task.trajectory.highest_kpa
        seed = attempt_id.int & 0x7FFFFFFF
        for tried in range(TRIES):
            traits = draw_traits(seed + tried, tip_area_cm2=task.tip_area_cm2, character=character)
            within_reach = traits.t_hi_kpa * STOP_RATIO < limit_kpa and traits.t_lo_kpa < there_by
            if within_reach or tried == TRIES - 1:
                self._client = SimulatedClient(traits, seed)
                break

    def feel(self, time_s: float, pressure_kpa: float) -> list[Report]:
        """What is said up to a time while this is pressed."""
        return self._client.feel(time_s, pressure_kpa)

    @property
    def good_kpa(self) -> tuple[float, float]:
        """The hidden range of good pain now."""
        ease = math.exp(self._client.shift)
        return self._client.t_lo_kpa * ease, self._client.t_hi_kpa * ease
