"""The assessment at a visit: where it hurts and how much, what was found there, and what may keep it going.

Nothing is compulsory: an empty assessment is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from feedback.care.errors import CareError
from feedback.points import SIDES, Point

PAIN_AREAS = (
    "head", "jaw", "neck", "shoulder", "upper back", "chest", "upper arm", "elbow", "forearm", "wrist and hand",
    "low back", "abdomen", "hip", "buttock", "thigh", "knee", "lower leg", "ankle and foot",
)  # fmt: skip
"""Areas that are offered, from head to foot; any other name may be given."""

FACTORS = ("hydration", "nutrition", "breathing", "stress", "sleep", "work posture")
"""What may keep the pain going, as far as it is offered; any other may be named."""


@dataclass(frozen=True, slots=True)
class PainArea:
    """An area that hurts.

    Attributes:
        area: one of `PAIN_AREAS`, or any other name.
        side: `left`, `right`, `middle` or empty.
        now: pain now, 0 to 10; None when it was not asked.
        usual: pain as it usually is, 0 to 10; None when it was not asked.
        note: free text.
    """

    area: str
    side: str = ""
    now: int | None = None
    usual: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        _check_place(self.area, self.side)
        for name, value in (("now", self.now), ("usual", self.usual)):
            if value is not None and not 0 <= value <= 10:
                raise CareError(f"pain {name} is a whole number from 0 to 10, not {value}")

    def __str__(self) -> str:
        return ", ".join(part for part in (self.area, self.side) if part)


class FindingKind(StrEnum):
    """What the therapist may find in an area."""

    ISCHEMIA = "ischemia"
    TRIGGER_POINT = "trigger point"
    NERVE_ENTRAPMENT = "nerve entrapment"
    NERVE_COMPRESSION = "nerve compression"
    POSTURE = "posture"
    GAIT = "gait"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        kind: what.
        area: where; empty for one of the whole body, such as gait.
        text: in the therapist's words.
        point: the trigger point itself, where it is one.
        referred: where its pain goes, in words.
        side: `left`, `right`, `middle` or empty.
    """

    kind: FindingKind
    area: str = ""
    text: str = ""
    point: Point | None = None
    referred: str = ""
    side: str = ""

    def __post_init__(self) -> None:
        if self.area or self.side:
            _check_place(self.area, self.side)


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that may keep the pain going: one of `FACTORS`, or any other name."""

    name: str
    note: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise CareError(f"a factor needs a name, for example {', '.join(FACTORS[:3])}")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was told and found at one visit; everything may be empty."""

    areas: tuple[PainArea, ...] = ()
    findings: tuple[Finding, ...] = ()
    factors: tuple[Factor, ...] = ()
    note: str = ""

    @property
    def empty(self) -> bool:
        """Nothing was entered."""
        return not (self.areas or self.findings or self.factors or self.note.strip())


def _check_place(area: str, side: str) -> None:
    if not area.strip():
        raise CareError(f"an area needs a name, for example {', '.join(PAIN_AREAS[2:5])}")
    if side not in ("", *SIDES):
        raise CareError(f"a side is one of {', '.join(SIDES)} or nothing, not “{side}”")
