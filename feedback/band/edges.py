"""A band as the rest of the program sees it, wherever it came from."""

from __future__ import annotations

from dataclasses import dataclass

from feedback.refusal import Refusal


class BandError(Refusal, ValueError):
    """A band that cannot be: upside down, negative, not a number."""


@dataclass(frozen=True, slots=True)
class Band:
    """The good-pain range in kPa.

    Attributes:
        lower_kpa: below it the client feels too little.
        upper_kpa: above it, too much.
        lower_interval_kpa: 90 % interval of the lower edge; equal to it twice when set by hand.
        upper_interval_kpa: the same for the upper edge.
        source: `set` by the therapist or `learned`.
        because: what it rests on, for people ("from 1 mark, 4 ratings today"); may be empty.

    Raises:
        BandError: an edge is not finite and above 0, or lower is not below upper.
    """

    lower_kpa: float
    upper_kpa: float
    lower_interval_kpa: tuple[float, float] | None = None
    upper_interval_kpa: tuple[float, float] | None = None
    source: str = "set"
    because: str = ""

    def __post_init__(self) -> None:
        if not (0 < self.lower_kpa < float("inf") and 0 < self.upper_kpa < float("inf")):
            raise BandError("a band's edges must be pressures above 0")
        if not self.lower_kpa < self.upper_kpa:
            raise BandError(
                f"the band is upside down: its lower edge ({self.lower_kpa:g} kPa) must be below its upper "
                f"edge ({self.upper_kpa:g} kPa)"
            )
