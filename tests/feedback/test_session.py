from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest

from feedback.band import Band, GoodPainBand, LearnedBand
from feedback.band.source import SetBand
from feedback.comfort import Report, ReportKind
from feedback.guidance import Cue
from feedback.points import Point
from feedback.session import Session
from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind, Quality
from feedback.view import Place
from tests.feedback.signals import blocks, trapezoid


class Written:
    """A journal that keeps what it is told."""

    def __init__(self):
        self.rows = []

    def __getattr__(self, kind):
        def write(*values):
            self.rows.append((kind, values))
            return uuid4()

        return write

    def of(self, kind):
        return [values for name, values in self.rows if name == kind]


def place(muscle="upper trapezius"):
    return Place(uuid4(), "K-07", Point(muscle, "left", "1"), "probe", 1.0)


@pytest.fixture
def journal():
    return Written()


@pytest.fixture
def session(journal):
    return Session(place(), journal, SetBand(Band(150.0, 250.0)), start_s=0.0, ceiling_kpa=300.0)


def play(session, *, level_n=20.0, hold_s=8.0, until_s=None, ramp_s=2.0):
    time_s, force_n = trapezoid(level_n=level_n, ramp_s=ramp_s, hold_s=hold_s)
    view = None
    for block in blocks(time_s, force_n, 1):
        if until_s is not None and block.time_s[-1] > until_s:
            break
        session.feed(block)
        view = session.view(float(block.time_s[-1]))
    return view


def test_the_journal_is_written_before_anything_is_shown(session, journal):
    session.feed(ForceBlock.of([0.0], [1.0]))
    assert [kind for kind, _ in journal.rows] == ["point", "band", "samples"]


def test_a_view_holds_the_pressure_now_and_the_press_that_goes_on(session):
    view = play(session, until_s=6.0)
    assert view.live
    assert view.pressure_kpa == pytest.approx(200)
    assert view.cue is Cue.HOLD
    assert view.press.hold_s == pytest.approx(3.2, abs=0.3)
    assert view.press.time_in_band_s == pytest.approx(3.5, abs=0.1)


def test_a_value_older_than_three_sample_periods_is_no_signal(session):
    play(session, until_s=6.0)
    assert session.view(5.99 + 3 / 80 - 0.005).live
    stale = session.view(6.0 + 3 / 80 + 0.005)
    assert not stale.live
    assert (stale.cue, stale.pressure_kpa, stale.shown_kpa, stale.force_n) == (
        Cue.NO_SIGNAL,
        None,
        None,
        None,
    )
    assert stale.age_s == pytest.approx(0.05, abs=0.01)


def test_a_sensor_that_sends_in_bunches_is_not_called_silent_between_them(session):
    for i in range(40):
        session.feed(ForceBlock.of(i * 0.125 + np.arange(10) / 80, np.full(10, 20.0)))
    newest_s = 39 * 0.125 + 9 / 80
    assert session.view(newest_s + 0.3).live
    assert not session.view(newest_s + 0.5).live


def test_a_sensor_that_turns_slow_is_believed_after_a_while(session):
    time_s = np.concatenate([np.arange(0, 2, 1 / 80), 2 + np.arange(0, 10, 0.1)])
    for block in blocks(time_s, np.full_like(time_s, 20.0), 1):
        session.feed(block)
    assert session.view(float(time_s[-1]) + 0.25).live


def test_a_gap_is_journaled_with_its_length(session, journal):
    time_s = np.concatenate([np.arange(0, 2, 1 / 80), np.arange(3.5, 5, 1 / 80)])
    for block in blocks(time_s, np.zeros_like(time_s), 2):
        session.feed(block)
    gaps = [values for values in journal.of("event") if values[0] == "gap"]
    assert len(gaps) == 1
    assert gaps[0][1] == pytest.approx(2, abs=0.02)
    assert "1.51" in gaps[0][2]


def test_a_report_is_tied_to_the_pressure_of_the_seconds_before_it(session, journal):
    play(session, until_s=6.0)
    heard = session.report(Report(ReportKind.RATING, 6.0, 5))
    assert heard.pressure_kpa == pytest.approx(200, abs=2)
    assert journal.of("report")[0][1] == heard.pressure_kpa
    assert journal.of("report")[0][2] is not None


def test_a_mark_on_a_rising_pressure_is_tied_to_its_moment(session):
    play(session, until_s=2.0)
    assert session.report(Report(ReportKind.THERE, 2.0)).pressure_kpa == pytest.approx(100, abs=5)


def test_a_report_without_a_press_is_logged_without_a_pressure(session, journal):
    heard = session.report(Report(ReportKind.GOOD, 0.5))
    assert heard.pressure_kpa is None
    assert journal.of("report")[0][2] is None


