"""From known loads to a calibration: a line, a power law or a log-logistic curve, whichever the residuals ask for.

A load cell is a line: `counts = zero + slope · force`, ordinary least squares over all points. A force-sensing
resistor in a divider is not: its counts rise with a power of the force (`a · F^b`) and flatten towards an end
(`top · F^b / (F50^b + F^b)`, log-logistic). Both are fitted to the logarithm of the counts risen above the zero,
because such a part scatters by a share of the reading and not by a fixed amount.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.errors import CalibrationError

Model: TypeAlias = Literal["line", "power law", "log-logistic"]
Direction: TypeAlias = Literal["up", "down"]
Floats: TypeAlias = NDArray[np.float64]

BETTER = 0.5
"""A richer model replaces a poorer one only when its residual standard deviation is less than this share of it."""
GOOD_LINE = 0.005
"""A line whose residuals are all within this share of the largest load is taken without looking further."""
LOADS_NEEDED: dict[Model, int] = {"line": 1, "power law": 3, "log-logistic": 4}
"""Different loads besides 0 without which a model could not be told from chance."""
FLATTEST = 0.1
"""An exponent not above this is no sensor: its counts hardly change with the load."""
WORST_CONDITION = 1e8
"""Worse conditioned than this, the points do not tell the parameters of a curve apart."""
CURVE_REACH = 1.1
"""A curve ends at this multiple of the largest known load: beyond it nothing is known."""
KNOTS = 48


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """One known load and what the sensor said to it.

    Attributes:
        force_n: the load, N.
        counts: mean raw counts.
        sd_counts: standard deviation of one sample.
        samples: how many.
        time_s: when it was measured, from the first point.
        direction: `up` when the load before was smaller, `down` when it was larger.
        load: as people wrote it.
    """

    force_n: float
    counts: float
    sd_counts: float = 0.0
    samples: int = 1
    time_s: float = 0.0
    direction: Direction = "up"
    load: str = ""


class Fit(Protocol):
    """A fitted relation between newtons and counts."""

    @property
    def model(self) -> Model:
        """Which relation."""
        ...

    @property
    def zero_counts(self) -> float:
        """Counts with nothing on the tip."""
        ...

    @property
    def counts_per_n(self) -> float:
        """Counts a newton adds, over the whole range."""
        ...

    @property
    def dof(self) -> int:
        """Degrees of freedom of the residuals."""
        ...

    def counts(self, force_n: Floats) -> Floats:
        """Counts at forces (n,) in N."""
        ...

    def force_n(self, counts: Floats) -> Floats:
        """Newtons of counts (n,)."""
        ...

    def scatter_n(self, force_n: Floats) -> Floats:
        """Standard uncertainty (N) with which the fit predicts one more point at forces (n,)."""
        ...


@dataclass(frozen=True, slots=True)
class LineFit:
    """Ordinary least squares of counts on force.

    Attributes:
        zero_counts: the intercept.
        counts_per_n: the slope.
        sd_counts: residual standard deviation, counts, with `dof` degrees of freedom.
        dof: points less two.
        points: how many.
        mean_n: mean of the forces.
        sxx: sum of squared deviations of the forces, N².
    """

    zero_counts: float
    counts_per_n: float
    sd_counts: float
    dof: int
    points: int
    mean_n: float
    sxx: float
    model: Model = "line"

    def counts(self, force_n: Floats) -> Floats:
        """Counts at forces (n,) in N."""
        return self.zero_counts + self.counts_per_n * force_n

    def force_n(self, counts: Floats) -> Floats:
        """Newtons of counts (n,)."""
        return (counts - self.zero_counts) / self.counts_per_n

    def scatter_n(self, force_n: Floats) -> Floats:
        """Standard uncertainty of one more point (GUM JCGM 100:2008, H.3: the line's own and the scatter about it)."""
        own = 1.0 + 1.0 / self.points + (force_n - self.mean_n) ** 2 / self.sxx
        return self.sd_counts / abs(self.counts_per_n) * np.sqrt(own)


@dataclass(frozen=True, slots=True)
class CurveFit:
    """A power law or log-logistic curve, fitted to logarithms.

    Attributes:
        model: which.
        zero_counts: mean of the points without load.
        sign: 1, or -1 where counts fall under load.
        theta: (log a, b) of a power law; (log top, log F50, b) of a log-logistic curve.
        covariance: of theta for a residual standard deviation of 1.
        sd_log: residual standard deviation of log counts, with `dof` degrees of freedom.
        dof: loaded points less parameters.
        max_n: the largest known load.
    """

    model: Model
    zero_counts: float
    sign: float
    theta: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    sd_log: float
    dof: int
    max_n: float

    @property
    def counts_per_n(self) -> float:
        """Counts a newton adds, over the whole range."""
        top = self.counts(np.array([self.max_n]))[0]
        return float(top - self.zero_counts) / self.max_n

    def counts(self, force_n: Floats) -> Floats:
        """Counts at forces (n,) in N; those without load at 0 and below."""
        positive = np.maximum(force_n, 1e-12)
        risen = np.exp(_log_rise(self.model, np.array(self.theta), np.log(positive)))
        return self.zero_counts + self.sign * np.where(force_n > 0, risen, 0.0)

    def force_n(self, counts: Floats) -> Floats:
        """Newtons of counts (n,): 0 below the zero; at most ten times the largest load, where a curve never comes."""
        risen = np.maximum((counts - self.zero_counts) * self.sign, 0.0)
        highest = 10.0 * self.max_n
        with np.errstate(divide="ignore"):
            if self.model == "power law":
                log_a, b = self.theta
                return np.exp(np.minimum((np.log(risen) - log_a) / b, math.log(highest)))
            log_top, log_f50, b = self.theta
            share = risen / math.exp(log_top)
            below = np.minimum(share, 1.0 - 1e-12)
            log_force = log_f50 + np.log(below / (1.0 - below)) / b
            return np.exp(np.minimum(np.where(share < 1.0, log_force, np.inf), math.log(highest)))

    def scatter_n(self, force_n: Floats) -> Floats:
        """Standard uncertainty of one more point: that of log counts, divided by how they grow with log force."""
        log_f = np.log(np.maximum(force_n, 1e-3 * self.max_n))
        theta = np.array(self.theta)
        jacobian = _jacobian(self.model, theta, log_f)
        own = 1.0 + np.einsum("ni,ij,nj->n", jacobian, np.array(self.covariance), jacobian)
        step = 1e-4
        growth = (_log_rise(self.model, theta, log_f + step) - _log_rise(self.model, theta, log_f)) / step
        return self.sd_log * np.sqrt(own) / np.maximum(growth, 1e-6) * np.exp(log_f)

    def knots(self) -> tuple[tuple[float, float], ...]:
        """The curve as knots for `feedback.signal.Calibration`: closer where it bends most, near the zero."""
        force = CURVE_REACH * self.max_n * np.linspace(0.0, 1.0, KNOTS) ** 2
        risen = (self.counts(force) - self.zero_counts) * self.sign
        return tuple((round(float(c), 4), round(float(f), 6)) for c, f in zip(risen, force, strict=True))


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that was chosen, and why."""

    fit: Fit
    reason: str


def choose(points: Sequence[LoadPoint]) -> Choice:
    """Fit every model that the points allow, and take the simplest that does.

    A line that leaves next to nothing (`GOOD_LINE`) is kept. Otherwise the order is line, power law, log-logistic
    curve. The next one is taken when its residual standard deviation, with its own degrees of freedom, is less than
    half (`BETTER`) of that of the one before: a smaller gain is within what few points give by chance. Either in
    newtons, or as shares of the loads without being worse in newtons: a curved part scatters most at its largest
    loads, where newtons hide the curve of the small ones.

    Raises:
        CalibrationError: fewer than three points or two different loads, or the counts do not change with load.
    """
    fit: Fit = fit_line(points)
    kept_n, kept_share = residual_sd_n(fit, points), residual_share(fit, points)
    told = [f"line {kept_n:.3g} N"]
    left_n = float(np.abs(residuals_n(fit, points)).max())
    if left_n <= GOOD_LINE * max(point.force_n for point in points):
        return Choice(fit, f"line: no point is further from it than {left_n:.3g} N, so no curve was tried")
    for model in ("power law", "log-logistic"):
        candidate = fit_curve(points, model)
        if candidate is None:
            continue
        sd_n, share = residual_sd_n(candidate, points), residual_share(candidate, points)
        told.append(f"{model} {sd_n:.3g} N")
        if sd_n < BETTER * kept_n or (share < BETTER * kept_share and sd_n <= kept_n):
            fit, kept_n, kept_share = candidate, sd_n, share
    if len(told) == 1:
        reason = "line: with fewer than three different loads nothing else can be told apart"
    else:
        reason = (
            f"{fit.model}, by the standard deviation of the residuals ({', '.join(told)}): the simplest model whose "
            "residuals no richer one halves"
        )
    return Choice(fit, reason)


def fit_line(points: Sequence[LoadPoint]) -> LineFit:
    """Ordinary least squares.

    Raises:
        CalibrationError: fewer than three points or two different loads, or the counts do not change with load.
    """
    force, counts = _columns(points)
    if len(points) < 3 or len(np.unique(force)) < 2:
        raise CalibrationError("A fit needs at least three points at two different loads: measure more loads")
    mean_n = float(force.mean())
    sxx = float(((force - mean_n) ** 2).sum())
    slope = float(((force - mean_n) * counts).sum()) / sxx
    if not abs(slope) * float(np.ptp(force)) > 0.01 or not math.isfinite(slope):
        raise CalibrationError(
            "The counts do not change with the load: check the wiring of the sensor, and that the loads rest on the tip"
        )
    zero = float(counts.mean()) - slope * mean_n
    dof = len(points) - 2
    sd = math.sqrt(float(((counts - zero - slope * force) ** 2).sum()) / dof)
    return LineFit(zero, slope, sd, dof, len(points), mean_n, sxx)


def fit_curve(points: Sequence[LoadPoint], model: Model) -> CurveFit | None:
    """A power law or log-logistic curve; None when there are too few loads, or counts do not rise."""
    force, counts = _columns(points)
    loaded = force > 0
    if loaded.all() or len(np.unique(force[loaded])) < LOADS_NEEDED[model]:
        return None
    zero = float(counts[~loaded].mean())
    sign = math.copysign(1.0, float(counts[int(np.argmax(force))]) - zero)
    risen = (counts[loaded] - zero) * sign
    log_f = np.log(force[loaded])
    parameters = 2 if model == "power law" else 3
    dof = int(loaded.sum()) - parameters
    if np.any(risen <= 0) or dof < 1:
        return None
    y = np.log(risen)
    theta = _power_law(log_f, y) if model == "power law" else _log_logistic(log_f, y)
    if not theta[-1] > FLATTEST:
        return None
    jacobian = _jacobian(model, theta, log_f)
    square = jacobian.T @ jacobian
    if not np.linalg.cond(square) < WORST_CONDITION:
        return None
    covariance = np.linalg.inv(square)
    residuals = y - _log_rise(model, theta, log_f)
    sd = math.sqrt(float((residuals**2).sum()) / dof)
    rows = tuple(tuple(float(v) for v in row) for row in covariance)
    return CurveFit(model, zero, sign, tuple(float(v) for v in theta), rows, sd, dof, float(force.max()))


def residuals_n(fit: Fit, points: Sequence[LoadPoint]) -> Floats:
    """What the calibrated sensor says less the known load, N, per point."""
    force, counts = _columns(points)
    return fit.force_n(counts) - force


def residual_sd_n(fit: Fit, points: Sequence[LoadPoint]) -> float:
    """Standard deviation of the residuals in N, with the model's degrees of freedom."""
    return math.sqrt(float((residuals_n(fit, points) ** 2).sum()) / max(fit.dof, 1))


def residual_share(fit: Fit, points: Sequence[LoadPoint]) -> float:
    """Standard deviation of the residuals as shares of the loads, likewise, over the points with a load."""
    force, counts = _columns(points)
    loaded = force > 0
    shares = fit.force_n(counts[loaded]) / force[loaded] - 1.0
    return math.sqrt(float((shares**2).sum()) / max(fit.dof, 1))


def _columns(points: Sequence[LoadPoint]) -> tuple[Floats, Floats]:
    return np.array([p.force_n for p in points], np.float64), np.array([p.counts for p in points], np.float64)


def _log_rise(model: Model, theta: Floats, log_f: Floats) -> Floats:
    if model == "power law":
        return theta[0] + theta[1] * log_f
    log_top, log_f50, b = theta
    return log_top - np.logaddexp(0.0, b * (log_f50 - log_f))


def _jacobian(model: Model, theta: Floats, log_f: Floats) -> Floats:
    """Derivatives of log counts by theta, (n, parameters)."""
    if model == "power law":
        return np.stack([np.ones_like(log_f), log_f], axis=1)
    _, log_f50, b = theta
    left = 1.0 / (1.0 + np.exp(b * (log_f - log_f50)))
    return np.stack([np.ones_like(log_f), -b * left, (log_f - log_f50) * left], axis=1)


def _power_law(log_f: Floats, y: Floats) -> Floats:
    centred = log_f - log_f.mean()
    b = float((centred * y).sum() / (centred**2).sum())
    return np.array([float(y.mean()) - b * float(log_f.mean()), b])


def _log_logistic(log_f: Floats, y: Floats) -> Floats:
    """Least squares on a grid of (log F50, b) that closes in; log top follows from them."""
    middle = np.array([float(log_f.mean()), 1.0])
    reach = np.array([float(np.ptp(log_f)) + 4.0, 0.9])
    for _ in range(12):
        f50 = middle[0] + reach[0] * np.linspace(-1, 1, 25)
        b = np.maximum(middle[1] * np.exp(reach[1] * np.linspace(-1, 1, 25)), 1e-3)
        shape = -np.logaddexp(0.0, b[None, :, None] * (f50[:, None, None] - log_f))
        top = (y - shape).mean(axis=2)
        square = ((y - shape - top[:, :, None]) ** 2).sum(axis=2)
        i, j = np.unravel_index(int(np.argmin(square)), square.shape)
        middle = np.array([f50[i], b[j]])
        reach = reach * 0.4
    shape = -np.logaddexp(0.0, middle[1] * (middle[0] - log_f))
    return np.array([float((y - shape).mean()), middle[0], middle[1]])
