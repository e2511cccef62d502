from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.coach import RateCue
from feedback.coach.rate import RateMeter, Slope


@given(st.floats(-200, 200), st.floats(10, 1000), st.floats(0, 1e5), st.integers(3, 300))
def test_the_slope_of_a_straight_line_is_found_however_it_is_cut(slope, rate_hz, start_s, n):
    time_s = start_s + np.arange(n) / rate_hz
    kpa = 50 + slope * (time_s - start_s)
    running = Slope(start_s)
    for part in np.array_split(np.arange(n), 3):
        running.feed(time_s[part], kpa[part])
    assert running.kpa_per_s == pytest.approx(slope, rel=1e-3, abs=1e-2)


def test_too_few_samples_have_no_slope():
    running = Slope(0.0)
    running.feed(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert running.kpa_per_s is None
    running.feed(np.array([2.0]), np.array([2.0]))
    assert running.kpa_per_s is not None
    meter = RateMeter()
    meter.feed(np.array([0.0, 0.1, 0.2]), np.array([0.0, 3.0, 6.0]))
    assert meter.now(30.0, 0.3, slow_is_good=False) is None


@pytest.mark.parametrize("rate_hz", [40, 80, 1000])
def test_tremor_does_not_move_the_cue_and_the_cue_does_not_flicker_at_an_edge(rate_hz):
    meter, cues = RateMeter(), []
    time_s = np.arange(0, 6, 1 / rate_hz)
    kpa = 39.5 * time_s * (1 + 0.01 * np.sin(2 * np.pi * 9.3 * time_s))
    step = max(1, rate_hz // 80)
    for i in range(0, len(time_s), step):
        meter.feed(time_s[i : i + step], kpa[i : i + step])
        if now := meter.now(30.0, 0.3, slow_is_good=False):
            cues.append(now.cue)
            assert now.now_kpa_per_s == pytest.approx(39.5, abs=6)
    changes = sum(a is not b for a, b in pairwise(cues))
    assert set(cues) <= {RateCue.GOOD, RateCue.SLOWER}
    assert changes <= 6
