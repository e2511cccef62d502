"""Simulated learners: the drills say of them what is true of them."""

import math

import numpy as np
import pytest
from click.testing import CliRunner

from feedback.drills import FeedbackMode, Purpose, ScoreKey, Void, task_of
from feedback.drills.blocks import block_of
from feedback.drills.library import shipped_drills
from feedback.drills.progress import Verdict, change_of
from sim.learners import Ability, SimulatedLearner, attempt_by, client_for, treat
from sim.trials.learners import (
    ABILITIES,
    BEGAN,
    blind_records,
    first_day_and_months_later,
    practise,
    run,
)
from tui.cli import goodpain

DRILLS = shipped_drills()
FIND = DRILLS["find-pressure"]


def test_bias_and_spread_of_a_known_learner_are_recovered():
    ability = Ability(bias=-0.12, spread=0.06, estimate_bias=0.10, estimate_spread=0.03)
    block = block_of(blind_records(SimulatedLearner(ability, 3), FIND, 200))
    assert block.attempts == 200
    assert block.constant.pct == pytest.approx(-12, abs=1.5)
    assert block.variable.pct == pytest.approx(6, rel=0.12)
    assert block.mean(ScoreKey.ESTIMATE).pct == pytest.approx(0.10 * 88, abs=1.0)


def test_sag_and_what_it_takes_from_the_mean_are_recovered_with_samples_lost():
    ability = Ability(bias=0.05, spread=0.03, sag_per_min=0.20)
    records = blind_records(SimulatedLearner(ability, 4), DRILLS["steady-hold"], 25, losing=0.2)
    block = block_of(records)
    assert block.mean(ScoreKey.SAG).pct == pytest.approx(21, abs=2)
    assert block.constant.pct == pytest.approx(100 * (1.05 * 0.95 - 1), abs=2)
    missing = [r.scores.missing_share for r in records]
    assert 0.02 < np.mean(missing) < 0.25


def test_the_rate_of_ramps_is_recovered():
    block = block_of(
        blind_records(SimulatedLearner(Ability(rate_bias=0.2, rate_spread=0.1), 5), DRILLS["ramp-5-n"], 120)
    )
    assert block.constant.pct == pytest.approx(20, abs=2.5)
    assert block.variable.pct == pytest.approx(10, rel=0.2)


@pytest.mark.parametrize("name", sorted(ABILITIES))
def test_the_difficulty_holds_learners_of_three_abilities_near_three_of_four(name):
    inside = []
    for seed in range(3):
        records = practise(SimulatedLearner(ABILITIES[name], seed), FIND, 75)
        inside += [r.inside for r in records[30:]]
    assert 0.70 <= np.mean(inside) <= 0.80


def test_a_learner_that_improves_is_shown_improving_and_one_that_forgets_is_not_three_months_later():
    ability = {"bias": -0.22, "spread": 0.08, "learn": 0.2, "floor": 0.25}
    kept = first_day_and_months_later(SimulatedLearner(Ability(**ability), 8), FIND).of(FIND.name)
    assert [r.purpose for r in kept] == (
        [Purpose.BASELINE] * 5 + [Purpose.PRACTICE] * 12 + [Purpose.TEST] * 5 + [Purpose.RETEST_MONTHS] * 5
    )
    assert change_of(kept[:22]).verdict is Verdict.BETTER
    assert change_of(kept).verdict is Verdict.BETTER
    gone = first_day_and_months_later(SimulatedLearner(Ability(**ability, forget_days=20.0), 8), FIND)
    assert change_of(gone.of(FIND.name)).verdict is Verdict.NO_CLEAR_CHANGE


def test_a_learner_that_does_not_improve_is_hardly_ever_shown_improving():
    told = 0
    for seed in range(12):
        learner = SimulatedLearner(Ability(bias=-0.15, spread=0.08), seed)
        told += change_of(blind_records(learner, FIND, 10)).verdict is Verdict.BETTER
    assert told <= 2


def test_the_same_seed_presses_the_same():
    task = task_of(DRILLS["sine"], tip_area_cm2=1.0, feedback=FeedbackMode.NONE)
    one, two, three = (SimulatedLearner(Ability(), seed).press(task) for seed in (1, 1, 2))
    assert np.array_equal(one.pressure_kpa, two.pressure_kpa)
    assert not np.array_equal(one.pressure_kpa, three.pressure_kpa)
    assert np.all(np.diff(one.time_s) == pytest.approx(1 / 80))


def test_a_learner_presses_less_well_blind_than_with_the_screen():
    ability = Ability(bias=0.2, spread=0.0, seen=0.1)
    errors = [
        attempt_by(
            SimulatedLearner(ability, 1), task_of(FIND, tip_area_cm2=1.0, feedback=mode)
        ).scores.error_pct
        for mode in (FeedbackMode.ALWAYS, FeedbackMode.NONE)
    ]
    assert errors == [pytest.approx(2, abs=1.5), pytest.approx(20, abs=1.5)]


@pytest.mark.parametrize("name", ["threshold", "threshold-robust"])
def test_a_threshold_is_found_near_the_clients_own(name):
    found = []
    for seed in range(20):
        task = task_of(DRILLS[name], tip_area_cm2=1.0)
        outcome = treat(SimulatedLearner(Ability(rate_spread=0.02), seed), task, client_for(task, seed))
        assert outcome.void is None
        assert outcome.scores.inside is True
        found.append(outcome.scores[ScoreKey.CLIENT].pct)
    assert abs(np.mean(found)) < 12


@pytest.mark.parametrize("name", ["release", "release-robust", "release-fearful", "release-over-polite"])
def test_every_kind_of_client_can_be_kept_in_good_pain(name):
    shares = []
    for seed in range(6):
        task = task_of(DRILLS[name], tip_area_cm2=1.0, feedback=FeedbackMode.NONE)
        outcome = treat(SimulatedLearner(Ability(), seed), task, client_for(task, seed))
        assert outcome.void is None
        assert outcome.heard
        shares.append(outcome.scores[ScoreKey.IN_TOLERANCE].value)
    assert np.median(shares) > 0.5


def test_a_client_is_asked_only_where_the_drill_has_one():
    task = task_of(FIND, tip_area_cm2=1.0)
    with pytest.raises(ValueError, match="needs no client"):
        client_for(task, 1)
    with pytest.raises(ValueError, match="needs a simulated client"):
        attempt_by(SimulatedLearner(Ability(), 1), task_of(DRILLS["release"], tip_area_cm2=1.0))


def test_a_learner_far_above_the_ceiling_is_stopped_there():
    task = task_of(FIND, tip_area_cm2=1.0, number=1)
    outcome = attempt_by(
        SimulatedLearner(Ability(bias=1.0, spread=0.0), 1), task, ceiling_kpa=1.3 * task.target_kpa
    )
    assert outcome.void is Void.CEILING


def test_every_figure_has_its_definition_and_the_same_seed_gives_the_same():
    one = [f for f, _ in zip(run(20, 2, 7), range(3), strict=False)]
    two = [f for f, _ in zip(run(20, 2, 7), range(3), strict=False)]
    assert one == two
    assert all(f.definition and not math.isnan(float(f.value.split()[0])) for f in one)
    with pytest.raises(ValueError, match="fewer"):
        next(run(5, 2))


def test_the_command_is_there_and_says_that_the_learners_are_simulated():
    said = CliRunner().invoke(goodpain, ["simulate-learners", "--help"])
    assert said.exit_code == 0
    assert "simulated learners" in said.output
    assert BEGAN.tzinfo is not None
