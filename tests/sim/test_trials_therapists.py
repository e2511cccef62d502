"""Small versions of the trial of the coach: what must hold for every seed, and for a handful of sessions together."""

import numpy as np
import pytest
from click.testing import CliRunner

from feedback.coach import Technique
from feedback.coach.shipped import techniques
from sim.hand import SAG_DEPTH
from sim.trials.therapist import STEP_S, StepHand, draw_habits
from sim.trials.therapists import both, pairs_of, run
from sim.trials.visit_trial import CEILING_KPA, visit
from tui.commands.simulate_therapists import simulate_therapists


@pytest.fixture(scope="module")
def pairs():
    technique = techniques()["sustained-release"]
    return [both(40 + i, technique) for i in range(3)]


def test_every_session_holds_three_rounds_and_comes_to_its_end(pairs):
    for result in (r for pair in pairs for r in pair):
        assert result.done
        assert result.rounds >= 2
        assert 60 < result.hold_s < 400
        assert 0 <= result.above_s + result.in_band_now_s <= result.hold_s + 1e-6
        assert result.later_in_band_s <= result.in_band_s


def test_a_hand_that_looks_sags_less_and_raises_pressure_more_as_it_should(pairs):
    without, coached = zip(*pairs, strict=True)
    sag = [sum(r.sag_s for r in side) / sum(r.hold_s for r in side) for side in (without, coached)]
    assert sag[1] < 0.7 * sag[0]
    error = [
        np.median([abs(made / wanted - 1) for r in side for wanted, made in r.ramps])
        for side in (without, coached)
    ]
    assert error[1] < error[0] + 0.02
    assert sum(r.above_s for r in coached) <= sum(r.above_s for r in without) + 5


def test_the_same_seed_gives_the_same_session(pairs):
    assert visit(40, techniques()["sustained-release"], coached=True) == pairs[0][1]


def test_the_trial_is_about_a_sustained_release():
    free = next(t for t in techniques().values() if t.kind.value == "free")
    assert isinstance(free, Technique)
    with pytest.raises(ValueError, match="sustained release"):
        visit(1, free, coached=True)


def test_the_hand_reaches_what_it_aims_at_and_sags_from_there_until_it_aims_anew():
    rng = np.random.default_rng(8)
    habits = draw_habits(rng)
    hand = StepHand(habits, rng)
    hand.aim(200.0, 40.0, exact=True)
    rise = [float(hand.step().mean()) for _ in range(60)]
    assert hand.arrived
    assert rise[-1] == pytest.approx(200.0, rel=0.08)
    assert np.polyfit(np.arange(30) * STEP_S, rise[10:40], 1)[0] == pytest.approx(40.0, rel=0.15)
    for _ in range(600):
        hand.step()
    assert hand.lost == pytest.approx(SAG_DEPTH * habits.sag, rel=0.03)
    sagged = hand.kpa
    hand.aim(200.0, 40.0, exact=True)
    assert hand.kpa == pytest.approx(sagged)
    assert hand.lost == 0.0
    hand.aim(0.0, 100.0, exact=True)
    for _ in range(40):
        last = hand.step()
    assert last.max() == 0.0
    assert CEILING_KPA > 400


def test_too_few_sessions_are_refused():
    with pytest.raises(ValueError, match="too few"):
        next(run(3))


def test_sessions_are_the_same_whoever_computes_them(pairs):
    assert pairs_of(techniques()["sustained-release"], [40], workers=2) == pairs[:1]


def test_the_command_reports_each_figure_and_fails_only_when_an_aim_is_missed():
    result = CliRunner().invoke(simulate_therapists, ["--sessions", "10", "--seed", "5", "--workers", "1"])
    assert "SIMULATED THERAPISTS AND CLIENTS" in result.output
    assert result.exit_code == (1 if "NOT met" in result.output else 0)
    for name in ("true band", "too much", "ramp rate", "sag"):
        assert name in result.output
