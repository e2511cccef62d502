import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenarios import SITES
from sim.tissue import Tissue, TissueSettings
from tests.sim.helpers import STEP_S

STIFF = 1e4
"""A spring so hard that it sets the depth."""


@pytest.mark.parametrize("name", SITES)
def test_a_held_depth_loses_a_fifth_to_a_third_of_its_force_in_a_minute(name):
    tissue = Tissue(SITES[name].tissue, STEP_S)
    held = [tissue.press(10.0, STIFF) for _ in range(60 * 160)]

    assert 0.2 < 1 - held[-1] / held[0] < 0.34
    assert (np.diff(held) <= 1e-9).all()


@pytest.mark.parametrize("name", SITES)
def test_working_forces_press_a_plausible_depth(name):
    tissue = Tissue(SITES[name].tissue, STEP_S)
    depth = {}
    for drive in np.arange(0, 60, 0.01):
        force = tissue.press(drive, 4.0)
        for mark in (20, 40):
            if force >= mark and mark not in depth:
                depth[mark] = tissue.indentation_mm

    assert 6 < depth[20] < 25
    assert depth[20] < depth[40] < 30


def test_tissue_grows_stiffer_with_depth():
    tissue = Tissue(TissueSettings(1.2, 0.26, ()), STEP_S)
    shallow, deep = (
        [tissue.press(x, STIFF) for x in (5.0, 6.0)],
        [tissue.press(x, STIFF) for x in (10.0, 11.0)],
    )

    assert deep[1] - deep[0] > 3 * (shallow[1] - shallow[0]) > 0


def test_tissue_recovers_when_left_alone():
    tissue = Tissue(TissueSettings(1.2, 0.26), STEP_S)
    fresh = tissue.press(10.0, STIFF)
    for _ in range(60 * 160):
        tissue.press(10.0, STIFF)
    tired = tissue.press(10.0, STIFF)
    for _ in range(300 * 160):
        assert tissue.press(-5.0, STIFF) == 0.0

    assert tired < 0.8 * fresh
    assert tissue.press(10.0, STIFF) == pytest.approx(fresh, rel=0.01)


@settings(deadline=None)
@given(
    drives=st.lists(st.floats(-20, 60), min_size=1, max_size=60),
    a=st.floats(0.5, 3),
    b=st.floats(0.1, 0.5),
    spring=st.floats(1, 8),
)
def test_force_is_never_negative_and_balances_the_spring(drives, a, b, spring):
    tissue = Tissue(TissueSettings(a, b), STEP_S)
    for drive in drives:
        force = tissue.press(drive, spring)
        assert force >= 0
        if force > 0:
            assert force == pytest.approx(spring * (drive - tissue.indentation_mm), rel=1e-3, abs=1e-3)


def test_impossible_tissue_is_refused():
    with pytest.raises(ValueError, match="positive scale"):
        TissueSettings(0.0, 0.2)
