"""The hold, coached: techniques as data, and a coach that knows which phase it is.

    techniques/*.toml ─► technique ─► coach ◄─ what the hand does and the client says (from a session)
                                        ├─► CoachNow       what to do now, and why
                                        └─► PhaseRecord, ThresholdResult   which rule ended what, for the record

Reading files is `shipped`; everything else is pure.
"""

from feedback.coach.coach import Coach
from feedback.coach.moment import Moment
from feedback.coach.phases import (
    CoachNow,
    PhaseKind,
    PhaseRecord,
    RateCue,
    RateNow,
    ThresholdResult,
)
from feedback.coach.procedure import Asking
from feedback.coach.technique import (
    FreeSettings,
    PressesSettings,
    ReleaseSettings,
    Technique,
    TechniqueError,
    TechniqueKind,
    ThresholdSettings,
    technique_from_toml,
)

__all__ = [
    "Asking",
    "Coach",
    "CoachNow",
    "FreeSettings",
    "Moment",
    "PhaseKind",
    "PhaseRecord",
    "PressesSettings",
    "RateCue",
    "RateNow",
    "ReleaseSettings",
    "Technique",
    "TechniqueError",
    "TechniqueKind",
    "ThresholdResult",
    "ThresholdSettings",
    "technique_from_toml",
]
