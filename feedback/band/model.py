"""The good-pain band that learns from what the client says.

A Bayesian grid over the client's two thresholds and the scatter of the answers; see `grid` for the unknowns,
`likelihood` for what a report means, `prior` for what is believed before, `guard` for the rules that hold
whatever the model believes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from feedback.band import choosing, likelihood, reading, store
from feedback.band.drift import moved, spread
from feedback.band.edges import BandError
from feedback.band.estimate import Advice, BandEstimate, Manner, Told
from feedback.band.grid import STEVENS, Array, Grid, grid_of
from feedback.band.guard import STEP, Guard
from feedback.band.quantiles import quantiles
from feedback.comfort import MARKS, TRENDS, VERDICTS, Report, ReportKind

ALPHA = 0.15
"""Accepted probability of "too much" at the upper edge: the price of too much taken as 4 to 6 times that of
too little."""
RATING_IS_TOO_MUCH = 8
"""From this rating on the client calls it too much (the scale is cut at 3.5 and 7.5)."""


@dataclass(frozen=True, slots=True, eq=False)
class GoodPainBand:
    """What is known of one client's good-pain band at one point under one tip.

    A value: every report gives a new one, which shares the grid and holds 140 kB of its own.
    The reports of a visit may come in any order: the posterior is the same (until `ease`). Pressures are in
    kPa, those of the seconds before the report, or at the mark. Start with `start`; a model that was stored
    comes back with `from_bytes`.

    Attributes:
        grid: shared by all models of a process.
        mass: posterior over the grid's cells, (ns, nw, na), sum 1.
        centre_ln: ln kPa of the grid's a = 0: the tip's prior median, and how far the tissue has eased since.
        tip_area_cm2: what was learnt with one tip says nothing certain about another.
        ceiling_kpa: absolute; nothing is ever shown or advised above it.
        alpha: accepted probability of "too much" at the upper edge.
        guard: what the hard rules remember.
        told: what has been said.
        eased_s: time of this visit given to `ease`, in s.
    """

    grid: Grid
    mass: Array
    centre_ln: float
    tip_area_cm2: float
    ceiling_kpa: float
    alpha: float = ALPHA
    guard: Guard = field(default_factory=Guard)
    told: Told = field(default_factory=Told)
    eased_s: float = 0.0
    _estimate: BandEstimate | None = None

    @classmethod
    def start(
        cls, *, ceiling_kpa: float, tip_area_cm2: float = 1.0, alpha: float = ALPHA, grid: Grid | None = None
    ) -> GoodPainBand:
        """A client of whom nothing is known.

        Raises:
            BandError: ceiling or area is not above 0, or alpha not within 0.01 to 0.49.
        """
        grid = grid or grid_of()
        centre = grid.priors.centre_ln(tip_area_cm2)
        _check_settings(ceiling_kpa, alpha)
        return cls(grid, grid.prior, centre, float(tip_area_cm2), float(ceiling_kpa), float(alpha))

    def with_settings(self, *, ceiling_kpa: float | None = None, alpha: float | None = None) -> GoodPainBand:
        """The same knowledge under another ceiling or alpha; raises BandError as `start` does."""
        ceiling_kpa = self.ceiling_kpa if ceiling_kpa is None else float(ceiling_kpa)
        new_alpha = self.alpha if alpha is None else float(alpha)
        _check_settings(ceiling_kpa, new_alpha)
        # A shown edge belongs to its alpha: under another one the rise is counted from the edge that is shown
        # now.
        guard = self.guard if new_alpha == self.alpha else self.guard.show(math.inf)
        return replace(self, ceiling_kpa=ceiling_kpa, alpha=new_alpha, guard=guard, _estimate=None)._shown()

    # What the client says

    def mark(self, kind: ReportKind | str, pressure_kpa: float, ramp_kpa_per_s: float = 0.0) -> GoodPainBand:
        """The client said "there" or "enough" while pressure rose; the reaction delay times the ramp is taken off.

        Raises:
            BandError: another kind of report, or a pressure or a rate that cannot be.
        """
        kind = _kind(kind, MARKS, "a mark")
        if not math.isfinite(ramp_kpa_per_s):
            raise BandError(f"the rate at which pressure rises must be a number, not {ramp_kpa_per_s}")
        _check_pressure(pressure_kpa)
        felt_ln = math.log(likelihood.felt_at_kpa(pressure_kpa, ramp_kpa_per_s, self.grid.priors.reaction_s))
        guard = self.guard.tolerated(felt_ln) if kind is ReportKind.THERE else self._capped(felt_ln)
        seen = likelihood.mark(self.grid, kind, felt_ln - self.centre_ln)
        return self._updated(seen, guard, replace(self.told, marks=self.told.marks + 1))

    def verdict(self, kind: ReportKind | str, pressure_kpa: float) -> GoodPainBand:
        """The client called a held pressure too little, good or too much.

        Raises:
            BandError: another kind of report, or a pressure that is not above 0.
        """
        kind = _kind(kind, VERDICTS, "a verdict")
        _check_pressure(pressure_kpa)
        x_ln = math.log(pressure_kpa)
        much = kind is ReportKind.TOO_MUCH
        guard = self._capped(x_ln - STEP) if much else self.guard.tolerated(x_ln)
        seen = likelihood.verdict(self.grid, kind, x_ln - self.centre_ln)
        return self._updated(seen, guard, replace(self.told, verdicts=self.told.verdicts + 1))

    def rating(self, r: int, pressure_kpa: float) -> GoodPainBand:
        """The client gave a held pressure a rating from 0 to 10; 4 to 7 is good pain.

        Raises:
            BandError: not a whole number from 0 to 10, or a pressure that is not above 0.
        """
        if r not in range(11):
            raise BandError(f"a rating is a whole number from 0 to 10, not {r}")
        _check_pressure(pressure_kpa)
        x_ln = math.log(pressure_kpa)
        much = r >= RATING_IS_TOO_MUCH
        guard = self._capped(x_ln - STEP) if much else self.guard.tolerated(x_ln)
        seen = likelihood.rating(self.grid, int(r), x_ln - self.centre_ln)
        return self._updated(seen, guard, replace(self.told, ratings=self.told.ratings + 1))

    def stop(self, pressure_kpa: float | None = None) -> GoodPainBand:
        """The client said stop.

        Absolute: no pressure is advised until `resume`, and the upper edge stays down for the rest of the visit.
        With a pressure it also counts as "too much" there; without one (no signal at that moment) it still
        stops.

        Raises:
            BandError: the pressure is given but not above 0.
        """
        told = replace(self.told, stops=self.told.stops + 1)
        if pressure_kpa is None:
            return replace(self, guard=self.guard.stop(math.inf), told=told, _estimate=None)
        _check_pressure(pressure_kpa)
        x_ln = math.log(pressure_kpa)
        seen = likelihood.verdict(self.grid, ReportKind.TOO_MUCH, x_ln - self.centre_ln)
        return self._updated(seen, self._capped(x_ln - STEP).stop(x_ln), told)

    def resume(self) -> GoodPainBand:
        """Somebody decided to go on after "stop"; the edge stays capped for the rest of the visit."""
        return replace(self, guard=replace(self.guard, stopped=False))

    def hear(self, report: Report, pressure_kpa: float | None, ramp_kpa_per_s: float = 0.0) -> GoodPainBand:
        """Take any report to the right place. Trends ("easing") say nothing about the edges.

        Raises:
            BandError: the report needs a pressure and there is none, or the pressure cannot be.
        """
        if report.kind is ReportKind.STOP:
            return self.stop(pressure_kpa)
        if report.kind in TRENDS:
            return self
        if pressure_kpa is None:
            raise BandError(
                f"“{report.words}” teaches the band nothing: no good pressure was there just before; press, then ask"
            )
        if report.kind in MARKS:
            return self.mark(report.kind, pressure_kpa, ramp_kpa_per_s)
        if report.rating is not None:
            return self.rating(report.rating, pressure_kpa)
        return self.verdict(report.kind, pressure_kpa)

    # Time

    def ease(self, dt_s: float) -> GoodPainBand:
        """Let `dt_s` seconds of treatment pass: thresholds drift up and become less certain.

        The upper edge that is shown does not rise by time alone: it waits for the next report.

        Raises:
            BandError: the time is negative or not a number.
        """
        if not 0 <= dt_s < math.inf:
            raise BandError(f"time cannot go back: {dt_s} s")
        priors = self.grid.priors
        share = priors.eased(self.eased_s + dt_s) - priors.eased(self.eased_s)
        mass = spread(self.grid, self.mass, share * priors.easing_ln_sd**2)
        # The drift moves the whole grid: exact, however small.
        centre = self.centre_ln + share * priors.easing_ln
        return replace(self, mass=mass, centre_ln=centre, eased_s=self.eased_s + dt_s, _estimate=None)

    def carry_over(self) -> GoodPainBand:
        """Begin another visit with what the visits before taught.

        It is less certain now and leans a little to the population. Today's easing is taken back (that it
        lasts has not been shown) and the rules of the guard start anew. A model that has heard nothing yet is
        returned as new.
        """
        grid, told = self.grid, self.told
        if not told.today and not told.visits:
            return GoodPainBand.start(
                ceiling_kpa=self.ceiling_kpa, tip_area_cm2=self.tip_area_cm2, alpha=self.alpha, grid=grid
            )
        centre = grid.priors.centre_ln(self.tip_area_cm2)
        eased = grid.priors.easing_ln * grid.priors.eased(self.eased_s)
        mass = moved(grid, self.mass, self.centre_ln - eased - centre, grid.priors.visit_sd)
        share = grid.priors.population_share
        told = Told(visits=told.visits + (1 if told.today else 0))
        mass = (1.0 - share) * mass + share * grid.prior
        fresh = replace(
            self, mass=mass, centre_ln=centre, guard=Guard(), told=told, eased_s=0.0, _estimate=None
        )
        return fresh._shown()

    # What it knows

    def band(self, alpha: float | None = None) -> BandEstimate:
        """The band now, how sure it is, and what would settle it when there is none yet.

        Args:
            alpha: ask for another accepted probability of "too much" than the model's own (0.15). The ceiling
                and what the client said ("too much", "enough", "stop") hold all the same; the 10 % rise is
                counted for the model's own.

        Raises:
            BandError: alpha is not within 0.01 to 0.49.
        """
        own = alpha is None or alpha == self.alpha
        if own and self._estimate is not None:
            return self._estimate
        alpha = self.alpha if alpha is None else alpha
        _check_settings(self.ceiling_kpa, alpha)
        return reading.estimate(self, alpha, own=own)

    @property
    def because(self) -> str:
        """What it rests on, one line: `from 1 mark, 4 ratings today; 2 visits before`."""
        return self.told.because

    def next_pressure(self, manner: Manner | str = Manner.TREAT) -> Advice:
        """The next pressure to try.

        `treat`: three fifths up the band. `learn`: where a verdict tells most, among the pressures that are
        at most 1.2 times the highest tolerated today and whose P(too much) is at most 0.25. Never above the
        ceiling or the caps; nothing after "stop".

        Raises:
            BandError: no such manner.
        """
        try:
            manner = Manner(manner)
        except ValueError:
            raise BandError(f"the next pressure is chosen to “learn” or to “treat”, not “{manner}”") from None
        return choosing.next_pressure(self, manner)

    def worth_asking(self, pressure_kpa: float) -> float:
        """How much a verdict at this pressure is expected to teach, in bits: 0 nothing, 0.9 at the very start.

        Raises:
            BandError: the pressure is not above 0.
        """
        _check_pressure(pressure_kpa)
        return choosing.worth_asking(self, pressure_kpa)

    def exponent_interval(self) -> tuple[float, float, float]:
        """5 %, 50 % and 95 % points of Stevens' exponent n: this client's rating grows as pressure to the n."""
        w = quantiles(self.grid.w, self.mass.sum(axis=(0, 2)), (0.05, 0.5, 0.95))
        return STEVENS / float(w[2]), STEVENS / float(w[1]), STEVENS / float(w[0])

    def to_bytes(self) -> bytes:
        """Everything but the grid's tables, versioned and checksummed; about 10 kB."""
        return store.pack(self)

    @classmethod
    def from_bytes(cls, data: bytes, *, grid: Grid | None = None) -> GoodPainBand:
        """A model as it was stored, brought onto this grid if it was learnt on another.

        Raises:
            BandModelError: damaged, cut short, not a stored band, or written by a newer version.
        """
        return store.unpack(cls, data, grid or grid_of())

    # Inside

    def _updated(self, seen: Array, guard: Guard, told: Told) -> GoodPainBand:
        mass = self.mass * seen
        mass /= mass.sum()
        return replace(self, mass=mass, guard=guard, told=told, _estimate=None)._shown()

    def _capped(self, at_ln: float) -> Guard:
        return self.guard.capped(at_ln, math.log(self.band().stay_below_kpa))

    def _shown(self) -> GoodPainBand:
        """Remember the upper edge that is shown now, if there has been a band."""
        estimate = self.band()
        if estimate.band is None and not math.isfinite(self.guard.shown_ln):
            return replace(self, _estimate=estimate)
        return replace(self, guard=self.guard.show(math.log(estimate.stay_below_kpa)), _estimate=estimate)


def _check_pressure(pressure_kpa: float) -> None:
    if not 0 < pressure_kpa < math.inf:
        raise BandError(f"a report needs a pressure above 0 kPa, not {pressure_kpa}")


def _check_settings(ceiling_kpa: float, alpha: float) -> None:
    if not 0 < ceiling_kpa < math.inf:
        raise BandError(f"the ceiling must be a pressure above 0 kPa, not {ceiling_kpa}")
    if not 0.01 <= alpha <= 0.49:
        raise BandError(f"the accepted probability of “too much” must be within 0.01 to 0.49, not {alpha}")


def _kind(kind: ReportKind | str, allowed: frozenset[ReportKind], name: str) -> ReportKind:
    if kind not in allowed:
        words = " or ".join(f"“{k.words}”" for k in ReportKind if k in allowed)
        raise BandError(f"{name} is {words}, not “{kind}”")
    return ReportKind(kind)
