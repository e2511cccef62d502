"""Small versions of the trial of holds: bounds that fail when the naming breaks, not when luck turns."""

from itertools import islice

import numpy as np
import pytest
from click.testing import CliRunner

from feedback.band import CourseKind
from sim.hand import Hand, HandSettings, PlannedPress, Stage
from sim.schedule import PHYSICS_HZ
from sim.tissue import Tissue, TissueSettings
from sim.trials.force_hand import RATE_HZ, held, sag_of, tremor
from sim.trials.hold_trial import TRUE_COURSE, Conditions, HoldKind, hold_of
from sim.trials.holds import run
from tui.commands.simulate_holds import simulate_holds

USUAL = Conditions()


@pytest.fixture(scope="module")
def holds():
    return {kind: [hold_of(kind, 700 + i, USUAL, (30.0, 90.0)) for i in range(30)] for kind in HoldKind}


def named(results, course) -> float:
    return sum(r.seen[-1].kind is course for r in results) / len(results)


@pytest.mark.parametrize("kind", list(HoldKind))
def test_each_kind_is_named_as_what_it_is(holds, kind):
    assert named(holds[kind], TRUE_COURSE[kind]) >= 0.75


def test_the_name_is_right_in_nine_of_ten_give_or_take_luck(holds):
    results = [r for kind in HoldKind for r in holds[kind]]
    assert sum(r.right for r in results) / len(results) >= 0.86


def test_a_hand_that_only_sags_is_hardly_ever_called_easing(holds):
    sag = holds[HoldKind.SAG]
    assert named(sag, CourseKind.EASING) <= 0.07
    # The ratings alone would say so far more often.
    plain = [r.seen[-1].rating_first - r.seen[-1].rating_last >= 2 for r in sag]
    assert sum(plain) / len(sag) >= 0.2


def test_sag_is_seen_where_it_is_and_nowhere_else(holds):
    results = [r for kind in HoldKind for r in holds[kind]]
    assert sum(r.seen[-1].sagging == r.sags for r in results) / len(results) >= 0.97


def test_not_easing_is_said_where_the_pain_does_not_ease(holds):
    for kind, low, high in ((HoldKind.BUILDING, 0.85, 1.0), (HoldKind.EASING, 0.0, 0.15)):
        said = sum(r.seen[-1].not_easing for r in holds[kind]) / len(holds[kind])
        assert low <= said <= high, kind


def test_a_longer_look_names_more_rightly(holds):
    results = [r for kind in HoldKind for r in holds[kind]]
    right = [sum(r.seen[at].kind is TRUE_COURSE[r.kind] for r in results) for at in (0, -1)]
    assert right[1] > right[0]


def test_the_same_seed_gives_the_same_hold_and_another_seed_another():
    one, same, other = (hold_of(HoldKind.BOTH, seed, USUAL, (90.0,)) for seed in (5, 5, 6))
    assert one == same
    assert one != other


def test_every_figure_has_its_definition_and_progress_is_told():
    told = []
    figures = list(islice(run(20, 4, lambda done, of: told.append((done, of))), 10))
    assert all(f.name and f.value and f.definition for f in figures)
    assert [f.met is not None for f in figures[:3]] == [True, True, False]
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert {of for _, of in told} == {20 + 6 * 20 + 5}
    with pytest.raises(ValueError, match="too few"):
        next(run(8))


def test_the_command_says_that_nobody_was_pressed_and_fails_only_when_an_aim_is_missed():
    result = CliRunner().invoke(simulate_holds, ["--holds", "20", "--seed", "2"])
    assert "SIMULATED HOLDS" in result.output
    assert result.exit_code == (1 if "NOT met" in result.output else 0)
    assert "aims not met" in result.output or "every aim met" in result.output or "1 aim not" in result.output


def test_the_hand_of_the_trials_sags_and_trembles_as_the_simulated_hand_does():
    tissue = Tissue(TissueSettings(1.2, 0.26), 1 / PHYSICS_HZ)
    press = PlannedPress((Stage(25.0, 10.0, 60.0),))
    hand = Hand(HandSettings(wander=0.0, miss=0.0), tissue, iter([press, press]), 3)
    force = hand.force_n(np.arange(70 * PHYSICS_HZ) / PHYSICS_HZ)
    start = int(np.argmax(force >= 24.5))
    real = force[start : start + 50 * PHYSICS_HZ]
    rng = np.random.default_rng(3)
    ours = held(25.0, 50.0, float(np.mean([sag_of(rng) for _ in range(200)])), rng)

    def fallen(f, hz):
        return 1.0 - f[-5 * hz :].mean() / f[: 2 * hz].mean()

    assert fallen(ours, 80) == pytest.approx(fallen(real, PHYSICS_HZ), abs=0.05)
    late = real[20 * PHYSICS_HZ :]
    smooth = np.convolve(late, np.ones(PHYSICS_HZ) / PHYSICS_HZ, "same")
    shake = float(np.std((late - smooth)[PHYSICS_HZ:-PHYSICS_HZ]) / late.mean())
    assert np.std(tremor(np.arange(800) / RATE_HZ, rng)) == pytest.approx(shake, rel=0.7)
