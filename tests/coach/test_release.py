from __future__ import annotations

import pytest

from feedback.band import Band
from feedback.band.course import CourseKind
from feedback.band.source import SetBand
from feedback.coach import RateCue
from feedback.comfort import ReportKind
from feedback.guidance import Cue
from tests.coach.table import (
    DONE,
    EASE,
    HOLD,
    RAMP,
    READY,
    RELEASE,
    SimHand,
    Table,
    learning,
    shipped,
)

SHORT = shipped("sustained-release", hold_min_s=4.0, hold_s=8.0, hold_max_s=12.0, ease_s=1.0, rounds=2)


@pytest.fixture
def table():
    return Table(SHORT)


def held(table, n_per_s=3.0):
    table.raise_until(HOLD, n_per_s)
    return table


def test_three_rounds_as_shipped_end_by_time_and_each_phase_is_kept_with_its_pressure_and_rate():
    table = Table(shipped("sustained-release"))
    for _ in range(2):
        held(table)
        table.until(EASE)
        table.move(9.0, 10.0)
        table.until(RAMP)
    held(table)
    table.until(RELEASE)
    assert table.coach.do == "Let go slowly"
    table.let_go()
    assert table.coach.phase is DONE
    assert table.ended() == [
        *(
            row
            for n in (1, 2)
            for row in ((RAMP, n, "reached the band"), (HOLD, n, "time is up"), (EASE, n, "eased"))
        ),
        (RAMP, 3, "reached the band"),
        (HOLD, 3, "time is up"),
        (RELEASE, 3, "let go"),
    ]
    phases = table.journal.phases
    press = table.journal.of("press")[0][0]
    assert {p.press_id for p in phases} == {press}
    for phase in phases:
        if phase.kind is HOLD:
            assert phase.lasted_s == pytest.approx(60, abs=0.5)
            assert phase.pressure_kpa == pytest.approx(205, abs=8)
            assert phase.rate_kpa_per_s is None
        elif phase.kind is RAMP:
            assert phase.rate_kpa_per_s == pytest.approx(30, rel=0.25)
    assert [p.start_s for p in phases[1:]] == pytest.approx([p.end_s for p in phases[:-1]])


def test_a_hand_that_trembles_wanders_and_sags_is_coached_through_all_the_same():
    table = Table(
        shipped("sustained-release", hold_min_s=10, hold_s=15, ease_s=2.0, rounds=2), hand=SimHand()
    )
    table.wanted_n = 0.8
    table.stay(1)
    held(table)
    table.until(EASE)
    table.move(9.0, 10.0)
    table.until(RAMP)
    held(table)
    table.until(RELEASE)
    table.let_go()
    assert [(kind, rule) for kind, _, rule in table.ended()] == [
        (RAMP, "reached the band"),
        (HOLD, "time is up"),
        (EASE, "eased"),
        (RAMP, "reached the band"),
        (HOLD, "time is up"),
        (RELEASE, "let go"),
    ]
    assert all(
        p.rate_kpa_per_s == pytest.approx(30, rel=0.25) for p in table.journal.phases if p.kind is RAMP
    )
    assert all(150 < p.pressure_kpa < 250 for p in table.journal.phases if p.kind is HOLD)


def test_a_rating_that_falls_by_the_rule_ends_the_hold_once_it_has_lasted(table):
    held(table)
    table.stay(1)
    table.rate(7)
    table.stay(1)
    table.rate(4)
    assert table.coach.phase is HOLD, "no rating ends a hold before its least time"
    table.until(EASE, 3.0)
    assert table.coach.rule == "rating fell"
    assert table.journal.phases[-1].lasted_s == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(
    ("points", "share", "ratings", "ends"),
    [(2, 0.0, (6, 5), False), (2, 0.0, (6, 4), True), (0, 0.5, (8, 5), False), (0, 0.5, (8, 4), True)],
)
def test_the_rule_is_a_drop_in_points_or_to_a_share_of_the_first(points, share, ratings, ends):
    table = Table(shipped("sustained-release", hold_min_s=2, rating_drop_points=points, rating_drop_to=share))
    held(table)
    for rating in ratings:
        table.stay(1.5)
        table.rate(rating)
    assert (table.coach.phase is EASE) == ends


