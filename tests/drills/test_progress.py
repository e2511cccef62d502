"""Progress, groups and advice, from records."""

import csv
import io
from datetime import timedelta
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.comfort import Report, ReportKind
from feedback.drills import (
    Attempt,
    DrillKind,
    FeedbackMode,
    Plan,
    Purpose,
    StepKind,
    TrainingHistory,
    Void,
    task_of,
)
from feedback.drills.advice import advice_of, after_attempt
from feedback.drills.blocks import block_of
from feedback.drills.group import (
    ATTEMPT_COLUMNS,
    GROUP_COLUMNS,
    attempt_cells,
    csv_text,
    group_cells,
    group_of,
)
from feedback.drills.progress import Verdict, change_of, curve_of, error_map
from feedback.drills.ranks import p_smaller
from tests.drills.making import MONDAY, attempted, hold_drill, hold_task, pressed, record

LIGHT = [-21.0, -18.0, -25.0, -15.0, -19.0]
BETTER = [-4.0, 3.0, -6.0, 1.0, 5.0]


def run(errors, *, purpose=Purpose.TEST, minute=0, **more):
    return [record(minute + i, error_pct=e, purpose=purpose, **more) for i, e in enumerate(errors)]


def told(*groups):
    return TrainingHistory("T-01", tuple(r for group in groups for r in group))


def test_blocks_have_the_classical_errors():
    block = block_of(run([-10.0, -20.0, 0.0]))
    assert block.constant.pct == pytest.approx(-10)
    assert block.constant.value == pytest.approx(-20)
    assert block.absolute.pct == pytest.approx(10)
    assert block.variable.pct == pytest.approx(10)
    assert block.total_pct == pytest.approx(200**0.5)
    assert (block.attempts, block.inside, block.passed) == (3, 2, None)
    assert block_of(run([5, 5, 5, 5, 50])).passed is True
    assert block_of([]).constant.pct is None


def test_who_got_better_blind_is_told_so_and_who_did_not_is_not():
    baseline = run(LIGHT, purpose=Purpose.BASELINE)
    assert change_of(baseline + run(BETTER, minute=60)).verdict is Verdict.BETTER
    same = change_of(baseline + run([-20.0, -17.0, -24.0, -16.0, -22.0], minute=60))
    assert same.verdict is Verdict.NO_CLEAR_CHANGE
    assert same.first_pct == pytest.approx(19)
    faded = run(BETTER, purpose=Purpose.BASELINE) + run(LIGHT, minute=60)
    assert change_of(faded).verdict is Verdict.WORSE
    assert change_of(baseline).verdict is Verdict.TOO_FEW


def test_attempts_with_the_screen_prove_nothing():
    baseline = run(LIGHT, purpose=Purpose.BASELINE)
    seen = run(BETTER * 3, purpose=Purpose.PRACTICE, minute=60)
    assert change_of(baseline + seen).verdict is Verdict.TOO_FEW


def test_the_latest_day_is_what_is_now():
    baseline = run(LIGHT, purpose=Purpose.BASELINE)
    tested = run(BETTER, minute=60)
    after_months = run(LIGHT, purpose=Purpose.RETEST_MONTHS, day=90)
    assert change_of(baseline + tested + after_months).verdict is Verdict.NO_CLEAR_CHANGE


def test_a_curve_marks_the_blind_tests_and_leaves_void_attempts_out():
    curve = curve_of(
        told(
            run([-20.0], purpose=Purpose.BASELINE),
            run([-5.0, -6.0], purpose=Purpose.PRACTICE, minute=5),
            run([0.0], minute=9, void=Void.LET_GO),
            run([-3.0], minute=10),
        ),
        "hold",
    )
    assert [p.number for p in curve.points] == [1, 2, 3, 4]
    assert [p.test for p in curve.points] == [True, False, False, True]
    assert [p.error_pct for p in curve.points] == [-20, -5, -6, -3]
    assert curve.points[0].size_pct == pytest.approx(20)


def test_the_map_says_where_one_is_light_and_where_heavy():
    low = run([9.0, 10.0, 11.0], target_kpa=80.0)
    middle = run([-1.0, 2.0, 0.0], target_kpa=150.0, minute=10)
    high = run([-12.0, -8.0, -10.0], target_kpa=240.0, minute=20)
    near = run([-11.0], target_kpa=250.0, minute=30)
    ramp = run([40.0], kind=DrillKind.RAMP, minute=40)
    cells = error_map(low + middle + high + near + ramp)
    assert [cell.word for cell in cells] == ["heavy", "", "light"]
    assert [cell.presses for cell in cells] == [3, 3, 4]
    assert cells[0].constant_pct == pytest.approx(10)
    assert error_map(low, blind=False) == ()
    assert error_map([]) == ()


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=8, unique=True),
    st.lists(st.floats(101, 200), min_size=1, max_size=8, unique=True),
)
def test_the_rank_test_is_sure_of_what_is_apart_and_knows_its_direction(small, large):
    below, above = p_smaller(small, large), p_smaller(large, small)
    assert 0 < below <= 0.5 + 1e-9
    assert above == pytest.approx(1.0)


