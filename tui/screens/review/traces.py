"""Stored samples as a chart takes them, with what is wrong with them in words. Pure, no screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from feedback.press import is_force
from feedback.signal import Quality
from feedback.units import pressure_kpa_of
from tui.scale import Axis, counts_axis, pressure_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.signal import ForceBlock
    from feedback.units import PressureUnit

SILENCE_S = 0.35
"""Samples further apart than this have lost the signal in between, as on the live chart."""
_NAMED = {
    Quality.SATURATED: "saturated: the true pressure is at least this",
    Quality.UNCALIBRATED: "uncalibrated: no pressure is known",
    Quality.TARED_UNDER_LOAD: "the zero was set under load: reads too low",
    Quality.CLOCK_RESTART: "the sensor's clock restarted",
}


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A run of samples.

    Attributes:
        time_s: float64 (n,), seconds from the start of the session.
        value: float64 (n,), kPa, or raw counts where nothing is calibrated; NaN where there is no force.
        suspect: bool (n,), not to be trusted.
        quality: uint8 (n,), `Quality` flags.
        calibrated: `value` is kPa.
        losses: (time, samples lost just before it), in order.
    """

    time_s: NDArray[np.float64]
    value: NDArray[np.float64]
    suspect: NDArray[np.bool_]
    quality: NDArray[np.uint8]
    calibrated: bool
    losses: tuple[tuple[float, int], ...] = ()

    def between(self, start_s: float, end_s: float) -> slice:
        """The samples after `start_s` up to `end_s`."""
        first, stop = np.searchsorted(self.time_s, [start_s, end_s], side="right").tolist()
        return slice(first, stop)

    def at(self, time_s: float) -> float | None:
        """The value then; None where there was no signal or no force."""
        index = int(np.searchsorted(self.time_s, time_s, side="right")) - 1
        if index < 0 or time_s - self.time_s[index] > SILENCE_S or not np.isfinite(self.value[index]):
            return None
        return float(self.value[index])

    @property
    def highest(self) -> float:
        """Largest value; 0 without any."""
        finite = self.value[np.isfinite(self.value)]
        return float(finite.max()) if len(finite) else 0.0


def trace_of(blocks: Sequence[ForceBlock], tip_area_cm2: float) -> Trace:
    """Blocks of one session as one trace: pressures where any sample is calibrated, else counts."""
    if not blocks:
        return Trace(np.empty(0), np.empty(0), np.empty(0, bool), np.empty(0, np.uint8), calibrated=True)
    time_s = np.concatenate([block.time_s for block in blocks])
    force_n = np.concatenate([block.force_n for block in blocks]).astype(np.float64)
    quality = np.concatenate([block.quality for block in blocks])
    calibrated = bool(np.isfinite(force_n).any())
    value = (
        force_n * pressure_kpa_of(1.0, tip_area_cm2)
        if calibrated
        else np.concatenate([block.counts for block in blocks]).astype(np.float64)
    )
    losses = tuple((float(block.time_s[0]), block.lost) for block in blocks if block.lost and len(block))
    suspect = ~is_force(quality) if calibrated else np.zeros(len(quality), bool)
    return Trace(time_s, value, suspect, quality, calibrated, losses)


def troubles(trace: Trace) -> list[tuple[float, str]]:
    """When something was wrong, and what, in order of time: the beginning of each run of a flag, losses, silences."""
    found: list[tuple[float, str]] = []
    for flag, words in _NAMED.items():
        raised = (trace.quality & flag) != 0
        begins = raised & ~np.concatenate(([False], raised[:-1]))
        found += [(float(at), words) for at in trace.time_s[begins]]
    found += [(at, f"{lost} {'sample' if lost == 1 else 'samples'} lost") for at, lost in trace.losses]
    steps = np.diff(trace.time_s)
    found += [
        (float(trace.time_s[i]), f"no signal for {steps[i]:.1f} s") for i in np.flatnonzero(steps > SILENCE_S)
    ]
    return sorted(found)


def axis_for(traces: Sequence[Trace], unit: PressureUnit, *levels_kpa: float | None) -> Axis:
    """One axis on which all these traces, and levels such as band edges, have room: it does not change in a replay."""
    if not any(trace.calibrated for trace in traces):
        return counts_axis()
    highest = max([trace.highest for trace in traces if trace.calibrated], default=0.0)
    wanted = [highest, *(level for level in levels_kpa if level is not None)]
    return pressure_axis(unit, floor_kpa=min(max(100.0, 1.06 * max(wanted)), 3000.0))


def thinned(trace: Trace, most: int) -> Trace:
    """At most so many samples, each the highest of its run, suspect where any of the run was: for whole visits."""
    n = len(trace.time_s)
    each = -(-n // most)
    if each <= 1:
        return trace
    starts = np.arange(0, n, each)
    filled = np.where(np.isfinite(trace.value), trace.value, -np.inf)
    value = np.maximum.reduceat(filled, starts)
    return Trace(
        trace.time_s[starts],
        np.where(np.isfinite(value), value, np.nan),
        np.logical_or.reduceat(trace.suspect, starts),
        np.bitwise_or.reduceat(trace.quality, starts),
        trace.calibrated,
        trace.losses,
    )
