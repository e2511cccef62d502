"""The tables of the grid and the formulas over it, against the same worked out cell by cell in plain Python."""

import math
from itertools import product

import numpy as np
import pytest

from feedback.band import likelihood
from feedback.band.drift import moved, spread
from feedback.band.grid import POPULATION, Lattice, build_grid, grid_of, rating_cuts
from feedback.band.prior import Priors
from feedback.band.quantiles import crossing, quantiles, scattered_quantiles
from feedback.comfort import ReportKind

PRIORS = Priors(lapse=0.07, noise=0.15, noise_ln_sd=0.3, ratio_ln=0.5, ratio_ln_sd=0.35, threshold_ln_sd=0.4)
SMALL = build_grid(PRIORS, Lattice(na=9, nw=4, ns=3, step=0.1, first_w=2))
CELLS = list(product(range(3), range(4), range(9)))


def rises(z: float) -> float:
    """The logistic distribution function with standard deviation 1."""
    return 1.0 / (1.0 + math.exp(-math.pi / math.sqrt(3) * z))


def unknowns(cell: tuple[int, int, int]) -> tuple[float, float, float]:
    s, w, a = cell
    return float(SMALL.s[s]), float(SMALL.w[w]), float(SMALL.a[a])


def of_every_cell(f) -> np.ndarray:
    return np.array([f(*unknowns(cell)) for cell in CELLS]).reshape(3, 4, 9)


def much(x: float, b: float, s: float) -> float:
    """P(too much): one client in six scatters a quarter more."""
    return 5 / 6 * rises((x - b) / s) + 1 / 6 * rises((x - b) / s / 1.25)


def some_mass() -> np.ndarray:
    mass = np.random.default_rng(3).random((3, 4, 9))
    return mass / mass.sum()


def test_the_axes_are_what_the_lattice_says():
    assert SMALL.a == pytest.approx([-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4])
    assert SMALL.w == pytest.approx([0.2, 0.3, 0.4, 0.5])
    assert SMALL.b == pytest.approx(np.arange(-0.2, 0.95, 0.1))
    assert SMALL.s == pytest.approx([0.15 * math.exp(0.3 * z) for z in (-2.4, 0.0, 2.4)])
    assert SMALL.x[0] == pytest.approx(-0.4 - 16 * 0.1)
    assert np.diff(SMALL.x) == pytest.approx(0.1)
    assert len(SMALL.x) == 16 + 2 + len(SMALL.b)
    assert SMALL.x[-1] == pytest.approx(SMALL.b[-1])
    assert SMALL.lattice.cells == 3 * 4 * 9


def test_the_prior_is_log_normal_in_noise_and_ratio_and_normal_in_the_threshold():
    def density(s, w, a):
        return (
            math.exp(
                -0.5 * (math.log(s / 0.15) / 0.3) ** 2
                - 0.5 * (math.log(w / 0.5) / 0.35) ** 2
                - 0.5 * (a / 0.4) ** 2
            )
            / w
        )

    expected = of_every_cell(density)
    assert SMALL.prior == pytest.approx(expected / expected.sum())


def test_the_tables_of_predictions_hold_each_probability_in_its_place():
    for i, x in enumerate(SMALL.x.tolist()):
        good = [rises((x - a) / s) for s in SMALL.s.tolist() for a in SMALL.a.tolist()]
        too_much = [much(x, b, s) for s in SMALL.s.tolist() for b in SMALL.b.tolist()]
        assert SMALL.at_least_good[i] == pytest.approx(good)
        assert SMALL.too_much[i] == pytest.approx(too_much)


def test_expected_entropy_is_the_mean_entropy_of_an_answer_over_the_cells():
    mass = some_mass()

    def entropy(x, s, w, a):
        good, high = rises((x - a) / s), rises((x - a - w) / s)
        shares = [0.93 * p + 0.07 / 3 for p in (1 - good, good - high, high)]
        return -sum(p * math.log(p) for p in shares)

    for at in (0, 7, 16, len(SMALL.x) - 1):
        x = float(SMALL.x[at])
        expected = (of_every_cell(lambda s, w, a, x=x: entropy(x, s, w, a)) * mass).sum()
        assert SMALL.expected_entropy(mass, at) == pytest.approx(float(expected))


