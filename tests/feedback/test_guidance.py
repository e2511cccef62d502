from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.band import Band, BandError
from feedback.guidance import HYSTERESIS, Cue, Situation, next_cue

BAND = Band(200.0, 300.0)
CEILING_KPA = 400.0


def cue(pressure_kpa: float, before: Cue = Cue.READY, **situation: bool) -> Cue:
    situation.setdefault("pressing", True)
    return next_cue(before, Situation(pressure_kpa, **situation), BAND, CEILING_KPA)


@pytest.mark.parametrize(
    ("pressure_kpa", "expected"),
    [
        (50, Cue.PRESS),
        (199, Cue.PRESS),
        (200, Cue.HOLD),
        (300, Cue.HOLD),
        (301, Cue.EASE_OFF),
        (400, Cue.STOP),
    ],
)
def test_the_cue_says_where_the_pressure_is_against_the_band(pressure_kpa, expected):
    assert cue(pressure_kpa) is expected


def test_too_much_is_said_at_the_edge_and_taken_back_only_below_it():
    assert cue(300.5, Cue.HOLD) is Cue.EASE_OFF
    assert cue(300 * (1 - HYSTERESIS) + 1, Cue.EASE_OFF) is Cue.EASE_OFF
    assert cue(300 * (1 - HYSTERESIS) - 1, Cue.EASE_OFF) is Cue.HOLD


def test_tremor_around_the_lower_edge_does_not_flicker():
    assert cue(200 * (1 - HYSTERESIS) + 1, Cue.HOLD) is Cue.HOLD
    assert cue(200 * (1 - HYSTERESIS) - 1, Cue.HOLD) is Cue.PRESS


@given(st.floats(0, 2000), st.sampled_from(list(Cue)))
def test_at_or_above_the_ceiling_the_cue_is_always_stop(pressure_kpa, before):
    if pressure_kpa >= CEILING_KPA:
        assert cue(pressure_kpa, before) is Cue.STOP


@given(st.floats(0, 2000), st.sampled_from(list(Cue)))
def test_without_a_fresh_sample_nothing_is_advised(pressure_kpa, before):
    assert cue(pressure_kpa, before, live=False) is Cue.NO_SIGNAL
    assert cue(pressure_kpa, before, calibrated=False) is Cue.NOT_CALIBRATED


def test_the_sensors_limit_and_the_clients_stop_stop_the_hand():
    assert cue(250, Cue.HOLD, saturated=True) is Cue.STOP
    assert cue(250, Cue.HOLD, stopped=True) is Cue.STOP


def test_without_a_band_only_the_ceiling_speaks():
    pressing = Situation(250.0, pressing=True)
    assert next_cue(Cue.READY, pressing, None, CEILING_KPA) is Cue.NO_BAND
    assert next_cue(Cue.READY, Situation(450.0, pressing=True), None, CEILING_KPA) is Cue.STOP
    assert next_cue(Cue.READY, Situation(0.0, pressing=False), None, CEILING_KPA) is Cue.READY


@pytest.mark.parametrize(("lower", "upper"), [(300, 200), (200, 200), (0, 100), (-5, 5), (1, float("inf"))])
def test_a_band_that_cannot_be_is_refused(lower, upper):
    with pytest.raises(BandError):
        Band(lower, upper)
