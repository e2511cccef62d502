from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.units import PRESSURE_UNITS, pressure_kpa_of, pressure_unit


@pytest.mark.parametrize(
    ("name", "kpa"), [("kg/cm2", 98.0665), ("N/cm²", 10), ("kPa", 1), ("psi", 6.894757), ("kgf/cm2", 98.0665)]
)
def test_units_have_their_exact_size(name, kpa):
    assert pressure_unit(name).kpa == pytest.approx(kpa, rel=1e-6)


@given(st.sampled_from(list(PRESSURE_UNITS.values())), st.floats(0, 1e4))
def test_a_pressure_survives_the_way_there_and_back(unit, pressure_kpa):
    assert unit.to_kpa(unit.from_kpa(pressure_kpa)) == pytest.approx(pressure_kpa)


def test_one_newton_on_one_square_centimetre_is_ten_kilopascals():
    assert pressure_kpa_of(1.0, 1.0) == 10.0
    with pytest.raises(ValueError, match="larger than 0"):
        pressure_kpa_of(1.0, 0.0)


def test_an_unknown_unit_lists_those_there_are():
    with pytest.raises(ValueError, match="kg/cm2"):
        pressure_unit("furlong")
