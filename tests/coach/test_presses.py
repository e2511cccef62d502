from __future__ import annotations

import pytest

from feedback.band.source import SetBand
from feedback.coach import RateCue
from feedback.comfort import ReportKind
from tests.coach.table import DONE, HOLD, RAMP, READY, RELEASE, REST, SHIPPED, Table, shipped

QUICK = shipped("short-presses", presses=2, hold_s=3.0, hold_min_s=2.0, rest_s=1.5)


def test_each_press_is_held_let_go_and_followed_by_a_rest():
    table = Table(QUICK)
    for _ in range(2):
        table.raise_until(HOLD, 8.0)
        table.until(RELEASE)
        table.let_go()
        if table.coach.phase is REST:
            table.until(READY)
    assert table.coach.phase is DONE
    rules = ["reached the band", "time is up", "let go", "rested"]
    kinds = [RAMP, HOLD, RELEASE, REST]
    assert table.ended() == [
        *((k, 1, r) for k, r in zip(kinds, rules, strict=True)),
        *((k, 2, r) for k, r in zip(kinds[:3], rules, strict=False)),
    ]


def test_a_press_let_go_early_is_the_same_press_again_and_one_held_long_enough_counts():
    table = Table(QUICK)
    table.raise_until(HOLD, 8.0)
    table.stay(0.5)
    table.let_go()
    assert (table.coach.phase, table.coach.round) == (READY, 1)
    table.raise_until(HOLD, 8.0)
    table.stay(2.5)
    table.let_go()
    assert table.coach.phase is REST
    table.raise_until(HOLD, 8.0)
    assert table.coach.round == 2
    assert (REST, 1, "moved on") in table.ended()


def test_without_a_band_a_press_is_held_where_it_settles():
    table = Table(QUICK, SetBand(None))
    table.move(12.0, 8.0)
    table.until(HOLD, 3.0)
    assert table.coach.rule == "settled"


def test_no_rate_is_cued_unless_one_is_set():
    table = Table(QUICK)
    table.move(10.0, 10.0)
    assert table.coach.rate is None
    table = Table(shipped("short-presses", ramp_kpa_per_s=30.0))
    table.move(10.0, 10.0)
    assert table.coach.rate.cue is RateCue.SLOWER


def test_too_much_ends_the_way_up_and_lowers_the_aim():
    table = Table(QUICK)
    table.move(18.0, 8.0)
    table.say(ReportKind.TOO_MUCH)
    assert table.coach.phase is HOLD
    assert table.coach.target_kpa < 160


def test_free_pressing_names_ramp_and_hold_and_asks_for_nothing():
    table = Table(SHIPPED["free"])
    table.move(20.0, 8.0)
    assert (table.coach.phase, table.coach.rate) == (RAMP, None)
    table.until(HOLD, 3.0)
    table.stay(7)
    assert table.view.hold is not None
    table.move(30.0, 20.0)
    table.stay(3)
    table.let_go()
    assert table.ended() == [
        (RAMP, 1, "settled"),
        (HOLD, 1, "moved on"),
        (RAMP, 1, "settled"),
        (HOLD, 1, "let go"),
    ]
    assert table.journal.phases[3].pressure_kpa == pytest.approx(300, rel=0.02)
    assert {do for _, do, _ in table.seen} <= {
        "Press as you like",
        "Hold as you like",
        "Ease a little",
        "A little more",
    }
