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

    def resume(self) -> None:
        """Somebody decided to go on after the client's stop."""
        ...

    def took_back(self, report: Report) -> None:
        """A report that was heard has been taken back, newest first: it teaches nothing."""
        ...

    def learned(self) -> bytes | None:
        """What is worth keeping for the next visit, or None."""
        ...


class SetBand:
    """A band that the therapist set by hand; nothing that is said moves it.

    `learner` goes on listening behind it, so that nothing is lost when the band is given back to learning.
    """

    def __init__(self, band: Band | None, learner: BandSource | None = None) -> None:
        self._band = band
        self.learner = learner

    def now(self) -> BandNow:
        """The band as it was set."""
        if self._band is None:
            return BandNow(None, "no band set for this point: press b to set one")
        return BandNow(self._band, self._band.because or "set by the therapist, locked")

    def heard(self, report: Report, pressure_kpa: float | None, ramp_kpa_per_s: float) -> None:
        """A set band does not learn; the learner behind it does."""
        if self.learner:
            self.learner.heard(report, pressure_kpa, ramp_kpa_per_s)

    def felt(self, pressure_kpa: float, dt_s: float) -> None:
        """A set band does not ease."""
        if self.learner:
            self.learner.felt(pressure_kpa, dt_s)

    def resume(self) -> None:
        """A set band was never withdrawn; the learner behind it goes on."""
        if self.learner:
            self.learner.resume()

    def took_back(self, report: Report) -> None:
        """Nothing was learned here that would have to be unlearned."""
        if self.learner:
            self.learner.took_back(report)

    def learned(self) -> bytes | None:
        """What the learner behind it knows."""
        return self.learner.learned() if self.learner else None