def test_the_rank_test_counts_every_arrangement():
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    later = [1.0, 3.0, 4.0]
    earlier = [v for v in values if v not in later]

    def above(run):
        rest = [v for v in values if v not in run]
        return sum(a > b for a in run for b in rest)

    arrangements = list(combinations(values, 3))
    as_small = sum(above(run) <= above(later) for run in arrangements)
    assert p_smaller(later, earlier) == pytest.approx(as_small / len(arrangements))


def test_ties_and_long_runs_are_compared_too():
    assert p_smaller([1.0] * 30, [1.0] * 30) > 0.4
    assert p_smaller([1.0] * 12, [2.0] * 12) < 0.001
    assert p_smaller([float(i) for i in range(25)], [float(i) + 30.5 for i in range(25)]) < 1e-6
    with pytest.raises(ValueError):
        p_smaller([], [1.0])


# -- groups ----------------------------------------------------------------------------------------------------


def test_a_teacher_sees_one_line_per_trainee_and_drill():
    plan = Plan(drills=("hold",), practice=1)
    one = TrainingHistory(
        "T-02",
        (
            *run(LIGHT, purpose=Purpose.BASELINE, trainee="T-02"),
            *run([0.0], purpose=Purpose.PRACTICE, minute=10, trainee="T-02"),
            *run(BETTER, minute=20, trainee="T-02"),
            *run([0.0], minute=30, void=Void.SIGNAL, trainee="T-02"),
        ),
    )
    other = told(run(LIGHT, purpose=Purpose.BASELINE))
    rows = group_of([one, other, TrainingHistory("T-03")], MONDAY + timedelta(days=9), plan)
    assert [row.trainee for row in rows] == ["T-01", "T-02"]
    assert (rows[0].step, rows[0].verdict) == (StepKind.PRACTICE, Verdict.TOO_FEW)
    assert (rows[1].step, rows[1].late, rows[1].void) == (StepKind.RETEST_DAYS, True, 1)
    assert rows[1].verdict is Verdict.BETTER
    table = list(csv.reader(io.StringIO(csv_text(GROUP_COLUMNS, map(group_cells, rows)))))
    assert table[0] == list(GROUP_COLUMNS)
    assert dict(zip(*table[:2], strict=False))["first_pct"] == ""
    assert table[2][:3] == ["T-02", "hold", "passed once"]


def test_the_table_of_attempts_has_a_cell_for_every_column():
    records = [*run([-12.5]), *run([0.0], void=Void.CEILING, minute=5)]
    table = list(csv.DictReader(io.StringIO(csv_text(ATTEMPT_COLUMNS, map(attempt_cells, records)))))
    assert len(set(ATTEMPT_COLUMNS)) == len(ATTEMPT_COLUMNS) == len(table[0])
    assert float(table[0]["constant_error_pct"]) == -12.5
    assert float(table[0]["constant_error_kpa"]) == -25
    assert float(table[0]["constant_error_n"]) == -2.5
    assert table[0]["inside"] == "false"
    assert table[0]["void"] == ""
    assert (table[1]["void"], table[1]["inside"], table[1]["constant_error_pct"]) == (
        "above the ceiling",
        "",
        "",
    )


# -- advice ----------------------------------------------------------------------------------------------------


def ramps(errors, minute=100):
    return run(errors, kind=DrillKind.RAMP, drill="ramp", minute=minute)


def test_advice_names_what_to_mend_and_what_is_well():
    advice = advice_of(run([-12.0, -11.0, -13.0]) + ramps([2.0, -3.0, 1.0]))
    assert advice.sentence == "You press 12 % light when blind; your ramps are fine."
    heavy = advice_of(run([12.0, 11.0, 13.0]) + ramps([25.0, 31.0, 28.0]))
    assert heavy.sentence == "You press 12 % heavy when blind; your ramps are 28 % too fast."


def test_advice_does_not_name_what_may_be_chance():
    advice = advice_of(run([-30.0, 30.0, -25.0, 25.0, 8.0]))
    assert "light" not in advice.sentence
    assert "heavy" not in advice.sentence
    assert "differ by" in advice.sentence


def test_advice_speaks_of_sag_and_of_guesses():
    sag = advice_of(run([0.0, 1.0, -1.0], sag_pct=20.0))
    assert sag.sentence == "Your holds lose 20 % a minute; your pressure is true when blind."
    guess = advice_of(run([0.0, 1.0, -1.0], estimate_pct=-15.0))
    assert "guess 15 % lower than you press" in guess.sentence


