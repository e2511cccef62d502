"""The figures that the band promises, on simulated clients."""

import math

import numpy as np
import pytest

from feedback.band import Manner
from sim.trials import run, text_of
from sim.trials.__main__ import main
from sim.trials.clients import Habit, draw_clients
from sim.trials.procedures import asked, mark_then_ratings, marked, start
from sim.trials.statistics import errors, ks_p, ranks_of_truth, within


@pytest.fixture(scope="module")
def two_hundred():
    rng = np.random.default_rng(20)
    clients = draw_clients(200, rng)
    return clients, [mark_then_ratings(client, rng, 8)[-1].model for client in clients]


def test_posteriors_are_calibrated(two_hundred):
    ranks = np.array([ranks_of_truth(m, c) for c, m in zip(*two_hundred, strict=True)])
    for i, name in enumerate(("lower threshold", "width", "noise")):
        assert ks_p(list(ranks[:, i])) > 0.01, name


@pytest.mark.parametrize("alpha", [0.05, 0.10, 0.15, 0.25])
def test_the_upper_edge_keeps_its_promise(two_hundred, alpha):
    got = np.mean(
        [c.p_too_much(math.log(m.band(alpha).upper_kpa)) for c, m in zip(*two_hundred, strict=True)]
    )
    assert abs(got - alpha) < 0.04


def test_intervals_hold_the_truth_as_often_as_they_say(two_hundred):
    pairs = list(zip(*two_hundred, strict=True))
    lower = np.mean([within(m.band().lower_interval_kpa, c.lower_ln) for c, m in pairs])
    upper = np.mean([within(m.band().threshold_interval_kpa, c.upper_ln) for c, m in pairs])
    assert 0.84 < lower < 0.98
    assert 0.84 < upper < 0.98


def test_the_edges_are_found_within_the_promised_errors(two_hundred):
    clients, after_eight = two_hundred
    rng = np.random.default_rng(21)
    once = [list(marked(start(), c, rng))[-1].model for c in clients]
    both = [list(marked(start(), c, rng, both=True))[-1].model for c in clients]
    for models, ceilings in ((once, (0.10, 0.20)), (both, (0.08, 0.10)), (after_eight, (0.0625, 0.1125))):
        median = np.median([errors(m, c) for m, c in zip(models, clients, strict=True)], axis=0)
        assert median[0] < ceilings[0]
        assert median[1] < ceilings[1]


def test_clients_are_seldom_made_to_say_too_much_while_learning(two_hundred):
    rng = np.random.default_rng(22)
    said = [k.too_much for c in two_hundred[0][:80] for k in asked(start(), c, rng, 12, Manner.LEARN)]
    assert np.mean(said) < 0.14


def test_a_second_visit_starts_with_the_knowledge_of_the_first(two_hundred):
    rng = np.random.default_rng(23)
    pairs = list(zip(*two_hundred, strict=True))
    first = np.median([errors(start(), c) for c, _ in pairs], axis=0)
    second = np.median([errors(m.carry_over(), c.at_next_visit(rng)) for c, m in pairs], axis=0)
    assert np.all(second < 0.55 * first)


def test_clients_with_heavy_tails_do_not_break_the_edge():
    rng = np.random.default_rng(24)
    clients = draw_clients(150, rng, Habit.HEAVY_TAILS)
    models = [mark_then_ratings(client, rng, 8)[-1].model for client in clients]
    got = np.mean([c.p_too_much(math.log(m.band().upper_kpa)) for c, m in zip(clients, models, strict=True)])
    assert abs(got - 0.15) < 0.06


def test_the_same_seed_gives_the_same_figures_each_with_its_definition():
    one, two = (list(run(20, 5)) for _ in range(2))
    assert one == two
    assert all(f.definition and f.name and f.value in text_of(f) for f in one)
    assert any("visit 2" in f.name for f in one)
    assert any("with the screen" in f.name for f in one)


def test_the_command_says_that_the_clients_are_simulated(capsys):
    assert main(["--clients", "20", "--seed", "3"]) in (0, 1)
    assert "SIMULATED CLIENTS" in capsys.readouterr().out
    assert main(["--clients", "3"]) == 2
    assert "too few" in capsys.readouterr().err
