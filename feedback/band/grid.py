"""The lattice on which the posterior lives, and everything that can be worked out before the first report.

Three unknowns: a = ln T_lo relative to the population's median for the tip, w = ln(T_hi / T_lo) > 0, and s,
the standard deviation of the client's answers in ln pressure. `a` and `w` share one step, so that b = a + w
(the upper threshold) falls on
a lattice of its own: the upper edge is then a sum over diagonals, exact and cheap. `s` is evenly spaced in
    its logarithm.

Arrays over cells have the axes (s, w, a): s outermost, because every formula divides by it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from feedback.band.prior import POPULATION, Priors

Array = NDArray[np.float64]

LOGISTIC = math.pi / math.sqrt(3)
"""Slope that gives the logistic distribution a standard deviation of 1."""
TOP_OF_TOO_LITTLE = 3.5
"""Ratings 0-3 are too little, 4-7 good: the lower threshold lies between 3 and 4."""
TOP_OF_GOOD = 7.5
"""Ratings 8-10 are too much: the upper threshold lies between 7 and 8."""
STEVENS = math.log(TOP_OF_GOOD / TOP_OF_TOO_LITTLE)
"""With ratings that grow as pressure to a power n (Stevens), n = 0.762 / w: the band's width says how steep
a client rates."""


WIDER = 1.25
WIDER_SHARE = 1 / 6
"""One client in six is taken to scatter this much more at the upper edge than at the lower when "too much" is
predicted: one noise for both edges would put the upper edge too high for them. Both numbers are choices, made on
simulated clients.
"""


def logistic(z: Array) -> Array:
    """The logistic distribution function with standard deviation 1, safe for any finite z."""
    return 0.5 * (1.0 + np.tanh(0.5 * LOGISTIC * z))


def rating_cuts() -> Array:
    """Where ratings r = 1..10 begin, as a share of w above a, (10,): r - 0.5 on Stevens' scale."""
    return np.log((np.arange(1, 11) - 0.5) / TOP_OF_TOO_LITTLE) / STEVENS


@dataclass(frozen=True, slots=True)
class Lattice:
    """How fine the grid is: `na` lower thresholds `step` apart (ln), `nw` widths, `ns` noises."""

    na: int = 81
    nw: int = 30
    ns: int = 7
    step: float = 0.0425
    first_w: int = 2

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.na * self.nw * self.ns


LATTICE = Lattice()


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The lattice, the prior on it and the tables. Never changed: every model of a process may share one.

    Attributes:
        priors, lattice: what it was built from.
        a (na,), w (nw,), s (ns,), b (nb,): the axes; nb = na + nw - 1.
        x (nx,): pressures, ln relative to the centre, at which predictions are tabulated; from below a to
            above b.
        prior (ns, nw, na): prior mass, sum 1.
        cut_exp (10, ns, nw, na): exp(k c_r / s) for the cut point c_r of ratings 1..10.
        at_least_good (nx, ns * na): P(at least good) at x, for each (s, a).
        too_much (nx, ns * nb): P(too much) at x, for each (s, b).
        answer_entropy (ns, nw, nx + na - 1): entropy (nats) of a verdict, by the lattice distance of x and a;
            see `expected_entropy`.
    """

    priors: Priors
    lattice: Lattice
    a: Array
    w: Array
    s: Array
    b: Array
    x: Array
    prior: Array
    cut_exp: Array
    at_least_good: Array
    too_much: Array
    answer_entropy: Array

    def by_lower(self, mass: Array) -> Array:
        """Posterior of (s, a), (ns, na), from one over all cells."""
        return mass.sum(axis=1)

    def by_upper(self, mass: Array) -> Array:
        """Posterior of (s, b), (ns, nb): the sum over the diagonals a + w = b."""
        ns, nw, na = mass.shape
        nb = na + nw - 1
        # Rows padded to nb + 1 and read back as rows of nb are each shifted by one: diagonals become columns.
        padded = np.zeros((ns, nw, nb + 1))
        padded[:, :, :na] = mass
        return padded.reshape(ns, -1)[:, : nw * nb].reshape(ns, nw, nb).sum(axis=1)

    def on_cells(self, of_upper: Array) -> Array:
        """A function of (s, b), (ns, nb), seen from the cells, (ns, nw, na); a view, nothing is copied."""
        return sliding_window_view(of_upper, self.lattice.na, axis=1)

    def expected_entropy(self, mass: Array, at: int) -> float:
        """Expected entropy (nats) of a verdict at `x[at]` if the client's thresholds were known."""
        start = len(self.x) - 1 - at
        return float(np.einsum("swa,swa->", self.answer_entropy[:, :, start : start + self.lattice.na], mass))