@pytest.mark.parametrize(
    ("records", "praise"),
    [
        (run([-49.0, 62.0, -20.0, 30.0, 5.0, -10.0]), "true"),
        (run([-15.0, 25.0, 4.0]), "true"),
        (
            run([0.0, 1.0, -1.0]) + run([18.0, -15.0, 20.0, 11.0], kind=DrillKind.RAMP, minute=50),
            "ramps are fine",
        ),
        (run([0.0, 1.0, -1.0, 0.5], sag_pct=0.0)[:2] + run([0.0, 1.0], sag_pct=30.0, minute=50), "steady"),
        ([r for m, g in enumerate([-40, 45, -35, 30]) for r in run([0.0], minute=m, estimate_pct=g)], "good"),
    ],
    ids=["pressure", "few presses", "ramps", "holds", "guesses"],
)
def test_what_goes_either_way_is_not_praised(records, praise):
    advice = advice_of(records)
    assert praise not in advice.sentence
    assert all(praise not in finding.words for finding in advice.findings)


def test_guesses_that_go_either_way_are_said_to_be_off():
    records = [r for m, g in enumerate([-40, 45, -35, 30]) for r in run([0.0], minute=m, estimate_pct=g)]
    assert "guesses are 38 % off, now above and now below" in advice_of(records).sentence


def test_with_nothing_to_say_advice_says_so():
    assert "few attempts more" in advice_of([]).sentence
    assert "few attempts more" in advice_of(run([5.0])).sentence


@given(
    st.lists(
        st.builds(
            record,
            st.floats(0, 600),
            error_pct=st.floats(-80, 80),
            kind=st.sampled_from([DrillKind.FIND, DrillKind.RAMP, DrillKind.HOLD]),
            purpose=st.sampled_from(Purpose),
            estimate_pct=st.none() | st.floats(-50, 50),
            sag_pct=st.none() | st.floats(-50, 50),
            void=st.sampled_from([None, None, Void.LET_GO]),
        ),
        max_size=25,
    )
)
def test_advice_is_always_one_sentence(records):
    sentence = advice_of(records).sentence
    assert sentence.endswith(".")
    assert sentence.count(".") == 1
    assert sentence[0].isupper()


def test_after_an_attempt_one_sentence_says_how_it_was():
    light = attempted(hold_task(), lambda t: 190.0 - 0 * t)
    assert after_attempt(light) == "Inside: 5 % light on the whole."
    guessed = attempted(hold_task(FeedbackMode.NONE), lambda t: 230.0 + 0 * t, estimate_kpa=200.0)
    assert after_attempt(guessed) == (
        "Not inside yet: 15 % heavy on the whole; your guess was 15 % below what you pressed."
    )
    saggy = attempted(hold_task(), lambda t: 215.0 - 3.0 * t)
    assert "add a little as you hold" in after_attempt(saggy)
    assert "does not count" in after_attempt(attempted(hold_task(), lambda t: 0 * t))
    exact = attempted(hold_task(FeedbackMode.NONE), lambda t: 200.0 + 0 * t, estimate_kpa=200.0)
    assert after_attempt(exact) == "Inside: on the target on the whole; your guess was just what you pressed."


THRESHOLD = """
title = "Threshold"
kind = "threshold"
about = "Until the word."
rate = "50 kPa/s"
until = "400 kPa"
let_go_s = 1
client = "default"
"""


@pytest.mark.parametrize(
    ("word_s", "off_s", "sentence"),
    [
        (4.0, 5.0, "Inside: the ramp was as asked."),
        (4.0, 7.0, "Not inside yet: you let go too late after the client’s word; the ramp was as asked."),
        (99.0, 99.0, "Not inside yet: the client said nothing that a threshold could be read from."),
    ],
    ids=["inside", "late", "no word"],
)
def test_after_a_threshold_it_is_said_what_was_not_inside(word_s, off_s, sentence):
    task = task_of(hold_drill(THRESHOLD, "threshold"), tip_area_cm2=1.0, feedback=FeedbackMode.ALWAYS)
    attempt, spoken = Attempt(task, ceiling_kpa=1000.0), False
    way = pressed(task, lambda t: np.where(t < off_s, 10.0 + 50.0 * t, 0.0))
    for time_s, kpa in zip(*way, strict=True):
        go_s = attempt.go_s
        if go_s is not None and not spoken and time_s - go_s >= word_s:
            attempt.heard(Report(ReportKind.THERE, time_s))
            spoken = True
        attempt.feed([time_s], [kpa])
    assert attempt.outcome is not None
    assert after_attempt(attempt.outcome) == sentence