def test_sums_over_widths_and_over_diagonals_are_the_posteriors_of_both_thresholds():
    mass = some_mass()
    lower, upper = np.zeros((3, 9)), np.zeros((3, 12))
    for (s, w, a), p in zip(CELLS, mass.ravel().tolist(), strict=True):
        lower[s, a] += p
        upper[s, w + a] += p
    assert SMALL.by_lower(mass) == pytest.approx(lower)
    assert SMALL.by_upper(mass) == pytest.approx(upper)
    seen = SMALL.on_cells(upper)
    assert all(seen[s, w, a] == upper[s, w + a] for s, w, a in CELLS)


def test_ratings_are_cut_on_stevens_scale_between_both_thresholds():
    cuts = rating_cuts()
    assert cuts == pytest.approx([math.log((r - 0.5) / 3.5) / math.log(7.5 / 3.5) for r in range(1, 11)])
    assert (cuts[3], cuts[7]) == (0.0, pytest.approx(1.0))


@pytest.mark.parametrize("x", [-0.9, 0.05, 0.6])
def test_the_probability_of_an_answer_is_that_of_its_part_of_the_scale_with_a_lapse(x):
    def share(kind):
        def of(s, w, a):
            good, high = rises((x - a) / s), rises((x - a - w) / s)
            p = {"too_little": 1 - good, "good": good - high, "too_much": high}[kind]
            return 0.93 * p + 0.07 / 3

        return of

    for kind in (ReportKind.TOO_LITTLE, ReportKind.GOOD, ReportKind.TOO_MUCH):
        got = np.broadcast_to(likelihood.verdict(SMALL, kind, x), (3, 4, 9))
        assert got == pytest.approx(of_every_cell(share(kind.value)))

    def rated(r):
        def of(s, w, a):
            def at_least(k):
                return 1.0 if k == 0 else 0.0 if k == 11 else rises((x - a - w * cuts[k - 1]) / s)

            return 0.93 * (at_least(r) - at_least(r + 1)) + 0.07 / 11

        cuts = rating_cuts().tolist()
        return of

    for r in range(11):
        assert likelihood.rating(SMALL, r, x) == pytest.approx(of_every_cell(rated(r)))

    def marked(kind):
        def of(s, w, a):
            p = rises((x - (a if kind is ReportKind.THERE else a + w)) / s)
            return 0.93 * math.pi / math.sqrt(3) / s * p * (1 - p) + 0.07 / 0.8

        return of

    for kind in (ReportKind.THERE, ReportKind.ENOUGH):
        got = np.broadcast_to(likelihood.mark(SMALL, kind, x), (3, 4, 9))
        assert got == pytest.approx(of_every_cell(marked(kind)))


def test_pressures_beyond_the_lattice_count_as_its_surroundings():
    low, high = float(SMALL.x[0]) - 2.5, float(SMALL.x[-1]) + 2.5
    assert likelihood.onto(SMALL, low - 1) == likelihood.onto(SMALL, low) == low
    assert likelihood.onto(SMALL, high + 1) == likelihood.onto(SMALL, high) == high
    assert likelihood.onto(SMALL, 0.3) == 0.3


def test_the_pressure_felt_is_that_of_half_a_second_before_but_at_least_half():
    assert likelihood.felt_at_kpa(200.0, 40.0, 0.5) == 180.0
    assert likelihood.felt_at_kpa(200.0, -40.0, 0.5) == 200.0
    assert likelihood.felt_at_kpa(200.0, 399.0, 0.5) == pytest.approx(100.0, abs=1)
    assert likelihood.felt_at_kpa(200.0, 900.0, 0.5) == 100.0


def test_the_edge_lies_where_the_client_says_too_much_with_that_probability():
    for alpha in (0.05, 0.15, 0.4):
        assert rises(-likelihood.edge_quantile(alpha)) == pytest.approx(alpha)


