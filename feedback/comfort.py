"""What the client says, at a time and so at a pressure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReportKind(StrEnum):
    """The words a client may say."""

    THERE = "there"
    """Mark while pressure rises: the good pain begins."""
    ENOUGH = "enough"
    """Mark while pressure rises: no more, please."""
    TOO_LITTLE = "too_little"
    GOOD = "good"
    TOO_MUCH = "too_much"
    RATING = "rating"
    """0 (nothing) to 10 (as bad as can be)."""
    EASING = "easing"
    WORSENING = "worsening"
    STOP = "stop"

    @property
    def words(self) -> str:
        """The report as people say it."""
        return self.value.replace("_", " ")


MARKS = frozenset({ReportKind.THERE, ReportKind.ENOUGH})
VERDICTS = frozenset({ReportKind.TOO_LITTLE, ReportKind.GOOD, ReportKind.TOO_MUCH})
TRENDS = frozenset({ReportKind.EASING, ReportKind.WORSENING})


@dataclass(frozen=True, slots=True)
class Report:
    """One thing the client said.

    Attributes:
        kind: what was said.
        time_s: when, on the clock of the samples (host monotonic seconds).
        rating: 0 to 10, with `ReportKind.RATING` only.
        source: who entered it: `therapist` (a key), `client` (the sensor's button) or `simulated client`.
    """

    kind: ReportKind
    time_s: float
    rating: int | None = None
    source: str = "therapist"

    def __post_init__(self) -> None:
        if self.kind is ReportKind.RATING:
            if self.rating is None or not 0 <= self.rating <= 10:
                raise ValueError(f"a rating is a whole number from 0 to 10, not {self.rating}")
        elif self.rating is not None:
            raise ValueError(f"only a rating carries a number, not “{self.kind.words}”")

    @property
    def words(self) -> str:
        """The report for people: `7/10`, `too much`, `there`."""
        return f"{self.rating}/10" if self.kind is ReportKind.RATING else self.kind.words