def test_a_rating_that_falls_while_the_pressure_sags_does_not_end_the_hold(table):
    table = Table(shipped("sustained-release", hold_min_s=4.0))
    held(table)
    table.stay(5)
    table.rate(7)
    table.move(table.wanted_n * 0.85, 0.6)
    table.stay(4)
    table.rate(5)
    view = table.view
    assert view.hold.sagging
    assert view.hold.kind is not CourseKind.EASING
    assert view.coach.phase is HOLD
    assert view.coach.do == "A little more"
    assert "sag" in view.coach.why


def test_it_stays_up_to_the_longest_while_the_rating_is_falling(table):
    held(table)
    table.stay(1)
    table.rate(6)
    table.stay(4)
    table.rate(5)
    table.until(EASE)
    assert table.journal.phases[-1].lasted_s == pytest.approx(12, abs=0.1)


def test_the_client_says_easing_and_that_ends_it(table):
    held(table)
    table.stay(5)
    table.say(ReportKind.EASING)
    assert (table.coach.phase, table.coach.rule) == (EASE, "client said easing")


def test_not_easing_after_half_a_minute_is_said():
    table = held(Table(shipped("sustained-release")))
    for _ in range(4):
        table.stay(9)
        table.rate(6)
    table.stay(3)
    assert table.view.hold.not_easing
    assert "not easing" in table.coach.why


def test_a_press_let_go_early_is_waited_for_again_and_one_that_held_counts(table):
    held(table)
    table.stay(2)
    table.let_go()
    now = table.coach
    assert (now.phase, now.round, now.do) == (READY, 1, "Press when ready")
    held(table)
    table.stay(5)
    table.let_go()
    assert (table.coach.phase, table.coach.round) == (READY, 2)
    held(table)
    table.stay(5)
    table.let_go()
    assert table.coach.phase is DONE
    assert {p.rule for p in table.journal.phases if p.kind is HOLD} == {"let go"}
    assert all(150 < p.pressure_kpa < 250 for p in table.journal.phases if p.kind is HOLD)


def test_after_the_last_round_the_next_press_begins_from_the_first(table):
    for _ in range(2):
        held(table)
        table.stay(5)
        table.let_go()
    assert table.coach.phase is DONE
    held(table)
    assert (table.coach.phase, table.coach.round) == (HOLD, 1)


def test_the_rate_is_cued_while_ramping_and_at_no_other_time(table):
    assert table.coach.rate is None
    table.move(9.0, 12.0)
    rate = table.coach.rate
    assert rate.cue is RateCue.SLOWER
    assert rate.now_kpa_per_s == pytest.approx(120, rel=0.15)
    assert rate.low_kpa_per_s < rate.wanted_kpa_per_s == 30 < rate.high_kpa_per_s
    table.move(11.0, 3.0)
    assert table.coach.rate.cue is RateCue.GOOD
    table.move(11.5, 0.5)
    assert table.coach.rate.cue is RateCue.FASTER
    held(table)
    assert table.coach.rate is None
    assert all(cue is None for phase, _, cue in table.seen if phase is not RAMP)


def test_arriving_slowly_is_never_too_slow(table):
    table.move(17.5, 3.0)
    table.move(17.9, 0.5)
    assert table.coach.phase is RAMP or table.coach.rule == "reached the band"
    assert RateCue.FASTER not in {cue for _, _, cue in table.seen[-3:]}


