"""The daily check: one known load, read with the calibration in force, and a log of such checks beside the file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from feedback.private_file import private, private_folder
from feedback.signal import Calibration
from firmware_bridge.calibration import file_name
from firmware_bridge.calibrator import LOADED_N
from firmware_bridge.errors import CalibrationError
from firmware_bridge.fitting import LoadPoint
from firmware_bridge.loads import GRAVITY_TOLERANCE, Load
from firmware_bridge.uncertainty import COVERAGE_FACTOR, Uncertainty

UNSTATED_PCT = 2.0
UNSTATED_N = 0.1
"""What a reading may be off where the calibration states no uncertainty: assumed."""
_COLUMNS = [
    "at_utc",
    "load",
    "load_n",
    "read_n",
    "difference_n",
    "allowed_n",
    "zero_moved_n",
    "verdict",
    "calibration",
]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        load: what was put on.
        read_n: what the sensor said, from the zero of a moment before.
        allowed_n: by how much the two may differ.
        zero_moved_n: how far that zero is from the one of the calibration, N.
        stated: the calibration states its uncertainty; otherwise `allowed_n` is an assumption.
    """

    load: Load
    read_n: float
    allowed_n: float
    zero_moved_n: float
    stated: bool

    @property
    def difference_n(self) -> float:
        """Reading less load."""
        return self.read_n - self.load.force_n

    @property
    def passed(self) -> bool:
        """The reading agrees with the load, and nothing rested on the tip at the zero."""
        return abs(self.difference_n) <= self.allowed_n and abs(self.zero_moved_n) <= LOADED_N

    @property
    def verdict(self) -> str:
        """One sentence."""
        if abs(self.zero_moved_n) > LOADED_N:
            return (
                f"The sensor felt {self.zero_moved_n:.1f} N with nothing on the tip, seen from the zero of its "
                "calibration: take everything off and check again, or calibrate again"
            )
        size = (
            f"{self.read_n:.2f} N read for {self.load.text} ({self.load.force_n:.2f} N): off by "
            f"{self.difference_n:+.2f} N, allowed is ±{self.allowed_n:.2f} N"
            + ("" if self.stated else " (assumed: the calibration states no uncertainty)")
        )
        return f"Good: {size}" if self.passed else f"Not good: {size}; check the mass, then calibrate again"


def judge(
    points: list[LoadPoint],
    load: Load,
    calibration: Calibration,
    uncertainty: Uncertainty | None,
    reference_pct: float,
    gravity_pct: float = 100 * GRAVITY_TOLERANCE,
) -> Check:
    """Compare a reading with a load.

    The two agree when their difference is within the root of the sum of the squares of their expanded uncertainties
    (k = 2), which is the criterion |E_n| ≤ 1 of comparisons between laboratories (ISO 13528).

    Args:
        points: the zero, then the load.
        load: what was put on.
        calibration: in force.
        uncertainty: that it states; None when it states none.
        reference_pct: tolerance of the mass, ± %.
        gravity_pct: tolerance of gravity, ± %.

    Raises:
        CalibrationError: the load is beyond what the calibration covers.
    """
    zero, loaded = points
    sign = math.copysign(1.0, calibration.counts_per_n)
    moved_n = (zero.counts - calibration.zero_counts) / calibration.counts_per_n
    risen = (loaded.counts - zero.counts) * sign
    read_n = risen / abs(calibration.counts_per_n)
    if calibration.curve:
        knots = np.array(calibration.curve, np.float64)
        read_n = float(np.interp(risen, knots[:, 0], knots[:, 1]))
    reference_n = (
        load.force_n / 100 * math.hypot(reference_pct, gravity_pct if load.is_mass else 0.0) / math.sqrt(3)
    )
    allowed_n = math.hypot(own_uncertainty(load, uncertainty), COVERAGE_FACTOR * reference_n)
    return Check(load, read_n, allowed_n, moved_n, uncertainty is not None)


def own_uncertainty(load: Load, uncertainty: Uncertainty | None) -> float:
    """How far a reading of this load may be off by the calibration's own doing, N, expanded (k = 2).

    Raises:
        CalibrationError: the load is beyond what the calibration covers.
    """
    if uncertainty is None:
        return UNSTATED_N + UNSTATED_PCT / 100 * load.force_n
    own_n = uncertainty.of_force(load.force_n)
    if own_n is None:
        raise CalibrationError(
            f"{load.text} is more than the largest load of the calibration: check with a smaller mass"
        )
    return own_n


def log_path(serial: str, folder: Path) -> Path:
    """The log of a sensor's checks, beside its calibration file."""
    return folder / file_name(serial).replace(".toml", ".checks.tsv")


def log(path: Path, check: Check, at: datetime, calibration: str) -> None:
    """Add a check to the log, a line of tab-separated values; a new log gets a header.

    Args:
        path: of the log; made with its folder when it is not there.
        check: what to add.
        at: when, in UTC.
        calibration: which calibration was in force.

    Raises:
        CalibrationError: it cannot be written.
    """
    row = (
        at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        check.load.text,
        f"{check.load.force_n:.4f}",
        f"{check.read_n:.4f}",
        f"{check.difference_n:+.4f}",
        f"{check.allowed_n:.4f}",
        f"{check.zero_moved_n:+.4f}",
        "good" if check.passed else "not good",
        calibration.replace("\t", " "),
    )
    try:
        private_folder(path.parent)
        with open(path, "a", encoding="utf-8", opener=private) as file:
            if file.tell() == 0:
                file.write("\t".join(_COLUMNS) + "\n")
            file.write("\t".join(row) + "\n")
    except OSError as error:
        raise CalibrationError(f"The check cannot be added to {path} ({error.strerror})") from error
