"""The ceiling's alarm, and what is taken back."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.band import Band, GoodPainBand, LearnedBand
from feedback.band.source import SetBand
from feedback.comfort import Report, ReportKind
from feedback.guidance import HYSTERESIS, Cue
from feedback.points import Point
from feedback.session import Session
from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind, Quality
from feedback.view import Place
from tests.feedback.signals import blocks, trapezoid
from tests.feedback.test_session import Written

STEP_S = 1 / 80


def place():
    return Place(uuid4(), "K-07", Point("upper trapezius", "left", "1"), "probe", 1.0)


@pytest.fixture
def journal():
    return Written()


@pytest.fixture
def session(journal):
    session = Session(place(), journal, SetBand(Band(150.0, 250.0)), start_s=0.0, ceiling_kpa=300.0)
    time_s, force_n = trapezoid(level_n=20.0, ramp_s=2.0, hold_s=8.0)
    for block in blocks(time_s, force_n, 1):
        if block.time_s[-1] > 6.0:
            break
        session.feed(block)
    return session


def feed(session, start_s, *force_n, quality=0):
    """One block from `start_s` on."""
    session.feed(ForceBlock.of(start_s + STEP_S * np.arange(len(force_n)), force_n, quality=quality))


def alarms(journal):
    return [values for values in journal.of("event") if values[0] == "ceiling reached"]


def test_the_alarm_stands_from_the_first_sample_at_the_ceiling(session, journal):
    feed(session, 6.0, 29.9)
    assert session.alarm is None
    feed(session, 6.0125, 30.0)
    assert session.alarm.since_s == 6.0125
    assert session.cue is Cue.STOP
    assert session.view(6.0125).alarm == session.alarm
    assert alarms(journal) == [], "an alarm is written down once it is over"


def test_one_sample_within_a_block_is_enough_and_cannot_be_missed(session):
    feed(session, 6.0, 20.0, 31.0, 20.0, 20.0)
    assert session.alarm.since_s == pytest.approx(6.0125)
    assert session.alarm.peak_kpa == pytest.approx(310)
    assert session.cue is Cue.STOP


def test_it_stays_until_the_hand_is_back_by_the_hysteresis_and_is_kept_once_with_its_peak(session, journal):
    feed(session, 6.0, 31.0)
    for i in range(1, 20):
        feed(session, 6.0 + i * STEP_S, 32.0 if i == 3 else 29.5)
    assert session.alarm is not None
    assert session.cue is Cue.STOP
    for i in range(20, 30):
        feed(session, 6.0 + i * STEP_S, 28.9)
    assert session.alarm is None
    assert session.cue is Cue.EASE_OFF
    ((_, since_s, text),) = alarms(journal)
    assert since_s == 6.0
    assert "peak_kpa=320.0" in text


def test_letting_go_ends_it_at_once_and_a_second_time_is_a_second_alarm(session, journal):
    feed(session, 6.0, 31.0)
    feed(session, 6.0125, 0.0)
    assert session.alarm is None
    feed(session, 6.025, 31.0)
    feed(session, 6.0375, 0.0)
    assert len(alarms(journal)) == 2


def test_a_sensor_at_its_limit_above_the_ceiling_is_an_alarm(session):
    feed(session, 6.0, 35.0, quality=int(Quality.SATURATED))
    assert session.alarm.peak_kpa == 350


def test_the_ceiling_is_kept_from_the_reference_zero(session):
    hidden = Calibration(0.0, 1000.0, "sensor", tared_under_load=True, zero_load_n=10.0)
    session.notice(Notice(NoticeKind.CALIBRATED, 6.0, calibration=hidden))
    feed(session, 6.0, 20.0)
    assert session.alarm is not None


def test_a_zero_set_beyond_the_ceiling_is_one_long_alarm_until_the_tip_is_off(session, journal):
    hidden = Calibration(0.0, 1000.0, "sensor", tared_under_load=True, zero_load_n=40.0)
    session.notice(Notice(NoticeKind.CALIBRATED, 6.0, calibration=hidden))
    for i in range(40):
        feed(session, 6.0 + i * STEP_S, 0.2)
    assert session.alarm.since_s == 6.0
    for i in range(40, 50):
        feed(session, 6.0 + i * STEP_S, -40.0)
    assert session.alarm is None
    assert len(alarms(journal)) == 1


@pytest.mark.parametrize("leave", ["lost", "gap", "go_to", "end"])
def test_an_alarm_that_stands_is_kept_when_the_hand_is_out_of_sight(session, journal, leave):
    feed(session, 6.0, 31.0)
    if leave == "lost":
        session.notice(Notice(NoticeKind.SIGNAL_LOST, 6.5))
    elif leave == "gap":
        feed(session, 8.0, 20.0)
    elif leave == "go_to":
        session.go_to(place(), SetBand(None), 300.0, 6.1)
    else:
        session.end(6.1, {})
    assert session.alarm is None
    assert len(alarms(journal)) == 1


def test_pressing_on_above_another_points_ceiling_is_an_alarm_there(session):
    session.go_to(place(), SetBand(None), 150.0, 6.1)
    feed(session, 6.2, 20.0)
    assert session.alarm is not None


@given(st.lists(st.floats(0, 40), min_size=1, max_size=60), st.integers(1, 7))
def test_whatever_the_force_the_alarm_tells_the_truth(force_n, size):
    journal = Written()
    session = Session(place(), journal, SetBand(None), start_s=0.0, ceiling_kpa=300.0)
    force = np.float32(force_n)
    for i in range(0, len(force), size):
        part = force[i : i + size]
        before = session.alarm
        feed(session, i * STEP_S, *part)
        kpa = part.astype(np.float64) * 10
        if (kpa >= 300).any():
            assert session.alarm is not None
            assert session.alarm.peak_kpa >= kpa.max()
        elif before is None:
            assert session.alarm is None
        if session.alarm is not None:
            assert session.cue is Cue.STOP
        elif before is not None:
            last_tenth_s = force[max(0, i + len(part) - 8) : i + len(part)] * 10.0
            assert last_tenth_s.max() < 300 * (1 - HYSTERESIS) or kpa[-1] < 10
    session.end(10.0, {})
    assert session.alarm is None


# -- taking back ---------------------------------------------------------------------------------------------------


def say(session, kind, time_s, source="therapist"):
    return session.report(Report(kind, time_s, source=source))


@pytest.mark.parametrize("source", ["client", "simulated client"])
def test_undo_takes_what_was_just_typed_whatever_the_client_has_said_since(session, source):
    typed = say(session, ReportKind.GOOD, 5.0)
    say(session, ReportKind.TOO_MUCH, 6.0, source)
    assert session.undo(6.5).report_id == typed.report_id


def test_a_slip_of_the_clients_own_button_is_taken_back_while_it_is_new(session):
    say(session, ReportKind.GOOD, 1.0)
    slip = say(session, ReportKind.TOO_LITTLE, 20.0, "client")
    assert session.undo(25.0).report_id == slip.report_id


def test_what_the_client_said_longer_ago_stands(session):
    typed = say(session, ReportKind.GOOD, 1.0)
    say(session, ReportKind.TOO_LITTLE, 20.0, "client")
    assert session.undo(31.0).report_id == typed.report_id
    assert session.undo(32.0) is None


def test_a_simulated_clients_words_are_never_slips(session):
    say(session, ReportKind.TOO_MUCH, 6.0, "simulated client")
    assert session.undo(6.1) is None


def learned_session():
    learner = LearnedBand(GoodPainBand.start(ceiling_kpa=400.0))
    session = Session(place(), Written(), learner, start_s=0.0, ceiling_kpa=400.0)
    time_s, force_n = trapezoid(level_n=20.0, ramp_s=2.0, hold_s=8.0)
    for block in blocks(time_s, force_n, 4):
        if block.time_s[-1] > 6.0:
            break
        session.feed(block)
    return session, learner


def test_the_band_forgets_what_is_taken_back_and_keeps_what_was_said_after_it():
    session, learner = learned_session()
    say(session, ReportKind.TOO_MUCH, 5.9)
    say(session, ReportKind.GOOD, 5.95, "client")
    session.undo(6.0)
    other, expected = learned_session()
    say(other, ReportKind.GOOD, 5.95, "client")
    assert learner.model.told.verdicts == expected.model.told.verdicts == 1
    assert learner.model.band().stay_below_kpa == pytest.approx(
        expected.model.band().stay_below_kpa, rel=0.02
    )


def test_a_stop_after_what_is_taken_back_still_stops_and_going_on_still_goes_on():
    session, learner = learned_session()
    say(session, ReportKind.GOOD, 5.9)
    say(session, ReportKind.STOP, 5.95, "client")
    session.undo(6.0)
    assert session.view(6.0).waits
    assert session.view(6.0).bounds.target_kpa is None
    session, learner = learned_session()
    say(session, ReportKind.GOOD, 5.9)
    say(session, ReportKind.STOP, 5.95, "client")
    session.resume(6.0)
    session.undo(6.0)
    assert not session.view(6.0).waits
    assert learner.model.told.stops == 1
    assert session.view(6.0).bounds.target_kpa is not None


def test_of_two_stops_one_that_is_taken_back_leaves_the_other(session):
    say(session, ReportKind.STOP, 5.9, "client")
    say(session, ReportKind.STOP, 6.0)
    session.undo(6.1)
    assert session.view(6.0).waits
