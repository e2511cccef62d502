"""Which calibration is in force: what the user gave, a file, or the sensor's own word; and the zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback.signal import Calibration, Quality
from firmware_bridge import calibration as files
from firmware_bridge.dialects.heard import told_so_far
from firmware_bridge.errors import CalibrationError, TareError

LOADED_N = 2.0
"""Further than this from the sensor's first zero, something rests on the tip."""
MOVING_N = 0.3
"""Standard deviation above which the force is not at rest; a load cell's own noise is a tenth of it."""


class Calibrator:
    """Applies the calibration in force, and changes it as META and tares come.

    In order: the one given at opening, the file of the sensor's serial number, the sensor's META, none. A zero
    that the user set stays through META that repeats itself; META with another zero replaces it.
    """

    def __init__(
        self,
        given: Calibration | files.CalibrationFile | None,
        folder: Path | None,
        source: str = "",
        *,
        max_age_days: float = files.MAX_AGE_DAYS,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Begin without META.

        Args:
            given: goes before everything else.
            folder: holds calibration files by serial number.
            source: what to call a `CalibrationFile` that was given.
            max_age_days: an older file is warned about.
            today: the day on which the age is judged.
        """
        self.meta: dict[str, str] = {}
        self.warning = ""
        """What is known against the file in force: not accepted, or old."""
        self._max_age_days = max_age_days
        self._today = today
        self._mismatch = ""
        self._resolution: float | None = None
        self._given_serial = ""
        if isinstance(given, files.CalibrationFile):
            self._given_serial = given.serial
            self._resolution = given.resolution
            self.warning = given.warning(today(), max_age_days)
            given = given.calibration(source)
        self._given = given
        self._folder = folder
        self._from_file: Calibration | None = None
        self._file_is_bad = False
        self._base = self._given
        self._adc_min = -math.inf
        self._adc_max = math.inf
        self.current = self._given
        """The calibration in force; None when there is none."""

    @property
    def problem(self) -> str:
        """What is wrong with the calibration, in one sentence; empty when nothing is."""
        return self._mismatch or self.warning

    def take_meta(self, values: dict[str, str]) -> None:
        """Take what the sensor says about itself; changes `current`, `meta` and `problem`."""
        before = self.meta
        if values.get("serial", before.get("serial")) != before.get("serial"):
            self._greet(values.get("serial", ""))
            self.meta = dict(values)
        else:
            self.meta = told_so_far(before, values)
            self._follow_zero(
                _number(before, "zero_counts", math.nan), _number(self.meta, "zero_counts", math.nan)
            )
        self._adc_min = _number(self.meta, "adc_min", -math.inf)
        self._adc_max = _number(self.meta, "adc_max", math.inf)
        base = self._best()
        if base == self._base:
            return
        rescaled = any(before.get(key) != self.meta.get(key) for key in ("resolution", "unit"))
        self.current = _with_zero_kept(self.current, self._base, base, rescaled=rescaled)
        self._base = base

    def _follow_zero(self, before: float, now: float) -> None:
        """A zero set at the sensor itself moves the zero of a calibration from elsewhere too: counts are counts."""
        if math.isnan(before) or math.isnan(now) or before == now:
            return
        if self._given is not None:
            self._given = _with_forces(self._given, zero_counts=now) or self._given
        if self._from_file is not None:
            self._from_file = _with_forces(self._from_file, zero_counts=now) or self._from_file

    def _greet(self, serial: str) -> None:
        """Another sensor than before, or the first word of it."""
        self._mismatch = ""
        self._from_file, self._file_is_bad = None, False
        if self._given is None:
            self.warning, self._resolution = "", None
        if self._given is None:
            self._base = self.current = None
            self._load(serial)
        elif self._given_serial and serial and serial != self._given_serial:
            self._mismatch = (
                f"The calibration given is of sensor {self._given_serial}, but this is {serial}: "
                "its forces may be wrong, so calibrate this one"
            )

    def _load(self, serial: str) -> None:
        path = files.find(serial, self._folder) if self._folder else None
        if path is None:
            return
        try:
            content = files.load(path)
        except CalibrationError as error:
            # Not the sensor's own word instead: it was calibrated anew for a reason.
            self._mismatch = f"{error}; the force stays uncalibrated until the file is mended or removed"
            self._file_is_bad = True
            return
        if content.serial != serial:
            self._mismatch = (
                f"The calibration file {path} is of sensor {content.serial}, so it is not used for {serial}"
            )
            return
        self._from_file = content.calibration(path.name)
        self._resolution = content.resolution
        self.warning = content.warning(self._today(), self._max_age_days)

    def _best(self) -> Calibration | None:
        if self._given is not None or self._from_file is not None or self._file_is_bad:
            return self._rescaled(self._given or self._from_file)
        counts_per_n = _number(self.meta, "counts_per_n", 0.0)
        if counts_per_n == 0.0:
            return None
        unit = self.meta.get("unit")
        source = f"unit {unit} on the line" if unit and "proto" not in self.meta else "sensor"
        said = Calibration(_number(self.meta, "zero_counts", 0.0), counts_per_n, source)
        return said if files.has_forces(said) else None

    def _rescaled(self, calibration: Calibration | None) -> Calibration | None:
        """The calibration in the counts of now, where the line has come to send more or fewer decimals.

        None when there are none such: no line has so many.
        """
        now = _number(self.meta, "resolution", 0.0)
        if calibration is None or self._resolution is None or now <= 0 or now == self._resolution:
            return calibration
        factor = now / self._resolution
        return _with_forces(
            calibration,
            zero_counts=calibration.zero_counts * factor,
            counts_per_n=calibration.counts_per_n * factor,
            curve=tuple((counts * factor, newtons) for counts, newtons in calibration.curve),
        )

    def apply(
        self, counts: NDArray[np.int32], quality: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Force in newtons (n,) of raw counts (n,), and the quality (n,) with what calibration adds to it."""
        flags = quality.copy()
        flags[(counts <= self._adc_min) | (counts >= self._adc_max)] |= np.uint8(Quality.SATURATED)
        if self.current is None:
            flags |= np.uint8(Quality.UNCALIBRATED)
            return np.full(len(counts), np.nan, np.float32), flags
        if self.current.tared_under_load:
            flags |= np.uint8(Quality.TARED_UNDER_LOAD)
        # Beyond the end of a curve the force is only known to be at least that of its end.
        flags[self.current.beyond(counts)] |= np.uint8(Quality.SATURATED)
        return self.current.force_n(counts), flags

    def tare(self, counts: NDArray[np.int32], *, under_load: bool) -> Calibration:
        """Set the zero to the mean of `counts` (n,), n > 0.

        Being loaded is judged from the zero that the calibration came with, so that taring again and again cannot
        creep away from it.

        Raises:
            TareError: there is no calibration, the force moves, or (without `under_load`) something presses.
        """
        if self.current is None or self._base is None:
            raise TareError("A sensor without calibration has no zero to set: calibrate it first")
        mean_counts = float(counts.mean())
        if float(self.current.force_n(counts).std()) > MOVING_N:
            raise TareError(
                "The force is moving, so the zero was not set: lay the sensor down or hold it still"
            )
        load_n = self._load_n(mean_counts)
        if abs(load_n) > LOADED_N and not under_load:
            raise TareError(
                f"The sensor feels {load_n:.1f} N from its own zero, so the zero was not set: take everything off the "
                "tip, or say that it shall be set under load"
            )
        self.current = replace(
            self.current, zero_counts=mean_counts, tared_under_load=under_load, zero_load_n=load_n
        )
        return self.current

    def _load_n(self, mean_counts: float) -> float:
        """Newtons from the reference zero; a curve is a line below its zero, so that nothing hides there."""
        assert self._base is not None
        line_n = (mean_counts - self._base.zero_counts) / self._base.counts_per_n
        if not self._base.curve or line_n < 0:
            return line_n
        return float(self._base.force_n(np.array([round(mean_counts)], np.int32))[0])


def _with_zero_kept(
    current: Calibration | None, old: Calibration | None, new: Calibration | None, *, rescaled: bool
) -> Calibration | None:
    """`new` with the zero that the user set on top of `old`, unless `new` brings another zero."""
    if current is None or old is None or new is None or current == old or new.zero_counts != old.zero_counts:
        return new
    # With another unit or resolution of the line the same newtons are another number of counts.
    factor = new.counts_per_n / old.counts_per_n if rescaled else 1.0
    zero = old.zero_counts + (current.zero_counts - old.zero_counts) * factor
    kept = _with_forces(
        new, zero_counts=zero, tared_under_load=current.tared_under_load, zero_load_n=current.zero_load_n
    )
    return kept or new


def _with_forces(calibration: Calibration, **changes: Any) -> Calibration | None:
    """The calibration with these changes; None when it would have no forces any more: a sensor may say anything."""
    try:
        changed = replace(calibration, **changes)
    except ValueError:
        return None
    return changed if files.has_forces(changed) else None


def _number(meta: dict[str, str], key: str, default: float) -> float:
    """A number of the META; what is missing or no finite number counts as not said."""
    try:
        value = float(meta[key])
    except (KeyError, ValueError):
        return default
    return value if math.isfinite(value) else default
