"""What the two faces say of the same moment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.comfort import ReportKind
from feedback.guidance import Cue
from feedback.units import KG_PER_CM2, PRESSURE_UNITS
from tests.mirror.views import pressed
from tui.mirror.faces import FaceKind, coach_of, cue_of, line_of, picture_of, place_of, rated_of, said_of
from tui.mirror.reader import Seen, SeenState
from tui.mirror.snapshot import CoachLine, Snapshot, snapshot_of

COACH = CoachLine("Sustained release", "hold", "hold", "ease off", 2, 3, 34.2, 60.0, "")
NOW = snapshot_of(pressed(said=(ReportKind.TOO_MUCH, None)))


def seen(now: Snapshot) -> Seen:
    return Seen(SeenState.SESSION, now, "ab", 1)


def shown(now: Snapshot, kind: FaceKind, unit=KG_PER_CM2) -> str:
    """Every word of a face, but for the 0-10 scale."""
    cue = cue_of(seen(now), kind, unit)
    words = [cue.face.word, cue.detail, place_of(seen(now), kind)]
    picture = picture_of(now, kind, unit, figure=kind is FaceKind.OBSERVER)
    words += [picture.pointer, *(label.text for label in picture.labels)]
    coach, said = coach_of(now, kind), said_of(now, kind)
    return " ".join([*words, coach.words, *coach.caption, said.words, *said.caption])


moments = st.builds(
    replace,
    st.just(NOW),
    cue=st.sampled_from(Cue),
    live=st.booleans(),
    calibrated=st.booleans(),
    saturated=st.booleans(),
    alarm=st.booleans(),
    stopped=st.booleans(),
    waits=st.booleans(),
    pressure_kpa=st.none() | st.floats(-10, 3000),
    lower_kpa=st.none() | st.floats(1, 900),
    upper_kpa=st.none() | st.floats(1, 900),
    stay_below_kpa=st.none() | st.floats(1, 900),
    hold_s=st.none() | st.floats(0, 100),
    said=st.sampled_from(["", "too much", "10/10", "3/10"]),
    coach=st.none()
    | st.builds(
        replace,
        st.just(COACH),
        phase=st.sampled_from(["ready", "ramp", "hold", "ease", "rest", "release", "done"]),
        of_s=st.none() | st.floats(1, 90),
    ),
)


@given(moments, st.sampled_from(list(PRESSURE_UNITS.values())))
def test_the_clients_face_has_no_figure(now: Snapshot, unit):
    assert not any(character.isdigit() for character in shown(now, FaceKind.CLIENT, unit))


@given(moments, st.sampled_from(FaceKind))
def test_a_moment_that_is_not_live_shows_no_pressure_and_one_that_must_stop_nothing_else(now: Snapshot, kind):
    cue = cue_of(seen(now), kind, KG_PER_CM2)
    if now.stopped or (now.live and (now.alarm or now.cue is Cue.STOP)):
        assert (cue.face.word, cue.whole) == ("STOP", True)
    elif not now.live:
        assert (cue.face.word, cue.whole) == ("NO SIGNAL", True)


def test_an_observer_sees_the_edges_the_ceiling_and_the_pressure():
    text = shown(NOW, FaceKind.OBSERVER)
    for figure in (
        "1.53",
        "2.55",
        "stop 3.57",
        "2.04 kg/cm²",
        "K-07 · upper trapezius, left, 1 · probe 1 cm²",
    ):
        assert figure in text


@pytest.mark.parametrize(
    ("cue", "observer", "client"),
    [
        (Cue.PRESS, "PRESS", "LITTLE"),
        (Cue.HOLD, "HOLD", "GOOD"),
        (Cue.EASE_OFF, "EASE OFF", "MUCH"),
        (Cue.READY, "READY", "REST"),
        (Cue.NOT_CALIBRATED, "NOT CALIBRATED", "NOT CALIBRATED"),
    ],
)
def test_the_hand_is_told_what_to_do_and_the_client_where_the_pressure_stands(cue, observer, client):
    now = replace(NOW, cue=cue)
    assert cue_of(seen(now), FaceKind.OBSERVER, KG_PER_CM2).face.word == observer
    assert cue_of(seen(now), FaceKind.CLIENT, KG_PER_CM2).face.word == client


def test_after_the_stop_both_are_told_to_wait():
    now = replace(NOW, waits=True, cue=Cue.READY)
    assert line_of(seen(now), FaceKind.OBSERVER, KG_PER_CM2).startswith(
        "2.04 kg/cm², WAIT, the client said stop"
    )
    assert "you said stop" in line_of(seen(now), FaceKind.CLIENT, KG_PER_CM2)


def test_what_was_said_grows_old():
    assert said_of(NOW, FaceKind.OBSERVER).caption == ("said 1 s ago",)
    assert said_of(NOW, FaceKind.CLIENT).caption == ("said just now",)
    assert not said_of(NOW, FaceKind.OBSERVER).old
    later = NOW.later(60)
    assert said_of(later, FaceKind.OBSERVER).old
    assert said_of(later, FaceKind.OBSERVER).caption == ("said 1 min ago",)
    assert said_of(later, FaceKind.CLIENT).caption == ("said a while ago",)


def test_a_rating_stands_on_the_clients_scale_and_nowhere_else():
    now = snapshot_of(pressed(said=(ReportKind.RATING, 6)))
    assert said_of(now, FaceKind.OBSERVER).words == "6/10"
    assert said_of(now, FaceKind.CLIENT).words == ""
    assert rated_of(replace(now, prompt="")) == "you said 6 just now"
    assert "from 0 to 10?" in rated_of(replace(now, prompt="Ask"))


def test_the_phase_stands_with_its_time_and_round():
    words = coach_of(replace(NOW, coach=COACH), FaceKind.OBSERVER)
    assert (words.words, words.share) == ("hold", pytest.approx(0.57))
    assert words.caption == ("hold 34 of 60 s", "round 2 of 3", "then ease off")
    ramp = replace(COACH, phase="ramp", of_s=None, rate="slower")
    assert "slower!" in coach_of(replace(NOW, coach=ramp), FaceKind.OBSERVER).caption


def test_a_session_of_another_version_says_so():
    cue = cue_of(Seen(SeenState.NO_SIGNAL, problem="other version"), FaceKind.CLIENT, KG_PER_CM2)
    assert (cue.face.word, cue.detail) == ("NO SIGNAL", "other version")
