from __future__ import annotations

import pytest

from feedback.coach import RateCue
from feedback.comfort import ReportKind
from tests.coach.table import (
    DONE,
    HOLD,
    RAMP,
    READY,
    RELEASE,
    REST,
    SimHand,
    Table,
    learning,
    shipped,
)

QUICK = shipped("threshold-5n", rest_s=2.0)


def measured(table, at_n, n_per_s=5.0, kind=ReportKind.THERE, source="therapist"):
    """Raise to a force, where the client speaks, and let go."""
    table.move(at_n, n_per_s)
    heard = table.say(kind, source=source)
    table.let_go()
    return heard


def test_three_repeats_give_mean_spread_and_rates_with_a_simulated_hand():
    table = Table(QUICK, learning(), hand=SimHand())
    said = []
    for level_n in (20.0, 24.0, 22.0):
        table.until(READY)
        table.wanted_n = 0.8
        table.stay(0.8)
        said.append(measured(table, level_n).pressure_kpa)
    assert table.coach.phase is DONE
    (result,) = table.journal.results
    assert result.values_kpa == tuple(said)
    assert result.mean_kpa == pytest.approx(220, rel=0.1)
    assert result.cv_pct == pytest.approx(9.1, abs=3)
    assert result.used == (True, True, True)
    assert not result.at_least
    assert all(rate == pytest.approx(50, rel=0.15) for rate in result.rates_kpa_per_s)
    assert table.coach.result == result
    assert [kind for kind, _, _ in table.ended()] == [RAMP, RELEASE, REST] * 2 + [RAMP, RELEASE]
    ramps = [p for p in table.journal.phases if p.kind is RAMP]
    assert {p.rule for p in ramps} == {"client said there"}
    presses = [press_id for press_id, _ in table.journal.of("press")]
    assert [p.press_id for p in ramps] == presses


def test_the_rate_in_newtons_follows_the_tip_and_a_rate_in_pressure_does_not():
    for name, area_cm2, wanted in (
        ("threshold-5n", 1.0, 50.0),
        ("threshold-5n", 0.5, 100.0),
        ("threshold-1kg", 0.5, 98.0665),
    ):
        table = Table(shipped(name), area_cm2=area_cm2)
        table.move(6.0, 5.0)
        rate = table.coach.rate
        assert rate.wanted_kpa_per_s == pytest.approx(wanted)
        assert rate.now_kpa_per_s == pytest.approx(50 / area_cm2, rel=0.1)


def test_too_slow_and_too_fast_are_told_as_a_cue_and_in_words():
    table = Table(QUICK)
    table.move(8.0, 2.0)
    assert (table.coach.rate.cue, table.coach.do) == (RateCue.FASTER, "A little faster")
    table.move(20.0, 9.0)
    assert (table.coach.rate.cue, table.coach.do) == (RateCue.SLOWER, "A little slower")


def test_the_first_value_is_dropped_when_set():
    table = Table(shipped("threshold-1kg", rest_s=0.0))
    for level_n in (30.0, 20.0, 20.0):
        measured(table, level_n, 9.8)
        table.stay(0.5)
    (result,) = table.journal.results
    assert result.used == (False, True, True)
    assert result.mean_kpa == pytest.approx(200, rel=0.03)
    assert len(result.values_kpa) == 3


@pytest.mark.parametrize("kind", [ReportKind.THERE, ReportKind.ENOUGH, ReportKind.TOO_MUCH])
def test_any_word_that_means_no_further_is_the_threshold_at_its_moment(kind):
    table = Table(shipped("threshold-5n", repeats=1), learning())
    measured(table, 20.0, kind=kind)
    assert table.journal.results[0].values_kpa[0] == pytest.approx(200, rel=0.04)
    assert table.ended()[0][2] == f"client said {kind.words}"


def test_a_stop_is_a_threshold_and_a_stop():
    table = Table(QUICK, learning())
    measured(table, 20.0, kind=ReportKind.STOP)
    assert table.ended()[0] == (RAMP, 1, "client said stop")
    assert table.coach.do == "Wait"
    table.stay(3)
    table.move(15.0, 5.0)
    assert table.coach.phase is READY
    table.let_go()
    table.session.resume(table.now_s)
    measured(table, 22.0)
    table.stay(2.5)
    measured(table, 21.0)
    (result,) = table.journal.results
    assert result.values_kpa == pytest.approx((200, 220, 210), rel=0.04)


