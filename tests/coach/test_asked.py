from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.band import Band
from feedback.coach import (
    CoachNow,
    FreeSettings,
    PhaseKind,
    ReleaseSettings,
    Technique,
    TechniqueKind,
    ThresholdSettings,
)
from feedback.coach.asked import asked_of
from feedback.guidance import Cue

RELEASE = Technique("r", "R", TechniqueKind.RELEASE, ReleaseSettings())
MEASURE = Technique("m", "M", TechniqueKind.THRESHOLD, ThresholdSettings(rate_kpa_per_s=98.0))
FREE = Technique("f", "F", TechniqueKind.FREE, FreeSettings())
BAND = Band(150.0, 250.0)


def now(phase: PhaseKind, technique: Technique = RELEASE, target_kpa: float | None = None) -> CoachNow:
    return CoachNow(technique, phase, "", "", "", 1, 3, 0.0, None, None, target_kpa, 0, None, "")


def asked(
    cue: Cue, coach: CoachNow | None, kpa: float | None = 200.0, *, band: Band | None = BAND, on: bool = True
):
    return asked_of(cue, coach, band, kpa, touching=on)


@given(
    st.sampled_from([Cue.STOP, Cue.NO_SIGNAL, Cue.NOT_CALIBRATED]),
    st.sampled_from(list(PhaseKind)),
    st.sampled_from([RELEASE, MEASURE, FREE]),
    st.one_of(st.none(), st.floats(0, 1000)),
    st.booleans(),
)
def test_no_technique_goes_before_stop_or_a_missing_signal(
    cue: Cue, phase: PhaseKind, technique: Technique, kpa: float | None, on: bool
) -> None:
    assert asked(cue, now(phase, technique, 200.0), kpa, on=on) is cue


@given(st.sampled_from(list(Cue)), st.sampled_from(list(PhaseKind)))
def test_without_a_technique_or_in_free_pressing_the_cue_is_that_of_the_band(
    cue: Cue, phase: PhaseKind
) -> None:
    assert asked(cue, None) is cue
    assert asked(cue, now(phase, FREE)) is cue


def test_when_the_coach_asks_to_ease_low_pressure_is_not_too_little() -> None:
    easing = now(PhaseKind.EASE, target_kpa=100.0)
    assert asked(Cue.HOLD, easing, 200.0) is Cue.EASE_OFF
    assert asked(Cue.PRESS, easing, 105.0) is Cue.HOLD


@pytest.mark.parametrize("phase", [PhaseKind.RELEASE, PhaseKind.REST])
def test_when_the_coach_asks_to_let_go_nothing_else_is_asked(phase: PhaseKind) -> None:
    assert asked(Cue.HOLD, now(phase)) is Cue.LET_GO
    assert asked(Cue.READY, now(phase), on=False) is Cue.READY


def test_a_threshold_is_looked_for_beyond_the_band() -> None:
    assert asked(Cue.EASE_OFF, now(PhaseKind.RAMP, MEASURE), 300.0) is Cue.PRESS


def test_without_a_band_the_hand_is_led_up_and_held_where_the_client_said() -> None:
    assert asked(Cue.NO_BAND, now(PhaseKind.RAMP, target_kpa=180.0), 50.0, band=None) is Cue.PRESS
    held = now(PhaseKind.HOLD, target_kpa=180.0)
    assert asked(Cue.NO_BAND, held, 178.0, band=None) is Cue.HOLD
    assert asked(Cue.NO_BAND, held, 140.0, band=None) is Cue.PRESS
    assert asked(Cue.NO_BAND, held, 210.0, band=None) is Cue.EASE_OFF


def test_a_goal_below_the_band_is_held_although_the_band_asks_for_more() -> None:
    """The client said "too much" lower than the band: the coach aims there."""
    assert asked(Cue.PRESS, now(PhaseKind.HOLD, target_kpa=130.0), 130.0) is Cue.HOLD


def test_in_the_band_the_cue_of_the_band_stands() -> None:
    for cue in (Cue.PRESS, Cue.HOLD, Cue.EASE_OFF):
        assert asked(cue, now(PhaseKind.HOLD, target_kpa=200.0)) is cue
        assert asked(cue, replace(now(PhaseKind.RAMP), target_kpa=200.0)) is cue
