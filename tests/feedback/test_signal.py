"""Calibration: lines and curves from counts to newtons."""

from __future__ import annotations

import numpy as np
import pytest

from feedback.signal import Calibration

KNOTS = ((0.0, 0.0), (600.0, 5.0), (900.0, 20.0))


def test_a_curve_is_followed_between_its_knots_and_stays_at_its_ends() -> None:
    calibration = Calibration(100, 45, "fsr", curve=KNOTS)
    counts = np.array([0, 100, 400, 700, 850, 1000, 4000], np.int32)
    np.testing.assert_allclose(calibration.force_n(counts), [0, 0, 2.5, 5, 12.5, 20, 20])
    assert calibration.beyond(counts).tolist() == [False] * 6 + [True]


def test_a_curve_may_fall_with_load() -> None:
    calibration = Calibration(1000, -45, "divider the other way round", curve=KNOTS)
    np.testing.assert_allclose(calibration.force_n(np.array([1000, 400, 100, 1100], np.int32)), [0, 5, 20, 0])


def test_nothing_is_beyond_a_line() -> None:
    assert not Calibration(0, 1, "cell").beyond(np.array([-(2**23), 2**23 - 1], np.int32)).any()


@pytest.mark.parametrize(
    "knots",
    [
        ((0.0, 0.0),),
        ((0.0, 1.0), (2.0, 3.0)),
        ((0.0, 0.0), (2.0, 3.0), (2.0, 4.0)),
        ((0.0, 0.0), (2.0, 3.0), (3.0, 3.0)),
        ((0.0, 0.0), (float("nan"), 3.0)),
    ],
)
def test_a_curve_that_does_not_rise_is_refused(knots: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="curve"):
        Calibration(0, 1, "x", curve=knots)