def test_a_report_on_a_stale_or_saturated_signal_gets_no_pressure(session):
    play(session, until_s=6.0)
    assert session.report(Report(ReportKind.GOOD, 7.0)).pressure_kpa is None
    session.feed(ForceBlock.of(7 + np.arange(240) / 80, np.full(240, 20.0), quality=int(Quality.SATURATED)))
    assert session.report(Report(ReportKind.GOOD, 9.99)).pressure_kpa is None


def test_an_undone_report_stays_in_the_record_and_gets_a_correcting_row(session, journal):
    first = session.report(Report(ReportKind.GOOD, 1.0))
    second = session.report(Report(ReportKind.TOO_MUCH, 2.0))
    assert session.undo(3.0).report_id == second.report_id
    assert session.undo(4.0).report_id == first.report_id
    assert session.undo(5.0) is None
    assert [values[0] for values in journal.of("correct")] == [second.report_id, first.report_id]
    assert len(journal.of("report")) == 2


def test_stop_ends_the_press_and_holds_the_cue_until_the_tip_is_let_go(session, journal):
    play(session, until_s=6.0)
    session.report(Report(ReportKind.STOP, 6.0))
    assert journal.of("press")[0][1].ended == "stop"
    session.feed(ForceBlock.of([6.0125], [20.0]))
    assert session.view(6.0125).cue is Cue.STOP
    session.feed(ForceBlock.of([6.025], [-30.0], quality=int(Quality.SATURATED)))
    session.feed(ForceBlock.of([6.0375], [20.0]))
    assert session.view(6.0375).cue is Cue.STOP, "one bad sample is no release"
    for block in blocks(6.05 + np.arange(30) / 80, np.zeros(30), 1):
        session.feed(block)
    assert session.view(6.4125).cue is Cue.READY
    assert len(journal.of("press")) == 1


def test_one_sample_at_the_ceiling_is_an_alarm(session):
    play(session, until_s=6.0)
    session.feed(ForceBlock.of([6.0, 6.0125, 6.025], [20.0, 30.5, 20.0]))
    assert session.view(6.025).cue is Cue.STOP


def test_an_uncalibrated_sensor_shows_counts_and_advises_nothing(session):
    session.feed(ForceBlock.of([0.0, 0.01], [np.nan, np.nan], [5, 6], int(Quality.UNCALIBRATED)))
    view = session.view(0.01)
    assert view.cue is Cue.NOT_CALIBRATED
    assert view.counts == 6
    assert view.pressure_kpa is None


def test_what_is_known_against_a_sample_is_said(session):
    session.feed(ForceBlock.of([0.0], [5.0], quality=int(Quality.TARED_UNDER_LOAD)))
    assert "zero set under load" in session.view(0.0).suspect


def test_moving_to_another_point_ends_the_press_there(session, journal):
    play(session, until_s=6.0)
    other = place("infraspinatus")
    session.go_to(other, SetBand(None), 200.0, 6.0)
    session.feed(ForceBlock.of([6.0125], [20.0]))
    view = session.view(6.0125)
    assert journal.of("press")[0][1].ended == "point changed"
    assert view.place == other
    assert view.presses == ()
    assert view.press is None
    assert journal.of("point")[-1][0] == other.point_id


def test_the_client_is_asked_when_nothing_was_said_for_long(session):
    view = play(session, until_s=6.0)
    assert "Too little, good, or too much" in view.prompt
    session.report(Report(ReportKind.GOOD, 6.0))
    session.feed(ForceBlock.of([6.0], [20.0]))
    assert session.view(6.0).prompt == ""


def test_ending_keeps_the_press_that_goes_on(session, journal):
    play(session, until_s=6.0)
    session.end(6.0, {"lost": 0})
    assert journal.of("press")[0][1].ended == "session end"
    assert journal.rows[-1][0] == "end"


def test_a_calibration_notice_is_journaled(session, journal):
    calibration = Calibration(0.0, 1000.0, "sensor")
    session.notice(Notice(NoticeKind.CALIBRATED, 1.0, "from the sensor", calibration=calibration))
    assert journal.of("calibration") == [(calibration, 1.0)]


def test_a_rating_of_eleven_is_refused():
    with pytest.raises(ValueError, match="0 to 10"):
        Report(ReportKind.RATING, 1.0, 11)


def test_a_locked_band_does_not_move_while_the_learner_behind_it_listens(journal):
    learner = LearnedBand(GoodPainBand.start(ceiling_kpa=400.0))
    locked = Band(150.0, 250.0)
    session = Session(place(), journal, SetBand(locked, learner), start_s=0.0, ceiling_kpa=400.0)
    play(session, until_s=6.0)
    session.report(Report(ReportKind.TOO_MUCH, 6.0))
    assert session.view(6.0).bounds.band == locked
    assert learner.model.told.verdicts == 1


