"""How large a change has to be before it is more than error, for what a review compares besides thresholds and ratings.

For thresholds and ratings the figures are those of `feedback.care.response`. For the rest little was found: the side
difference was studied; band edges, time in band and dose were not, and their numbers are assumptions to be changed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from feedback.care.errors import CareError

EDGE_SOURCE = "taken over from thresholds; no study of band edges was found"
SIDES_SOURCE = "coefficient of repeatability of the side difference, 1.23 kg/cm²: Antonaci 1998, PMID 9526748"
TIME_IN_BAND_SOURCE = "no study was found"
DOSE_SOURCE = (
    "no study was found; a dose is counted, not told by the client, and errs with the calibration alone"
)
ALIKE_SOURCE = "hands lose about this much in the first seconds of a hold (Pérez-Palomares 2021)"
SIDES_KPA = 120.6
OWN_SOURCE = "set by the therapist"


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """When a difference is more than error.

    Attributes:
        edge_kpa: change of an edge of the band that counts, > 0. An assumption, see `EDGE_SOURCE`.
        edge_source: where it comes from.
        sides_kpa: difference of a threshold between left and right that counts, > 0; 1.23 kg/cm² (Antonaci 1998).
        sides_source: where it comes from.
        time_in_band_points: change of the share of time in band that counts, per cent points, above 0 to 100. An
            assumption.
        dose_pct: change of dose that counts, per cent of the larger one, above 0 to 100. An assumption.
        alike_pct: two ratings are compared when the pressures under which they were given differ by no more than
            this, per cent of the larger one, 0 to 100. An assumption, see `ALIKE_SOURCE`.
    """

    edge_kpa: float = 160.0
    edge_source: str = EDGE_SOURCE
    sides_kpa: float = SIDES_KPA
    sides_source: str = SIDES_SOURCE
    time_in_band_points: float = 20.0
    dose_pct: float = 25.0
    alike_pct: float = 10.0

    def __post_init__(self) -> None:
        for name, value in (("band edge", self.edge_kpa), ("side difference", self.sides_kpa)):
            if not (value > 0 and math.isfinite(value)):
                raise CareError(f"a change of {name} that counts must be larger than 0")
        for name, value in (("time in band", self.time_in_band_points), ("dose", self.dose_pct)):
            if not 0 < value <= 100:
                raise CareError(f"a change of {name} that counts lies above 0 and not above 100")
        if not 0 <= self.alike_pct <= 100:
            raise CareError("pressures that are alike differ by 0 to 100 per cent")

    @property
    def sides_studied(self) -> bool:
        """The figure of the side difference is the published one."""
        return self.sides_source == SIDES_SOURCE and self.sides_kpa == SIDES_KPA