def test_without_a_band_it_goes_up_slowly_until_the_client_says_there_and_holds_there():
    table = Table(SHORT, learning())
    table.move(4.0, 1.0)
    now = table.coach
    assert now.phase is RAMP
    assert now.rate.wanted_kpa_per_s == 10
    assert "there" in now.why
    assert now.target_kpa <= table.view.bounds.stay_below_kpa
    table.say(ReportKind.THERE)
    now = table.coach
    assert (now.phase, now.rule) == (HOLD, "client said there")
    assert now.target_kpa == pytest.approx(40, rel=0.05)
    table.stay(9)
    assert table.coach.phase is EASE


def test_without_a_band_or_a_word_it_stops_where_it_is_safe_and_asks():
    table = Table(SHORT, learning())
    table.raise_until(HOLD, 1.0)
    now = table.coach
    assert now.rule == "as far as is safe"
    assert table.view.pressure_kpa <= 1.05 * table.view.bounds.stay_below_kpa
    assert "too little, good, or too much" in now.why
    before_kpa = now.target_kpa
    table.say(ReportKind.TOO_LITTLE)
    table.tick()
    assert table.coach.phase is RAMP
    assert table.coach.target_kpa > before_kpa


def test_without_anything_known_it_keeps_away_from_the_ceiling():
    table = Table(SHORT, SetBand(None), ceiling_kpa=200)
    table.raise_until(HOLD, 3.0)
    assert table.view.pressure_kpa < 190


def test_too_much_on_the_way_up_is_as_far_as_it_goes(table):
    table.move(18.0, 3.0)
    table = Table(SHORT)
    table.move(13.0, 3.0)
    table.say(ReportKind.TOO_MUCH)
    now = table.coach
    assert (now.phase, now.rule) == (HOLD, "client said too much")
    assert now.do == "Ease a little"
    assert now.target_kpa == pytest.approx(table.session.heard[-1].pressure_kpa / 1.2)


def test_the_clients_stop_ends_the_phase_asks_to_let_go_and_waits_until_somebody_goes_on(table):
    held(table)
    table.stay(2)
    table.say(ReportKind.STOP)
    assert table.ended()[-1] == (HOLD, 1, "client said stop")
    assert (table.coach.phase, table.coach.do) == (RELEASE, "Let go")
    table.stay(1)
    assert table.coach.phase is RELEASE
    table.let_go()
    assert (table.coach.phase, table.coach.do) == (READY, "Wait")
    table.move(15.0, 10.0)
    assert table.coach.phase is READY, "nothing is coached while the stop stands"
    table.let_go()
    table.session.resume(table.now_s)
    table.tick()
    assert table.coach.do == "Press when ready"
    held(table)


def test_a_stop_that_is_taken_back_leaves_nothing_forbidden(table):
    held(table)
    target_kpa = table.coach.target_kpa
    table.say(ReportKind.STOP)
    table.let_go()
    table.session.undo(table.now_s)
    table.tick()
    assert table.coach.do == "Press when ready"
    held(table)
    assert table.coach.target_kpa == target_kpa


def test_the_ceiling_ends_the_phase_and_asks_to_let_go(table):
    held(table)
    table.move(41.0, 100.0)
    assert table.coach.phase is RELEASE
    assert table.coach.why == "the ceiling was reached"
    assert table.ended()[-1] == (HOLD, 1, "ceiling")
    table.move(20.0, 60.0)
    table.stay(1)
    assert table.coach.phase is RELEASE, "easing is not letting go"
    table.let_go()
    assert table.coach.phase is READY


def test_a_lost_signal_ends_the_phase_and_the_press_goes_on_when_it_is_back(table):
    held(table)
    table.now_s += 2.0
    table.tick()
    assert table.ended()[-1] == (HOLD, 1, "signal lost")
    table.stay(1)
    assert table.coach.phase is HOLD
    assert table.coach.round == 1


def test_an_easing_of_the_hands_own_is_taken_as_one(table):
    held(table)
    table.stay(5)
    table.move(5.0, 20.0)
    table.stay(1.5)
    assert table.ended()[-1] == (HOLD, 1, "eased")
    assert (table.coach.phase, table.coach.round) == (RAMP, 2)