def _evenly(first: float, step: float, n: int) -> Array:
    return first + step * np.arange(n, dtype=np.float64)


def _normal_mass(centres: Array, median: float, sd: float) -> Array:
    """Mass of a normal distribution on evenly spaced cells, sum 1."""
    mass = np.exp(-0.5 * ((centres - median) / sd) ** 2)
    return mass / mass.sum()


@lru_cache(maxsize=4)
def grid_of(priors: Priors = POPULATION, lattice: Lattice = LATTICE) -> Grid:
    """Build the grid for these priors (about 5 ms), or hand out the one already built."""
    return build_grid(priors, lattice)


def build_grid(priors: Priors, lattice: Lattice) -> Grid:
    """Work out the tables of a grid. Costs some milliseconds and about 3 MB."""
    step = lattice.step
    a = _evenly(-0.5 * (lattice.na - 1) * step, step, lattice.na)
    w = _evenly(lattice.first_w * step, step, lattice.nw)
    s: Array = priors.noise * np.exp(priors.noise_ln_sd * np.linspace(-2.4, 2.4, lattice.ns))
    b = _evenly(float(a[0] + w[0]), step, lattice.na + lattice.nw - 1)
    below = 16
    nx = below + lattice.first_w + len(b)
    x = _evenly(float(a[0]) - below * step, step, nx)

    mass_w = np.exp(-0.5 * (np.log(w / priors.ratio_ln) / priors.ratio_ln_sd) ** 2) / w
    prior = (
        _normal_mass(np.log(s), math.log(priors.noise), priors.noise_ln_sd)[:, None, None]
        * (mass_w / mass_w.sum())[:, None]
        * _normal_mass(a, 0.0, priors.threshold_ln_sd)
    )

    # exp(k (a + w g) / s) = exp(k a / s) exp(k w g / s): small tables, multiplied out.
    k_s = LOGISTIC / s
    exp_a = np.exp(k_s[:, None] * a)
    exp_w = np.exp(k_s[:, None] * w * rating_cuts()[:, None, None])
    cut_exp = exp_w[:, :, :, None] * exp_a[:, None, :]

    at_least_good = logistic((x[:, None, None] - a) / s[:, None]).reshape(nx, -1)
    above = (x[:, None, None] - b) / s[:, None]
    too_much = (1 - WIDER_SHARE) * logistic(above) + WIDER_SHARE * logistic(above / WIDER)
    too_much = too_much.reshape(nx, -1)

    # x - a, falling as a grows; one row serves every x, see `Grid.expected_entropy`.
    above = x[0] - a[0] + step * (nx - 1 - np.arange(nx + lattice.na - 1))
    good = logistic(above / s[:, None])[:, None, :]
    much = logistic((above - w[:, None]) / s[:, None, None])
    answer_entropy = np.zeros(much.shape)
    for share in (1.0 - good, good - much, much):
        p = (1.0 - priors.lapse) * share + priors.lapse / 3.0
        answer_entropy -= p * np.log(p)

    for table in (a, w, s, b, x, prior, cut_exp, at_least_good, too_much, answer_entropy):
        table.setflags(write=False)
    return Grid(priors, lattice, a, w, s, b, x, prior, cut_exp, at_least_good, too_much, answer_entropy)
