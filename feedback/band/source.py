"""Where a session gets its band from: set by the therapist, or learned from the client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from feedback.band.edges import Band
    from feedback.comfort import Report


@dataclass(frozen=True, slots=True)
class BandNow:
    """The band as it stands.

    Attributes:
        band: the good-pain range, or None while there is none.
        line: one line that says what it rests on or what would settle it.
        target_kpa: the pressure to try next, if there is advice.
        stay_below_kpa: while there is no band, how far it is safe to go.
        ask: what to ask the client now because it would help most, or empty.
    """

    band: Band | None
    line: str = ""
    target_kpa: float | None = None
    stay_below_kpa: float | None = None
    ask: str = ""


class BandSource(Protocol):
    """What a session asks for its band; a session does not care which kind it has."""

    def now(self) -> BandNow:
        """The band as it stands."""
        ...

    def heard(self, report: Report, pressure_kpa: float | None, ramp_kpa_per_s: float) -> None:
        """The client said `report` at `pressure_kpa` (None: no pressure was known) while it rose by the ramp."""
        ...

    def felt(self, pressure_kpa: float, dt_s: float) -> None:
        """The client went through `dt_s` seconds of a press at `pressure_kpa`."""
        ...


class SetBand:
    """A band that the therapist set by hand; nothing that is said moves it."""

    def __init__(self, band: Band | None) -> None:
        self._band = band

    def now(self) -> BandNow:
        """The band as it was set."""
        if self._band is None:
            return BandNow(None, "no band set for this point: press b to set one")
        return BandNow(self._band, self._band.because or "set by the therapist")

    def heard(self, report: Report, pressure_kpa: float | None, ramp_kpa_per_s: float) -> None:
        """A set band does not learn."""

    def felt(self, pressure_kpa: float, dt_s: float) -> None:
        """A set band does not ease."""