def test_a_ramp_that_ends_at_the_ceiling_is_at_least():
    table = Table(shipped("threshold-5n", repeats=1), ceiling_kpa=200)
    table.move(21.0, 5.0)
    assert table.coach.do == "Ease off and let go"
    table.let_go()
    (result,) = table.journal.results
    assert result.at_least
    assert result.mean_kpa == pytest.approx(200, rel=0.03)
    assert result.cv_pct is None
    assert "at least" in table.coach.why


def test_letting_go_without_a_word_is_done_again_and_nothing_is_said_against_it():
    table = Table(QUICK)
    table.move(15.0, 5.0)
    table.let_go()
    assert (table.coach.phase, table.coach.round) == (READY, 1)
    assert table.journal.results == []
    measured(table, 20.0)
    assert table.coach.phase is REST


def test_a_word_entered_just_after_letting_go_counts_with_the_peak():
    table = Table(shipped("threshold-5n", repeats=1))
    table.move(20.0, 5.0)
    table.let_go()
    table.stay(0.5)
    table.say(ReportKind.THERE)
    assert table.coach.phase is DONE
    assert table.journal.results[0].values_kpa == pytest.approx((200,), rel=0.03)


def test_a_word_long_after_letting_go_counts_for_nothing():
    table = Table(shipped("threshold-5n", repeats=1))
    table.move(20.0, 5.0)
    table.let_go()
    table.stay(3)
    table.say(ReportKind.THERE)
    assert table.coach.phase is READY


def test_the_rest_lasts_its_time_and_feeling_for_the_point_meanwhile_does_not_count():
    table = Table(shipped("threshold-5n"))
    measured(table, 20.0)
    assert (table.coach.phase, table.coach.of_s) == (REST, 30.0)
    table.stay(5)
    table.move(10.0, 20.0)
    table.stay(1)
    table.let_go()
    assert table.coach.phase is REST
    table.until(READY)
    rest = table.journal.phases[-1]
    assert (rest.kind, rest.rule, rest.press_id) == (REST, "rested", None)
    assert rest.lasted_s == pytest.approx(30, abs=0.1)
    assert rest.pressure_kpa is None
    assert table.coach.round == 2


def test_the_therapist_may_cut_the_rest_short():
    table = Table(shipped("threshold-5n"))
    measured(table, 20.0)
    table.session.move_on(table.now_s)
    assert table.coach.phase is READY
    assert table.ended()[-1] == (REST, 1, "moved on")


def test_a_mark_taken_back_is_measured_again_and_the_later_result_has_the_same_start():
    table = Table(shipped("threshold-5n", repeats=2, rest_s=1.0))
    measured(table, 20.0)
    table.stay(1.5)
    measured(table, 40.0 * 0.9)
    table.session.undo(table.now_s)
    assert (table.coach.phase, table.coach.round, table.coach.result) == (READY, 2, None)
    measured(table, 21.0)
    first, second = table.journal.results
    assert first.start_s == second.start_s
    assert second.values_kpa == pytest.approx((200, 210), rel=0.04)


def test_what_was_measured_before_leaving_is_kept():
    table = Table(QUICK)
    measured(table, 20.0)
    table.stay(2.5)
    measured(table, 22.0)
    table.session.set_technique(None, table.now_s)
    (result,) = table.journal.results
    assert len(result.values_kpa) == 2
    assert table.view.coach is None
    assert table.ended()[-1] == (REST, 2, "moved on")


def test_one_value_of_several_is_no_threshold():
    table = Table(QUICK)
    measured(table, 20.0)
    table.session.end(table.now_s, {})
    assert table.journal.results == []


def test_pressing_after_the_last_repeat_begins_another_measurement():
    table = Table(shipped("threshold-5n", repeats=1))
    measured(table, 20.0)
    table.move(5.0, 5.0)
    assert table.coach.result is None
    measured(table, 25.0)
    first, second = table.journal.results
    assert second.start_s > first.end_s
    assert second.mean_kpa == pytest.approx(250, rel=0.03)


def test_a_threshold_has_no_hold():
    table = Table(QUICK)
    table.move(15.0, 5.0)
    table.stay(3)
    assert HOLD not in {phase for phase, _, _ in table.seen}
    assert table.view.hold is None


def test_nothing_is_asked_while_the_client_listens_for_the_moment():
    table = Table(QUICK, learning())
    table.move(20.0, 5.0)
    table.stay(2)
    assert table.view.prompt == ""


def test_a_hand_that_has_only_just_touched_is_not_told_that_it_is_too_slow():
    table = Table(QUICK, hand=SimHand())
    table.wanted_n = 0.8
    table.stay(1.2)
    table.move(15.0, 5.0)
    assert "A little faster" not in {do for _, do, _ in table.seen}
