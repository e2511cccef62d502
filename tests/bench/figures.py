"""What a bench gives back: figures as data, and how a cost grows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.trials.figures import Figure as TrialFigure

NO_PEER = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one run.

    Attributes:
        name: what was measured.
        definition: how, so that somebody else would measure the same.
        ours: the result; a text where it is more than one number.
        unit: of `ours` and of the peer's; empty for a text or a plain number.
        promised: what was promised; empty if nothing was.
        met: whether it was met; None if nothing was promised.
        spread: of `ours` within the run.
        peer: with what it is compared; empty for nothing.
        peers: the peer's result in the same run.
    """

    name: str
    definition: str
    ours: float | str
    unit: str = ""
    promised: str = ""
    met: bool | None = None
    spread: str = ""
    peer: str = NO_PEER
    peers: float | str | None = None

    @property
    def ratio(self) -> float | None:
        """The peer's divided by ours; None where that means nothing."""
        if isinstance(self.ours, str) or isinstance(self.peers, str | None) or not self.ours:
            return None
        return self.peers / self.ours


@dataclass(frozen=True, slots=True)
class Curve:
    """How a figure grows with something.

    Attributes:
        title: what grows with what.
        definition: how it was measured.
        along: what is varied, with its unit.
        unit: of the figures.
        points: (value that is varied, result, spread), in order.
    """

    title: str
    definition: str
    along: str
    unit: str
    points: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What one bench found.

    Attributes:
        title: its subject.
        about: how it was measured and at which size.
        figures: in the order of the page.
        curves: likewise.
        absent: why nothing, or not all, could be measured; empty when all was.
    """

    title: str
    about: str
    figures: tuple[Figure, ...] = ()
    curves: tuple[Curve, ...] = ()
    absent: str = ""


def at_most(
    name: str,
    definition: str,
    ours: float,
    limit: float,
    unit: str = "",
    *,
    spread: str = "",
    peer: str = NO_PEER,
    peers: float | None = None,
) -> Figure:
    """A figure that was promised to be no more than `limit`."""
    promised = f"≤ {limit:g} {unit}".strip()
    return Figure(name, definition, ours, unit, promised, ours <= limit, spread, peer, peers)


def at_least(
    name: str,
    definition: str,
    ours: float,
    limit: float,
    unit: str = "",
    *,
    spread: str = "",
    peer: str = NO_PEER,
    peers: float | None = None,
) -> Figure:
    """A figure that was promised to be no less than `limit`."""
    promised = f"≥ {limit:,.10g} {unit}".strip()
    return Figure(name, definition, ours, unit, promised, ours >= limit, spread, peer, peers)


def of_trial(figures: Iterable[TrialFigure]) -> tuple[Figure, ...]:
    """Figures of a simulated trial."""
    return tuple(
        Figure(one.name, one.definition, one.value, promised=one.aim, met=one.met) for one in figures
    )


def quartiles(values: Iterable[float], digits: int = 2) -> str:
    """A spread: first and third quartile, and how many values."""
    found = np.array(list(values), np.float64)
    if not len(found):
        return ""
    low, high = np.percentile(found, [25, 75])
    return f"quartiles {low:.{digits}f}–{high:.{digits}f}, n = {len(found)}"
