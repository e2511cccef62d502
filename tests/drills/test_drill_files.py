"""Drills as files: what they may say, and how they are refused."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.drills import (
    CLIENTS,
    Attempt,
    DrillError,
    DrillKind,
    FeedbackMode,
    Limit,
    TaskError,
    amount_of,
    drill_from_toml,
    refusal_of,
    task_of,
)
from feedback.drills.library import drills, shipped_drills
from feedback.units import KG_PER_CM2
from sim.client import CHARACTERS
from tests.drills.making import HOLD, hold_drill


def test_every_shipped_drill_can_be_attempted_with_a_usual_tip():
    shipped = shipped_drills()
    assert {drill.kind for drill in shipped.values()} == set(DrillKind)
    for drill in shipped.values():
        for feedback in FeedbackMode:
            task = task_of(drill, tip_area_cm2=1.0, feedback=feedback)
            assert refusal_of(task, ceiling_kpa=1000.0) is None
            assert 2 <= task.trajectory.end_s <= 120


def test_the_clients_that_drills_ask_for_are_those_that_the_simulation_has():
    assert set(CLIENTS) == set(CHARACTERS)


def test_targets_keep_their_unit():
    assert amount_of("2.0 kg/cm²").kpa(3.0) == pytest.approx(2 * KG_PER_CM2.kpa)
    assert amount_of("200 kPa").kpa(3.0) == 200
    assert amount_of("20 N").kpa(2.0) == pytest.approx(100)
    assert amount_of("5 N/s", per_s=True).kpa(1.0) == pytest.approx(50)
    assert amount_of("1 kg/cm2/s", per_s=True).kpa(9.0) == pytest.approx(KG_PER_CM2.kpa)


@pytest.mark.parametrize(
    ("text", "per_s", "word"),
    [
        ("2.0", False, "unit"),
        ("kg/cm2", False, "number"),
        ("2 kg", False, "force or a pressure"),
        ("2 stone", False, "not a unit"),
        ("5 N", True, "no rate"),
        ("5 N/s", False, "is a rate"),
        ("1e999 N", False, "0 or more"),
        ("-3 kPa", False, "0 or more"),
        ("2,0 kg/cm2", False, "needs a number and a unit"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_with_a_reason(text, per_s, word):
    with pytest.raises(ValueError, match=word):
        amount_of(text, per_s=per_s)


@given(st.text(max_size=30), st.booleans())
def test_no_text_breaks_the_reading_of_amounts(text, per_s):
    with suppress(ValueError):
        amount = amount_of(text, per_s=per_s)
        assert amount.value >= 0
        assert amount.kpa(1.0) >= 0
        assert amount.per_s is per_s


@pytest.mark.parametrize(
    ("change", "line", "word"),
    [
        (('"200 kPa"', '"200 kPaa"'), 5, "kPaa"),
        (('"200 kPa"', "200"), 5, "quotes"),
        (("hold_s = 10", "hold_s = -1"), 8, "hold_s"),
        (("hold_s = 10", "holds_s = 10"), 8, "did you mean hold_s"),
        (('kind = "hold"', 'kind = "holt"'), 3, "did you mean hold"),
        (("tolerance_pct = 10", "tolerance_pct = true"), 6, "tolerance_pct"),
        (("tolerance_pct = 10", "tolerance_pct = "), 6, "not TOML"),
        (('title = "Hold"', ""), None, "title is missing"),
        (('target = "200 kPa"', 'target = "0 kPa"'), 5, "above 0"),
    ],
)
def test_a_bad_file_is_refused_with_file_line_and_reason(change, line, word):
    with pytest.raises(DrillError) as caught:
        drill_from_toml(HOLD.replace(*change), "mine.toml", "mine")
    assert caught.value.line == line
    assert word in caught.value.reason
    assert str(caught.value).startswith("mine.toml" + (f", line {line}: " if line else ": "))


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_drills(text):
    with suppress(DrillError):
        assert drill_from_toml(text, "x.toml", "x").name


@pytest.mark.parametrize(
    "line",
    [
        "hold_s = 1" + "0" * 5000,
        "hold_s = 1" + "0" * 400,
        "hold_s = nan",
        "hold_s = " + "[" * 5000,
        'target = "1e308 kg/cm2"',
        'target = "1e-320 kPa"',
        "[hold_s]\nx = 1",
        "hold_s = 2024-01-01",
    ],
)
def test_numbers_beyond_all_measure_are_refused_too(line):
    key = "target" if line.startswith("target") else "hold_s"
    kept = "\n".join(row for row in HOLD.strip().splitlines() if not row.startswith(key))
    try:
        drill = drill_from_toml(f"{kept}\n{line}", "x.toml", "x")
    except DrillError as error:
        assert "x.toml" in str(error)  # noqa: PT017
    else:
        assert refusal_of(task_of(drill, tip_area_cm2=1.0), ceiling_kpa=400.0)


@pytest.mark.parametrize("seconds", ["1" + "0" * 400, "inf", "true", '"1"'])
def test_points_at_no_time_are_refused(seconds):
    text = f'title = "P"\nkind = "trace"\nabout = "p"\nshape = "points"\npoints = [[0, "1 kPa"], [{seconds}, "2 kPa"]]'
    with pytest.raises(DrillError, match="line 5"):
        drill_from_toml(text, "p.toml", "p")


def test_a_wave_that_would_leave_the_skin_is_refused():
    text = (
        'title = "W"\nkind = "trace"\nabout = "w"\nshape = "sine"\nmiddle = "1 kg/cm2"\nswing = "1 kg/cm2"\n'
    )
    with pytest.raises(DrillError, match="swing must be less"):
        drill_from_toml(text, "w.toml", "w")


def test_points_must_rise_in_time():
    text = 'title = "P"\nkind = "trace"\nabout = "p"\nshape = "points"\npoints = [[0, "1 kg/cm2"], [0, "2 kg/cm2"]]\n'
    with pytest.raises(DrillError, match="rising from 0"):
        drill_from_toml(text, "p.toml", "p")


def test_own_drills_come_first_and_a_bad_one_spoils_no_other(tmp_path):
    (tmp_path / "steady-hold.toml").write_text(HOLD, "utf-8")
    (tmp_path / "bad.toml").write_text("kind = 3", "utf-8")
    (tmp_path / "worse.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "My Own.toml").write_text(HOLD, "utf-8")
    (tmp_path / "twice.toml").write_text('name = "my-own"\n' + HOLD, "utf-8")
    found, wrong = drills(tmp_path)
    assert found["steady-hold"].title == "Hold"
    assert "my-own" in found
    assert "find-pressure" in found
    assert {error.where for error in wrong} == {"bad.toml", "worse.toml", "twice.toml"}
    assert drills(tmp_path / "none") == (shipped_drills(), ())


def test_a_target_above_the_ceiling_or_the_sensor_is_refused_before_the_attempt():
    task = task_of(hold_drill(), tip_area_cm2=1.0)
    assert refusal_of(task, ceiling_kpa=221.0) is None
    ceiling = refusal_of(task, ceiling_kpa=219.0)
    sensor = refusal_of(task, ceiling_kpa=math.inf, sensor_range_kpa=219.0)
    light = refusal_of(task_of(hold_drill(), tip_area_cm2=0.1), ceiling_kpa=math.inf)
    assert [one.limit for one in (ceiling, sensor, light)] == [Limit.CEILING, Limit.SENSOR, Limit.CONTACT]
    assert ceiling.asked_kpa == pytest.approx(220)
    assert "larger tip" in sensor.sentence
    with pytest.raises(TaskError, match="ceiling"):
        Attempt(task, ceiling_kpa=219.0)


def test_targets_come_in_rounds_that_ask_every_one():
    drill = shipped_drills()["find-pressure"]
    asked = [task_of(drill, tip_area_cm2=1.0, number=n).target_kpa for n in range(20)]
    rounds = [asked[i : i + 5] for i in range(0, 20, 5)]
    assert all(len(set(one)) == 5 for one in rounds)
    assert len({tuple(one) for one in rounds}) > 1
    assert asked == [task_of(drill, tip_area_cm2=1.0, number=n).target_kpa for n in range(20)]
