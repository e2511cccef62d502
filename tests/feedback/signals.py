"""Made-up force for the tests of the core."""

from __future__ import annotations

import numpy as np

from feedback.signal import ForceBlock

RATE_HZ = 80.0


def trapezoid(
    *,
    level_n: float,
    ramp_s: float,
    hold_s: float,
    lead_s: float = 1.0,
    tail_s: float = 1.0,
    sag_n: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Times and newtons of one press with straight edges and a straight sag."""
    corners_s = np.cumsum([0.0, lead_s, ramp_s, hold_s, ramp_s, tail_s])
    time_s = np.arange(0.0, corners_s[-1], 1 / RATE_HZ)
    return time_s, np.interp(time_s, corners_s, [0, 0, level_n, level_n - sag_n, 0, 0])


def blocks(time_s: np.ndarray, force_n: np.ndarray, size: int = 3, quality: int = 0) -> list[ForceBlock]:
    """Cut a signal into blocks."""
    return [
        ForceBlock.of(
            time_s[i : i + size], force_n[i : i + size], np.arange(i, i + len(time_s[i : i + size])), quality
        )
        for i in range(0, len(time_s), size)
    ]
