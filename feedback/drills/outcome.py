"""What came of an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from feedback.comfort import Report
    from feedback.drills.attempt_view import Void
    from feedback.drills.scores import AttemptScores
    from feedback.drills.task import Task


@dataclass(frozen=True, slots=True, eq=False)
class Pressed:
    """The samples of an attempt, from first contact; all arrays of one length.

    Attributes:
        time_s: float64 (n,), from the go: negative in the light contact before it.
        pressure_kpa: float64 (n,); NaN where it was no measured force.
        quality: uint8 (n,), `feedback.signal.Quality` flags.
        low_kpa, high_kpa: float64 (n,), the simulated client's hidden good-pain range; None without a client.
    """

    time_s: NDArray[np.float64]
    pressure_kpa: NDArray[np.float64]
    quality: NDArray[np.uint8]
    low_kpa: NDArray[np.float64] | None = None
    high_kpa: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """An attempt that is over, whether it counts or not: both are kept.

    Attributes:
        task: what was asked.
        start_s: when the go was, on the clock of the samples; the first contact where it never came to one.
        end_s: when it ended.
        pressed: its samples.
        scores: None for a void attempt.
        void: why it does not count; None if it does.
        looks: how often the trainee asked to see.
        estimate_kpa: what the trainee said it was; None if not asked or not said.
        heard: what the simulated client said, with times on the clock of the samples.
        lost: samples known to be lost.
        quality: the flags of all its samples together.
    """

    task: Task
    start_s: float
    end_s: float
    pressed: Pressed
    scores: AttemptScores | None
    void: Void | None
    looks: int
    estimate_kpa: float | None
    heard: tuple[Report, ...]
    lost: int
    quality: int
