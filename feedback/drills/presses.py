"""The scores of drills on presses in real treatment, so that both can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.drills.amounts import Amount
from feedback.drills.drill import Drill, DrillKind, Hold
from feedback.drills.outcome import Pressed
from feedback.drills.records import AttemptRecord
from feedback.drills.scores import AttemptScores, ScoreKey
from feedback.drills.scoring import LINED, scores_of
from feedback.drills.task import FeedbackMode, Task
from feedback.drills.trajectory import Piece, Trajectory
from feedback.measure import measure_press
from feedback.press import is_force
from feedback.units import KPA, pressure_kpa_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class PressTarget:
    """What a press in treatment aimed at.

    Attributes:
        lower_kpa, upper_kpa: the band in force (or a target less and plus its tolerance), 0 < lower < upper.
        rate_kpa_per_s: the rate asked on the way up, as of a threshold; None where none was.
    """

    lower_kpa: float
    upper_kpa: float
    rate_kpa_per_s: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.lower_kpa < self.upper_kpa < float("inf"):
            raise ValueError("a press aims at a range of pressures above 0")


def press_scores(
    time_s: ArrayLike,
    pressure_kpa: ArrayLike,
    quality: ArrayLike | int = 0,
    *,
    target: PressTarget,
    tip_area_cm2: float,
    time_share: float = 0.75,
) -> AttemptScores | None:
    """Score one press as if it were a steady hold on the middle of its band.

    Scored is the hold, found as `feedback.measure` finds it: the way up and down does not count.

    Args:
        time_s: (n,), first to last contact, any clock.
        pressure_kpa: (n,), under the tip.
        quality: (n,) or one for all; samples that are no measured force are left out.
        target: what was aimed at.
        tip_area_cm2: of the tip.
        time_share: share of the hold that must be in the band to count as inside.

    Returns:
        The scores; None when the press has no hold of a second.

    Raises:
        ValueError: the arrays differ in length, or the area is not above 0.
    """
    times, pressures = np.asarray(time_s, np.float64), np.asarray(pressure_kpa, np.float64)
    flags = np.broadcast_to(np.asarray(quality, np.uint8), times.shape)
    if times.ndim != 1 or pressures.shape != times.shape:
        raise ValueError("a press is one-dimensional arrays of one length")
    kept = is_force(flags) & np.isfinite(pressures)
    times, pressures = times[kept], pressures[kept]
    if not len(times):
        return None
    kpa_per_n = pressure_kpa_of(1.0, tip_area_cm2)
    press = measure_press(times, (pressures / kpa_per_n).astype(np.float32), None, tip_area_cm2=tip_area_cm2)
    if press.hold_start_s is None or press.hold_end_s is None:
        return None
    start_s = float(times[0])
    reach_s, end_s = press.hold_start_s - start_s, press.hold_end_s - start_s
    task = _task(target, reach_s, end_s, tip_area_cm2, time_share)
    return scores_of(task, Pressed(times - start_s, pressures, flags[kept]))


def _task(target: PressTarget, reach_s: float, end_s: float, tip_area_cm2: float, time_share: float) -> Task:
    middle = (target.lower_kpa + target.upper_kpa) / 2
    share = (target.upper_kpa - target.lower_kpa) / 2 / middle
    drill = Drill(
        name="press",
        title="a press in treatment",
        kind=DrillKind.HOLD,
        about="",
        settings=Hold((Amount(middle, KPA.key),)),
        tolerance_share=share,
        time_share=time_share,
    )
    hold = Piece(max(reach_s, 0.0), end_s, middle, middle, scored=True, do="hold")
    way = Piece(0.0, reach_s, 0.0, middle, scored=False, do="press") if reach_s > 0 else None
    return Task(
        drill=drill,
        trajectory=Trajectory((way, hold) if way else (hold,), share),
        target_kpa=middle,
        rate_kpa_per_s=target.rate_kpa_per_s,
        tip_area_cm2=tip_area_cm2,
        feedback=FeedbackMode.ALWAYS,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Drills beside real presses; all in % of the target, means over attempts and presses.

    Attributes:
        attempts, presses: how many of each.
        drill_off_pct, press_off_pct: absolute error.
        drill_error_pct, press_error_pct: constant error.
        drill_inside_pct, press_inside_pct: share of the time inside.
        drill_sag_pct, press_sag_pct: sag per minute.
        sentence: for people.
    """

    attempts: int
    presses: int
    drill_off_pct: float | None
    press_off_pct: float | None
    drill_error_pct: float | None
    press_error_pct: float | None
    drill_inside_pct: float | None
    press_inside_pct: float | None
    drill_sag_pct: float | None
    press_sag_pct: float | None
    sentence: str


def compare(attempts: Sequence[AttemptRecord], presses: Sequence[AttemptScores]) -> Comparison:
    """How presses in treatment compare with drills of pressure (ramps, thresholds and releases are left out)."""
    drills = [a.scores for a in attempts if a.scores and a.counts and a.kind in LINED]

    def mean(all_scores: Sequence[AttemptScores], key: ScoreKey) -> float | None:
        values = [pct for s in all_scores if (pct := s[key].pct) is not None]
        return float(np.mean(values)) if values else None

    off = mean(drills, ScoreKey.ABSOLUTE), mean(presses, ScoreKey.ABSOLUTE)
    if off[0] is None or off[1] is None:
        sentence = "Nothing to compare yet: it takes drills and presses with a hold."
    else:
        beside = f"in treatment {off[1]:.0f} % off the band's middle"
        sentence = f"In drills you are {off[0]:.0f} % off the target, {beside}."
    error, inside, sag = (
        (mean(drills, key), mean(presses, key))
        for key in (ScoreKey.CONSTANT, ScoreKey.IN_TOLERANCE, ScoreKey.SAG)
    )
    return Comparison(len(drills), len(presses), *off, *error, *inside, *sag, sentence)
