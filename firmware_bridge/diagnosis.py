"""Ten seconds of a sensor, looked at before it is calibrated."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIAGNOSE_S = 10.0
PRESSED = 100.0
"""A range of so many times the noise means that somebody pressed."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What ten seconds show.

    Attributes:
        seconds: from the first sample to the last.
        samples: how many.
        rate_hz: samples a second; 0 when unknown.
        noise_counts: standard deviation of a sample, from second differences.
        saturated: samples at the converter's limit.
        unique: different values.
        lowest: smallest counts.
        highest: largest counts.
        lost: samples that were lost on the way.
    """

    seconds: float
    samples: int
    rate_hz: float
    noise_counts: float
    saturated: int
    unique: int
    lowest: int
    highest: int
    lost: int = 0

    @property
    def range_counts(self) -> int:
        """From the smallest to the largest."""
        return self.highest - self.lowest

    @property
    def problem(self) -> str:
        """Why it cannot be calibrated like this, and what to do; empty when it can."""
        if self.samples < 8:
            return f"only {self.samples} samples came in {self.seconds:.0f} s: check the cable and the sensor's power"
        if self.unique == 1:
            return (
                f"every sample is {self.lowest}: check the wiring between the load cell and its converter, "
                "colour by colour"
            )
        if self.saturated:
            return (
                f"{self.saturated} samples are at the converter's limit: press less hard, or check the wiring of the "
                "load cell if nothing pressed"
            )
        return ""

    @property
    def pressed(self) -> bool:
        """The range is more than noise."""
        return self.range_counts > PRESSED * max(self.noise_counts, 0.3)

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"{self.samples} samples in {self.seconds:.1f} s, {self.rate_hz:.1f} a second, {self.lost} lost",
            f"noise {self.noise_counts:.1f} counts, {self.unique} different values, {self.saturated} saturated",
            f"range {self.range_counts} counts ({self.lowest} to {self.highest})"
            + ("" if self.pressed else ": nothing pressed, so the range when pressed is not known"),
        ]


def noise_of(counts: NDArray[np.float64]) -> float:
    """Standard deviation of one sample, from the median second difference: what moves slowly does not count."""
    if len(counts) < 4:
        return 0.0
    bends = np.abs(np.diff(counts, n=2))
    # Whole numbers with little noise have many equal neighbours, so that the median would be 0.
    middle = 1.4826 * float(np.median(bends))
    return (middle if middle > 0 else float(np.minimum(bends, 1.0).mean())) / math.sqrt(6.0)


def diagnose(
    time_s: NDArray[np.float64], counts: NDArray[np.float64], saturated: int, lost: int = 0
) -> Diagnosis:
    """Look at samples: times (n,) in s, counts (n,)."""
    n = len(counts)
    seconds = float(time_s[-1] - time_s[0]) if n > 1 else 0.0
    return Diagnosis(
        seconds=seconds,
        samples=n,
        rate_hz=(n - 1) / seconds if seconds > 0 else 0.0,
        noise_counts=float(noise_of(counts)),
        saturated=saturated,
        unique=len(np.unique(counts)),
        lowest=int(counts.min()) if n else 0,
        highest=int(counts.max()) if n else 0,
        lost=lost,
    )