def test_a_grid_is_shared_and_cannot_be_written_to():
    assert grid_of() is grid_of()
    grid = grid_of()
    for name in ("a", "w", "s", "b", "x", "prior", "cut_exp", "at_least_good", "too_much", "answer_entropy"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(grid, name)[0] = 0.0


def test_the_population_is_the_published_one():
    """The figures that `feedback.band.prior` gives sources for; a change of one is a change of every first press."""
    p = POPULATION
    assert math.exp(p.centre_ln(1.0)) == pytest.approx(225.0)
    assert math.exp(p.centre_ln(2.0)) == pytest.approx(225.0 * 2**-0.49)
    assert (p.threshold_ln_sd, p.ratio_ln, p.ratio_ln_sd) == (0.45, 0.40, 0.40)
    assert (p.noise, p.noise_ln_sd, p.lapse, p.reaction_s) == (0.12, 0.40, 0.03, 0.5)
    assert (p.visit_sd, p.population_share) == (0.15, 0.1)
    assert (p.easing_ln, p.easing_ln_sd, p.easing_s) == (0.13, 0.08, 240.0)
    assert p.eased(0.0) == 0.0
    assert p.eased(240.0) == pytest.approx(1 - math.exp(-1))


# Quantiles


def test_a_rising_probability_is_crossed_on_a_straight_line_in_the_logit():
    x = np.array([0.0, 1.0, 2.0])
    p = np.array([0.1, 0.3, 0.9])
    logit = [math.log(q / (1 - q)) for q in (0.3, 0.5, 0.9)]
    assert crossing(x, p, 0.5) == pytest.approx(1 + (logit[1] - logit[0]) / (logit[2] - logit[0]))
    assert crossing(x, p, 0.3) == pytest.approx(1.0)
    assert crossing(x, p, 0.05) == 0.0
    assert crossing(x, p, 0.95) == 2.0
    assert crossing(x, np.array([0.0, 0.0, 1.0]), 0.5) == pytest.approx(1.5)
    assert crossing(x, np.array([0.0, 0.5, 1.0]), 0.5 + 1e-13) == pytest.approx(1.0, abs=1e-9)


def test_quantiles_spread_each_cell_evenly_over_its_width():
    axis, mass = np.array([1.0, 2.0, 3.0]), np.array([0.2, 0.2, 0.4])
    assert quantiles(axis, mass, (0.0, 0.125, 0.25, 0.5, 0.75, 1.0)) == pytest.approx(
        [0.5, 1, 1.5, 2.5, 3.0, 3.5]
    )


def test_scattered_quantiles_run_through_the_middle_of_each_mass():
    values, mass = np.array([3.0, 1.0, 2.0]), np.array([0.5, 0.2, 0.3])
    assert scattered_quantiles(values, mass, (0.1, 0.35, 0.75, 0.55)) == pytest.approx([1, 2, 3, 2.5])
    assert scattered_quantiles(values, mass, (0.0, 1.0)) == pytest.approx([1, 3])


# Drift


def moments(mass: np.ndarray) -> tuple[float, float]:
    of_a = mass.sum(axis=(0, 1)) / mass.sum()
    mean = float(of_a @ WIDE.a)
    return mean, float(of_a @ (WIDE.a - mean) ** 2)


WIDE = build_grid(PRIORS, Lattice(na=81, nw=2, ns=2, step=0.05, first_w=2))


def spike() -> np.ndarray:
    mass = np.zeros((2, 2, 81))
    mass[:, :, 40] = [[0.1, 0.2], [0.3, 0.4]]
    return mass


@pytest.mark.parametrize("sd", [0.01, 0.03, 0.036, 0.1, 0.3])
def test_time_widens_a_threshold_by_its_variance_and_does_not_move_it(sd):
    after = spread(WIDE, spike(), sd**2)
    mean, variance = moments(after)
    assert mean == pytest.approx(0.0, abs=1e-9)
    assert variance == pytest.approx(sd**2, rel=0.01)
    assert after.sum(axis=2) == pytest.approx(spike().sum(axis=2))


def test_no_time_changes_nothing_and_nothing_leaves_at_the_ends():
    before = spike()
    assert spread(WIDE, before, 0.0) is before
    edge = np.zeros((2, 2, 81))
    edge[0, 0, 0] = edge[1, 1, -1] = 0.5
    after = spread(WIDE, edge, 0.03**2)
    share = 0.03**2 / (2 * 0.05**2)
    assert (after[0, 0, 0], after[0, 0, 1]) == pytest.approx((0.5 * (1 - share), 0.5 * share))
    assert (after[1, 1, -1], after[1, 1, -2]) == pytest.approx((0.5 * (1 - share), 0.5 * share))


def test_a_threshold_is_moved_by_as_much_and_widened_by_as_much():
    after = moved(WIDE, spike(), 0.3, 0.15)
    mean, variance = moments(after)
    assert (mean, variance) == (pytest.approx(0.3, abs=1e-6), pytest.approx(0.15**2, rel=1e-3))
    assert after.sum(axis=2) == pytest.approx(spike().sum(axis=2))
    far = moved(WIDE, spike(), 50.0, 0.15)
    assert np.isfinite(far).all()
    assert far.sum() == pytest.approx(1.0)