def test_the_therapist_goes_on_when_it_is_time_for_the_therapist(table):
    held(table)
    for phase in (EASE, RAMP, HOLD, RELEASE):
        table.session.move_on(table.now_s)
        assert table.coach.phase is phase
    assert table.ended()[-1] == (HOLD, 2, "moved on")


def test_another_technique_another_point_and_the_end_of_the_session_close_the_phase(table):
    held(table)
    table.session.set_technique(SHORT, table.now_s)
    assert table.ended()[-1] == (HOLD, 1, "moved on")
    table.stay(1)
    assert table.coach.phase is HOLD
    table.session.go_to(table.session.place, SetBand(None), 300.0, table.now_s)
    assert table.ended()[-1] == (HOLD, 1, "moved on")
    assert table.session.technique is SHORT
    assert table.coach.phase is READY
    kinds = [kind for kind, _ in table.journal.rows]
    assert kinds[::-1].index("phase") > kinds[::-1].index("point"), "the phase is kept at the old point"
    table.let_go()
    held(table)
    table.session.end(table.now_s, {})
    assert table.ended()[-1] == (HOLD, 1, "session end")
    assert table.journal.rows[-1][0] == "end"


def test_no_coach_no_phases_but_a_hold_is_watched_all_the_same():
    table = Table(None)
    table.move(20.0, 5.0)
    assert table.view.coach is None
    table.stay(8)
    assert table.view.hold.lasted_s == pytest.approx(7, abs=1.5)
    assert table.view.cue is Cue.HOLD
    table.let_go()
    assert table.view.hold is None
    assert table.journal.phases == []


def test_a_hold_that_is_raised_again_is_another_hold():
    table = Table(None)
    table.move(12.0, 5.0)
    table.stay(5)
    table.move(20.0, 5.0)
    table.stay(4)
    assert table.view.hold.lasted_s == pytest.approx(3.5, abs=1.0)


def test_the_rating_that_may_end_the_hold_is_asked_for_and_nothing_on_the_way_up(table):
    table.move(14.0, 2.0)
    assert table.now_s > 5
    assert table.view.prompt == ""
    held(table)
    table.stay(3.5)
    assert table.view.prompt == "Ask: “From 0 to 10?”"
    table.rate(6)
    assert "From 0" not in table.view.prompt


def test_a_hold_keeps_its_level_while_the_band_moves_and_follows_it_only_where_it_must(table):
    held(table)
    level_kpa = table.coach.target_kpa
    for band, target_kpa in (
        (Band(150.0, 300.0), level_kpa),
        (Band(230.0, 300.0), 272.0),
        (Band(100.0, 150.0), 130.0),
    ):
        table.session.set_band(SetBand(band), 400.0, table.now_s)
        table.tick()
        assert table.coach.target_kpa == pytest.approx(target_kpa)


def test_a_sag_is_told_until_it_is_mended():
    table = held(Table(shipped("sustained-release")))
    table.stay(4)
    table.move(table.wanted_n * 0.93, 0.6)
    table.stay(4)
    assert table.coach.do == "A little more"
    table.move(table.wanted_n * 1.025, 0.6)
    table.stay(4)
    assert table.coach.do == "A little more"
    table.move(table.wanted_n * 1.04, 0.6)
    table.stay(4)
    assert table.coach.do == "Hold here"


def test_a_little_more_is_told_until_the_hand_is_back_not_only_to_the_edge(table):
    held(table)
    level_kpa = table.coach.target_kpa
    table.move(13.0, 10.0)
    table.tick()
    assert table.coach.do == "A little more"
    table.move(17.0, 10.0)
    table.stay(0.3)
    assert table.view.cue is Cue.HOLD
    assert table.coach.do == "A little more"
    table.move(level_kpa / 10, 10.0)
    table.stay(0.3)
    assert table.coach.do == "Hold here"
