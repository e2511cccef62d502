"""What a session writes to; the history implements it, and so may anyone who wants to listen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.band import Band
    from feedback.coach.phases import PhaseRecord, ThresholdResult
    from feedback.comfort import Report
    from feedback.press import Press
    from feedback.signal import Calibration, ForceBlock


class Journal(Protocol):
    """What a session writes to, as it happens; times are on the clock of the samples."""

    def calibration(self, calibration: Calibration | None, time_s: float) -> None:
        """From now on counts become newtons this way."""
        ...

    def samples(self, block: ForceBlock) -> None:
        """Keep a block."""
        ...

    def point(self, point_id: UUID, time_s: float) -> None:
        """From now on presses and reports belong to this point."""
        ...

    def band(self, band: Band | None, ceiling_kpa: float, time_s: float) -> None:
        """The band and ceiling in force from now on."""
        ...

    def learned(self, data: bytes, time_s: float) -> None:
        """What the band has learned so far at this point, to be handed out at the next visit."""
        ...

    def report(self, report: Report, pressure_kpa: float | None, press_id: UUID | None, quality: int) -> UUID:
        """Keep a report; returns its id."""
        ...

    def correct(self, report_id: UUID, time_s: float) -> None:
        """Take a report back by a correcting row."""
        ...

    def press(self, press_id: UUID, press: Press) -> None:
        """Keep a press that ended."""
        ...

    def phase(self, record: PhaseRecord) -> None:
        """Keep a phase of a technique that ended; the press it belongs to may still be going on."""
        ...

    def threshold(self, result: ThresholdResult) -> None:
        """Keep a measured threshold; it takes the place of an earlier one with the same `start_s`."""
        ...

    def note(self, text: str, time_s: float) -> None:
        """Keep a note."""
        ...

    def event(self, kind: str, time_s: float, text: str) -> None:
        """Keep something that happened: a gap, a tare, a restart."""
        ...

    def end(self, time_s: float, health: dict[str, float | int | None]) -> None:
        """Close the session."""
        ...
