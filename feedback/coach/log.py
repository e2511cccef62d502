"""The phase that is going on, and the records of those that ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.coach.rate import Slope

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.coach.moment import Moment

UNRECORDED = frozenset({PhaseKind.READY, PhaseKind.DONE})
OFF_THE_SKIN = frozenset({PhaseKind.READY, PhaseKind.REST, PhaseKind.DONE})
NEAR = 0.75
"""A hold is what is within this share of its mean, as in the measures of a press."""


class PhaseLog:
    """Keeps time and pressure of the phase that is going on and writes it down when it ends.

    Attributes:
        technique: its name.
        kind: of the phase now.
        round: from 1.
        start_s: when the phase began.
        rule: which ended the last one; empty before.
        ended: how many recorded phases have ended.
    """

    def __init__(self, technique: str, start_s: float) -> None:
        self.technique = technique
        self._records: list[PhaseRecord | ThresholdResult] = []
        self._press_id: UUID | None = None
        self.round = 1
        self.rule = ""
        self.ended = 0
        self._begin(PhaseKind.READY, start_s)

    def _begin(self, kind: PhaseKind, time_s: float) -> None:
        self.kind = kind
        self.start_s = time_s
        self._sum_kpa, self._n = 0.0, 0
        self._slope = Slope(time_s)
        if kind in OFF_THE_SKIN:
            self._press_id = None

    @property
    def mean_kpa(self) -> float | None:
        """Mean pressure of the phase so far."""
        return self._sum_kpa / self._n if self._n else None

    @property
    def rate_kpa_per_s(self) -> float | None:
        """Slope of the phase so far."""
        return self._slope.kpa_per_s

    def lasted_s(self, now_s: float) -> float:
        """How long the phase has lasted, >= 0."""
        return max(0.0, now_s - self.start_s)

    def feel(self, moment: Moment) -> None:
        """Take the samples of a block; those of the way up and down are no part of a hold's mean."""
        if moment.press_id is not None:
            self._press_id = moment.press_id
        time_s, kpa = moment.time_s, moment.pressure_kpa
        if self.kind is PhaseKind.RAMP:
            self._slope.feed(time_s, kpa)
        elif self.kind is PhaseKind.HOLD and self._n:
            kpa = kpa[kpa >= NEAR * self._sum_kpa / self._n]
        self._sum_kpa += float(kpa.sum())
        self._n += len(kpa)

    def go(self, kind: PhaseKind, time_s: float, rule: str) -> None:
        """End the phase by this rule and begin the next."""
        if self.kind not in UNRECORDED:
            self._records.append(
                PhaseRecord(
                    self.technique,
                    self.kind,
                    self.round,
                    self.start_s,
                    max(self.start_s, time_s),
                    rule,
                    None if self.kind is PhaseKind.REST else self._press_id,
                    None if self.kind in OFF_THE_SKIN else self.mean_kpa,
                    self.rate_kpa_per_s if self.kind is PhaseKind.RAMP else None,
                )
            )
            self.ended += 1
            self.rule = rule
        self._begin(kind, time_s)

    def found(self, result: ThresholdResult) -> None:
        """Keep a measured threshold."""
        self._records.append(result)

    def take(self) -> list[PhaseRecord | ThresholdResult]:
        """What ended since the last call, oldest first."""
        taken, self._records = self._records, []
        return taken