def test_what_was_learned_is_journaled_after_each_press_and_undone_reports_teach_nothing(journal):
    learner = LearnedBand(GoodPainBand.start(ceiling_kpa=400.0))
    session = Session(place(), journal, learner, start_s=0.0, ceiling_kpa=400.0)
    play(session, until_s=6.0)
    before = learner.model.band().upper_kpa
    session.report(Report(ReportKind.TOO_MUCH, 6.0))
    assert learner.model.band().upper_kpa < before
    session.undo(6.0)
    assert learner.model.band().upper_kpa == pytest.approx(before, rel=0.01)
    session.report(Report(ReportKind.GOOD, 6.0))
    session.end(6.0, {})
    (data, _time_s) = journal.of("learned")[0]
    assert GoodPainBand.from_bytes(data).told.verdicts == 1


def test_before_there_is_a_band_the_view_says_how_far_it_is_safe_to_go(journal):
    session = Session(place(), journal, LearnedBand(GoodPainBand.start(ceiling_kpa=400.0)), start_s=0.0)
    view = play(session, until_s=6.0)
    assert view.bounds.band is None
    assert 0 < view.bounds.stay_below_kpa <= 400.0
    assert "still learning" in view.bounds.line
    assert view.cue is Cue.NO_BAND


@pytest.mark.parametrize("kind", [ReportKind.GOOD, ReportKind.THERE, ReportKind.TOO_MUCH])
def test_a_report_that_can_teach_nothing_is_logged_and_leaves_the_band(journal, kind):
    learner = LearnedBand(GoodPainBand.start(ceiling_kpa=400.0))
    session = Session(place(), journal, learner, start_s=0.0, ceiling_kpa=400.0)
    session.feed(ForceBlock.of([0.0], [0.0]))
    session.report(Report(kind, 0.5))
    assert len(journal.of("report")) == 1
    assert learner.refused
    assert learner.model.told.today == 0


def test_after_stop_nothing_is_advised_until_somebody_goes_on(journal):
    learner = LearnedBand(GoodPainBand.start(ceiling_kpa=400.0))
    session = Session(place(), journal, learner, start_s=0.0, ceiling_kpa=400.0)
    play(session, until_s=6.0)
    session.report(Report(ReportKind.GOOD, 5.5))
    session.report(Report(ReportKind.STOP, 6.0))
    assert session.view(6.0).bounds.target_kpa is None
    session.resume(7.0)
    assert 0 < session.view(7.0).bounds.target_kpa < 200
    assert ("resumed", 7.0) in [values[:2] for values in journal.of("event")]


def test_a_zero_set_under_load_does_not_lift_the_ceiling(session):
    hidden = Calibration(0.0, 1000.0, "sensor", tared_under_load=True, zero_load_n=10.0)
    session.notice(Notice(NoticeKind.CALIBRATED, 0.0, calibration=hidden))
    play(session, until_s=6.0)
    assert session.view(6.0).ceiling_kpa == pytest.approx(200.0)
    assert session.view(5.9875).cue is Cue.STOP


def test_what_is_said_between_presses_is_kept_for_the_next_visit_too(journal):
    learner = LearnedBand(GoodPainBand.start(ceiling_kpa=400.0))
    session = Session(place(), journal, learner, start_s=0.0, ceiling_kpa=400.0)
    play(session, until_s=6.0)
    session.report(Report(ReportKind.GOOD, 6.0))
    session.report(Report(ReportKind.STOP, 6.0))
    session.undo(6.1)
    session.end(6.2, {})
    kept = GoodPainBand.from_bytes(journal.of("learned")[-1][0])
    assert kept.told.verdicts == 1
    assert kept.told.stops == 0


def test_samples_at_the_sensors_limit_anywhere_in_a_block_stop_the_hand(session):
    play(session, until_s=6.0)
    quality = np.array([0, int(Quality.SATURATED), 0], np.uint8)
    session.feed(ForceBlock.of([6.0, 6.0125, 6.025], [20.0, 25.0, 20.0], quality=quality))
    assert session.view(6.025).cue is Cue.STOP


def test_there_is_nothing_to_go_on_from_without_a_stop(session, journal):
    assert session.resume(1.0) is False
    play(session, until_s=6.0)
    session.report(Report(ReportKind.STOP, 6.0))
    assert session.view(6.0).waits
    assert session.resume(7.0) is True
    assert session.resume(8.0) is False
    assert [values[0] for values in journal.of("event")].count("resumed") == 1
